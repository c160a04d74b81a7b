"""The manual asks nobody outside, from a server and from a disk, and nothing in it is broken."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from browser.looking import Watched, every_page


def test_no_request_leaves_the_site(look: Callable[..., Watched], folder: Path) -> None:
    window = look()
    for name in every_page(folder):
        window.go(name)
    window.go("search.html?q=thaw")
    window.page.locator("#search-results li a").first.wait_for()
    assert window.asked > len(every_page(folder))
    assert window.outside == [] and window.errors == []


def test_from_a_disk_only_files_are_asked_for_and_the_search_finds(look: Callable[..., Watched], folder: Path) -> None:
    window = look(top=folder.as_uri())
    for name in every_page(folder):
        window.go(name)
    window.go("search.html?q=wristband")
    window.page.locator("#search-results li a").first.click()
    assert window.page.url.startswith(folder.as_uri())
    assert window.outside == [] and window.errors == []


def test_the_counting_counts(look: Callable[..., Watched], origin: str) -> None:
    """A page that asks outside is seen to."""
    window = look()
    window.go("index.html")
    window.page.route("https://programme.example/**", lambda route: route.fulfill(body=""))
    window.page.evaluate("new Promise(done => { const image = new Image(); image.onload = image.onerror = done; image.src = 'https://programme.example/x.png' })")  # fmt: skip
    assert window.outside == ["https://programme.example/x.png"]
    window.outside.clear()
