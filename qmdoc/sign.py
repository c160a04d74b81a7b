"""Signing: what is about to be signed, shown and judged by the whole of SIGNOFF.md §3 before the commit is made.

A slip can't be taken back once it is in history, so whatever would be refused later is refused now, with the reason.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from qmdoc import audit, before_signing, commits, documents, git, place, walk, work_tree
from qmdoc.audit import Request
from qmdoc.chronicle import Chronicle, Writer
from qmdoc.controlled import Digests
from qmdoc.documents import Document
from qmdoc.errors import QmdocError, RefusedToSign
from qmdoc.ledger import EmptySeat, Ledger, PendingAuthority, Proposal
from qmdoc.model import NOT_ON_A_LINE, Assurance, History, Meaning, Objects, Outcome, WorkTreeFile
from qmdoc.own_git import OwnGit
from qmdoc.own_ssh import OwnSsh, Signer
from qmdoc.signing import portable, statement
from qmdoc.signing.acceptance import SignOff
from qmdoc.signing.authority import ADMIN, Authority
from qmdoc.signing.intent import Intent, Made
from qmdoc.signing.portable import PortableFile
from qmdoc.signing.statement import AUTHORITY_SUBJECT, Statement, Subject

READER = "reader"
"""The role in which somebody without any says that they have read a document: everybody listed may (SIGNOFF.md §3)."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What the signer asks for; what is left out is worked out from the authority and the documents."""

    numbers: tuple[str, ...]
    role: str | None = None
    meaning: Meaning = Meaning.APPROVAL
    reason: str | None = None
    outcome: Outcome | None = None
    next_review: date | None = None
    is_portable: bool = False


def sign(request: Request, wish: Wish, agree: Callable[[Intent], bool]) -> Made | None:
    """Makes one sign-off commit on the branch that is checked out, once `agree` has seen it and said yes.

    A portable one is written as two files into the work tree instead, for a forge that only squashes.

    None: the signer said no. Raises RefusedToSign with the rule that would be broken, and what `audit` raises.
    """
    top = place.find(request.repository)
    own = OwnGit(top, request.environment)
    if not wish.is_portable:
        own.prove_on_a_branch()
    name, email = own.identity()
    with git.Repository(top, request.environment) as repository:
        history = repository.read()
        stage = walk.rehearsal(history, repository, now=request.now, trust_root=audit.trust_root(request))
        signer = _signer(stage.ledger.authority, email)
        said = draw_up(wish, signer, stage.ledger, repository, moment_to_sign(request, history))
        writer = Writer(name, email, int(said.time.timestamp()))
        prove_it_would_stand(stage, _before_signature(stage, history, said, None if wish.is_portable else writer), said)
        intent = Intent(
            said,
            stage.ledger.authority.name(signer),
            before_signing.shown(said, stage.ledger, repository, on_disk=_on_disk(said, stage.ledger, top)),
            before_signing.clocks(history.commits[history.tip].committer.moment, request.now),
        )
        if not agree(intent):
            return None
        if wish.is_portable:
            return _portable(said, stage, own)
        parent = history.commits[history.tip]
        is_signed = stage.ledger.authority.policy.assurance is not Assurance.RECORDED or (
            own.names_a_key() and own.signs_with_ssh()
        )
        made = own.sign_off(parent.id, parent.tree, statement.write(said), said.time, is_signed=is_signed)
        verdict = stage.judge(commits.parse(made, repository.commit(made)), before_signature=False)
        if not verdict.is_accepted:
            raise RefusedToSign(
                f"your sign-off would be refused ({verdict.code}): {verdict.explanation}", fix=verdict.fix
            )
        own.advance(made, parent.id)
    return Made(verdict, still_missing(request, wish))


def _signer(authority: Authority, email: str) -> str:
    person = authority.email_holders.get(email)
    if person is None:
        raise RefusedToSign(
            f"your e-mail address <{email}> stands under nobody in the authority",
            fix="set git's user.email to the address that people.yaml has, or have an admin list you",
        )
    return person


def moment_to_sign(request: Request, history: History) -> datetime:
    """The time to sign with: now, and not before the commit that is followed."""
    parent = history.commits[history.tip].committer.moment
    now = request.now.astimezone(UTC).replace(microsecond=0)
    return max(now, parent) if parent - now < timedelta(minutes=5) else now


def draw_up(wish: Wish, signer: str, ledger: Ledger, objects: Objects, moment: datetime) -> Statement:
    """The statement that a wish comes to. Raises RefusedToSign where it comes to none."""
    if wish.numbers == (AUTHORITY_SUBJECT,):
        wish = replace(wish, meaning=Meaning.AUTHORITY)
    subjects = _subjects(wish, ledger, objects)
    role = wish.role or _role(wish, signer, ledger, subjects)
    authority = ledger.authority
    title = statement.title(subjects, wish.meaning, authority.name(signer), role)
    said = Statement(title, authority.policy.sentence(wish.meaning), signer, role, wish.meaning, authority.digest, moment, subjects,
                     wish.next_review, wish.outcome, _reason(wish))  # fmt: skip
    found = statement.parse(statement.write(said).encode("utf-8", "surrogateescape"))
    if isinstance(found, statement.Malformed):
        raise RefusedToSign(f"this makes no valid statement: {found.problem}", fix="correct the options")
    return said


def _reason(wish: Wish) -> str | None:
    """Why, in one line. Raises RefusedToSign where it is missing or no such line."""
    reason = (wish.reason or "").strip()
    if not reason and wish.meaning in (Meaning.WITHDRAW, Meaning.REVOKE):
        raise RefusedToSign(
            f"`{wish.meaning}` needs a reason", fix='add --reason "…", one line that an inspector will read'
        )
    if NOT_ON_A_LINE.search(reason):
        raise RefusedToSign(
            "the reason holds a line end, or a character that can't be seen", fix="give it as one line of plain text"
        )
    return reason or None


def _subjects(wish: Wish, ledger: Ledger, objects: Objects) -> tuple[Subject, ...]:
    if wish.meaning is Meaning.AUTHORITY or AUTHORITY_SUBJECT in wish.numbers:
        return (_authority_subject(wish, ledger),)
    digests = Digests(objects)
    return tuple(_subject(number, wish, ledger, objects, digests) for number in dict.fromkeys(wish.numbers))


def _authority_subject(wish: Wish, ledger: Ledger) -> Subject:
    if wish.numbers != (AUTHORITY_SUBJECT,) or wish.meaning not in (Meaning.AUTHORITY, Meaning.APPROVAL):
        raise RefusedToSign(
            f"the authority is signed alone, with the meaning `{Meaning.AUTHORITY}`",
            fix=f"qmdoc sign {AUTHORITY_SUBJECT} --meaning {Meaning.AUTHORITY}",
        )
    if ledger.pending is None:
        raise RefusedToSign(
            "the authority on this branch is the one in force; there is nothing to sign",
            fix="change the files under sops/authority/ first",
        )
    if ledger.pending.problems or not isinstance(ledger.pending.authority, Authority) or ledger.pending.digest is None:
        raise RefusedToSign(
            "the authority on this branch can't be read, or may not follow the one in force",
            fix="run qmdoc check and mend what it names",
        )
    return Subject(AUTHORITY_SUBJECT, None, "", ledger.pending.digest)


def _subject(number: str, wish: Wish, ledger: Ledger, objects: Objects, digests: Digests) -> Subject:
    """What is signed: the text on the branch for a review or approval, the version in force for the rest."""
    effective = ledger.effective(number, max(ledger.landings[-1].day, ledger.now.date()))
    if wish.meaning in (Meaning.PERIODIC_REVIEW, Meaning.WITHDRAW, Meaning.TRAINING):
        if effective is None:
            raise RefusedToSign(f"no version of {number} is in force", fix="check the number with `qmdoc check`")
        return Subject(number, effective.version, effective.content.blob, effective.digest)
    paths = ledger.holdings.documents.get(number, ())
    content = ledger.holdings.content(number)
    if len(paths) > 1:
        raise RefusedToSign(
            f"{len(paths)} files hold {number}: {' and '.join(paths)}",
            fix="keep the number for one of them, and give the others numbers never used before",
        )
    if content is None:
        raise RefusedToSign(
            f"there is no document {number} on this branch", fix="check the number, and that the document is committed"
        )
    document = documents.parse(paths[0], objects.blob(content.blob))
    digest = digests.document(content)
    if not isinstance(document, Document) or digest is None:
        raise RefusedToSign(
            f"{paths[0]} can't be signed: it can't be read, or a file of it is no plain file",
            fix="run qmdoc check and mend what it names",
        )
    return Subject(number, document.version, content.blob, digest)


def _role(wish: Wish, signer: str, ledger: Ledger, subjects: tuple[Subject, ...]) -> str:
    """The role to sign in, where it is plain: the one that an empty seat asks for, or the only one."""
    if subjects[0].id == AUTHORITY_SUBJECT:
        return ADMIN
    held = [role for role in ledger.authority.people[signer].roles if role != ADMIN]
    proposals = [ledger.proposals[subject.id] for subject in subjects if subject.id in ledger.proposals]
    wanted = {
        empty.seat.role
        for proposal in proposals
        for empty in proposal.empty_seats
        if empty.seat.meaning is wish.meaning
    }
    fitting = [role for role in held if role in wanted] or held
    if wish.meaning is Meaning.TRAINING:
        return held[0] if held else READER
    if not held:
        raise RefusedToSign(
            f"{ledger.authority.name(signer)} holds no role in which documents are signed",
            fix="have a holder of a role sign, or have the admins give the role in people.yaml",
        )
    if len(fitting) != 1:
        raise RefusedToSign(
            f"it is not plain in which role {ledger.authority.name(signer)} signs, who holds: {', '.join(held)}",
            fix="name one with --role (in the JSON of a review: `role`)",
        )
    return fitting[0]


def _portable(said: Statement, stage: walk.Rehearsal, own: OwnGit) -> Made:
    """Signs the statement as a file with the person's own key, and puts it with its signature into the work tree."""
    if own.setting("core.bare") == "true":
        raise RefusedToSign("this repository has no work tree to put the files into", fix="sign in an ordinary clone")
    key = own.signing_key()
    if not key:
        raise RefusedToSign(
            "git's settings name no key to sign with", fix="make one with `qmdoc keys new`, which says what to set"
        )
    signer = Signer(own.setting("gpg.ssh.program", kind="path") or "ssh-keygen", key)
    path, text = portable.path(said), statement.write(said).encode()
    signature = OwnSsh(own.environment).sign(text, signer, namespace=portable.NAMESPACE, at=own.top)
    verdict = stage.judge_portable(PortableFile(path, text, signature), said.time, before_signature=False)
    if not verdict.is_accepted:
        raise RefusedToSign(f"your sign-off would be refused ({verdict.code}): {verdict.explanation}", fix=verdict.fix)
    files = {path: text, f"{path}{portable.SIGNATURE}": signature}
    own.place(files)
    return Made(verdict, (), tuple(files))


def _before_signature(stage: walk.Rehearsal, history: History, said: Statement, writer: Writer | None) -> SignOff:
    """The verdict of every rule but the signature's own, on the commit as it would be; without a writer, on the file."""
    if writer is None:
        file = PortableFile(portable.path(said), statement.write(said).encode(), None)
        return stage.judge_portable(file, said.time, before_signature=True)
    parent = history.commits[history.tip]
    chronicle = Chronicle(hash_name="sha1" if len(parent.id) == 40 else "sha256")
    made = chronicle.commit(parent.tree, (parent.id,), (writer, writer), statement.write(said))
    return stage.judge(commits.parse(made, chronicle.objects[made][1]), before_signature=True)


def prove_it_would_stand(stage: walk.Rehearsal, verdict: SignOff, said: Statement) -> None:
    """Refuses what would be refused later, and what could never help."""
    if not verdict.is_accepted:
        raise RefusedToSign(f"your sign-off would be refused ({verdict.code}): {verdict.explanation}", fix=verdict.fix)
    if said.meaning in (Meaning.APPROVAL, Meaning.REVIEW):
        for subject in said.subjects:
            _would_count(stage, subject, said, verdict)
    pending = stage.ledger.pending
    if said.meaning is Meaning.AUTHORITY and pending and said.signer in pending.signed_by:
        raise RefusedToSign(
            f"you have signed this authority already; it waits for {_more_admins(pending)}",
            fix="have another admin sign it",
        )


def _would_count(stage: walk.Rehearsal, subject: Subject, said: Statement, verdict: SignOff) -> None:
    """An approval that could never help is refused too: nothing is to be approved, or something bars it."""
    proposal = stage.ledger.proposals.get(subject.id)
    if proposal is None:
        raise RefusedToSign(
            f"{subject} is approved already",
            fix="nothing is to be done; for its periodic review add --meaning periodic-review",
        )
    if proposal.obstacles:
        raise RefusedToSign(
            f"{subject} can't be approved: {proposal.obstacles[0]}", fix="mend the text and commit it, then sign"
        )
    if stage.fills(subject.id, verdict):
        return
    open_seats = ", ".join(_seat_words(empty) for empty in proposal.empty_seats)
    own = (said.person, said.role, said.meaning)
    if any((each.signer, each.role, each.meaning) == own for each in proposal.sign_offs):
        raise RefusedToSign(
            f"{stage.ledger.authority.name(said.person)} has signed {subject} already; it waits for: {open_seats}",
            fix="have another holder of such a role sign",
        )
    seats = [
        empty.seat
        for empty in proposal.empty_seats
        if (empty.seat.role, empty.seat.meaning) == (said.role, said.meaning)
    ]
    if not seats:
        raise RefusedToSign(
            f"{subject} has no empty seat for `{said.role}` {said.meaning}; it waits for: {open_seats}",
            fix="have a holder of such a role sign, or name the right --role and --meaning",
        )
    is_barred = all(seat.independent for seat in seats) and (
        said.person in proposal.authors or proposal.unknown_editors
    )
    if is_barred:
        raise RefusedToSign(
            _why_barred(proposal, subject, said.on_behalf or "you"),
            fix="have the admins list the editor in people.yaml (`roles: []` is enough), then sign"
            if proposal.unknown_editors
            else "have somebody sign who did not write this version",
        )


def _why_barred(proposal: Proposal, subject: Subject, who: str) -> str:
    if proposal.unknown_editors:
        return f"{subject} was edited by <{proposal.unknown_editors[0]}>, whom the authority does not list, so nobody can be shown to be independent"
    return f"{who} wrote {subject} or a part of it, and the seat asks for somebody independent"


def _seat_words(empty: EmptySeat) -> str:
    return f"{empty.seat.role} {empty.seat.meaning}"


def still_missing(request: Request, wish: Wish) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """What each signed document still waits for, read afresh from what is now in the repository.

    Raises QmdocError, which says that the sign-off stands all the same: who thinks otherwise would sign twice.
    """
    try:
        register = audit.register_of(request)
    except (KeyboardInterrupt, QmdocError, OSError) as error:
        why = f": {error.message}" if isinstance(error, QmdocError) else ""
        raise QmdocError(
            f"the sign-off is made and stands on the branch, but what is still missing could not be read{why}",
            fix="do not sign again; `qmdoc check` says what is missing",
        ) from error
    if wish.numbers == (AUTHORITY_SUBJECT,):
        pending = register.ledger.pending
        return ((AUTHORITY_SUBJECT, (_more_admins(pending),) if pending else ()),)
    states = [state for number in dict.fromkeys(wish.numbers) if (state := register.state(number))]
    return tuple(
        (state.id, tuple(str(empty) for empty in state.proposed.empty_seats) if state.proposed else ())
        for state in states
    )


def _more_admins(pending: PendingAuthority) -> str:
    left = pending.quorum - len(pending.signed_by)
    return f"{left} more admin{'s' * (left != 1)}"


def _on_disk(said: Statement, ledger: Ledger, top: Path) -> tuple[WorkTreeFile, ...]:
    files = before_signing.files(said, ledger)
    return work_tree.differences(top, files) if files else ()
