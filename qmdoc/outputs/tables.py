"""What the manual's lists say, as tables for spreadsheets."""

from __future__ import annotations

from collections.abc import Iterable

from qmdoc import desk
from qmdoc.model import Status
from qmdoc.outputs.manual_pages import lists, wording
from qmdoc.outputs.spreadsheet import Cell, Table
from qmdoc.register import Register, State

_REVIEWS = ("Number", "Title", "Version", "Owner", "In force since", "Last review", "Next review", "Overdue")
_REGISTER = ("Number", "Title", "Domain", "Type", "Version", "Status", "Owner", "Approved", "In force since", "Next review", "Next version", "In force from",
             "Withdrawn", "Programmes", "Sites", "SHA-256 digest")  # fmt: skip


def register(register: Register) -> Table:
    """The master list: every document, of one in force what was approved and never what main proposes."""
    return Table("Master list", _REGISTER, tuple(_row(state, register) for state in register.states))


def reviews(register: Register) -> Table:
    """The review calendar: the documents in force, by the day on which they are to be reviewed."""
    return Table("Reviews", _REVIEWS, tuple(_review(state, register) for state in desk.by_due(register.in_force)))


def _review(state: State, register: Register) -> tuple[Cell, ...]:
    assert state.effective and state.review
    row, last = lists.row(state), state.review.last
    owner = wording.owner(row.owner, register.authority)
    is_overdue = "yes" if state.status is Status.REVIEW_OVERDUE else "no"
    dates = (state.effective.since, last.day if last else "", state.review.due)
    return state.id, row.title, row.version, owner, *dates, is_overdue


def _row(state: State, register: Register) -> tuple[Cell, ...]:
    row, effective, ahead = lists.row(state), state.effective, state.next
    keys = state.text.front_matter if state.text else None
    return (
        state.id, row.title, row.domain, wording.plain(row.type), row.version, wording.STATUS[state.status],
        wording.owner(row.owner, register.authority) if row.owner else "",
        *((effective.day, effective.since) if effective else ("", "")),
        state.review.due if state.review else "",
        *((str(ahead.version), ahead.since) if ahead else ("", "")),
        state.withdrawal.day if state.withdrawal else "",
        *((_named(keys.programmes), _named(keys.sites)) if keys else ("", "")),
        effective.digest if effective else "",
    )  # fmt: skip


def _named(words: Iterable[str]) -> str:
    return "; ".join(words) or "all"
