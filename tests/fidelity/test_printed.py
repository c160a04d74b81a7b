"""The sheets of a PDF are compared by their letters: what a printer may change is no difference, anything else is."""

from __future__ import annotations

import pytest

from qmdoc import fidelity
from qmdoc.fidelity import printed

TEXT = """\
## Purpose

Freeze the 5 µL office samples at −1 °C/min, ≥ 2 × 10⁶/kg within 10–14 days.

3. Give 0.10 mL.
4. Wait 30 min.

| Grade | Dose |
|---|---|
| 1 | 10 mg |
| 2 | 100 000 IU |

- Call 7248.

End of it.
"""
SHEETS = (
    "QM-001 Freezing, version 1.0\nPurpose\nFreeze the 5 μL oﬃce sam-\nples at −1 °C/min, ≥ 2 × 10⁶/\nkg within 10–\n14 days.\n"
    "3 Give 0.10 mL.\n4 Wait 30\nmin.\nGrade Dose\n1 10 mg",
    "Grade Dose\n2 100 000 IU\n• Call 7248.\nEnd of it.\nRevision 2 of 2026",
)
EXPECTED = fidelity.expected(TEXT, 11)
TRAPS = {
    "minus": ("−1 °C", "1 °C", "line 13, Purpose"),
    "exponent": ("10⁶", "106", "line 13"),
    "step": ("3 Give", "2 Give", "line 15"),
    "step lost": ("4 Wait", "Wait", "line 16"),
    "decimal": ("0.10 mL", "0.1 mL", "line 15"),
    "unit": ("10 mg", "10 µg", "table 1, row 2, column 2"),
    "cells": ("1 10 mg", "10 mg 1", "table 1, row 2"),
    "merged": ("1 10 mg", "110 mg", "table 1, row 2"),
    "number apart": ("7248", "72 48", "Call 7248."),
    "number joined": ("100 000", "100000", "table 1, row 3, column 2"),
    "added": ("End of it", "5 End of it", "the page shows `5`"),
    "word added": ("End of it", "Not the End of it", "Notthe"),
    "row lost": ("2 100 000 IU\n", "", "table 1, row 3"),
    "range": ("10–\n14", "10 14", "line 13"),
    "bullet lost": ("• Call", "Call", "line 23"),
    "comparison": ("≥ 2", "> 2", "line 13"),
}


def test_what_a_printer_may_change_is_no_difference() -> None:
    assert printed.differences(EXPECTED, SHEETS) == ()


@pytest.mark.parametrize("trap", TRAPS)
def test_a_trap_is_found_and_named(trap: str) -> None:
    old, new, sentence = TRAPS[trap]
    assert any(old in sheet for sheet in SHEETS)
    found = [str(each) for each in printed.differences(EXPECTED, [sheet.replace(old, new) for sheet in SHEETS])]
    assert found and any(sentence in each for each in found), found


def test_what_is_drawn_is_not_looked_for_and_its_letters_are_no_difference() -> None:
    text = "Before 1.\n\n![Steps 1 to 9](QM-001/flow.svg)\n\n```{math}\n\\frac{1}{2}\n```\n\nAfter 2.\n"
    assert printed.differences(fidelity.expected(text), ["Before 1.\nFever ≥ 38.5 °C?\nAfter 2."]) == ()
    assert printed.differences(fidelity.expected(text), ["Before 1.\nFever ≥ 38.5 °C?\nAfter 3."]) != ()


@pytest.mark.parametrize("heading", ["P", "Owner", "Approved by", "1.0", "Version"])
def test_a_heading_whose_words_stand_above_the_text_too_is_no_difference(heading: str) -> None:
    head = "QM-001 Freezing\nVersion 1.0\nOwner Quality manager\nProgrammes All\nApproved by\nQuality Manager\n"
    expected = fidelity.expected(f"## {heading}\n\nQuality Manager, 5 mg.\n\n- Call.\n")
    assert printed.differences(expected, [f"{head}{heading}\nQuality Manager, 5 mg.\n• Call.\n"]) == ()
    found = printed.differences(expected, [f"{head}{heading}\nQuality Manager, 6 mg.\n• Call.\n"])
    assert any("5 mg" in each.said for each in found)


LINKED = "Use [the form](QM-101) 5 times, [here](https://a.example/x), [chart](QM-001/flow.svg), [QM-007](QM-007).\n"


@pytest.mark.parametrize(
    ("sheet", "is_same"),
    [
        ("Use the form 5 times, here, chart, QM-007.", True),
        ("Use the form (QM-101) 5 times, here (https://a.example/x), chart (attachment flow.svg), QM-007.", True),
        ("Use the form (QM-101) (not in force) 5 times, here, chart (not available), QM-007.", True),
        ("Use the form (QM-102) 5 times, here, chart, QM-007.", False),
        ("Use the form 5 (QM-101) times, here, chart, QM-007.", False),
        ("Use the form (QM-101) 6 times, here, chart, QM-007.", False),
        ("Use the form 5 times, here (https://b.example/x), chart, QM-007.", False),
    ],
)
def test_a_printed_link_may_say_where_it_leads_and_nothing_else(sheet: str, is_same: bool) -> None:
    assert (printed.differences(fidelity.expected(LINKED), [sheet]) == ()) is is_same
