"""What each version asks of each person on a day, by when, and whether it is met.

The rules, as the manual tells them:

1. A version asks everybody who is there, holds one of its roles and works at one of its sites (no sites: all).
2. It is due `within` days after its approval or after the person's first day in the role, whichever is later. Days of leave
   don't count. Where it was approved before its first day in force, who is there before that day has until the eve of it;
   who is on leave that day, until they are back.
3. Reading is shown by an attestation of this version, or of an earlier one from which it differs in minor ways only.
4. A competency is shown by the latest observation, if it was passed, at such a version, no more than the policy's months ago.
5. Who missed a version stays late when the next one comes: the due day is the earliest of all versions without a break that
   asked the person and were not met.
6. While somebody is on leave, nothing of theirs is late.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from qmdoc.documents import ChangeSize, TrainingKind
from qmdoc.model import add_months
from qmdoc.training.nouns import Asking, Attested, Curriculum, Duty, Edition, Entry, Size, Sizes, Standing
from qmdoc.training.people import People

_DAY = timedelta(days=1)
Known = Mapping[tuple[str, str], tuple[Attested, ...]]
"""What counts, by person and document, in the order of its days."""


def known(attested: tuple[Attested, ...]) -> Known:
    """Attestations by person and document; the order of days, and within a day the order given."""
    rows: dict[tuple[str, str], list[Attested]] = {}
    for each in sorted(attested, key=lambda each: each.day):
        rows.setdefault((each.person, each.document), []).append(each)
    return {key: tuple(found) for key, found in rows.items()}


@dataclass(frozen=True, slots=True)
class Shown:
    """How far somebody knows a version: what they attested last of it or of an earlier one, and what changed since."""

    last: Attested | None
    size: Size | None
    expired: date | None = None

    @property
    def is_enough(self) -> bool:
        """It meets what is asked."""
        return self.last is not None and (self.size is None or self.size.size is ChangeSize.MINOR) and not self.expired


@dataclass(frozen=True, slots=True)
class Book:
    """Everything that duties follow from, on one day; `there` is who is there on it, by name."""

    day: date
    people: People
    there: tuple[Entry, ...]
    known: Known
    sizes: Sizes

    def duties(self, curriculum: Curriculum, edition: Edition) -> Iterator[Duty]:
        """What a version asks of those who are there, by name."""
        if edition.asking is None:
            return
        roles, sites = set(edition.asking.roles), set(edition.sites)
        for entry in self.there:
            if not roles.isdisjoint(entry.roles) and is_at(entry, sites):
                yield self._duty(entry, curriculum, edition, edition.asking)

    def shown(self, person: str, curriculum: Curriculum, edition: Edition, asking: Asking) -> Shown:
        """What a person attested of a version, or of those before it."""
        rows = self.known.get((person, edition.document), ())
        places = {each.digest: at for at, each in enumerate(curriculum.editions)}
        last_place = places[edition.digest]
        earlier = [each for each in rows if places.get(each.digest, last_place + 1) <= last_place]
        if asking.kind is TrainingKind.COMPETENCY:
            return self._observed(earlier, places, curriculum, edition, asking)
        passed = [each for each in earlier if each.is_passed]
        last = max(passed, key=lambda each: places[each.digest], default=None)
        return Shown(last, self._since(last, places, curriculum, edition))

    def _observed(
        self,
        earlier: list[Attested],
        places: Mapping[str, int],
        curriculum: Curriculum,
        edition: Edition,
        asking: Asking,
    ) -> Shown:
        observed = [each for each in earlier if each.kind is TrainingKind.COMPETENCY]
        if not observed:
            return Shown(None, None)
        last = observed[-1]
        next_due = add_months(last.day, asking.months)
        expired = last.day if not last.is_passed else next_due if self.day > next_due else None
        return Shown(last, self._since(last, places, curriculum, edition), expired)

    def _since(
        self, last: Attested | None, places: Mapping[str, int], curriculum: Curriculum, edition: Edition
    ) -> Size | None:
        """What changed since the version last attested; None where it is this version."""
        if last is None or last.digest == edition.digest:
            return None
        return self.sizes(curriculum.editions[places[last.digest]], edition)

    def _duty(self, entry: Entry, curriculum: Curriculum, edition: Edition, asking: Asking) -> Duty:
        shown = self.shown(entry.id, curriculum, edition, asking)
        due = self._due_or_earlier(entry, curriculum, edition, shown)
        roles = tuple(role for role in entry.roles if role in asking.roles)
        standing = self._standing(entry, shown, due)
        return Duty(entry, roles, edition, asking, due, standing, shown.last, shown.size)

    def _standing(self, entry: Entry, shown: Shown, due: date) -> Standing:
        if shown.is_enough:
            return Standing.MINOR_CHANGE if shown.size else Standing.ATTESTED
        if self.people.is_away(entry.id, self.day):
            return Standing.AWAY
        if self.day <= due:
            return Standing.OPEN
        if shown.expired and not (shown.size and shown.size.size is ChangeSize.MAJOR):
            return Standing.COMPETENCY_OVERDUE
        return Standing.OUTDATED if shown.last else Standing.MISSING

    def _due_or_earlier(self, entry: Entry, curriculum: Curriculum, edition: Edition, shown: Shown) -> date:
        due = self._due(entry, edition)
        if shown.expired:
            return (
                min(due, self.people.back(entry.id, shown.expired))
                if _is_changed(shown)
                else self.people.back(entry.id, shown.expired)
            )
        if shown.is_enough or edition in curriculum.ahead:
            return due
        at = next(at for at, each in enumerate(curriculum.editions) if each.digest == edition.digest)
        for earlier in reversed(curriculum.editions[:at]):
            asking = earlier.asking
            if asking is None or not self._is_asked(entry, earlier, asking):
                break
            if self.shown(entry.id, curriculum, earlier, asking).is_enough:
                break
            due = min(due, self._due(entry, earlier))
        return due

    def _is_asked(self, entry: Entry, edition: Edition, asking: Asking) -> bool:
        return not set(asking.roles).isdisjoint(entry.roles) and is_at(entry, set(edition.sites))

    def _due(self, entry: Entry, edition: Edition) -> date:
        """The last day on which a version may still be unknown to a person."""
        assert edition.asking
        starts = (self.people.since(entry.id, role, self.day) for role in edition.asking.roles if role in entry.roles)
        clock = max(edition.approved, min(start for start in starts if start))
        if clock < edition.since:
            return self.people.back(entry.id, edition.since - _DAY)
        return self.people.days_later(entry.id, clock, edition.asking.within)


def is_at(entry: Entry, sites: set[str]) -> bool:
    """Whether somebody works where a document holds; no sites are all sites."""
    return not sites or not entry.sites or not sites.isdisjoint(entry.sites)


def _is_changed(shown: Shown) -> bool:
    return shown.size is not None and shown.size.size is ChangeSize.MAJOR
