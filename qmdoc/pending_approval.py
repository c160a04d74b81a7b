"""Versions on main that are pending approval: who has signed, whose signature is still awaited, and since which day."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from qmdoc import seats
from qmdoc.documents import Document
from qmdoc.ledger import EmptySeat, Proposal
from qmdoc.model import Assurance, Meaning
from qmdoc.register import Register, State
from qmdoc.saying import said
from qmdoc.signing.acceptance import SignOff
from qmdoc.signing.authority import Seat


@dataclass(frozen=True, slots=True)
class AwaitedSeat:
    """A seat that is not filled. It has been waiting since the latest of these days: main came to hold the text, the
    last of the others signed or somebody took a signature back, the policy began to ask for the seat.

    `people` are the printed names of those whose signature would count today; none: nobody's would.
    """

    empty: EmptySeat
    since: date
    people: tuple[str, ...]

    @property
    def count(self) -> int:
        """How many signatures are missing."""
        return self.empty.seat.count - self.empty.filled


@dataclass(frozen=True, slots=True)
class PendingVersion:
    """A text on main that is not approved; `given` are the sign-offs that fill seats."""

    state: State
    proposal: Proposal
    awaited: tuple[AwaitedSeat, ...]

    @property
    def version(self) -> str:
        """Its number; empty where the text can't be read."""
        document = self.proposal.document
        return str(document.version) if isinstance(document, Document) else ""

    @property
    def given(self) -> tuple[SignOff, ...]:
        """The sign-offs that fill seats."""
        return self.proposal.sign_offs

    @property
    def is_first_draft(self) -> bool:
        """No version was ever approved, and nobody has signed this one."""
        return not self.state.approvals and not self.given

    @property
    def obstacles(self) -> tuple[str, ...]:
        """What is to be put right before any signature can count."""
        if self.proposal.obstacles or self.awaited:
            return self.proposal.obstacles
        return (said("every seat is filled, but for an earlier text"),)

    @property
    def since(self) -> date:
        """The day from which it waits for what it waits for now."""
        return max((each.since for each in self.awaited), default=self.proposal.since)


def versions(register: Register) -> tuple[PendingVersion, ...]:
    """Every proposal, by number."""
    taken_back = tuple(each for each in register.sign_offs if each.is_accepted and each.meaning is Meaning.REVOKE)
    return tuple(
        PendingVersion(state, state.proposed, tuple(_awaited(state.proposed, taken_back, register)))
        for state in register.states
        if state.proposed
    )


def _awaited(proposal: Proposal, taken_back: tuple[SignOff, ...], register: Register) -> Iterator[AwaitedSeat]:
    document = proposal.document
    if not isinstance(document, Document):
        return
    revoked = (each for each in taken_back if proposal.digest and each.signs(proposal.id, proposal.digest))
    moved = [proposal.since, *(each.day for each in (*proposal.sign_offs, *revoked))]
    for empty in proposal.empty_seats:
        since = max(*moved, _asked_since(empty.seat, document.type, register))
        yield AwaitedSeat(empty, since, tuple(_people(empty.seat, document.type, proposal, register)))


def _asked_since(seat: Seat, document_type: str, register: Register) -> date:
    """The day from which the policy has asked for a seat without a break."""
    since = date.min
    for period in reversed(register.ledger.authorities):
        if seat not in period.authority.policy.seats(document_type, Meaning.REVIEW, Meaning.APPROVAL):
            break
        since = period.day
    return since


def _people(seat: Seat, document_type: str, proposal: Proposal, register: Register) -> Iterator[str]:
    """The names of those whose signature would fill one more seat than are filled now."""
    policy = register.authority.policy
    asked = policy.seats(document_type, Meaning.REVIEW, Meaning.APPROVAL)
    assurance = policy.asked(seat)
    for number, person in sorted(register.authority.people.items()):
        has_key = assurance.rank < Assurance.SIGNED.rank or person.has_live_key(register.as_of)
        if seat.role not in person.roles or not person.is_active(register.as_of) or not has_key:
            continue
        now = register.ledger.now
        signed = SignOff("", 0, register.as_of, now, number, person.name, seat.role, seat.meaning, (), assurance)
        if _filled(asked, proposal, signed) > _filled(asked, proposal):
            yield person.name


def _filled(asked: tuple[Seat, ...], proposal: Proposal, *more: SignOff) -> int:
    given = [*proposal.sign_offs, *more]
    authors, has_unknown = frozenset(proposal.authors), bool(proposal.unknown_editors)
    return len(seats.fill(asked, given, authors=authors, has_unknown_editors=has_unknown)[0])
