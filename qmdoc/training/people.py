"""Who is there on a day, since when they hold a role, and when they are away: from all lists that ever were in force.

On each day the newest authority and the newest staff list count; who stands in both counts as the authority writes them.
Somebody who first appears with `from` in the past was there since that day; a role that comes later is held from the day of
the list that gives it.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property

from qmdoc.records.leave import Absence
from qmdoc.training.nouns import Entry, Roll

NEVER = date.max
_FAR = date(9900, 1, 1)  # a last day from here on is none
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Stay:
    """Days on which a person's entry was the same; no last day: it lasts."""

    entry: Entry
    first_day: date
    last_day: date | None


@dataclass(frozen=True)
class People:
    """All people that the lists ever named."""

    authorities: tuple[Roll, ...]
    staff: tuple[Roll, ...]
    absences: tuple[Absence, ...] = ()
    _stays: dict[str, tuple[Stay, ...]] = field(default_factory=dict, compare=False, repr=False)

    @cached_property
    def ids(self) -> tuple[str, ...]:
        """Everybody who was ever listed."""
        return tuple(sorted({number for roll in (*self.authorities, *self.staff) for number in roll.entries}))

    @cached_property
    def _away(self) -> dict[str, tuple[Absence, ...]]:
        """Each person's leave, oldest first; leaves that touch are one."""
        rows: dict[str, list[Absence]] = {}
        for each in sorted(self.absences, key=lambda each: each.first_day):
            last = each.last_day if each.last_day and each.last_day < _FAR else None
            own = rows.setdefault(each.person, [])
            before = own[-1].last_day if own else date.min
            if own and (before is None or each.first_day <= before + _DAY):
                last = max(before, last) if before and last else None
                own[-1] = Absence(each.person, own[-1].first_day, last)
            else:
                own.append(Absence(each.person, each.first_day, last))
        return {person: tuple(own) for person, own in rows.items()}

    def on(self, day: date) -> tuple[Entry, ...]:
        """Who is there on a day, by name."""
        found = (self.entry(number, day) for number in self.ids)
        return tuple(sorted((each for each in found if each), key=lambda each: (each.name, each.id)))

    def entry(self, person: str, day: date) -> Entry | None:
        """How a person stands in the lists on a day; None when they are not there."""
        stay = self._stay(person, day)
        return self.stays(person)[stay].entry if stay is not None else None

    def last_entry(self, person: str) -> Entry | None:
        """How a person was last listed, there or not."""
        stays = self.stays(person)
        return stays[-1].entry if stays else None

    def since(self, person: str, role: str, day: date) -> date | None:
        """The first day of those up to `day` on which a person has held a role without a gap."""
        at, first = self._stay(person, day), None
        stays = self.stays(person)
        while at is not None and at >= 0 and role in stays[at].entry.roles:
            first = stays[at].first_day
            is_unbroken = at > 0 and stays[at - 1].last_day == first - _DAY
            at = at - 1 if is_unbroken else None
        return first

    def is_away(self, person: str, day: date) -> bool:
        """Whether a person is on leave on a day."""
        return any(_covers(each, day) for each in self._away.get(person, ()))

    def back(self, person: str, day: date) -> date:
        """That day, or the first after it on which the person is not on leave."""
        for each in self._away.get(person, ()):
            if _covers(each, day):
                return each.last_day + _DAY if each.last_day else NEVER
        return day

    def days_later(self, person: str, start: date, days: int) -> date:
        """The first day by which, after `start`, a person was there on so many days; on that day they are there."""
        end, left = start, days
        for each in self._away.get(person, ()):
            if each.last_day is not None and each.last_day < start:
                continue
            if each.first_day > end:
                until_then = (each.first_day - end).days - 1
                if left <= until_then:
                    return end + left * _DAY
                left -= until_then
            if each.last_day is None:
                return NEVER
            end, left = each.last_day, max(left, 1)
        return end + left * _DAY

    def stays(self, person: str) -> tuple[Stay, ...]:
        """Every stretch of days on which a person was there, oldest first."""
        if person not in self._stays:
            self._stays[person] = tuple(_stays(person, self.authorities, self.staff))
        return self._stays[person]

    def _stay(self, person: str, day: date) -> int | None:
        stays = self.stays(person)
        at = bisect_right(stays, day, key=lambda stay: stay.first_day) - 1
        last = stays[at].last_day if at >= 0 else None
        return at if at >= 0 and (last is None or day <= last) else None


def _covers(absence: Absence, day: date) -> bool:
    return absence.first_day <= day and (absence.last_day is None or day <= absence.last_day)


@dataclass(frozen=True, slots=True)
class _Listed:
    """How one list's editions wrote a person, each from a day on; before the first, its own `from` counts."""

    days: tuple[date, ...]
    entries: tuple[Entry | None, ...]

    def on(self, day: date) -> Entry | None:
        at = bisect_right(self.days, day) - 1
        entry = self.entries[at] if at >= 0 else None
        if at < 0 and self.entries and self.entries[0] and self.entries[0].first_day:
            entry = self.entries[0]
        return entry if entry and entry.is_active(day) else None

    def turns(self) -> Iterator[date]:
        yield from self.days
        for entry in self.entries:
            if entry and entry.first_day:
                yield entry.first_day
            if entry and entry.last_day and entry.last_day < NEVER:
                yield entry.last_day + _DAY


def _listed(person: str, rolls: Sequence[Roll]) -> _Listed:
    """The editions in which a person's entry changed, from the first that names them; the last of a day counts."""
    by_day: dict[date, Entry | None] = {roll.day: roll.entries.get(person) for roll in rolls}
    days: list[date] = []
    entries: list[Entry | None] = []
    for day, entry in sorted(by_day.items()):
        if (entries[-1] if entries else None) != entry:
            days.append(day)
            entries.append(entry)
    return _Listed(tuple(days), tuple(entries))


def _stays(person: str, authorities: Sequence[Roll], staff: Sequence[Roll]) -> Iterable[Stay]:
    first, second = _listed(person, authorities), _listed(person, staff)
    turns = sorted({*first.turns(), *second.turns()})
    rows: list[Stay] = []
    for turn, following in zip(turns, [*turns[1:], None], strict=False):
        entry = first.on(turn) or second.on(turn)
        last = following - _DAY if following else None
        if entry is None:
            continue
        if rows and rows[-1].entry == entry and rows[-1].last_day == turn - _DAY:
            rows[-1] = Stay(entry, rows[-1].first_day, last)
        else:
            rows.append(Stay(entry, turn, last))
    return rows
