"""A Word file opened without trust: its parts in memory, its XML without entities, its relationships.

The standard library reads it: no program is started, nothing outside the file is looked at. Names of elements and attributes
are short (`w:p`), the same for both dialects of the format (transitional and strict, ISO/IEC 29500).
"""

from __future__ import annotations

import io
import posixpath
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple
from xml.etree.ElementTree import Element, ParseError, TreeBuilder, XMLParser

from qmdoc.errors import ImportFailed

MAX_UNPACKED = 256 << 20
MAX_XML = 48 << 20
MAX_ELEMENTS = 2_000_000
MAX_DEPTH = 150
_AGAIN = "open it in Word, save it as a Word document (.docx) without a password, and import that"
_OFFICE = "http://schemas.openxmlformats.org/"
_STRICT = "http://purl.oclc.org/ooxml/"
_SPACES = {
    f"{_OFFICE}wordprocessingml/2006/main": "w",
    f"{_STRICT}wordprocessingml/main": "w",
    f"{_OFFICE}officeDocument/2006/relationships": "r",
    f"{_STRICT}officeDocument/relationships": "r",
    f"{_OFFICE}officeDocument/2006/math": "m",
    f"{_STRICT}officeDocument/math": "m",
    f"{_OFFICE}drawingml/2006/main": "a",
    f"{_STRICT}drawingml/main": "a",
    f"{_OFFICE}drawingml/2006/wordprocessingDrawing": "wp",
    f"{_STRICT}drawingml/wordprocessingDrawing": "wp",
    f"{_OFFICE}drawingml/2006/diagram": "dgm",
    f"{_STRICT}drawingml/diagram": "dgm",
    f"{_OFFICE}drawingml/2006/chart": "c",
    f"{_STRICT}drawingml/chart": "c",
    f"{_OFFICE}markup-compatibility/2006": "mc",
    f"{_OFFICE}package/2006/relationships": "rel",
    f"{_OFFICE}package/2006/metadata/core-properties": "cp",
    "http://purl.org/dc/elements/1.1/": "dc",
    "http://purl.org/dc/terms/": "dcterms",
    "http://schemas.microsoft.com/office/word/2010/wordprocessingShape": "wps",
    "http://schemas.microsoft.com/office/word/2010/wordml": "w14",
    "urn:schemas-microsoft-com:vml": "v",
    "urn:schemas-microsoft-com:office:office": "o",
    "http://www.w3.org/XML/1998/namespace": "xml",
}


class Relation(NamedTuple):
    """Where a relationship of a part leads: to another part, or out of the file."""

    kind: str
    target: str
    is_external: bool


@dataclass(frozen=True, slots=True)
class Package:
    """The parts of a Word file; `main` is the one that holds the text."""

    name: str
    parts: Mapping[str, bytes]
    main: str
    trees: dict[str, Element] = field(default_factory=dict, repr=False, compare=False)
    """The parts that were parsed already; an element is the same whoever asks."""

    def tree(self, part: str) -> Element | None:
        """The XML of a part; None when the file has no such part. Raises ImportFailed."""
        if part in self.parts and part not in self.trees:
            self.trees[part] = _tree(self.name, part, self.parts[part])
        return self.trees.get(part)

    def relations(self, part: str) -> dict[str, Relation]:
        """The relationships of a part, by id. Raises ImportFailed."""
        return _relations(self.name, self.parts, part)

    def related(self, kind: str) -> tuple[str, ...]:
        """The parts that the text is related to as `kind`, sorted."""
        rows = self.relations(self.main).values()
        return tuple(sorted({row.target for row in rows if row.kind == kind and row.target in self.parts}))


def read(name: str, content: bytes) -> Package:
    """A Word file's parts. Raises ImportFailed, in one sentence that says what the file is instead."""
    _refuse_other(name, content)
    parts = _parts(name, content)
    starts = [row for row in _relations(name, parts, "").values() if row.kind == "officeDocument"]
    main = starts[0].target if starts else "word/document.xml"
    tree = _tree(name, main, parts[main]) if main in parts else None
    if tree is None or tree.tag != "w:document":
        raise ImportFailed(f"{name} is an archive, but no Word document", fix=_AGAIN)
    if tree.find("w:body") is None:
        raise ImportFailed(f"{name} is a Word file without a text (it has no body)", fix=_AGAIN)
    return Package(name, parts, main)


def _refuse_other(name: str, content: bytes) -> None:
    """Raises ImportFailed for what is plainly something else."""
    if not content:
        raise ImportFailed(f"{name} is empty: it has no bytes at all", fix="find the right copy of the file")
    if content.startswith(b"\xd0\xcf\x11\xe0"):
        if "EncryptedPackage".encode("utf-16-le") in content:
            raise ImportFailed(f"{name} is encrypted with a password", fix=_AGAIN)
        raise ImportFailed(f"{name} is a file of an old Word (.doc), whatever its name says", fix=_AGAIN)
    others = {b"%PDF": "a PDF", b"{\\rtf": "an RTF file", b"<": "a web page or XML"}
    for start, other in others.items():
        if content.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(start):
            raise ImportFailed(f"{name} is {other} that was given another name", fix="import the Word file itself")
    if not content.startswith(b"PK"):
        raise ImportFailed(f"{name} is no Word file", fix=_AGAIN)


def _parts(name: str, content: bytes) -> dict[str, bytes]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            rows = [row for row in archive.infolist() if not row.is_dir()]
            if sum(row.file_size for row in rows) > MAX_UNPACKED or len(rows) > 20_000:
                raise ImportFailed(
                    f"{name} would unpack to more than {MAX_UNPACKED >> 20} MiB", fix="take large pictures out of it"
                )
            if len({row.filename for row in rows}) < len(rows):
                raise ImportFailed(f"{name} holds a part twice, so that nobody can tell which one counts", fix=_AGAIN)
            return {row.filename: archive.read(row) for row in rows}
    except RuntimeError as error:  # zipfile asks for a password with it
        raise ImportFailed(f"{name} is encrypted with a password", fix=_AGAIN) from error
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, OSError, EOFError, ValueError) as error:
        raise ImportFailed(f"{name} is damaged or was cut off", fix="copy it anew from where it is whole") from error


def _relations(name: str, parts: Mapping[str, bytes], part: str) -> dict[str, Relation]:
    folder, _, file = part.rpartition("/")
    place = f"{folder}/_rels/{file}.rels".lstrip("/")
    if place not in parts:
        return {}
    found: dict[str, Relation] = {}
    for row in _tree(name, place, parts[place]).iter("rel:Relationship"):
        target, is_external = row.get("Target", ""), row.get("TargetMode") == "External"
        if not is_external:
            target = posixpath.normpath(posixpath.join("/" + folder, target)).lstrip("/")
        found[row.get("Id", "")] = Relation(row.get("Type", "").rpartition("/")[2], target, is_external)
    return found


def _tree(name: str, part: str, content: bytes) -> Element:
    damaged = ImportFailed(
        f"{name} is damaged: its part {part} can't be read", fix="copy it anew, or repair it in Word"
    )
    if len(content) > MAX_XML:
        raise ImportFailed(
            f"{name} is too large: its part {part} has over {MAX_XML >> 20} MiB", fix="split the document"
        )
    parser = XMLParser(target=_Builder(name))
    try:
        parser.feed(content)
        tree = parser.close()
    except (ParseError, ValueError, LookupError) as error:
        raise damaged from error
    if not isinstance(tree, Element):
        raise damaged
    return tree


class _Builder:
    """Builds a tree of short names; refuses what an honest Word file never has."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.tree = TreeBuilder()
        self.names: dict[str, str] = {}
        self.depth = self.elements = 0

    def start(self, tag: str, attributes: dict[str, str]) -> Element:
        self.depth += 1
        self.elements += 1
        if self.depth > MAX_DEPTH or self.elements > MAX_ELEMENTS:
            raise ImportFailed(f"{self.name} is too large or nested too deep to be a procedure", fix=_AGAIN)
        return self.tree.start(self.short(tag), {self.short(key): value for key, value in attributes.items()})

    def end(self, tag: str) -> Element:
        self.depth -= 1
        return self.tree.end(self.short(tag))

    def data(self, text: str) -> None:
        self.tree.data(text)

    def close(self) -> Element:
        return self.tree.close()

    def doctype(self, *_: object) -> None:
        raise ImportFailed(
            f"{self.name} declares entities or a document type in its XML, as no Word file does",
            fix="don't trust this file; ask for it anew from where it came",
        )

    def short(self, tag: str) -> str:
        """A name with its prefix; an unknown one keeps its namespace."""
        if tag not in self.names:
            space, closed, local = tag[1:].partition("}") if tag.startswith("{") else ("", "", tag)
            self.names[tag] = f"{_SPACES[space]}:{local}" if closed and space in _SPACES else tag
        return self.names[tag]
