"""A redline on a page, in a terminal and in Word says the same, and hides nothing."""

from __future__ import annotations

import io
import re
import zipfile
from datetime import date
from html.parser import HTMLParser
from typing import Any

import docx
from docx.oxml.ns import qn
from hypothesis import given, settings
from hypothesis import strategies as st

from qmdoc.outputs import redline_text, redline_word, redlines
from qmdoc.redline import AttachmentChange, FieldChange, Side, compare, size

OLD = """\
## Storage

Keep the bag at or below −150 °C for 72 h.

1. Thaw the bag.
2. Check the label.
3. Infuse within 30 min.

| Limit | Value |
|---|---|
| Dose | 5 mg |
| Time | 2 h |

```{warning}
Do not shake. See [control](QM-001).
```
"""
NEW = """\
## Storage

Keep the bag at or below −130 °C for 48 h.

1. Thaw the bag.
2. Infuse within 20 min.
3. Check the label.
4. Wash your hands.

| Limit | Unit | Value |
|---|---|---|
| Dose | mg | 6 mg |
| pH | none | 7.4 |

```{danger}
Do not shake. See [control](QM-014).
```
"""
HEAD = redlines.Head("QM-001", "Storage & thaw", "version 1.0", "version 2.0")
DAY = date(2026, 11, 22)


class Spoken(HTMLParser):
    """The text of a page, and whether every tag was closed in order."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: set[str] = set()
        self.words: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert not any(name.startswith("on") or name in ("style", "href", "src") for name, _ in attrs)
        self.tags.add(tag)
        if tag != "hr":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def spoken(fragment: str) -> Spoken:
    parser = Spoken()
    parser.feed(fragment)
    parser.close()
    assert parser.open == []
    return parser


def test_the_numbers_come_first_and_old_and_new_never_touch() -> None:
    made = redlines.html(compare(OLD, NEW))
    text = "".join(spoken(made).words)
    assert made.index("Numbers changed") < made.index("<ins>") < made.index("Thaw the bag")
    assert '<tr><td class="qm-was">72</td><td class="qm-is">48</td><td>h</td>' in made
    assert "deleted: 72 h (end)  inserted: 48 h (end) ." in text
    assert not re.search(r"</del><ins|</ins><del", made)
    assert "moved" in text and "was step" in text and "new step" in text and "new row" in text


def test_a_page_of_its_own_says_what_is_compared_and_how_much_changed() -> None:
    redline = compare(OLD, NEW)
    made = redlines.page(redline, HEAD, style="x{}", sized=size(redline))
    assert "<h1>QM-001 Storage &amp; thaw</h1>" in made and "How much changed: major" in made
    assert "src=" not in made and "href=" not in made and "<script" not in made


HOSTILE = st.text(alphabet="<>&\"'/=ascript on\n`*|-#[]()1.5\u202e", max_size=80)


@settings(max_examples=100, deadline=None)
@given(HOSTILE, HOSTILE)
def test_whatever_a_text_says_the_fragment_is_safe_and_whole(old: str, new: str) -> None:
    attachment = AttachmentChange(f"{old}<b>", "", new)
    made = redlines.html(compare(old, new, fields=(FieldChange("title", old, new),), attachments=(attachment,)))
    found = spoken(made)
    allowed = {
        "div",
        "table",
        "caption",
        "thead",
        "tbody",
        "tr",
        "th",
        "td",
        "p",
        "ins",
        "del",
        "span",
        "ul",
        "li",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "hr",
        "code",
        "em",
        "strong",
    }
    assert found.tags <= allowed
    assert "\u202e" not in made and "\u202e" not in redlines.text(compare(old, new))


def test_the_terminal_shows_numbers_then_what_changed_only() -> None:
    shown = redlines.text(compare(OLD, NEW), HEAD)
    assert shown.startswith("QM-001 Storage & thaw: what changed from version 1.0 to version 2.0\n\nNumbers changed\n")
    assert "  72 h -> 48 h; " in shown and "[-72 h-] {+48 h+}." in shown
    assert "Dose | {+mg+} | [-5 mg-] {+6 mg+}" in shown
    assert "1. Thaw the bag." not in shown and "4. {+Wash your hands.+}  (new step)" in shown


def test_nothing_changed_is_said() -> None:
    assert redline_text.NOTHING in redlines.text(compare("a\n", "a\n")) and redline_text.NOTHING in redlines.html(
        compare("a\n", "a\n")
    )
    assert "only the layout" in redlines.text(compare("a\nb\n", "a b\n"))
    hidden = compare("| A |\n|---|\n| a | 5 |\n", "| A |\n|---|\n| a | 6 |\n")
    assert "no page shows it" in redlines.text(hidden) and "no page shows it" in redlines.html(hidden)


def lines(content: bytes, *, accept: bool) -> list[str]:
    """The body after accepting or rejecting every tracked change, a line for each paragraph, without the summary."""
    body: Any = docx.Document(io.BytesIO(content)).element.body
    gone = qn("w:del") if accept else qn("w:ins")
    for row in list(body.iter(qn("w:tr"))):
        if row.find(f"{qn('w:trPr')}/{gone}") is not None:
            row.getparent().remove(row)
    for paragraph in list(body.iter(qn("w:p"))):
        if paragraph.find(f"{qn('w:pPr')}/{qn('w:rPr')}/{gone}") is not None:
            paragraph.getparent().remove(paragraph)
    for wrapper in list(body.iter(gone)):
        wrapper.getparent().remove(wrapper)
    paragraphs = list(body.iter(qn("w:p")))
    found = ["".join(text.text or "" for text in each.iter(qn("w:t"), qn("w:delText"))) for each in paragraphs]
    start = next(at for at, line in enumerate(found) if line == "Storage" and paragraphs[at].getparent() is body)
    return [line.strip() for line in found[start:] if line.strip()]


def test_word_accepts_to_the_new_text_and_rejects_to_the_old_one() -> None:
    made = redline_word.docx(compare(OLD, NEW), HEAD, day=DAY)
    assert "|".join(lines(made, accept=False)) == (
        "Storage|Keep the bag at or below −150 °C for 72 h.|1. Thaw the bag.|2. Check the label.|3. Infuse within 30 min.|"
        "Limit|Value|Dose|5 mg|Time|2 h|WARNING|Do not shake. See control [link to QM-001]."
    )
    assert "|".join(lines(made, accept=True)) == (
        "Storage|Keep the bag at or below −130 °C for 48 h.|1. Thaw the bag.|2. Infuse within 20 min.|3. Check the label.|"
        "4. Wash your hands.|Limit|Unit|Value|Dose|mg|6 mg|pH|none|7.4|DANGER|Do not shake. See control [link to QM-014]."
    )


def test_in_word_no_row_is_cut_by_a_sheets_end_and_each_sheet_has_the_head() -> None:
    body: Any = docx.Document(io.BytesIO(redline_word.docx(compare(OLD, NEW), HEAD, day=DAY))).element.body
    tables = [list(table.iter(qn("w:tr"))) for table in body.iter(qn("w:tbl"))]
    assert len(tables) >= 2
    for rows in tables:
        assert all(row.find(f"{qn('w:trPr')}/{qn('w:cantSplit')}") is not None for row in rows)
        assert [row.find(f"{qn('w:trPr')}/{qn('w:tblHeader')}") is not None for row in rows] == [
            True,
            *[False] * (len(rows) - 1),
        ]


def test_the_same_redline_makes_the_same_word_file() -> None:
    redline = compare(OLD, NEW)
    made = redline_word.docx(redline, HEAD, day=DAY)
    assert made == redline_word.docx(redline, HEAD, day=DAY)
    xml = zipfile.ZipFile(io.BytesIO(made)).read("word/document.xml").decode()
    ids = re.findall(r'<w:(?:ins|del) w:id="(\d+)" w:author="([^"]*)" w:date="([^"]*)"', xml)
    assert len({number for number, _, _ in ids}) == len(ids) > 10
    assert {each[1:] for each in ids} == {(redline_word.AUTHOR, "2026-11-22T00:00:00Z")}


def test_all_words_of_both_texts_are_in_every_form() -> None:
    redline = compare(OLD, NEW)
    page = "".join(spoken(redlines.html(redline)).words)
    word = zipfile.ZipFile(io.BytesIO(redline_word.docx(redline, HEAD, day=DAY))).read("word/document.xml").decode()
    for side in Side:
        for each in redline.words(side):
            assert each.text in page and each.text in word
