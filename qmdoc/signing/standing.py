"""A sign-off and what history says of it: the sign-off as judged, and what holds just before it lands (SIGNOFF.md §3)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple

from qmdoc.controlled import Content
from qmdoc.model import Assurance, Commit, Meaning, Outcome
from qmdoc.readings import Reading
from qmdoc.signing.anchors import UNBOUNDED, Bracket
from qmdoc.signing.authority import Authority
from qmdoc.signing.sshsig import Verified
from qmdoc.signing.statement import Subject

LEEWAY = timedelta(minutes=5)
SIGN_AGAIN = "sign again with `qmdoc sign`"
ATTEST_AGAIN = "attest again with `qmdoc attest-forge`"
SIGN_PORTABLE_AGAIN = "sign again with `qmdoc sign --portable`, and commit both files that it writes as they are"


class SignOff(NamedTuple):
    """One attempt to sign off, as history holds it; `code` is None where it was accepted.

    `landing` counts mainline commits from the trust root, `day` is the landing day. `explanation` and `fix` say in
    plain words why it was refused and what to do. `evidence` is the path of a portable sign-off; `commit` is then the
    mainline commit with which it landed. `attested_by` is the forge or bot that vouches for the signer (assurance
    `forge`); `not_independent` says why the sign-off fills no independent seat, authorship aside.
    """

    commit: str
    landing: int
    day: date
    time: datetime
    signer: str
    name: str
    role: str = ""
    meaning: Meaning | None = None
    subjects: tuple[Subject, ...] = ()
    assurance: Assurance = Assurance.RECORDED
    key: str | None = None
    authority: str = ""
    next_review: date | None = None
    outcome: Outcome | None = None
    reason: str | None = None
    code: str | None = None
    explanation: str = ""
    fix: str = ""
    evidence: str = ""
    attested_by: str = ""
    not_independent: str = ""

    @property
    def signed_on(self) -> date:
        """The day of its own moment (UTC); the day on which it was on record, its landing, may be later."""
        return self.time.astimezone(UTC).date()

    @property
    def is_accepted(self) -> bool:
        """It counts."""
        return self.code is None

    def signs(self, number: str, digest: str) -> bool:
        """Whether exactly this content of a document is a subject."""
        return any(subject.id == number and subject.digest == digest for subject in self.subjects)


def _unknown(_commit_id: str) -> None:
    return None


class Standing(NamedTuple):
    """What holds just before a sign-off lands: everything that the rules ask of the rest of history.

    `authorities` are all ever in force on this mainline, the last being in force. `content` gives what the sign-off's
    own tree holds of a document, `content_at` what a commit that it follows holds of one (`follows`: whether it does);
    `document` reads a blob; `digest` a content's digest; `held` all contents of a
    document that the mainline has held; `effective`, `approved` the digests in force and ever approved; `earlier` the
    sign-offs of a document accepted before; `authority_digest` the digest of the authority files in the sign-off's own tree;
    `landed` the time of the earlier mainline commit that brought in what a subject names, None where none did;
    `copies` the commits whose statement has the same QM- lines; `bracket` the times between which time anchors place the sign-off (SIGNOFF.md §6); `verdict` a commit's signature
    that was found good already.
    """

    landing: int
    day: date
    now: datetime
    authorities: tuple[Authority, ...]
    parents: tuple[Commit, ...]
    content: Callable[[str], Content | None]
    document: Callable[[str, str], Reading | None]
    digest: Callable[[Content], str | None]
    held: Callable[[str], tuple[Content, ...]]
    effective: Callable[[str], str | None]
    approved: Callable[[str], frozenset[str]]
    earlier: Callable[[str], tuple[SignOff, ...]]
    authority_digest: str | None
    pending: Authority | None
    copies: Callable[[tuple[str, ...]], tuple[str, ...]]
    follows: Callable[[str], bool]
    content_at: Callable[[str, str], Content | None]
    landed: Callable[[Subject], datetime | None]
    bracket: Bracket = UNBOUNDED
    verdict: Callable[[str], Verified | None] = _unknown

    @property
    def authority(self) -> Authority:
        """The authority in force."""
        return self.authorities[-1]


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a sign-off does not count: the code of the rule, the reason and the remedy."""

    code: str
    explanation: str
    fix: str


class RuleFails(Exception):
    """A rule fails."""

    def __init__(self, code: str, explanation: str, fix: str) -> None:
        super().__init__(explanation)
        self.code, self.explanation, self.fix = code, explanation, fix
