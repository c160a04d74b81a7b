"""Staff who only read: `records/staff.csv`, no part of the authority (DESIGN.md §3.4)."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from datetime import date

from qmdoc.model import UNPRINTABLE, Fault

KIND = "staff"
PATH = "records/staff.csv"
_COLUMNS = ["id", "name", "email", "roles", "sites", "from", "to"]


@dataclass(frozen=True, slots=True)
class StaffMember:
    """Somebody who must know documents; first and last day are inclusive."""

    id: str
    name: str
    email: str
    roles: tuple[str, ...]
    sites: tuple[str, ...]
    first_day: date | None
    last_day: date | None

    def is_active(self, day: date) -> bool:
        """Whether the person belongs to the programme on a day."""
        return (self.first_day is None or self.first_day <= day) and (self.last_day is None or day <= self.last_day)


@dataclass(frozen=True, slots=True)
class Staff:
    """All that the file says; `faults` are rows that could not be read."""

    members: tuple[StaffMember, ...] = ()
    faults: tuple[Fault, ...] = ()


def parse(content: bytes) -> Staff:
    """The staff list, each row judged on its own."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return Staff(faults=(Fault(1, "the staff list is not UTF-8", "save it as `CSV UTF-8`"),))
    rows = csv.reader(io.StringIO(text.replace("\r\n", "\n")), strict=True)
    members: list[StaffMember] = []
    faults: list[Fault] = []
    try:
        header = next(rows, [])
        if header != _COLUMNS:
            return Staff(faults=(Fault(1, f"the first line is `{','.join(header)}`", f"write `{','.join(_COLUMNS)}`"),))
        for row in rows:
            if row:
                found = _member(row, rows.line_num, {member.id for member in members})
                if isinstance(found, StaffMember):
                    members.append(found)
                else:
                    faults.append(found)
    except csv.Error as error:
        faults.append(Fault(rows.line_num, f"the line is no CSV: {error}", "close every quotation mark"))
    return Staff(tuple(members), tuple(faults))


def _member(row: list[str], line: int, known: set[str]) -> StaffMember | Fault:
    if len(row) != len(_COLUMNS):
        return Fault(line, f"the line has {len(row)} fields instead of {len(_COLUMNS)}", "fill or delete fields")
    if UNPRINTABLE.search("".join(row)) or not row[0].strip() or not row[1].strip():
        return Fault(line, "the id or the name is empty, or holds an invisible character", "write both")
    if row[0] in known:
        return Fault(line, f"the id `{row[0]}` is used twice", "give each person their own")
    try:
        first_day, last_day = (date.fromisoformat(text) if text else None for text in row[5:7])
    except ValueError:
        return Fault(line, f"`{row[5]}` or `{row[6]}` is no day", "write YYYY-MM-DD, or nothing")
    return StaffMember(row[0], row[1], row[2].lower(), _parted(row[3]), _parted(row[4]), first_day, last_day)


def _parted(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(";") if part.strip())
