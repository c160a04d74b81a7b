"""What is read out of a Word file: blocks of text in their order, and what must be told about them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from qmdoc.importing.numbering import Label

ABOVE, LEFT = "(as above)", "(as left)"
BOX = "Text box:"
STRUCK = "[[local: the words before this are struck out in the Word file; delete them, or keep them]]"
UNKNOWN_SIGN = "[[local: a sign of the font {font}, code {code}, that has no letter here]]"


class Told(StrEnum):
    """The parts of the report, in its order."""

    HEADING = "Headings made from bold numbered paragraphs"
    CHANGE = "Tracked changes (the text has them all accepted)"
    COMMENT = "Comments (not carried over)"
    LEFT = "Left out on purpose, word for word"
    FRAME = "Headers and footers (not carried over), word for word"
    CHANGED = "Carried over in another form"
    LOST = "Could not be carried over"


@dataclass(frozen=True, slots=True)
class Note:
    """One thing that the report tells, and where in the Word file it is."""

    about: Told
    text: str
    place: str


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture's content; `alt` is what the Word file says it shows."""

    content: bytes
    suffix: str
    alt: str


@dataclass(frozen=True, slots=True)
class Span:
    """Letters of one kind, a picture among them, or a reference to a note at the end."""

    text: str = ""
    is_bold: bool = False
    is_italic: bool = False
    is_struck: bool = False
    link: str = ""
    picture: Picture | None = None
    note: int = 0


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph; `heading` is its level, 0 for plain text."""

    spans: tuple[Span, ...]
    label: Label | None = None
    heading: int = 0
    is_indented: bool = False
    style: str = ""

    @property
    def text(self) -> str:
        """Its letters alone."""
        return "".join(span.text for span in self.spans)


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell; `covered` says of which neighbour it is a part, in a merged cell."""

    blocks: tuple[Block, ...] = ()
    covered: str = ""

    @property
    def text(self) -> str:
        """Its letters, paragraphs parted by line ends."""
        return "\n".join(block.text for block in self.blocks if isinstance(block, Paragraph))


@dataclass(frozen=True, slots=True)
class Table:
    """A table, rectangular; the first rows are its head."""

    rows: tuple[tuple[Cell, ...], ...]
    heads: int


@dataclass(frozen=True, slots=True)
class Box:
    """Text in a frame of its own: a text box, or a table of a single cell."""

    blocks: tuple[Block, ...]
    is_floating: bool


Block = Paragraph | Table | Box


@dataclass(frozen=True, slots=True)
class Content:
    """Everything that a Word file holds."""

    blocks: tuple[Block, ...]
    notes: tuple[tuple[Block, ...], ...]
    told: tuple[Note, ...]
    counts: Mapping[str, int]
    frames: tuple[str, ...]
    properties: Mapping[str, str]
    left_out: frozenset[int]
    open_changes: int


Counts = Counter[str]
