"""Leave of absence: `records/leave.csv` (`person,from,to`, both days inclusive; no last day: until further notice).

While somebody is away, nothing falls due for them, and the days they have for reading stand still.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from qmdoc.model import Fault
from qmdoc.records import strict_csv

KIND = "leave"
PATH = "records/leave.csv"
COLUMNS = ("person", "from", "to")


@dataclass(frozen=True, slots=True)
class Absence:
    """Days on which somebody is away, first and last inclusive; None: it goes on."""

    person: str
    first_day: date
    last_day: date | None


@dataclass(frozen=True, slots=True)
class Leave:
    """All that the file says; `faults` are lines that could not be read."""

    absences: tuple[Absence, ...] = ()
    faults: tuple[Fault, ...] = ()


def parse(content: bytes) -> Leave:
    """The leaves of absence, each line judged on its own."""
    table = strict_csv.read(content, COLUMNS)
    judged = [_absence(row) for row in table.rows]
    faults = (*table.faults, *(each for each in judged if isinstance(each, Fault)))
    return Leave(tuple(each for each in judged if isinstance(each, Absence)), faults)


def _absence(row: strict_csv.Row) -> Absence | Fault:
    first, last = row.cells["from"], row.cells["to"]
    first_day, last_day = strict_csv.day(first), strict_csv.day(last)
    if not row.cells["person"]:
        return Fault(row.line, "the line names nobody", "write the person's id")
    if first_day is None or (last and last_day is None):
        return Fault(row.line, f"`{first}` or `{last}` is no day", "write YYYY-MM-DD; the last day may stay empty")
    if last_day is not None and last_day < first_day:
        return Fault(row.line, f"the last day {last_day} is before the first, {first_day}", "exchange the two")
    return Absence(row.cells["person"], first_day, last_day)
