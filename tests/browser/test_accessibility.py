"""Nobody is kept out: WCAG 2.2 A and AA by axe-core on every kind of page, on each screen, and nothing to scroll sideways."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe

from browser.looking import DESK, NARROWEST, PHONE, TABLET, View, Watched, every_page, kinds

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
VIEWS = [View(width, scheme) for scheme in ("light", "dark") for width in (PHONE, TABLET, DESK)]


@pytest.mark.parametrize("view", VIEWS, ids=str)
def test_axe_finds_nothing_on_any_kind_of_page(look: Callable[..., Watched], folder: Path, view: View) -> None:
    window, found = look(view), []
    for name in kinds(folder):
        window.go(name)
        results = Axe().run(window.page, options={"runOnly": RULES, "resultTypes": ["violations"]})
        assert len(results.response["passes"]) > 10, name
        for violation in results.response["violations"]:
            nodes = [node["html"][:200] for node in violation["nodes"]]
            found.append(f"{name}: {violation['id']} ({violation['help']}): {len(nodes)}, {nodes[:3]}")
    assert not found, "\n".join(found)


@pytest.mark.parametrize("width", [NARROWEST, PHONE, TABLET, 1024, 1200])
def test_no_page_scrolls_sideways(look: Callable[..., Watched], folder: Path, width: int) -> None:
    """Only what says that it scrolls does, by keyboard too: a wide table or formula in its own frame."""
    window, wide = look(View(width)), []
    for name in every_page(folder):
        page = window.go(name)
        if found := page.evaluate(SIDEWAYS, width):
            wide.append(f"{name}: {found}")
    assert not wide, "\n".join(wide)


SIDEWAYS = """width => {
    const isFrame = each => each.tabIndex === 0 && each.getAttribute('role') === 'region'
    const isSpoken = each => each.clientWidth <= 1 && getComputedStyle(each).clipPath !== 'none'
    const scrolls = each => each.scrollWidth > each.clientWidth && getComputedStyle(each).overflowX !== 'visible' && !isSpoken(each)
    const found = [...document.querySelectorAll('body *')].filter(each => scrolls(each) && !isFrame(each))
    const page = document.documentElement
    return [...(page.scrollWidth > width ? [page] : []), ...found].slice(0, 3).map(
        each => `${each.tagName} ${each.className} ${each.scrollWidth} px: ${each.outerHTML.slice(0, 150)}`)
}"""
