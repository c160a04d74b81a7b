"""Very long texts are compared in seconds, and no word of them is lost."""

from __future__ import annotations

import time

import pytest

from qmdoc.redline import Kind, Side, compare
from qmdoc.redline.reading import LARGEST, read


def _table(rows: int, *, seed: int) -> str:
    lines = [f"| Product {n} | {(n * 37 + seed * n) % 97} mg | text {n % 7} |" for n in range(rows)]
    return "\n".join(["| Product | Dose | Note |", "|---|---|---|", *lines]) + "\n"


LONG = {
    "a table of 10,000 rows with every limit changed": (_table(10_000, seed=0), _table(10_000, seed=1)),
    "10,000 rows, one changed": (_table(10_000, seed=0), _table(10_000, seed=0).replace("| Product 5000 | ", "| Product 5000 | 9")),
    "one paragraph of 10,000 words against another": ("a b c d 5 mg " * 2000, "c a d b 6 mg x " * 1700),
    "3,000 different steps": ("\n".join(f"{n}. Do thing {n * 7 % 1000} now." for n in range(3000)), "\n".join(f"{n}. Make part {n * 11 % 1000} later." for n in range(3000))),
    "1 MiB of one line": ("5 mg and " * 116_000, "6 mg or " * 131_000),
}  # fmt: skip


@pytest.mark.parametrize("name", LONG)
def test_a_very_long_text_takes_seconds_and_loses_nothing(name: str) -> None:
    old, new = LONG[name]
    begun = time.process_time()
    redline = compare(old, new)
    assert time.process_time() - begun < 60  # 2 to 8 s on two busy cores; a blow-up takes minutes
    assert redline.words(Side.OLD) == tuple(read(old).every_word())
    assert redline.words(Side.NEW) == tuple(read(new).every_word())
    assert redline.numbers


def test_a_text_read_by_lines_has_its_tables_too() -> None:
    text = _table(20_000, seed=0)
    assert len(text) > LARGEST
    assert [part.kind for part in read(text).children] == [Kind.TABLE]
    assert read(text).children[0].children[1].line == 3
