"""The files inside a Word file: refused where one runs code or reaches outside, and packed again without clock or machine.

What people fill in is read through here as well as the templates that they fill: neither is trusted.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Mapping
from typing import Any

from qmdoc.errors import OutputFailed

SPACES = {"w": "http://schemas.openxmlformats.org/wordprocessingml/2006/main"}
WORD = f"{{{SPACES['w']}}}"
WORD14 = "{http://schemas.microsoft.com/office/word/2010/wordml}"
PROPERTIES = "docProps/core.xml"
DECLARATION = b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_KINDS = "[Content_Types].xml"
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


def parts(name: str, content: bytes) -> dict[str, bytes]:
    """The files inside a Word file."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            rows = [each for each in archive.infolist() if not each.is_dir()]
            if sum(each.file_size for each in rows) > _LARGEST:
                raise OutputFailed(
                    f"{name} unpacks to more than {_LARGEST >> 20} MiB", fix="take large pictures out of it"
                )
            if len({each.filename for each in rows}) < len(rows):
                raise no_word_file(name)  # two readers of such a file may see two different texts
            found = {each.filename: archive.read(each) for each in rows}
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, OSError, EOFError, ValueError) as error:
        raise no_word_file(name) from error
    kinds = found.get(_KINDS, b"")
    if b"wordprocessingml.template" in kinds:
        raise OutputFailed(f"{name} was saved as a Word template (.dotx)", fix="save it as a Word document (.docx)")
    if b"macroEnabled" in kinds:
        raise _active(name, "macros")
    if b"wordprocessingml.document.main+xml" not in kinds:
        raise no_word_file(name)
    return found


def refuse_active(name: str, parts: Mapping[str, bytes]) -> None:
    """Raises OutputFailed for what runs code or reaches outside the file."""
    for part, content in sorted(parts.items()):
        if found := _ACTIVE.search(part):
            raise _active(name, f"a macro, an embedded object or a link to another file (`{found[0].strip('/')}`)")
        for row in xml(content, no_word_file(name)).iter("{*}Relationship") if part.endswith(".rels") else ():
            kind, target = row.get("Type", ""), row.get("Target", "")
            is_link = kind.endswith("/hyperlink") and target.lower().startswith(("http://", "https://", "mailto:"))
            if _ACTIVE.search(kind) or (row.get("TargetMode") == "External" and not is_link):
                raise _active(
                    name,
                    f"a macro, an embedded object or a link to another file (`{kind.rpartition('/')[2]}` to `{target}`)",
                )
    for page in pages(name, parts):
        tree = xml(parts[page], no_word_file(name))
        codes = [
            "".join(each.text or "" for each in tree.iter(f"{WORD}instrText")),
            *(each.get(f"{WORD}instr", "") for each in tree.iter(f"{WORD}fldSimple")),
        ]
        if found := _REACHING_FIELD.search(" ".join(codes)):
            raise _active(name, f"a field that reaches outside or is made from a tag (`{found[0]}`)")


def pages(name: str, parts: Mapping[str, bytes]) -> list[str]:
    """The parts that hold text: the document, its headers, footers and notes."""
    rows = xml(parts[_KINDS], no_word_file(name)).iter("{*}Override")
    return sorted(
        part
        for row in rows
        if _PAGE.search(row.get("ContentType", "")) and (part := row.get("PartName", "").lstrip("/")) in parts
    )


def packed(parts: Mapping[str, bytes]) -> bytes:
    """A zip without clock or machine in it; the list of kinds comes first, as Word has it."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for name in sorted(parts, key=lambda name: (name != _KINDS, name)):
            row = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            row.create_system, row.external_attr, row.compress_type = 3, 0o600 << 16, zipfile.ZIP_DEFLATED
            archive.writestr(row, parts[name])
    return target.getvalue()


def xml(content: bytes | str, otherwise: OutputFailed) -> Any:  # lxml has no types
    """Parsed XML; no entity is resolved and nothing is fetched."""
    from lxml import etree  # type: ignore[import-untyped]

    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    try:
        tree = etree.fromstring(content.encode() if isinstance(content, str) else content, parser)
    except etree.XMLSyntaxError as error:
        raise otherwise from error
    if tree.getroottree().docinfo.doctype:
        raise otherwise
    return tree


def no_word_file(name: str) -> OutputFailed:
    return OutputFailed(
        f"{name} is no Word document, or a damaged or encrypted one", fix="save it in Word as .docx, without a password"
    )


def _active(name: str, found: str) -> OutputFailed:
    return OutputFailed(f"{name} holds {found}", fix="take it out and save it as a plain Word document (.docx)")
