"""On paper: each sheet says what it is and which of how many, and every word of the page is there, whole."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pypdfium2
import pytest
from playwright.sync_api import Browser, Page

from browser.looking import View, Watched, every_page

# What has no sense on paper: places to type in, buttons, files to fetch, words said to who can't see. All else is printed.
SCREEN_ONLY = ", ".join((
    ".qm-find", ".qm-fill", ".qm-sift-form", ".qm-actions", ".qm-downloads", ".qm-control > summary", ".qm-screen",
    ".qm-spoken", ".qm-unseen", "svg title", "button", "noscript", "script", "style",
))  # fmt: skip
POINTS = 72 / 25.4
MARGIN = 15 * POINTS
_NODES = """hidden => {
    for (const each of document.querySelectorAll('details')) each.open = false
    const walker = document.createTreeWalker(document.querySelector('article') || document.body, NodeFilter.SHOW_TEXT), found = []
    while (walker.nextNode()) {
        const node = walker.currentNode
        if (node.parentElement.closest(hidden) || !node.data.trim()) continue
        const isRaised = getComputedStyle(node.parentElement).textTransform === 'uppercase'
        found.push([isRaised ? node.data.toUpperCase() : node.data, node.parentElement.closest('math') !== null])
    }
    return found
}"""


@dataclass(frozen=True, slots=True)
class Printed:
    """A page on A4: the pieces of text that its article has, each with whether it is in a formula, and its sheets.

    `outside` has the letters of each sheet that lie over the edge of the paper.
    """

    pieces: list[tuple[str, bool]]
    sheets: list[str]
    outside: list[str]


@pytest.fixture(scope="module")
def paper(chromium: Browser, folder: Path, origin: str) -> dict[str, Printed]:
    """Every page, printed; the search has nothing to print."""
    window = Watched.open(chromium, View(), origin)
    made = {name: printed(window.go(name)) for name in every_page(folder) if name != "search.html"}
    assert not window.close()
    return made


def printed(page: Page) -> Printed:
    pieces = page.evaluate(_NODES, SCREEN_ONLY)
    found, outside = [], []
    with pypdfium2.PdfDocument(page.pdf(format="A4", prefer_css_page_size=True)) as paper:
        for sheet in paper:
            text = sheet.get_textpage()
            found.append(text.get_text_range())
            outside.append("".join(_outside(text, *sheet.get_size())))
            text.close()
            sheet.close()
    return Printed(pieces, found, outside)


def _outside(text: pypdfium2.PdfTextPage, width: float, height: float) -> Iterator[str]:
    for place in range(text.count_chars()):
        left, bottom, right, top = text.get_charbox(place)
        if left < MARGIN - 1 or right > width - MARGIN + 1 or bottom < 0 or top > height:
            yield text.get_text_range(place, 1)


def plain(text: str) -> str:
    """Without spaces, and without the ways of drawing one letter; a hyphen at a line's end is U+FFFE to pdfium."""
    hyphens = re.sub("[\ufffe\u0002]", "-", unicodedata.normalize("NFKC", text))
    return re.sub(r"[\s\u200b]", "", hyphens)


def documents(folder: Path) -> list[str]:
    """The pages of documents in force."""
    pages = [name for name in every_page(folder) if name.startswith("documents/")]
    return [name for name in pages if 'aria-label="Control block"' in (folder / name).read_text()]


def test_each_sheet_of_a_document_has_number_version_and_page(paper: dict[str, Printed], folder: Path) -> None:
    named = documents(folder)
    assert len(named) > 10
    for name in named:
        number, count = Path(name).stem, len(paper[name].sheets)
        for place, sheet in enumerate(paper[name].sheets, 1):
            text = " ".join(sheet.split())
            assert re.search(
                rf"\b{number} version \d+\.\d+, in force since \d+-\d+-\d+ Digest [0-9a-f]{{12}}\b", text
            ), text
            assert f"Printed copies are uncontrolled Page {place} of {count}" in text, (name, place)


def test_each_sheet_of_any_other_page_says_which_of_how_many(paper: dict[str, Printed]) -> None:
    for name, made in paper.items():
        for place, sheet in enumerate(made.sheets, 1):
            assert f"Page {place} of {len(made.sheets)}" in sheet, (name, place)
            assert re.search(r"State of \d{4}-\d\d-\d\d|Digest [0-9a-f]{12}", sheet), (name, place)
    for name, words in {
        "documents/QM-201.html": "QM-201 WITHDRAWN: do not use",
        "versions/QM-207-1.0.html": "NOT CURRENT: QM-207 version 1.0",
        "versions/QM-203-2.0.html": "NOT YET IN FORCE: QM-203 version 2.0",
        "changes/QM-203-2.0.html": "NOT YET IN FORCE: QM-203 version 2.0",
        "changes/QM-207.html": "A comparison: not for use",
    }.items():
        assert all(words in sheet for sheet in paper[name].sheets), name


def test_every_word_is_on_paper_and_in_its_order(paper: dict[str, Printed]) -> None:
    for name, made in paper.items():
        missing = list(_missing(made.pieces, plain("".join(_inner(sheet) for sheet in made.sheets))))
        assert made.pieces and not missing, f"{name}: {missing[:10]}"


def _inner(sheet: str) -> str:
    """A sheet's text without what stands in its margins."""
    number, digest, day = r"[A-Z]+-\d+", r"\s+Digest [0-9a-f]{12}", r"\s*State of \d+-\d+-\d+"
    tops = (
        rf"{number} version \S+, in force since \S+{digest}",
        rf"What changed in {number}, up to version \S+{digest}",
        rf"(?:NOT CURRENT|NOT YET IN FORCE): {number} version \S+{digest}",
        rf"{number} WITHDRAWN: do not use{day}",
        day,
    )
    feet = r"Printed copies are uncontrolled|A comparison: not for use|NOT CURRENT, not for use|NOT YET IN FORCE, not for use before \S+"
    margins = rf"^({'|'.join(tops)})\s*$|({feet})\s+Page \d+ of \d+\s*$"
    return re.sub(margins, "", sheet, flags=re.MULTILINE)


def _missing(pieces: list[tuple[str, bool]], paper: str) -> Iterator[str]:
    at = 0
    for text, is_formula in pieces:
        wanted = plain(text)
        found = paper.find(wanted, 0 if is_formula else at)
        if found < 0:
            yield text
        elif not is_formula:
            at = found + len(wanted)


def test_a_word_that_paper_lacks_would_be_missed() -> None:
    pieces = [("give 5 mL", False), ("wait", False), ("then 7 mL", False)]
    assert list(_missing(pieces, plain("give 5 mL wait then 7 mL"))) == []
    assert list(_missing(pieces, plain("give 5 mL then 7 mL"))) == ["wait"]
    assert list(_missing(pieces, plain("give 5 mL wait then 77 mL"))) == ["then 7 mL"]


def test_nothing_runs_over_the_edge_of_the_paper(paper: dict[str, Printed]) -> None:
    assert not [(name, made.outside) for name, made in paper.items() if "".join(made.outside).strip()]


def test_details_are_open_and_the_dark_is_left_on_the_screen(look: Callable[..., Watched]) -> None:
    page = look().go("documents/QM-206.html")
    page.evaluate("""() => {
        const kept = document.createElement('details')
        kept.innerHTML = '<summary>Shown</summary><p>kept in a closed drawer</p>'
        document.querySelector('article').append(kept)
        document.body.dataset.theme = 'dark'
    }""")
    assert "kept in a closed drawer" in " ".join(printed(page).sheets)
    page.emulate_media(media="print")
    shown = "each => [getComputedStyle(each).color, getComputedStyle(document.body).backgroundColor]"
    assert page.locator("article p").first.evaluate(shown) == ["rgb(0, 0, 0)", "rgb(255, 255, 255)"]


def test_no_sheet_is_empty(paper: dict[str, Printed]) -> None:
    empty = [name for name, made in paper.items() for sheet in made.sheets if not plain(_inner(sheet))]
    assert not empty


def test_the_matrix_of_a_standard_lies_across_the_sheet_and_uses_it(look: Callable[..., Watched], folder: Path) -> None:
    """In a narrow column each line of evidence ran over five lines of paper, and a standard over fifty sheets."""
    names = [name for name in every_page(folder) if name.startswith("coverage/")]
    assert names
    for name in names:
        page = look().go(name)
        with pypdfium2.PdfDocument(page.pdf(format="A4", prefer_css_page_size=True)) as paper:
            assert {tuple(round(side / POINTS) for side in sheet.get_size()) for sheet in paper} == {(297, 210)}, name
        page.emulate_media(media="print")
        page.set_viewport_size({"width": round((297 - 2 * 15) / 25.4 * 96), "height": 700})
        lines = page.locator("td:nth-child(5) > div").evaluate_all(
            "all => all.map(each => each.getBoundingClientRect().height / parseFloat(getComputedStyle(each).lineHeight))"
        )
        assert not [each for each in lines if each > 2.1], name


def test_a_standards_title_is_no_column_of_single_words(look: Callable[..., Watched]) -> None:
    page = look().go("coverage.html")
    page.emulate_media(media="print")
    page.set_viewport_size({"width": round((210 - 2 * 15) / 25.4 * 96), "height": 1000})
    shares = page.locator("article tbody tr").first.evaluate(
        "row => [...row.children].map(each => each.offsetWidth / row.offsetWidth)"
    )
    assert shares[0] >= 0.28 and shares[0] + shares[1] < 0.75


def test_the_head_of_a_long_table_is_on_each_of_its_sheets(paper: dict[str, Printed]) -> None:
    rows = [sheet for sheet in paper["documents/QM-206.html"].sheets if "of the long table" in sheet]
    assert len(rows) > 1 and all("Donor number" in sheet for sheet in rows)
