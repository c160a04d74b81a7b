"""Whether the sheets of a PDF say what the source says, by the letters that can be read out of it.

A printed text breaks lines, divides words and repeats the heads of tables, so white space counts only between digits, and
a hyphen only beside a digit or a sign. Ligatures are the letters that they join; `µ` (U+00B5) and `μ` (U+03BC) are one,
because fonts give both the same shape, and so are the two codes of Ω and of Å, and a letter with its mark in one code or
in two. All else must be there, in order, and nothing besides: no number, sign or unit may be missing, added or moved.
Pictures and formulas are drawn, not written.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from itertools import islice
from unicodedata import normalize
from urllib.parse import unquote

from qmdoc.fidelity.comparing import MOST
from qmdoc.fidelity.facts import Difference, Fact, Kind

_LETTERS = str.maketrans(
    {"ﬀ": "ff", "ﬁ": "fi", "ﬂ": "fl", "ﬃ": "ffi", "ﬄ": "ffl", "ﬅ": "ft", "ﬆ": "st"}
    | {"\u00b5": "μ", "\u2126": "Ω", "\u212b": "Å"}
    | dict.fromkeys(["\u00ad", "\u0002", "\ufffe", "\u200b", "\u2060", "\ufeff"], "")
)
# A letter with a mark that no font has as one, such as x̄: a PDF says it for the letter, and for the mark again.
_TWICE = re.compile(r"(\w[\u0300-\u036f]+)\1+")
_BLANK = re.compile(r"(?<=\d)\s+(?=\d)|\s+")
_HYPHEN = re.compile(r"(?<=[^\W\d_])[-‐]\s*(?=[^\W\d_])")
_SAYING = re.compile(r"[^\s•◦‣▪●–·.,;:()|]")
_BESIDE_NUMBER = re.compile(r"[\d.,<>≤≥±−⁰¹²³⁴-⁹⁻]")
_BULLET = "[•◦‣▪●○■□–]"
_NOWHERE = r"\((?:notinforce|notavailable)\)"
_DRAWN = frozenset({Kind.PICTURE, Kind.FORMULA})
_BEGINNINGS = 50  # looked at where the first words of a text stand often: what lies behind is the text itself
_UNSEEN = frozenset({Kind.CELL, Kind.LABEL})


def differences(
    expected: Sequence[Fact], sheets: Sequence[str], beside: Collection[str] = ()
) -> tuple[Difference, ...]:
    """Where the sheets say something else; `sheets` is the letters of each without its head and foot, in reading order.

    What stands before the first words of the text and behind the last is not looked at. `beside` are words that the
    sheets say of themselves, such as the label of a box.
    """
    read, least = _Sheets(expected, sheets, beside), None
    for begin in read.beginnings():
        found = tuple(islice(read.compared(begin), MOST))
        if not found:
            return ()
        least = found if least is None or len(found) < len(least) else least
    return least or ()


def squeezed(text: str) -> str:
    """A text without what a printer may change."""
    joined = _TWICE.sub(r"\1", _HYPHEN.sub("", normalize("NFC", text.translate(_LETTERS)).strip()))
    return _BLANK.sub(_kept, joined)


def _kept(blank: re.Match[str]) -> str:
    before, after = blank.string[blank.start() - 1], blank.string[blank.end()]
    return " " if before.isdigit() and after.isdigit() else ""


class _Sheets:
    """The letters of the sheets, read from `at` on."""

    def __init__(self, expected: Sequence[Fact], sheets: Sequence[str], beside: Collection[str]) -> None:
        self.text = squeezed("\n".join(sheets))
        self.begin, self.at = 0, -1  # nothing is found yet
        self.facts = [fact for fact in expected if fact.kind not in _UNSEEN]
        labels = [fact.text for fact in expected if fact.kind is Kind.LABEL]
        known = (*beside, *labels, *(label.upper() for label in labels), *_heads(expected))
        self.beside = sorted({squeezed(each) for each in known} - {""}, key=lambda each: (-len(each), each))
        self.has_drawing = False

    def beginnings(self) -> Iterator[int]:
        """Where the text may begin: a heading such as "Owner" or "P" also stands on the sheets of itself, before the text."""
        first = next(iter(self.facts), None)
        said = squeezed(first.text) if first and first.kind in (Kind.HEADING, Kind.WORDS) else ""
        at = self.text.find(said)
        yield max(at, 0)
        for _ in range(_BEGINNINGS if said and at >= 0 else 0):
            if (at := self.text.find(said, at + 1)) < 0:
                return
            yield at

    def compared(self, begin: int) -> Iterator[Difference]:
        """The differences, where the text is taken to begin there or behind."""
        self.begin, self.at, self.has_drawing = begin, -1, False
        for fact in self.facts:
            if fact.kind in _DRAWN:
                self.has_drawing = True
                continue
            if fact.kind is Kind.ITEM:
                yield from self.item(fact, fact.text.rstrip("."))
            elif said := squeezed(fact.text):
                yield from self.words(fact, _with_addresses(fact, said), near=2000 + 6 * len(said))

    def item(self, fact: Fact, number: str) -> Iterator[Difference]:
        """The number of a step, or some bullet, stands right before its words."""
        yield from self.words(fact, re.compile(re.escape(number) if number.isdigit() else _BULLET), near=200)

    def words(self, fact: Fact, said: re.Pattern[str] | str, *, near: int) -> Iterator[Difference]:
        found = self.find(said, near)
        if found is None:
            yield Difference(fact.line, _place(fact), fact.text, self.shown_instead(len(fact.text)))
            return
        begins, ends = found
        between = self.text[max(self.at, 0) : begins]
        if self.at >= 0 and not self.has_drawing and (extra := self.extra(between)):
            yield Difference(fact.line, _place(fact), "", extra)
        self.at, self.has_drawing = ends, False

    def find(self, said: re.Pattern[str] | str, near: int) -> tuple[int, int] | None:
        """Where `said` stands next, as whole numbers; the first words of a text may stand anywhere behind its beginning."""
        at, end = max(self.at, self.begin), len(self.text) if self.at < 0 or self.has_drawing else self.at + near
        while found := self.next(said, at, end):
            if self.is_whole(*found):
                return found
            at = found[0] + 1
        return None

    def next(self, said: re.Pattern[str] | str, at: int, end: int) -> tuple[int, int] | None:
        """Where `said` begins and ends between two places."""
        if isinstance(said, str):
            begins = self.text.find(said, at, end)
            return (begins, begins + len(said)) if begins >= 0 else None
        found = said.search(self.text, at, end)
        return found.span() if found else None

    def is_whole(self, start: int, end: int) -> bool:
        """A number is not found within a longer one; what was read before ends where it ends."""
        is_cut_before = start > max(self.at, 0) and self.text[start].isdigit() and self.is_of_number(start - 1)
        is_cut_after = end < len(self.text) and self.text[end - 1].isdigit() and self.text[end].isdigit()
        return not is_cut_before and not is_cut_after

    def is_of_number(self, place: int) -> bool:
        return bool(_BESIDE_NUMBER.fullmatch(self.text[place]))

    def extra(self, between: str) -> str:
        """What stands between two facts and is neither the head of a table again nor a word of the sheets' own."""
        for known in self.beside:
            between = between.replace(known, "")
        return between.strip()[:80] if _SAYING.search(between) or re.search(r"\d", between) else ""

    def shown_instead(self, length: int) -> str:
        """What stands where the fact should."""
        return self.text[max(self.at, self.begin) :][: min(length + 12, 60)]


def _with_addresses(fact: Fact, said: str) -> re.Pattern[str] | str:
    """A fact's letters; behind each link a printed page may say in brackets where it leads, and nothing else."""
    if not fact.links:
        return said  # most have none, and a pattern takes longer to be made than to be found
    made, at = "", 0
    for before, target in fact.links:
        letters = squeezed(before)
        if said.startswith(letters) and len(letters) >= at:
            named = {target, target.removeprefix("mailto:"), f"attachment{target.partition('/')[2]}"}
            named |= {unquote(each) for each in named}
            either = "|".join(sorted(re.escape(squeezed(each)) for each in named if each))
            made += f"{re.escape(said[at : len(letters)])}(?:\\((?:{either})\\))?(?:{_NOWHERE})?"
            at = len(letters)
    return re.compile(made + re.escape(said[at:]))


def _heads(expected: Sequence[Fact]) -> Iterator[str]:
    """The words of the first row of each table together, as they stand again on each sheet that it goes on."""
    rows: dict[int, str] = {}
    for fact in expected:
        if fact.cell and fact.cell.row == 1 and fact.kind is Kind.WORDS:
            rows[fact.cell.table] = f"{rows.get(fact.cell.table, '')} {fact.text}"
    yield from rows.values()


def _place(fact: Fact) -> str:
    return f"{fact.section}, {fact.cell}" if fact.cell else fact.section
