"""What staff do with the manual (shared MANUAL.md §1), each job from its beginning to its end by keyboard alone."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Page, expect

from browser.looking import DESK, PHONE, View, Watched
from browser.manual import HARD, NEVER, REVISED, WAITING, WITHDRAWN
from browser.test_keyboard import reach


def open_by(page: Page, typed: str, *keys: str) -> None:
    """Types into the box of the first page, then presses keys."""
    reach(page, id="qm-find")
    page.keyboard.type(typed)
    for key in keys:
        page.keyboard.press(key)


@pytest.mark.parametrize("width", [DESK, PHONE])
@pytest.mark.parametrize(
    ("typed", "keys", "number"),
    [
        ("cln 4", ["Enter"], "CLN-004"),
        ("freezer alarms", ["Enter"], REVISED),
        ("alarms", ["ArrowDown", "Enter"], "QM-205"),
        (WITHDRAWN, ["Enter"], WITHDRAWN),
        (NEVER, ["Enter"], NEVER),
    ],
)
def test_find_by_number_title_or_word(
    look: Callable[..., Watched], width: int, typed: str, keys: list[str], number: str
) -> None:
    page = look(View(width)).go("index.html")
    open_by(page, typed, *keys)
    page.wait_for_url(f"**/documents/{number}.html")
    expect(page.locator("h1")).to_contain_text(number)


def test_read_to_the_end(look: Callable[..., Watched]) -> None:
    page = look().go(f"documents/{HARD}.html")
    page.keyboard.press("End")
    page.wait_for_function("scrollY + innerHeight >= document.documentElement.scrollHeight - 2")


def test_open_the_control_block_of_a_phone(look: Callable[..., Watched]) -> None:
    page = look(View(PHONE)).go(f"documents/{REVISED}.html")
    reach(page, tag="SUMMARY")
    page.keyboard.press("Enter")
    expect(page.locator('dt:text-is("Digest") + dd')).to_be_visible()


def test_print(look: Callable[..., Watched]) -> None:
    page = look().go(f"documents/{REVISED}.html")
    reach(page, text="Print (PDF)")
    address = page.evaluate("document.activeElement.href")
    assert page.request.get(address).body().startswith(b"%PDF")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/pdf/{REVISED}-2.0.pdf")


def test_see_what_changed(look: Callable[..., Watched]) -> None:
    page = look().go(f"documents/{REVISED}.html")
    reach(page, text="What changed")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/changes/{REVISED}.html")
    first = page.locator("table").first
    expect(first.locator("th")).to_contain_text(["Was", "Is now", "Unit", "Section"])
    expect(first).to_contain_text("−150")
    expect(first).to_contain_text("−155")


def test_say_that_one_has_read_it(look: Callable[..., Watched]) -> None:
    page = look().go(f"documents/{REVISED}.html")
    reach(page, text="I have read this")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/read/{REVISED}.html")
    reach(page, id="qm-id")
    page.keyboard.type("w.nurse")
    reach(page, id="qm-day")
    page.keyboard.type("11202026")
    reach(page, text="Write an e-mail")
    letter = urlsplit(page.evaluate("document.activeElement.href"))
    assert letter.scheme == "mailto" and f"\nw.nurse,{REVISED},2.0," in parse_qs(letter.query)["body"][0]
    assert ",2026-11-20," in parse_qs(letter.query)["body"][0]
    expect(page.get_by_text("YOUR-ID")).to_have_count(2)
    assert not page.get_by_text("YOUR-ID").first.is_visible()


def test_read_a_version_before_its_day_and_say_so(look: Callable[..., Watched]) -> None:
    page = look().go(f"documents/{WAITING}.html")
    reach(page, address=f"versions/{WAITING}-2.0.html")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/versions/{WAITING}-2.0.html")
    expect(page.locator(".qm-banner").first).to_contain_text("Not yet in force: do not follow it yet.")
    reach(page, text="What will change")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/changes/{WAITING}-2.0.html")
    expect(page.locator(".qm-banner").first).to_contain_text("Not yet in force: do not follow it yet.")
    page.go_back()
    reach(page, text="I have read this version")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/read/{WAITING}-2.0.html")
    reach(page, text="Write an e-mail")
    letter = urlsplit(page.evaluate("document.activeElement.href"))
    assert f",{WAITING},2.0," in parse_qs(letter.query)["body"][0]


def test_report_a_problem(look: Callable[..., Watched]) -> None:
    page = look().go(f"documents/{REVISED}.html")
    reach(page, text="Report a problem")
    address = urlsplit(page.evaluate("document.activeElement.href"))
    assert f"{address.scheme}://{address.netloc}" == "https://forge.example"
    assert f"{REVISED} version 2.0" in str(parse_qs(address.query))


def test_search_drafts_and_what_is_retired(look: Callable[..., Watched]) -> None:
    page = look().go("index.html")
    reach(page, name="sidebar-search")
    page.keyboard.type("freezer")
    page.keyboard.press("Enter")
    hits = page.locator("[data-qm-results] .qm-hits")
    expect(hits.get_by_text(f"{REVISED} Freezer alarms", exact=True).first).to_be_visible()
    assert not hits.get_by_text("not current").count()
    reach(page, id="qm-all")
    page.keyboard.press("Space")
    expect(hits.get_by_role("link", name=f"{REVISED} Freezer alarms: version 1.0, not current")).to_be_visible()
    reach(page, address=f"versions/{REVISED}-1.0.html")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/versions/{REVISED}-1.0.html")
    expect(page.locator("article")).to_contain_text("Not current: do not use.")


def test_ask_whether_a_print_is_current(look: Callable[..., Watched]) -> None:
    window = look()
    digest = window.go(f"versions/{REVISED}-1.0.html").locator('dt:text-is("Digest") + dd').inner_text()
    page = window.go("index.html")
    reach(page, address="current.html")
    page.keyboard.press("Enter")
    page.wait_for_url("**/current.html")
    reach(page, id="qm-print")
    page.keyboard.type(f"{REVISED} 1.0 {digest}")
    page.keyboard.press("Enter")
    expect(page.locator("[data-qm-answer]")).to_contain_text("version 2.0 is in force")


def test_follow_a_retired_number(look: Callable[..., Watched]) -> None:
    page = look().go(f"documents/{WITHDRAWN}.html")
    expect(page.locator(".qm-banner")).to_contain_text("Withdrawn: do not use.")
    reach(page, address=f"documents/{HARD}.html", text=f"{HARD} What is hard to show")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/documents/{HARD}.html")
