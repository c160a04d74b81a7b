"""Where a part of a redline stands: its section, what it lies in, and what a number in it is about."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from qmdoc.redline.nouns import Change, Kind, Part, Side, Word, WordKind
from qmdoc.saying import said

_BEFORE = 5  # words before a number that say what it is about
_LONGEST = 60  # characters of them


@dataclass(frozen=True, slots=True)
class Placed:
    """A part with its section and the parts that hold it, the outermost first."""

    part: Part
    section: str
    inside: tuple[Part, ...]

    def lies_in(self, kind: Kind) -> Part | None:
        """The innermost part of a kind that holds it, or is it."""
        return next((each for each in (self.part, *reversed(self.inside)) if each.kind is kind), None)

    @property
    def fate(self) -> Change:
        """What became of it: of what was inserted, deleted or moved, with all that lies in it."""
        whole = (Change.INSERTED, Change.DELETED, Change.MOVED_AWAY, Change.MOVED_HERE)
        return next((each.change for each in self.inside if each.change in whole), self.part.change)


def every_part(body: Part) -> Iterator[Placed]:
    """All parts with their places, in the order of reading."""
    section = {Side.OLD: "", Side.NEW: ""}
    for child in body.children:
        if child.kind is Kind.HEADING:
            for side, line in ((Side.OLD, child.line_old), (Side.NEW, child.line_new)):
                if line is not None:
                    section[side] = plain(child.every_word(side))
        yield from _below(child, section[Side.OLD if child.line_new is None else Side.NEW], ())


def _below(part: Part, section: str, inside: tuple[Part, ...]) -> Iterator[Placed]:
    yield Placed(part, section, inside)
    for child in part.children:
        yield from _below(child, section, (*inside, part))


def plain(words: Iterator[Word] | tuple[Word, ...]) -> str:
    """Words as a line of text, without the targets of links."""
    text = ""
    for word in words:
        if word.kind not in (WordKind.TARGET, WordKind.CLAUSE):
            text += f" {word.text}" if word.is_apart and text else word.text
    return text


def subject(placed: Placed, before: tuple[Word, ...], side: Side) -> str:
    """What a number is about: row and column of its table, else the step and the words before it."""
    row, table = placed.lies_in(Kind.ROW), placed.lies_in(Kind.TABLE)
    if row and table:
        return _short(", ".join(each for each in _row_and_column(placed, row, table, side) if each))
    words = list[Word]()
    for word in reversed(before):
        if (word.kind is WordKind.POINT and word.text in ".;:!?") or len(words) == _BEFORE:
            break
        words.append(word)
    item = placed.lies_in(Kind.ITEM)
    told = plain(tuple(reversed(words)))
    if not item or not item.name:
        return _short(told)
    step = said("step %(number)s", number=item.name)
    return said("%(step)s: %(words)s", step=step, words=_short(told, _LONGEST - len(f"{step}: "))) if told else step


def _row_and_column(placed: Placed, row: Part, table: Part, side: Side) -> tuple[str, str]:
    cells = [cell for cell in row.children if _is_there(cell, side)]
    at = next((number for number, cell in enumerate(cells) if cell is placed.part or cell in placed.inside), -1)
    head = next((each for each in table.children if each.name == "head" and _is_there(each, side)), None)
    heads = [cell for cell in head.children if _is_there(cell, side)] if head and head is not row else []
    name = plain(tuple(cells[0].every_word(side))) if cells and at > 0 else ""
    return name, plain(tuple(heads[at].every_word(side))) if 0 <= at < len(heads) else ""


def _is_there(part: Part, side: Side) -> bool:
    return (part.line_old if side is Side.OLD else part.line_new) is not None


def _short(text: str, longest: int = _LONGEST) -> str:
    return text if len(text) <= longest else f"{text[: longest - 1]}…"
