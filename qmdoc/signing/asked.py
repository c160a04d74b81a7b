"""What the policy in force asks of a sign-off: the seats that it could fill, and the assurance (SIGNOFF.md §3, §5).

A seat may ask for more assurance than the policy asks of everybody. Both are decided where the sign-off lands: raising
or lowering them later makes nothing of what was refused, and takes nothing from what was accepted. What a seat asks for
when it is filled is asked once more then (`qmdoc.seats`).
"""

from __future__ import annotations

from typing import NamedTuple

from qmdoc.model import Assurance, Meaning
from qmdoc.signing import contents
from qmdoc.signing.authority import Seat
from qmdoc.signing.standing import Standing
from qmdoc.signing.statement import Statement, Subject


class Asked(NamedTuple):
    """The least assurance that will do, and who asks for it, in words."""

    assurance: Assurance
    by: str


def assurance(said: Statement, standing: Standing) -> Asked:
    """What a sign-off must carry: what the policy asks of all, or more where every seat that it could fill asks for more."""
    if said.meaning is Meaning.TRAINING:
        return Asked(Assurance.RECORDED, "training")
    policy = standing.authority.policy
    most = Asked(policy.assurance, "the policy")
    if not policy.has_dearer_seats:
        return most
    for subject in said.subjects:
        found = seats(said, subject, standing) or ()
        levels = [policy.asked(seat) for seat in found if seat.role == said.role]
        least = min(levels, key=lambda level: level.rank, default=policy.assurance)
        if least.rank > most.assurance.rank:
            most = Asked(least, f"the seat of `{said.role}` for {subject}")
    return most


def seats(said: Statement, subject: Subject, standing: Standing) -> tuple[Seat, ...] | None:
    """The seats for this meaning of a sign-off; None where the subject is no text that is known here.

    Where the policy names none for a withdrawal or a review, a seat for approvals serves.
    """
    document = standing.document(subject.id, subject.blob) if _is_known(said, subject, standing) else None
    if document is None:
        return None
    policy = standing.authority.policy
    named = policy.seats(document.type, said.meaning)
    if said.meaning in (Meaning.WITHDRAW, Meaning.PERIODIC_REVIEW):
        return named or policy.seats(document.type, Meaning.APPROVAL)
    return named


def _is_known(said: Statement, subject: Subject, standing: Standing) -> bool:
    if said.meaning not in (Meaning.REVIEW, Meaning.APPROVAL):
        return contents.is_held(subject, standing)
    content = standing.content(subject.id)
    return content is not None and content.blob == subject.blob
