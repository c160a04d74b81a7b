"""How a text is written: what each of the writing checks finds, and what it leaves alone; our own documents have no finding."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from markdown_it import MarkdownIt
from programme import POLICY, Programme, document, path

from qmdoc import markup
from qmdoc.checks import (
    _lines,
    limit_without_unit,
    list_gap,
    reference_without_year,
    sign_not_shown,
    step_not_imperative,
)
from qmdoc.model import Meaning

LIBRARY = Path(__file__).parents[2] / "sops"
DOCUMENTS = sorted(file for file in LIBRARY.rglob("*-*.md") if file.read_text(encoding="utf-8").startswith("---\n"))


def body_of(file: Path) -> str:
    return file.read_text(encoding="utf-8").split("\n---\n", 1)[1]


def messages(check: object, body: str) -> list[tuple[int, str]]:
    found = check.faults(_lines.read(body))  # type: ignore[attr-defined]
    return [(fault.line, fault.message) for fault in found]


# --- the reading ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("file", DOCUMENTS, ids=lambda file: file.name[:7].rstrip("-"))
def test_the_lists_and_tables_are_those_that_a_page_shows(file: Path) -> None:
    assert_as_markdown_reads(body_of(file))


@pytest.mark.parametrize(
    "body",
    [
        "1. a\n2. b\n   1. c\n   2. d\n\n      e\n3. f\n",
        "1. a\ngoes on\n2. b\n\ntext\n\n3. c\n",
        "1. a\n2) b\n3. c\n",
        "- a\n  1. b\n  2. c\n- d\n  1. e\n",
        "text\n1. a\n",
        "text\n2. no list\n",
        "1. a\n\n   | x | y |\n   | --- | --- |\n   | 1 | 2 |\n\n2. b\n",
        "9. a\n10. b\n\n    | x | y |\n    |---|---|\n\n11. c\n",
        "10. a\n\n   | x | y |\n   |---|---|\n\n11. c\n",
        "    1. code\n\n1. a\n\n       code\n2. b\n",
        "```text\n1. code\n```\n\n~~~\n2. code\n```\n~~~\n3. a\n",
        "| x | y |\n|---|---|\n| 1. | 2. |\n1. a\n",
        "1. a\n\n## 2. Heading\n\n3. b\n* * *\n4. c\n",
        "1.\n   a\n2. b\n",
        "> 1. quoted\n\n1. a\n",
        "1. - a\n   - b\n2. c\n",
        "- 1. a\n  2. b\n- 1. c\n",
        "1. ```text\n   2. code\n   ```\n2. b\n",
        "1. ```text\n   2. code\n2. b\n",
        "1. | x | y |\n   |---|---|\n   | 1 | 2 |\n2. b\n",
        "1. ## a ##\n2. #b\n",
        "1. a\n\n\n   b\n\n2. c\n",
        "-\n  1. a\n",
        "-\n   10. a\n   11. b\n",
        "1. a\n---\n2. b\n\n   c\n   ===\n3. d\n",
    ],
)
def test_the_reading_keeps_to_commonmark(body: str) -> None:
    assert_as_markdown_reads(body)


def assert_as_markdown_reads(body: str) -> None:
    lists: list[list[int]] = []
    tables: list[int] = []
    within: list[list[int] | None] = []
    for token in MarkdownIt("commonmark").enable("table").parse(body):
        if token.type in ("ordered_list_open", "blockquote_open"):
            within.append([] if token.type == "ordered_list_open" else None)
            if within[0] is not None and (latest := within[-1]) is not None:
                lists.append(latest)
        elif token.type in ("ordered_list_close", "blockquote_close"):
            within.pop()
        elif token.type == "list_item_open" and token.info and (latest := within[-1]) is not None:
            latest.append(int(token.info))
        elif token.type == "table_open" and token.map:
            tables.append(token.map[0] + 1)
    layout = _lines.read(body)
    assert [[each.number for each in steps.entries] for steps in layout.steps if steps.is_shown] == lists
    assert [table.place.line for table in layout.tables] == tables


def test_the_steps_in_a_box_are_read_and_the_lines_in_code_are_not() -> None:
    layout = _lines.read("```{danger}\nSTOP\n\n1. a\n2. b\n```\n\n```text\n1. c\n```\n", first_line=10)
    assert [[(each.number, each.line) for each in steps.entries] for steps in layout.steps] == [[(1, 13), (2, 14)]]


def test_the_hardest_texts_take_no_time_and_no_depth() -> None:
    length = 200_000
    fences = "\n".join("`" * number + "{note}" for number in range(400, 3, -1))
    for body in (
        "- " * length, "1. " * length, "#" * length, "## a" + " " * length + "b", "``` " + " " * length + "`", fences, "|" * length + "\n" + "|-" * length,
        "|\n|--|\n" + "|\n" * length, "> " * length, "```{note}\n" * 5000, "\n".join(" " * number + "1. a" for number in range(1000)),
    ):  # fmt: skip
        layout = _lines.read(body)
        for check in (limit_without_unit, list_gap, reference_without_year, step_not_imperative):
            assert len(list(check.faults(layout))) < length


# --- list-gap ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("1. a\n2. b\n3. c\n", []),
        ("1) a\n2) b\n\ntext\n\n1) a\n2) b\n", []),
        ("## P\n\n### A\n\n1. a\n2. b\n\n### B\n\n3. c\n4. d\n", []),
        ("9. a\n", [(1, "a list of steps begins at 9")]),
        ("0. a\n1. b\n", [(1, "a list of steps begins at 0")]),
        ("1. a\n2. b\n4. c\n", [(3, "the step after 2 has the number 4")]),
        ("1. a\n1. b\n", [(2, "the step after 1 has the number 1")]),
        ("1. a\n\n   1. b\n   3. c\n\n2. d\n", [(4, "the step after 1 has the number 3")]),
        ("1. a\n\n| x | y |\n|---|---|\n\n2. b\n", [(6, "step 2 is cut off from step 1 by line 3")]),
        ("1. a\n\n   ```{danger}\n   STOP\n   ```\n\n2. b\n", []),
        ("1. a\n\n```{danger}\nSTOP\n```\n\n2. b\n", [(7, "step 2 is cut off from step 1 by line 3")]),
        (
            "1. a\n\nThen:\n2. b\n",
            [(4, "step 2 is cut off from step 1 by line 3, and a page shows it as running text")],
        ),
        ("1. a\n\n## B\n\n2. b\n", [(5, "a list of steps begins at 2")]),
        ("The 2 days\n2. of May\n", []),
        ("1. a\nwritten on\n2. b\n", []),
    ],
)
def test_a_number_that_a_page_would_not_show_is_found(body: str, expected: list[tuple[int, str]]) -> None:
    assert messages(list_gap, body) == expected


# --- step-not-imperative ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "step",
    [
        "The bag is labelled at the chair.",
        "The bag should be labelled.",
        "All bags must be labelled before release.",
        "Each **bag** is then weighed.",
        "If a seal is broken, the bag is quarantined.",
        "You should label the bag.",
        "It is thrown away.",
        "Samples are taken from both ports.",
        "The [flow sheet](CLN-102) has been signed by two nurses.",
        "\n   The bag is labelled.",
    ],
)
def test_a_step_in_the_passive_or_with_should_is_no_command(step: str) -> None:
    assert messages(step_not_imperative, f"## 6. Procedure\n\n1. {step}\n")


@pytest.mark.parametrize(
    "step",
    [
        "Label the bag at the chair.",
        "Check that the bag is labelled.",
        "Confirm the bag is labelled.",
        "Write what was done and what should follow.",
        "If the bag is broken, call the physician.",
        "Each time a bag is moved, sign the log.",
        "When all bags are labelled, release the chair.",
        "Let the physician decide which product is given.",
        "Keep the bag until it is released.",
        "The bag that is labelled goes first.",
        "The quality manager classifies each report.",
        "The product may be released when both have signed.",
        "Nothing differs for older adults.",
        "Discuss what should be tried.",
        "Label the bag. The label is printed twice.",
        "All is red: stop.",
    ],
)
def test_a_command_is_left_alone(step: str) -> None:
    assert messages(step_not_imperative, f"## Procedure\n\n1. {step}\n") == []


def test_only_numbered_steps_under_procedure_must_be_commands() -> None:
    passive = "The bag is labelled."
    assert (
        messages(step_not_imperative, f"## Scope\n\n1. {passive}\n\n## Procedure\n\n- {passive}\n\n{passive}\n") == []
    )


# --- limit-without-unit -----------------------------------------------------------------------------------------------


def table(head: str, *rows: str) -> str:
    return "\n".join([head, "|---|---|", *rows, ""])


@pytest.mark.parametrize(
    "body",
    [
        table("| Point | Limit |", "| Storage temperature | -150 |"),
        table("| Point | Limit |", "| Storage temperature | at or below -150 |"),
        table("| Point | Range |", "| Room temperature | 18 to 25 |"),
        table("| Medicine | Dose |", "| First | ≤ 8 |"),
        table("| Point | Target |", "| Cell dose | 2 × 10⁶ |"),
        table("| Point | Temperature |", "| Freezer | 80 C |"),
        "Keep it at -150 C.\n",
        "Give 5 ug.\n",
        "Give 2 mcg, then 3 µg.\n",
    ],
)
def test_a_unit_to_be_guessed_is_found(body: str) -> None:
    assert len(messages(limit_without_unit, body)) == 1


@pytest.mark.parametrize(
    "body",
    [
        table("| Point | Limit |", "| Storage temperature | -150 °C |"),
        table("| Point | Limit |", "| Missed days | 0 |"),
        table("| Point | Limit (°C) |", "| Storage temperature | -150 |"),
        table("| Point | Limit |", "| Storage temperature (°C) | -150 |"),
        table("| Point | Limit |", "| Time in hours | 4 |"),
        table("| Task | Points |", "| Writing | 1 |"),
        table("| Point | Time |", "| Answer | within 4 hours |"),
        table("| Time | Sign |", "| 5 | x |"),
        table("| Point | Time |", "| Answer | [[local: minutes]] |"),
        table("| Point | Number of doses |", "| Stock | 2 |"),
        table("| Point | Limit |", "| Dose | as ordered by PHA-001 |"),
        table("| Time point | Score |", "| Visit | 5 |"),
        "Hepatitis C; ward 4 C; section 2 C; give 2 µg, then 3 μg.\n",
    ],
)
def test_a_limit_with_its_unit_is_left_alone(body: str) -> None:
    assert messages(limit_without_unit, body) == []


# --- reference-without-year -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("source", "is_found"),
    [
        ("Lee DW and others, Biol Blood Marrow Transplant 2019;25:625-638.", False),
        ("FACT IEC Standards, 3rd edition.", False),
        ("21 CFR 1271.180(d) (eCFR).", False),
        ("Current label of the product.", False),
        ("National law in force on tissue.", False),
        ("[Occurrence reporting](QM-004).", False),
        ("Form CLN-102.", False),
        ("Values marked so are ours and come from no standard.", False),
        ("[[local: national law]]", False),
        ("None.", False),
        ("Lee DW and others, Biol Blood Marrow Transplant 25:625-638.", True),
        ("National law on tissue.", True),
        ("Standard 12019, part 4.", True),
    ],
)
def test_a_source_says_which_text_is_meant(source: str, *, is_found: bool) -> None:
    assert bool(messages(reference_without_year, f"## References\n\n- {source}\n")) == is_found
    assert messages(reference_without_year, f"## Purpose\n\n- {source}\n") == []


# --- missing-section --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("## Purpose\n\na\n\n## Scope\n\nb\n", []),
        ("## 1. Purpose\n\na\n\n## Definitions\n\n## 2. SCOPE\n\n| a | b |\n|---|---|\n", []),
        ("## **Purpose**\n\na\n\nScope\n---\n\nb\n", []),
        ("## Purpose\n\na\n", [(4, "the section Scope is missing")]),
        ("## Purpose\n\na\n\n## Scope\n\n### Where\n\n## More\n\nb\n", [(14, "the section Scope is empty")]),
        ("## Scope\n\nb\n\n## Purpose\n\na\n", [(10, "the section Scope stands before Purpose")]),
        ("## Purpose\n\n[[local: what for]]\n\n## Scope\n\n```{note}\nNone.\n```\n", []),
    ],
)
def test_the_sections_stand_in_order_and_hold_something(
    body: str, expected: list[tuple[int, str]], tmp_path: Path
) -> None:
    policy = POLICY.replace("sop: {review_months: 24}", "sop: {review_months: 24, sections: [Purpose, Scope]}")
    made = Programme(policy=policy)
    made.commit("w.writer", {path(): document(body=body)})
    found = [each for each in made.audit(tmp_path).findings if each.check == "missing-section"]
    assert [(each.line, each.message.rpartition(": ")[2]) for each in found] == expected


# --- form-absent ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("as QM-002 asks", ""),
        ("on form QM-001", ""),
        ("by QM-003", "it names QM-003, which is a draft that was never approved"),
        ("by QM-004", "it names QM-004, which was withdrawn"),
        ("by QM-404", "it names QM-404, which does not exist"),
        ("on form CLN-404", "it names CLN-404, which does not exist"),
        ("on Worksheet: CLN-404", "it names CLN-404, which does not exist"),
        ("by ST-028", ""),
        ("`QM-404`, [QM-404](https://programme.example/QM-404) and FDA-QM-404", ""),
        ("in place of QM-005", ""),
    ],
)
def test_a_number_in_plain_text_leads_to_a_document_in_force(words: str, message: str, tmp_path: Path) -> None:
    made = Programme()
    made.commit("w.writer", {path("QM-002"): document("QM-002"), path("QM-004"): document("QM-004")})
    made.approve("QM-002", "QM-004")
    made.sign("q.manager", "QM-004", role="quality-manager", meaning=Meaning.WITHDRAW)
    text = document(body=f"## Purpose\n\n| x | y |\n|---|---|\n| z | {words} |\n", supersedes="[QM-005]")
    made.commit("w.writer", {path("QM-003"): document("QM-003"), path(): text})
    found = [each for each in made.audit(tmp_path).findings if each.check == "form-absent"]
    assert [each.line for each in found] == ([15] if message else [])
    assert all(each.message.endswith(message) for each in found)


# --- limits-disagree --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("one", "other", "is_found"),
    [
        ("| Storage limit | -150 °C |", "| storage limit | below −130 °C |", True),
        ("| Storage limit | -150 °C |", "| Storage limit | at or below −150.0 °C (label) |", False),
        ("| Storage limit | -150 °C |", "| Storage limit | -238 °F |", False),
        ("| Answer time | 1 h |", "| Answer time | 4 hours |", True),
        ("| Answer time | 1 h |", "| Answer time | 1 to 4 hours |", False),
        ("| Answer time | 1 h |", "| Arrival time | 4 h |", False),
        ("| Bags | 1,000 ml |", "| Bags | 1000 ml |", False),
        ("| 1 | 5 min |", "| 1 | 6 min |", False),
        ("| Time | 5 min |", "| Time | 6 min |", False),
    ],
)
def test_limits_that_differ_under_one_clause_are_shown_side_by_side(
    one: str, other: str, tmp_path: Path, *, is_found: bool
) -> None:
    made = Programme()
    rows = (("QM-001", one), ("QM-002", other))
    texts = {
        path(number): document(number, standards='{house: ["1"]}', body=table("| Point | Limit |", row))
        for number, row in rows
    }
    catalogue = (
        'id: house\ntitle: House rules\nedition: "1"\nclauses: [{id: "1", title: Cold, confidence: confirmed}]\n'
    )
    made.commit("w.writer", {"sops/standards/house.yaml": catalogue, **texts})
    made.approve("QM-001", "QM-002")
    found = [each for each in made.audit(tmp_path).findings if each.check == "limits-disagree"]
    assert [each.document for each in found] == (["QM-002"] if is_found else [])
    assert all("in QM-001 Title of QM-001 (1.0, line " in each.message for each in found)


# --- block-not-closed -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "body, lines",
    [
        ("```{danger}\nStop.\n```\nGo on.\n", []),
        ("```{danger}\nStop.\n\nGo on.\n", [1]),
        ("```{danger}\nStop.\n\nGo on.", [1]),
        ("Text.\n\n```\n", [3]),
        ("Text.\n\n```", [3]),
        ("```\n```\n", []),
        ("````{note}\nWords.\n```\nGo on.\n", [1, 3]),
        ("```{note}\nWords.\n````\nGo on.\n", []),
        ("~~~\ncode\n```\n", [1]),
        ("1. Step.\n\n   ```{note}\n   Words.\n   ```\n2. Step.\n", []),
        ("1. Step.\n\n   ```{note}\n   Words.\n```\n2. Step.\n", [3, 5]),
        ("1. Step.\n\n   ```{note}\n   Words.\n2. Step.\n", [3]),
        ("> ```\n> code\n> ```\n", []),
        ("> ```\n> code\n\nText.\n", [1]),
        ("````{note}\n```{tip}\nWords.\n```\n````\n", []),
        ("````{note}\n```{tip}\nWords.\n````\n", [2]),
        ("```{math}\nx = 1\n", [1]),
        ("```{note}\n\n\n```\n", []),
    ],
)
def test_a_block_that_no_line_closes_is_named_where_it_begins(body: str, lines: list[int]) -> None:
    assert [fault.line for fault in markup.read(body).unclosed] == lines


def test_no_block_of_ours_is_left_open() -> None:
    assert {file.name: found for file in DOCUMENTS if (found := markup.read(body_of(file)).unclosed)} == {}


# --- sign-not-shown ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "lost"),
    [
        ("Store at\n- 80 °C, then warm to\n+ 4 °C.", [(2, "-"), (3, "+")]),
        ("1. Thaw to\n   - 20 °C.\n2. Keep at\n- 80 °C.", [(2, "-"), (4, "-")]),
        ("1. Give 3\n   * 10⁶ cells.", [(2, "*")]),
        ("1. - 80 °C\n2. + 4 °C", [(1, "-"), (2, "+")]),
        ("Call if it is\n> 38 °C.", [(2, ">")]),
        ("- >= 38 °C: call\n- ≥ 5 %: wait", [(1, ">")]),
        ("```{danger}\nSTOP at\n- 80 °C\n```", [(3, "-")]),
        ("Typed HLA-A*02:01 and\nHLA-B*07:02.", [(1, "*")]),
        ("It is 2*3*4.", [(1, "*")]),
        ("It is 10**6 or 10**8.", [(1, "*")]),
        ("| a | b |\n|---|---|\n| c | 2*3*4 |\n| d | > 5 |", [(3, "*")]),
        ("Store at −80 °C, - 80 °C,\n-80 °C, ≥ 5, > 38 °C.", []),
        ("Give:\n- 5 mg", []),
        ("Give one of\n- 5 mg\n  slowly\n- 10 mg", []),
        ("Give one of\n\n- 5 mg", []),
        ("> They said\n> 5 mg.", []),
        ("HLA-A*02:01 alone, HLA-A\\*02:01, B\\*07:02, `2*3*4`", []),
        ("- HLA-A*02:01\n- HLA-B*07:02\n\nHLA-A*02:01\n\nHLA-B*07:02", []),
        ("**5**mg, *5* mg, CD**34**+, *a* 5*6", []),
        ("```text\nat\n- 80\n> 5\n2*3*4\n```", []),
    ],
)
def test_a_sign_that_a_page_would_not_show_is_found(body: str, lost: list[tuple[int, str]]) -> None:
    found = [(fault.line, fault.message.split("`")[1]) for fault in sign_not_shown.faults(f"{body}\n")]
    assert found == lost


@pytest.mark.parametrize("hidden", ["\u00ad", "\u200b", "\u200d", "\u2060", "\ufeff"])
def test_a_number_that_could_be_parted_unseen_is_found(hidden: str) -> None:
    found = list(sign_not_shown.faults(f"Give\n1{hidden}0 mg, 1{hidden}.5 mL.\n\nNot{hidden}here, 10{hidden} mg.\n"))
    assert [(each.line, f"U+{ord(hidden):04X}" in each.message) for each in found] == [(2, True), (2, True)]


@pytest.mark.parametrize("body", ["- " * 100_000, "*1" * 100_000, "> " * 100_000, "1. " * 100_000, "a *" * 100_000, "- 1\n" * 10_000, "`" * 100_000, " *a" * 30_000 + "b**" * 30_000, "1\u200b" * 20_000])  # fmt: skip
def test_the_hardest_texts_for_signs_take_no_time(body: str) -> None:
    began = time.monotonic()
    assert len(list(sign_not_shown.faults(body))) < len(body)
    assert time.monotonic() - began < 5


def test_our_own_documents_lose_no_sign() -> None:
    assert {file.name: found for file in DOCUMENTS if (found := list(sign_not_shown.faults(body_of(file))))} == {}


# --- the library ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "check",
    [list_gap, step_not_imperative, limit_without_unit, reference_without_year],
    ids=lambda check: check.ID,  # type: ignore[attr-defined]
)
def test_our_own_documents_are_written_so(check: object) -> None:
    found = {file.name: messages(check, body_of(file)) for file in DOCUMENTS}
    assert {name: faults for name, faults in found.items() if faults} == {}
