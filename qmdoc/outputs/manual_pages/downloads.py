"""Files beside the manual's pages for those who work in a spreadsheet or a calendar."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from qmdoc.outputs import spreadsheet, tables
from qmdoc.outputs.manual_pages import desk, source
from qmdoc.outputs.spreadsheet import Table
from qmdoc.register import Audit


def files(audit: Audit) -> dict[str, bytes]:
    """Every file, by its path in the manual's source and in the manual."""
    named = {desk.NAME: desk.table(audit), "register": tables.register(audit.register)}
    return {path: content for name, table in named.items() for path, content in _pairs(name, table, audit.as_of)}


def _pairs(name: str, table: Table, as_of: date) -> Iterator[tuple[str, bytes]]:
    yield f"{source.DOWNLOADS}/{name}.csv", spreadsheet.csv(table)
    yield f"{source.DOWNLOADS}/{name}.xlsx", spreadsheet.xlsx([table], as_of=as_of)
