"""Periodic reviews as a calendar that other programs read (iCalendar, RFC 5545).

An event keeps its identity while the review moves, and its sequence grows with each approval, review and authority: a
calendar that is read again moves the event instead of adding one. Nothing in it comes from a clock.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, time

from icalendar import Calendar, Event

from qmdoc import __version__
from qmdoc.outputs.manual_pages import lists, wording
from qmdoc.register import Register, State

CATEGORY = "Periodic review"


def ics(states: Iterable[State], register: Register, *, whose: str) -> bytes:
    """The reviews of documents in force, each an event of a whole day; `whose` ends the calendar's name."""
    made = Calendar()
    made.add("prodid", f"-//qmdoc//qmdoc {__version__}//EN")
    made.add("version", "2.0")
    made.add("calscale", "GREGORIAN")
    made.add("method", "PUBLISH")
    made.add("x-wr-calname", f"{register.authority.policy.programme}: periodic reviews, {whose}")
    begin, end, _ = bytes(made.to_ical()).partition(b"END:VCALENDAR\r\n")
    return b"".join([begin, *(_event(state, register) for state in states), end])


def _event(state: State, register: Register) -> bytes:
    """A review as a calendar holds it: it stands in the owner's and in that for all, and is written once."""
    written = register.kept.setdefault(__name__, {})
    assert isinstance(written, dict) and state.review and state.effective
    if state.id in written:
        return bytes(written[state.id])
    title = lists.title_of(state)
    event = Event()
    event.add("uid", f"{state.id}-periodic-review@{register.ledger.trust_root}")
    event.add("dtstamp", datetime.combine(register.as_of, time(), UTC))
    event.add("sequence", len(state.approvals) + len(state.reviews) + len(register.ledger.authorities))
    event.add("dtstart", state.review.due)
    event.add("summary", f"Periodic review: {state.id} {title}")
    event.add("description", _description(state, title, register))
    event.add("categories", [CATEGORY])
    event.add("transp", "TRANSPARENT")
    made = written[state.id] = bytes(event.to_ical())
    return made


def _description(state: State, title: str, register: Register) -> str:
    assert state.review and state.effective
    owner = wording.owner(state.text.owner if state.text else None, register.authority)
    rows = (
        f"Number: {state.id}",
        f"Title: {title}",
        f"Version in force: {state.effective.version}, since {state.effective.since}",
        f"Owner: {owner}",
        f"Review due by: {state.review.due}",
        f"As of {register.as_of}; the manual says whether this still holds.",
    )
    return "\n".join(rows)
