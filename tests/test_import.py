"""Word procedures become documents: nothing is lost, nothing is changed, nothing is dropped in silence."""

from __future__ import annotations

import io
import shutil
import subprocess
import time
import zipfile
from datetime import date
from pathlib import Path

import pytest
import word_files as word
from click.testing import CliRunner
from docx.document import Document
from docx.shared import Pt
from hypothesis import given, settings
from hypothesis import strategies as st

from qmdoc import cli, documents, importing
from qmdoc.errors import ImportFailed
from qmdoc.importing import comparing, head, markdown, numbering, placing, symbols

TODAY = date(2026, 11, 22)
WISH = importing.Wish(TODAY)


def imported(
    document: Document, parts: dict[str, str] | None = None, name: str = "CTP-014 Thaw.docx"
) -> importing.Imported:
    return importing.convert(name, word.saved(document, parts), WISH)


def body(document: Document, parts: dict[str, str] | None = None) -> str:
    """The text of the imported document, below the front matter and the box with places to settle."""
    made = imported(document, parts)
    assert not made.differences, made.differences
    parsed = documents.parse(made.name, made.files[made.name])
    assert isinstance(parsed, documents.Document) and not parsed.faults and not parsed.markup().unsafe
    text = parsed.body.lstrip("\n")
    return text.partition("\n```\n\n")[2] if text.startswith("```{important}\nImported") else text


def lines(document: Document, parts: dict[str, str] | None = None) -> list[str]:
    return [line for line in body(document, parts).split("\n") if line.strip()]


# -- front matter


def test_number_title_version_owner_and_dates_come_from_the_header_and_the_control_table() -> None:
    document = word.blank()
    header = document.sections[0].header
    header.paragraphs[0].text = "Document No: CTP-014\tVersion: 3.2\tNext review: 31 March 2028"
    document.add_heading("Thaw and infusion", 0)
    table = document.add_table(2, 2)
    for cell, text in zip(
        (c for row in table.rows for c in row.cells),
        ("Owner", "Quality Manager", "Effective Date", "1 January 2027"),
        strict=True,
    ):
        cell.text = text
    table.add_row().cells[0].text = "SOP Number"
    table.rows[2].cells[1].text = "CTP 014"
    document.add_heading("Purpose", 1)
    made = imported(document)
    parsed = documents.parse(made.name, made.files[made.name])
    assert isinstance(parsed, documents.Document)
    keys = parsed.front_matter
    assert (keys.id, keys.title, str(keys.version), keys.owner) == (
        "CTP-014",
        "Thaw and infusion",
        "3.2",
        "quality-manager",
    )
    assert (keys.effective_date, keys.review_date) == (date(2027, 1, 1), date(2028, 3, 31))
    assert made.name == "CTP-014-thaw-and-infusion.md"
    assert "row of the control table: Owner | Quality Manager" in made.report
    assert "header: Document No: CTP-014" in made.report
    assert made.open_places == 0 and "Quality Manager" not in parsed.body


def test_what_is_not_found_is_a_place_to_settle_and_never_signable() -> None:
    made = importing.convert("Hand hygiene v2 final.docx", word.saved(word.blank()), WISH)
    text = made.files[made.name].decode()
    assert made.name == "QM-001-hand-hygiene.md"
    assert 'version: "1.0"' in text and "[[local: is 1.0 the version; the Word file names none]]" in text
    assert "[[local: which role owns this document" in text and "[[local: by which day is the first review due" in text


@pytest.mark.parametrize(
    ("written", "day"),
    [("2026-02-01", date(2026, 2, 1)), ("01.02.2026", date(2026, 2, 1)), ("1st Feb 2026", date(2026, 2, 1)), ("February 1, 2026", date(2026, 2, 1)),
     ("25/02/2026", date(2026, 2, 25)), ("02/25/2026", date(2026, 2, 25)), ("01/02/2026", None), ("31.02.2026", None), ("soon", None)],
)  # fmt: skip
def test_a_day_is_read_only_where_it_can_be_one_alone(written: str, day: date | None) -> None:
    assert head.day(written) == day


def test_two_values_for_one_key_are_told() -> None:
    document = word.blank()
    document.sections[0].header.paragraphs[0].text = "Version: 3.2"
    document.sections[0].footer.paragraphs[0].text = "Version: 3.1"
    made = imported(document)
    assert "two values for version: 3.2 (the header) was taken; the footer says 3.1" in " ".join(made.report.split())
    assert "two values for version" in made.files[made.name].decode()


def test_at_a_terminal_what_is_missing_is_asked() -> None:
    answers = {
        "Version, as in 2.1": "4.1",
        "Owner: a role or a person's id": "medical-director",
        "First periodic review by": "2027-05-01",
    }
    wish = importing.Wish(TODAY, ask=lambda question, offered: answers.get(question, ""))
    made = importing.convert("Hand hygiene.docx", word.saved(word.blank()), wish)
    text = made.files[made.name].decode()
    assert 'version: "4.1"\nowner: medical-director\nreview_date: 2027-05-01' in text and made.open_places == 0


# -- text


def test_headings_come_from_styles_outline_levels_and_where_there_are_none_from_bold_numbers() -> None:
    document = word.blank()
    document.add_heading("Purpose", 1)
    word.paragraph(document, '<w:pPr><w:outlineLvl w:val="1"/></w:pPr>' + word.run("By outline"))
    document.add_paragraph().add_run("3. Bold only").bold = True
    assert lines(document) == ["## Purpose", "### By outline", "**3. Bold only**"]
    document = word.blank()
    document.add_paragraph().add_run("1. PURPOSE").bold = True
    document.add_paragraph("To thaw.")
    document.add_paragraph().add_run("1.1 Details").bold = True
    document.add_paragraph().add_run("2. Stop at once.").bold = True
    assert lines(document) == ["## 1\\. PURPOSE", "To thaw.", "### 1.1 Details", "**2. Stop at once.**"]
    assert "level 2: 1.1 Details" in imported(document).report


def test_steps_keep_the_numbers_that_word_prints() -> None:
    document = word.blank()
    word.numbering(document, 20, (("decimal", "%1."), ("lowerLetter", "%2)"), ("lowerRoman", "%3.")), override=21)
    for text, level in (("Check", 0), ("label", 1), ("volume", 1), ("small", 2), ("Thaw", 0), ("again", 1)):
        word.numbered(document, text, 20, level)
    document.add_paragraph("In between.")
    word.numbered(document, "Infuse", 20)
    word.numbered(document, "Restarted", 21)
    word.numbered(document, "On", 21)
    assert lines(document) == [
        "1. Check", "   a) label", "   b) volume", "   i. small", "2. Thaw", "   a) again", "   In between.",
        "3. Infuse", "1) Restarted", "2) On",
    ]  # fmt: skip


def test_legal_numbers_are_kept_as_text_and_bullets_hang_on_their_step() -> None:
    document = word.blank()
    word.numbering(document, 22, (("decimal", "%1."), ("decimal", "%1.%2"), ("decimal", "%1.%2.%3")))
    word.numbering(document, 23, (("bullet", "-"), ("bullet", "o")))
    for text, number, level in (("A", 22, 0), ("B", 22, 1), ("C", 22, 2), ("dot", 23, 1), ("D", 22, 1), ("E", 22, 0)):
        word.numbered(document, text, number, level)
    assert lines(document) == ["1. A", "   1.1 B", "   1.1.1 C", "   - dot", "   1.2 D", "2. E"]


def test_what_stands_between_two_steps_belongs_to_the_first_and_a_late_beginning_is_text() -> None:
    document = word.blank()
    word.numbering(document, 20, (("decimal", "%1."), ("decimal", "%1.%2")))
    word.numbering(document, 23, (("bullet", "-"),))
    word.numbered(document, "Thaw", 20)
    word.numbered(document, "dot", 23)
    word.numbered(document, "deep", 20, 1)
    table = document.add_table(2, 1)
    table.cell(0, 0).text, table.cell(1, 0).text = "Test", "5 mg"
    word.numbered(document, "Infuse", 20)
    document.add_heading("Afterwards", 1)
    word.numbered(document, "Discard", 20)
    assert lines(document) == [
        "1. Thaw", "   - dot", "   1.1 deep", "   | Test |", "   | --- |", "   | 5 mg |", "2. Infuse", "## Afterwards", "3\\. Discard",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("count", "form", "text"),
    [(4, "lowerRoman", "iv"), (1994, "upperRoman", "MCMXCIV"), (27, "lowerLetter", "aa"), (3, "upperLetter", "C"), (7, "decimalZero", "07"), (22, "ordinal", "22nd"), (9, "chicago", "9")],
)  # fmt: skip
def test_numbers_are_spelt_as_word_does(count: int, form: str, text: str) -> None:
    assert numbering.spelt(count, form) == text


def test_exponents_indices_and_signs_are_kept() -> None:
    document = word.blank()
    symbol = '<w:rFonts w:ascii="Symbol" w:hAnsi="Symbol"/>'
    word.paragraph(
        document,
        word.run("≥ 2 × 10")
        + word.run("6", '<w:vertAlign w:val="superscript"/>')
        + word.run("/kg, 10")
        + word.run("-3", '<w:vertAlign w:val="superscript"/>')
        + word.run(", CO")
        + word.run("2", '<w:vertAlign w:val="subscript"/>')
        + word.run(", 37 °C ± 1, ")
        + '<w:r><w:sym w:font="Symbol" w:char="F0B3"/></w:r>'
        + word.run("90 %, 5 ")
        + word.run("m", symbol)
        + word.run("L ")
        + '<w:r><w:sym w:font="Wingdings" w:char="F0FE"/></w:r>'
        + word.run(", 1")
        + word.run("st", '<w:vertAlign w:val="superscript"/>')
        + word.run(" x")
        + word.run("Qz", '<w:vertAlign w:val="superscript"/>'),
    )
    assert lines(document) == ["≥ 2 × 10⁶/kg, 10⁻³, CO₂, 37 °C ± 1, ≥90 %, 5 µL ☑, 1st x^(Qz)"]


def test_a_sign_that_no_table_knows_is_a_place_to_settle() -> None:
    document = word.blank()
    word.paragraph(document, word.run("Press ") + '<w:r><w:sym w:font="Webdings" w:char="F021"/></w:r>')
    assert "\\[\\[local: a sign of the font Webdings, code U+F021, that has no letter here\\]\\]" in body(document)
    assert "sign of the font Webdings" in imported(document).report
    assert imported(document).open_places >= 1


def test_tables_keep_their_cells_and_merged_ones_say_so() -> None:
    document = word.blank()
    table = document.add_table(3, 3)
    for number, cell in enumerate(c for row in table.rows for c in row.cells):
        cell.text = f"c{number}|"
    table.cell(0, 1).text = ""
    table.cell(0, 0).merge(table.cell(0, 1))
    table.cell(2, 2).text = ""
    table.cell(1, 2).merge(table.cell(2, 2))
    assert lines(document) == [
        "| c0\\| | (as left) | c2\\| |", "| --- | --- | --- |", "| c3\\| | c4\\| | c5\\| |", "| c6\\| | c7\\| | (as above) |",
    ]  # fmt: skip
    assert "merged cells were parted" in imported(document).report


def test_a_cell_of_several_paragraphs_and_a_nested_table_stay_cells() -> None:
    document = word.blank()
    table = document.add_table(2, 2)
    table.cell(0, 0).text, table.cell(0, 1).text, table.cell(1, 0).text = "Test", "Limit", "first\nsecond"
    table.cell(1, 0).add_paragraph("7 mg")
    inner = table.cell(1, 1).add_table(2, 2)
    for number, cell in enumerate(c for row in inner.rows for c in row.cells):
        cell.text = f"n{number}"
    text = body(document)
    assert "```{list-table}\n:header-rows: 1" in text and "| n0 | n1 |" in text and "7 mg" in text
    made = imported(document)
    assert (
        "nested table" in made.report
        and "tables                                                           2         2" in made.report
    )


def test_text_boxes_are_kept_once_and_marked() -> None:
    document = word.blank()
    word.paragraph(document, word.run("Before ") + word.text_box("BOXED 5 mg") + word.run("after"))
    assert lines(document) == ["Before after", "```{note}", "Text box: BOXED 5 mg", "```"]


def test_tracked_changes_are_accepted_and_listed_with_author_and_place() -> None:
    document = word.blank()
    document.add_heading("Dose", 1)
    who = 'w:id="1" w:author="Q. Old" w:date="2024-01-01T00:00:00Z"'
    word.paragraph(
        document,
        word.run("Give ")
        + f"<w:del {who}><w:r><w:delText>10</w:delText></w:r></w:del><w:ins {who}>{word.run('15')}</w:ins>"
        + word.run(" mg"),
    )
    word.paragraph(document, f"<w:pPr><w:rPr><w:del {who}/></w:rPr></w:pPr>" + word.run("one "))
    word.paragraph(document, word.run("line"))
    made = imported(document)
    assert lines(document) == ["## Dose", "Give 15 mg", "one line"]
    assert "deleted by Q. Old, 2024-01-01: 10 (under “Dose”, paragraph 2)" in made.report
    assert (
        "inserted by Q. Old, 2024-01-01: 15" in made.report
        and "tracked changes were open" in made.files[made.name].decode()
    )


def test_notes_comments_links_and_hidden_text() -> None:
    document = word.blank()
    word.paragraph(
        document,
        word.run("At most 1 mL/kg")
        + '<w:r><w:footnoteReference w:id="2"/></w:r><w:commentRangeStart w:id="5"/>'
        + word.run(". Within 20 minutes")
        + '<w:commentRangeEnd w:id="5"/><w:hyperlink w:anchor="_Ref1">'
        + word.run(" see 4.2")
        + "</w:hyperlink>"
        + word.run(" secret", "<w:vanish/>"),
    )
    place = '<w:fldChar w:fldCharType="{}"/>'
    code = '<w:instrText> HYPERLINK "https://programme.example/a_b" </w:instrText>'
    word.paragraph(
        document,
        f"<w:r>{place.format('begin')}</w:r><w:r>{code}</w:r><w:r>{place.format('separate')}</w:r>{word.run('site')}<w:r>{place.format('end')}</w:r>",
    )
    parts = {"word/footnotes.xml": word.FOOTNOTES, "word/comments.xml": word.COMMENTS}
    text, report = body(document, parts), imported(document, parts).report
    assert "At most 1 mL/kg (note 1). Within 20 minutes see 4.2" in text.replace("\n", " ")
    assert "1. Bensinger 2012, at most 1 mL/kg." in text and "[site](<https://programme.example/a_b>)" in text
    assert "secret" not in text and "hidden text: secret" in report
    assert "A. Reviewer, 2024-03-01: Is 20 minutes still right? (at “. Within 20 minutes”)" in " ".join(report.split())
    assert "internal reference to _Ref1" in report


def test_pictures_are_attachments_described_by_their_caption() -> None:
    document = word.blank()
    document.add_picture(io.BytesIO(word.png()))
    document.add_paragraph("Figure 1. The thaw bath", style="Caption")
    document.add_picture(io.BytesIO(word.png(9)))
    made = imported(document)
    assert "![Figure 1. The thaw bath](CTP-014/picture-1-figure-1-the-thaw-bath.png)" in body(document)
    assert made.files["CTP-014/picture-2.png"] == word.png(9)
    assert "images                                                           2         2" in made.report


def test_a_field_that_never_ends_and_unknown_things_are_told_never_silent() -> None:
    document = word.blank()
    word.paragraph(document, word.run("x") + "<w:contentPart/>" + '<w:r><w:fldChar w:fldCharType="begin"/></w:r>')
    report = imported(document).report
    assert "a field begins and never ends" in report and "element w:contentPart, unknown to qmdoc" in " ".join(
        report.split()
    )


def test_struck_text_is_a_place_to_settle_and_equations_stand_on_one_line() -> None:
    document = word.blank()
    word.paragraph(document, word.run("Give ") + word.run("10 mg", "<w:strike/>") + word.run(", then wait."))
    word.paragraph(
        document,
        "<m:oMath><m:f><m:num><m:r><m:t>V</m:t></m:r></m:num><m:den><m:r><m:t>t</m:t></m:r></m:den></m:f></m:oMath>",
    )
    text = body(document)
    assert "10 mg [[local: the words before this are struck out" in text and "(V)/(t)" in text


def test_contents_pages_are_left_out_and_listed() -> None:
    document = word.blank()
    word.paragraph(
        document,
        '<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText>TOC \\o</w:instrText></w:r><w:r><w:fldChar w:fldCharType="separate"/></w:r>'
        + word.run("Purpose 1"),
    )
    word.paragraph(document, word.run("Scope 2") + '<w:r><w:fldChar w:fldCharType="end"/></w:r>')
    document.add_heading("Purpose", 1)
    assert lines(document) == ["## Purpose"]
    assert "line of the table of contents: Scope 2" in imported(document).report


# -- safety


@pytest.mark.parametrize(
    "text",
    ["<script>x</script>", "{note} `a`{ref}", "[[local: x]] [a](javascript:b)", "# no heading", "- no item", "5. no item", "12) no item", "> no quote",
     "+++", "% comment", "(target)=", "---", "===", "***", "&lt; &#60;", "a*b*c _d_ `e` ~f~ |g|", "\\ end\\", "```{warning}", ":::{note}", ":alt: x", "    code", "<https://a.example>", "![x](y)", "[^1]", "1986\\. x",
     "{{ x }}", "$5$", "\u200e5 mg", "5\u2028mg", "\u00a05 mg"],
)  # fmt: skip
def test_text_stays_text(text: str) -> None:
    document = word.blank()
    word.paragraph(document, word.run(text.replace("&", "&amp;").replace("<", "&lt;")))
    table = document.add_table(2, 2)
    table.cell(1, 1).text = text.replace("\u2028", " ")
    document.add_paragraph().add_run(text.replace("\u2028", " ")).bold = True
    shown = comparing.shown(body(document))
    wanted = "".join(text.replace("\u200e", "").split())
    assert "".join(shown.split()).count(wanted) == 3


SOME_TEXT = st.text(alphabet="ab 1.5)(*_`[]{}<>|\\#-+=~&!:%\n°≥", max_size=12)


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.tuples(SOME_TEXT, st.booleans(), st.booleans(), st.sampled_from(["", "heading", "step", "cell"])), max_size=6
    )
)
def test_any_text_comes_out_as_it_went_in(rows: list[tuple[str, bool, bool, str]]) -> None:
    document = word.blank()
    word.numbering(document, 20, (("decimal", "%1."),))
    for text, is_bold, is_italic, kind in rows:
        if kind == "step":
            word.numbered(document, text.replace("&", "&amp;").replace("<", "&lt;"), 20)
            continue
        place = (
            document.add_table(2, 1).cell(1, 0).paragraphs[0]
            if kind == "cell"
            else document.add_heading("", 2)
            if kind == "heading"
            else document.add_paragraph()
        )
        run = place.add_run(text)
        run.bold, run.italic = is_bold or None, is_italic or None
        place.add_run("tail")
    body(document)


@pytest.mark.parametrize(
    ("given_text", "made", "finding"),
    [("Give 10 mg", "Give 100 mg", "Word has 10mg, the document has 100mg"), ("2 × 10⁶/kg", "2 × 106/kg", "10⁶"), ("do not infuse", "do infuse", "1 words of Word are not in the document: not"),
     ("5 µL", "5 mL", "5µL"), ("≥ 3", "< 3", "≥3"), ("1 2", "2 1", "numbers differ")],
)  # fmt: skip
def test_a_lost_word_or_another_digit_is_found(given_text: str, made: str, finding: str) -> None:
    assert any(finding in each for each in comparing.compare(given_text, made).differences)
    assert not comparing.compare(
        given_text, markdown.Writer(lambda _: "").inline([importing.nouns.Span(given_text)])
    ).differences


def test_every_sign_of_the_tables_is_one_character() -> None:
    assert (
        symbols.sign("Symbol", 0xF0B0) == "°"
        and symbols.sign("symbol", 0xB3) == "≥"
        and symbols.sign("Symbol", ord("m")) == "µ"
    )
    assert (
        symbols.sign("Symbol", 0xF0B1) == "±"
        and symbols.sign("Symbol", 0xF0A3) == "≤"
        and symbols.sign("Symbol", 0xF0B4) == "×"
    )
    assert symbols.sign("Webdings", 0x61) is None and symbols.sign("Symbol", 0x05) is None


def archive(parts: dict[str, str]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as made:
        for name, text in parts.items():
            made.writestr(name, text)
    return target.getvalue()


NO_BODY = f"<w:document {word.MORE}/>"
ENTITY = f'<!DOCTYPE w [<!ENTITY x SYSTEM "file:///etc/passwd">]><w:document {word.MORE}><w:body><w:p><w:r><w:t>&x;</w:t></w:r></w:p></w:body></w:document>'
DEEP = f"<w:document {word.MORE}><w:body>{'<w:sdt>' * 5000}{'</w:sdt>' * 5000}</w:body></w:document>"
BAD = {
    "empty": (b"", "is empty"),
    "encrypted": (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600 + "EncryptedPackage".encode("utf-16-le"),
        "is encrypted with a password",
    ),
    "old": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "is a file of an old Word"),
    "pdf": (b"%PDF-1.7\n", "is a PDF"),
    "rtf": (b"{\\rtf1 x}", "is an RTF file"),
    "text": (b"hello", "is no Word file"),
    "zip": (archive({"a.txt": "x"}), "no Word document"),
    "no body": (archive({"word/document.xml": NO_BODY}), "it has no body"),
    "entity": (archive({"word/document.xml": ENTITY}), "declares entities"),
    "deep": (archive({"word/document.xml": DEEP}), "nested too deep"),
    "bomb": (
        archive({"word/document.xml": NO_BODY, **{f"x{n}": " " * (27 << 20) for n in range(10)}}),
        "unpack to more than 256 MiB",
    ),
    "broken xml": (archive({"word/document.xml": "<w:document"}), "can't be read"),
}


@pytest.mark.parametrize("kind", BAD)
def test_bad_input_is_one_sentence_and_writes_nothing(kind: str, tmp_path: Path) -> None:
    content, sentence = BAD[kind]
    (tmp_path / "bad.docx").write_bytes(content)
    (placed,) = placing.place_all([tmp_path / "bad.docx"], tmp_path / "out", WISH)
    assert placed.failure and sentence in str(placed.failure) and "\n" not in placed.line
    assert not (tmp_path / "out").exists()


def test_a_file_cut_off_anywhere_is_refused() -> None:
    whole = word.saved(word.blank())
    for length in range(1, len(whole) - 1, len(whole) // 40):
        with pytest.raises(ImportFailed):
            importing.convert("x.docx", whole[:length], WISH)


# -- places


def test_several_files_stand_for_themselves_and_nothing_is_overwritten(tmp_path: Path) -> None:
    document = word.blank()
    document.add_picture(io.BytesIO(word.png()))
    (tmp_path / "CTP-014 Thaw.docx").write_bytes(word.saved(document))
    (tmp_path / "bad.docx").write_bytes(b"")
    (tmp_path / "Other.docx").write_bytes(word.saved(word.blank()))
    sources = [tmp_path / name for name in ("CTP-014 Thaw.docx", "bad.docx", "Other.docx", "CTP-014 Thaw.docx")]
    out = tmp_path / "out"
    first, bad, other, again = placing.place_all(sources, out, WISH)
    assert first.document == out / "CTP-014-thaw.md" and bad.failure and other.document == out / "QM-001-other.md"
    assert "nothing was overwritten" in str(again.failure)
    names = sorted(place.relative_to(out).as_posix() for place in out.rglob("*") if place.is_file())
    assert names == [
        "CTP-014-import.txt",
        "CTP-014-thaw.md",
        "CTP-014/picture-1.png",
        "QM-001-import.txt",
        "QM-001-other.md",
    ]


def test_same_file_same_bytes() -> None:
    document = word.blank()
    document.add_picture(io.BytesIO(word.png()))
    content = word.saved(document)
    assert importing.convert("a.docx", content, WISH) == importing.convert("a.docx", content, WISH)


def test_the_command_in_a_programme_passes_the_draft_check_but_for_open_places(tmp_path: Path) -> None:
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    document = word.blank()
    document.sections[0].header.paragraphs[
        0
    ].text = "SOP No: CTP-014\tVersion 2\tEffective Date: 2020-01-01\tOwner: Quality Manager\tReview due: 2020-01-01"
    document.add_heading("Purpose", 1)
    document.add_paragraph("Thaw at 37 °C <b>.").style.font.size = Pt(9)
    document.add_picture(io.BytesIO(word.png()))
    (tmp_path / "x.docx").write_bytes(word.saved(document))
    folder = tmp_path / "sops" / "operations"
    result = CliRunner().invoke(
        cli.cli, ["import", str(tmp_path / "x.docx"), "--into", str(folder)], standalone_mode=False
    )
    assert result.return_value == 0 and "1 place to settle" in result.output, result.output
    assert (tmp_path / "records" / "imports" / "CTP-014-import.txt").is_file()
    shutil.move(tmp_path / "x.docx", tmp_path.parent / "x.docx")
    checked = CliRunner().invoke(cli.cli, ["check", "--draft", "--repo", str(tmp_path)], standalone_mode=False)
    found = [line for line in checked.output.splitlines() if "error" in line or "warning" in line]
    assert all("local-value-missing" in line or "missing-section" in line or "1 error" in line for line in found), (
        checked.output
    )


def test_the_command_says_what_is_wrong_with_its_options(tmp_path: Path) -> None:
    with pytest.raises(Exception, match="begins no number"):
        CliRunner().invoke(
            cli.cli, ["import", "x.docx", "--prefix", "qm"], standalone_mode=False, catch_exceptions=False
        )
    result = CliRunner().invoke(
        cli.cli, ["import", str(tmp_path / "none.docx"), "--into", str(tmp_path)], standalone_mode=False
    )
    assert result.return_value == 2 and "is no file that can be read" in result.output


def test_thirty_pages_take_less_than_five_seconds() -> None:
    document = word.blank()
    word.numbering(document, 20, (("decimal", "%1."), ("lowerLetter", "%2)")))
    for number in range(60):
        document.add_heading(f"Section {number}", 1)
        for step in range(10):
            word.numbered(
                document, "Verify the label, the bag and the temperature of 37 °C before release. " * 3, 20, step % 2
            )
        table = document.add_table(4, 4)
        for cell in table._cells:
            cell.text = "≥ 5 mg"
    content = word.saved(document)
    begun = time.monotonic()
    assert not importing.convert("long.docx", content, WISH).differences
    assert time.monotonic() - begun < 5
