"""Restyling: docs/templates.md lists every tag, and a wrong one gets a plain answer. `make docs` writes the page anew."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from jinja2 import Environment, meta, nodes
from jinja2.sandbox import SandboxedEnvironment

sys.path.insert(0, str(Path(__file__).parents[1]))

from programme import Programme, document, path

from qmdoc.errors import OutputFailed
from qmdoc.git import Repository
from qmdoc.outputs import manual, site
from qmdoc.outputs.languages import ENGLISH
from qmdoc.outputs.manual_pages import tags
from qmdoc.outputs.manual_pages.templates import Templates
from qmdoc.place import find

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "templates" / "manual"
PAGE = ROOT / "docs" / "templates.md"
TEMPLATES = {
    str(file.relative_to(FOLDER)): file.read_text(encoding="utf-8")
    for file in sorted(FOLDER.rglob("*"))
    if file.is_file()
}
NAMES = sorted(name for name in TEMPLATES if name.endswith(".html") and "/" not in name)
# Pages that a draft or a preview alone has: their tags are held by tests/test_preview.py and tests/outputs/test_manual.py.
_WITHOUT_PAGE = {
    "draft-document.html",
    "draft-home.html",
    "draft-list.html",
    "preview-document.html",
    "preview-home.html",
}


def page() -> str:
    """The page as the program has it."""
    above = (ROOT / "tests" / "outputs" / "templates.head.md").read_text(encoding="utf-8")
    lines = [above, "## Everywhere in `templates/manual`", "", *_table(tags.EVERYWHERE, "tag")]
    lines += ["", "Filters, written behind a bar as in `{{ text.type | plain }}`:", "", *_table(tags.FILTERS, "filter")]
    lines += ["", "Macros of `macros.html`:", "", *_table(_macros(), "macro")]
    lines += ["", "## The templates of the manual, one by one"]
    for name in NAMES:
        lines += [
            "",
            f"### `{name}`",
            "",
            *(_table(tags.GIVEN[name], "tag") if tags.GIVEN[name] else ["No tag of its own."]),
        ]
    lines += ["", "## The frame: `templates/manual/theme`", ""]
    lines += [
        "It is filled by Sphinx, whose own tags it has too; qmdoc's stand behind `qmdoc.`, and nothing is escaped: write `|e`.",
        "",
    ]
    lines += [*_table({f"qmdoc.{name}": said for name, said in tags.FRAME.items()}, "tag"), ""]
    lines += ["## The PDF: `templates/pdf/procedure.typ`", "", "A file of Typst; what it is told stands in `told`.", ""]
    lines += _table({f"told.{name}": said for name, said in tags.SHEETS.items()}, "tag")
    return "\n".join(lines) + "\n"


def _macros() -> dict[str, str]:
    """The macros with their arguments; what they are for stands above each of them."""
    found = re.findall(r"\{# (?P<said>[^#]*?) #\}\n\{% macro (?P<call>\w+\([^)]*\)) %\}", TEMPLATES["macros.html"])
    return {call: said[:1].lower() + said[1:].rstrip(".") for said, call in found}


def _table(rows: dict[str, str] | object, head: str) -> list[str]:
    assert hasattr(rows, "items")
    return [f"| {head} | what it is |", "|---|---|", *(f"| `{name}` | {said} |" for name, said in rows.items())]


def test_the_page_of_tags_is_up_to_date() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run: make docs"


def test_every_template_and_every_macro_stands_on_the_page() -> None:
    assert sorted(tags.GIVEN) == NAMES
    assert len(_macros()) == len(re.findall(r"\{% macro ", TEMPLATES["macros.html"]))


@pytest.mark.parametrize("name", NAMES)
def test_a_template_uses_no_tag_and_no_filter_that_the_page_does_not_list(name: str) -> None:
    jinja = Environment(extensions=["jinja2.ext.i18n"])
    jinja.filters.update(dict.fromkeys(tags.FILTERS, str))
    tree = jinja.parse(TEMPLATES[name])
    own = {each.name for each in tree.find_all(nodes.Name) if each.ctx != "load"}
    own |= {row if isinstance(row, str) else row[1] for each in tree.find_all(nodes.FromImport) for row in each.names}
    known = {*tags.EVERYWHERE, *tags.GIVEN[name], *jinja.globals, *own, "gettext", "ngettext", "caller"}
    assert meta.find_undeclared_variables(tree) <= known
    plain = {
        "default",
        "groupby",
        "length",
        "list",
        "lower",
        "map",
        "replace",
        "safe",
        "select",
        "selectattr",
        "string",
        "sum",
        "unique",
    }
    assert {each.name for each in tree.find_all(nodes.Filter)} <= {*tags.FILTERS, *plain}


def _source(templates: dict[str, str], folder: Path) -> dict[str, bytes]:
    made = Programme()
    training = "{roles: [ward-nurse], kind: read-and-understood, within: 30}"
    made.commit("w.writer", {path(): document(training=training)})
    made.approve("QM-001")
    made.commit("w.writer", {path(): document(version="2.0", supersedes="[OLD-001]", training=training)})
    made.approve("QM-001")
    made.commit("w.writer", {path("QM-002"): document("QM-002")})
    audit = made.audit(folder)
    with Repository(find(folder), {"PATH": "/usr/bin:/bin"}) as repository:
        return manual.pages(audit, blob=repository.blob, templates=templates)


def test_a_template_is_given_every_tag_that_the_page_lists(tmp_path: Path) -> None:
    asks = {
        name: "".join(f"{{% if {tag} is defined %}}{{% endif %}}" for tag in (*tags.EVERYWHERE, *tags.GIVEN[name]))
        for name in NAMES
        if name not in _WITHOUT_PAGE
    }
    assert _source(TEMPLATES | asks, tmp_path / "p")


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ("{{ programm }}", "line 2: tag `programm` is unknown"),
        ("{{ polcy.programme }}", "line 2: tag `polcy` is unknown; did you mean `policy`?"),
        ("{% if false %}{{ domain }}{% endif %}", "line 2: tag `domain` is unknown; did you mean `domains`?"),
        ("{{ policy.programe }}", "line 2: `Policy` has no `programe`; did you mean `programme`?"),
        ("{{ as_of | plian }}", "line 2: filter `plian` is unknown; did you mean `plain`?"),
        ("{% if as_of is defind %}{% endif %}", "line 2: test `defind` is unknown; did you mean `defined`?"),
        (
            '{% from "macros.html" import tabel %}',
            "line 2: macro `tabel` is unknown in macros.html; did you mean `table`?",
        ),
        ('{% include "abuot.html" %}', "line 2: there is no template `abuot.html`; did you mean `about.html`?"),
        ("{% if %}", "line 2: "),
        ("{% endfor %}", "line 2: "),
        ("{{ as_of.year / 0 }}", "line 2: division by zero"),
        ("{{ ''.__class__ }}", "line 2: access to attribute '__class__' of 'str' object is unsafe"),
    ],
)
def test_a_wrong_tag_gets_a_plain_answer(wrong: str, said: str, tmp_path: Path) -> None:
    with pytest.raises(OutputFailed) as raised:
        _source(TEMPLATES | {"home.html": f"<p>\n{wrong}"}, tmp_path / "p")
    assert raised.value.message.startswith(f"templates/manual/home.html, {said}")
    assert "\n" not in raised.value.message


def test_a_template_that_is_missing_is_named() -> None:
    used = Templates({name: text for name, text in TEMPLATES.items() if name != "home.html"}, {}, ENGLISH)
    with pytest.raises(OutputFailed, match=r"^templates/manual/home.html: there is no template `home.html`"):
        used.render("home.html", "index")


def test_a_programme_s_colours_come_after_those_of_qmdoc_and_change_nothing_by_themselves() -> None:
    written = re.sub(r"/\*.*?\*/", "", TEMPLATES["colours.css"], flags=re.DOTALL)
    assert not written.strip(), "as it is shipped, every line of it is a comment"
    named = set(re.findall(r"(--[\w-]+):", TEMPLATES["colours.css"]))
    assert named and named <= set(re.findall(r"(--[\w-]+):", TEMPLATES["qmdoc.css"]))


_LOGO = '<svg xmlns="http://www.w3.org/2000/svg" width="40" height="20"><rect width="40" height="20"/></svg>\n'


def test_a_logo_stands_on_every_page(tmp_path: Path) -> None:
    for name, content in _source(TEMPLATES | {"logo.svg": _LOGO}, tmp_path / "p").items():
        file = tmp_path / "src" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
    site.build(tmp_path / "src", tmp_path / "site", configuration=ROOT, is_draft=False)
    assert (tmp_path / "site" / "_static" / "logo.svg").read_text() == _LOGO
    for page_, address in (("index.html", "_static/logo.svg"), ("documents/QM-001.html", "../_static/logo.svg")):
        assert f'src="{address}' in (tmp_path / "site" / page_).read_text(encoding="utf-8")


def test_a_logo_that_could_run_or_fetch_something_is_refused_with_its_line(tmp_path: Path) -> None:
    wrong = _LOGO.replace("<rect", "\n<script>alert(1)</script><rect")
    with pytest.raises(OutputFailed, match=r"^templates/manual/logo.svg, line 2: .*script"):
        _source(TEMPLATES | {"logo.svg": wrong}, tmp_path / "p")


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")


def test_the_sandbox_forbids_what_jinja_s_own_forbids_whatever_was_asked_before() -> None:
    async def waits() -> None: ...

    def yields() -> Iterator[int]:
        yield 1

    class Thing:
        name = "a"

        def method(self) -> None: ...

    waiting = waits()
    values = [
        waits, waiting, yields, yields(), Thing, Thing(), Thing().method, "text", 1, [], {}, None, len, re, yields.__code__,
        sys._getframe(), type,
    ]  # fmt: skip
    names = [
        "name", "method", "mro", "func_code", "f_globals", "gi_frame", "gi_code", "cr_frame", "co_code", "tb_frame", "format",
        "_own", "__class__", "__globals__", "__init__", "__subclasses__", "__code__",
    ]  # fmt: skip
    own, ours = SandboxedEnvironment(), Templates({}, {})._jinja
    assert isinstance(ours, SandboxedEnvironment)
    for _ in range(2):
        for name in names:
            for value in values:
                assert ours.is_safe_attribute(value, name, None) == own.is_safe_attribute(value, name, None)
    assert not ours.is_safe_attribute(yields(), "gi_frame", None) and ours.is_safe_attribute(Thing(), "name", None)
    waiting.close()
