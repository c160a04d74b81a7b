"""What is signed and with which meaning: the subjects, byte for byte, and whether they can bear that meaning."""

from __future__ import annotations

from qmdoc.controlled import Content
from qmdoc.model import Meaning
from qmdoc.signing import authority as authorities
from qmdoc.signing.standing import SIGN_AGAIN, RuleFails, Standing
from qmdoc.signing.statement import Statement, Subject


def prove_subjects(said: Statement, standing: Standing) -> None:
    """Each subject is, byte for byte, what stood where it was signed, or what this mainline has held."""
    for subject in said.subjects:
        if said.meaning is Meaning.AUTHORITY:
            if subject.digest != standing.authority_digest:
                raise RuleFails(
                    "subject-mismatch", "it signs another authority than the one in its own tree", SIGN_AGAIN
                )
            continue
        if said.meaning in (Meaning.REVIEW, Meaning.APPROVAL):
            content = standing.content(subject.id)
            contents: tuple[Content, ...] = (content,) if content else ()
        else:
            contents = standing.held(subject.id)
        if not any(_equals(subject, content, standing) for content in contents):
            raise RuleFails(
                "subject-mismatch", _other_bytes(said, subject, standing), f"sign {subject} again as it stands now"
            )


def prove_reviewed(said: Statement, standing: Standing) -> None:
    """What was reviewed on the forge is an ancestor, and held exactly what is signed."""
    if said.evidence is None:
        return
    head = said.evidence.head
    if not standing.follows(head):
        raise RuleFails(
            "subject-mismatch",
            f"the commit {head[:12]} that was reviewed is not part of this history",
            "merge without squash or rebase; otherwise have the approver sign with `qmdoc sign`",
        )
    for subject in said.subjects:
        content = standing.content_at(head, subject.id)
        if content is None or not _equals(subject, content, standing):
            raise RuleFails(
                "subject-mismatch",
                f"the commit {head[:12]} that was reviewed holds another text of {subject}",
                "have the text approved as it stands now",
            )


def _equals(subject: Subject, content: Content, standing: Standing) -> bool:
    if content.blob != subject.blob or standing.digest(content) != subject.digest:
        return False
    document = standing.document(subject.id, subject.blob)
    return document is not None and (document.id, document.version) == (subject.id, subject.version)


def is_held(subject: Subject, standing: Standing) -> bool:
    """Whether this mainline has held the text that a subject names."""
    return any(content.blob == subject.blob for content in standing.held(subject.id))


def _other_bytes(said: Statement, subject: Subject, standing: Standing) -> str:
    if said.meaning in (Meaning.REVIEW, Meaning.APPROVAL) and is_held(subject, standing):
        return f"this {said.meaning} of {subject} does not name the text that stood where it was signed; it may be older than the last edit"
    return f"no text of {subject} with this digest stood where it was signed"


def prove_meaning(said: Statement, standing: Standing) -> None:
    """What is signed can bear this meaning where the sign-off lands."""
    for subject in said.subjects:
        if (
            said.meaning in (Meaning.WITHDRAW, Meaning.PERIODIC_REVIEW)
            and standing.effective(subject.id) != subject.digest
        ):
            raise RuleFails("not-effective", f"{subject} was not in force when it landed", "sign the version in force")
        if said.meaning is Meaning.TRAINING and subject.digest not in standing.approved(subject.id):
            raise RuleFails("not-effective", f"{subject} was not approved when it landed", "attest an approved version")
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
        raise RuleFails(
            "nothing-to-revoke",
            f"there is no sign-off of {subject} by this person that could still be taken back",
            "withdraw the document, or raise its version",
        )


def _authority_change(said: Statement, standing: Standing) -> None:
    now, new = standing.authority, standing.pending
    if said.authority != now.digest:
        raise RuleFails("unknown-authority", "the authority has changed since it was signed", SIGN_AGAIN)
    if new is None:
        return
    if authorities.own_entry_changes(said.signer, now, new):
        raise RuleFails(
            "own-entry", f"the change touches {now.name(said.signer)}'s own entry", "have other admins sign it"
        )
    held = set(now.people[said.signer].roles)
    lacking = authorities.roles_granted(now, new) - held
    if lacking and authorities.ROOT not in held:
        raise RuleFails(
            "role-not-granted",
            f"{now.name(said.signer)} does not hold the role `{sorted(lacking)[0]}` that the change gives",
            "have admins sign who hold it, or `root`",
        )
