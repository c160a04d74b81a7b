"""What history proves: walked once along the mainline, commit by commit, from the trust root (SIGNOFF.md §3-5).

The walk only adds. Reverting or deleting a sign-off does not undo it; a draft or a broken file never ends a version in
force. `Ledger` is what is known at the end of the walk; for a day in the past the walk ends at that day's last landing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import NamedTuple

from qmdoc.controlled import Content, Holdings
from qmdoc.documents import Document, Unreadable
from qmdoc.model import Assurance, Outcome, Version
from qmdoc.signing.acceptance import SignOff
from qmdoc.signing.anchors import Anchor
from qmdoc.signing.authority import Authority, Seat, UnreadableAuthority


class Landing(NamedTuple):
    """A mainline commit, with the UTC day on which it landed (SIGNOFF.md §6)."""

    commit: str
    day: date


@dataclass(frozen=True, slots=True)
class AuthorityPeriod:
    """An authority in force from a landing on; `sign_offs` brought it there (none: it stood at the trust root)."""

    authority: Authority
    landing: int
    day: date
    commit: str
    sign_offs: tuple[SignOff, ...] = ()


@dataclass(frozen=True, slots=True)
class Approval:
    """A version that had all its signatures: at which landing, by whom, and who had written it."""

    id: str
    version: Version
    title: str
    type: str
    content: Content
    digest: str
    path: str
    effective_date: date | None
    review_date: date | None
    landing: int
    day: date
    commit: str
    sign_offs: tuple[SignOff, ...]
    authors: tuple[str, ...]

    @property
    def since(self) -> date:
        """The first day in force: never before the approval."""
        return max(self.day, self.effective_date or self.day)


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """A document taken out of use: the version in force and all approved that waited for their day."""

    id: str
    digest: str
    landing: int
    day: date
    sign_offs: tuple[SignOff, ...]
    reason: str


@dataclass(frozen=True, slots=True)
class PeriodicReview:
    """A signed review of the version in force."""

    id: str
    digest: str
    landing: int
    day: date
    outcome: Outcome
    next_review: date | None
    sign_offs: tuple[SignOff, ...]


@dataclass(frozen=True, slots=True)
class EmptySeat:
    """Signatures that a proposal still lacks; `because` says why a signature that is there does not count."""

    seat: Seat
    filled: int
    because: str = ""

    def __str__(self) -> str:
        """As `missing` shows it: role, meaning, how many of how many."""
        text = f"{self.seat.role} {self.seat.meaning} {self.filled}/{self.seat.count}"
        return f"{text} ({self.because})" if self.because else text


@dataclass(frozen=True, slots=True)
class Proposal:
    """What main holds of a document where that is not what is approved; `obstacles` bar it whatever is signed.

    `since` is the day on which main came to hold it, `sign_offs` are those that fill seats already.
    """

    id: str
    path: str
    content: Content
    digest: str | None
    document: Document | Unreadable
    empty_seats: tuple[EmptySeat, ...]
    obstacles: tuple[str, ...]
    authors: tuple[str, ...]
    unknown_editors: tuple[str, ...]
    since: date
    sign_offs: tuple[SignOff, ...] = ()


@dataclass(frozen=True, slots=True)
class Irregularity:
    """Something that only the walk can see; `check` is the finding it amounts to."""

    check: str
    message: str
    fix: str
    document: str | None = None
    path: str | None = None
    line: int | None = None
    commit: str | None = None


@dataclass(frozen=True, slots=True)
class PendingAuthority:
    """Authority files on main that differ from what is in force: without force until enough admins have signed."""

    digest: str | None
    authority: Authority | UnreadableAuthority
    signed_by: tuple[str, ...]
    quorum: int
    problems: tuple[str, ...]


class Entered(NamedTuple):
    """The commit that first brought in a line of a record: when it landed, its author's address, and how surely it is theirs."""

    commit: str
    day: date
    email: str
    assurance: Assurance


@dataclass(frozen=True, slots=True)
class RecordLog:
    """How records came: the staff list's blobs with their landing days (empty: taken out), and who entered which line."""

    staff: tuple[tuple[date, str], ...] = ()
    entered: Mapping[str, Entered] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Ledger:
    """All that the mainline proves up to its last landing; everything in the order in which it landed.

    `root` is the tree of the last landing, `holdings` what it holds under sops/; both are empty before the first. `held`
    has every content of a document that main has ever held, `anchors` the time stamps that count, `record_log` who entered
    records. Of the sign-offs, `refused` are those that do not count, and `attested` those that count as training: few of many.
    """

    trust_root: str
    is_pinned: bool
    now: datetime
    landings: tuple[Landing, ...]
    authorities: tuple[AuthorityPeriod, ...]
    pending: PendingAuthority | None
    root: str
    holdings: Holdings
    sign_offs: tuple[SignOff, ...]
    approvals: Mapping[str, tuple[Approval, ...]]
    withdrawals: Mapping[str, tuple[Withdrawal, ...]]
    reviews: Mapping[str, tuple[PeriodicReview, ...]]
    proposals: Mapping[str, Proposal]
    irregularities: tuple[Irregularity, ...]
    catalogue_history: Mapping[str, tuple[str, ...]]
    held: Mapping[str, tuple[Content, ...]] = field(default_factory=dict)
    anchors: tuple[Anchor, ...] = ()
    record_log: RecordLog = field(default_factory=RecordLog)
    refused: tuple[SignOff, ...] = ()
    attested: tuple[SignOff, ...] = ()

    @property
    def authority(self) -> Authority:
        """The authority in force."""
        return self.authorities[-1].authority

    @property
    def tip(self) -> str:
        """The mainline commit under audit; empty before the first landing."""
        return self.landings[-1].commit if self.landings else ""

    def effective(self, number: str, day: date) -> Approval | None:
        """The version of a document in force on a day: the highest of those approved and not withdrawn."""
        return in_force(self.approvals.get(number, ()), self.withdrawals.get(number, ()), day)


def in_force(approvals: tuple[Approval, ...], withdrawals: tuple[Withdrawal, ...], day: date) -> Approval | None:
    """The highest version whose day has come and that no withdrawal ended.

    A withdrawal ends what was approved before its landing; a version that lands with it, fully signed, replaces it.
    """
    ended = withdrawals[-1].landing if withdrawals else -1
    standing = [approval for approval in approvals if approval.landing >= ended and approval.since <= day]
    return max(standing, key=lambda approval: approval.version, default=None)


def ahead(approvals: tuple[Approval, ...], withdrawals: tuple[Withdrawal, ...], day: date) -> tuple[Approval, ...]:
    """The approved versions whose day has not come and will, in the order in which each replaces the one before.

    A version is not among them whose day comes after that of a higher one: it never will be in force.
    """
    turns = sorted({each.since for each in approvals if each.since > day})
    coming = (in_force(approvals, withdrawals, turn) for turn in turns)
    return tuple(dict.fromkeys(each for each in coming if each and each.since > day))
