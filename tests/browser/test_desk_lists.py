"""The lists of the quality pages in a real browser: filtered, sorted, kept in the address, printed as shown."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import pypdfium2
import pytest
from busy_desk import built, busy
from playwright.sync_api import Browser, Page, expect
from programme import key


@pytest.fixture(scope="module")
def desk_site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return built(busy(), tmp_path_factory.mktemp("desk"))


@pytest.fixture
def tab(chromium: Browser) -> Iterator[Page]:
    context = chromium.new_context()
    page = context.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda told: faults.append(told.text) if told.type == "error" else None)
    yield page
    context.close()
    assert faults == []


def opened(tab: Page, site: Path, name: str = "master-list", part: str = "") -> Page:
    tab.goto(f"{(site / f'{name}.html').as_uri()}{part}")
    return tab


def shown(tab: Page) -> list[str]:
    return [row.split()[0] for row in tab.locator(".qm-sift tbody tr:visible th").all_inner_texts()]


ALL = [f"QM-00{each}" for each in range(1, 7)]


def test_the_whole_list_shows_without_script(chromium: Browser, desk_site: Path) -> None:
    context = chromium.new_context(java_script_enabled=False)
    tab = opened(context.new_page(), desk_site)
    assert shown(tab) == ALL and tab.locator(".qm-sift form").count() == 0
    context.close()


def test_every_word_must_occur_and_the_count_is_announced(tab: Page, desk_site: Path) -> None:
    opened(tab, desk_site)
    said = tab.get_by_role("status")
    expect(said).to_have_text("6 of 6 documents shown.")
    tab.get_by_label("Words, all of which must occur").fill("MANAGER title")
    assert shown(tab) == ["QM-001", "QM-002", "QM-003", "QM-004"]
    tab.get_by_label("Words, all of which must occur").fill("manager  overdue title")
    assert shown(tab) == ["QM-002"]
    expect(said).to_have_text("1 of 6 documents shown. Filter: words “manager  overdue title”.")
    tab.get_by_label("Words, all of which must occur").fill("no such word")
    expect(said).to_have_text("0 of 6 documents shown. Filter: words “no such word”.")


def test_words_are_found_whatever_their_accents_and_dashes(tab: Page, desk_site: Path) -> None:
    opened(tab, desk_site)
    tab.get_by_label("Words, all of which must occur").fill("qm−003")
    assert shown(tab) == ["QM-003"]


@pytest.mark.parametrize(
    ("label", "option", "expected"),
    [
        ("Status", "Not in force: never approved", ["QM-006"]),
        ("Owner", "Ward Nurse", ["QM-005"]),
        ("Type", "SOP", ALL),
        ("Domain", "Quality", ALL),
    ],
)
def test_a_column_s_value_can_be_chosen(tab: Page, desk_site: Path, label: str, option: str, expected: list[str]) -> None:  # fmt: skip
    opened(tab, desk_site)
    tab.get_by_label(label, exact=True).select_option(option)
    assert shown(tab) == expected


def test_the_state_is_in_the_address_and_comes_back_with_it(tab: Page, desk_site: Path) -> None:
    opened(tab, desk_site)
    tab.get_by_label("Words, all of which must occur").fill("manager")
    tab.get_by_label("Status", exact=True).select_option("In force")
    for _ in range(2):
        tab.get_by_role("button", name="Next review").click()
    before = shown(tab)
    assert before == ["QM-001", "QM-003", "QM-004"]
    address = tab.url
    assert address.endswith("#?words=manager&Status=In+force&sort=Next+review&order=descending")
    other = tab.context.new_page()
    other.goto(address)
    assert shown(other) == before
    expect(other.get_by_role("status")).to_have_text(tab.get_by_role("status").inner_text())
    other.get_by_role("button", name="Show all").click()
    assert shown(other) == ALL and "#" not in other.url


def test_an_address_that_names_what_is_not_there_hides_nothing(tab: Page, desk_site: Path) -> None:
    opened(tab, desk_site, part="#?Status=Gone&sort=Colour")
    assert shown(tab) == ALL


def test_a_column_is_sorted_both_ways_and_says_so(tab: Page, desk_site: Path) -> None:
    opened(tab, desk_site)
    head = tab.locator("th", has_text="Next review")
    head.get_by_role("button").click()
    assert shown(tab) == ["QM-002", "QM-004", "QM-003", "QM-001", "QM-005", "QM-006"]
    expect(head).to_have_attribute("aria-sort", "ascending")
    head.get_by_role("button").click()
    assert shown(tab) == ["QM-001", "QM-005", "QM-003", "QM-004", "QM-002", "QM-006"]
    expect(head).to_have_attribute("aria-sort", "descending")
    expect(tab.get_by_role("status")).to_have_text("6 of 6 documents shown. Sorted by Next review, descending.")


def test_all_of_it_works_by_keyboard(tab: Page, desk_site: Path) -> None:
    opened(tab, desk_site)
    tab.get_by_label("Words, all of which must occur").focus()
    tab.keyboard.type("ward")
    tab.keyboard.press("Enter")
    assert shown(tab) == ["QM-005"]
    seen = []
    for _ in range(20):
        tab.keyboard.press("Tab")
        seen.append(tab.evaluate("document.activeElement.innerText || document.activeElement.id"))
        if seen[-1] == "Show all":
            break
    assert seen[-1] == "Show all"
    tab.keyboard.press("Enter")
    assert shown(tab) == ALL
    assert tab.evaluate("document.activeElement.type") == "search"
    while tab.evaluate("document.activeElement.className") != "qm-sort":
        tab.keyboard.press("Tab")
    for _ in range(2):
        tab.keyboard.press("Space")
    assert shown(tab) == ALL[::-1]


def printed(tab: Page) -> str:
    read = pypdfium2.PdfDocument(io.BytesIO(tab.pdf(format="A4")))
    try:
        return " ".join(" ".join(page.get_textpage().get_text_range() for page in read).split())
    finally:
        read.close()


def test_what_is_shown_is_printed_with_the_filter_named(tab: Page, desk_site: Path) -> None:
    opened(tab, desk_site)
    tab.get_by_label("Owner", exact=True).select_option("Ward Nurse")
    words = printed(tab)
    assert "1 of 6 documents shown. Filter: Owner: Ward Nurse." in words
    assert "Title of QM-005" in words and "Title of QM-001" not in words and "Show all" not in words


@pytest.mark.parametrize("width", [320, 390, 1280])
def test_no_page_of_the_desk_scrolls_sideways(tab: Page, desk_site: Path, width: int) -> None:
    tab.set_viewport_size({"width": width, "height": 800})
    for name in ("dashboard", "master-list", "calendar", "sign-offs", "coverage", "coverage/local-std"):
        opened(tab, desk_site, name)
        assert tab.evaluate("document.documentElement.scrollWidth") <= width, name


def test_why_a_sign_off_does_not_count_is_read_whole_at_a_desk(tab: Page, tmp_path: Path) -> None:
    """The fingerprint of a key is one long word: it pushed what is to be done out of the frame."""
    made = busy()
    made.sign("q.manager", "QM-002", role="quality-manager", signing_key=key("q.manager", 2))
    tab.set_viewport_size({"width": 1024, "height": 768})
    page = opened(tab, built(made, tmp_path), "sign-offs")
    assert "SHA256:" in page.locator("article").inner_text()
    frames = page.locator(".table-wrapper")
    assert frames.evaluate_all("all => all.filter(each => each.scrollWidth > each.clientWidth + 1).length") == 0


def test_the_coverage_matrix_can_be_filtered_and_a_link_to_a_hidden_row_shows_it(tab: Page, desk_site: Path) -> None:
    opened(tab, desk_site, "coverage/local-std")
    tab.get_by_label("State", exact=True).select_option("Gap: only by a draft")
    assert shown(tab) == ["A2"]
    tab.get_by_role("link", name="A3").click()
    assert shown(tab) == ["A1", "A2", "A3"]
    expect(tab.get_by_role("status")).to_have_text("3 of 3 clauses shown.")
    assert tab.url.endswith("#row-A3")


def test_a_long_list_begins_on_the_sheet_of_its_heading(tab: Page, desk_site: Path) -> None:
    opened(tab, desk_site)
    tab.evaluate(
        "() => { const body = document.querySelector('.qm-sift tbody');"
        " for (let n = 0; n < 40; n++) body.append(body.rows[0].cloneNode(true)); }"
    )
    read = pypdfium2.PdfDocument(io.BytesIO(tab.pdf(format="A4")))
    first, second = (read[at].get_textpage().get_text_range() for at in (0, 1))
    read.close()
    assert "Title of QM-001" in first
    assert all("Number Title Domain Type Version Status Owner" in " ".join(sheet.split()) for sheet in (first, second))
