"""The report of an import: what went in and came out, and each thing that was not carried over as it was."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby

from qmdoc.importing.comparing import Comparison
from qmdoc.importing.nouns import Note, Told

_ORDER = tuple(Told)


def text(
    names: tuple[str, str],
    settled: Sequence[str],
    told: Sequence[Note],
    counted: Mapping[str, tuple[int | None, int | None]],
    comparison: Comparison,
) -> str:
    """The report; `names` are those of the Word file and of the document, `settled` tells of the front matter."""
    return "\n".join(_lines(names, settled, told, counted, comparison)) + "\n"


def _lines(
    names: tuple[str, str],
    settled: Sequence[str],
    told: Sequence[Note],
    counted: Mapping[str, tuple[int | None, int | None]],
    comparison: Comparison,
) -> Iterator[str]:
    yield f"Import of {names[0]} as {names[1]}"
    yield ""
    if comparison.differences:
        yield "WORDS OR NUMBERS DIFFER. Compare both texts word for word before anybody works by this document."
        yield from (_item(each) for each in comparison.differences)
    else:
        yield "Words and numbers are the same on both sides, in number and in order of the numbers."
    yield ""
    yield "Counted"
    yield f"  {'':<58}{'Word':>8}{'document':>10}"
    rows = {
        "paragraphs, also those in cells, boxes and notes": (comparison.paragraphs_in, comparison.paragraphs_out),
        "words": (comparison.words_in, comparison.words_out),
        "numbers with their units": (comparison.numbers_in, comparison.numbers_out),
        **counted,
    }
    for name, (before, after) in rows.items():
        yield f"  {name:<58}{'-' if before is None else before:>8}{'-' if after is None else after:>10}"
    yield ""
    yield "Front matter"
    yield from (_item(each) for each in settled)
    for about, notes in groupby(sorted(told, key=lambda note: _ORDER.index(note.about)), key=lambda note: note.about):
        yield ""
        yield about
        for same, alike in groupby(notes, key=lambda note: note.text):
            places = list(dict.fromkeys(note.place for note in alike))
            shown = "; ".join(places[:5]) + (f"; and at {len(places) - 5} more places" if len(places) > 5 else "")
            yield _item(f"{same} ({shown})" if shown else same)


def _item(sentence: str) -> str:
    return textwrap.fill(
        sentence, 100, initial_indent="- ", subsequent_indent="  ", break_long_words=False, break_on_hyphens=False
    )
