"""What is not the manual itself: the draft, the preview of a change, the inspector's binder. The same promises hold."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pypdfium2
import pytest
from axe_playwright_python.sync_playwright import Axe

from browser.looking import DESK, NARROWEST, PHONE, View, Watched, every_page, kinds
from browser.serving import served
from browser.test_accessibility import RULES, SIDEWAYS
from browser.test_keyboard import stops
from browser.test_print import POINTS, printed

PLACES = ("draft", "preview", "binder/data")


@pytest.fixture(params=PLACES)
def place(request: pytest.FixtureRequest, folder: Path) -> Path:
    """Where one of them lies."""
    found = folder.parent / str(request.param)
    assert (found / "index.html").exists()
    return found


def own_kinds(place: Path) -> list[str]:
    """Its kinds of pages; the manual in a binder is looked at as the manual."""
    return [name for name in kinds(place) if not name.startswith("manual/")]


@pytest.mark.parametrize("view", [View(DESK), View(PHONE, "dark")], ids=str)
def test_axe_finds_nothing_and_nothing_is_asked_outside(look: Callable[..., Watched], place: Path, view: View) -> None:
    with served(place) as address:
        found = list(_violations(look(view, top=address), place))
    assert not found, "\n".join(found)


def _violations(window: Watched, place: Path) -> Iterator[str]:
    for name in own_kinds(place):
        window.go(name)
        results = Axe().run(window.page, options={"runOnly": RULES, "resultTypes": ["violations"]})
        assert len(results.response["passes"]) > 10, name
        for violation in results.response["violations"]:
            nodes = [node["html"][:200] for node in violation["nodes"]]
            yield f"{name}: {violation['id']} ({violation['help']}): {len(nodes)}, {nodes[:3]}"


def test_no_page_scrolls_sideways(look: Callable[..., Watched], place: Path) -> None:
    window, wide = look(View(NARROWEST), top=place.as_uri()), []
    for name in every_page(place):
        if not name.startswith("manual/") and (found := window.go(name).evaluate(SIDEWAYS, NARROWEST)):
            wide.append(f"{name}: {found}")
    assert not wide, "\n".join(wide)


def test_whatever_is_reached_is_seen_and_marked(look: Callable[..., Watched], place: Path) -> None:
    window, wrong = look(View(DESK), top=place.as_uri()), []
    for name in own_kinds(place):
        found = list(stops(window.go(name)))
        wrong += [f"{name}: {stop}" for stop in found if not (stop["isSeen"] and stop["isMarked"])]
    assert not wrong, "\n".join(wrong[:20])


def test_the_binders_matrix_of_clauses_lies_across_the_sheet_and_uses_it(look: Callable[..., Watched], folder: Path) -> None:  # fmt: skip
    page = look(top=(folder.parent / "binder/data").as_uri()).go("coverage.html")
    with pypdfium2.PdfDocument(page.pdf(format="A4", prefer_css_page_size=True)) as paper:
        assert {tuple(round(side / POINTS) for side in sheet.get_size()) for sheet in paper} == {(297, 210)}
    page.emulate_media(media="print")
    page.set_viewport_size({"width": round((297 - 2 * 15) / 25.4 * 96), "height": 700})
    cells = page.locator("table.clauses td:nth-child(5)")
    shares = cells.evaluate_all("all => all.map(each => each.offsetWidth / each.closest('table').offsetWidth)")
    assert shares and min(shares) > 0.28


def test_each_sheet_says_which_it_is_and_that_it_binds_nobody(look: Callable[..., Watched], place: Path) -> None:
    window = look(top=place.as_uri())
    words = "Uncontrolled when printed" if place.name == "data" else "DRAFT - not approved, not for use"
    for name in own_kinds(place):
        if name == "search.html":
            continue
        made = printed(window.go(name))
        assert made.sheets and not "".join(made.outside).strip(), (name, made.outside)
        for number, sheet in enumerate(made.sheets, 1):
            text = " ".join(sheet.split())
            assert words in text and f"Page {number} of {len(made.sheets)}" in text, (name, number, text[:300])
            if name.startswith("documents/") and place.name != "data":
                assert re.search(rf"DRAFT {Path(name).stem} version \d+\.\d+", text), (name, number)
