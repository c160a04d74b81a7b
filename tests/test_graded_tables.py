"""The graded tables of the library against figures typed by hand from the sources, so that no wrong digit reaches a bedside.

The figures are those of Lee 2019 (CRS, ICANS, ICE), of the FDA communication of 26 June 2025 (monitoring, staying near, driving),
of the CIBMTR manual of July 2023 (follow-up) and of published storage temperatures. Each stands here a second time, on purpose.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

from qmdoc.checks import _lines
from qmdoc.checks._layout import Layout, Row, Table

LIBRARY = Path(__file__).parent.parent / "sops"

LEE = r"Lee DW .*ASTCT.* 2019;25:625|Lee DW .* 2019;25:625"
FDA = r"FDA safety communication, 26 June 2025"
ARM = r"Alliance for Regenerative Medicine, statement of 27 June 2025"


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of a table: the words that it must hold, and no other number than theirs."""

    document: str
    row: str
    column: str
    words: tuple[str, ...]
    source: str


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence that a document must hold as it stands here."""

    document: str
    words: str
    source: str


def _graded(documents: tuple[str, ...], row: str, *grades: tuple[str, ...]) -> Iterator[Cell]:
    for document in documents:
        for grade, words in enumerate(grades, 1):
            yield Cell(document, row, f"Grade {grade}", words, LEE)


CRS_TABLES = ("CLN-003", "CLN-102")
ICANS_TABLES = ("CLN-004", "CLN-102")
NONE = ("Not applicable",)
WEEKS = ("2 weeks after infusion",)
CELLS = (
    # CRS (Lee 2019): fever 38 °C or above at every grade; the highest element decides.
    *_graded(CRS_TABLES, "Fever", *[("38 °C or above",)] * 4),
    *_graded(CRS_TABLES, "with hypotension", ("None",), ("no vasopressor",), ("One vasopressor", "with or without vasopressin"), ("Multiple vasopressors", "not counting vasopressin")),
    *_graded(
        CRS_TABLES, "and/or hypoxia", ("None",), ("Low-flow", "6 L/min or less", "blow-by"),
        ("High-flow", "more than 6 L/min", "facemask", "non-rebreather", "Venturi"), ("Positive pressure", "CPAP", "BiPAP", "ventilation"),
    ),
    # ICANS in adults (Lee 2019).
    *_graded(ICANS_TABLES, "ICE score", ("7 to 9",), ("3 to 6",), ("0 to 2",), ("0, unarousable",)),
    *_graded(ICANS_TABLES, "Consciousness", ("spontaneously",), ("voice",), ("tactile stimulus",), ("Unarousable", "vigorous")),
    *_graded(
        ICANS_TABLES, "Seizure", NONE, NONE, ("resolves rapidly", "non-convulsive seizure on EEG that resolves"), ("more than 5 minutes", "repetitive"),
    ),
    *_graded(ICANS_TABLES, "Motor finding", NONE, NONE, NONE, ("Deep focal motor weakness",)),
    *_graded(
        ICANS_TABLES, "Raised intracranial pressure or cerebral oedema", NONE, NONE, ("Focal",),
        ("Diffuse oedema", "posturing", "cranial nerve VI", "papilloedema", "Cushing"),
    ),
    # The ICE score: ten points.
    *(
        Cell(document, task, "Points", (points,), LEE)
        for document in ICANS_TABLES
        for task, points in (("Orientation", "1 each, 4 in all"), ("Naming", "1 each, 3 in all"), ("Following commands", "1"), ("Writing", "1"), ("Attention", "1"), ("Total", "10"))
    ),
    Cell("CLN-004", "Attention", "Ask", ("from 100 by 10",), LEE),
    # The six products of the labels of June 2025: two weeks near a treatment centre, two weeks without driving.
    Cell("CLN-002", "Stay near a treatment centre", "Least period", WEEKS, ARM),
    Cell("CLN-002", "Do not drive or do hazardous work", "Least period", WEEKS, ARM),
    Cell("CLN-014", "Abecma, Breyanzi, Carvykti, Kymriah, Tecartus, Yescarta", "Stay near a treatment centre", WEEKS, ARM),
    Cell("CLN-014", "Abecma, Breyanzi, Carvykti, Kymriah, Tecartus, Yescarta", "No driving", WEEKS, ARM),
    Cell("OUT-001", "Staying near a treatment centre", "For the six", WEEKS, FDA),
    Cell("OUT-001", "Driving and hazardous activity", "For the six", WEEKS, FDA),
    Cell("CLN-002", "Monitoring", "Limit", ("days 1 to 7", "day 14 or beyond"), FDA),
    Cell("CLN-013", "Visits", "Expected", ("days 1 to 7", "day 14"), FDA),
    Cell("CLN-013", "Close monitoring period", "Meaning here", ("At least two weeks", "daily monitoring for at least the first week"), FDA),
    # Follow-up in the registry, and storage.
    Cell("TEC-001", "Standard (TED level)", "Follow-up", ("100 days, 6 months, yearly to 6 years, then 8, 10, 12 and 14 years",), "CIBMTR Forms Instruction Manual.*July 2023"),
    Cell("TEC-001", "15 years", "Follow-up", ("100 days to 15 years",), "CIBMTR Forms Instruction Manual.*July 2023"),
    Cell("TEC-001", "100 days only", "Follow-up", ("100 days",), "CIBMTR Forms Instruction Manual.*July 2023"),
    Cell("PRC-001", "Storage limit", "Value", ("at or below -150 °C",), "Straits Times.*2023: limit of -150 °C"),
    Cell("PRC-001", "Published examples of alarm set-points", "Value", ("-170 °C and -160 °C",), "Straits Times.*set-points of -170 °C and -160 °C"),
    Cell("PRC-001", "Manual check if continuous monitoring fails", "Value", ("Every 4 hours", "recalled"), r"FACT-JACIE Standards.*D9 \(recalled"),
)  # fmt: skip
SENTENCES = (
    Sentence("CLN-002", "Monitor for at least two weeks after infusion, daily for at least the first week", FDA),
    Sentence("CLN-003", "daily for at least the first week, monitoring for at least two weeks", FDA),
    Sentence("CLN-003", "Let the most severe element decide the grade", LEE),
    Sentence("CLN-003", "Require fever at onset only", LEE),
    Sentence("CLN-004", "daily for at least the first week, with monitoring for at least two weeks", FDA),
    Sentence("CLN-004", "Let the most severe domain decide the grade", LEE),
    Sentence("CLN-004", "Grade ICE 0 as grade 3 if the patient is awake with global aphasia, and as grade 4 if unarousable", LEE),
    Sentence("CLN-004", "Below 12 years use the Cornell Assessment of Pediatric Delirium (CAPD)", "recalled"),
    Sentence("CLN-102", "ICE 0 in a patient who is awake with global aphasia is grade 3; ICE 0 in an unarousable patient is grade 4", LEE),
    Sentence("CLN-102", "at least one row a day for the first week, go on for at least two weeks", FDA),
    Sentence("CLN-015", "100 days, 6 months, yearly to 6 years, then 8, 10, 12 and 14 years", r"CIBMTR forms manual.*July 2023"),
    Sentence("OUT-002", "at least two weeks after infusion, daily for at least the first week", FDA),
    Sentence("OUT-002", "near a treatment centre for at least two weeks, without driving or hazardous activity for at least two weeks", FDA),
    Sentence("OUT-004", "a stay near a treatment centre of at least two weeks", FDA),
    Sentence("OUT-004", "does not drive for at least two weeks", FDA),
    Sentence("ACC-004", "vapour phase of liquid nitrogen at -150 °C or colder", r"\(PRC-001\) with its sources"),
    Sentence("CLN-101", "Stay near a treatment centre 2 weeks, no driving 2 weeks", r"\(CLN-002\)"),
    Sentence("CLN-105", "both periods are at least 2 weeks from infusion", r"\(CLN-014\)"),
)  # fmt: skip

# What any line of any document may say: a period near the centre, without driving or under monitoring is two weeks, and was
# four and eight; a fever begins at 38 °C; nothing is stored colder than the examples or warmer than -150 °C.
PERIOD = re.compile(
    r"near a (?:treatment )?centre|treatment centre|without driving|\bdriv(?:e|ing)\b|proximity|monitor(?:ing|ed)?\b",
    re.I,
)
IN_WEEKS = re.compile(r"(?<!was )\b([0-9]+|one|two|three|four|five|six|seven|eight|twelve) weeks?\b", re.I)
FEVER = re.compile(r"(?:fever|temperature) of ([0-9.]+) °C", re.I)
FROZEN = re.compile(r"[-−]1[0-9]{2} °C")


@cache
def library() -> Mapping[str, str]:
    """The text of every document of the library, by its number."""
    found = {}
    for file in sorted(LIBRARY.rglob("*.md")):
        if number := re.match(r"[A-Z]{2,5}-[0-9]{3,4}(?=-)", file.name):
            found[number[0]] = file.read_text(encoding="utf-8").split("\n---\n", 1)[1]
    return found


def wrong(document: str, text: str) -> list[str]:
    """What a document's text says otherwise than it is typed here, or without a source."""
    layout = _lines.read(text)
    faults = [
        f"{cell.row}, {cell.column}: {value or 'no such cell'}"
        for cell in CELLS
        if cell.document == document
        for value in [_value(cell, layout)]
        if not _is_as_typed(cell, value)
    ]
    faults += [each.words for each in SENTENCES if each.document == document and each.words not in text]
    typed = {each.source for each in (*CELLS, *SENTENCES) if each.document == document}
    return faults + [f"no source {source}" for source in sorted(typed) if not re.search(source, text, re.I)]


def out_of_range(text: str) -> list[str]:
    """Lines with a period, a fever or a storage temperature that no source gives."""
    lines = []
    for line in text.splitlines():
        said = line.replace("daily monitoring for at least one week", "")
        weeks = {each.lower() for each in IN_WEEKS.findall(said)} if PERIOD.search(said) else set()
        is_period_right = weeks <= {"2", "two"}
        is_fever_right = set(FEVER.findall(line)) <= {"38"}
        if (
            not is_period_right
            or not is_fever_right
            or not set(FROZEN.findall(line)) <= {"-150 °C", "-160 °C", "-170 °C"}
        ):
            lines.append(line)
    return lines


def _value(cell: Cell, layout: Layout) -> str | None:
    return next((value for _, value in _found(cell, layout)), None)


def _found(cell: Cell, layout: Layout) -> Iterator[tuple[Row, str]]:
    for table in layout.tables:
        column = _column(cell.column, table)
        for row in table.rows if column else ():
            if column and row.cells[0].startswith(cell.row) and column < len(row.cells):
                yield row, row.cells[column]


def _column(name: str, table: Table) -> int | None:
    return next((number for number, head in enumerate(table.head) if number and head.startswith(name)), None)


def _is_as_typed(cell: Cell, value: str | None) -> bool:
    numbers = re.findall(r"[-−]?[0-9]+", " ".join(cell.words))
    return (
        value is not None and all(each in value for each in cell.words) and re.findall(r"[-−]?[0-9]+", value) == numbers
    )


@pytest.mark.parametrize("document", sorted({each.document for each in (*CELLS, *SENTENCES)}))
def test_every_figure_stands_where_it_must_and_has_its_source(document: str) -> None:
    assert wrong(document, library()[document]) == []


@pytest.mark.parametrize("cell", CELLS, ids=lambda cell: f"{cell.document}-{cell.row[:12]}-{cell.column}")
def test_one_wrong_digit_in_a_cell_is_noticed(cell: Cell) -> None:
    text = library()[cell.document]
    [row, value] = next(_found(cell, _lines.read(text)))
    lines = text.split("\n")
    for digit in re.finditer("[0-9]", value):
        bent = f"{value[: digit.start()]}{(int(digit[0]) + 1) % 10}{value[digit.end() :]}"
        line = lines[row.line - 1]
        at = [each.start() for each in re.finditer(re.escape(value), line) if line[: each.start()].endswith("| ")]
        # Cells of a row may hold the same words: each of them is bent in its turn.
        for place in at:
            changed = [*lines]
            changed[row.line - 1] = line[:place] + bent + line[place + len(value) :]
            assert wrong(cell.document, "\n".join(changed)), bent


@pytest.mark.parametrize("sentence", SENTENCES, ids=lambda each: f"{each.document}-{each.words[:30]}")
def test_one_wrong_word_in_a_sentence_is_noticed(sentence: Sentence) -> None:
    text = library()[sentence.document]
    for right, bent in (
        ("two", "four"),
        ("2", "4"),
        ("first", "second"),
        ("-150", "-15"),
        ("most", "least"),
        ("14", "15"),
    ):
        if right in sentence.words:
            changed = text.replace(sentence.words, sentence.words.replace(right, bent, 1))
            assert wrong(sentence.document, changed)


def test_a_source_taken_out_is_noticed() -> None:
    text = library()["CLN-003"].replace("2019;25:625", "")
    assert wrong("CLN-003", text) == [f"no source {LEE}"]


@pytest.mark.parametrize("document", sorted(library()))
def test_no_document_says_otherwise_in_passing(document: str) -> None:
    assert out_of_range(library()[document]) == []


@pytest.mark.parametrize(
    "line",
    [
        "Stay near a treatment centre for 4 weeks.",
        "| No driving | eight weeks |",
        "Monitor for at least three weeks.",
        "Fever of 38.5 °C or above",
        "stored at -140 °C",
    ],
)
def test_a_figure_of_an_old_label_is_noticed_in_any_line(line: str) -> None:
    assert out_of_range(f"## Procedure\n\n{line}\n") == [line]


def test_no_document_sends_anybody_to_a_rems() -> None:
    named = {number: line for number, text in library().items() for line in text.splitlines() if "REMS" in line}
    assert all(
        re.search(
            r"REMS.*(eliminated|removed|there is none|no longer|end of)|(no|not|end of|without|removed).*REMS",
            each,
            re.I,
        )
        for each in named.values()
    ), named
