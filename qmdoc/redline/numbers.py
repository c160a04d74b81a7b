"""Every number, limit or unit that changed, appeared or disappeared."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from qmdoc.model import DOCUMENT_ID
from qmdoc.redline.aligning import align
from qmdoc.redline.nouns import Change, NumberChange, Part, Run, Side, Word, WordKind
from qmdoc.redline.places import Placed, every_part, subject
from qmdoc.redline.words import parted

_Found = tuple[Word, tuple[Word, ...]]  # a number, and the words before it


def changes(body: Part) -> tuple[NumberChange, ...]:
    """The changed numbers of a redline, in the order of reading; what was only moved has changed none."""
    return tuple(change for placed in every_part(body) for change in _in(placed))


def is_number(word: Word) -> bool:
    """Whether a word is a number, or a name with digits that is no document's number."""
    return word.kind is WordKind.NUMBER or (word.kind is WordKind.NAME and not DOCUMENT_ID.fullmatch(word.text))


def _in(placed: Placed) -> Iterator[NumberChange]:
    if not placed.part.runs or placed.fate in (Change.MOVED_AWAY, Change.MOVED_HERE):
        return
    old, new = list[Word](), list[Word]()
    for deleted, inserted, run in groups(placed.part.runs):
        gone, come = _numbers(deleted, old), _numbers(inserted, new)
        yield from _paired(placed, gone, come)
        if run:
            old += run.old
            new += run.new


def groups(runs: Sequence[Run]) -> Iterator[tuple[tuple[Word, ...], tuple[Word, ...], Run | None]]:
    """What was replaced by what, each with the unchanged run that follows."""
    deleted, inserted = tuple[Word, ...](), tuple[Word, ...]()
    for run in runs:
        if run.change is Change.DELETED:
            deleted += run.old
        elif run.change is Change.INSERTED:
            inserted += run.new
        else:
            yield deleted, inserted, run
            deleted, inserted = (), ()
    yield deleted, inserted, None


def _numbers(words: tuple[Word, ...], before: list[Word]) -> list[_Found]:
    """The numbers among words, each with what stands before it; the words join those `before`."""
    found = list[_Found]()
    for word in words:
        if is_number(word):
            found.append((word, tuple(before[-8:])))
        before.append(word)
    return found


def _paired(placed: Placed, gone: list[_Found], come: list[_Found]) -> Iterator[NumberChange]:
    """Which number became which: in order where there are as many, else those with the same unit."""
    same = align([word.key for word, _ in gone], [word.key for word, _ in come], 200)
    for (one, other), (next_one, next_other) in pairwise([(-1, -1), *same, (len(gone), len(come))]):
        was, now = gone[one + 1 : next_one], come[other + 1 : next_other]
        if len(was) == len(now):
            yield from (_change(placed, a, b) for a, b in zip(was, now, strict=True))
            continue
        units = align([_unit(each) for each in was], [_unit(each) for each in now], 200)
        kept_was, kept_now = {a for a, _ in units}, {b for _, b in units}
        yield from (_change(placed, was[a], now[b]) for a, b in units)
        yield from (_change(placed, each, None) for at, each in enumerate(was) if at not in kept_was)
        yield from (_change(placed, None, each) for at, each in enumerate(now) if at not in kept_now)


def _unit(found: _Found) -> str:
    return parted(found[0].text)[1] if found[0].kind is WordKind.NUMBER else ""


def _change(placed: Placed, was: _Found | None, now: _Found | None) -> NumberChange:
    amount_was, unit_was = parted(was[0].text) if was else ("", "")
    amount_now, unit_now = parted(now[0].text) if now else ("", "")
    unit = unit_was or unit_now
    if was and now and unit_was != unit_now:
        amount_was, amount_now = was[0].text, now[0].text
        unit = f"{unit_was or 'none'} → {unit_now or 'none'}"
    about = now or was
    assert about is not None
    line_old, line_new = placed.part.line_old, placed.part.line_new
    side = Side.NEW if now else Side.OLD
    return NumberChange(
        amount_was, amount_now, unit, placed.section, line_old, line_new, subject(placed, about[1], side)
    )
