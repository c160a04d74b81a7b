"""What staff read for the words that programs use: status, meaning, assurance, roles, dates and times."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta

from qmdoc import checks
from qmdoc.coverage import ClauseCover, Cover
from qmdoc.desk import Attendance, Evidence
from qmdoc.documents import TrainingKind
from qmdoc.ledger import EmptySeat
from qmdoc.model import Assurance, Meaning, Outcome, Status
from qmdoc.saying import Said, said
from qmdoc.signing.authority import Authority
from qmdoc.standards import Clause, Confidence
from qmdoc.training import Standing

STATUS = {
    Status.DRAFT: said("Not in force: never approved"),
    Status.APPROVED: said("Not yet in force: approved, its day is ahead"),
    Status.EFFECTIVE: said("In force"),
    Status.REVIEW_OVERDUE: said("In force, periodic review overdue"),
    Status.WITHDRAWN: said("Withdrawn"),
}
MEANING = {
    Meaning.REVIEW: said("Review"),
    Meaning.APPROVAL: said("Approval"),
    Meaning.PERIODIC_REVIEW: said("Periodic review"),
    Meaning.WITHDRAW: said("Withdrawal from use"),
    Meaning.REVOKE: said("Taking back an earlier sign-off"),
    Meaning.TRAINING: said("Read and understood"),
    Meaning.AUTHORITY: said("Approval of the authority"),
}
ASSURANCE = {
    Assurance.RECORDED: said("recorded, without a signature"),
    Assurance.FORGE: said("attested by the forge"),
    Assurance.SIGNED: said("signed with the person's own key"),
    Assurance.HARDWARE: said("signed with the person's own hardware key"),
}
OUTCOME = {
    Outcome.CONTINUE: said("stays in use as it is"),
    Outcome.REVISE: said("is to be revised"),
    Outcome.RETIRE: said("is to be retired"),
}
OUTCOME_ALONE = {
    Outcome.CONTINUE: said("Stays in use as it is"),
    Outcome.REVISE: said("Is to be revised"),
    Outcome.RETIRE: said("Is to be retired"),
}
MEANING_WITHIN = {
    Meaning.REVIEW: said("review"),
    Meaning.APPROVAL: said("approval"),
    Meaning.PERIODIC_REVIEW: said("periodic review"),
    Meaning.WITHDRAW: said("withdrawal from use"),
    Meaning.REVOKE: said("taking back an earlier sign-off"),
    Meaning.TRAINING: said("read and understood"),
    Meaning.AUTHORITY: said("approval of the authority"),
}
ASKED = {
    TrainingKind.READ_AND_UNDERSTOOD: said("To read and understand it"),
    TrainingKind.COMPETENCY: said("To be shown competent"),
}
COVER = {each: said(str(each)) for each in Cover}
STANDING = {
    Standing.ATTESTED: said("attested"),
    Standing.MINOR_CHANGE: said("attested, minor change since"),
    Standing.OPEN: said("open"),
    Standing.AWAY: said("away"),
    Standing.MISSING: said("missing"),
    Standing.OUTDATED: said("outdated"),
    Standing.COMPETENCY_OVERDUE: said("competency overdue"),
}
SEEN = {"text": said("text"), "heading": said("heading"), "secondary": said("another account")}  # of a clause
SIZES = (said("minor"), said("major"))  # of a change; templates ask for them by `_(…)`
EARLIER = said("Earlier version")
REPLACED = said("Replaced")
REPLACED_BY_ANOTHER = said("Replaced by another document")
# What scripts say of a document besides its status; the domains stand in the catalogues as `plain` writes them.
SAID_OF_DOCUMENTS = (
    EARLIER, REPLACED, REPLACED_BY_ANOTHER, "Pharmacy", "Operations", "Therapeutics", "Finance", "Technology", "Quality", "Outreach", "Clinical", "Other documents",
)  # fmt: skip


ABBREVIATIONS = frozenset({"sop"})


def plain(word: str) -> Said:
    """A role, a type or a folder as people write it: `quality-manager` is Quality manager."""
    if word in ABBREVIATIONS:
        return said(word.upper())
    text = word.replace("-", " ").replace("_", " ")
    return said((text[:1].upper() + text[1:]).replace("%", "%%"))


def roles(words: Iterable[str]) -> str:
    """Roles as people write them, in one line."""
    return ", ".join(plain(each) for each in words)


def promise(check: str) -> Said:
    """What holds where a check finds nothing."""
    return said(checks.promise(check).replace("%", "%%"))


def moment(time: datetime) -> str:
    """Date and time of a signature (21 CFR 11.50(a)(2))."""
    return time.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def later(day: date, days: int) -> str:
    """The day that comes so many days later."""
    return str(day + timedelta(days=days))


def owner(word: str | None, authority: Authority) -> str:
    """A person's printed name, or the plain name of a role."""
    if not word:
        return said("not named")
    return authority.people[word].name if word in authority.people else plain(word)


def seat(empty: EmptySeat) -> str:
    """A signature that is missing."""
    asked: dict[str, object] = {"role": plain(empty.seat.role), "meaning": MEANING_WITHIN[empty.seat.meaning]}
    asked |= {"filled": empty.filled, "count": empty.seat.count}
    if empty.because:
        return said(
            "%(role)s, %(meaning)s: %(filled)s of %(count)s given; one does not count: %(because)s",
            because=empty.because,
            **asked,
        )
    return said("%(role)s, %(meaning)s: %(filled)s of %(count)s given", **asked)


def evidence(shown: Evidence) -> str:
    """What stands behind a document: when and by whom it was approved, and how many have attested it."""
    signers = ", ".join(dict.fromkeys(each.name for each in shown.approval.sign_offs))
    return behind(shown, by=f", signed by {signers}")


def behind(shown: Evidence, *, by: str = "") -> str:
    """The same in short: the document's own page has the names."""
    attended = attested(shown.attendance) if shown.attendance else said("asks for no attestation")
    told = {"version": shown.approval.version, "day": shown.approval.day, "attended": attended}
    return said("%(version)s, approved %(day)s%(by)s; %(attended)s", by=by, **told)


def attested(attendance: Attendance) -> str:
    """How many of those who must know a version have attested it."""
    told = {"given": attendance.given, "asked": len(attendance.duties), "late": len(attendance.overdue)}
    if attendance.overdue:
        return said("%(given)s of %(asked)s have attested, %(late)s overdue", **told)
    return said("%(given)s of %(asked)s have attested", **told)


def cover(row: ClauseCover) -> str:
    """How a clause is answered."""
    if row.cover is Cover.HEADING:
        return said("Heading, asks for nothing")
    if row.is_gap and row.is_binding:
        return said("Gap: %(cover)s", cover=COVER[row.cover])
    covered = plain(row.cover)
    return covered if row.is_binding else said("%(cover)s (does not bind this programme)", cover=covered)


def confidence(clause: Clause | None) -> str:
    """How surely the clause's number is known."""
    if clause is None:
        return said("not in the catalogue on file")
    if clause.confidence is Confidence.CONFIRMED:
        seen = said(" (%(seen)s seen)", seen=SEEN.get(clause.seen, clause.seen)) if clause.seen else ""
        if clause.seen_edition:
            return said("confirmed in %(edition)s%(seen)s", edition=clause.seen_edition, seen=seen)
        return said("confirmed%(seen)s", seen=seen)
    return said("recalled, verify against your copy")
