"""The manual on a server and on a disk, and a browser to look at it: made once, however many processes test."""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from browser import manual
from browser.looking import View, Watched
from browser.serving import served


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The manual; the first process that asks makes it, the others wait."""
    base = tmp_path_factory.getbasetemp()
    shared = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "browser-manual"
    with shared.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (shared / "whole").exists():
            shutil.rmtree(shared, ignore_errors=True)
            shared.mkdir()
            manual.make(shared)
            (shared / "whole").touch()
    return shared / "p" / "build" / "manual"


@pytest.fixture(scope="session")
def origin(folder: Path) -> Iterator[str]:
    """The manual's address on a server of this computer."""
    with served(folder) as address:
        yield address


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Debian's Chromium."""
    program = shutil.which("chromium")
    if not program:  # a bare machine has none, and says so; CI has
        assert not os.environ.get("CI"), "CI must install Chromium: without it no page is looked at"
        pytest.skip("chromium is not installed: no page is looked at here (on Debian: apt-get install chromium)")
    as_root = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=[*as_root, "--disable-dev-shm-usage"])
        yield browser
        browser.close()


@pytest.fixture
def look(chromium: Browser, origin: str) -> Iterator[Callable[..., Watched]]:
    """Opens the manual in a window of its own; at the end nothing may have gone wrong or outside in any of them."""
    opened: list[Watched] = []

    def open_window(view: View = View(), *, top: str = origin) -> Watched:  # noqa: B008 (frozen)
        opened.append(Watched.open(chromium, view, top))
        return opened[-1]

    yield open_window
    wrong = [each for window in opened for each in window.close()]
    assert not wrong, wrong
