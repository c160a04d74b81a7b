"""Files beside the manual's pages for those who work in a spreadsheet or a calendar."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from qmdoc import desk as desks
from qmdoc.outputs import calendar, spreadsheet, tables
from qmdoc.outputs.manual_pages import desk, reviews, sign_offs, source, standards, wording
from qmdoc.outputs.spreadsheet import Table
from qmdoc.register import Audit, Register


def files(audit: Audit) -> dict[str, bytes]:
    """Every file, by its path in the manual's source and in the manual."""
    register = audit.register
    named = {
        desk.NAME: desk.table(audit),
        "register": tables.register(register),
        reviews.FILE: tables.reviews(register),
        standards.NAME: standards.table(register),
        "proposed-versions": sign_offs.seats_table(register),
        "refused-sign-offs": sign_offs.refused_table(register),
    }
    sheets = {path: content for name, table in named.items() for path, content in _pairs(name, table, audit.as_of)}
    return {**sheets, **dict(_calendars(register))}


def _calendars(register: Register) -> Iterator[tuple[str, bytes]]:
    owners = reviews.of_owners(register)
    everything = tuple(state for states in owners.values() for state in states)
    yield f"{source.DOWNLOADS}/{reviews.FILE}.ics", calendar.ics(desks.by_due(everything), register, whose="all owners")
    for owner, states in owners.items():
        name = wording.owner(owner, register.authority)
        yield f"{source.DOWNLOADS}/{reviews.file_of(owner)}.ics", calendar.ics(states, register, whose=name)


def _pairs(name: str, table: Table, as_of: date) -> Iterator[tuple[str, bytes]]:
    yield f"{source.DOWNLOADS}/{name}.csv", spreadsheet.csv(table)
    yield f"{source.DOWNLOADS}/{name}.xlsx", spreadsheet.xlsx([table], as_of=as_of)
