"""What a text says, in reading order, and its numbers with their signs and units."""

from __future__ import annotations

import time

import pytest

from qmdoc import fidelity
from qmdoc.fidelity import Kind

FIGURES = {
    "give ≥ 2 × 10⁶/kg now": ("≥ 2 × 10⁶/kg",),
    "−1 °C/min": ("−1 °C/min",),
    "0.10": ("0.10",),
    "within 10–14 days": ("10–14 days",),
    "1:4": ("1:4",),
    "38.5 °C": ("38.5 °C",),
    "½ tablet": ("½",),
    "QM-001": ("001",),
    "a < 5 % or > 7 mg/kg/day": ("< 5 %", "> 7 mg/kg/day"),
    "(±0.5)": ("±0.5",),
    "no number": (),
}


@pytest.mark.parametrize("text", FIGURES)
def test_a_number_has_its_sign_and_its_unit(text: str) -> None:
    assert fidelity.figures(text) == FIGURES[text]


def rows(body: str) -> list[tuple[str, str, int, str, int]]:
    return [
        (str(fact.kind), fact.text, fact.depth, str(fact.cell or ""), fact.line) for fact in fidelity.expected(body, 11)
    ]


def test_lists_have_the_numbers_that_commonmark_gives_them() -> None:
    assert rows("7. a\n9. b\n   - c\n\n     1) d\n\nx\n\n0. e\n") == [
        ("list number", "7.", 1, "", 11), ("text", "a", 1, "", 11),
        ("list number", "8.", 1, "", 12), ("text", "b", 1, "", 12),
        ("list number", "•", 2, "", 13), ("text", "c", 2, "", 13),
        ("list number", "1.", 3, "", 15), ("text", "d", 3, "", 15),
        ("text", "x", 0, "", 17),
        ("list number", "0.", 1, "", 19), ("text", "e", 1, "", 19),
    ]  # fmt: skip


def test_cells_have_rows_and_columns() -> None:
    found = rows(
        "| a | b |\n|---|---|\n| 1 |  |\n\n```{list-table} T\n:header-rows: 1\n\n* - c\n  - d\n* - 2\n  - 3\n```\n"
    )
    assert [row[1:4:2] for row in found if row[0] == "text"] == [
        ("a", "table 1, row 1, column 1"), ("b", "table 1, row 1, column 2"), ("1", "table 1, row 2, column 1"),
        ("T", ""),
        ("c", "table 2, row 1, column 1"), ("d", "table 2, row 1, column 2"),
        ("2", "table 2, row 2, column 1"), ("3", "table 2, row 2, column 2"),
    ]  # fmt: skip
    assert found[-1][4] == 21
    assert sum(row[0] == "table cell" for row in found) == 8


def test_boxes_formulas_pictures_and_code_are_told_apart() -> None:
    body = (
        "```{danger} STOP 1.\nNow.\n```\n\n```{math}\n\\frac{1}{2}\n```\n\n![A 3](QM-001/a.svg) b\n\n```\n -4  x\n```\n"
    )
    assert [row[:3] for row in rows(body)] == [
        ("label of a box", "Danger", 1), ("text", "STOP 1. Now.", 1), ("formula", "⟮1⟯∕⟮2⟯", 0),
        ("picture", "A 3", 0), ("text", "b", 0), ("code", "-4 x", 0),
    ]  # fmt: skip


def test_clause_marks_are_no_text_and_sections_are_known() -> None:
    facts = fidelity.expected("## Dose {clause}`us-21cfr11 11.10(a)`\n\nGive &ge; 5\\* mg\u00a0now.\nThen 6.\n")
    assert [(fact.kind, fact.text, fact.section) for fact in facts] == [
        (Kind.HEADING, "Dose", "Dose"),
        (Kind.WORDS, "Give ≥ 5* mg now. Then 6.", "Dose"),
    ]
    assert facts[1].figures == ("≥ 5", "6")


def test_the_work_grows_with_the_text_and_not_with_its_square() -> None:
    def taken(count: int) -> float:
        text = "| a | b |\n|---|---|\n" + "| 1 | 2 |\n" * count
        start = time.process_time()
        facts = fidelity.expected(text)
        assert len(fidelity.differences(facts, [fact for fact in facts if fact.line != 9])) > 0
        return time.process_time() - start

    taken(100)
    assert taken(16_000) < 40 * max(taken(1000), 0.05)
