"""The manual asks nobody outside, from a server and from a disk, and nothing in it is broken."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from browser.looking import AT_THE_TOP, Watched, every_page, kinds


class _Strict(SimpleHTTPRequestHandler):
    """Serves files as a careful host does: what does not come from here, or stands in a page, may not run."""

    POLICY = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; object-src 'none'; base-uri 'none'"

    def log_message(self, *_: object) -> None:
        """Nothing."""

    def end_headers(self) -> None:
        self.send_header("Content-Security-Policy", self.POLICY)
        super().end_headers()


@pytest.fixture
def careful_host(folder: Path) -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Strict, directory=str(folder))) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        thread.join()


def test_a_host_may_forbid_scripts_in_pages(look: Callable[..., Watched], folder: Path, careful_host: str) -> None:
    """Every kind of page, and the search, under a strict policy: what it stops would stand in the window's errors."""
    window = look(top=careful_host)
    for name in kinds(folder):
        window.go(name)
    window.go("search.html?q=thaw")
    window.page.locator("[data-qm-results] .qm-hits a").first.wait_for()
    window.page.locator(".theme-toggle:visible").first.click()
    assert window.page.evaluate("document.body.dataset.theme") in ("light", "dark")
    assert window.errors == []
    window.page.evaluate(
        "document.body.append(Object.assign(document.createElement('script'), {text: 'window.ran = 1'}))"
    )
    assert window.page.evaluate("window.ran === undefined") and window.errors, "the policy is at work"
    window.errors.clear()


def test_no_request_leaves_the_site(look: Callable[..., Watched], folder: Path) -> None:
    window = look()
    for name in every_page(folder):
        window.go(name)
    window.go("search.html?q=thaw")
    window.page.locator("[data-qm-results] .qm-hits a").first.wait_for()
    assert window.asked > len(every_page(folder))
    assert window.outside == [] and window.errors == []


def test_from_a_disk_only_files_are_asked_for_and_the_search_finds(look: Callable[..., Watched], folder: Path) -> None:
    window = look(top=folder.as_uri())
    for name in every_page(folder):
        if name != AT_THE_TOP:
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
