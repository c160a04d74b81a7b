"""A Word file as a template: judged before it is filled, so that it runs no code and reaches nothing outside itself.

docxtpl mends what Word makes of a tag (it parts one over several runs of text); what a tag may be is decided here, on
jinja's own tree: a name, a loop over a list of the table of tags, a condition on names. jinja's sandbox then fills it, once for each form.
"""

from __future__ import annotations

import difflib
import io
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import count
from typing import Any
from xml.parsers import expat

import jinja2
from jinja2 import nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import escape

from qmdoc.errors import OutputFailed
from qmdoc.model import UNPRINTABLE
from qmdoc.outputs import _word_file

LOOPS = frozenset({"people", "documents", "steps", "records", "seats"})
"""What a tag may loop over, where the table of tags names it."""
_PICTURED = "form_number"
"""The tag whose mention in a picture's alternative text makes the picture its QR code."""
_DRAWN = "http://schemas.openxmlformats.org/drawingml/2006"
_EMBEDDED = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}embed"
_CELL = f"{_word_file.WORD}tc"
_MARK = "\ue000"
_CONTROL = re.compile(r'(<w:sdtPr\b(?:(?!</w:sdtPr>).)*?<w:id w:val=")[^"]*', re.DOTALL)
_NUMBER = "<#>"
"""Stands for a control's number until a page is filled; no value can hold it, for values are escaped."""
_BROKEN = "a loop or a condition begins in one paragraph or row and ends in another"


@dataclass(frozen=True, slots=True)
class Use:
    """A name that a tag uses, `known_as` in the table of tags; none: the tag is something else than a name.

    Inside a loop over `loop`, `row` is the name of what it goes through.
    """

    written: str
    known_as: str
    row: str = ""
    loop: str = ""


@dataclass(frozen=True, slots=True)
class Blank:
    """A Word file to be filled; `pages` are those of its parts that may hold tags, `uses` what their tags say.

    `pictures` are parts that stand for the QR code of the form's number.
    """

    name: str
    parts: Mapping[str, bytes]
    pages: Mapping[str, jinja2.Template]
    uses: tuple[Use, ...]
    pictures: tuple[str, ...] = ()


def read(name: str, content: bytes) -> Blank:
    """A template that is a Word file and reaches nothing outside; its tags are not judged yet. Raises OutputFailed."""
    try:
        from docxtpl import DocxTemplate
    except ImportError as error:
        raise OutputFailed(
            "Word forms need docxtpl, which is not installed", fix="pip install 'qmdoc[word]'"
        ) from error
    parts = _word_file.parts(name, content)
    _word_file.refuse_active(name, parts)
    mend, environment = DocxTemplate(io.BytesIO()).patch_xml, _environment()
    sources = {
        page: mend(_prepared(_word_file.xml(parts[page], _word_file.no_word_file(name))))
        for page in _word_file.pages(name, parts)
    }
    uses = [use for source in sources.values() for use in _uses_in(name, source)]
    for source in sources.values():
        _refuse_misplaced(name, source)
    return Blank(
        name,
        parts,
        {page: environment.from_string(_CONTROL.sub(rf"\1{_NUMBER}", source)) for page, source in sources.items()},
        tuple(uses),
        _pictures(name, parts),
    )


def faults(blank: Blank, tags: Collection[str]) -> tuple[str, ...]:
    """What is wrong with the tags, one sentence each."""
    return tuple(dict.fromkeys(_fault(use, tags) for use in blank.uses if use.known_as not in tags))


def fill(blank: Blank, values: Mapping[str, object], *, title: str, as_of: date, picture: Callable[[], bytes]) -> bytes:
    """The filled Word file; the template has no faults. The file's own clock is the day it tells about.

    `picture` draws the QR code of the form's number (PNG), where the template has a place for it.
    """
    parts, controls = dict(blank.parts), count(1)
    if blank.pictures:
        parts.update(dict.fromkeys(blank.pictures, picture()))
    for name, page in blank.pages.items():
        try:
            text = page.render(values)
        except jinja2.TemplateError as error:
            raise OutputFailed(f"{blank.name}: {error.message}", fix="correct the tag in Word") from error
        text = re.sub(_NUMBER, lambda _: str(next(controls)), text)
        if not _is_surely_whole(text):
            text = _whole(text, _word_file.xml(text, _misplaced(blank.name, _BROKEN)))
        parts[name] = _word_file.DECLARATION + text.encode()
    if _word_file.PROPERTIES in parts:
        parts[_word_file.PROPERTIES] = _properties(title, as_of)
    return _word_file.packed(parts)


def _refuse_misplaced(name: str, source: str) -> None:
    """Raises OutputFailed for tags that would break the page: each must print into text, whatever is looped or left out."""
    marked = re.sub(r"\{%.*?%\}|\{#.*?#\}", "", re.sub(r"\{\{.*?\}\}", _MARK, source, flags=re.DOTALL), flags=re.DOTALL)
    for element in _word_file.xml(marked, _misplaced(name, _BROKEN)).iter():
        outside = (element.tail or "") + (
            "" if isinstance(element.tag, str) and element.tag.endswith("}t") else element.text or ""
        )
        if _MARK in outside:
            raise _misplaced(name, "a tag such as {{r … }} or {{p … }} prints outside of text")


def _pictures(name: str, parts: Mapping[str, bytes]) -> tuple[str, ...]:
    """The parts whose picture is to show the form's number: their alternative text names it. Raises OutputFailed."""
    found: set[str] = set()
    for page in _word_file.pages(name, parts):
        tree = _word_file.xml(parts[page], _word_file.no_word_file(name))
        wanted = [
            each.get(_EMBEDDED)
            for described in tree.iter(f"{{{_DRAWN}/wordprocessingDrawing}}docPr")
            if _PICTURED in described.get("descr", "")
            for each in described.getparent().iter(f"{{{_DRAWN}/main}}blip")
        ]
        folder, _, file = page.rpartition("/")
        rows = parts.get(f"{folder}/_rels/{file}.rels") if wanted else None
        for row in _word_file.xml(rows, _word_file.no_word_file(name)).iter("{*}Relationship") if rows else ():
            target = row.get("Target", "")
            if row.get("Id") in wanted:
                found.add(target.lstrip("/") if target.startswith("/") else f"{folder}/{target}")
    if odd := next((part for part in sorted(found) if part not in parts or not part.endswith(".png")), None):
        raise OutputFailed(
            f"{name}: the picture that stands for the form's number is no PNG file (`{odd}`)",
            fix="insert any PNG picture in its place, and write {{ form_number }} into its alternative text",
        )
    return tuple(sorted(found))


def _uses_in(name: str, source: str) -> Iterator[Use]:
    """What the tags of a part say; each is made to begin a line, so that a node's line is its tag."""
    text = re.sub(r"\{[{%#]", r"\n\g<0>", source)
    lines = [re.split(r"(?<=[%}#]\})", line)[0] for line in text.split("\n")]
    for line in lines[1:]:
        if not line.endswith({"{": "}}", "%": "%}", "#": "#}"}[line[1]]):
            raise OutputFailed(
                f"{name}: tag {line.partition('<')[0][:80]} has no end",
                fix="close it in Word, as in {{ title }} or {% endif %}",
            )
    try:
        tree = _environment().parse(text)
    except jinja2.TemplateSyntaxError as error:
        raise OutputFailed(
            f"{name}: tag {lines[error.lineno - 1][:80]} can't be read", fix=f"correct it in Word ({error.message})"
        ) from error
    yield from _uses(tree, lines)


def _uses(node: nodes.Node, lines: list[str], row: str = "", loop: str = "") -> Iterator[Use]:
    """Every name in a template and everything that is no name; inside a loop over a list `row` is one of its rows."""
    children: Iterable[nodes.Node] = ()
    match node:
        case nodes.For(target=nodes.Name(name=each), iter=nodes.Name(name=listed), test=None, recursive=False) if (
            listed in LOOPS and not row
        ):
            yield Use(listed, listed)
            for child in [*node.body, *node.else_]:
                yield from _uses(child, lines, each, listed)
        case nodes.Getattr(node=nodes.Name(name=each), attr=field) if row and each == row:
            yield Use(f"{each}.{field}", f"{loop}.{field}", row, loop)
        case nodes.Name(name=name) if name != row and name not in LOOPS:
            yield Use(name, name, row, loop)
        case (
            nodes.Template()
            | nodes.Output()
            | nodes.TemplateData()
            | nodes.If()
            | nodes.Not()
            | nodes.And()
            | nodes.Or()
        ):
            children = node.iter_child_nodes()
        case _:
            line = next((each.lineno for each in (node, *node.find_all(nodes.Node)) if each.lineno), 1)
            yield Use(lines[line - 1][:80], "")
    for child in children:
        yield from _uses(child, lines, row, loop)


def _fault(use: Use, tags: Collection[str]) -> str:
    if not use.known_as:
        return f"tag {use.written} is refused, for a template runs no code; write one name from the table of tags"
    known = [
        f"{use.row}.{name.partition('.')[2]}" if "." in name else name
        for name in tags
        if "." not in name or name.startswith(f"{use.loop}.")
    ]
    near = difflib.get_close_matches(use.written, known, 1)
    return f"tag {{{{ {use.written} }}}} is unknown; " + (
        f"did you mean {near[0]}?" if near else f"known are {', '.join(known)}"
    )


def _prepared(tree: Any) -> str:
    """A part's text without what Word wants once and a loop would repeat: bookmarks in tables, ids of paragraphs."""
    from lxml import etree  # type: ignore[import-untyped]

    for bookmark in tree.xpath("//w:tbl//w:bookmarkStart | //w:tbl//w:bookmarkEnd", namespaces=_word_file.SPACES):
        bookmark.getparent().remove(bookmark)
    etree.strip_attributes(tree, f"{_word_file.WORD14}paraId", f"{_word_file.WORD14}textId")
    return str(etree.tostring(tree, encoding="unicode"))


def _is_surely_whole(text: str) -> bool:
    """The part is well-formed, each cell ends in a paragraph and each table in a row; seen without building its tree."""
    cells, tables = text.count("</w:tc>"), text.count("</w:tbl>")
    if cells != text.count("</w:p></w:tc>") + text.count("<w:p/></w:tc>") or "<w:tc/>" in text:
        return False
    if tables != text.count("</w:tr></w:tbl>") or "<w:tbl/>" in text:
        return False
    try:
        expat.ParserCreate().Parse(text.encode(), True)
    except expat.ExpatError:
        return False
    return True


def _whole(text: str, tree: Any) -> str:
    """A filled part in which no cell and no table is left empty: Word opens no such file."""
    from lxml import etree

    empty = tree.xpath(
        "descendant::w:tc[not(w:p)] | descendant::w:tbl[not(descendant::w:tr)]", namespaces=_word_file.SPACES
    )
    for element in empty:
        if element.tag == _CELL:
            etree.SubElement(element, f"{_word_file.WORD}p")
        else:
            element.getparent().remove(element)
    return str(etree.tostring(tree, encoding="unicode")) if empty else text


def _properties(title: str, as_of: date) -> bytes:
    spaces = "http://schemas.openxmlformats.org/package/2006/metadata/core-properties"
    times = "".join(
        f'<dcterms:{name} xsi:type="dcterms:W3CDTF">{as_of}T00:00:00Z</dcterms:{name}>'
        for name in ("created", "modified")
    )
    return (
        _word_file.DECLARATION.decode()
        + f'<cp:coreProperties xmlns:cp="{spaces}" xmlns:dc="http://purl.org/dc/elements/1.1/" '
        'xmlns:dcterms="http://purl.org/dc/terms/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
        f"<dc:title>{escape(title)}</dc:title><dc:creator>qmdoc</dc:creator><cp:lastModifiedBy>qmdoc</cp:lastModifiedBy>"
        f"<cp:revision>1</cp:revision>{times}<dc:language>en-GB</dc:language></cp:coreProperties>"
    ).encode()


class _Environment(ImmutableSandboxedEnvironment):
    """The sandbox, stricter: of a row of a list a page reaches words and numbers, and nothing that could be called."""

    def is_safe_attribute(self, obj: object, attr: str, value: object) -> bool:
        return isinstance(value, (str, int)) and not attr.startswith("_")


def _environment() -> _Environment:
    return _Environment(autoescape=True, undefined=jinja2.StrictUndefined, finalize=_printable)


def _printable(value: object) -> object:
    """A value as one line; what may not stand in XML, or hides in text, is replaced by a visible mark."""
    if isinstance(value, jinja2.Undefined):
        return value
    if (text := str(value)).isprintable():
        return text
    line = re.sub(r"[\t\r\n]+", " ", text).encode("utf-8", "replace").decode()
    return re.sub("[\ufffe\uffff]", "\ufffd", UNPRINTABLE.sub("\ufffd", line))


def _misplaced(name: str, found: str) -> OutputFailed:
    return OutputFailed(
        f"{name}: {found}",
        fix="write {%tr … %} in a row of its own, {%p … %} in a paragraph of its own, and {{ … }} elsewhere",
    )
