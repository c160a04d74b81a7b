"""A slow, obvious model of training, written day by day from the six rules of `qmdoc.training.duties`. It shares nouns, no code."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from qmdoc.documents import ChangeSize, TrainingKind
from qmdoc.records.leave import Absence
from qmdoc.training.nouns import Attested, Curriculum, Edition, Entry, Roll, Sizes

DAY = timedelta(days=1)
FOREVER = 2000  # days; nothing here lasts longer


@dataclass(frozen=True)
class World:
    authorities: tuple[Roll, ...]
    staff: tuple[Roll, ...]
    absences: tuple[Absence, ...]
    curriculum: Curriculum
    attested: tuple[Attested, ...]
    sizes: Sizes


def listed(rolls: tuple[Roll, ...], person: str, day: date) -> Entry | None:
    """Rule: the newest list counts; before the first that names somebody, their own `from` counts."""
    in_force = [roll for roll in rolls if roll.day <= day]
    entry = in_force[-1].entries.get(person) if in_force else None
    if not any(person in roll.entries for roll in in_force):
        later = [roll.entries[person] for roll in rolls if person in roll.entries]
        entry = later[0] if later and later[0].first_day else None
    if entry is None:
        return None
    is_there = (entry.first_day or day) <= day <= (entry.last_day or day)
    return entry if is_there else None


def there(world: World, person: str, day: date) -> Entry | None:
    return listed(world.authorities, person, day) or listed(world.staff, person, day)


def away(world: World, person: str, day: date) -> bool:
    return any(each.person == person and each.first_day <= day <= (each.last_day or day) for each in world.absences)


def has_role_since(world: World, person: str, role: str, day: date) -> date | None:
    first = None
    while (entry := there(world, person, day)) and role in entry.roles:
        first, day = day, day - DAY
    return first


def is_asked(entry: Entry, edition: Edition) -> bool:
    if edition.asking is None or not set(entry.roles) & set(edition.asking.roles):
        return False
    return not edition.sites or not entry.sites or bool(set(edition.sites) & set(entry.sites))


def due(world: World, entry: Entry, edition: Edition, today: date) -> date:
    assert edition.asking
    firsts = [has_role_since(world, entry.id, role, today) for role in edition.asking.roles]
    clock = max(edition.approved, min(first for first in firsts if first))
    if clock < edition.since:
        return next(day_after(world, entry.id, edition.since - DAY, 0))
    return next(day_after(world, entry.id, clock, edition.asking.within))


def day_after(world: World, person: str, start: date, days: int) -> Iterator[date]:
    """The first day on which the person is there, and was on `days` days since `start`."""
    passed = 0
    for number in range(FOREVER):
        day = start + number * DAY
        is_there = not away(world, person, day)
        passed += is_there and number > 0
        if is_there and passed >= days:
            yield day
    yield date.max


def months_later(day: date, months: int) -> date:
    month = day.month - 1 + months
    year, month = day.year + month // 12, month % 12 + 1
    for last in (day.day, 30, 29, 28):
        try:
            return date(year, month, min(day.day, last))
        except ValueError:
            continue
    raise AssertionError


def knowledge(world: World, person: str, edition: Edition, today: date) -> tuple[bool, str, date | None]:
    """Whether a version is known; else why not (`never`, `changed`, `ran out`), and the day it ran out."""
    assert edition.asking
    editions = list(world.curriculum.editions)
    own = editions[: editions.index(edition) + 1]
    rows = [
        each
        for each in world.attested
        if each.person == person and each.day <= today and each.digest in [e.digest for e in own]
    ]
    if edition.asking.kind is TrainingKind.COMPETENCY:
        observed = [each for each in rows if each.kind is TrainingKind.COMPETENCY]
        if not observed:
            return False, "never", None
        last = sorted(observed, key=lambda each: each.day)[-1]
        until = months_later(last.day, edition.asking.months)
        ran_out = last.day if not last.is_passed else until if until < today else None
        if is_changed(world, last, own, edition):
            return False, "changed", ran_out
        return (False, "ran out", ran_out) if ran_out else (True, "", None)
    known = [each for each in own if any(row.digest == each.digest and row.is_passed for row in rows)]
    if not known:
        return False, "never", None
    if known[-1] is edition or world.sizes(known[-1], edition).size is ChangeSize.MINOR:
        return True, "", None
    return False, "changed", None


def is_changed(world: World, last: Attested, own: list[Edition], edition: Edition) -> bool:
    old = next(each for each in own if each.digest == last.digest)
    return old is not edition and world.sizes(old, edition).size is ChangeSize.MAJOR


def matrix(world: World, edition: Edition, today: date) -> dict[str, tuple[str, date]]:
    """Where everybody stands who is asked."""
    people = sorted({person for roll in (*world.authorities, *world.staff) for person in roll.entries})
    rows: dict[str, tuple[str, date]] = {}
    for person in people:
        entry = there(world, person, today)
        if entry and is_asked(entry, edition):
            rows[person] = stands(world, entry, edition, today)
    return rows


def stands(world: World, entry: Entry, edition: Edition, today: date) -> tuple[str, date]:
    is_known, why, ran_out = knowledge(world, entry.id, edition, today)
    last = due(world, entry, edition, today)
    if ran_out:
        expiry = next(day_after(world, entry.id, ran_out, 0))
        last = min(last, expiry) if why == "changed" else expiry
    elif not is_known and edition not in world.curriculum.ahead:
        last = min(last, *(due(world, entry, each, today) for each in missed(world, entry, edition, today)), date.max)
    if is_known:
        return "known", last
    if away(world, entry.id, today):
        return "away", last
    if today <= last:
        return "open", last
    return {"never": "missing", "changed": "outdated", "ran out": "competency overdue"}[why], last


def missed(world: World, entry: Entry, edition: Edition, today: date) -> list[Edition]:
    """The versions before this one, without a break, that asked the person and were not met."""
    editions = list(world.curriculum.editions)
    rows: list[Edition] = []
    for each in reversed(editions[: editions.index(edition)]):
        if not is_asked(entry, each) or knowledge(world, entry.id, each, today)[0]:
            break
        rows.append(each)
    return rows
