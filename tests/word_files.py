"""Word files for the import's tests: made by python-docx, with raw XML where python-docx has no words for it."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Mapping
from struct import pack

import docx
from docx.document import Document
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls

MORE = (
    'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" '
    'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships" '
    'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" '
    'xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing" '
    'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" '
    'xmlns:wps="http://schemas.microsoft.com/office/word/2010/wordprocessingShape" '
    'xmlns:w14="http://schemas.microsoft.com/office/word/2010/wordml" '
    'xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math" '
    'xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office"'
)


def blank() -> Document:
    """A document of python-docx without the properties of its template."""
    document = docx.Document()
    document.core_properties.title = document.core_properties.author = ""
    return document


def paragraph(document: Document, inside: str) -> None:
    """Add a paragraph of raw XML."""
    document.element.body.insert_element_before(parse_xml(f"<w:p {MORE}>{inside}</w:p>"), "w:sectPr")


def run(text: str, properties: str = "") -> str:
    """A run of raw XML."""
    return f'<w:r><w:rPr>{properties}</w:rPr><w:t xml:space="preserve">{text}</w:t></w:r>'


def numbered(document: Document, text: str, number: int, level: int = 0) -> None:
    """Add a paragraph that Word numbers."""
    paragraph(
        document,
        f'<w:pPr><w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="{number}"/></w:numPr></w:pPr>{run(text)}',
    )


def numbering(
    document: Document, number: int, levels: tuple[tuple[str, str], ...], override: int | None = None
) -> None:
    """Define a list: for each level its format and its text; `override` restarts another use of it there."""
    part = document.part.numbering_part.element
    rows = "".join(
        f'<w:lvl w:ilvl="{level}"><w:start w:val="1"/><w:numFmt w:val="{form}"/><w:lvlText w:val="{text}"/></w:lvl>'
        for level, (form, text) in enumerate(levels)
    )
    abstract = parse_xml(f'<w:abstractNum {nsdecls("w")} w:abstractNumId="{900 + number}">{rows}</w:abstractNum>')
    part.insert(0, abstract)
    part.append(use_of_list(number, number))
    if override:
        part.append(use_of_list(override, number, restart=True))


def use_of_list(number: int, abstract: int, *, restart: bool = False) -> object:
    again = '<w:lvlOverride w:ilvl="0"><w:startOverride w:val="1"/></w:lvlOverride>' if restart else ""
    return parse_xml(
        f'<w:num {nsdecls("w")} w:numId="{number}"><w:abstractNumId w:val="{900 + abstract}"/>{again}</w:num>'
    )


def text_box(inside: str) -> str:
    """A run with a text box as Word 2010 and later write it: once for itself, once for older programs."""
    content = f"<w:txbxContent><w:p>{run(inside)}</w:p></w:txbxContent>"
    return (
        '<w:r><mc:AlternateContent><mc:Choice Requires="wps"><w:drawing><wp:anchor><wp:extent cx="1" cy="1"/>'
        '<wp:docPr id="1" name="Text Box 1"/><a:graphic><a:graphicData '
        'uri="http://schemas.microsoft.com/office/word/2010/wordprocessingShape">'
        f"<wps:wsp><wps:txbx>{content}</wps:txbx><wps:bodyPr/></wps:wsp></a:graphicData></a:graphic></wp:anchor></w:drawing></mc:Choice>"
        f"<mc:Fallback><w:pict><v:shape><v:textbox>{content}</v:textbox></v:shape></w:pict></mc:Fallback>"
        "</mc:AlternateContent></w:r>"
    )


def png(shade: int = 0) -> bytes:
    """A picture of one grey pixel."""

    def chunk(name: bytes, content: bytes) -> bytes:
        return pack(">I", len(content)) + name + content + pack(">I", zlib.crc32(name + content))

    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0))
        + chunk(b"IDAT", zlib.compress(bytes([0, shade])))
        + chunk(b"IEND", b"")
    )


def saved(document: Document, parts: Mapping[str, str] | None = None) -> bytes:
    """The file; `parts` are added or replaced, with a relationship from the document and their kind."""
    target = io.BytesIO()
    document.save(target)
    return with_parts(target.getvalue(), parts or {})


def with_parts(content: bytes, parts: Mapping[str, str]) -> bytes:
    kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            text = old.read(name)
            if name in parts:
                continue
            if name == "word/_rels/document.xml.rels":
                rows = "".join(
                    f'<Relationship Id="x{index}" Type="{kind}/{part.rpartition("/")[2].removesuffix(".xml")}" '
                    f'Target="{part.removeprefix("word/")}"/>'
                    for index, part in enumerate(sorted(parts))
                )
                text = text.replace(b"</Relationships>", rows.encode() + b"</Relationships>")
            new.writestr(name, text)
        for name, written in parts.items():
            new.writestr(name, written)
    return target.getvalue()


FOOTNOTES = (
    f'<w:footnotes {MORE}><w:footnote w:type="separator" w:id="-1"><w:p/></w:footnote>'
    '<w:footnote w:id="2"><w:p><w:r><w:footnoteRef/></w:r>'
    + run(" Bensinger 2012, at most 1 mL/kg.")
    + "</w:p></w:footnote></w:footnotes>"
)
COMMENTS = (
    f'<w:comments {MORE}><w:comment w:id="5" w:author="A. Reviewer" w:date="2024-03-01T10:00:00Z" w:initials="AR">'
    f"<w:p>{run('Is 20 minutes still right?')}</w:p></w:comment></w:comments>"
)
