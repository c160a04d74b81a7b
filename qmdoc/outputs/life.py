"""A document's life as an inspector asks for it: every version, who signed what and when, what was refused and why."""

from __future__ import annotations

import difflib
import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise

from qmdoc import training
from qmdoc.ledger import Approval, Ledger, Withdrawal
from qmdoc.model import Finding, Meaning
from qmdoc.register import Audit, Period, Register, State
from qmdoc.signing.acceptance import SignOff
from qmdoc.training import Attestation, report

Blob = Callable[[str], bytes]


@dataclass(frozen=True, slots=True)
class SignedFile:
    """A file of an approved version: its name in the digest, where it lies below the version's folder, its checksum."""

    name: str
    path: str
    sha256: str
    content: bytes


@dataclass(frozen=True, slots=True)
class VersionLife:
    """An approved version: when it was in force, who signed it, and the files that they signed."""

    approval: Approval
    periods: tuple[Period, ...]
    standing: str
    is_current: bool
    authors: tuple[str, ...]
    sign_offs: tuple[SignOff, ...]
    files: tuple[SignedFile, ...]

    @property
    def folder(self) -> str:
        """Where its files lie in the binder."""
        return f"documents/{self.approval.id}/{self.approval.version}"


@dataclass(frozen=True, slots=True)
class Redline:
    """What changed from one approved version to the next, as a text comparison of the sources."""

    old: VersionLife
    new: VersionLife
    text: str

    @property
    def path(self) -> str:
        """Where it lies in the binder."""
        return f"documents/{self.new.approval.id}/{self.old.approval.version}-{self.new.approval.version}.diff.txt"

    @property
    def page(self) -> str:
        """Where the same lies as a page to read, numbers first."""
        return f"{self.path.removesuffix('.diff.txt')}.html"


@dataclass(frozen=True, slots=True)
class Attested:
    """What the version in force asks of one person, with what shows that it is met, or was by an earlier version."""

    asked: Attestation
    proof: str


@dataclass(frozen=True, slots=True)
class Life:
    """All of a document, newest version first; every sign-off that names it stands in exactly one list."""

    state: State
    versions: tuple[VersionLife, ...]
    redlines: tuple[Redline, ...]
    withdrawals: tuple[Withdrawal, ...]
    of_drafts: tuple[SignOff, ...]
    refused: tuple[SignOff, ...]
    attestations: tuple[Attested, ...]
    attested: tuple[SignOff, ...]
    proposal_authors: tuple[str, ...]
    findings: tuple[Finding, ...]

    def version_of(self, digest: str) -> str:
        """The version that a digest belongs to."""
        return next((str(each.approval.version) for each in self.versions if each.approval.digest == digest), "?")


def lives(audit: Audit, blob: Blob) -> tuple[Life, ...]:
    """The life of every document that was ever approved, or that main holds."""
    naming: dict[str, list[SignOff]] = {}
    for sign_off in audit.register.sign_offs:
        for number in {subject.id for subject in sign_off.subjects}:
            naming.setdefault(number, []).append(sign_off)
    return tuple(_life(state, audit, tuple(naming.get(state.id, ())), blob) for state in audit.register.states)


def printed_names(people: Iterable[str], ledger: Ledger) -> tuple[str, ...]:
    """The printed names of people, of those too who have left the authority."""
    known: Mapping[str, str] = {
        number: person.name for period in ledger.authorities for number, person in period.authority.people.items()
    }
    return tuple(known.get(person, person) for person in people)


def _life(state: State, audit: Audit, naming: tuple[SignOff, ...], blob: Blob) -> Life:
    register = audit.register
    accepted = tuple(each for each in naming if each.is_accepted)
    versions = tuple(_version(approval, state, accepted, register, blob) for approval in state.approvals)
    approved = {version.approval.digest for version in versions}
    return Life(
        state=state,
        versions=versions[::-1],
        redlines=tuple(Redline(old, new, _comparison(old, new)) for old, new in pairwise(versions))[::-1],
        withdrawals=register.ledger.withdrawals.get(state.id, ()),
        of_drafts=tuple(each for each in accepted if not any(each.signs(state.id, digest) for digest in approved)),
        refused=tuple(each for each in naming if not each.is_accepted),
        attestations=tuple(Attested(each, report.proof(each.by)) for each in training.must_attest(state, register)),
        attested=tuple(each for each in accepted if each.meaning is Meaning.TRAINING),
        proposal_authors=printed_names(state.proposed.authors, register.ledger) if state.proposed else (),
        findings=tuple(finding for finding in audit.findings if finding.document == state.id),
    )


def _version(
    approval: Approval, state: State, accepted: tuple[SignOff, ...], register: Register, blob: Blob
) -> VersionLife:
    periods = tuple(period for period in state.history if period.approval is approval)
    return VersionLife(
        approval=approval,
        periods=periods,
        standing=_standing(approval, periods, state),
        is_current=approval is state.effective,
        authors=printed_names(approval.authors, register.ledger),
        sign_offs=tuple(
            each for each in accepted if each.meaning is not Meaning.TRAINING and each.signs(state.id, approval.digest)
        ),
        files=tuple(_file(approval, name, blob(held)) for name, held in sorted(approval.content.names)),
    )


def _file(approval: Approval, name: str, content: bytes) -> SignedFile:
    """The text under its own name, attachments below the folder of the number beside it: as they lie in the history."""
    path = approval.path.rpartition("/")[2] if name == "." else f"{approval.id}/{name}"
    return SignedFile(name, path, hashlib.sha256(content).hexdigest(), content)


def _standing(approval: Approval, periods: tuple[Period, ...], state: State) -> str:
    if approval is state.effective:
        return f"in force since {approval.since}"
    if approval in state.ahead:
        return f"NOT CURRENT: approved, in force from {approval.since}"
    days = " and ".join(f"from {period.since} to {period.until}" for period in periods)
    was = f"was in force {days}" if days else _never(approval)
    if state.effective:
        return f"NOT CURRENT: {was}; version {state.effective.version} is in force since {state.effective.since}"
    return f"NOT CURRENT: {was}; the document is withdrawn" if state.withdrawal else f"NOT CURRENT: {was}"


def _never(approval: Approval) -> str:
    """The register counts whole days: what was replaced on its first day has none."""
    if approval.since == approval.day:
        return f"was replaced or withdrawn on {approval.day}, the day of its approval"
    return "was never in force"


def _comparison(old: VersionLife, new: VersionLife) -> str:
    """A unified diff of the two texts; of attachments only that they differ, for they may be pictures."""
    names = [f"{each.approval.id} {each.approval.version} sha256:{each.approval.digest}" for each in (old, new)]
    lines = [f"Text comparison of {names[0]}", f"             with {names[1]}", ""]
    was, now = ({file.name: file for file in version.files} for version in (old, new))
    for name in sorted((was.keys() | now.keys()) - {"."}):
        before, after = (side[name].sha256 if name in side else "not there" for side in (was, now))
        if before != after:
            lines.append(f"attachment {name}: {before} -> {after}")
    before_lines, after_lines = (
        side["."].content.decode("utf-8", "backslashreplace").splitlines() for side in (was, now)
    )
    lines += difflib.unified_diff(
        before_lines, after_lines, str(old.approval.version), str(new.approval.version), lineterm=""
    )
    return "\n".join(lines) + "\n"
