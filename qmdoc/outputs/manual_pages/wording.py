"""What staff read for the words that programs use: status, meaning, assurance, roles, dates and times."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from qmdoc.coverage import ClauseCover, Cover
from qmdoc.desk import Attendance, Evidence
from qmdoc.ledger import EmptySeat
from qmdoc.model import Assurance, Meaning, Outcome, Status
from qmdoc.signing.authority import Authority
from qmdoc.standards import Clause, Confidence

STATUS = {
    Status.DRAFT: "Not in force: never approved",
    Status.APPROVED: "Not yet in force: approved, its day is ahead",
    Status.EFFECTIVE: "In force",
    Status.REVIEW_OVERDUE: "In force, periodic review overdue",
    Status.WITHDRAWN: "Withdrawn",
}
MEANING = {
    Meaning.REVIEW: "Review",
    Meaning.APPROVAL: "Approval",
    Meaning.PERIODIC_REVIEW: "Periodic review",
    Meaning.WITHDRAW: "Withdrawal from use",
    Meaning.REVOKE: "Taking back an earlier sign-off",
    Meaning.TRAINING: "Read and understood",
    Meaning.AUTHORITY: "Approval of the authority",
}
ASSURANCE = {
    Assurance.RECORDED: "recorded, without a signature",
    Assurance.FORGE: "attested by the forge",
    Assurance.SIGNED: "signed with the person's own key",
    Assurance.HARDWARE: "signed with the person's own hardware key",
}
OUTCOME = {
    Outcome.CONTINUE: "stays in use as it is",
    Outcome.REVISE: "is to be revised",
    Outcome.RETIRE: "is to be retired",
}


ABBREVIATIONS = frozenset({"sop"})


def plain(word: str) -> str:
    """A role, a type or a folder as people write it: `quality-manager` is Quality manager."""
    if word in ABBREVIATIONS:
        return word.upper()
    text = word.replace("-", " ").replace("_", " ")
    return text[:1].upper() + text[1:]


def moment(time: datetime) -> str:
    """Date and time of a signature (21 CFR 11.50(a)(2))."""
    return time.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def later(day: date, days: int) -> str:
    """The day that comes so many days later."""
    return str(day + timedelta(days=days))


def owner(word: str | None, authority: Authority) -> str:
    """A person's printed name, or the plain name of a role."""
    if not word:
        return "not named"
    return authority.people[word].name if word in authority.people else plain(word)


def seat(empty: EmptySeat) -> str:
    """A signature that is missing."""
    count = f"{empty.filled} of {empty.seat.count} given"
    because = f"; one does not count: {empty.because}" if empty.because else ""
    return f"{plain(empty.seat.role)}, {MEANING[empty.seat.meaning].lower()}: {count}{because}"


def evidence(shown: Evidence) -> str:
    """What stands behind a document: when and by whom it was approved, and how many have attested it."""
    signers = ", ".join(dict.fromkeys(each.name for each in shown.approval.sign_offs))
    return behind(shown, by=f" by {signers}")


def behind(shown: Evidence, *, by: str = "") -> str:
    """The same in short: the document's own page has the names."""
    attended = attested(shown.attendance) if shown.attendance else "asks for no attestation"
    return f"{shown.approval.version}, approved {shown.approval.day}{by}; {attended}"


def attested(attendance: Attendance) -> str:
    """How many of those who must know a version have attested it."""
    late = f", {len(attendance.overdue)} overdue" if attendance.overdue else ""
    return f"{attendance.given} of {len(attendance.duties)} have attested{late}"


def cover(row: ClauseCover) -> str:
    """How a clause is answered."""
    if row.cover is Cover.HEADING:
        return "Heading, asks for nothing"
    if row.is_gap and row.is_binding:
        return f"Gap: {row.cover}"
    return plain(row.cover) + ("" if row.is_binding else " (does not bind this programme)")


def confidence(clause: Clause | None) -> str:
    """How surely the clause's number is known."""
    if clause is None:
        return "not in the catalogue on file"
    if clause.confidence is Confidence.CONFIRMED:
        seen = f" ({clause.seen} seen)" if clause.seen else ""
        return f"confirmed in {clause.seen_edition}{seen}" if clause.seen_edition else f"confirmed{seen}"
    return "recalled, verify against your copy"
