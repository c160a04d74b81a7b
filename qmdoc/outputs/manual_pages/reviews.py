"""The review calendar: what falls due in which month, and for whom."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from qmdoc import desk
from qmdoc.model import Status, add_months
from qmdoc.outputs.manual_pages import wording
from qmdoc.outputs.manual_pages.source import Page
from qmdoc.outputs.manual_pages.templates import Templates
from qmdoc.register import Register, State
from qmdoc.saying import said

NAME = "calendar"
FILE = "reviews"
MONTHS = 24
_QUARTER = 3
_NAMES = (
    said("January"), said("February"), said("March"), said("April"), said("May"), said("June"), said("July"), said("August"), said("September"), said("October"), said("November"), said("December"),
)  # fmt: skip
_SHORT = (
    said("Jan"), said("Feb"), said("Mar"), said("Apr"), said("May"), said("Jun"), said("Jul"), said("Aug"), said("Sep"), said("Oct"), said("Nov"), said("Dec"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Span:
    """Reviews that fall due in one stretch of time."""

    title: str
    states: tuple[State, ...]


@dataclass(frozen=True, slots=True)
class Share:
    """One owner's reviews: how many in each stretch, and the name of the calendar file."""

    owner: str
    counts: tuple[int, ...]
    file: str

    @property
    def total(self) -> int:
        """How many in all."""
        return sum(self.counts)


def page(register: Register, templates: Templates) -> Page:
    """The calendar: overdue, month by month for two years, and later; every document in force stands in one place."""
    quarters = _spans(register, _QUARTER)
    told = {
        "as_of": register.as_of,
        "spans": _spans(register, 1),
        "quarters": quarters,
        "shares": tuple(_shares(register, quarters)),
        "sums": tuple(len(span.states) for span in quarters),
        "all_reviews": FILE,
    }
    above = templates.render("calendar.html", NAME, **told)
    return Page(NAME, said("Review calendar"), said("Review calendar"), "dashboard", above)


def of_owners(register: Register) -> dict[str | None, tuple[State, ...]]:
    """The documents in force, by their owner and then by the day of their review."""
    found: dict[str | None, list[State]] = {}
    for state in desk.by_due(register.in_force):
        found.setdefault(_owner(state), []).append(state)
    return {owner: tuple(found[owner]) for owner in sorted(found, key=lambda owner: owner or "")}


def file_of(owner: str | None) -> str:
    """The name of an owner's calendar; an owner's id is small letters, digits, hyphens and dots."""
    return f"{FILE}-{owner}" if owner else f"{FILE}_without_owner"


def _owner(state: State) -> str | None:
    return state.text.owner if state.text else None


def _spans(register: Register, months: int) -> tuple[Span, ...]:
    """Overdue, then so many months at a time, then all that falls due later."""
    first = register.as_of.replace(day=1)
    starts = [add_months(first, number) for number in range(0, MONTHS, months)]
    ends = [add_months(start, months) for start in starts]
    ahead = desk.by_due(state for state in register.in_force if state.status is not Status.REVIEW_OVERDUE)
    overdue = desk.by_due(state for state in register.in_force if state.status is Status.REVIEW_OVERDUE)
    return (
        Span(said("Overdue"), overdue),
        *(Span(_title(start, months), _within(ahead, start, end)) for start, end in zip(starts, ends, strict=True)),
        Span(said("Later"), _within(ahead, ends[-1], None)),
    )


def _within(states: tuple[State, ...], start: date, end: date | None) -> tuple[State, ...]:
    return tuple(
        state for state in states if state.review and start <= state.review.due and (not end or state.review.due < end)
    )


def _title(start: date, months: int) -> str:
    """`November 2026`, or `Nov 2026 – Jan 2027`."""
    last = add_months(start, months - 1)
    if months == 1:
        return said("%(month)s %(year)s", month=_NAMES[start.month - 1], year=start.year)
    first, end = _SHORT[start.month - 1], _SHORT[last.month - 1]
    return said("%(month)s %(year)s – %(to)s %(to_year)s", month=first, year=start.year, to=end, to_year=last.year)


def _shares(register: Register, spans: tuple[Span, ...]) -> Iterator[Share]:
    for owner in of_owners(register):
        counts = tuple(sum(_owner(state) == owner for state in span.states) for span in spans)
        yield Share(wording.owner(owner, register.authority), counts, file_of(owner))
