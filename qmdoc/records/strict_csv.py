"""A table of records as CSV, read strictly: the first line names the columns, and each line that can't be read is a fault."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from datetime import date

from qmdoc.model import UNPRINTABLE, Fault


@dataclass(frozen=True, slots=True)
class Row:
    """A line of a table: its number in the file, its own letters, and the cell under each column."""

    line: int
    text: str
    cells: dict[str, str]


@dataclass(frozen=True, slots=True)
class Table:
    """The rows of a file that could be read, and what is wrong with the others."""

    rows: tuple[Row, ...] = ()
    faults: tuple[Fault, ...] = ()


def read(content: bytes, *headers: tuple[str, ...]) -> Table:
    """The table that a file holds, whose first line is one of `headers`. No row goes on in the next line."""
    try:
        text = content.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError:
        return Table(faults=(Fault(1, "the file is not UTF-8", "save it as `CSV UTF-8`"),))
    lines = text.split("\n")
    header = next(iter(_cells(lines[0], 1)), None)
    if not isinstance(header, list) or tuple(header) not in headers:
        return Table(faults=(Fault(1, f"the first line is `{lines[0]}`", f"write `{','.join(headers[0])}`"),))
    rows: list[Row] = []
    faults: list[Fault] = []
    for number, line in enumerate(lines[1:], start=2):
        for cells in _cells(line, number):
            found = cells if isinstance(cells, Fault) else _row(cells, header, number, line)
            if isinstance(found, Row):
                rows.append(found)
            else:
                faults.append(found)
    return Table(tuple(rows), tuple(faults))


def _cells(line: str, number: int) -> list[list[str] | Fault]:
    """The cells of one line; none where it is empty."""
    try:
        return [cells for cells in csv.reader(io.StringIO(line), strict=True) if cells]
    except csv.Error as error:
        return [Fault(number, f"the line is no CSV: {error}", "close every quotation mark on the line it begins")]


def _row(cells: list[str], header: list[str], number: int, line: str) -> Row | Fault:
    if len(cells) != len(header):
        return Fault(
            number,
            f"the line has {len(cells)} fields instead of {len(header)}",
            f"fill {','.join(header)}, in this order",
        )
    if UNPRINTABLE.search("".join(cells)) or any(cell != cell.strip() for cell in cells):
        return Fault(number, "a field holds an invisible character, or blanks at its ends", "write it anew")
    return Row(number, line, dict(zip(header, cells, strict=True)))


def day(text: str) -> date | None:
    """The day that a cell names as YYYY-MM-DD; None where it names none."""
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return None
    return found if found.isoformat() == text else None
