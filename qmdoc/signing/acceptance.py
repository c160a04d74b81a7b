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
from qmdoc.signing import portable, sshsig, statement
from qmdoc.signing.anchors import UNBOUNDED, Bracket
from qmdoc.signing.authority import Authority, Key, Person
from qmdoc.signing.portable import PortableFile
from qmdoc.signing.statement import Malformed, Statement, Subject

LEEWAY = timedelta(minutes=5)
NAMESPACE = "git"


@dataclass(frozen=True, slots=True)
class SignOff:
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
    own tree holds of a document, `content_at` what a commit that it follows holds of one (`follows`: whether it does);
    `document` reads a blob; `digest` a content's digest; `held` all contents of a
    document that the mainline has held; `effective`, `approved` the digests in force and ever approved; `earlier` the
    sign-offs of a document accepted before; `authority_digest` the digest of the authority files in the sign-off's own tree;
    `landed` the time of the earlier mainline commit that brought in what a subject names, None where none did;
    `bracket` the times between which time anchors place the sign-off (SIGNOFF.md §6).
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
    follows: Callable[[str], bool]
    content_at: Callable[[str, str], Content | None]
    landed: Callable[[Subject], datetime | None]
    bracket: Bracket = UNBOUNDED

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


class _Refused(Exception):
    """A rule fails."""

    def __init__(self, code: str, explanation: str, fix: str) -> None:
        super().__init__(explanation)
        self.code, self.explanation, self.fix = code, explanation, fix


SIGN_AGAIN = "sign again with `qmdoc sign`"
ATTEST_AGAIN = "attest again with `qmdoc attest-forge`"
SIGN_PORTABLE_AGAIN = "sign again with `qmdoc sign --portable`, and commit both files that it writes as they are"


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
        sign_off = (
            _with_statement(sign_off, said, standing)
            if said
            else _as_far_as_readable(sign_off, commits.split(commit.raw or b"").message)
        )
        return replace(sign_off, code=code, explanation=explanation, fix=fix)


def judge_portable(
    file: PortableFile, commit: Commit, standing: Standing, *, before_signature: bool = False
) -> SignOff:
    """The sign-off that a portable file makes where `commit` brings it to the mainline: accepted, or refused.

    The file has no tree, no parents and no e-mail address of its own. What it signs must stand in the tree of `commit`,
    who signed it is the key's holder alone, and its time is QM-Time. It follows no commit, so that time anchors bound
    it from above only. `before_signature` leaves the signature's rules out.
    """
    sign_off = SignOff(commit.id, standing.landing, standing.day, commit.committer.moment, "", "", evidence=file.path)
    standing = replace(standing, bracket=replace(standing.bracket, not_before=None))
    said: Statement | None = None
    try:
        said = _well_formed_file(file, standing)
        sign_off = replace(_with_statement(sign_off, said, standing), time=said.time)
        key: tuple[str, Key] | None = None
        assurance = standing.authority.policy.assurance
        if not before_signature:
            key, assurance = _file_signature(file, standing)
            _key_is_live(said.time.date(), key[1], standing)
            sign_off = replace(sign_off, key=key[1].key.fingerprint)
        _person(said, key, said.time.date(), standing)
        _role(said, key, _named_authority(said, standing), standing)
        _assurance(said, assurance, standing)
        _subjects(said, standing)
        _portable_time(said, standing)
        _anchored(said.time, standing)
        _meaning(said, standing)
        return replace(sign_off, assurance=assurance)
    except _Refused as refusal:
        if said is None:
            sign_off = _as_far_as_readable(sign_off, file.text or b"")
        return replace(sign_off, code=refusal.code, explanation=refusal.explanation, fix=refusal.fix)


def time_refusal(commit: Commit, standing: Standing) -> Refusal | None:
    """Why a commit's own time can't be; the same rules for every commit that carries an approval."""
    try:
        _claimed_time(commit, standing)
        _anchored(commit.committer.moment, standing)
    except _Refused as refusal:
        return Refusal(refusal.code, refusal.explanation, refusal.fix)
    return None


def assurance_of(verdict: sshsig.Verified) -> Assurance:
    """How sure a good signature by a person's own key is."""
    return Assurance.HARDWARE if verdict.touched and verdict.pin_verified else Assurance.SIGNED


def _judged(commit: Commit, said: Statement, sign_off: SignOff, standing: Standing) -> SignOff:
    key, assurance = _signature(commit, said, standing)
    if key is not None:
        _key_is_live(day_of(commit.committer.time), key[1], standing)
        sign_off = replace(sign_off, key=key[1].key.fingerprint)
    _signer(commit, said, key, standing)
    named = _named_authority(said, standing)
    if said.on_behalf:
        assurance = _attested(said, key, named, standing)
    _role(said, key, named, standing)
    _assurance(said, assurance, standing)
    _subjects(said, standing)
    _reviewed(said, standing)
    _times(commit, said, standing)
    _anchored(commit.committer.moment, standing)
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
    return _statement(parts.message, standing)


def _well_formed_file(file: PortableFile, standing: Standing) -> Statement:
    if file.problem:
        raise _Refused("malformed", file.problem, SIGN_PORTABLE_AGAIN)
    if file.text is None:
        raise _Refused("unsigned", "it is a signature without the statement that it signs", SIGN_PORTABLE_AGAIN)
    said = _statement(file.text, standing)
    if said.on_behalf:
        raise _Refused("malformed", "a bot signs commits for others, and no files", "have the person sign")
    if portable.path(said) != file.path:
        raise _Refused(
            "malformed",
            f"it lies in another place than its statement says, which is {portable.path(said)}",
            "take the copy out; a sign-off counts for what it names, and for nothing else",
        )
    return said


def _statement(message: bytes, standing: Standing) -> Statement:
    said = statement.parse(message)
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
    return _good_signature(armor, commits.signed_bytes(commit.raw or b""), NAMESPACE, standing)


def _good_signature(
    armor: bytes, payload: bytes, namespace: str, standing: Standing
) -> tuple[tuple[str, Key], Assurance]:
    """The holder of the key that made a good signature, and the assurance."""
    policy = standing.authority.policy
    verdict = sshsig.verify(armor, payload, namespace=namespace)
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


def _file_signature(file: PortableFile, standing: Standing) -> tuple[tuple[str, Key], Assurance]:
    """As for a commit, but never without a signature: a bare file says nothing of who wrote it."""
    if file.signature is None:
        missing = f"its signature {file.path.rpartition('/')[2]}{portable.SIGNATURE} is not beside it"
        raise _Refused("unsigned", missing, SIGN_PORTABLE_AGAIN)
    return _good_signature(file.signature, file.text or b"", portable.NAMESPACE, standing)


def _unknown_key(key: sshsig.PublicKey, standing: Standing) -> str:
    for past in reversed(standing.authorities):
        if key.blob in past.key_holders:
            return f"the key {key.fingerprint} of {past.name(past.key_holders[key.blob][0])} was taken out of the authority"
    return f"the key {key.fingerprint} belongs to nobody in the authority"


def _key_is_live(day: date, key: Key, standing: Standing) -> None:
    """The claimed day lies in the key's period, and time anchors don't show otherwise.

    They do where a time stamp of a later day stood on the mainline before the sign-off landed: a branch from an old
    commit could else be signed, and dated back, with a key that has ended. (A signature that waited so long is made
    again, as after a role was withdrawn.) They do too where a stamp of an earlier day than the key's first contains it.
    Later stamps never turn against a key's last signatures. Revocation goes by the landing day, whatever anchors say.
    """
    if not key.covers(day):
        raise _Refused(
            "expired-key",
            f"the key {key.key.fingerprint} was not in its period on {day}",
            "sign again with a key that is",
        )
    if wrong := _outside(key.from_, key.to, standing):
        raise _Refused(
            "expired-key",
            f"the key {key.key.fingerprint} was not in its period: {wrong}",
            "sign again with a key that is",
        )
    if key.is_revoked(standing.day):
        raise _Refused(
            "revoked-key",
            f"the key {key.key.fingerprint} is revoked since {key.revoked}",
            "sign again with another key",
        )


def _outside(first: date | None, last: date | None, standing: Standing) -> str:
    """What time anchors say against a period; empty where they say nothing."""
    bracket = standing.bracket.widened(LEEWAY)
    if last and bracket.landed_after and bracket.landed_after.date() > last:
        return (
            f"it ended on {last}, and a time stamp shows that this landed after {_utc(standing.bracket.landed_after)}"
        )
    if first and bracket.not_after and bracket.not_after.date() < first:
        return f"it began on {first}, and a time stamp shows that this existed by {_utc(standing.bracket.not_after)}"
    return ""


def _anchored(time: datetime, standing: Standing) -> None:
    """The claimed time lies inside its time-stamp bracket."""
    bracket = standing.bracket.widened(LEEWAY)
    proved = ""
    if bracket.not_before and time < bracket.not_before:
        proved = f"was made after {_utc(standing.bracket.not_before)}"
    elif bracket.not_after and time > bracket.not_after:
        proved = f"existed by {_utc(standing.bracket.not_after)}"
    if proved:
        raise _Refused(
            "outside-anchor",
            f"it claims {_utc(time)}, and a time stamp shows that it {proved}",
            "set the computer's clock and sign again",
        )


def _utc(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"


def _signer(commit: Commit, said: Statement, key: tuple[str, Key] | None, standing: Standing) -> None:
    person = _person(said, key, day_of(commit.committer.time), standing)
    for email in (commit.author.email, commit.committer.email):
        if email not in person.emails:
            raise _Refused(
                "signer-mismatch",
                f"the commit's e-mail <{email}> is not {person.name}'s",
                "sign with your own e-mail in git's settings (user.email)",
            )


def _person(said: Statement, key: tuple[str, Key] | None, day: date, standing: Standing) -> Person:
    """Whom the statement names: the key's holder, who belongs to the programme on the day claimed and on that of landing."""
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
    if not person.is_active(day) or not person.is_active(standing.day):
        raise _Refused(
            "person-not-active",
            f"{person.name} did not belong to the programme on that day",
            "have somebody who does sign",
        )
    if wrong := _outside(person.from_, person.to, standing):
        raise _Refused(
            "person-not-active",
            f"{person.name} did not belong to the programme: {wrong}",
            "have somebody who does sign",
        )
    return person


def _named_authority(said: Statement, standing: Standing) -> Authority:
    for authority in reversed(standing.authorities):
        if authority.digest == said.authority:
            return authority
    raise _Refused("unknown-authority", "it names an authority that was never in force here", SIGN_AGAIN)


def _attested(said: Statement, key: tuple[str, Key] | None, named: Authority, standing: Standing) -> Assurance:
    """A bot speaks for a person with a key that the authority lists under a forge, and holds no role of its own."""
    bot, person = standing.authority.people[said.signer], standing.authority.people.get(said.person)
    if key is None:
        raise _Refused("unsigned", "a bot's word for somebody needs the bot's signature", ATTEST_AGAIN)
    if key[1].key.blob not in named.forge_keys & standing.authority.forge_keys:
        raise _Refused(
            "unknown-key",
            f"the key of {bot.name} is none of a forge that the authority lists, so it can't speak for others",
            "have an admin list the bot's key under forges in policy.yaml, then attest again with `qmdoc attest-forge`",
        )
    if bot.roles:
        raise _Refused(
            "signer-mismatch",
            f"{bot.name} holds roles and can sign for nobody else",
            "give the bot an entry and a key of its own, with `roles: []`, or have the approver sign with `qmdoc sign`",
        )
    if person is None:
        raise _Refused(
            "signer-mismatch",
            f"it is on behalf of `{said.person}`, who is not in the authority",
            "have an admin list the person in people.yaml, then attest again with `qmdoc attest-forge`",
        )
    if not person.is_active(said.time.date()) or not person.is_active(standing.day):
        raise _Refused(
            "person-not-active",
            f"{person.name} did not belong to the programme on that day",
            "have somebody who does approve",
        )
    return Assurance.FORGE


def _reviewed(said: Statement, standing: Standing) -> None:
    """What was reviewed on the forge is an ancestor, and held exactly what is signed."""
    if said.evidence is None:
        return
    head = said.evidence.head
    if not standing.follows(head):
        raise _Refused(
            "subject-mismatch",
            f"the commit {head[:12]} that was reviewed is not part of this history",
            "merge without squash or rebase; otherwise have the approver sign with `qmdoc sign`",
        )
    for subject in said.subjects:
        content = standing.content_at(head, subject.id)
        if content is None or not _equals(subject, content, standing):
            raise _Refused(
                "subject-mismatch",
                f"the commit {head[:12]} that was reviewed holds another text of {subject}",
                "have the text approved as it stands now",
            )


def _role(said: Statement, key: tuple[str, Key] | None, named: Authority, standing: Standing) -> None:
    then, now = named.people.get(said.signer), standing.authority.people[said.signer]
    if then is None or (key is not None and key[1].key.blob not in {each.key.blob for each in then.keys}):
        raise _Refused("role-not-held", f"{now.name} or the key was not in the authority that it names", SIGN_AGAIN)
    if said.meaning is Meaning.TRAINING:
        return
    if said.on_behalf:
        then, now = named.people.get(said.person, then), standing.authority.people[said.person]
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
    _claimed_time(commit, standing)
    if abs(said.time - time) > LEEWAY:
        raise _Refused(
            "time-mismatch",
            f"QM-Time says {said.time:%Y-%m-%d %H:%M} and the commit {time:%Y-%m-%d %H:%M} UTC",
            SIGN_AGAIN,
        )


def _claimed_time(commit: Commit, standing: Standing) -> None:
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


def _portable_time(said: Statement, standing: Standing) -> None:
    """QM-Time is all that a file says of its time: it lies neither ahead, nor before the text that it signs was there.

    Where text and signature land together the text's own landing says nothing: a branch is signed before it is merged.
    """
    if said.time > standing.now + LEEWAY:
        raise _Refused(
            "time-in-future",
            f"it claims {said.time:%Y-%m-%d %H:%M} UTC, which lies ahead",
            "set the computer's clock and sign again",
        )
    for subject in said.subjects:
        there = standing.landed(subject)
        if there is not None and said.time < there - LEEWAY:
            raise _Refused(
                "time-before-parent",
                f"it claims {said.time:%Y-%m-%d %H:%M} UTC, before {subject} was there to be signed ({there:%Y-%m-%d %H:%M})",
                SIGN_PORTABLE_AGAIN,
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
    is_there = False
    for each in standing.earlier(subject.id):  # as they were accepted; what was taken back can't be taken back again
        if each.signer == said.signer and each.signs(subject.id, subject.digest):
            is_there = each.meaning is not Meaning.REVOKE and (
                is_there or each.meaning in (Meaning.REVIEW, Meaning.APPROVAL)
            )
    if not is_there or subject.digest in standing.approved(subject.id):
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
        signer=said.person,
        name=standing.authority.name(said.person),
        attested_by=said.signer if said.on_behalf else "",
        role=said.role,
        meaning=said.meaning,
        subjects=said.subjects,
        authority=said.authority,
        next_review=said.next_review,
        outcome=said.outcome,
        reason=said.reason,
    )


def _as_far_as_readable(sign_off: SignOff, message: bytes) -> SignOff:
    """What a malformed statement names, so that the finding can be filed under its document."""
    rows = statement.block(message)
    subjects = tuple(found for row in rows if (found := statement.subject_in(row)))
    return replace(sign_off, subjects=subjects)
