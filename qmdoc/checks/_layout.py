"""What a text consists of as its author wrote it: sections, entries, step lists and tables.

`markup.read` tells what a page would show; here stand the numbers in front of the steps as they are in the file, also where
CommonMark §5.3 counts on by itself, and the cells of tables (GFM). `_lines.read` makes it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

# What the head of a table's column says of its cells: that they are limits, or of which quantity they are.
LIMIT = re.compile(r"\b(?:limits?|ranges?|thresholds?|targets?|values?|criteri(?:on|a)|accept(?:able|ance)?)\b", re.I)
QUANTITY = re.compile(
    r"\b(?:temperature|time(?! ?points?\b)|duration|interval|age|volume|dose|weight|mass|pressure|flow|speed|concentration|viability|humidity)\b",
    re.I,
)

_EMPHASIS = re.compile(r"[*_`]")
_SECTION_NUMBER = re.compile(r"^[0-9]+(\.[0-9]+)*\.?\s+")


@dataclass(frozen=True, slots=True)
class Place:
    """A line, and the second-level section that it stands in; `section` is plain, as `plain` makes it."""

    section: str
    line: int


@dataclass(frozen=True, slots=True)
class Step:
    """A numbered entry as written: its number and the words that follow, up to the next blank line or block."""

    number: int
    text: str
    line: int


@dataclass(frozen=True, slots=True)
class Steps:
    """A numbered list; `after` is the step that it would follow if the line `broken_at` did not end the list before."""

    place: Place
    entries: tuple[Step, ...]
    after: int | None = None
    broken_at: int | None = None
    is_shown: bool = True
    """False if a page shows the entry as a part of the paragraph above."""


@dataclass(frozen=True, slots=True)
class Row:
    """A table's row."""

    cells: tuple[str, ...]
    line: int


@dataclass(frozen=True, slots=True)
class Table:
    """A table with its head."""

    place: Place
    head: tuple[str, ...]
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Entry:
    """A paragraph, or an entry of a list with or without number; tables and code are none."""

    place: Place
    lines: tuple[str, ...]

    @property
    def text(self) -> str:
        """Its words on one line."""
        return " ".join(self.lines)


@dataclass(frozen=True, slots=True)
class Section:
    """A second-level section; `is_empty` when nothing but headings stands in it."""

    name: str
    line: int
    is_empty: bool


@dataclass(frozen=True, slots=True)
class Layout:
    """What a text consists of, in its order."""

    sections: tuple[Section, ...]
    entries: tuple[Entry, ...]
    steps: tuple[Steps, ...]
    tables: tuple[Table, ...]

    @property
    def lines(self) -> Iterator[tuple[int, str]]:
        """Every line of the entries and of the tables, with its number."""
        for entry in self.entries:
            yield from enumerate(entry.lines, entry.place.line)
        for table in self.tables:
            yield table.place.line, " | ".join(table.head)
            for row in table.rows:
                yield row.line, " | ".join(row.cells)


def plain(heading: str) -> str:
    """A section's name without its number, its emphasis and its capital letters."""
    return _SECTION_NUMBER.sub("", " ".join(_EMPHASIS.sub("", heading).split())).casefold()


def entries_in(layout: Layout, section: str) -> Iterator[Entry]:
    """The paragraphs and entries of lists in a section."""
    return (each for each in layout.entries if each.place.section == section)
