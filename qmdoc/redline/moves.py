"""Blocks that were moved: deleted in one place and inserted, word for word, in another."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace

from qmdoc.redline.nouns import Change, Kind, Part, Side
from qmdoc.saying import said

_SMALL = {
    Kind.ITEM: 1,
    Kind.ROW: 1,
    Kind.PARAGRAPH: 4,
    Kind.HEADING: 1,
    Kind.BOX: 1,
    Kind.TABLE: 1,
    Kind.LIST: 1,
    Kind.QUOTE: 4,
}


def marked(body: Part) -> Part:
    """The redline in which what was moved is told as moved; each half names the other's place."""
    places: dict[tuple[Kind, bytes], tuple[list[Part], list[Part]]] = defaultdict(lambda: ([], []))
    for part in _alone(body):
        if part.kind in _SMALL:
            side = Side.OLD if part.change is Change.DELETED else Side.NEW
            if sum(1 for _, _word in zip(range(4), part.every_word(side), strict=False)) >= _SMALL[part.kind]:
                places[part.kind, part.digest][side is Side.NEW].append(part)
    moved: dict[int, Part] = {}
    for gone, come in places.values():
        for old, new in zip(gone, come, strict=False):
            moved[id(old)] = replace(old, change=Change.MOVED_AWAY, elsewhere=_place(new, new.line_new))
            moved[id(new)] = replace(new, change=Change.MOVED_HERE, elsewhere=_place(old, old.line_old))
    return _with(body, moved) if moved else body


def _alone(part: Part) -> Iterator[Part]:
    """The parts that one text lacks, the outermost only."""
    for child in part.children:
        if child.change in (Change.DELETED, Change.INSERTED):
            yield child
        elif child.change is Change.CHANGED:
            yield from _alone(child)


def _with(part: Part, moved: dict[int, Part]) -> Part:
    if part.change is not Change.CHANGED:
        return moved.get(id(part), part)
    return replace(part, children=tuple(_with(child, moved) for child in part.children))


def _place(part: Part, line: int | None) -> str:
    if part.kind is Kind.ITEM and part.name:
        return said("step %(number)s", number=part.name)
    return said("line %(line)s", line=line)
