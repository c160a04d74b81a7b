"""A Word file as a template: judged before it is filled, so that it runs no code and reaches nothing outside itself.

docxtpl mends what Word makes of a tag (it parts one over several runs of text); what a tag may be is decided here, on
jinja's own tree: a name, a loop over `people`, a condition on names. jinja's sandbox then fills it, once for each form.
"""

from __future__ import annotations

import difflib
import io
import re
import zipfile
import zlib
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import count
from typing import Any

import jinja2
from jinja2 import nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import escape

from qmdoc.errors import OutputFailed
from qmdoc.model import UNPRINTABLE

LOOP = "people"
_SPACES = {"w": "http://schemas.openxmlformats.org/wordprocessingml/2006/main"}
_WORD = f"{{{_SPACES['w']}}}"
_WORD14 = "{http://schemas.microsoft.com/office/word/2010/wordml}"
_KINDS = "[Content_Types].xml"
_PROPERTIES = "docProps/core.xml"
_PAGE = re.compile(r"\.wordprocessingml\.(document\.main|header|footer|footnotes|endnotes)\+xml")
_ACTIVE = re.compile(
    r"vbaProject|vbaData|oleObject|/embeddings/|activeX|attachedTemplate|aFChunk|subDocument|externalLink|customUI|/(package|control|frame|mailMerge\w+)$",
    re.IGNORECASE,
)
_REACHING_FIELD = re.compile(
    r"\b(DDE|DDEAUTO|INCLUDE|INCLUDETEXT|INCLUDEPICTURE|IMPORT|LINK|EMBED|DATABASE|MACROBUTTON|MERGEFIELD)\b|\{\{",
    re.IGNORECASE,
)
_LARGEST = 32 << 20
_MARK = "\ue000"
_CONTROL = re.compile(r'(<w:sdtPr\b(?:(?!</w:sdtPr>).)*?<w:id w:val=")[^"]*', re.DOTALL)
_NUMBER = "<#>"
"""Stands for a control's number until a page is filled; no value can hold it, for values are escaped."""
_DECLARATION = b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_BROKEN = "a loop or a condition begins in one paragraph or row and ends in another"


@dataclass(frozen=True, slots=True)
class Use:
    """A name that a tag uses, `known_as` in the table of tags; none: the tag is something else than a name."""

    written: str
    known_as: str
    row: str = ""


@dataclass(frozen=True, slots=True)
class Blank:
    """A Word file to be filled; `pages` are those of its parts that may hold tags, `uses` what their tags say."""

    name: str
    parts: Mapping[str, bytes]
    pages: Mapping[str, jinja2.Template]
    uses: tuple[Use, ...]


def read(name: str, content: bytes) -> Blank:
    """A template that is a Word file and reaches nothing outside; its tags are not judged yet. Raises OutputFailed."""
    try:
        from docxtpl import DocxTemplate
    except ImportError as error:
        raise OutputFailed(
            "Word forms need docxtpl, which is not installed", fix="pip install 'qmdoc[word]'"
        ) from error
    parts = _parts(name, content)
    _refuse_active(name, parts)
    mend, environment = DocxTemplate(io.BytesIO()).patch_xml, _environment()
    sources = {page: mend(_prepared(_xml(parts[page], _no_word_file(name)))) for page in _pages(name, parts)}
    uses = [use for source in sources.values() for use in _uses_in(name, source)]
    for source in sources.values():
        _refuse_misplaced(name, source)
    return Blank(
        name,
        parts,
        {page: environment.from_string(_CONTROL.sub(rf"\1{_NUMBER}", source)) for page, source in sources.items()},
        tuple(uses),
    )


def faults(blank: Blank, tags: Collection[str]) -> tuple[str, ...]:
    """What is wrong with the tags, one sentence each."""
    return tuple(dict.fromkeys(_fault(use, tags) for use in blank.uses if use.known_as not in tags))


def fill(blank: Blank, values: Mapping[str, object], *, title: str, as_of: date) -> bytes:
    """The filled Word file; the template has no faults. The file's own clock is the day it tells about."""
    parts, controls = dict(blank.parts), count(1)
    for name, page in blank.pages.items():
        try:
            text = page.render(values)
        except jinja2.TemplateError as error:
            raise OutputFailed(f"{blank.name}: {error.message}", fix="correct the tag in Word") from error
        text = re.sub(_NUMBER, lambda _: str(next(controls)), text)
        parts[name] = _DECLARATION + _whole(text, _xml(text, _misplaced(blank.name, _BROKEN))).encode()
    if _PROPERTIES in parts:
        parts[_PROPERTIES] = _properties(title, as_of)
    return _packed(parts)


def _parts(name: str, content: bytes) -> dict[str, bytes]:
    """The files inside a Word file."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            if sum(each.file_size for each in archive.infolist()) > _LARGEST:
                raise OutputFailed(
                    f"{name} unpacks to more than {_LARGEST >> 20} MiB", fix="take large pictures out of it"
                )
            parts = {each.filename: archive.read(each) for each in archive.infolist() if not each.is_dir()}
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, OSError, EOFError, ValueError) as error:
        raise _no_word_file(name) from error
    kinds = parts.get(_KINDS, b"")
    if b"wordprocessingml.template" in kinds:
        raise OutputFailed(f"{name} was saved as a Word template (.dotx)", fix="save it as a Word document (.docx)")
    if b"macroEnabled" in kinds:
        raise _active(name, "macros")
    if b"wordprocessingml.document.main+xml" not in kinds:
        raise _no_word_file(name)
    return parts


def _refuse_active(name: str, parts: Mapping[str, bytes]) -> None:
    """Raises OutputFailed for what runs code or reaches outside the file."""
    for part, content in sorted(parts.items()):
        if found := _ACTIVE.search(part):
            raise _active(name, f"a macro, an embedded object or a link to another file (`{found[0].strip('/')}`)")
        for row in _xml(content, _no_word_file(name)).iter("{*}Relationship") if part.endswith(".rels") else ():
            kind, target = row.get("Type", ""), row.get("Target", "")
            is_link = kind.endswith("/hyperlink") and target.lower().startswith(("http://", "https://", "mailto:"))
            if _ACTIVE.search(kind) or (row.get("TargetMode") == "External" and not is_link):
                raise _active(
                    name,
                    f"a macro, an embedded object or a link to another file (`{kind.rpartition('/')[2]}` to `{target}`)",
                )
    for page in _pages(name, parts):
        tree = _xml(parts[page], _no_word_file(name))
        codes = [
            "".join(each.text or "" for each in tree.iter(f"{_WORD}instrText")),
            *(each.get(f"{_WORD}instr", "") for each in tree.iter(f"{_WORD}fldSimple")),
        ]
        if found := _REACHING_FIELD.search(" ".join(codes)):
            raise _active(name, f"a field that reaches outside or is made from a tag (`{found[0]}`)")


def _refuse_misplaced(name: str, source: str) -> None:
    """Raises OutputFailed for tags that would break the page: each must print into text, whatever is looped or left out."""
    marked = re.sub(r"\{%.*?%\}|\{#.*?#\}", "", re.sub(r"\{\{.*?\}\}", _MARK, source, flags=re.DOTALL), flags=re.DOTALL)
    for element in _xml(marked, _misplaced(name, _BROKEN)).iter():
        outside = (element.tail or "") + (
            "" if isinstance(element.tag, str) and element.tag.endswith("}t") else element.text or ""
        )
        if _MARK in outside:
            raise _misplaced(name, "a tag such as {{r … }} or {{p … }} prints outside of text")


def _pages(name: str, parts: Mapping[str, bytes]) -> list[str]:
    """The parts that hold text: the document, its headers, footers and notes."""
    rows = _xml(parts[_KINDS], _no_word_file(name)).iter("{*}Override")
    return sorted(
        part
        for row in rows
        if _PAGE.search(row.get("ContentType", "")) and (part := row.get("PartName", "").lstrip("/")) in parts
    )


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


def _uses(node: nodes.Node, lines: list[str], row: str = "") -> Iterator[Use]:
    """Every name in a template and everything that is no name; inside a loop over people `row` is a person."""
    children: Iterable[nodes.Node] = ()
    match node:
        case nodes.For(target=nodes.Name(name=person), iter=nodes.Name(name=listed), test=None, recursive=False) if (
            listed == LOOP and not row
        ):
            yield Use(LOOP, LOOP)
            for child in [*node.body, *node.else_]:
                yield from _uses(child, lines, person)
        case nodes.Getattr(node=nodes.Name(name=person), attr=field) if row and person == row:
            yield Use(f"{person}.{field}", f"{LOOP}.{field}", row)
        case nodes.Name(name=name) if name not in (row, LOOP):
            yield Use(name, name, row)
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
        yield from _uses(child, lines, row)


def _fault(use: Use, tags: Collection[str]) -> str:
    if not use.known_as:
        return f"tag {use.written} is refused, for a template runs no code; write one name from the table of tags"
    known = [
        f"{use.row}.{name.removeprefix(f'{LOOP}.')}" if "." in name else name
        for name in tags
        if use.row or "." not in name
    ]
    near = difflib.get_close_matches(use.written, known, 1)
    return f"tag {{{{ {use.written} }}}} is unknown; " + (
        f"did you mean {near[0]}?" if near else f"known are {', '.join(known)}"
    )


def _prepared(tree: Any) -> str:
    """A part's text without what Word wants once and a loop would repeat: bookmarks in tables, ids of paragraphs."""
    from lxml import etree  # type: ignore[import-untyped]

    for bookmark in tree.xpath("//w:tbl//w:bookmarkStart | //w:tbl//w:bookmarkEnd", namespaces=_SPACES):
        bookmark.getparent().remove(bookmark)
    etree.strip_attributes(tree, f"{_WORD14}paraId", f"{_WORD14}textId")
    return str(etree.tostring(tree, encoding="unicode"))


def _whole(text: str, tree: Any) -> str:
    """A filled part in which no cell and no table is left empty: Word opens no such file."""
    from lxml import etree

    empty = tree.xpath("//w:tc[not(w:p)] | //w:tbl[not(.//w:tr)]", namespaces=_SPACES)
    for element in empty:
        if element.tag == f"{_WORD}tc":
            etree.SubElement(element, f"{_WORD}p")
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
        _DECLARATION.decode() + f'<cp:coreProperties xmlns:cp="{spaces}" xmlns:dc="http://purl.org/dc/elements/1.1/" '
        'xmlns:dcterms="http://purl.org/dc/terms/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
        f"<dc:title>{escape(title)}</dc:title><dc:creator>qmdoc</dc:creator><cp:lastModifiedBy>qmdoc</cp:lastModifiedBy>"
        f"<cp:revision>1</cp:revision>{times}<dc:language>en-GB</dc:language></cp:coreProperties>"
    ).encode()


def _packed(parts: Mapping[str, bytes]) -> bytes:
    """A zip without clock or machine in it; the list of kinds comes first, as Word has it."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for name in sorted(parts, key=lambda name: (name != _KINDS, name)):
            row = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            row.create_system, row.external_attr, row.compress_type = 3, 0o600 << 16, zipfile.ZIP_DEFLATED
            archive.writestr(row, parts[name])
    return target.getvalue()


def _environment() -> ImmutableSandboxedEnvironment:
    return ImmutableSandboxedEnvironment(autoescape=True, undefined=jinja2.StrictUndefined, finalize=_printable)


def _printable(value: object) -> object:
    """A value as one line; what may not stand in XML, or hides in text, is replaced by a visible mark."""
    if isinstance(value, jinja2.Undefined):
        return value
    if (text := str(value)).isprintable():
        return text
    line = re.sub(r"[\t\r\n]+", " ", text).encode("utf-8", "replace").decode()
    return re.sub("[\ufffe\uffff]", "\ufffd", UNPRINTABLE.sub("\ufffd", line))


def _xml(content: bytes | str, otherwise: OutputFailed) -> Any:  # lxml has no types
    """Parsed XML; no entity is resolved and nothing is fetched."""
    from lxml import etree

    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    try:
        tree = etree.fromstring(content.encode() if isinstance(content, str) else content, parser)
    except etree.XMLSyntaxError as error:
        raise otherwise from error
    if tree.getroottree().docinfo.doctype:
        raise otherwise
    return tree


def _no_word_file(name: str) -> OutputFailed:
    return OutputFailed(
        f"{name} is no Word document, or a damaged or encrypted one", fix="save it in Word as .docx, without a password"
    )


def _active(name: str, found: str) -> OutputFailed:
    return OutputFailed(
        f"{name} holds {found}", fix="take it out and save the template as a plain Word document (.docx)"
    )


def _misplaced(name: str, found: str) -> OutputFailed:
    return OutputFailed(
        f"{name}: {found}",
        fix="write {%tr … %} in a row of its own, {%p … %} in a paragraph of its own, and {{ … }} elsewhere",
    )
