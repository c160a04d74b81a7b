"""A plain answer to a mistake in a template: the template, the line, what is wrong, and the nearest name that is known."""

from __future__ import annotations

import re
import traceback
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from functools import lru_cache

from jinja2 import Environment, TemplateNotFound, TemplateSyntaxError, UndefinedError, meta, nodes

from qmdoc.errors import OutputFailed

FOLDER = "templates/manual"
PAGE = "docs/templates.md"
_ABSENT = re.compile(r"'(?P<owner>[\w. \[\]]+)' has no attribute '(?P<name>\w+)'")
_NOT_GIVEN = re.compile(r"'(?P<name>\w+)' is undefined")
_NOT_EXPORTED = re.compile(r"does not export the requested name '(?P<name>\w+)'")


def judge(jinja: Environment, templates: Mapping[str, str], name: str, tags: Mapping[str, object]) -> None:
    """Refuses a template that names a tag which it is not given, also where this page would not reach it.

    Raises OutputFailed for that, jinja2's own errors for a template that is not there or can't be read.
    """
    if name not in templates:
        raise TemplateNotFound(name)
    tree = jinja.parse(templates[name], name)
    parts = tuple(tree.find_all(nodes.Node))
    for each in parts:
        if isinstance(each, nodes.Filter) and each.name not in jinja.filters:
            raise _refused(name, each.lineno, f"filter `{each.name}` is unknown", each.name, jinja.filters)
        if isinstance(each, nodes.Test) and each.name not in jinja.tests:
            raise _refused(name, each.lineno, f"test `{each.name}` is unknown", each.name, jinja.tests)
    names = [each for each in parts if isinstance(each, nodes.Name)]
    own = {each.name for each in names if each.ctx != "load"}  # also where a call has a body
    imports = [each for each in parts if isinstance(each, nodes.FromImport)]
    own |= {row if isinstance(row, str) else row[1] for each in imports for row in each.names}
    known = {*tags, *jinja.globals, *own}
    if unknown := sorted(meta.find_undeclared_variables(tree) - known):
        lines = {each.name: each.lineno for each in reversed(names)}
        wrong = min(unknown, key=lambda each: (lines.get(each, 0), each))
        raise _refused(name, lines.get(wrong), f"tag `{wrong}` is unknown", wrong, tags)
    for each in parts:
        if not isinstance(each, nodes.FromImport | nodes.Import | nodes.Include | nodes.Extends):
            continue
        wanted = each.template
        if isinstance(wanted, nodes.Const) and wanted.value not in templates:
            raise _refused(name, each.lineno, f"there is no template `{wanted.value}`", str(wanted.value), templates)
        if isinstance(wanted, nodes.Const) and isinstance(each, nodes.FromImport):
            macros = _macros(jinja, templates[wanted.value])
            for row in each.names:
                asked = row if isinstance(row, str) else row[0]
                if asked not in macros:
                    raise _refused(name, each.lineno, f"macro `{asked}` is unknown in {wanted.value}", asked, macros)


@lru_cache(maxsize=64)
def _macros(jinja: Environment, template: str) -> frozenset[str]:
    return frozenset(macro.name for macro in jinja.parse(template).find_all(nodes.Macro))


def told(error: Exception, name: str, jinja: Environment, tags: Mapping[str, object]) -> OutputFailed:
    """What an error of jinja2 says, in plain words."""
    if isinstance(error, TemplateNotFound):
        known = jinja.loader.list_templates() if jinja.loader else ()
        return _refused(name, None, f"there is no template `{error.name}`", str(error.name), known)
    where = getattr(error, "name", None) or name if isinstance(error, TemplateSyntaxError) else name
    said = str(error).rstrip(".")
    if isinstance(error, UndefinedError) and (match := _ABSENT.search(said)):
        owner = match["owner"].removesuffix(" object").rpartition(".")[2].rpartition(" ")[2]
        return _refused(
            where, _line(error), f"`{owner}` has no `{match['name']}`", match["name"], _attributes(owner, tags)
        )
    if isinstance(error, UndefinedError) and (match := _NOT_GIVEN.search(said) or _NOT_EXPORTED.search(said)):
        return _refused(where, _line(error), f"tag `{match['name']}` is unknown", match["name"], tags)
    if isinstance(error, KeyError):
        said = f"there are no words for {said}"
    return _refused(where, _line(error), said, "", ())


def _refused(name: str, line: int | None, said: str, wrong: str, known: Iterable[str]) -> OutputFailed:
    near = get_close_matches(wrong, sorted(known), n=1, cutoff=0.5) if wrong else []
    asked = f"; did you mean `{near[0]}`?" if near else ""
    where = f"{FOLDER}/{name}" + (f", line {line}" if line else "")
    return OutputFailed(
        f"{where}: {said}{asked}",
        fix=f"correct it ({PAGE} lists every tag), or put back the template that came with qmdoc",
    )


def _attributes(owner: str, tags: Mapping[str, object]) -> tuple[str, ...]:
    """What a tag's value has, found by the name of its type."""
    found = [value for value in tags.values() if type(value).__name__ == owner]
    return tuple(each for each in dir(found[0]) if not each.startswith("_")) if found else ()


def _line(error: Exception) -> int | None:
    """The line of the template at which it failed; jinja2 writes it into the traceback."""
    if number := getattr(error, "lineno", None):
        return int(number)
    lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == "<template>"]
    return lines[-1] if lines and lines[-1] else None
