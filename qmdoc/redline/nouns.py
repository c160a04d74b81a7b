"""What a comparison is made of: words, blocks of a text, and the parts of a redline."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from qmdoc.documents import ChangeSize
from qmdoc.saying import said


class WordKind(StrEnum):
    """What a word is. A number is one word with its sign, range, unit and comparison: it changes whole, or not at all."""

    WORD = "word"
    NUMBER = "number"
    NAME = "name"  # letters with digits: CD34, B5.3
    POINT = "point"
    TARGET = "target"  # where a link or a picture leads
    CLAUSE = "clause"


class Kind(StrEnum):
    """What a block of a text is."""

    BODY = "body"
    HEADING = "heading"
    PARAGRAPH = "paragraph"
    LIST = "list"
    ITEM = "item"
    TABLE = "table"
    ROW = "row"
    CELL = "cell"
    CAPTION = "caption"
    BOX = "box"
    QUOTE = "quote"
    FIGURE = "figure"
    FORMULA = "formula"
    CODE = "code"
    LINE = "line"
    RULE = "rule"
    OTHER = "other"


class Change(StrEnum):
    """What became of a run of words or of a block; a block that is CHANGED holds both old and new."""

    SAME = "same"
    CHANGED = "changed"
    INSERTED = "inserted"
    DELETED = "deleted"
    RESTYLED = "restyled"  # the same words, written otherwise: bold, a minus sign for a hyphen
    MOVED_AWAY = "moved away"
    MOVED_HERE = "moved here"


class Side(StrEnum):
    """Which of the two texts."""

    OLD = "old"
    NEW = "new"


@dataclass(frozen=True, slots=True)
class Word:
    """A word as a reader sees it; `key` is equal for words that say the same, `is_apart`: a space stands before it."""

    text: str
    kind: WordKind = WordKind.WORD
    is_apart: bool = False
    style: str = ""
    key: str = ""


@dataclass(frozen=True, slots=True)
class Block:
    """A block of one text. `name` is a heading's level, an item's number, a box's kind, `ordered`, `bullet` or `head`.

    `digest` is equal for blocks that say the same, whatever their numbers in a list; `exact` also for how it is written.
    """

    kind: Kind
    line: int
    name: str
    words: tuple[Word, ...]
    children: tuple[Block, ...]
    digest: bytes
    exact: bytes

    def every_word(self) -> Iterator[Word]:
        """All words in it, in the order of reading."""
        yield from self.words
        for child in self.children:
            yield from child.every_word()


@dataclass(frozen=True, slots=True)
class Run:
    """Words with one fate: `old` is empty where they are INSERTED, `new` where they are DELETED."""

    change: Change
    old: tuple[Word, ...]
    new: tuple[Word, ...]

    @property
    def words(self) -> tuple[Word, ...]:
        """The words to show."""
        return self.new or self.old


@dataclass(frozen=True, slots=True)
class Part:
    """A block in both texts or in one; the line is None where a text does not have it.

    `elsewhere` says of a block that was moved where its other place is.
    """

    kind: Kind
    change: Change
    line_old: int | None
    line_new: int | None
    name_old: str
    name_new: str
    runs: tuple[Run, ...] = ()
    children: tuple[Part, ...] = ()
    elsewhere: str = ""
    digest: bytes = b""

    @property
    def name(self) -> str:
        """The name to show: the new one where there is one."""
        return self.name_old if self.line_new is None else self.name_new

    @property
    def is_renumbered(self) -> bool:
        """The same step under another number."""
        is_step = self.kind is Kind.ITEM and self.name_old and self.name_new
        return bool(is_step) and self.change in (Change.SAME, Change.CHANGED) and self.name_old != self.name_new

    def every_word(self, side: Side) -> Iterator[Word]:
        """The words of one of the texts, in the order of reading."""
        for run in self.runs:
            yield from run.old if side is Side.OLD else run.new
        for child in self.children:
            yield from child.every_word(side)


@dataclass(frozen=True, slots=True)
class NumberChange:
    """A number, limit or unit that changed, appeared (`was` is empty) or disappeared (`is_` is empty).

    Where both have one unit it stands in `unit`; else each has its own, and `unit` says `mg → µg`. `subject` is what it
    is about: the row and column of a table, or the words before it. A line is None where a text does not have it.
    """

    was: str
    is_: str
    unit: str
    section: str
    line_old: int | None
    line_new: int | None
    subject: str = ""


@dataclass(frozen=True, slots=True)
class FieldChange:
    """A key of the front matter that readers see: what it said, and what it says."""

    name: str
    was: str
    is_: str


@dataclass(frozen=True, slots=True)
class AttachmentChange:
    """An attachment that changed, came or went: its digests, empty where it is not there."""

    name: str
    was: str
    is_: str


@dataclass(frozen=True, slots=True)
class Redline:
    """What changed from one text to the next. `body` holds both; `is_layout_only`: the sources differ, no word does."""

    body: Part
    numbers: tuple[NumberChange, ...]
    fields: tuple[FieldChange, ...] = ()
    attachments: tuple[AttachmentChange, ...] = ()
    is_layout_only: bool = False
    is_hidden_number: bool = False

    @property
    def is_empty(self) -> bool:
        """Nothing that a reader sees has changed."""
        return self.body.change is Change.SAME and not self.fields and not self.attachments

    def words(self, side: Side) -> tuple[Word, ...]:
        """All words of one of the texts, rebuilt from the redline."""
        return tuple(self.body.every_word(side))


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a change is as large as it is: in which section, at which line of the old or the new text."""

    size: ChangeSize
    message: str
    section: str = ""
    line_old: int | None = None
    line_new: int | None = None

    @property
    def told(self) -> str:
        """In one line, with section and line, for who writes the text."""
        line: str = said("line %(line)s", line=self.line_new) if self.line_new else ""
        if not line and self.line_old:
            line = said("old line %(line)s", line=self.line_old)
        if self.section and line:
            return said("%(message)s (%(section)s, %(line)s)", message=self.message, section=self.section, line=line)
        place = self.section or line
        return said("%(message)s (%(place)s)", message=self.message, place=place) if place else self.message

    @property
    def told_to_readers(self) -> str:
        """In one line, with its section: a line of the source stands on no page."""
        return (
            said("%(message)s (%(place)s)", message=self.message, place=self.section) if self.section else self.message
        )

    def __str__(self) -> str:
        """What is told to authors, in English."""
        return str(self.told)


@dataclass(frozen=True, slots=True)
class Sized:
    """How much a version changes, and why, the weightiest reasons first."""

    size: ChangeSize
    reasons: tuple[Reason, ...]
