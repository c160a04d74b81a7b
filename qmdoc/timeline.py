"""Between which times each commit was made, as far as time anchors on the mainline tell (SIGNOFF.md §6).

Which time-stamping authorities are believed is decided by the authority in force, and never by what comes later: for a
token, where it lands; for what a later token contains, where the sign-off lands that it bounds. (A later authority may
stand on sign-offs that those very tokens would refuse.) What counted once counts for ever: a token that was taken out of
the tree again, or whose authority was taken out of the policy, keeps what it proved.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from qmdoc import controlled
from qmdoc.errors import FileTooLarge
from qmdoc.ledger import Irregularity, Landing
from qmdoc.model import Commit, File, History, Objects
from qmdoc.signing import anchors
from qmdoc.signing.acceptance import LEEWAY
from qmdoc.signing.anchors import UNBOUNDED, Anchor, Bracket, Refused, Stamped
from qmdoc.signing.authority import Authority, TimeStamp

Trusted = tuple[TimeStamp, ...]


@dataclass(frozen=True, slots=True)
class _Found:
    """A file under records/anchors/ where the mainline first holds it; `contains` is the landing of the commit it names."""

    file: File
    landing: int
    commit: str = ""
    contains: int = -1
    problem: str = ""


class Timeline:
    """The time anchors of a mainline, all read before the first sign-off is judged: later ones bound earlier commits."""

    def __init__(self, history: History, objects: Objects, landings: Sequence[Landing], now: datetime) -> None:
        self._history, self._objects, self._now = history, objects, now
        self._numbers = {landing.commit: number for number, landing in enumerate(landings)}
        self._newest = dict(self._numbers)
        self._standing: dict[str, File] = {}
        self._found = [self._named(*row) for row in self._first_landings(landings)]
        self._landing_at: dict[int, list[_Found]] = {}
        for found in self._found:
            self._landing_at.setdefault(found.landing, []).append(found)
        self._ignored: list[tuple[_Found, str]] = []
        self._floors = _Floors()
        self._verdict = lru_cache(maxsize=None)(self._verified)
        self._ceilings = lru_cache(maxsize=None)(self._ceilings_of)
        self.anchors: tuple[Anchor, ...] = ()

    def __len__(self) -> int:
        """How many mainline commits there are."""
        return len(self._numbers)

    def __contains__(self, commit_id: str) -> bool:
        """Whether it is one of them."""
        return commit_id in self._numbers

    def go_on(self, history: History, landings: Sequence[Landing], now: datetime) -> None:
        """Takes a longer history, whose mainline goes on with these landings; none of them brings a time stamp."""
        self._history, self._now = history, now
        new = {landing.commit: number for number, landing in enumerate(landings, len(self))}
        self._numbers |= new
        self._newest |= new

    def land(self, number: int, authority: Authority) -> None:
        """Judges the tokens that land here by the authority in force just before."""
        for found in self._landing_at.get(number, ()):
            if number == 0 and not found.problem and found.contains < 0:
                continue  # a programme that begins anew from a later trust root may keep its older tokens
            verdict = self._judged(found, authority.policy.time_stamps, self._floors)
            if isinstance(verdict, Refused):
                self._ignored.append((found, verdict.reason))
            else:
                self.anchors = (
                    *self.anchors,
                    Anchor(found.commit, verdict.time, verdict.authority, found.file.path, number, verdict.is_bare),
                )

    def bracket(self, commit: Commit, landing: int, authority: Authority) -> Bracket:
        """Between which times a commit was made that lands at `landing`, the authority being in force just before.

        It came after every token whose mainline commit it descends from, and before every token over a commit that
        contains it.
        """
        if not self._found:
            return UNBOUNDED
        not_before = self._floors.at(self._newest_on_mainline(commit.parents))
        contains, times = self._ceilings(authority.policy.time_stamps)
        at = bisect_left(contains, landing)
        not_after = times[at] if at < len(times) else None
        if not_before and not_after and not_after < not_before - LEEWAY:
            not_after = None  # two authorities contradict each other: what was seen first on the mainline stands
        return Bracket(not_before, not_after, self._floors.at(landing - 1))

    def verdict(self, token: bytes, commit_id: str, authority: Authority) -> Stamped | Refused:
        """How a token over a mainline commit would be judged if it landed next."""
        raw = self._objects.commit(commit_id)
        found = anchors.verify(token, raw, authority.policy.time_stamps)
        return self._plausible(found, self._numbers[commit_id], self._floors)

    def irregularities(self) -> Iterator[Irregularity]:
        """The tokens that count for nothing, as long as main holds them."""
        for found, reason in self._ignored:
            if self._standing.get(found.file.path) == found.file:
                yield Irregularity("anchor-ignored", f"the time stamp {found.file.path} does not count: {reason}",
                    "take the file out, and make a time stamp with `qmdoc anchor`", path=found.file.path, line=1)  # fmt: skip

    def _first_landings(self, landings: Sequence[Landing]) -> Iterator[tuple[File, int]]:
        """Each file with its bytes where the mainline first held it, from trees that were hashed."""
        seen: set[File] = set()
        for number, landing in enumerate(landings):
            for path, file in self._stamps(number, landing.commit):
                self._standing.pop(path, None)
                if file is not None:
                    self._standing[path] = file
                    if file not in seen and not path.endswith("/README.md"):
                        seen.add(file)
                        yield file, number

    def _stamps(self, number: int, commit_id: str) -> Iterator[tuple[str, File | None]]:
        """The paths under records/anchors/ that a mainline commit changes, or all that the first of them holds."""
        if number == 0:
            held = controlled.every_file(self._objects, self._history.commits[commit_id].tree, "records")
            yield from ((file.path, file) for file in held if file.path.startswith(anchors.FOLDER))
        for change in self._history.changes.get(commit_id, ()) if number else ():
            if change.path.startswith(anchors.FOLDER):
                yield change.path, change.file

    def _named(self, file: File, landing: int) -> _Found:
        commit = anchors.commit_of(file.path)
        if commit is None or not file.is_plain:
            return _Found(
                file,
                landing,
                problem="a time stamp is a plain file, named like the full id of the commit that it stamps",
            )
        number = self._numbers.get(commit)
        if number is None and (landing > 0 or commit not in self._history.first_parents):
            return _Found(
                file, landing, problem="it names a commit that is not on this mainline, or lies before the trust root"
            )
        return _Found(file, landing, commit, -1 if number is None else number)

    def _judged(self, found: _Found, trusted: Trusted, floors: _Floors) -> Stamped | Refused:
        """The verdict on a token, which becomes a floor for what follows where it holds."""
        if found.problem:
            return Refused(found.problem)
        verdict = self._plausible(self._verdict(found, trusted), found.contains, floors)
        if isinstance(verdict, Stamped):
            floors.add(found.landing, verdict.time)
        return verdict

    def _verified(self, found: _Found, trusted: Trusted) -> Stamped | Refused:
        try:
            token = self._objects.blob(found.file.blob)
        except FileTooLarge:
            return Refused("it is over 64 MiB, and no time stamp")
        return anchors.verify(token, self._objects.commit(found.commit), trusted)

    def _plausible(self, verdict: Stamped | Refused, contains: int, floors: _Floors) -> Stamped | Refused:
        if isinstance(verdict, Refused):
            return verdict
        if verdict.time > self._now + LEEWAY:
            return Refused(f"it claims {verdict.time:%Y-%m-%d %H:%M} UTC, which lies ahead")
        floor = floors.at(contains)
        if floor and verdict.time < floor - LEEWAY:
            return Refused(
                f"it claims {verdict.time:%Y-%m-%d %H:%M} UTC, and its commit follows a time stamp of {floor:%Y-%m-%d %H:%M} UTC"
            )
        return verdict

    def _ceilings_of(self, trusted: Trusted) -> tuple[list[int], list[datetime]]:
        """For each landing that a believed token contains, the earliest time of all tokens that contain as much or more."""
        floors = _Floors()
        verdicts = [(each.contains, self._judged(each, trusted, floors)) for each in self._found]
        rows = sorted((contains, each.time) for contains, each in verdicts if isinstance(each, Stamped))
        times = [time for _, time in rows]
        for at in range(len(times) - 2, -1, -1):
            times[at] = min(times[at], times[at + 1])
        return [contains for contains, _ in rows], times

    def _newest_on_mainline(self, tips: Sequence[str]) -> int:
        """The newest mainline commit among these and their ancestors; -1: none since the trust root."""
        stack = [tip for tip in tips if tip in self._history.commits]
        while stack:
            commit_id = stack[-1]
            if commit_id in self._newest:
                stack.pop()
                continue
            known = [each for each in self._history.commits[commit_id].parents if each in self._history.commits]
            if unknown := [each for each in known if each not in self._newest]:
                stack.extend(unknown)
                continue
            self._newest[commit_id] = max((self._newest[each] for each in known), default=-1)
        return max((self._newest[tip] for tip in tips if tip in self._newest), default=-1)


class _Floors:
    """The latest time that is proved for each landing on: what follows came after it."""

    def __init__(self) -> None:
        self._landings: list[int] = []
        self._times: list[datetime] = []

    def add(self, landing: int, time: datetime) -> None:
        """Whatever follows this landing came after this time; landings come in order."""
        self._landings.append(landing)
        self._times.append(max(time, self._times[-1]) if self._times else time)

    def at(self, landing: int) -> datetime | None:
        """The latest time proved for what follows a landing."""
        number = bisect_right(self._landings, landing)
        return self._times[number - 1] if number else None
