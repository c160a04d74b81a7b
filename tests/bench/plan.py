"""The plan of a corpus: every commit's place, time, people and what it changes or signs, but no text yet.

It walks the calendar and takes one step at a time of what is under way: branches, squashed changes, changes of the
authority. A document that is under way is left alone by everything else until it has its signatures, so no merge
conflicts and every sign-off names what main holds. Whoever wrote a version does not sign it.

All chance comes from `Random.random()`, the one method whose sequence Python guarantees.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from random import Random
from typing import TypeVar

from bench.cast import Commit, Event, Person, Revision, SignOff, Size, Sop
from bench.words import AREAS, FAMILY, GIVEN, SUBJECTS, THINGS, VERBS
from qmdoc.model import Meaning, Version, add_months

END = int(datetime(2026, 1, 1, tzinfo=UTC).timestamp())  # about when every corpus ends
YEAR = 365.25 * 86400
SHARD = 50  # documents in one folder, at most: keeps tree objects small, as people do
REVIEW_MONTHS = 36
SEATS = ("quality-manager", "laboratory-head")
OTHER_ROLES = ("process-owner", "technical-director", "analyst", "technologist")

T = TypeVar("T")


class Step(StrEnum):
    """What one commit of something under way does."""

    EDIT = "edit"
    MERGE = "merge"
    SQUASH = "squash"
    SIGN = "sign"
    JOIN = "join"
    SIGN_AUTHORITY = "sign-authority"


_STEPS = {
    Event.CREATE: (Step.EDIT, Step.MERGE, *[Step.SIGN] * len(SEATS)),
    Event.SQUASH: (Step.SQUASH, *[Step.SIGN] * len(SEATS)),
    Event.AUTHORITY: (Step.JOIN, Step.SIGN_AUTHORITY, Step.SIGN_AUTHORITY),
}


@dataclass(slots=True)
class _Work:
    """Something under way: documents that nobody else may touch, and the commits it still needs."""

    event: Event
    documents: tuple[int, ...]
    steps: list[Step]
    tip: int | None
    signed: int = 0


class Plan:
    """Every commit of a corpus, in the order in which they are made."""

    def __init__(self, size: Size, seed: int) -> None:
        self.size = size
        self._random = Random(f"{seed}/plan")
        self.joining = max(1, round(size.years / 2))
        if size.people < 6 or size.documents > 999 * len(AREAS):
            raise ValueError(f"a corpus has six people at least, and {999 * len(AREAS)} documents at most")
        self.people = [self._person(number) for number in range(size.people)]
        self.sops = [self._sop(number) for number in range(size.documents)]
        self.commits: list[Commit] = []
        self.events = dict.fromkeys(Event, 0)
        self._now = END - size.years * YEAR
        self._pace = size.years * YEAR / size.commits
        self._main: int | None = None
        self._open: list[_Work] = []
        self._held: set[int] = set()
        self._live: list[int] = []
        self._unborn = list(reversed(range(size.documents)))
        self._authority = 0
        self._joined: Person | None = None
        self._width = max(3, min(40, size.people // 2))
        if self._owed() + 2 > size.commits:
            raise ValueError(f"{size.documents} documents need {self._owed() + 2} commits at least")
        self._run()

    def _person(self, number: int, since: date | None = None) -> Person:
        first = GIVEN[number % len(GIVEN)]
        last = FAMILY[(number + number // len(GIVEN) * 7) % len(FAMILY)]
        seats = max(2, self.size.people // 6)
        role = SEATS[number // seats] if number < 2 * seats else self._pick(OTHER_ROLES)
        is_admin = since is None and number in (0, 1, seats, 2 * seats)
        roles = (role, "admin", "root") if is_admin else (role,)
        zone = self._pick(("+0000", "+0100", "+0200", "-0500", "+0530"))
        return Person(number, f"{first} {last}", f"{first}.{last}".lower(), roles, zone, since)

    def _sop(self, number: int) -> Sop:
        area = AREAS[number % len(AREAS)]
        own = f"{area}-{number // len(AREAS) + 1:03d}"
        title = f"{self._pick(VERBS)} of {self._pick(THINGS)}"
        folder = f"sops/{area.lower()}/{number // len(AREAS) // SHARD + 1:02d}"
        path = f"{folder}/{own}-{title.lower().replace(' ', '-')}.md"
        return Sop(own, area, title, path, self._pick(SEATS), self._pick((12, 24, 24, REVIEW_MONTHS)))

    def _run(self) -> None:
        self._now += self._pace
        self._commit(self.people[0], "Begin the programme", joined=len(self.people))
        self.events[Event.ROOT] += 1
        while left := self.size.commits - len(self.commits):
            self._next(left - self._owed())

    def _owed(self) -> int:
        """The commits without which something would be left half done."""
        under_way = sum(len(work.steps) for work in self._open)
        return under_way + 4 * len(self._unborn) + 3 * (self.joining - self.events[Event.AUTHORITY])

    def _next(self, room: int) -> None:
        """One more commit; `room` is how many there are beyond what is owed."""
        done = len(self.commits) / self.size.commits
        is_joining = any(work.event is Event.AUTHORITY for work in self._open)
        joins = self.joining - self.events[Event.AUTHORITY]
        if joins and not is_joining and (room <= 0 or done > 1 - joins / (self.joining + 1)):
            self._start(Event.AUTHORITY, ())
        elif self._unborn and (room > 0 or not self._open) and self._is_behind(done) and self._has_width():
            self._start(Event.CREATE, (self._unborn.pop(),))
        elif self._open and (room <= 0 or self._random.random() < 0.25 + 0.6 * len(self._open) / self._width):
            self._advance(self._open[0] if room <= 0 else self._pick(self._open))
        else:
            self._begin(room)

    def _is_behind(self, done: float) -> bool:
        return 1 - len(self._unborn) / len(self.sops) < done * 1.6 or not self._open

    def _has_width(self) -> bool:
        return len(self._open) < self._width

    def _begin(self, room: int) -> None:
        """Something new on documents that nobody has under way."""
        roll, number = self._random.random(), self._free()
        if number is None or roll < 0.13:
            self._noise()
        elif roll < 0.58 and self._has_width() and room >= 6:
            other = self._free() if self._random.random() < 0.15 else None
            self._start(Event.CHANGE, self._together(number, other))
        elif roll < 0.70 and self._has_width() and room >= 3:
            self._start(Event.SQUASH, (number,))
        elif roll < 0.84:
            self._review()
        else:
            self._minor(number)

    def _start(self, event: Event, documents: tuple[int, ...]) -> None:
        edits = 1 + int(self._random.random() * 3)
        steps = _STEPS.get(event) or (*[Step.EDIT] * edits, Step.MERGE, *[Step.SIGN] * len(SEATS))
        work = _Work(event, documents, list(steps), self._main)
        self._held.update(documents)
        self._open.append(work)
        if event is Event.AUTHORITY:
            self.events[event] += 1
        self._advance(work)

    def _advance(self, work: _Work) -> None:
        match work.steps.pop(0):
            case Step.EDIT | Step.SQUASH as step:
                self._edit(work, is_on_main=step is Step.SQUASH)
            case Step.MERGE:
                names = self._names(work.documents)
                self._commit(self._pick(self.people), f"Merge change to {names}", merged=work.tip)
                self._land(work)
            case Step.SIGN:
                self._sign(work)
            case Step.JOIN:
                joined = self._joined = self._person(len(self.people), _day(self._now))
                self._commit(self.people[0], f"{joined.name} joins", joined=joined.number + 1)
            case Step.SIGN_AUTHORITY:
                self._sign_authority(work)
        if not work.steps:
            self._finish(work)

    def _finish(self, work: _Work) -> None:
        self._open.remove(work)
        self._held.difference_update(work.documents)
        if work.event is Event.AUTHORITY:
            assert self._joined
            self.people.append(self._joined)
            self._authority += 1
            return
        self.events[work.event] += 1
        for number in work.documents:
            sop = self.sops[number]
            sop.approved, sop.approval, sop.due = sop.main, self._main, sop.revisions[-1].review_date
            sop.authors.clear()
            if work.event is Event.CREATE:
                self._live.append(number)

    def _edit(self, work: _Work, *, is_on_main: bool) -> None:
        is_first = is_on_main or work.tip is None or self.commits[work.tip].is_on_main
        author, time = self._author(work.documents), self._tick()
        changes = tuple((each, self._revise(each, time, is_new_version=is_first)) for each in work.documents)
        names = self._names(work.documents)
        message = f"Draft {names}" if work.event is Event.CREATE else f"{self._pick(SUBJECTS)} in {names}"
        if is_on_main:
            self._commit(author, message, time=time, changes=changes)
            self._land(work)
        else:
            work.tip = self._commit(author, message, time=time, changes=changes, parent=work.tip, is_on_main=False)

    def _land(self, work: _Work) -> None:
        for number in work.documents:
            self.sops[number].main = len(self.sops[number].revisions) - 1

    def _sign(self, work: _Work) -> None:
        role = SEATS[work.signed]
        signer = self._pick(self._independent(role, work.documents))
        subjects = tuple((number, len(self.sops[number].revisions) - 1) for number in work.documents)
        self._commit(signer, "", sign_off=SignOff(role, Meaning.APPROVAL, self._authority, subjects))
        work.signed += 1

    def _sign_authority(self, work: _Work) -> None:
        admins = [person for person in self.people if "admin" in person.roles]
        signer = admins[1 + (self._authority + work.signed) % (len(admins) - 1)]
        self._commit(signer, "", sign_off=SignOff("admin", Meaning.AUTHORITY, self._authority))
        work.signed += 1

    def _review(self) -> None:
        """A periodic review, of the document that needs it most of a few."""
        few = [number for _ in range(8) if (number := self._free()) is not None]
        number = min(few, key=lambda each: self.sops[each].due, default=None)
        if number is None:
            self._noise()
            return
        sop, time = self.sops[number], self._tick()
        assert sop.approved is not None
        sop.due = add_months(_day(time), sop.interval)
        signer = self._pick([person for person in self.people if SEATS[0] in person.roles])
        subjects = ((number, sop.approved),)
        sign_off = SignOff(SEATS[0], Meaning.PERIODIC_REVIEW, self._authority, subjects, sop.due)
        self._commit(signer, "", time=time, sign_off=sign_off)
        self.events[Event.REVIEW] += 1

    def _minor(self, number: int) -> None:
        author, time = self._author((number,)), self._tick()
        changes = ((number, self._revise(number, time, is_new_version=False)),)
        self._commit(author, f"Fix typing error in {self.sops[number].id}", time=time, changes=changes)
        self.sops[number].main = len(self.sops[number].revisions) - 1
        self.events[Event.MINOR] += 1

    def _noise(self) -> None:
        self._commit(self._pick(self.people), "Update records", register=int(self._random.random() * 12))
        self.events[Event.NOISE] += 1

    def _commit(
        self,
        author: Person,
        message: str,
        *,
        time: int | None = None,
        parent: int | None = None,
        merged: int | None = None,
        is_on_main: bool = True,
        changes: tuple[tuple[int, int], ...] = (),
        **more: SignOff | int | None,
    ) -> int:
        """Appends a commit, to main unless said otherwise; a merge brings the changes of what it merges."""
        commit = Commit(
            self._main if is_on_main else parent,
            merged,
            self._tick() if time is None else time,
            author,
            message,
            changes if merged is None else self.commits[merged].changes,
            is_on_main=is_on_main,
            **more,  # type: ignore[arg-type]
        )
        self.commits.append(commit)
        number = len(self.commits) - 1
        if is_on_main:
            self._main = number
        return number

    def _revise(self, number: int, time: int, *, is_new_version: bool) -> int:
        sop = self.sops[number]
        if not sop.revisions:
            version = Version(1, 0)
        else:
            last = sop.revisions[-1].version
            version = last
            if is_new_version:
                is_major = self._random.random() < 0.15
                version = Version(last.major + 1, 0) if is_major else Version(last.major, last.minor + 1)
        review = add_months(_day(time), sop.interval) if is_new_version else sop.revisions[-1].review_date
        sop.revisions.append(Revision(version, review, is_new_version))
        return len(sop.revisions) - 1

    def _author(self, documents: Sequence[int]) -> Person:
        """Somebody who writes; a seat's last independent holder leaves the pen to others."""
        while True:
            person = self._pick(self.people)
            if all(self._independent(role, documents, {person}) for role in SEATS):
                break
        for number in documents:
            self.sops[number].authors.add(person)
        return person

    def _independent(self, role: str, documents: Sequence[int], also: Collection[Person] = ()) -> list[Person]:
        """The holders of a role who wrote nothing of these documents since they were last approved."""
        authors = {author for number in documents for author in self.sops[number].authors} | set(also)
        return [person for person in self.people if role in person.roles and person not in authors]

    def _together(self, number: int, other: int | None) -> tuple[int, ...]:
        """One document, or two that one person of each seat can sign."""
        if other is None or other == number:
            return (number,)
        writers = {person for person in self.people if not set(SEATS) & set(person.roles)}
        is_fit = all(self._independent(role, (number, other), writers) for role in SEATS)
        return (number, other) if is_fit else (number,)

    def _free(self) -> int | None:
        """A document in force that is not under way, unless eight draws found none."""
        draws = (self._pick(self._live) for _ in range(8) if self._live)
        return next((number for number in draws if number not in self._held), None)

    def _names(self, documents: Sequence[int]) -> str:
        return ", ".join(self.sops[number].id for number in documents)

    def _tick(self) -> int:
        self._now += self._pace * (0.2 + 1.6 * self._random.random())
        return max(int(self._now), self.commits[-1].time + 1) if self.commits else int(self._now)

    def _pick(self, choices: Sequence[T]) -> T:
        return choices[int(self._random.random() * len(choices))]


def _day(time: float) -> date:
    return datetime.fromtimestamp(time, UTC).date()
