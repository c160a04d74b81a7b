"""All of it works by keyboard alone: what can be done is reached by Tab, is seen when it is reached, and does its work."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page

from browser.looking import DESK, PHONE, View, Watched, kinds

# What the reader is at: where it lies, whether it can be seen, and whether something says that the reader is there.
_AT = """() => {
    const at = document.activeElement
    if (!at || at === document.body) return null
    const seen = at.id === '__navigation' ? document.querySelector('.nav-overlay-icon')
        : at.id === '__toc' ? [...document.querySelectorAll('.toc-overlay-icon')].find(each => each.offsetParent) : at
    const box = seen.getBoundingClientRect(), style = getComputedStyle(seen)
    return {
        id: at.id, tag: at.tagName, name: at.className, address: at.href || '', text: at.textContent.trim().slice(0, 40),
        isSeen: box.width > 0 && box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth
            && style.visibility === 'visible' && style.opacity !== '0',
        isMarked: style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2,
    }
}"""


def stops(page: Page, most: int = 400) -> Iterator[dict[str, object]]:
    """What Tab leads to, one after the other, until the window's end."""
    for _ in range(most):
        page.keyboard.press("Tab")
        found = page.evaluate(_AT)
        if found is None:
            return
        yield found
    raise AssertionError(f"{page.url}: Tab leads to no end")


def reach(page: Page, **wanted: str) -> None:
    """Tabs to the first thing whose attributes end so."""
    seen = []
    for found in stops(page):
        seen.append(found)
        if all(str(found[key]).endswith(value) for key, value in wanted.items()):
            return
    raise AssertionError(f"{page.url}: Tab does not lead to {wanted}, but to {seen}")


@pytest.mark.parametrize("width", [DESK, PHONE])
def test_a_procedure_is_found_by_its_number_and_opened(look: Callable[..., Watched], width: int) -> None:
    page = look(View(width)).go("index.html")
    reach(page, id="qm-find")
    page.keyboard.type("CLN-004")
    page.keyboard.press("Enter")
    page.wait_for_url("**/documents/CLN-004.html")
    assert page.locator("h1").inner_text().startswith("CLN-004")


def test_a_procedure_is_found_through_its_domain(look: Callable[..., Watched]) -> None:
    page = look().go("index.html")
    reach(page, address="domains/operations.html")
    page.keyboard.press("Enter")
    page.wait_for_url("**/domains/operations.html")
    reach(page, address="documents/COL-101.html")
    page.keyboard.press("Enter")
    page.wait_for_url("**/documents/COL-101.html")


def test_the_menu_of_a_phone_opens_and_leads_on(look: Callable[..., Watched]) -> None:
    page = look(View(PHONE)).go("documents/QM-206.html")
    reach(page, id="__navigation")
    page.keyboard.press("Space")
    assert page.locator(".sidebar-drawer").bounding_box()["x"] == 0  # type: ignore[index]
    reach(page, address="master-list.html")
    page.keyboard.press("Enter")
    page.wait_for_url("**/master-list.html")


def test_the_contents_of_a_page_open_on_a_phone_lead_there_and_close(look: Callable[..., Watched]) -> None:
    page = look(View(PHONE)).go("documents/QM-206.html")
    reach(page, id="__toc")
    page.keyboard.press("Space")
    reach(page, address="#a-long-table")
    page.keyboard.press("Enter")
    page.wait_for_url("**#a-long-table")
    page.wait_for_function("!document.querySelector('#__toc').checked")
    assert page.locator("#a-long-table h2, h2#a-long-table").first.is_visible()


def test_escape_closes_a_menu_and_leads_back_to_it(look: Callable[..., Watched]) -> None:
    page = look(View(PHONE)).go("index.html")
    reach(page, id="__navigation")
    page.keyboard.press("Space")
    page.keyboard.press("Tab")
    page.keyboard.press("Escape")
    assert not page.locator("#__navigation").is_checked()
    assert page.evaluate("document.activeElement.id") == "__navigation"


def test_a_phone_without_script_has_its_menu(look: Callable[..., Watched]) -> None:
    page = look(View(PHONE, has_script=False)).go("documents/QM-001.html")
    page.locator(".nav-overlay-icon").click()
    page.locator(".sidebar-drawer").get_by_role("link", name="Master list").click()
    page.wait_for_url("**/master-list.html")


@pytest.mark.parametrize("width", [DESK, PHONE])
def test_the_first_stop_leads_past_the_frame(look: Callable[..., Watched], width: int) -> None:
    page = look(View(width)).go("documents/QM-206.html")
    page.keyboard.press("Tab")
    assert page.evaluate(_AT)["name"].startswith("skip-to-content") and page.evaluate(_AT)["isSeen"]
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('article') !== null")


def test_a_wide_table_and_a_long_formula_scroll(look: Callable[..., Watched]) -> None:
    page = look(View(PHONE)).go("documents/QM-206.html")
    frames = 'article [role="region"][tabindex="0"]'
    wide = page.eval_on_selector_all(
        frames, "all => all.filter(each => each.scrollWidth > each.clientWidth).map(each => all.indexOf(each))"
    )
    assert len(wide) >= 3, "the formula, the long table, the many columns"
    for number in wide:
        frame = page.locator(frames).nth(number)
        frame.focus()
        for _ in range(60):
            page.keyboard.press("ArrowRight")
        page.wait_for_timeout(200)
        moved, most = frame.evaluate("each => [each.scrollLeft, each.scrollWidth - each.clientWidth]")
        assert moved >= most - 2, frame.evaluate("each => each.outerHTML.slice(0, 200)")


# How much darker or lighter the frame's right edge is than the page, row by row: the middle of all rows.
_AT_THE_EDGE = """async picture => {
    const image = new Image();
    image.src = `data:image/png;base64,${picture}`;
    await image.decode();
    const canvas = Object.assign(document.createElement('canvas'), { width: image.width, height: image.height });
    const paper = canvas.getContext('2d');
    paper.drawImage(image, 0, 0);
    const column = paper.getImageData(image.width - 3, 0, 1, image.height).data;
    const ground = getComputedStyle(document.body).backgroundColor.match(/[0-9]+/g).map(Number);
    const rows = Array.from({ length: image.height }, (_, at) => Math.abs(column[4 * at] - ground[0]));
    return rows.sort((one, other) => one - other)[Math.floor(rows.length / 2)];
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_table_that_goes_on_beyond_the_edge_shows_it(look: Callable[..., Watched], scheme: str) -> None:
    """A telephone shows no bar to scroll by: a table cut between two columns would look whole, and a grade be missed."""
    page = look(View(PHONE, scheme)).go("documents/CLN-004.html")
    frame = page.locator(".table-wrapper", has_text="Motor finding")

    def edge() -> int:
        picture = base64.b64encode(frame.screenshot()).decode()
        return int(page.evaluate(_AT_THE_EDGE, picture))

    assert edge() > 20
    frame.evaluate("each => { each.scrollLeft = each.scrollWidth; }")
    assert edge() < 5


@pytest.mark.parametrize("width", [DESK, PHONE])
def test_whatever_is_reached_is_seen_and_marked(look: Callable[..., Watched], folder: Path, width: int) -> None:
    window, wrong = look(View(width)), []
    for name in kinds(folder):
        page = window.go(name)
        found = list(stops(page))
        assert len(found) >= 3, name
        wrong += [f"{name}: {stop}" for stop in found if not (stop["isSeen"] and stop["isMarked"])]
    assert not wrong, "\n".join(wrong[:20])
