"""The lines of the sidebar, beside every page."""

from __future__ import annotations

from dataclasses import dataclass

from qmdoc.outputs.manual_pages import source
from qmdoc.outputs.manual_pages.source import Page, Source


@dataclass(frozen=True, slots=True)
class Link:
    """A line of the sidebar."""

    label: str
    address: str
    is_current: bool
    below: tuple[Link, ...] = ()


def links(name: str, read: Source) -> tuple[Link, ...]:
    """Home and what hangs below it; further down only where the reader is."""
    page = read.page(name)
    branch = {name, page.parent if page else ""}
    home = read.page(source.HOME)
    rows = [*([home] if home else []), *read.children(source.HOME)]
    return tuple(
        _link(row, name, read if row.name in branch and row.name != source.HOME else None) for row in rows if row.label
    )


def branches(name: str, read: Source) -> tuple[str, ...]:
    """The pages whose lines and those below them stand beside a page: what `labels` has of them is all that is shown there."""
    page = read.page(name)
    return source.HOME, name, page.parent if page else ""


def labels(name: str, read: Source) -> list[tuple[str, str]]:
    """A page and those below it, each with its line."""
    page = read.page(name)
    return [(each.name, each.label) for each in (*([page] if page else []), *read.children(name))]


def _link(page: Page, current: str, read: Source | None) -> Link:
    below = tuple(_link(child, current, None) for child in read.children(page.name) if child.label) if read else ()
    return Link(page.label, source.href(current, page.name), page.name == current, below)
