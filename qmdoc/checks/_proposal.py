"""What a proposal is to the versions approved before it: each is exactly one of these, the worst that fits."""

from __future__ import annotations

from enum import Enum, auto

from qmdoc.checks._text import OneDocument
from qmdoc.controlled import Content
from qmdoc.documents import Document
from qmdoc.ledger import EmptySeat, Proposal
from qmdoc.register import State


class Standing(Enum):
    """How main's text stands to what is approved."""

    WITHDRAWN_CHANGED = auto()
    SAME_VERSION = auto()
    LOWER_VERSION = auto()
    FIRST_DRAFT = auto()
    WAITING = auto()


def text_that_stands(one: OneDocument, wanted: Standing) -> Document | None:
    """The text on main where it stands so; a broken text has a finding of its own."""
    text = one.state.on_main
    return text if isinstance(text, Document) and _of(one.state, text, one.content) is wanted else None


def missing(proposal: Proposal) -> str:
    """What a proposal lacks, in plain words."""
    rows = [*proposal.obstacles, *(_lacking(seat) for seat in proposal.empty_seats)]
    return "; ".join(rows) if rows else "no signature is missing, but none names this very text"


def _of(state: State, text: Document, content: Content | None) -> Standing | None:
    approved = {approval.version for approval in state.approvals}
    if _is_put_back(state, text, content):
        return Standing.LOWER_VERSION
    if state.proposed is None:
        return None
    if state.withdrawal is not None and text.version <= max(approved, default=text.version):
        return Standing.WITHDRAWN_CHANGED
    if text.version in approved:
        return Standing.SAME_VERSION
    if approved and text.version < max(approved):
        return Standing.LOWER_VERSION
    return Standing.WAITING if approved else Standing.FIRST_DRAFT


def _is_put_back(state: State, text: Document, content: Content | None) -> bool:
    """Main holds an approved text again that a higher version had replaced."""
    is_old = any(approval.version > text.version for approval in state.approvals)
    return state.withdrawal is None and is_old and any(approval.content == content for approval in state.approvals)


def _lacking(empty: EmptySeat) -> str:
    number = empty.seat.count - empty.filled
    because = f" ({empty.because})" if empty.because else ""
    return f"it lacks {number} {empty.seat.meaning} by {empty.seat.role}{because}"
