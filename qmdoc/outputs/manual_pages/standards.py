"""Coverage: the overview, and one matrix for each catalogue that binds the programme."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from qmdoc import coverage, desk
from qmdoc.coverage import CatalogueCover, ClauseCover
from qmdoc.desk import Evidence
from qmdoc.outputs.manual_pages import wording
from qmdoc.outputs.manual_pages.source import Page
from qmdoc.outputs.manual_pages.templates import Templates
from qmdoc.outputs.spreadsheet import Table
from qmdoc.register import Register
from qmdoc.saying import said

NAME = "coverage"
_COLUMNS = ("Standard", "Clause", "What it asks", "State", "Binds", "Documents in force", "Sections", "Training and evidence", "Only in drafts", "Does not apply", "Clause number")  # fmt: skip


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
    overview = Page(
        NAME, said("Coverage of standards"), said("Coverage"), above=templates.render("coverage.html", NAME, **told)
    )
    evidence = desk.evidence(register)
    return (overview, *(_matrix(cover, evidence, templates, as_of=register.as_of) for cover in bound))


def bound(register: Register) -> tuple[str, ...]:
    """The catalogues that have a matrix: those that bind the programme and could be read."""
    binding = register.binding
    return tuple(catalogue.id for catalogue in register.catalogues if catalogue.id in binding)


def name_of(catalogue: str) -> str:
    """The page of a catalogue's matrix."""
    return f"{NAME}/{catalogue}"


def table(register: Register) -> Table:
    """Every clause of the standards that bind, with what answers it and what stands behind that, for spreadsheets."""
    binding, evidence = register.binding, desk.evidence(register)
    covers = [cover for cover in coverage.of(register) if cover.catalogue.id in binding]
    return Table("Coverage", _COLUMNS, tuple(_cells(row, evidence) for cover in covers for row in cover.demands))


def _matrix(cover: CatalogueCover, evidence: Mapping[str, Evidence], templates: Templates, *, as_of: date) -> Page:
    name = name_of(cover.catalogue.id)
    above = templates.render("catalogue.html", name, cover=cover, evidence=evidence, as_of=as_of)
    return Page(name, cover.catalogue.title, cover.catalogue.id, NAME, above, scripts=("desk.js",))


def _cells(row: ClauseCover, evidence: Mapping[str, Evidence]) -> tuple[str, ...]:
    sections = (
        f"{each.document}: {', '.join(place.title for place in each.sections if place.title)}"
        for each in row.answers
        if each.sections
    )
    behind = (f"{number}: {wording.evidence(evidence[number])}" for number in row.documents if number in evidence)
    reasons = (
        f"{each.document}: {each.reason} (signed by {', '.join(each.signed_by) or 'nobody'})" for each in row.reasons
    )
    return (
        row.catalogue, row.clause.id, row.clause.title, wording.cover(row), "yes" if row.is_binding else "no", "; ".join(row.documents),
        "; ".join(sections), "; ".join(behind), "; ".join(dict.fromkeys(row.drafts)), "; ".join(reasons), wording.confidence(row.clause),
    )  # fmt: skip
