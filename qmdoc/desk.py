"""What awaits somebody on a day: reviews, signatures, training, gaps, and what the checks found. The quality desk."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from qmdoc import coverage, pending_approval, training
from qmdoc.coverage import ClauseCover
from qmdoc.ledger import Approval
from qmdoc.model import Severity, Status
from qmdoc.pending_approval import PendingVersion
from qmdoc.register import Audit, Register, State
from qmdoc.training import Attestation

DUE_DAYS = 90


@dataclass(frozen=True, slots=True)
class Attendance:
    """Who of those who must know the version in force has attested it, on a day."""

    state: State
    duties: tuple[Attestation, ...]
    as_of: date

    @property
    def missing(self) -> tuple[Attestation, ...]:
        """The attestations that are not there."""
        return tuple(each for each in self.duties if not each.is_met)

    @property
    def overdue(self) -> tuple[Attestation, ...]:
        """Those of them whose day has passed."""
        return tuple(each for each in self.missing if each.due < self.as_of)

    @property
    def given(self) -> int:
        """How many have attested."""
        return len(self.duties) - len(self.missing)


@dataclass(frozen=True, slots=True)
class Evidence:
    """What stands behind a document in force: its approval, and who has attested it where somebody must."""

    approval: Approval
    attendance: Attendance | None


@dataclass(frozen=True, slots=True)
class Found:
    """What one check found of one document (none: of the programme), so many times."""

    severity: Severity
    check: str
    document: str | None
    count: int


@dataclass(frozen=True, slots=True)
class Desk:
    """All of it; every document in force that is to be reviewed by `horizon` is in `overdue` or `due`."""

    horizon: date
    overdue: tuple[State, ...]
    due: tuple[State, ...]
    decided: tuple[State, ...]
    in_review: tuple[PendingVersion, ...]
    waiting: tuple[State, ...]
    unread: tuple[Attendance, ...]
    gaps: tuple[ClauseCover, ...]
    drafts: tuple[PendingVersion, ...]
    findings: tuple[Found, ...]


def of(audit: Audit) -> Desk:
    """The quality desk as an audit finds it."""
    register = audit.register
    horizon = register.as_of + timedelta(days=max(DUE_DAYS, register.authority.policy.notice_days))
    pending = pending_approval.versions(register)
    return Desk(
        horizon=horizon,
        overdue=by_due(state for state in register.in_force if state.status is Status.REVIEW_OVERDUE),
        due=by_due(state for state in register.in_force if _is_due(state, horizon)),
        decided=tuple(state for state in register.in_force if state.review and state.review.open_outcome),
        in_review=tuple(sorted((each for each in pending if not each.is_first_draft), key=_since)),
        waiting=tuple(state for state in register.states if state.waiting),
        unread=tuple(each for each in attendance(register) if each.missing),
        gaps=tuple(row for cover in coverage.of(register) for row in cover.gaps),
        drafts=tuple(each for each in pending if each.is_first_draft),
        findings=_found(audit),
    )


def attendance(register: Register) -> tuple[Attendance, ...]:
    """Every document in force that somebody must attest, by number."""
    duties: dict[str, list[Attestation]] = {}
    for each in training.required(register):
        duties.setdefault(each.document, []).append(each)
    states = {state.id: state for state in register.in_force}
    return tuple(Attendance(states[number], tuple(rows), register.as_of) for number, rows in sorted(duties.items()))


def evidence(register: Register) -> dict[str, Evidence]:
    """What stands behind each document in force, by number."""
    attended = {each.state.id: each for each in attendance(register)}
    return {
        state.id: Evidence(state.effective, attended.get(state.id)) for state in register.in_force if state.effective
    }


def by_due(states: Iterable[State]) -> tuple[State, ...]:
    """Documents by the day on which their review falls due."""
    return tuple(sorted(states, key=lambda state: (state.review.due if state.review else date.max, state.id)))


def _is_due(state: State, horizon: date) -> bool:
    return state.status is Status.EFFECTIVE and state.review is not None and state.review.due <= horizon


def _since(pending: PendingVersion) -> tuple[date, str]:
    return pending.since, pending.state.id


def _found(audit: Audit) -> tuple[Found, ...]:
    """Findings in their order, worst first, those of one check and document together."""
    counted = Counter((each.severity, each.check, each.document) for each in audit.findings)
    return tuple(Found(*kind, count) for kind, count in counted.items())
