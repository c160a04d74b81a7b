"""Number, title, version, owner and dates of a Word file: from its control table, header, footer, properties and name."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import PurePath

from qmdoc.importing.nouns import Block, Content, Paragraph, Table
from qmdoc.model import Version

FILE_NAME = "the file's name"
_FRAME = "a header or footer"
_GUESSED = (FILE_NAME, _FRAME)
PROPERTIES = "the file's properties"
KEYS = ("id", "title", "version", "owner", "effective_date", "review_date")
_KIND = r"(?:document|doc|sop|procedure|policy|protocol|file|control)"
_LABELS = {
    "id": rf"{_KIND}?\.?\s*(?:control )?(?:no|nr|number|id|identifier|code|ref|reference|#)\.?|{_KIND}\s*#",
    "title": rf"{_KIND}?\s*(?:title|name)",
    "version": rf"{_KIND}?\s*(?:version|rev|revision|edition|issue|ver)\.?\s*(?:no|nr|number|#)?\.?",
    "owner": rf"{_KIND}?\s*(?:owner|process owner|responsible(?: person| role)?)",
    "effective_date": r"(?:date )?(?:effective|effective from|effective date|date effective|valid from|in force(?: from| since)?|implementation date|effective as of)",
    "review_date": r"(?:(?:next|periodic) )?(?:review|revision)(?: date| due| due date| by| due by)|next review|valid until|expiry date|review before",
}
_LABEL = {key: re.compile(pattern, re.IGNORECASE) for key, pattern in _LABELS.items()}
_NAMED = re.compile(r"(?P<label>[A-Za-z#][A-Za-z#. ]{0,30}?)\s*[:\u2013=]\s*(?P<value>\S.*)")
_SPOKEN = re.compile(r"(?P<label>version|rev\.?|revision|edition)\s+(?P<value>\d+(?:\.\d+)*)", re.IGNORECASE)
_NUMBER = re.compile(r"\b([A-Za-z]{2,5})[-_ ./]{0,3}([0-9]{3,4})\b")
_MONTHS = re.findall(r"\S+", "jan feb mar apr may jun jul aug sep oct nov dec")
_NO_SERIES = frozenset(
    {*_MONTHS, "iso", "rfc", "cfr", "usp", "din", "page", "rev", "ver", "year", "june", "july", "sept"}
)
_ROLE = re.compile(
    r"manager|director|nurse|technologist|physician|pharmacist|coordinator|supervisor|lead|head|officer|unit|department|committee|team|scientist|specialist",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Found:
    """A value as the Word file writes it, and where."""

    value: str
    source: str


@dataclass(frozen=True, slots=True)
class Head:
    """What was found for each key, and the blocks at the top that it was taken from, by their position."""

    found: dict[str, Found]
    others: tuple[str, ...]
    taken: tuple[int, ...]


def read(content: Content, file_name: str) -> Head:
    """What the Word file says about itself; the first source that names a key counts, and another value is told."""
    taken = tuple(_control_blocks(content.blocks))
    said = [*_said(content, taken), *_by_name(content, file_name)]
    found: dict[str, Found] = {}
    others: list[str] = []
    for key, each in said:
        if key not in found:
            found[key] = each
        elif each.source not in _GUESSED and _alike(found[key].value) != _alike(each.value):
            others.append(f"{key}: {found[key].value} ({found[key].source}) was taken; {each.source} says {each.value}")
    return Head(found, tuple(dict.fromkeys(others)), taken)


def day(text: str) -> date | None:
    """The day that a text writes; None where it could be two days, or is none."""
    if match := re.search(r"\b(\d{4})-(\d{1,2})-(\d{1,2})\b", text):
        return _date(match[1], match[2], match[3])
    names = "|".join(_MONTHS)
    if match := re.search(
        rf"\b(\d{{1,2}})(?:st|nd|rd|th)?[ .-]*({names})[a-z]*[ .,-]*(\d{{4}})\b", text, re.IGNORECASE
    ):
        return _date(match[3], str(_MONTHS.index(match[2].lower()) + 1), match[1])
    if match := re.search(rf"\b({names})[a-z]*[ .]*(\d{{1,2}})(?:st|nd|rd|th)?,? +(\d{{4}})\b", text, re.IGNORECASE):
        return _date(match[3], str(_MONTHS.index(match[1].lower()) + 1), match[2])
    if match := re.search(r"\b(\d{1,2})([./-])(\d{1,2})\2(\d{4})\b", text):
        first, second = int(match[1]), int(match[3])
        if match[2] == "." or first > 12 or first == second:
            return _date(match[4], match[3], match[1])
        return _date(match[4], match[1], match[3]) if second > 12 else None
    return None


def version(text: str) -> Version | None:
    """The version that a text writes: `3`, `v3.2`, `Rev. 02`; None where it isn't one or two numbers."""
    match = re.fullmatch(r"[^\d]{0,12}0*(\d{1,6})(?:[.,]0*(\d{1,6}))?\s*", text)
    return Version(int(match[1]), int(match[2] or 0)) if match else None


def number(text: str) -> str | None:
    """The document number that a text writes, as `CTP-014`."""
    found = (match for match in _NUMBER.finditer(text) if match[1].lower() not in _NO_SERIES)
    match = next(found, None)
    return f"{match[1].upper()}-{match[2]}" if match else None


def owner(text: str) -> str | None:
    """The role that a text names, as `quality-manager`; None for a person's name."""
    return slug(text) if _ROLE.search(text) and re.fullmatch(r"[A-Za-z][A-Za-z /&-]{2,40}", text) else None


def slug(text: str) -> str:
    """Small letters, digits and hyphens."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")


def _date(year: str, month: str, day_of_month: str) -> date | None:
    try:
        return date(int(year), int(month), int(day_of_month))
    except ValueError:
        return None


def _alike(text: str) -> str:
    return str(day(text) or number(text) or version(text) or " ".join(text.lower().split()))


def _said(content: Content, taken: Sequence[int]) -> Iterator[tuple[str, Found]]:
    for position in taken:
        block = content.blocks[position]
        if isinstance(block, Table):
            for key, value in _in_table(block):
                yield key, Found(value, "the control table")
        elif isinstance(block, Paragraph):
            yield "title", Found(" ".join(block.text.split()), "the title in the text")
    for line in content.frames:
        place, _, text = line.partition(": ")
        for key, value in _in_line(text):
            yield key, Found(value, f"the {place}")
    properties = {"title": "title", "version": "version", "identifier": "id"}
    for name, key in properties.items():
        if written := content.properties.get(name):
            yield key, Found(written, PROPERTIES)


def _by_name(content: Content, file_name: str) -> Iterator[tuple[str, Found]]:
    for line in content.frames:
        _, _, text = line.partition(": ")
        if found := number(text):
            yield "id", Found(found, _FRAME)
    stem = PurePath(file_name).stem
    if found := number(stem):
        yield "id", Found(found, FILE_NAME)
    words = re.sub(r"[_\s-]+", " ", _NUMBER.sub(" ", stem, count=1))
    title = re.sub(
        r"\b(?:v|ver|version|rev)\.? ?\d+(?:\.\d+)*\b|\b(?:final|draft|copy)\b", " ", words, flags=re.IGNORECASE
    )
    if title := " ".join(title.split()):
        yield "title", Found(title[0].upper() + title[1:], FILE_NAME)


def _in_line(text: str) -> Iterator[tuple[str, str]]:
    """The pairs in a line such as `No: CTP-014 <tab> Version: 3.2`; also cells beside each other."""
    pieces = [piece.strip() for piece in re.split(r"\t+| {3,}|\||;", text) if piece.strip()]
    for piece, after in zip(pieces, [*pieces[1:], ""], strict=False):
        if key := _key(piece):
            if after and not _key(after):
                yield key, after
            continue
        named = _NAMED.fullmatch(piece) or _SPOKEN.fullmatch(piece)
        if named and (key := _key(named["label"])):
            yield key, named["value"].strip()


def _in_table(table: Table) -> Iterator[tuple[str, str]]:
    """The pairs in a table: beside each other, below each other, or in one cell."""
    rows = [[" ".join(cell.text.split()) for cell in row if not cell.covered] for row in table.rows]
    for row, below in zip(rows, [*rows[1:], []], strict=False):
        for column, text in enumerate(row):
            key = _key(text)
            right = row[column + 1] if column + 1 < len(row) else ""
            under = below[column] if column < len(below) else ""
            if key and right and not _key(right):
                yield key, right
            elif key and under and not _key(under) and (not right or _key(right)):
                yield key, under
            elif not key:
                yield from _in_line(text)


def _key(label: str) -> str | None:
    bare = label.strip().rstrip(":").strip()
    return next((key for key, pattern in _LABEL.items() if pattern.fullmatch(bare)), None)


def _control_blocks(blocks: Sequence[Block]) -> Iterator[int]:
    """The title and the control table at the top; the text itself begins after them."""
    for position, block in enumerate(blocks[:6]):
        if isinstance(block, Paragraph) and block.style.lower() == "title":
            yield position
        elif isinstance(block, Table):
            keys = {key for key, _ in _in_table(block)}
            letters = sum(len(cell.text) for row in block.rows for cell in row)
            if len(keys & {*KEYS}) >= 2 and keys & {"id", "version", "effective_date"} and letters < 1500:
                yield position
            return
        elif isinstance(block, Paragraph) and block.heading:
            levels = [each.heading for each in blocks[position + 1 :] if isinstance(each, Paragraph)]
            is_title = position == 0 and block.heading == 1 and 1 not in levels and levels.count(2) > 1
            if is_title and not block.label:
                yield position
                continue
            return
