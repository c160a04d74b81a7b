"""Every sign-off in history counts; one that does not is shown with its person, its commit and the remedy.

Serves signatures that are bound to their record and to one person (us-21cfr11 11.70 and 11.100(a), both confirmed). A refused
sign-off stays in history for ever. It is an error while a version that it names waits for approval and its person has not
signed again (same role, meaning and document), and where it names nothing known. It is a note once the version is in
force, overtaken or withdrawn, once the person has signed again, or once a record under records/deviations/ names its full
commit id (and its path, where the sign-off is a file under records/sign-offs/). The id is `sign-off-` and the code of the rule that failed.

Passes: a sign-off made with `qmdoc sign`.
Fails: a sign-off with another person's e-mail, with a key that nobody listed, or copied onto another text.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import dropwhile, islice

from qmdoc.documents import Document
from qmdoc.model import Finding, Severity, Topic
from qmdoc.register import Register
from qmdoc.saying import said
from qmdoc.signing.acceptance import SignOff
from qmdoc.signing.statement import AUTHORITY_SUBJECT, Subject

ID = "sign-off"
SEVERITY = Severity.ERROR
TOPIC = Topic.SIGN_OFFS
CLAUSES = ("us-21cfr11 11.70", "us-21cfr11 11.100(a)")
CODES = (
    "malformed",
    "changes-files",
    "unsigned",
    "bad-signature",
    "weak-key",
    "wrong-namespace",
    "no-touch",
    "unknown-key",
    "expired-key",
    "revoked-key",
    "signer-mismatch",
    "person-not-active",
    "unknown-authority",
    "role-not-held",
    "assurance-too-low",
    "subject-mismatch",
    "time-before-parent",
    "time-in-future",
    "time-mismatch",
    "outside-anchor",
    "not-effective",
    "nothing-to-revoke",
    "own-entry",
    "role-not-granted",
    "rewritten",
)
IDS = {f"{ID}-{code}": SEVERITY for code in CODES}


def check(register: Register) -> Iterator[Finding]:
    """Every refused sign-off: an error while it matters, a note for ever after."""
    for sign_off in register.ledger.refused:
        done = settled(sign_off, register)
        number = next((each.id for each in sign_off.subjects if each.id != AUTHORITY_SUBJECT), None)
        state = register.state(number) if number else None
        yield Finding(
            check=f"{ID}-{sign_off.code}",
            severity=Severity.NOTE if done else SEVERITY,
            document=number,
            path=state.path if state and state.path else None,
            line=1 if state and state.path else None,
            commit=sign_off.commit,
            message=f"{_what(sign_off)} does not count: {sign_off.explanation}{f' ({done})' if done else ''}",
            fix=f"nothing is left to do: {done}"
            if done
            else f"{sign_off.fix}; a forgery is closed by a record under records/deviations/ that names commit {sign_off.commit}{f' and the file {sign_off.evidence}' if sign_off.evidence else ''}",
            clauses=CLAUSES,
        )


def _what(sign_off: SignOff) -> str:
    who = sign_off.name or sign_off.signer or "somebody unknown"
    how = f" ({sign_off.meaning} as {sign_off.role})" if sign_off.meaning and sign_off.role else ""
    listed = [str(subject) for subject in sign_off.subjects]
    more = f" and {len(listed) - 3} more" if len(listed) > 3 else ""
    of = f" of {', '.join(listed[:3])}{more}" if listed else ""
    commit = f"commit {sign_off.commit[:12]}"
    where = f"{sign_off.evidence} ({commit})" if sign_off.evidence else commit
    return f"the sign-off in {where} by {who}{how}{of}"


def settled(sign_off: SignOff, register: Register) -> str:
    """Why nobody need act on it any more; empty while somebody must."""
    for path, text in sorted(register.deviations.items()):
        if sign_off.commit in text and sign_off.evidence in text:
            return said("closed by %(path)s", path=path)
    if not any(_is_known(subject, sign_off, register) for subject in sign_off.subjects):
        return ""
    later = _later(sign_off, register)
    reasons = [_why_settled(subject, sign_off, later, register) for subject in sign_off.subjects]
    return reasons[0] if all(reasons) else ""


def _later(sign_off: SignOff, register: Register) -> tuple[SignOff, ...]:
    """Accepted sign-offs of the same person, role and meaning that landed after it."""
    rows = dropwhile(lambda each: each is not sign_off, register.sign_offs)
    return tuple(
        each
        for each in islice(rows, 1, None)
        if each.is_accepted
        and (each.signer, each.role, each.meaning) == (sign_off.signer, sign_off.role, sign_off.meaning)
    )


def _why_settled(subject: Subject, sign_off: SignOff, later: tuple[SignOff, ...], register: Register) -> str:
    if any(subject.id == each.id for followed in later for each in followed.subjects):
        return said("the person has signed again")
    if subject.id == AUTHORITY_SUBJECT:
        return "" if _is_pending(subject, register) else said("another authority has come into force since")
    state = register.state(subject.id)
    on_main = state.on_main if state and state.proposed else None
    if isinstance(on_main, Document) and on_main.version == subject.version:
        return ""
    return (
        said("the version that it names no longer waits for approval") if _is_known(subject, sign_off, register) else ""
    )


def _is_known(subject: Subject, sign_off: SignOff, register: Register) -> bool:
    """Whether main has ever held what the sign-off names."""
    ledger = register.ledger
    if subject.id == AUTHORITY_SUBJECT:
        return _is_pending(subject, register) or any(
            period.authority.digest == subject.digest or period.landing > sign_off.landing
            for period in ledger.authorities
        )
    if any(content.blob == subject.blob for content in ledger.held.get(subject.id, ())):
        return True
    state = register.state(subject.id)
    versions = {approval.version for approval in state.approvals} if state else set()
    if state and isinstance(state.on_main, Document):
        versions.add(state.on_main.version)
    return subject.version in versions


def _is_pending(subject: Subject, register: Register) -> bool:
    pending = register.ledger.pending
    return pending is not None and pending.digest == subject.digest
