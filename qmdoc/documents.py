"""A controlled document: front matter judged key by key, and the text below it (DESIGN.md §3.1).

Bad input is a value: a file that can't be read is an `Unreadable`, kept and reported like every other.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import lru_cache
from typing import Annotated, Any, NamedTuple

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from qmdoc import markup, strict_yaml
from qmdoc.errors import FileTooLarge
from qmdoc.model import DOCUMENT_ID, UNPRINTABLE, VERSION, Fault, Objects, Version
from qmdoc.strict_yaml import Day, OneLine, wrong

MAX_BYTES = 1024 * 1024
REQUIRED = ("id", "title", "type", "version", "owner", "review_date")
IDENTIFYING = frozenset({"id", "type", "version", "effective_date"})
FILE_NAME = re.compile(rf"({DOCUMENT_ID.pattern})(-[^/]*)?\.md")
_FENCE = re.compile(r"^(?:---|\.\.\.)[^\S\n]*$", re.MULTILINE)
# Bytes of UTF-8 with which no control and no bidirectional mark begins; U+0080-9F, U+061C and U+200E-2069 begin with the others.
_HARMLESS = bytes(
    [*b"\t\n", *range(0x20, 0x7F), *(byte for byte in range(0x80, 0x100) if byte not in (0xC2, 0xD8, 0xE2))]
)
_C1 = re.compile(rb"\xc2[\x80-\x9f]")
_CONFLICT = re.compile(r"^(<{7}|>{7}|\|{7})( |$)", re.MULTILINE)
_WORD = r"[a-z][a-z0-9]*([-.][a-z0-9]+)*"


class TrainingKind(StrEnum):
    """What a reader must do before working by a version."""

    READ_AND_UNDERSTOOD = "read-and-understood"
    COMPETENCY = "competency"


class ChangeSize(StrEnum):
    """How much a version changes."""

    MINOR = "minor"
    MAJOR = "major"


def _matching(pattern: str, expected: str) -> BeforeValidator:
    compiled = re.compile(pattern)

    def check(value: object) -> object:
        if isinstance(value, str) and not compiled.fullmatch(value):
            raise wrong(value, expected)
        return value

    return BeforeValidator(check, json_schema_input_type=Annotated[str, Field(pattern=f"^({pattern})$")])


def _version(value: object) -> object:
    version = Version.parse(value) if isinstance(value, str) else None
    if version is None:
        raise wrong(value, 'two numbers in quotes, as in `"2.1"`')
    return version


Word = Annotated[str, _matching(_WORD, "small letters, digits and hyphens, as in `quality-manager`")]
"""A role, a type, a site, a person's id: small letters, digits, hyphens and dots."""

Id = Annotated[
    str,
    _matching(DOCUMENT_ID.pattern, "two to five capital letters, a hyphen and three or four digits, as in `QM-001`"),
]
"""A document's number."""


class Training(BaseModel):
    """Who must know a document, how, and how soon after its approval."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    roles: Annotated[tuple[Word, ...], Field(min_length=1, description="Roles whose holders must attest.")]
    kind: Annotated[TrainingKind, Field(description="What they must do.")] = TrainingKind.READ_AND_UNDERSTOOD
    within: Annotated[int, Field(ge=0, le=3650, description="Days after approval.")] = 30


class FrontMatter(BaseModel):
    """The keys of a controlled document's front matter."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        title="Front matter of a qmdoc document",
        json_schema_extra={"required": list(REQUIRED)},
        arbitrary_types_allowed=True,
    )
    id: Annotated[Id | None, Field(description="Number, unique for ever; the file's name begins with it.")] = None
    title: Annotated[OneLine | None, Field(description="The page's only first-level heading.")] = None
    type: Annotated[Word | None, Field(description="A document type that the policy names.")] = None
    version: Annotated[
        Annotated[
            Version,
            BeforeValidator(_version, json_schema_input_type=Annotated[str, Field(pattern=f"^{VERSION.pattern}$")]),
        ]
        | None,
        Field(description="major.minor, in quotes."),
    ] = None
    owner: Annotated[Word | None, Field(description="A role, or a person's id.")] = None
    effective_date: Annotated[Day | None, Field(description="First day in force; never before the last approval.")] = (
        None
    )
    review_date: Annotated[Day | None, Field(description="The first periodic review is due by this day.")] = None
    programmes: Annotated[tuple[Word, ...], Field(description="Programmes it serves; all when left out.")] = ()
    sites: Annotated[tuple[Word, ...], Field(description="Sites where it holds; all when left out.")] = ()
    standards: Annotated[
        dict[str, tuple[OneLine, ...]], Field(description="Catalogue id: the clauses it answers.")
    ] = {}
    not_applicable: Annotated[
        dict[str, dict[str, OneLine]], Field(description="Catalogue id: clause: the reason.")
    ] = {}
    training: Annotated[Training | None, Field(description="Who must know it.")] = None
    change: Annotated[ChangeSize | None, Field(description="How much this version changes.")] = None
    change_summary: Annotated[OneLine | None, Field(description="What changed, in one line.")] = None
    supersedes: Annotated[tuple[Id, ...], Field(description="Numbers that this document replaces.")] = ()


@dataclass(frozen=True, slots=True)
class Document:
    """A document that can be identified; `faults` are keys found invalid, whose fields then are empty.

    `text` is the whole file after the byte order mark, with LF line ends; `body` is what follows the front matter and
    begins at line `body_line`; `lines` says on which line each key stands.
    """

    path: str
    id: str
    version: Version
    front_matter: FrontMatter
    body: str
    body_line: int
    lines: Mapping[str, int]
    faults: tuple[Fault, ...] = ()

    @property
    def title(self) -> str:
        """The title, or the number where the title is invalid."""
        return self.front_matter.title or self.id

    @property
    def type(self) -> str:
        """The document type."""
        return self.front_matter.type or ""

    @property
    def owner(self) -> str | None:
        """A role or a person's id; None where it was found invalid."""
        return self.front_matter.owner

    @property
    def effective_date(self) -> date | None:
        """The first day in force that the author asks for."""
        return self.front_matter.effective_date

    @property
    def review_date(self) -> date | None:
        """The day by which the first periodic review is due; None where it was found invalid."""
        return self.front_matter.review_date

    def line(self, key: str) -> int:
        """The line of a front-matter key; 1 when it is not there."""
        return self.lines.get(key, 1)

    def markup(self) -> markup.Markup:
        """What is in the text."""
        return markup.read(self.body, first_line=self.body_line)


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A file that should be a document and is none; `check` is the finding it amounts to."""

    path: str
    check: str
    faults: tuple[Fault, ...]

    @property
    def id(self) -> str | None:
        """The number in the file's name, if there is one."""
        return id_in_name(self.path)


def id_in_name(path: str) -> str | None:
    """The document number with which a Markdown file's name begins."""
    match = FILE_NAME.fullmatch(path.rpartition("/")[2])
    return match[1] if match else None


def read(objects: Objects, path: str, blob: str) -> Document | Unreadable:
    """The document that a blob holds; one too large to be read is kept and reported like every other."""
    try:
        return parse(path, objects.blob(blob))
    except FileTooLarge:
        return Unreadable(path, "unreadable-document", (_too_large("over 64 MiB"),))


def parse(path: str, content: bytes) -> Document | Unreadable:
    """The document that a file holds, or what is wrong with it."""
    try:
        text = _decoded(content)
        block, body, body_line = _parted(text)
        read = _again(path, block) or _front_matter(path, block)
    except strict_yaml.NotReadable as error:
        return Unreadable(path, "unreadable-document", (error.fault,))
    if read.front_matter is None:
        return Unreadable(path, "front-matter-invalid", read.faults)
    front_matter = read.front_matter
    assert front_matter.id and front_matter.version
    return Document(path, front_matter.id, front_matter.version, front_matter, body, body_line, read.lines, read.faults)


class _Read(NamedTuple):
    """What front matter says, on which line each key stands, and what is wrong; nothing where it identifies no document."""

    front_matter: FrontMatter | None
    lines: Mapping[str, int]
    faults: tuple[Fault, ...]


def _front_matter(path: str, block: str) -> _Read:
    """Front matter, judged key by key. Raises NotReadable."""
    node = strict_yaml.read(block, first_line=2)
    if not isinstance(node, strict_yaml.Mapping):
        raise strict_yaml.NotReadable(
            2, "the front matter is no list of `key: value` lines", "write one key on each line"
        )
    lines = {key.text: key.line for key, _ in node.pairs}
    front_matter, wrongs = strict_yaml.judge(FrontMatter, node)
    faults = (
        *strict_yaml.repeated_keys(node),
        *_missing(node),
        *wrongs,
        *_bent_version(node),
        *_misnamed(path, node, wrongs),
    )
    if any(fault.key.split(".")[0] in IDENTIFYING for fault in faults) or any(
        "given twice" in fault.message for fault in faults
    ):
        return _Read(None, lines, faults)
    if front_matter is None:
        wrong_keys = {fault.key.split(".")[0] for fault in faults}
        known = FrontMatter.model_fields.keys() - wrong_keys  # an unknown key may hold a dot: not sought by its name
        kept = strict_yaml.Mapping(tuple(pair for pair in node.pairs if pair[0].text in known), node.line, ())
        front_matter, _ = strict_yaml.judge(FrontMatter, kept)
    return _Read(front_matter, lines, faults)


# What differs between most versions of a document, and between documents that have all else in common, written in the
# one way that can mean nothing else in YAML.
_VARYING = re.compile(
    rf"""^(?:version: "(?P<version>{VERSION.pattern.replace("(", "(?:")})"|effective_date: (?P<effective_date>[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}})"""
    r"""|review_date: (?P<review_date>[0-9]{4}-[0-9]{2}-[0-9]{2})|change_summary: (?P<change_summary>[A-Z](?:[A-Za-z0-9,() -]*[A-Za-z0-9)])?\.?)"""
    rf"""|id: (?P<id>{DOCUMENT_ID.pattern})|title: (?P<title>[A-Z](?:[A-Za-z0-9,() -]*[A-Za-z0-9)])?))$""",
    re.MULTILINE,
)
_STANDING = {"version": "0.0", "effective_date": "2000-01-01", "review_date": "2000-01-01", "change_summary": "X",
             "id": "AA-000", "title": "X"}  # fmt: skip
_MEANT: Mapping[str, object] = {
    "version": Version(0, 0),
    "effective_date": date(2000, 1, 1),
    "review_date": date(2000, 1, 1),
    "change_summary": "X",
    "id": "AA-000",
    "title": "X",
}


def _again(path: str, block: str) -> _Read | None:
    """Front matter that differs from what was read before in number, title, version, dates and summary alone: most
    versions of most documents do, and a history has many. None where it must be read in full.
    """
    number = id_in_name(path) or ""
    places: dict[str, list[re.Match[str]]] = {}
    parts: list[str] = []
    at = 0
    for match in _VARYING.finditer(block):
        name = str(match.lastgroup)
        places.setdefault(name, []).append(match)
        start, end = match.span(name)
        parts += block[at:start], _STANDING[name]
        at = end
    named = _STANDING["id"] if "id" in places else number
    read = _pattern(named, "".join(parts) + block[at:]) if "version" in places else None
    if read is None or read.faults or read.front_matter is None:
        return None
    update: dict[str, object] = {}
    for key, (match, *others) in places.items():
        # a line that looks like this one may stand inside a text, or go on in the next: only a key's own whole value counts
        is_own = read.lines.get(key) == 2 + block.count("\n", 0, match.start())
        if others or not is_own or getattr(read.front_matter, key) != _MEANT[key]:
            return None
        meant = _meant(key, match[key], number)
        if meant is None:
            return None
        update[key] = meant
    return _Read(read.front_matter.model_copy(update=update), read.lines, ())


def _meant(key: str, value: str, number: str) -> object:
    """What a varying value means; None where it is nothing, or another number than the file's name begins with."""
    if key == "id":
        return value if value == number else None
    if key == "version":
        return Version.parse(value)
    return value if key in ("title", "change_summary") else strict_yaml.day(value)


@lru_cache(maxsize=1 << 15)
def _pattern(number: str, block: str) -> _Read | None:
    try:
        return _front_matter(f"{number}.md", block)
    except strict_yaml.NotReadable:
        return None


def json_schema() -> str:
    """The JSON Schema of the front matter, for editors: what a person may write."""
    schema = FrontMatter.model_json_schema(mode="validation")
    schema = {"$schema": "https://json-schema.org/draft/2020-12/schema", **_without_nulls(schema)}
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


def _too_large(size: str) -> Fault:
    return Fault(1, f"the file has {size}", "split the document, and keep pictures in its attachments folder")


def _decoded(content: bytes) -> str:
    """The text of a file, with LF line ends. Raises NotReadable for what no reader could trust to be shown as it is."""
    if len(content) > MAX_BYTES:
        fault = _too_large(f"{len(content)} bytes, over 1 MiB")
        raise strict_yaml.NotReadable(fault.line, fault.message, fault.fix)
    content = content.removeprefix(b"\xef\xbb\xbf")
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise strict_yaml.NotReadable(
            line, f"the byte {content[error.start]:#04x} is not UTF-8", "save the file as UTF-8"
        ) from None
    if "\r" in text:
        text = text.replace("\r\n", "\n")
    if _may_hide(content) and (hidden := UNPRINTABLE.search(text)):
        line = text.count("\n", 0, hidden.start()) + 1
        raise strict_yaml.NotReadable(
            line, f"the invisible character U+{ord(hidden[0]):04X} stands here", "delete it and type the words again"
        )
    # a single character is found, or is not, in a tenth of the time
    may_conflict = any(mark in text and mark * 7 in text for mark in "<>|")
    if may_conflict and (conflict := _CONFLICT.search(text)):
        line = text.count("\n", 0, conflict.start()) + 1
        raise strict_yaml.NotReadable(
            line, "a merge conflict was left in the file", "decide for one of the two texts and delete the marks"
        )
    return text


def _may_hide(content: bytes) -> bool:
    """Whether bytes stand in a file that could be a control or a bidirectional mark; few files have any."""
    suspects = content.translate(None, _HARMLESS)
    if suspects.translate(None, b"\xc2\xd8\xe2"):
        return True
    return (
        (b"\xc2" in suspects and _C1.search(content) is not None)
        or (b"\xd8" in suspects and b"\xd8\x9c" in content)
        or (b"\xe2" in suspects and (b"\xe2\x80" in content or b"\xe2\x81" in content))
    )


def _parted(text: str) -> tuple[str, str, int]:
    """Front matter, body, and the line where the body begins."""
    first = text.find("\n")
    if (text if first < 0 else text[:first]).rstrip() != "---":
        raise strict_yaml.NotReadable(
            1, "the file does not begin with front matter", "begin it with a line `---`, the keys, and another `---`"
        )
    fence = _FENCE.search(text, first + 1) if first >= 0 else None
    if fence is None:
        raise strict_yaml.NotReadable(1, "the front matter does not end", "write a line `---` after the last key")
    block = text[first + 1 : fence.start()]
    return block or "\n", text[fence.end() + 1 :], block.count("\n") + 3


def _missing(node: strict_yaml.Mapping) -> tuple[Fault, ...]:
    """One fault for each key that every document has, and this one does not."""
    return tuple(
        Fault(1, f"the key `{key}` is missing", f"add a line `{key}: …`", key)
        for key in REQUIRED
        if node.key(key) is None
    )


def _bent_version(node: strict_yaml.Mapping) -> tuple[Fault, ...]:
    """A version without quotes that other YAML readers would turn into another number (1.10 into 1.1)."""
    version = node.value("version")
    if not isinstance(version, strict_yaml.Scalar) or version.is_quoted or not Version.parse(version.text):
        return ()
    if str(float(version.text)) == version.text:
        return ()
    return (Fault(version.line, f"`version` is {version.text} without quotes, which other programs read as {float(version.text)}",
                  f'write version: "{version.text}"', "version"),)  # fmt: skip


def _misnamed(path: str, node: strict_yaml.Mapping, faults: tuple[Fault, ...]) -> tuple[Fault, ...]:
    number = node.value("id")
    if not isinstance(number, strict_yaml.Scalar) or any(fault.key == "id" for fault in faults):
        return ()
    if id_in_name(path) == number.text:
        return ()
    name = path.rpartition("/")[2]
    return (
        Fault(
            number.line,
            f"`id` is `{number.text}`, but the file is named {name}",
            f"name the file {number.text}-….md, or correct the id",
            "id",
        ),
    )


def _without_nulls(schema: Any) -> Any:  # Any: JSON
    """The schema without `null`: a key that is not wanted is left out, never written empty."""
    if isinstance(schema, list):
        return [_without_nulls(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    kept = {
        key: _without_nulls(part) for key, part in schema.items() if not (key == "default" and part in (None, {}, []))
    }
    choices = [choice for choice in kept.get("anyOf", []) if choice != {"type": "null"}]
    if "anyOf" in kept and len(choices) == 1:
        del kept["anyOf"]
        kept = {**choices[0], **kept}
    return kept
