"""The PDFs say what the approved text says: nothing lost, nothing run, the same bytes each time."""

from __future__ import annotations

import ctypes
import re
from dataclasses import replace
from datetime import date
from pathlib import Path

import pypdfium2
import pypdfium2.raw
import pytest

from qmdoc import documents, fidelity, markup
from qmdoc.documents import Document
from qmdoc.errors import OutputFailed
from qmdoc.outputs import pdf
from qmdoc.outputs.languages import Language
from qmdoc.outputs.pdf import blocks, nodes, printing, reading
from qmdoc.outputs.pdf.blocks import Source
from qmdoc.outputs.pdf.printing import Frame
from qmdoc.outputs.pdf.sheets import Approved, Field, Revised, Sheet

ROOT = Path(__file__).parents[2]
TEMPLATE = (ROOT / "templates" / "pdf" / "procedure.typ").read_text(encoding="utf-8")
LIBRARY = sorted(path for path in (ROOT / "sops").rglob("*-*.md") if "standards" not in path.parts)
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" width="90" height="40"><text x="5" y="25" font-family="Times,serif">Flow 37</text></svg>'
PNG = (
    b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x00\x00\x00\x00:~\x9bU"
    b"\x00\x00\x00\nIDATx\x9cc`\x00\x00\x00\x02\x00\x01H\xaf\xa4q\x00\x00\x00\x00IEND\xaeB`\x82"
)
HOSTILE = r"""#import "@preview/x:1.0.0": * #read("/etc/passwd") \#x #eval("1") $1/0$ @ref <label> "q" 'q' `c` {{ 7*7 }} *b* _e_ ~ -- --- ... // /* */ = H + 1 <script>alert(1)</script>"""


def sheet(body: str, number: str = "QM-001", *, title: str = "Title", **attachments: bytes) -> Sheet:
    named = {name.replace("_", "."): content for name, content in attachments.items()}
    return Sheet(
        number=number,
        title=title,
        version="2.1",
        since="2026-02-01",
        digest="0123456789ab",
        source=Source(number, body, markup.read(body, first_line=12), named),
        path=f"sops/quality/{number}-title.md",
        first_line=12,
        fields=(Field("Number", number),),
        approvals=(Approved("Quality Manager", "Quality manager", "Approval", "2026-01-20 10:00:00 UTC", "signed"),),
        revisions=(Revised("2.1", "2026-02-01", "in force", "First"),),
        qr=f"{number} 2.1 0123456789ab",
    )


def frame(*told: Sheet, template: str = TEMPLATE) -> Frame:
    files = {each.number: pdf.name(each.number, each.version) for each in told}
    return Frame(template, "Example Cellular Therapy Programme", date(2026, 11, 22), "c" * 40, files)


def printed(*told: Sheet, template: str = TEMPLATE) -> dict[str, bytes]:
    return printing.printed(told, frame(*told, template=template))


def shown(body: str, **attachments: bytes) -> str:
    """The text of the sheets of a procedure, without the control block and the revision history."""
    content = printed(sheet(body, **attachments))["QM-001-2.1.pdf"]
    text = reading.text(content)
    return text[text.index("Approved by") : text.index("Revision history")].partition("signed\n")[2]


def squeezed(text: str) -> str:
    """Without blanks, bullets and the words in the band of a box: those the text does not say itself."""
    return re.sub(r"\s|[•–]|\b(?:DANGER|WARNING|IMPORTANT|NOTE|TIP)\b", "", text)


def library_sheet(path: Path) -> Sheet:
    found = documents.parse(f"sops/{path.name}", path.read_bytes())
    assert isinstance(found, Document)
    return replace(sheet(found.body, found.id, title=found.title), first_line=found.body_line)


def test_every_letter_of_real_procedures_is_on_the_sheets_in_order() -> None:
    told = [library_sheet(path) for path in LIBRARY[::7]]
    assert len(told) >= 20
    made = printing.printed(told, frame(*told))
    for each in told:
        text = reading.text(made[pdf.name(each.number, each.version)])
        said = nodes.words(blocks.tree(each.source, frame(*told).pages))
        assert squeezed(said) in squeezed(text), each.number
        numbers = re.findall(r"\d+", re.sub(r"\]\([^)]*\)", "]", each.source.body))
        found = iter(re.findall(r"\d+", text))
        assert all(any(number in other for other in found) for number in numbers), each.number


def test_signs_units_and_cells_stay_as_they_were_written() -> None:
    body = (
        'Cool at −1 °C/min, ± 0.1; ≥ 2 × 10⁶/kg, ≤ 10⁹; 5 µL, 3 µg, 10 m². Use -- and ... and "x" as typed. → ●\n\n'
        "| Limit | Low | High |\n| :-- | --: | :-: |\n| CD34 | 2.0 | −80 |\n| | 72 | 48 |\n"
    )
    text = shown(body)
    for part in (
        "−1 °C/min",
        "± 0.1",
        "≥ 2 × 10⁶/kg",
        "≤ 10⁹",
        "5 µL",
        "3 µg",
        "10 m²",
        'Use -- and ... and "x"',
        "→ ●",
    ):
        assert part in text.replace("\n", " ")
    assert re.search(r"CD34\s+2\.0\s+−80\s+72\s+48", text)


def test_a_letter_with_a_mark_is_one_letter_however_it_was_typed() -> None:
    """A mean x̄ has no code of its own, and some keyboards type é in two: neither may bar a manual."""
    body = "## Purpose\n\nMean x\u0304 = 5.0, p\u0302 ≤ 0.1, e\u0301te\u0301, A\u030a, x\u0304x\u0304, v\u0307O₂.\n"
    pages = reading.pages(printed(sheet(body))["QM-001-2.1.pdf"])
    assert fidelity.pdf(fidelity.expected(body, 12), pages) == ()
    for was, now in (("x\u0304 = 5", "y\u0304 = 5"), ("p\u0302", "p"), ("e\u0301te", "ete")):
        assert fidelity.pdf(fidelity.expected(body.replace(was, now), 12), pages) != ()


def test_steps_keep_the_numbers_that_were_typed() -> None:
    text = shown("3. Third\n4. Fourth\n\n   1. Inner\n   2. Next\n\n7. Seventh\n\nThen\n\n1) One\n2) Two\n")
    assert [line.split()[0] for line in text.splitlines() if re.match(r"\d+[.)]", line)] == [
        "3.", "4.", "1.", "2.", "7.", "1)", "2)",
    ]  # fmt: skip
    assert [word for word in shown("1. A\n1. B\n1. C\n").split() if word[0].isdigit()] == ["1.", "2.", "3."]


def test_all_that_a_text_may_hold_is_on_the_sheets() -> None:
    body = (
        "## First\n\n### Deeper {clause}`us-21cfr1271 1271.180(b)`\n\n> quoted **bold** *soft* `code`  \nnext\n\n"
        '- a\n- b\n  - c\n\n---\n\n```text\nif x < 1:\n    y = "2"\n```\n\n    indented 4\n\n'
        "```{danger}\nSTOP if 38.5 °C.\n```\n\n```{note} First words\nmore\n```\n\n"
        "```{list-table} Caption 5\n:header-rows: 1\n:stub-columns: 1\n:widths: 20 80\n\n* - H1\n  - H2\n* - a\n  - 1. one\n    2. two\n```\n\n"
        "```{figure} QM-001/flow.svg\n:alt: Flow\n:width: 50%\n\nFigure caption 8\n```\n\n![dot](QM-001/dot.png)\n\n"
        "```{image} QM-001/dot.png\n:alt: Dot\n```\n\n"
        "[first](#first) [out](https://programme.example/a) [other](QM-009) [file](QM-001/flow.svg) [mail](mailto:a@b.example)\n"
    )
    content = printed(sheet(body, flow_svg=SVG, dot_png=PNG))["QM-001-2.1.pdf"]
    text = " ".join(" ".join(reading.pages(content, is_whole=True)).split())
    for part in (
        "First", "Deeper [1271.180(b)]", "quoted bold soft code next", "• a", "– c", 'if x < 1: y = "2"', "indented 4",
        "DANGER STOP if 38.5 °C.", "NOTE First words more", "Caption 5", "H1 H2", "a 1. one 2. two", "Flow 37",
        "Figure caption 8", "out (https://programme.example/a)", "other (QM-009) (not in force)",
        "file (attachment flow.svg)", "mail (a@b.example)",
    ):  # fmt: skip
        assert part in text, part
    bare = " ".join(reading.text(content).split())
    assert "first out other (not in force) file mail" in bare, "what is for paper alone is an artifact"


def test_a_formula_is_drawn_and_its_source_is_told_to_screen_readers() -> None:
    made = printed(sheet("```{math}\nV = \\frac{V_0 \\cdot 0.10}{1.5}\n```\n"))["QM-001-2.1.pdf"]
    document = pypdfium2.PdfDocument(made)
    try:
        kinds = [each.type for each in document[0].get_objects(max_depth=4)]
        assert kinds.count(pypdfium2.raw.FPDF_PAGEOBJ_PATH) > 20
    finally:
        document.close()
    assert b"V_0 \\\\cdot 0.10" in made


def test_nothing_of_a_text_runs(tmp_path: Path) -> None:
    text = shown(
        f"## {HOSTILE}\n\n{HOSTILE}\n\n- {HOSTILE}\n\n| {HOSTILE.replace('|', '')} | b |\n| --- | --- |\n| a | b |\n"
    )
    flat = " ".join(text.split())
    for part in (
        '#import "@preview/x:1.0.0"',
        '#read("/etc/passwd")',
        '#eval("1")',
        "$1/0$ @ref",
        "{{ 7*7 }}",
        "/* */ = H + 1",
    ):
        assert flat.count(part) >= 3, part
    assert "root:" not in text


@pytest.mark.parametrize(
    "code",
    ['#read("/etc/passwd")', '#read("../../etc/passwd")', '#import "@preview/cetz:0.3.4"', "#nothing-of-that-name"],
)
def test_a_template_reads_nothing_outside_and_a_fault_in_it_names_its_line(code: str) -> None:
    lines = TEMPLATE.count("\n")
    with pytest.raises(OutputFailed, match=rf"QM-001 .*templates/pdf/procedure\.typ, line {lines + 1}"):
        printed(sheet("Text.\n"), template=f"{TEMPLATE}{code}\n")


@pytest.mark.parametrize(("body", "line"), [("One\n\nTwo 日 x\n", 14), ("| a |\n| - |\n| 🩸 |\n", 14)])
def test_a_letter_without_a_glyph_is_an_error_that_names_document_letter_and_line(body: str, line: int) -> None:
    with pytest.raises(
        OutputFailed, match=rf"QM-001 \(sops/quality/QM-001-title\.md, line {line}\): no font .* `[日🩸]`"
    ):
        printed(sheet(body))


@pytest.mark.parametrize(
    ("body", "attachments"),
    [
        ("```{math}\n\\frac{a}\n```\n", {}),
        ("![x](QM-001/x.png)\n", {"x_png": b"no picture"}),
        ("![x](QM-001/x.pdf)\n", {"x_pdf": b"%PDF-1.4"}),
        ("![x](QM-001/x.svg)\n", {"x_svg": b'<svg xmlns="http://www.w3.org/2000/svg"><image href="/etc/passwd"/></svg>'}),
    ],
)  # fmt: skip
def test_what_cannot_be_shown_is_an_error_that_names_the_document(body: str, attachments: dict[str, bytes]) -> None:
    with pytest.raises(OutputFailed, match=r"^QM-001 \(sops/quality/QM-001-title\.md"):
        printed(sheet(body, **attachments))


def test_a_formula_that_cannot_be_drawn_is_named_with_its_line_and_a_reason() -> None:
    said = r"^QM-001 \(sops/quality/QM-001-title\.md, line 15\): the formula `\\frac\{1\}\{` can't be drawn: \w"
    with pytest.raises(OutputFailed, match=said):
        printed(sheet("## P\n\n```{math}\n\\frac{1}{\n```\n"))


def test_wide_tables_and_long_words_stay_within_the_sheet() -> None:
    cells = [f"Column{number}heading" for number in range(11)]
    long = "https://programme.example/" + "a" * 150
    rows = "".join(f"| {' | '.join(f'{row}.{column}' for column in range(11))} |\n" for row in range(60))
    body = f"| {' | '.join(cells)} |\n|{' - |' * 11}\n{rows}\n{long}\n\n| {long} | x |\n| - | - |\n| {long} | 12 |\n"
    made = printed(sheet(body))["QM-001-2.1.pdf"]
    document = pypdfium2.PdfDocument(made)
    try:
        for page in document:
            text, (width, _) = page.get_textpage(), page.get_size()
            boxes = [text.get_charbox(at) for at in range(text.count_chars())]
            assert max(right for _, _, right, _ in boxes) < width - 54
    finally:
        document.close()
    texts = reading.pages(made, is_whole=True)
    assert sum("".join(cells) in squeezed(text) for text in texts) >= 2, "the head comes again on the next sheet"
    found = re.findall(r"\d+\.\d+", reading.text(made))
    assert [f"{row}.{column}" for row in range(60) for column in range(11)] == found[: 60 * 11]
    assert squeezed(reading.text(made)).count(long) == 3


@pytest.mark.parametrize("columns", [9, 11])
def test_the_letters_of_two_cells_never_lie_over_one_another(columns: int) -> None:
    """A limit that is set over its neighbour is another limit, whatever a program reads out of the file."""
    head, row = ["Limit", *["Extraordinarycharacteristic"] * columns], ["1234567.89", *["x"] * columns]
    made = printed(sheet(f"| {' | '.join(head)} |\n|{' - |' * (columns + 1)}\n| {' | '.join(row)} |\n"))
    document = pypdfium2.PdfDocument(made["QM-001-2.1.pdf"])
    try:
        text = document[0].get_textpage()
        boxes = [
            text.get_charbox(at) for at in range(text.count_chars()) if text.get_text_range(at, 1) in set("0123456789x")
        ]
        over = [
            (one, other)
            for at, one in enumerate(boxes)
            for other in boxes[at + 1 :]
            if min(one[2], other[2]) - max(one[0], other[0]) > 0.6 * min(one[2] - one[0], other[2] - other[0])
            and min(one[3], other[3]) - max(one[1], other[1]) > 1
        ]
        assert not over
        assert max(right for _, _, right, _ in boxes) < document[0].get_size()[0] - 54
    finally:
        document.close()


def test_a_table_that_no_sheet_holds_is_refused_with_its_line() -> None:
    body = f"## P\n\n| {' | '.join(['Quantity'] * 40)} |\n|{' - |' * 40}\n| {' | '.join(['1000.5'] * 40)} |\n"
    with pytest.raises(OutputFailed, match=r"^QM-001 \(sops/quality/QM-001-title\.md, line \d+\): no sheet has room"):
        printed(sheet(body))


def test_the_manual_binds_all_with_tags_bookmarks_and_links() -> None:
    first, second = sheet("## One\n\nSee [the other](QM-002).\n", title="A (b (c) 1 0 R)"), sheet("## Two\n", "QM-002")
    made = printed(first, second)
    document = pypdfium2.PdfDocument(made[pdf.MANUAL])
    try:
        marks = [(mark.level, mark.get_title(), mark.get_dest().get_index()) for mark in document.get_toc()]
        assert marks[1:3] == [(0, "QM-001 A (b (c) 1 0 R)", 2), (1, "One", 2)]
        assert (0, "QM-002 Title", 3) in marks
        for page in document:
            tags = pypdfium2.raw.FPDF_StructTree_GetForPage(page.raw)
            assert pypdfium2.raw.FPDF_StructTree_CountChildren(tags) > 0
            pypdfium2.raw.FPDF_StructTree_Close(tags)
        assert _targets(document, 2) == [3] and _targets(document, 1)[::2] == [2, 3]
        assert document.get_metadata_value("Title") == "Manual"
    finally:
        document.close()
    assert b"/URI(../documents/QM-002.html)" in made["QM-001-2.1.pdf"] and b"/URI(" not in made[pdf.MANUAL]
    front = reading.pages(made[pdf.MANUAL])[1]
    assert re.search(r"QM-001\s+A \(b \(c\) 1 0 R\)\s+2\.1\s+2026-02-01\s+1\s+3\n?\s*QM-002", front)


def test_the_same_sheets_make_the_same_bytes() -> None:
    told = [sheet("## One\n\n```{math}\nx^2\n```\n"), sheet("Text\n", "QM-002")]
    assert printed(*told) == printed(*told)


def test_the_day_and_the_commit_stand_at_the_front_alone() -> None:
    told = sheet("## One\n")
    later = replace(frame(told), as_of=date(2027, 1, 1), commit="d" * 40)
    made, other = printed(told), printing.printed([told], later)
    assert made["QM-001-2.1.pdf"] == other["QM-001-2.1.pdf"] and made[pdf.MANUAL] != other[pdf.MANUAL]
    for content, day, commit in ((made, "2026-11-22", "c" * 40), (other, "2027-01-01", "d" * 40)):
        front = reading.pages(content[pdf.MANUAL], is_whole=True)[0]
        assert day in front and commit in "".join(front.split())


def test_a_pdf_is_taken_over_only_where_all_that_it_is_made_of_is_the_same() -> None:
    linked = sheet("## One\n\nSee [it](QM-002).\n")
    others = [sheet("Two\n", "QM-002"), sheet("Three\n", "QM-003")]
    before = printing.made_from(linked, frame(linked, *others))
    assert before == printing.made_from(
        linked, replace(frame(linked, *others), as_of=date(2027, 1, 1), commit="d" * 40)
    )
    newer = [replace(each, version="3.0") for each in others]
    assert before == printing.made_from(linked, frame(linked, *newer)), "a new version moves no link"
    in_code = replace(linked, source=replace(linked.source, body="See [it](QM&#45;003).\n"))
    assert printing.made_from(in_code, frame(linked, *others)) != printing.made_from(in_code, frame(linked, others[0]))
    for bent in (
        replace(linked, title="Other"), replace(linked, version="2.2"), replace(linked, since="2026-02-02"),
        replace(linked, digest="f" * 12), replace(linked, banners=("Overdue.",)), replace(linked, watermark="OLD"),
        replace(linked, qr="elsewhere"), replace(linked, approvals=()), replace(linked, revisions=()),
        replace(linked, fields=(Field("Owner", "Nobody"),)),
        replace(linked, source=replace(linked.source, body=linked.source.body + ".")),
        replace(linked, source=replace(linked.source, attachments={"a.png": b"a"})),
    ):  # fmt: skip
        assert before != printing.made_from(bent, frame(linked, *others)), bent
    for shared in (
        frame(linked, others[1]),
        replace(frame(linked, *others), template=TEMPLATE + "\n"), replace(frame(linked, *others), programme="Other"),
        replace(frame(linked, *others), language=Language("nl")), replace(frame(linked, *others), paper="us-letter"),
    ):  # fmt: skip
        assert before != printing.made_from(linked, shared), shared


def test_sheets_that_were_taken_over_are_bound_as_if_new() -> None:
    told = [sheet("## One\n"), sheet("Two\n", "QM-002"), sheet("Three\n", "QM-003")]
    whole = printed(*told)
    for kept in ({"QM-002-2.1.pdf"}, {"QM-001-2.1.pdf", "QM-003-2.1.pdf"}, set(whole)):
        found = {name: content for name, content in whole.items() if name in kept}
        again = printing.printed(told, frame(*told), lambda name, _, found=found: found.get(name))
        assert list(again.items()) == list(whole.items())


def test_each_sheet_says_what_it_is() -> None:
    made = printed(replace(sheet("Long.\n\n" * 200), watermark="SUPERSEDED"))["QM-001-2.1.pdf"]
    texts = [" ".join(text.split()) for text in reading.pages(made, is_whole=True)]
    assert len(texts) > 2
    for number, text in enumerate(texts, start=1):
        for part in ("QM-001 Title", "Version 2.1, in force since 2026-02-01", "Digest 0123456789ab", "SUPERSEDED",
                     "Uncontrolled when printed", f"Page {number} of {len(texts)}"):  # fmt: skip
            assert part in text, part
    assert "Uncontrolled" not in reading.text(made) and "Page 2" not in reading.text(made)


def _targets(document: pypdfium2.PdfDocument, page: int) -> list[int]:
    at, link, found = ctypes.c_int(0), pypdfium2.raw.FPDF_LINK(), []
    opened = document[page]
    while pypdfium2.raw.FPDFLink_Enumerate(opened.raw, ctypes.byref(at), ctypes.byref(link)):
        place = pypdfium2.raw.FPDFLink_GetDest(document.raw, link)
        found.append(pypdfium2.raw.FPDFDest_GetDestPageIndex(document.raw, place) if place else -1)
    return found
