"""Coverage: the overview, and one matrix for each catalogue that binds the programme."""

from __future__ import annotations

from qmdoc import coverage
from qmdoc.coverage import CatalogueCover
from qmdoc.outputs.manual_pages.source import Page
from qmdoc.outputs.manual_pages.templates import Templates
from qmdoc.register import Register

NAME = "coverage"


def pages(register: Register, templates: Templates) -> tuple[Page, ...]:
    """The overview and the matrices; a binding catalogue that can't be read is named, never taken for covered."""
    covers = coverage.of(register)
    binding = register.binding
    bound = tuple(cover for cover in covers if cover.catalogue.id in binding)
    known = {cover.catalogue.id for cover in bound}
    told = {
        "bound": bound,
        "missing": tuple(name for name in binding if name not in known),
        "others": tuple(cover for cover in covers if cover.catalogue.id not in binding),
        "unreadable": register.unreadable_standards,
        "as_of": register.as_of,
    }
    overview = Page(NAME, "Coverage of standards", "Coverage", above=templates.render("coverage.html", NAME, **told))
    return (overview, *(_matrix(cover, register, templates) for cover in bound))


def bound(register: Register) -> tuple[str, ...]:
    """The catalogues that have a matrix: those that bind the programme and could be read."""
    binding = register.binding
    return tuple(catalogue.id for catalogue in register.catalogues if catalogue.id in binding)


def name_of(catalogue: str) -> str:
    """The page of a catalogue's matrix."""
    return f"{NAME}/{catalogue}"


def _matrix(cover: CatalogueCover, register: Register, templates: Templates) -> Page:
    name = name_of(cover.catalogue.id)
    above = templates.render("catalogue.html", name, cover=cover, as_of=register.as_of)
    return Page(name, cover.catalogue.title, cover.catalogue.id, NAME, above)
