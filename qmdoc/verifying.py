"""The answer to `qmdoc check`, verified: from the beginning, or from what this very process has verified before."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from functools import partial
from typing import NamedTuple

from qmdoc import audit, cache, place, read_before, standby
from qmdoc.audit import Known, Request
from qmdoc.cache import Answer, Question
from qmdoc.checking import Wished
from qmdoc.outputs import annotations as reports
from qmdoc.outputs import answers, terminal
from qmdoc.register import Audit

# Findings after which an answer is not kept: what lies ahead of the clock now may not in an hour, a time stamp that is
# ignored may count then, and a history that was replaced must be said again.
_PASSING = ("time-in-future", "sign-off-time-in-future", "anchor-ignored", "history-rewritten")
_SAME = ("program", "programme", "trust root", "settings")
"""What must be asked as it was at first by whoever asks a process that stands by."""

_A_MOMENT = timedelta(seconds=60)
_FOUND_NOTHING, _FOUND_ERRORS = 0, 1
_WRITTEN: Mapping[str, Callable[[Audit], str]] = {
    "text": terminal.findings_text,
    "json": answers.json_text,
    **reports.FORMATS,
}


class Verified(NamedTuple):
    """An answer, and what leaves a process behind, for how many minutes, that can go on from it."""

    answer: Answer
    stand_by: Callable[[], None] = lambda: None
    minutes: int = 0


def verified(wished: Wished, now: datetime, *, is_anew: bool) -> Verified:
    """All of it verified, and kept where it will hold; `is_anew`: nothing that was found before is made use of.

    Raises QmdocError where the work could not be done.
    """
    standby.wished(os.environ)  # a slip is said before the work, not after it
    asked = wished.question(os.environ, now)
    known = Known() if asked and not is_anew and wished.as_of is None else None
    last = asked.last if asked and not is_anew else None
    request = _request(wished, os.environ, now, last, known)
    if is_anew:
        standby.dismiss(place.find(wished.repository), os.environ)
    found = audit.audit(request) if is_anew else read_before.checked(request)
    answer, is_lasting = _written(found, wished), _is_lasting(found)
    is_kept = asked is not None and is_lasting and _keep(wished, os.environ, asked, answer, found)
    if not is_kept or asked is None or known is None or known.stage is None or known.stage.history.missing:
        return Verified(answer)
    environment = dict(os.environ)
    minutes = standby.minutes(environment, len(known.stage.history.commits))
    if not minutes:
        return Verified(answer)
    top = place.find(wished.repository)
    waiting = _Waiting(wished._replace(repository=top), environment, asked, known)
    return Verified(answer, partial(standby.begin, top, environment, waiting, minutes=minutes), minutes)


class _Waiting:
    """What the process that stands by knows: an audit, and the question that it answered; it goes on from both."""

    def __init__(self, wished: Wished, environment: Mapping[str, str], asked: Question, known: Known) -> None:
        self._wished, self._environment, self._asked, self._known = wished, environment, asked, known
        self._same = {each: asked.asked[each] for each in _SAME}
        self._ready: _Ready | None = None

    def warm_up(self) -> None:
        """Goes on to where it is, and writes nothing: what that looks for is then at hand when a question comes."""
        if found := self._gone_on(self._wished, self._asked):
            _written(found, self._wished)

    def make_ready(self, now: datetime) -> None:
        """Finds the answer to what was asked last, as it is now: most people ask the same again."""
        self._ready = self._found(self._wished, now)

    def respond(self, said: Mapping[str, str]) -> standby.Response | None:
        """The answer to a question; None where it can't go on from what it knows."""
        wished, now = Wished.of(self._wished.repository, said), datetime.fromisoformat(said["now"])
        ready, self._ready = self._ready, None
        if ready is None or ready.wished != wished or not ready.is_of(now):
            self._wished = wished
            ready = self._found(wished, now)
        return ready.response if ready else None

    def _found(self, wished: Wished, now: datetime) -> _Ready | None:
        asked = wished.question(self._environment, now)
        if asked is None or any(asked.asked[each] != was for each, was in self._same.items()):
            return None
        if before := cache.recall(asked):
            return _Ready(wished, asked, standby.Response(before))
        found = self._gone_on(wished, asked)
        if found is None or not _is_lasting(found):
            return None
        cache.note_tip(asked, found.register.ledger.trust_root)
        answer = _written(found, wished)
        return _Ready(wished, asked, standby.Response(answer, partial(self._put_away, wished, asked, answer, found)))

    def _gone_on(self, wished: Wished, asked: Question) -> Audit | None:
        self._known.copies.on_disk, self._known.copies.now = asked.on_disk, asked.now
        return audit.go_on(_request(wished, self._environment, asked.now, asked.last, self._known), asked.tip)

    def _put_away(self, wished: Wished, asked: Question, answer: Answer, found: Audit) -> None:
        _keep(wished, self._environment, asked, answer, found)
        texts = self._known.texts
        if texts.has_new:
            request = _request(wished, self._environment, asked.now, None, None)
            read_before.note(request, texts, asked.asked["program"])
            texts.noted()


class _Ready(NamedTuple):
    """A question that was answered before it came."""

    wished: Wished
    asked: Question
    response: standby.Response

    def is_of(self, now: datetime) -> bool:
        """Whether it was answered at this moment, by the clock of whoever asks."""
        return abs(now - self.asked.now) < _A_MOMENT and now.date() == self.asked.now.date()


def _request(
    wished: Wished, environment: Mapping[str, str], now: datetime, last: tuple[str, str] | None, known: Known | None
) -> Request:
    return Request(
        wished.repository,
        now,
        environment,
        as_of=wished.as_of,
        trust_root=wished.trust_root,
        descends_from=wished.descends_from,
        last=last,
        is_strict=wished.is_strict,
        known=known,
    )


def _written(found: Audit, wished: Wished) -> Answer:
    return Answer(_WRITTEN[wished.form](found), _FOUND_ERRORS if found.has_errors else _FOUND_NOTHING)


def _is_lasting(found: Audit) -> bool:
    return not any(each.check in _PASSING for each in found.findings)


def _keep(wished: Wished, environment: Mapping[str, str], asked: Question, answer: Answer, found: Audit) -> bool:
    """Keeps an answer, if nothing has changed since the question; returns whether that was so."""
    again = wished.question(environment, asked.now)
    if again is None or again.asked != asked.asked:
        return False
    cache.keep(asked, answer)
    cache.note_tip(asked, found.register.ledger.trust_root)
    return True
