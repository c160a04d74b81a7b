"""What a text says, piece by piece, in reading order: the same nouns for a source, a built page and a printed one.

Two texts are equal where every word is, white space apart; a no-break space is white space, since it looks like one.
No Unicode normalisation hides a difference: `−` and `-`, `µ` (U+00B5) and `μ` (U+03BC), `²` and `2`, `10⁶` and `106` are
different pieces. A renderer that swaps look-alikes has changed what was signed, and the next font may show it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from enum import StrEnum

_SIGN = r"(?:(?<![^\s(\[„“\"'/|])(?:[<>≤≥≦≧≪≫≲≳=≈≃~∼±∓+−–‐‑-]\s?){1,2})?"
_NUMBER = r"[.,]?\d+(?:[.,:/\u2044]\d+)*[⁺⁻⁰¹²³⁴-⁹₊₋₀-₉½¼¾]*(?:\^[⁻−-]?\d+)?"
_JOINED = r"(?:\s?[×·∙⋅*–−-]\s?[⁻−-]?|\s?:\s?|\s?±\s?|\s(?:to|x)\s)"
_UNIT = r"(?:\s?[%‰°℃℉][A-Za-z]?|\s?[A-Za-zµμΩΩ][\wµμΩ]*)?(?:[⁺⁻⁰¹²³⁴-⁹]+|[/·∙⋅×][A-Za-zµμ°%²³\d][\wµμ²³⁻]*)*"
_FIGURE = re.compile(rf"{_SIGN}{_NUMBER}(?:{_JOINED}{_NUMBER})*{_UNIT}|[½¼¾⅓⅔⅛][^\s]*")


class Kind(StrEnum):
    """What a piece of text is to the reader."""

    WORDS = "text"
    HEADING = "heading"
    ITEM = "list number"
    CELL = "table cell"
    CODE = "code"
    FORMULA = "formula"
    PICTURE = "picture"
    LABEL = "label of a box"


@dataclass(frozen=True, slots=True)
class Cell:
    """A place in a table: tables, rows (the head's too) and columns count from 1."""

    table: int
    row: int
    column: int

    def __str__(self) -> str:
        """The place as a person would look for it."""
        return f"table {self.table}, row {self.row}, column {self.column}"


@dataclass(frozen=True, slots=True)
class Fact:
    """A paragraph, a heading, the number of a list's item, a cell, a formula, a picture: one after another.

    `text` is what is read, each run of white space one blank; of a formula it is `formula.linear`. `depth` counts the
    lists, boxes and quotes around it, `cell` is the table's cell that it stands in. Of a source, `line` is its first
    line, `section` the heading above it, and `written` the text as it stands there, line by line; `links` has, for each
    link to a document, the text up to its end and the document's number, which a printed page may add there.
    """

    kind: Kind
    text: str
    depth: int = 0
    cell: Cell | None = None
    line: int = 0
    section: str = ""
    written: str = ""
    links: tuple[tuple[str, str], ...] = ()

    @property
    def key(self) -> tuple[Kind, str, int, Cell | None]:
        """What must be equal for a reader to read the same at the same place."""
        return self.kind, self.text, self.depth, self.cell

    @property
    def figures(self) -> tuple[str, ...]:
        """Its numbers, each with its sign and unit."""
        return figures(self.text)


@dataclass(frozen=True, slots=True)
class Difference:
    """A place of a source where the output says something else; `said` or `shown` is empty where one says nothing."""

    line: int
    section: str
    said: str
    shown: str

    def at(self, line: int) -> Difference:
        """The same, on the line of that number."""
        return replace(self, line=line)

    def __str__(self) -> str:
        """One sentence: where, and both values."""
        place = f"line {self.line}, {self.section}" if self.section else f"line {self.line}"
        if not self.shown:
            return f"{place}: the source says `{self.said}`, the page does not show it"
        if not self.said:
            return f"{place}: the page shows `{self.shown}`, the source does not say it"
        return f"{place}: the source says `{self.said}`, the page shows `{self.shown}`"


def plain(text: str) -> str:
    """A text with one blank for each run of white space, and none around it."""
    return " ".join(text.split())


def figures(text: str) -> tuple[str, ...]:
    """The numbers in a text with comparison, sign, exponent and unit, as in `≥ 2 × 10⁶/kg`, `−1 °C/min`, `10–14 days`."""
    return tuple(match[0].strip() for match in _FIGURE.finditer(plain(text)))
