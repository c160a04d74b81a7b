"""What changed between two texts: every word of both is in the redline, and every changed digit is named."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qmdoc.redline import Change, Kind, NumberChange, Part, Redline, Side, compare
from qmdoc.redline.aligning import align
from qmdoc.redline.reading import read
from qmdoc.redline.words import cut

STEPS = "## Procedure\n\n1. Thaw the bag at 37 °C.\n2. Check the label.\n3. Infuse 5 mL/kg within 30 min.\n"
TABLE = "| Limit | Value |\n|---|---|\n| Temperature | 2–8 °C |\n| Viability | ≥ 70 % |\n"


def numbers(old: str, new: str) -> list[tuple[str, str, str]]:
    return [(each.was, each.is_, each.unit) for each in compare(old, new).numbers]


def flat(part: Part) -> list[Part]:
    return [part, *(each for child in part.children for each in flat(child))]


def parts(redline: Redline, kind: Kind) -> list[tuple[str, str, str]]:
    return [(each.change.value, each.name, each.elsewhere) for each in flat(redline.body) if each.kind is kind]


def told(redline: Redline) -> str:
    """All runs in one line, as the terminal writes them."""
    marks = {Change.DELETED: "[-{}-]", Change.INSERTED: "{{+{}+}}"}
    return " ".join(
        marks.get(run.change, "{}").format(" ".join(word.text for word in run.words))
        for part in flat(redline.body)
        for run in part.runs
    )


def assert_whole(old: str, new: str) -> Redline:
    redline = compare(old, new)
    assert redline.words(Side.OLD) == tuple(read(old).every_word())
    assert redline.words(Side.NEW) == tuple(read(new).every_word())
    return redline


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("Keep 72 h.", ["Keep", "72 h", "."]),
        ("Cool at −1 °C/min.", ["Cool", "at", "−1 °C/min", "."]),
        ("1 × 10^6 cells/kg", ["1 × 10^6 cells/kg"]),
        ("2 ×10⁶/kg CD34+", ["2 ×10⁶/kg", "CD34+"]),
        ("at or below -150 °C", ["at or below -150 °C"]),
        ("no more than 10 000 mL", ["no more than 10 000 mL"]),
        ("from 2–8 °C, ≥ 90 %", ["from", "2–8 °C", ",", "≥ 90 %"]),
        ("5 mg/kg/day", ["5 mg/kg/day"]),
        ("on 2026-01-05 at 08:30", ["on", "2026-01-05", "at", "08:30"]),
        ("two hours", ["two hours"]),
        ("centrifuge at 300 × g for 10 min", ["centrifuge", "at", "300 × g", "for", "10 min"]),
        ("37 °C ± 1 °C", ["37 °C ± 1 °C"]),
        ("pH 7.4 or more", ["pH", "7.4 or more"]),
        ("(0.5 EU/mL)", ["(", "0.5 EU/mL", ")"]),
        ("10.5.3 of B5.3", ["10.5.3", "of", "B5.3"]),
    ],
)
def test_a_number_is_one_word_with_all_that_belongs_to_it(line: str, words: list[str]) -> None:
    assert [word.text for word in cut([(line, "")])] == words


@pytest.mark.parametrize(
    "line",
    [
        "nasal cannula at more than 6 L/min",
        "in less than 5 min, in not less than 3 h, in no fewer than 2 bags",
        "by later than 10 days; (not more than 4) or more than 40.",
        "at or above 38 °C, of at least 3, up to 4 mg, ± 2, within one hour",
    ],
)
def test_a_gap_of_the_text_is_a_gap_of_the_redline(line: str) -> None:
    assert "".join(f"{' ' * word.is_apart}{word.text}" for word in cut([(line, "")], is_apart=False)) == line


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("Keep 72 h.", "Keep 48 h.", [("72", "48", "h")]),
        ("Cool at −1 °C/min.", "Cool at 1 °C/min.", [("−1", "1", "°C/min")]),
        ("Give 5 mg.", "Give 5 µg.", [("5 mg", "5 µg", "mg → µg")]),
        ("Give 5 mg.", "Give 50 mg.", [("5", "50", "mg")]),
        ("Give 0.5 mg.", "Give .5 mg.", [("0.5", ".5", "mg")]),
        ("Give .5 mg.", "Give 5 mg.", [(".5", "5", "mg")]),
        ("Give ,5 mg.", "Give 5 mg.", [(",5", "5", "mg")]),
        ("Give ½ tablet.", "Give ¼ tablet.", [("½", "¼", "tablet")]),
        ("Give 1½ mL.", "Give 1 ¼ mL.", [("1½", "1 ¼", "mL")]),
        ("Give 1⁄2 tablet.", "Give 1⁄3 tablet.", [("1⁄2", "1⁄3", "tablet")]),
        ("Dilute in 1'000 mL.", "Dilute in 1'001 mL.", [("1'000", "1'001", "mL")]),
        ("Give 5 +/- 2 mL.", "Give 5 +/- 3 mL.", [("5 +/- 2", "5 +/- 3", "mL")]),
        ("Is ⩾ 5 mL", "Is ⩽ 5 mL", [("⩾ 5", "⩽ 5", "mL")]),
        ("Is ≧5 mL", "Is 5 mL", [("≧5", "5", "mL")]),
        ("Until 26 June 2025 only", "Until 27 July 2026 only", [("26 June 2025", "27 July 2026", "")]),
        ("Until June 26, 2025 only", "Until June 27, 2025 only", [("June 26, 2025", "June 27, 2025", "")]),
        ("Bis 1. März 2026 nur", "Bis 2. März 2026 nur", [("1. März 2026", "2. März 2026", "")]),
        ("Innerhalb von zwei Stunden rufen", "Innerhalb von drei Stunden rufen", [("zwei", "drei", "Stunden")]),
        ("Dann 5 Tropfen geben", "Dann 50 Tropfen geben", [("5", "50", "Tropfen")]),
        ("It may 5 times do so", "It may 6 times do so", [("5", "6", "times")]),
        ("For grade II reactions", "For grade III reactions", [("II", "III", "")]),
        ("For grade I reactions", "For grade V reactions", [("I", "V", "")]),
        ("For grade Ⅲ reactions", "For grade Ⅳ reactions", [("Ⅲ", "Ⅳ", "")]),
        ("Then I sign it", "Then we sign it", []),
        ("Count CD34- cells", "Count CD34+ cells", [("CD34-", "CD34+", "")]),
        ("Count CD34⁻ cells", "Count CD34⁺ cells", [("CD34⁻", "CD34⁺", "")]),
        ("Hold CO₂ there", "Hold CO₃ there", [("CO₂", "CO₃", "")]),
        ("Is ≥ 70 %", "Is > 70 %", [("≥ 70", "> 70", "%")]),
        ("at least 70 %", "at most 70 %", [("at least 70", "at most 70", "%")]),
        ("1 × 10^6/kg", "1 × 10^8/kg", [("1 × 10^6", "1 × 10^8", "/kg")]),
        ("5 × 10⁶/kg", "5 × 10⁸/kg", [("5 × 10⁶", "5 × 10⁸", "/kg")]),
        ("2–8 °C", "2–6 °C", [("2–8", "2–6", "°C")]),
        ("CD34+ cells", "CD3+ cells", [("CD34+", "CD3+", "")]),
        ("within two hours", "within three hours", [("within two", "within three", "hours")]),
        ("Call the nurse.", "Call the nurse within 10 min.", [("", "within 10", "min")]),
        ("Call within 10 min.", "Call.", [("within 10", "", "min")]),
        ("A 5 mg, B 10 mg", "A 10 mg, B 5 mg", [("5", "10", "mg"), ("10", "5", "mg")]),
        ("for five drugs", "for six drugs", [("five", "six", "")]),
        ("about one hundred", "about two hundred", [("about one", "about two", "")]),
        ("wait two hours", "wait six hours", [("two", "six", "hours")]),
        ("Take **5** mg.", "Take **6** mg.", [("5", "6", "mg")]),
        ("```{math}\nV \\cdot 0.10\n```", "```{math}\nV \\cdot 0.15\n```", [("0.10", "0.15", "")]),
        ("```{note}\nWait 5 min.\n```", "```{note}\nWait 15 min.\n```", [("5", "15", "min")]),
        ("    indented 5", "    indented 6", [("5", "6", "")]),
        ("a <b>5 mg</b>", "a <b>6 mg</b>", [(">5", ">6", "mg")]),
        ("See [this](QM-001).", "See [this](QM-002).", []),
        ("See QM-001.", "See QM-002.", []),
        ("-1 °C", "−1 °C", []),
        ("5 mg", "5mg", []),
    ],
)
def test_every_number_that_changed_is_named(old: str, new: str, expected: list[tuple[str, str, str]]) -> None:
    assert numbers(f"{old}\n", f"{new}\n") == expected
    assert_whole(old, new)


def test_a_changed_number_tells_where_and_what_it_is_about() -> None:
    old = f"{STEPS}\n## Limits\n\n{TABLE}"
    new = old.replace("30 min", "20 min").replace("≥ 70 %", "≥ 80 %")
    assert compare(old, new, first_lines=(11, 21)).numbers == (
        NumberChange("within 30", "within 20", "min", "Procedure", 15, 25, "step 3: Infuse 5 mL/kg"),
        NumberChange("≥ 70", "≥ 80", "%", "Limits", 22, 32, "Viability, Value"),
    )


def test_two_numbers_never_touch() -> None:
    assert told(compare("Keep 72 h.\n", "Keep 48 h.\n")) == "Keep [-72 h-] {+48 h+} ."


def test_a_step_that_moved_is_moved_and_those_around_it_are_renumbered() -> None:
    new = "## Procedure\n\n1. Thaw the bag at 37 °C.\n2. Infuse 5 mL/kg within 30 min.\n3. Check the label.\n"
    redline = assert_whole(STEPS, new)
    assert sorted(parts(redline, Kind.ITEM)) == [
        ("moved away", "2", "step 3"), ("moved here", "3", "step 2"), ("same", "1", ""), ("same", "2", ""),
    ] or sorted(parts(redline, Kind.ITEM)) == [
        ("moved away", "3", "step 2"), ("moved here", "2", "step 3"), ("same", "1", ""), ("same", "3", ""),
    ]  # fmt: skip
    assert redline.numbers == ()
    assert any(part.is_renumbered for part in flat(redline.body))


def test_a_new_step_is_inserted_and_those_after_it_are_renumbered() -> None:
    new = STEPS.replace("2. Check", "2. Wash your hands.\n3. Check").replace("3. Infuse", "4. Infuse")
    redline = assert_whole(STEPS, new)
    assert parts(redline, Kind.ITEM) == [("same", "1", ""), ("inserted", "2", ""), ("same", "3", ""), ("same", "4", "")]
    assert [part.name_old for part in flat(redline.body) if part.is_renumbered] == ["2", "3"]


def test_a_step_that_changed_is_not_a_new_one() -> None:
    redline = assert_whole(STEPS, STEPS.replace("Check the label.", "Check the label twice."))
    assert parts(redline, Kind.ITEM)[1] == ("changed", "2", "")


def test_a_cell_stays_in_its_column_and_a_new_row_and_column_are_seen_as_such() -> None:
    new = "| Limit | Unit | Value |\n|---|---|---|\n| pH | none | 7.4 |\n| Temperature | °C | 2–8 °C |\n| Viability | % | ≥ 80 % |\n"
    redline = assert_whole(TABLE, new)
    table = next(part for part in flat(redline.body) if part.kind is Kind.TABLE)
    assert [[cell.change.value for cell in row.children] for row in table.children] == [
        ["same", "inserted", "same"], ["inserted"] * 3, ["same", "inserted", "same"], ["same", "inserted", "changed"],
    ]  # fmt: skip
    assert [each[:2] for each in numbers(TABLE, new)] == [("", "7.4"), ("≥ 70", "≥ 80")]


def test_a_column_that_goes_is_deleted_and_its_numbers_disappear() -> None:
    new = "| Limit |\n|---|\n| Temperature |\n| Viability |\n"
    assert [each[:2] for each in numbers(TABLE, new)] == [("2–8", ""), ("≥ 70", "")]
    assert_whole(TABLE, new)


def test_a_list_table_of_the_same_cells_is_the_same_table() -> None:
    new = "```{list-table}\n:header-rows: 1\n\n* - Limit\n  - Value\n* - Temperature\n  - 2–8 °C\n* - Viability\n  - ≥ 70 %\n```\n"
    redline = compare(TABLE, new)
    assert redline.is_empty and redline.is_layout_only


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("One\ntwo three.\n", "One two\nthree.\n"),
        ("* a\n* b\n", "- a\n- b\n"),
        ("1. a\n1. b\n", "1. a\n2. b\n"),
        (TABLE, TABLE.replace("| Limit | Value |", "|Limit|Value|")),
    ],
)
def test_layout_of_the_source_alone_is_no_change(old: str, new: str) -> None:
    redline = compare(old, new)
    assert redline.is_empty and redline.is_layout_only and not redline.is_hidden_number


def test_a_number_that_no_page_shows_is_not_passed_over() -> None:
    old = "| A | B |\n|---|---|\n| a | b | 5 mg |\n"
    redline = compare(old, old.replace("5 mg", "50 mg"))
    assert redline.is_empty and redline.is_hidden_number


WORDS = st.sampled_from(
    [
        "the",
        "bag",
        "not",
        "5 mg",
        "−1 °C",
        "≥ 70 %",
        "2–8 °C",
        "[x](QM-001)",
        "**a**",
        "`c`",
        "label",
        "\\|",
        "1 × 10^6/kg",
        "é",
        "·",
    ]
)
LINE = st.lists(WORDS, min_size=1, max_size=7).map(" ".join)
BLOCK = st.one_of(
    LINE,
    LINE.map("## {}".format),
    st.lists(LINE, min_size=1, max_size=5).map(
        lambda lines: "\n".join(f"{n}. {line}" for n, line in enumerate(lines, 1))
    ),
    st.lists(LINE, min_size=1, max_size=5).map(lambda lines: "\n".join(f"- {line}" for line in lines)),
    st.lists(st.lists(LINE, min_size=1, max_size=4), min_size=1, max_size=4).map(
        lambda rows: "\n".join(
            ["|" + "h|" * len(rows[0]), "|" + "-|" * len(rows[0]), *("|" + "|".join(row) + "|" for row in rows)]
        )
    ),
    st.tuples(st.sampled_from(["note", "danger"]), LINE).map(lambda box: f"```{{{box[0]}}}\n{box[1]}\n```"),
    st.lists(LINE, min_size=1, max_size=6).map(
        lambda cells: "```{list-table}\n\n" + "\n".join(f"* - {cell}\n  - {cells[0]}" for cell in cells) + "\n```"
    ),
    LINE.map("> {}".format),
)
TEXT = st.lists(BLOCK, max_size=6).map("\n\n".join)


@st.composite
def revised(draw: st.DrawFn) -> tuple[str, str]:
    """A text and another that shares many of its blocks, some of them changed, moved or gone."""
    blocks = draw(st.lists(BLOCK, max_size=7))
    others = draw(st.permutations(blocks)) if draw(st.booleans()) else list(blocks)
    for at in range(len(others)):
        match draw(st.integers(0, 4)):
            case 0:
                others[at] = draw(BLOCK)
            case 1:
                others[at] = others[at].replace(draw(WORDS), draw(WORDS))
            case 2:
                others[at] = ""
    return "\n\n".join(blocks), "\n\n".join(others)


@settings(max_examples=120, deadline=None)
@given(revised())
def test_both_texts_can_be_rebuilt_from_the_redline(pair: tuple[str, str]) -> None:
    assert_whole(*pair)
    assert_whole(*pair[::-1])


@settings(max_examples=60, deadline=None)
@given(
    st.text(alphabet="ab1 \n|-*#>`:{}[]()0.5−°C", max_size=200),
    st.text(alphabet="ab1 \n|-*#>`:{}[]()0.5−°C", max_size=200),
)
def test_nor_does_any_other_text_lose_a_word(old: str, new: str) -> None:
    assert_whole(old, new)


@settings(max_examples=60, deadline=None)
@given(TEXT)
def test_a_text_has_not_changed_from_itself(text: str) -> None:
    redline = assert_whole(text, text)
    assert redline.is_empty and not redline.is_layout_only and redline.numbers == ()


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.integers(0, 6), max_size=30), st.lists(st.integers(0, 6), max_size=30), st.sampled_from([0, 2, 5, 400])
)
def test_an_alignment_is_rising_and_true(old: list[int], new: list[int], effort: int) -> None:
    pairs = align(old, new, effort)
    assert all(old[a] == new[b] for a, b in pairs)
    assert all(a < c and b < d for (a, b), (c, d) in pairwise(pairs))
    if effort == 400:
        longest = [[0] * (len(new) + 1) for _ in range(len(old) + 1)]
        for a in range(len(old) - 1, -1, -1):
            for b in range(len(new) - 1, -1, -1):
                longest[a][b] = (
                    longest[a + 1][b + 1] + 1 if old[a] == new[b] else max(longest[a + 1][b], longest[a][b + 1])
                )
        assert len(pairs) == longest[0][0]
