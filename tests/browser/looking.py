"""A window of the browser that writes down what it asked for and what went wrong, and the pages worth looking at."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path

from playwright.sync_api import Browser, ConsoleMessage, Page, Request, Response

PHONE, TABLET, DESK, NARROWEST = 390, 820, 1280, 320
AT_THE_TOP = "404.html"  # a server shows it under any missing address, so its links begin at the site's top


@dataclass(frozen=True, slots=True)
class View:
    """How wide the window is, whether the reader likes it dark, and whether pages may run script."""

    width: int = DESK
    scheme: str = "light"
    has_script: bool = True

    def __str__(self) -> str:
        """As a test is named by it."""
        return f"{self.scheme}-{self.width}"


@dataclass
class Watched:
    """A window; `top` is where the manual lies, `outside` lists what was asked of anybody else, `errors` what failed."""

    page: Page
    top: str
    asked: int = 0
    outside: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    @classmethod
    def open(cls, browser: Browser, view: View, top: str) -> Watched:
        """A new window without memory of any other."""
        context = browser.new_context(
            viewport={"width": view.width, "height": 800},
            color_scheme=view.scheme,
            java_script_enabled=view.has_script,
            reduced_motion="reduce",
        )
        window = cls(context.new_page(), top)
        context.on("request", window._asked)
        context.on("response", window._answered)
        window.page.on("console", window._said)
        window.page.on("pageerror", lambda error: window.errors.append(f"{window.page.url}: {error}"))
        return window

    def go(self, name: str) -> Page:
        """The page of a path below the manual's top."""
        self.page.goto(f"{self.top}/{name}", wait_until="load")
        return self.page

    def close(self) -> list[str]:
        """What went wrong; the window is gone."""
        self.page.context.close()
        return [*(f"asked outside the manual: {each}" for each in self.outside), *self.errors]

    def _asked(self, request: Request) -> None:
        self.asked += 1
        if not request.url.startswith((f"{self.top}/", "data:", "chrome-extension:", "chrome:")):  # its PDF viewer
            self.outside.append(request.url)

    def _answered(self, response: Response) -> None:
        if response.status >= 400:
            self.errors.append(f"{response.url}: {response.status}")

    def _said(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.errors.append(f"{self.page.url}: {message.text}")


def every_page(folder: Path) -> list[str]:
    """The path of every page of the manual."""
    return sorted(file.relative_to(folder).as_posix() for file in folder.rglob("*.html") if "_static" not in file.parts)


def kinds(folder: Path) -> list[str]:
    """Few pages that hold together all that any page holds: each element of each class, in each folder.

    A kind of page that is new, or an old one that shows something new, is among them without anybody naming it.
    """
    held = {name: set(_elements(folder / name)) for name in every_page(folder)}
    wanted = set().union(*held.values())
    chosen = []
    while wanted:
        best = max(held, key=lambda name: (len(held[name] & wanted), name))
        wanted -= held[best]
        chosen.append(best)
    return sorted(chosen)


def _elements(file: Path) -> Iterator[tuple[str, str, str]]:
    reader = _Elements()
    reader.feed(file.read_text(encoding="utf-8"))
    folder = str(file.parent)
    for tag, name in reader.found:
        yield folder, tag, name


class _Elements(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: set[tuple[str, str]] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = (dict(attrs).get("class") or "").split()
        self.found |= {(tag, name) for name in names or [""]}
