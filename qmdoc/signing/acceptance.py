"""Whether one sign-off is accepted: the rules of SIGNOFF.md §3 in their order, the first that fails giving the code."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from qmdoc import commits
from qmdoc.controlled import Content
from qmdoc.documents import Document, Unreadable
from qmdoc.model import Assurance, Commit, Meaning, Outcome, day_of
from qmdoc.signing import authority as authorities
from qmdoc.signing import sshsig, statement
from qmdoc.signing.authority import Authority, Key
from qmdoc.signing.statement import Malformed, Statement, Subject

LEEWAY = timedelta(minutes=5)
NAMESPACE = "git"


@dataclass(frozen=True, slots=True)
class SignOff:
    """One attempt to sign off, as history holds it; `code` is None where it was accepted.

    `landing` counts mainline commits from the trust root, `day` is the landing day. `explanation` and `fix` say in
    plain words why it was refused and what to do.
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

    @property
    def is_accepted(self) -> bool:
        """It counts."""
        return self.code is None

    def signs(self, number: str, digest: str) -> bool:
        """Whether exactly this content of a document is a subject."""
        return any(subject.id == number and subject.digest == digest for subject in self.subjects)


@dataclass(frozen=True, slots=True)
class Standing:
    """What holds just before a sign-off lands: everything that the rules ask of the rest of history.

    `authorities` are all ever in force on this mainline, the last being in force. `content` gives what the sign-off's
    own tree holds of a document; `document` reads a blob; `digest` a content's digest; `held` all contents of a
    document that the mainline has held; `effective`, `approved` the digests in force and ever approved; `earlier` the
    sign-offs of a document accepted before; `authority_digest` the digest of the authority files in the sign-off's own tree.
    """

    landing: int
    day: date
    now: datetime
    authorities: tuple[Authority, ...]
    parents: tuple[Commit, ...]
    content: Callable[[str], Content | None]
    document: Callable[[str, str], Document | Unreadable]
    digest: Callable[[Content], str | None]
    held: Callable[[str], tuple[Content, ...]]
    effective: Callable[[str], str | None]
    approved: Callable[[str], frozenset[str]]
    earlier: Callable[[str], tuple[SignOff, ...]]
    authority_digest: str | None
    pending: Authority | None
    blocks_seen: Mapping[tuple[str, ...], tuple[str, ...]]

    @property
    def authority(self) -> Authority:
        """The authority in force."""
        return self.authorities[-1]


class _Refused(Exception):
    """A rule fails."""

    def __init__(self, code: str, explanation: str, fix: str) -> None:
        super().__init__(explanation)
        self.code, self.explanation, self.fix = code, explanation, fix


SIGN_AGAIN = "sign again with `qmdoc sign`"


def judge(commit: Commit, standing: Standing) -> SignOff:
    """The sign-off that a commit with a statement makes: accepted, or refused with code, reason and remedy."""
    sign_off = SignOff(commit.id, standing.landing, standing.day, commit.committer.moment, "", commit.author.name)
    said: Statement | None = None
    try:
        said = _well_formed(commit, standing)
        sign_off = _with_statement(sign_off, said, standing)
        _leaves_files_alone(commit, standing)
        return _judged(commit, said, sign_off, standing)
    except _Refused as refusal:
        code, explanation, fix = _diagnosed(commit, refusal, standing)
        sign_off = _with_statement(sign_off, said, standing) if said else _as_far_as_readable(sign_off, commit)
        return replace(sign_off, code=code, explanation=explanation, fix=fix)


def assurance_of(verdict: sshsig.Verified) -> Assurance:
    """How sure a good signature by a person's own key is."""
    return Assurance.HARDWARE if verdict.touched and verdict.pin_verified else Assurance.SIGNED


def _judged(commit: Commit, said: Statement, sign_off: SignOff, standing: Standing) -> SignOff:
    key, assurance = _signature(commit, said, standing)
    if key is not None:
        _key_is_live(commit, key[1], standing)
        sign_off = replace(sign_off, key=key[1].key.fingerprint)
    _signer(commit, said, key, standing)
    named = _named_authority(said, standing)
    _role(said, key, named, standing)
    _assurance(said, assurance, standing)
    _subjects(said, standing)
    _times(commit, said, standing)
    _meaning(said, standing)
    return replace(sign_off, assurance=assurance)


def _well_formed(commit: Commit, standing: Standing) -> Statement:
    parts = commits.split(commit.raw or b"")
    names = [name for name, _ in parts.headers]
    extra = [name for name in names if name != b"parent"]
    if [name for name in extra if name not in (b"gpgsig", b"gpgsig-sha256")] != [b"tree", b"author", b"committer"]:
        odd = next(
            (
                name
                for name in extra
                if extra.count(name) > 1 or name not in (b"tree", b"author", b"committer", b"gpgsig", b"gpgsig-sha256")
            ),
            b"?",
        )
        raise _Refused(
            "malformed",
            f"the commit carries the header `{odd.decode('ascii', 'replace')}`, which no sign-off has",
            SIGN_AGAIN,
        )
    expected = b"gpgsig" if len(commit.id) == 40 else b"gpgsig-sha256"
    signatures = [name for name in names if name.startswith(b"gpgsig")]
    if signatures not in ([], [expected]):
        raise _Refused("malformed", "the commit carries more than one signature, or one of another kind", SIGN_AGAIN)
    said = statement.parse(parts.message)
    if isinstance(said, Malformed):
        raise _Refused("malformed", f"its statement is not well formed: {said.problem}", SIGN_AGAIN)
    named = next((each for each in standing.authorities if each.digest == said.authority), None)
    if named and said.sentence != named.policy.sentence(said.meaning):
        raise _Refused(
            "malformed", f"its second paragraph is not the policy's sentence for `{said.meaning}`", SIGN_AGAIN
        )
    return said


def _leaves_files_alone(commit: Commit, standing: Standing) -> None:
    if [parent.tree for parent in standing.parents] != [commit.tree]:
        raise _Refused(
            "changes-files",
            "it changes files, or merges: a sign-off changes nothing",
            "commit the change first, then sign it with `qmdoc sign`",
        )


def _signature(commit: Commit, said: Statement, standing: Standing) -> tuple[tuple[str, Key] | None, Assurance]:
    """The key's holder and the assurance; no key where an unsigned statement is enough."""
    parts = commits.split(commit.raw or b"")
    signatures = parts.values(b"gpgsig") + parts.values(b"gpgsig-sha256")
    policy = standing.authority.policy
    if not signatures:
        if said.meaning is Meaning.TRAINING or policy.assurance is Assurance.RECORDED:
            return None, Assurance.RECORDED
        raise _Refused(
            "unsigned",
            "it is not signed, and the policy asks for a signature",
            "set up a signing key and sign again with `qmdoc sign`",
        )
    armor = signatures[0] + b"\n"  # the header leaves out the armor's own last line end
    verdict = sshsig.verify(armor, commits.signed_bytes(commit.raw or b""), namespace=NAMESPACE)
    if isinstance(verdict, sshsig.Refused):
        raise _Refused(str(verdict.fault), verdict.reason, f"{SIGN_AGAIN} and a key that the policy allows")
    if (
        policy.assurance is Assurance.HARDWARE
        and verdict.key.algorithm.startswith("sk-")
        and assurance_of(verdict) is not Assurance.HARDWARE
    ):
        raise _Refused(
            "no-touch",
            "the security key was not touched, or asked for no PIN",
            "sign again with a key made with `-O verify-required`",
        )
    holder = standing.authority.key_holders.get(verdict.key.blob)
    if holder is None:
        raise _Refused(
            "unknown-key",
            _unknown_key(verdict.key, standing),
            "have an admin list the key in people.yaml, then sign again",
        )
    return holder, assurance_of(verdict)


def _unknown_key(key: sshsig.PublicKey, standing: Standing) -> str:
    for past in reversed(standing.authorities):
        if key.blob in past.key_holders:
            return f"the key {key.fingerprint} of {past.name(past.key_holders[key.blob][0])} was taken out of the authority"
    return f"the key {key.fingerprint} belongs to nobody in the authority"


def _key_is_live(commit: Commit, key: Key, standing: Standing) -> None:
    if not key.covers(day_of(commit.committer.time)):
        raise _Refused(
            "expired-key",
            f"the key {key.key.fingerprint} was not in its period on {day_of(commit.committer.time)}",
            "sign again with a key that is",
        )
    if key.is_revoked(standing.day):
        raise _Refused(
            "revoked-key",
            f"the key {key.key.fingerprint} is revoked since {key.revoked}",
            "sign again with another key",
        )


def _signer(commit: Commit, said: Statement, key: tuple[str, Key] | None, standing: Standing) -> None:
    person = standing.authority.people.get(said.signer)
    if key is not None and key[0] != said.signer:
        raise _Refused(
            "signer-mismatch",
            f"it names `{said.signer}`, but the key is {standing.authority.name(key[0])}'s",
            "sign with your own key, in your own name",
        )
    if person is None:
        raise _Refused(
            "signer-mismatch",
            f"it names `{said.signer}`, who is not in the authority",
            "have an admin list the person in people.yaml, then sign again",
        )
    if not person.is_active(day_of(commit.committer.time)) or not person.is_active(standing.day):
        raise _Refused(
            "person-not-active",
            f"{person.name} did not belong to the programme on that day",
            "have somebody who does sign",
        )
    for email in (commit.author.email, commit.committer.email):
        if email not in person.emails:
            raise _Refused(
                "signer-mismatch",
                f"the commit's e-mail <{email}> is not {person.name}'s",
                "sign with your own e-mail in git's settings (user.email)",
            )


def _named_authority(said: Statement, standing: Standing) -> Authority:
    for authority in reversed(standing.authorities):
        if authority.digest == said.authority:
            return authority
    raise _Refused("unknown-authority", "it names an authority that was never in force here", SIGN_AGAIN)


def _role(said: Statement, key: tuple[str, Key] | None, named: Authority, standing: Standing) -> None:
    then, now = named.people.get(said.signer), standing.authority.people[said.signer]
    if then is None or (key is not None and key[1].key.blob not in {each.key.blob for each in then.keys}):
        raise _Refused("role-not-held", f"{now.name} or the key was not in the authority that it names", SIGN_AGAIN)
    if said.meaning is Meaning.TRAINING:
        return
    if said.role not in then.roles or said.role not in now.roles:
        raise _Refused(
            "role-not-held",
            f"{now.name} did not hold the role `{said.role}` when it landed",
            "have a holder of the role sign",
        )
    if said.meaning in (Meaning.WITHDRAW, Meaning.PERIODIC_REVIEW):
        for subject in said.subjects:
            _has_seat(said, subject, standing)


def _has_seat(said: Statement, subject: Subject, standing: Standing) -> None:
    """Only a role with a seat may withdraw or review; where the policy names none, one with an approval seat."""
    document = standing.document(subject.id, subject.blob) if _is_held(subject, standing) else None
    if not isinstance(document, Document):
        return
    policy = standing.authority.policy
    seats = policy.seats(document.type, said.meaning) or policy.seats(document.type, Meaning.APPROVAL)
    if said.role not in {seat.role for seat in seats}:
        raise _Refused(
            "role-not-held",
            f"the role `{said.role}` has no seat for `{said.meaning}` of {subject}",
            "have a holder of a role with a seat sign",
        )


def _assurance(said: Statement, assurance: Assurance, standing: Standing) -> None:
    asked = standing.authority.policy.assurance
    if said.meaning is not Meaning.TRAINING and assurance.rank < asked.rank:
        raise _Refused(
            "assurance-too-low",
            f"it is `{assurance}`, and the policy asks for `{asked}`",
            "sign again with a security key, as the policy asks",
        )


def _is_held(subject: Subject, standing: Standing) -> bool:
    return any(content.blob == subject.blob for content in standing.held(subject.id))


def _subjects(said: Statement, standing: Standing) -> None:
    for subject in said.subjects:
        if said.meaning is Meaning.AUTHORITY:
            if subject.digest != standing.authority_digest:
                raise _Refused(
                    "subject-mismatch", "it signs another authority than the one in its own tree", SIGN_AGAIN
                )
            continue
        if said.meaning in (Meaning.REVIEW, Meaning.APPROVAL):
            content = standing.content(subject.id)
            contents: tuple[Content, ...] = (content,) if content else ()
        else:
            contents = standing.held(subject.id)
        if not any(_equals(subject, content, standing) for content in contents):
            raise _Refused(
                "subject-mismatch", _other_bytes(said, subject, standing), f"sign {subject} again as it stands now"
            )


def _equals(subject: Subject, content: Content, standing: Standing) -> bool:
    if content.blob != subject.blob or standing.digest(content) != subject.digest:
        return False
    document = standing.document(subject.id, subject.blob)
    return isinstance(document, Document) and (document.id, document.version) == (subject.id, subject.version)


def _other_bytes(said: Statement, subject: Subject, standing: Standing) -> str:
    if said.meaning in (Meaning.REVIEW, Meaning.APPROVAL) and _is_held(subject, standing):
        return f"this {said.meaning} of {subject} does not name the text that stood where it was signed; it may be older than the last edit"
    return f"no text of {subject} with this digest stood where it was signed"


def _times(commit: Commit, said: Statement, standing: Standing) -> None:
    time = commit.committer.moment
    for parent in standing.parents:
        if parent.committer.moment <= standing.now + LEEWAY and time < parent.committer.moment - LEEWAY:
            raise _Refused(
                "time-before-parent",
                f"it claims {time:%Y-%m-%d %H:%M} UTC, before the commit that it follows",
                "set the computer's clock and sign again",
            )
    if time > standing.now + LEEWAY:
        raise _Refused(
            "time-in-future",
            f"it claims {time:%Y-%m-%d %H:%M} UTC, which lies ahead",
            "set the computer's clock and sign again",
        )
    if abs(said.time - time) > LEEWAY:
        raise _Refused(
            "time-mismatch",
            f"QM-Time says {said.time:%Y-%m-%d %H:%M} and the commit {time:%Y-%m-%d %H:%M} UTC",
            SIGN_AGAIN,
        )


def _meaning(said: Statement, standing: Standing) -> None:
    for subject in said.subjects:
        if (
            said.meaning in (Meaning.WITHDRAW, Meaning.PERIODIC_REVIEW)
            and standing.effective(subject.id) != subject.digest
        ):
            raise _Refused("not-effective", f"{subject} was not in force when it landed", "sign the version in force")
        if said.meaning is Meaning.TRAINING and subject.digest not in standing.approved(subject.id):
            raise _Refused("not-effective", f"{subject} was not approved when it landed", "attest an approved version")
        if said.meaning is Meaning.REVOKE:
            _can_revoke(said, subject, standing)
    if said.meaning is Meaning.AUTHORITY:
        _authority_change(said, standing)


def _can_revoke(said: Statement, subject: Subject, standing: Standing) -> None:
    own = [
        each
        for each in standing.earlier(subject.id)
        if each.signer == said.signer and each.meaning in (Meaning.REVIEW, Meaning.APPROVAL)
    ]
    if not any(each.signs(subject.id, subject.digest) for each in own) or subject.digest in standing.approved(
        subject.id
    ):
        raise _Refused(
            "nothing-to-revoke",
            f"there is no sign-off of {subject} by this person that could still be taken back",
            "withdraw the document, or raise its version",
        )


def _authority_change(said: Statement, standing: Standing) -> None:
    now, new = standing.authority, standing.pending
    if said.authority != now.digest:
        raise _Refused("unknown-authority", "the authority has changed since it was signed", SIGN_AGAIN)
    if new is None:
        return
    if authorities.own_entry_changes(said.signer, now, new):
        raise _Refused(
            "own-entry", f"the change touches {now.name(said.signer)}'s own entry", "have other admins sign it"
        )
    held = set(now.people[said.signer].roles)
    lacking = authorities.roles_granted(now, new) - held
    if lacking and authorities.ROOT not in held:
        raise _Refused(
            "role-not-granted",
            f"{now.name(said.signer)} does not hold the role `{sorted(lacking)[0]}` that the change gives",
            "have admins sign who hold it, or `root`",
        )


def _diagnosed(commit: Commit, refusal: _Refused, standing: Standing) -> tuple[str, str, str]:
    """`rewritten` where a squash, rebase or cherry-pick is the likelier story than a forgery."""
    seen = standing.blocks_seen.get(statement.block(commits.split(commit.raw or b"").message), ())
    by_forge = any(commit.committer.email in each.forge_committers for each in standing.authorities)
    if refusal.code in ("malformed", "changes-files", "unsigned", "bad-signature") and (
        any(other != commit.id for other in seen) or by_forge
    ):
        why = f"this sign-off was rewritten by a squash, a rebase or a cherry-pick ({refusal.explanation})"
        return "rewritten", why, "merge without squash or rebase, or sign again with `qmdoc sign`"
    return refusal.code, refusal.explanation, refusal.fix


def _with_statement(sign_off: SignOff, said: Statement, standing: Standing) -> SignOff:
    return replace(
        sign_off,
        signer=said.signer,
        name=standing.authority.name(said.signer),
        role=said.role,
        meaning=said.meaning,
        subjects=said.subjects,
        authority=said.authority,
        next_review=said.next_review,
        outcome=said.outcome,
        reason=said.reason,
    )


def _as_far_as_readable(sign_off: SignOff, commit: Commit) -> SignOff:
    """What a malformed statement names, so that the finding can be filed under its document."""
    rows = statement.block(commits.split(commit.raw or b"").message)
    subjects = tuple(found for row in rows if (found := statement.subject_in(row)))
    return replace(sign_off, subjects=subjects)
