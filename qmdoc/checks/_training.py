"""Findings about training that several checks share."""

from __future__ import annotations

from collections.abc import Iterator

from qmdoc import training
from qmdoc.documents import TrainingKind
from qmdoc.model import Finding, Severity
from qmdoc.register import Register
from qmdoc.training import Duty, Standing


def made_of(register: Register) -> object:
    """All that training is worked out from: people, records, attestations, and of each document what is approved."""
    ledger = register.ledger
    known = [(each.id, each.approvals, each.effective, each.ahead, each.text, each.path) for each in register.states]
    ended = [*ledger.withdrawals.values()]
    return register.as_of, register.personnel, ledger.authorities, ledger.record_log, ledger.attested, known, ended


def finding(check: str, severity: Severity, duty: Duty, register: Register, clauses: tuple[str, ...]) -> Finding:
    """That somebody is late: who, which version, since when, and what changed since the one they know."""
    edition = duty.edition
    state = register.state(edition.document)
    return Finding(
        check=check,
        severity=severity,
        document=edition.document,
        path=state.path if state else None,
        line=state.text.line("training") if state and state.text else None,
        message=f"{duty.person.name} ({duty.person.id}, {', '.join(duty.roles)}) {_lacks(duty)}; it was due {duty.due}",
        fix=_remedy(duty),
        clauses=clauses,
    )


def doubts(check: str, register: Register, clauses: tuple[str, ...]) -> Iterator[Finding]:
    """One finding for each training record that does not count, or is odd, for the reason of this check."""
    known = {state.id for state in register.states}
    for doubt in training.of(register).doubts:
        if doubt.check == check:
            yield Finding(
                check=check,
                severity=doubt.severity,
                document=doubt.record.document if doubt.record.document in known else None,
                path=doubt.record.path,
                line=doubt.record.line,
                message=doubt.message,
                fix=doubt.fix,
                clauses=clauses,
            )


def _lacks(duty: Duty) -> str:
    what = f"{duty.edition.document} {duty.edition.version}"
    if duty.standing is Standing.COMPETENCY_OVERDUE and duty.by:
        if not duty.by.is_passed:
            return f"failed the competency in {what} on {duty.by.day} and has not passed it since"
        return f"was last observed competent in {what} on {duty.by.day}"
    if duty.standing is Standing.OUTDATED and duty.asked_again:
        return f"knows an earlier version, but not {what}: {'; '.join(duty.asked_again.reasons[:3])}"
    is_competency = duty.asking.kind is TrainingKind.COMPETENCY
    return f"has no competency in {what}" if is_competency else f"has not attested {what}"


def _remedy(duty: Duty) -> str:
    if duty.asking.kind is TrainingKind.COMPETENCY:
        return "have it observed by somebody competent, and enter the assessment under records/training/"
    return (
        f"have them sign with `qmdoc attest {duty.edition.document}`, or enter the signed form under records/training/"
    )
