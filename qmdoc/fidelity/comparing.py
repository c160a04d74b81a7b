"""Where an output says something else than its source."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from difflib import SequenceMatcher
from itertools import zip_longest

from qmdoc.fidelity.facts import Difference, Fact, Kind, plain

MOST = 20  # differences told of one document; the first is what somebody mends
_LOOKED_AT = 1500  # facts from the first difference on: what lies behind is not needed to fail, and costs its square
_SHOWN_WORDS = 12
_SIGN = re.compile(r"[<>≤≥=≈~±+−–-]+")


def differences(expected: Sequence[Fact], shown: Sequence[Fact]) -> tuple[Difference, ...]:
    """Each place where a page does not show what the source says, or shows what it does not say; MOST at most."""
    said = (
        [_as_shown(fact, shown) for fact in expected] if any(fact.kind is Kind.FORMULA for fact in shown) else expected
    )
    first = _common(said, shown)
    if first == len(said) == len(shown):
        return ()
    found: list[Difference] = []
    for difference in _between(said[first : first + _LOOKED_AT], shown[first : first + _LOOKED_AT]):
        found.append(difference)
        if len(found) == MOST:
            break
    return tuple(found) or (Difference(said[first].line if first < len(said) else 0, "", "the text", "another order"),)


def _as_shown(fact: Fact, shown: Sequence[Fact]) -> Fact:
    """A formula that no formula could be made of may be shown as it was written."""
    if fact.kind is not Kind.FORMULA or any(fact.text == other.text for other in shown):
        return fact
    written = plain(fact.written)
    return replace(fact, text=written) if any(written == other.text for other in shown) else fact


def _common(said: Sequence[Fact], shown: Sequence[Fact]) -> int:
    """How many facts at the start are equal."""
    count = 0
    for one, other in zip(said, shown, strict=False):
        if one.key != other.key:
            break
        count += 1
    return count


def _between(said: Sequence[Fact], shown: Sequence[Fact]) -> Iterator[Difference]:
    """Facts are paired by what they say; where that is equal, their places must be."""
    ours, theirs = ([(fact.kind, fact.text) for fact in facts] for facts in (said, shown))
    for what, start, end, other, last in SequenceMatcher(None, ours, theirs, autojunk=False).get_opcodes():
        for one, two in zip_longest(said[start:end], shown[other:last]):
            if what != "equal":
                yield from _pair(one, two, said[min(start, len(said) - 1)] if said else None)
            elif one.key != two.key:
                yield Difference(one.line, one.section, f"{_named(one)}{_place(one)}", f"{_named(two)}{_place(two)}")


def _pair(said: Fact | None, shown: Fact | None, near: Fact | None) -> Iterator[Difference]:
    if said is None:
        if shown is not None:
            yield Difference(near.line if near else 0, near.section if near else "", "", _named(shown) + _place(shown))
    elif shown is None:
        yield Difference(said.line, said.section, _named(said) + _place(said), "")
    elif said.kind is not shown.kind:
        yield Difference(said.line, said.section, _named(said), _named(shown))
    else:
        yield _within(said, shown)


def _within(said: Fact, shown: Fact) -> Difference:
    """The words in which two facts differ, with the sign before and the unit after them, at the line where they stand."""
    ours, theirs = said.text.split(), shown.text.split()
    start = 0
    while start < min(len(ours), len(theirs)) and ours[start] == theirs[start]:
        start += 1
    end = 0
    while end < min(len(ours), len(theirs)) - start and ours[-1 - end] == theirs[-1 - end]:
        end += 1
    line = said.line + _line_of_word(said.written, start) if said.kind in (Kind.WORDS, Kind.HEADING) else said.line
    start, end = _wider(ours, theirs, start, end)
    kind = "formula " if said.kind is Kind.FORMULA else ""
    in_ours, in_theirs = _cut(ours[start : len(ours) - end]), _cut(theirs[start : len(theirs) - end])
    section = f"{said.section}, {said.cell}" if said.cell else said.section
    return Difference(line, section, f"{kind}{in_ours}", f"{kind}{in_theirs}")


def _wider(ours: list[str], theirs: list[str], start: int, end: int) -> tuple[int, int]:
    """The same bounds, so that a number has its sign and its unit, and neither side is without a word."""
    middle = [*ours[start : len(ours) - end], *theirs[start : len(theirs) - end]]
    has_sign = any(_SIGN.fullmatch(word) for word in middle)
    is_nothing = start + end >= min(len(ours), len(theirs))
    if start and (_SIGN.fullmatch(ours[start - 1]) or (is_nothing and not has_sign)):
        start -= 1
    if end and (has_sign or is_nothing or _has_digit(middle)):
        end -= 1
        if end and has_sign and _has_digit(ours[-1 - end :][:1]):
            end -= 1
    return start, end


def _has_digit(words: list[str]) -> bool:
    return any(character.isdigit() for word in words for character in word)


def _line_of_word(written: str, number: int) -> int:
    """On which line of a text, from 0, its word of that number stands."""
    for line, words in enumerate(written.strip("\n").split("\n")):
        number -= len(words.split())
        if number < 0:
            return line
    return 0


def _cut(words: list[str]) -> str:
    return " ".join(words) if len(words) <= _SHOWN_WORDS else f"{' '.join(words[:_SHOWN_WORDS])} …"


def _named(fact: Fact) -> str:
    if fact.kind is Kind.PICTURE:
        return f"picture {fact.text}".strip()
    text = _cut(fact.text.split())
    return text if fact.kind in (Kind.WORDS, Kind.ITEM) else f"{fact.kind} {text}".strip()


def _place(fact: Fact) -> str:
    return f" in {fact.cell}" if fact.cell else f" at level {fact.depth}" if fact.depth else ""
