"""Which training records count: each line held against what was approved, who was there, and who entered it.

A line counts when all of this is true; the first that fails gives its finding:

- it names an approved version by its own digest (`attestation-for-other-bytes`);
- its day is not before that version's approval (`attestation-before-approval`);
- its person was there on that day (`attestation-by-non-holder`; holding none of the roles asked is only a warning, and counts);
- it is proved (`attestation-unproved`): entered by somebody who was there, in a commit of their own; signed where the policy
  asks it of edits; not before its own day; with the scan or form beside it, byte for byte. A record with `how: forge` is entered
  by its person, or by the assessor; one with `how: sign-off` repeats a sign-off that history holds;
- its assessor was there, is somebody else, and held the competency for that document on that day, or had signed the
  approval of a version of it: somebody must be the first (`assessor-not-competent`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date

from qmdoc.documents import TrainingKind
from qmdoc.ledger import Approval, Entered
from qmdoc.model import Assurance, Severity, add_months
from qmdoc.records.training import How, Record
from qmdoc.signing.acceptance import SignOff
from qmdoc.training.nouns import COMPETENCY_MONTHS, Attested, Entry
from qmdoc.training.people import People

OTHER_BYTES = "attestation-for-other-bytes"
BEFORE_APPROVAL = "attestation-before-approval"
NON_HOLDER = "attestation-by-non-holder"
UNPROVED = "attestation-unproved"
ASSESSOR = "assessor-not-competent"


@dataclass(frozen=True, slots=True)
class Doubt:
    """What is wrong with a record: the finding it amounts to, why and what to do. Only an error makes it not count."""

    record: Record
    check: str
    message: str
    fix: str
    severity: Severity = Severity.ERROR


@dataclass(frozen=True, slots=True)
class Circumstances:
    """All that records are held against.

    `months` is how long a competency in a document holds, `asked` the roles that a version (by number and digest) asks;
    `emails` has, for each address, everybody who ever had it; `evidence` the SHA-256 of the files that records name.
    """

    people: People
    approvals: Mapping[str, tuple[Approval, ...]]
    sign_offs: Mapping[tuple[str, str], tuple[SignOff, ...]]
    entered: Mapping[str, Entered]
    emails: Mapping[str, frozenset[str]]
    evidence: Mapping[str, str]
    edits: Assurance
    months: Mapping[str, int]
    asked: Mapping[tuple[str, str], tuple[str, ...]]


@dataclass
class Judge:
    """Judges records in the order of their days, so that an assessor's own competency is known before they assess."""

    around: Circumstances
    counting: list[Attested] = field(default_factory=list)
    doubts: list[Doubt] = field(default_factory=list)
    _competent: dict[tuple[str, str], list[tuple[date, bool]]] = field(default_factory=dict)

    def judge(self, records: tuple[Record, ...]) -> None:
        """Sorts records into those that count and those that don't."""
        for record in sorted(records, key=lambda each: (each.day, each.path, each.line)):
            doubts = list(self._doubts(record))
            self.doubts.extend(doubts)
            if any(each.severity is Severity.ERROR for each in doubts):
                continue
            if record.kind is TrainingKind.COMPETENCY:
                own = self._competent.setdefault((record.person, record.document), [])
                own.append((record.day, record.is_passed))
            if record.how is not How.SIGN_OFF:
                entered = self.around.entered[record.text]
                label = f"entered by {record.entered_by}, {entered.assurance}"
                self.counting.append(
                    Attested(
                        record.person,
                        record.document,
                        record.digest,
                        record.day,
                        record.kind,
                        record.is_passed,
                        record=record,
                        entry=f"{label}, in commit {entered.commit}",
                    )
                )

    def _doubts(self, record: Record) -> Iterator[Doubt]:
        """The first reason for which it does not count, or what is odd about one that does."""
        approval = self._approval(record)
        if approval is None:
            yield self._other_bytes(record)
        elif record.day < approval.day:
            yield Doubt(
                record,
                BEFORE_APPROVAL,
                f"{record.person} is said to have attested {record.document} {record.version} on {record.day}, before its approval on {approval.day}",
                "correct the day if it is a slip of the pen; else have the version attested again",
            )
        elif doubt := self._not_there(record) or self._unproved(record) or self._unfit_assessor(record):
            yield doubt
        else:
            yield from self._without_role(record)

    def _approval(self, record: Record) -> Approval | None:
        approvals = self.around.approvals.get(record.document, ())
        return next(
            (each for each in approvals if each.digest == record.digest and each.version == record.version), None
        )

    def _other_bytes(self, record: Record) -> Doubt:
        approvals = self.around.approvals.get(record.document, ())
        same = next((each for each in approvals if each.version == record.version), None)
        other = next((each for each in approvals if each.digest == record.digest), None)
        if not approvals:
            why = f"no version of {record.document} was ever approved"
        elif other:
            why = f"the digest is that of version {other.version}"
        elif same:
            why = f"that version has the digest {same.digest[:12]}, the record has {record.digest[:12]}"
        else:
            why = f"no version {record.version} was approved; the approved ones are {', '.join(str(each.version) for each in approvals)}"
        return Doubt(
            record,
            OTHER_BYTES,
            f"{record.person} is said to know {record.document} {record.version}, but {why}",
            "correct version and digest after the form that was signed; if it was another text, have the approved one attested",
        )

    def _not_there(self, record: Record) -> Doubt | None:
        if self.around.people.entry(record.person, record.day):
            return None
        is_known = self.around.people.last_entry(record.person)
        why = f"was not there on {record.day}" if is_known else "is in neither the authority nor the staff list"
        return Doubt(
            record,
            NON_HOLDER,
            f"`{record.person}`, who is said to know {record.document} {record.version}, {why}",
            "correct the person or the day, or the person's days in people.yaml or records/staff.csv",
        )

    def _without_role(self, record: Record) -> Iterator[Doubt]:
        entry = self.around.people.entry(record.person, record.day)
        asked = self.around.asked.get((record.document, record.digest), ())
        if entry and asked and set(asked).isdisjoint(entry.roles):
            yield Doubt(
                record,
                NON_HOLDER,
                f"{record.person} attested {record.document} {record.version} on {record.day}, in none of the roles that it asks ({', '.join(asked)})",
                "check that the right person was entered; reading ahead of a new role is no fault, and counts",
                Severity.WARNING,
            )

    def _unproved(self, record: Record) -> Doubt | None:
        if why := self._sign_off_missing(record) if record.how is How.SIGN_OFF else self._badly_entered(record):
            return Doubt(record, UNPROVED, f"{record.document} {record.version} by {record.person}: {why[0]}", why[1])
        return None

    def _sign_off_missing(self, record: Record) -> tuple[str, str] | None:
        if any(
            each.signs(record.document, record.digest)
            for each in self.around.sign_offs.get((record.person, record.document), ())
        ):
            return None
        return (
            "history holds no such sign-off",
            f"have {record.person} sign with `qmdoc attest {record.document}`, or delete the line",
        )

    def _badly_entered(self, record: Record) -> tuple[str, str] | None:
        entered = self.around.entered.get(record.text)
        again = f"have {record.entered_by} delete the line and enter it again, in a commit of their own"
        if entered is None:
            return "no commit is known that brought this line in", again
        if record.entered_by not in self.around.emails.get(entered.email, ()):
            return (
                f"entered by {record.entered_by}, it says, but commit {entered.commit[:12]} is by <{entered.email}>",
                again,
            )
        if not self.around.people.entry(record.entered_by, entered.day):
            return (
                f"{record.entered_by}, who entered it, was not there on {entered.day}",
                "have somebody enter it who is",
            )
        if entered.assurance.rank < self.around.edits.rank:
            return (
                f"commit {entered.commit[:12]} is not signed, as the policy asks of edits",
                f"{again}, signed (git config commit.gpgSign true)",
            )
        if record.day > entered.day:
            return f"it is dated {record.day}, after the day it was entered ({entered.day})", "correct the day"
        observed_by = record.assessor if record.kind is TrainingKind.COMPETENCY else record.person
        if record.how is How.FORGE and record.entered_by not in (record.person, observed_by):
            return (
                f"`forge` is one's own entry, but {record.entered_by} entered it",
                "write form or roster, with its evidence",
            )
        return self._without_evidence(record)

    def _without_evidence(self, record: Record) -> tuple[str, str] | None:
        if record.evidence is None:
            if record.how is How.FORM:
                return "no scan or form is named", "write its path and SHA-256 under `evidence`"
            return None
        held = self.around.evidence.get(record.evidence.path)
        if held is None:
            return f"the evidence {record.evidence.path} is not there", "commit the scan or form at this path"
        if held != record.evidence.sha256:
            return (
                f"the evidence {record.evidence.path} is another file (its SHA-256 begins {held[:12]})",
                "put the file back that was entered",
            )
        return None

    def _unfit_assessor(self, record: Record) -> Doubt | None:
        if record.kind is not TrainingKind.COMPETENCY or not (why := self._why_unfit(record)):
            return None
        return Doubt(
            record,
            ASSESSOR,
            f"the competency of {record.person} in {record.document} {record.version} was observed by `{record.assessor}`, who {why}",
            "have it observed by somebody who holds the competency for this document",
        )

    def _why_unfit(self, record: Record) -> str:
        if record.assessor == record.person:
            return "is the same person"
        if not self._entry(record.assessor, record.day):
            return f"was not there on {record.day}"
        approvals = self.around.approvals.get(record.document, ())
        if any(
            each.signer == record.assessor
            for approval in approvals
            if approval.day <= record.day
            for each in approval.sign_offs
        ):
            return ""
        own = self._competent.get((record.assessor, record.document), ())
        if not own:
            return "holds no competency for it"
        day, is_passed = own[-1]
        until = add_months(day, self.around.months.get(record.document, COMPETENCY_MONTHS))
        if not is_passed:
            return f"failed in it on {day}"
        return f"held it until {until} only" if until < record.day else ""

    def _entry(self, person: str, day: date) -> Entry | None:
        return self.around.people.entry(person, day)
