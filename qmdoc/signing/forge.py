"""Approvals that a forge wrote into a merge of the mainline, signed with its own key (SIGNOFF.md §8).

GitLab writes `Approved-by: Name <mail>` for each approver where the merge template has `%{approved_by}`; its
`Reviewed-by:` only names who commented. Gitea and Forgejo write `Reviewed-by:` for each approver: a forge whose name in
the policy begins with `gitea` or `forgejo` is read so. The name on the line is chosen by its owner and does not count.

The forge signs the message as it stands, and whoever merges may have been able to edit it: that is one reason why
`forge` is less than `signed`. What can be seen of it is refused: an approver named twice, approvals in two places.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from qmdoc import commits
from qmdoc.commits import RawCommit
from qmdoc.model import UNPRINTABLE, Assurance, Commit, Meaning, day_of
from qmdoc.signing import acceptance, sshsig
from qmdoc.signing.acceptance import NAMESPACE, Refusal, SignOff, Standing
from qmdoc.signing.authority import ADMIN, Authority
from qmdoc.signing.statement import Subject

_APPROVED, _REVIEWED = b"approved", b"reviewed"
_ATTEMPT = re.compile(rb"[ \t]*(approved|reviewed)-by[ \t]*:", re.IGNORECASE)
_LINES = {
    _APPROVED: re.compile(r"Approved-by: (?:.* )?<([^<> ]+)>"),
    _REVIEWED: re.compile(r"Reviewed-by: (?:.* )?<([^<> ]+)>"),
}
_ADDRESS = re.compile(r"<([^<>]*)>")
_LONGEST_ADDRESS = 254  # RFC 5321 §4.5.3.1.3, less the angle brackets
_MOST_APPROVERS = 100
_NOT_WELL_FORMED = "the merge's approvals are not well formed"
_SIGN_INSTEAD = "have the approver sign with `qmdoc sign`"


@dataclass(frozen=True, slots=True)
class Merged:
    """A document that a merge changes against its first parent; `is_reviewed`: it equals the second parent's to the byte."""

    subject: Subject
    type: str
    is_reviewed: bool


Seating = Callable[[Merged, tuple[SignOff, ...]], tuple[SignOff, ...]]
"""Which of the sign-offs that could be are among those that fill the most seats of a document."""


@dataclass(frozen=True, slots=True)
class _Approver:
    """Whom a line names: the address, the person where it is known, and why the line does not count."""

    email: str
    person: str | None
    refusal: Refusal | None


@dataclass(frozen=True, slots=True)
class _Attestation:
    """Which forge attests, with which key, and why it proves nothing."""

    forge: str
    key: str | None
    refusal: Refusal | None


def judge(commit: Commit, documents: tuple[Merged, ...], standing: Standing, seating: Seating) -> tuple[SignOff, ...]:
    """One row for each approver and role that a forge's merge names: accepted, or refused with code and remedy.

    `commit` has its raw bytes. Where neither key nor committer was ever a listed forge's, anybody may have typed the
    lines: that makes no row.
    """
    parts = commits.split(commit.raw or b"")
    attestation = _attestation(commit, parts, standing)
    if attestation is None or not documents:
        return ()
    verdicts = [
        (each, each.refusal or attestation.refusal or _refused_person(commit, each, standing))
        for each in _approvers(parts.message, attestation.forge, standing)
    ]
    late = acceptance.time_refusal(commit, standing)
    rows: dict[tuple[str, str, Refusal | None], SignOff] = {}
    sitting = [each.person for each, refusal in verdicts if each.person and refusal is None and late is None]
    for document in documents:
        roles = _roles(document, sitting if document.is_reviewed else [], standing, seating)
        for approver, refusal in verdicts:
            why = (
                refusal
                or _refused_seats(approver, document, standing)
                or (None if document.is_reviewed else _OTHER_TEXT)
                or late
            )
            role = roles.get(approver.person or "") or _usual_role(approver.person, document, standing.authority)
            key = (approver.email, role, why)
            row = rows.get(key) or _row(commit, attestation, approver, standing)
            row = row if why is None else row._replace(code=why.code, explanation=why.explanation, fix=why.fix)
            rows[key] = row._replace(role=role, subjects=(*row.subjects, document.subject))
    return tuple(rows.values())


_OTHER_TEXT = Refusal(
    "subject-mismatch",
    "the merge holds another text than the branch that was reviewed, so nobody approved it",
    "bring the target branch into the branch, have it approved and merged again, or sign with `qmdoc sign`",
)


def _row(commit: Commit, attestation: _Attestation, approver: _Approver, standing: Standing) -> SignOff:
    return SignOff(
        commit=commit.id,
        landing=standing.landing,
        day=standing.day,
        time=commit.committer.moment,
        signer=approver.person or "",
        name=standing.authority.name(approver.person) if approver.person else f"<{approver.email}>",
        meaning=Meaning.APPROVAL,
        assurance=Assurance.FORGE if attestation.refusal is None else Assurance.RECORDED,
        key=attestation.key,
        authority=standing.authority.digest,
        attested_by=attestation.forge,
        not_independent=_not_independent(commit, approver.person, standing),
    )


def _attestation(commit: Commit, parts: RawCommit, standing: Standing) -> _Attestation | None:
    signatures = parts.values(b"gpgsig") + parts.values(b"gpgsig-sha256")
    armor = signatures[0] + b"\n" if signatures else b""  # the header leaves out the armor's own last line end
    verdict = sshsig.verify(armor, commits.signed_bytes(commit.raw or b""), namespace=NAMESPACE)
    forge = _forge(commit, verdict.key, standing)
    if forge is None:
        return None
    refusal = _refused_merge(commit, parts, standing) or _refused_key(verdict, standing)
    return _Attestation(forge, verdict.key.fingerprint if verdict.key and refusal is None else None, refusal)


def _forge(commit: Commit, key: sshsig.PublicKey | None, standing: Standing) -> str | None:
    """The forge's name in the policy, by its key or else by its address; the authority in force comes first."""
    forges = [(name, forge) for past in reversed(standing.authorities) for name, forge in past.policy.forges.items()]
    by_key = (name for name, forge in forges if key and key.blob in {each.blob for each in forge.keys})
    by_address = (name for name, forge in forges if commit.committer.email in forge.committers)
    return next(by_key, None) or next(by_address, None)


def _refused_merge(commit: Commit, parts: RawCommit, standing: Standing) -> Refusal | None:
    expected = b"gpgsig" if len(commit.id) == 40 else b"gpgsig-sha256"
    if [name for name, _ in parts.headers if name.startswith(b"gpgsig")] not in ([], [expected]):
        return Refusal("malformed", "the merge carries more than one signature, or one of another kind", _SIGN_INSTEAD)
    if len(commit.parents) < 2:
        return Refusal(
            "rewritten",
            "the forge squashed or rebased what was approved, so the commits that were reviewed are gone",
            f"merge with a merge commit, or {_SIGN_INSTEAD}",
        )
    if len(commit.parents) > 2:
        return Refusal(
            "malformed",
            "the merge joins more than two branches, so nobody can say which one was approved",
            f"merge one branch at a time, or {_SIGN_INSTEAD}",
        )
    return None


def _refused_key(verdict: sshsig.Verified | sshsig.Refused, standing: Standing) -> Refusal | None:
    authority = standing.authority
    if isinstance(verdict, sshsig.Refused):
        fix = f"have the forge sign its merges with an SSH key that the policy lists under forges, or {_SIGN_INSTEAD}"
        what = "the forge's merge is not signed" if verdict.fault is sshsig.Fault.UNSIGNED else verdict.reason
        return Refusal(str(verdict.fault), what, fix)
    if verdict.key.blob not in authority.forge_keys:
        what = f"the key {verdict.key.fingerprint} of the merge is none of a forge that the authority lists"
        return Refusal("unknown-key", what, f"have an admin list the forge's key in policy.yaml, or {_SIGN_INSTEAD}")
    holder = authority.key_holders.get(verdict.key.blob)
    if holder and authority.people[holder[0]].roles:
        what = f"the key of the merge is {authority.name(holder[0])}'s own, and attests nothing for others"
        return Refusal("signer-mismatch", what, f"give the forge a key of its own, or {_SIGN_INSTEAD}")
    return None


def _approvers(message: bytes, forge: str, standing: Standing) -> list[_Approver]:
    """Everybody whom a line of the message names, each once for each reason, in order."""
    word = _REVIEWED if forge.startswith(("gitea", "forgejo")) else _APPROVED
    good: list[tuple[int, str]] = []
    bad: list[tuple[str, str]] = []
    for number, line in enumerate(message.split(b"\n")):
        found = next((match for piece in line.split(b"\r") if (match := _ATTEMPT.match(piece))), None)
        if found is None or (forge.startswith("gitlab") and found[1].lower() == _REVIEWED):
            continue
        email = _address(line, word)
        if found[1].lower() != word:
            bad.append((_seeming(line), f"`{found[1].decode()}-by:` names no approver on the forge `{forge}`"))
        elif number == 0 or email is None:
            form = f"{word.decode().title()}-by: Name <mail>"
            bad.append((_seeming(line), f"a line of it is not just `{form}`, below the title"))
        else:
            good.append((number, email))
    if len(good) + len(bad) > _MOST_APPROVERS:
        good, bad = [], [("?", f"it names more than {_MOST_APPROVERS} approvers")]
    rows = [*_alone(good, [email for email, _ in bad], standing)]
    rows += [_approver(email, standing, f"{_NOT_WELL_FORMED}: {problem}") for email, problem in bad]
    return list(dict.fromkeys(rows))


def _address(line: bytes, word: bytes) -> str | None:
    """The address that decides: the last on a line with nothing behind it; lower case, of ASCII letters only."""
    try:
        text = line.decode("utf-8")
    except UnicodeDecodeError:
        return None
    match = None if UNPRINTABLE.search(text) or "\t" in text else _LINES[word].fullmatch(text)
    return match[1].encode().lower().decode() if match and len(match[1]) <= _LONGEST_ADDRESS else None


def _seeming(line: bytes) -> str:
    """Whom a line that does not count seems to name, so that it can be shown; never more than can be shown safely."""
    last = (_ADDRESS.findall(line.decode("utf-8", "backslashreplace")) or ["?"])[-1].lower()
    return "?" if UNPRINTABLE.search(last) or len(last) > _LONGEST_ADDRESS else last


def _alone(named: list[tuple[int, str]], besides: list[str], standing: Standing) -> Iterator[_Approver]:
    """Approvers whose lines stand together, each named once; a second line or a second place was typed by somebody."""
    holders = standing.authority.email_holders
    is_together = not named or named[-1][0] - named[0][0] == len(named) - 1
    times = Counter(holders.get(email, email) for email in (*(email for _, email in named), *besides))
    once: dict[str, str] = {}
    for _, email in named:
        once.setdefault(holders.get(email, email), email)
    for email in once.values():
        problem = "" if is_together else "its approvals stand in two places, and one of them was typed by somebody"
        if times[holders.get(email, email)] > 1:
            problem = "it names the approver twice, and one line was typed by somebody"
        yield _approver(email, standing, f"{_NOT_WELL_FORMED}: {problem}" if problem else "")


def _approver(email: str, standing: Standing, problem: str) -> _Approver:
    refusal = Refusal("malformed", problem, _SIGN_INSTEAD) if problem else None
    return _Approver(email, standing.authority.email_holders.get(email), refusal)


def _refused_person(commit: Commit, approver: _Approver, standing: Standing) -> Refusal | None:
    authority = standing.authority
    if approver.person is None:
        what = f"it names <{approver.email}>, who is nobody in the authority"
        return Refusal("signer-mismatch", what, f"have an admin list the address in people.yaml; then {_SIGN_INSTEAD}")
    person = authority.people[approver.person]
    days = (day_of(commit.committer.time), standing.day)
    if away := next((day for day in days if not person.is_active(day)), None):
        what = f"{person.name} did not belong to the programme on {away}"
        return Refusal("person-not-active", what, "have somebody sign who does")
    if not _held(approver.person, authority):
        what = f"{person.name} holds no role in which to approve"
        return Refusal("role-not-held", what, "have a holder of a role sign")
    asked = authority.policy.assurance
    if Assurance.FORGE.rank < asked.rank:
        return Refusal(
            "assurance-too-low", f"it is `{Assurance.FORGE}`, and the policy asks for `{asked}`", _SIGN_INSTEAD
        )
    return None


def _roles(document: Merged, people: list[str], standing: Standing, seating: Seating) -> dict[str, str]:
    """The role of each person who gets a seat: one seat for a person, and as many seats as can be."""
    wanted = _wanted(document, standing.authority)
    might_be = tuple(
        SignOff(
            commit="",
            landing=standing.landing,
            day=standing.day,
            time=standing.now,
            signer=person,
            name=standing.authority.name(person),
            role=role,
            meaning=Meaning.APPROVAL,
            subjects=(document.subject,),
            assurance=Assurance.FORGE,
        )
        for person in people
        for role in _held(person, standing.authority)
        if role in wanted
    )
    return {each.signer: each.role for each in seating(document, might_be) if each in might_be}


def _refused_seats(approver: _Approver, document: Merged, standing: Standing) -> Refusal | None:
    """Every seat that the approver could fill for a document asks for more than a forge's word."""
    policy = standing.authority.policy
    held = _held(approver.person, standing.authority) if approver.person else []
    levels = [policy.asked(seat) for seat in policy.seats(document.type, Meaning.APPROVAL) if seat.role in held]
    if not levels or any(level.rank <= Assurance.FORGE.rank for level in levels):
        return None
    least = min(levels, key=lambda level: level.rank)
    what = f"it is `{Assurance.FORGE}`, and the seat that {standing.authority.name(approver.person or '')} could fill for {document.subject} asks for `{least}`"
    return Refusal("assurance-too-low", what, _SIGN_INSTEAD)


def _usual_role(person: str | None, document: Merged, authority: Authority) -> str:
    """The role of somebody who gets no seat: one with a seat for such documents where there is one."""
    held = _held(person, authority) if person else []
    return next((role for role in held if role in _wanted(document, authority)), held[0] if held else "")


def _wanted(document: Merged, authority: Authority) -> set[str]:
    return {seat.role for seat in authority.policy.seats(document.type, Meaning.APPROVAL)}


def _held(person: str, authority: Authority) -> list[str]:
    return [role for role in authority.people[person].roles if role != ADMIN]


def _not_independent(commit: Commit, person: str | None, standing: Standing) -> str:
    """Why an approver is not independent of the merge: they made it, or nobody can tell whether they did."""
    listed = {email for past in standing.authorities for email in past.forge_committers}
    mergers = [email for email in (commit.author.email, commit.committer.email) if email not in listed]
    for email in (*mergers, *commit.co_authors):
        people = {past.email_holders.get(email) for past in standing.authorities} - {None}
        if person in people:
            return "merged it, or stands in the merge as its co-author"
        if not people and email in mergers:
            return f"can't be told from <{email}>, who merged it and whom the authority does not list"
    return ""
