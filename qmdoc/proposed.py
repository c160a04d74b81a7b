"""What a change proposes, before anybody merges it: which documents, what differs, and what it will ask of whom.

Judged against what is in force where the change begins; nothing here is approved, and nothing that a signature would
prove is claimed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from qmdoc import controlled, documents, drafts, redline, training
from qmdoc.controlled import Holdings
from qmdoc.documents import ChangeSize, Document, Unreadable
from qmdoc.model import Commit, Finding, History, Meaning, Objects
from qmdoc.redline import Edition, Redline, Sized
from qmdoc.register import Register, State
from qmdoc.saying import said
from qmdoc.signing.authority import Authority, Seat
from qmdoc.training import attestation
from qmdoc.training.duties import is_at
from qmdoc.training.nouns import Asking


@dataclass(frozen=True, slots=True)
class Asked:
    """A seat that the change will have to fill, and the printed names of those who could; `others` may not."""

    seat: Seat
    could_sign: tuple[str, ...]
    others: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Reading:
    """Who will be asked to read it again: the roles, within how many days, and how many people hold them today."""

    training: Asking
    people: int
    why: str


@dataclass(frozen=True, slots=True)
class Proposed:
    """One document that a change touches: `old` is what is in force, else what main holds; `new` what would stand there.

    `attachments` are the new text's files by name. `unknown` are e-mail addresses of its editors whom nobody lists.
    `not_printed` says why no PDF could be made of it, where that was tried: then no manual could be made either.
    """

    id: str
    title: str
    path: str
    old: Document | None
    new: Document | Unreadable | None
    is_in_force: bool
    redline: Redline | None
    sized: Sized | None
    asked: tuple[Asked, ...]
    reading: Reading | None
    unknown: tuple[str, ...]
    attachments: Mapping[str, bytes]
    not_printed: str = ""


@dataclass(frozen=True, slots=True)
class Change:
    """All that a change proposes; `findings` are new with it, `mended` are gone with it."""

    programme: str
    base: str
    head: str
    as_of: date
    documents: tuple[Proposed, ...]
    authority_signatures: int
    others: tuple[str, ...]
    findings: tuple[Finding, ...]
    mended: tuple[Finding, ...]


def change(register: Register, head: History, objects: Objects) -> Change:
    """What the commits of `head` propose that the register's own mainline does not have."""
    known = _behind(head, [landing.commit for landing in register.ledger.landings])
    commits = [commit for commit in head.commits.values() if commit.id not in known]
    before = register.ledger.holdings
    after = controlled.holdings(objects, head.commits[head.tip].tree, since=before)
    edits = _edits(commits, head)
    touched = {number for path in edits if (number := controlled.owner_of(path))}
    changed = sorted(number for number in touched if before.content(number) != after.content(number))
    was, now = (_draft_findings(held, register, objects) for held in (before, after))
    return Change(
        programme=register.authority.policy.programme,
        base=register.ledger.tip,
        head=head.tip,
        as_of=register.as_of,
        documents=tuple(_proposed(number, register, after, objects, _editors(number, edits)) for number in changed),
        authority_signatures=register.authority.policy.authority_quorum if before.authority != after.authority else 0,
        others=tuple(
            sorted(path for path in edits if _is_other(path) and before.files.get(path) != after.files.get(path))
        ),
        findings=tuple(each for each in now if _key(each) not in {_key(old) for old in was}),
        mended=tuple(each for each in was if _key(each) not in {_key(new) for new in now}),
    )


def _behind(history: History, mainline: list[str]) -> set[str]:
    """All that the mainline had already, as far as the proposed history reaches it."""
    found: set[str] = set()
    waiting = list(mainline)
    while waiting:
        commit = history.commits.get(waiting.pop())
        if commit is not None and commit.id not in found:
            found.add(commit.id)
            waiting.extend(commit.parents)
    return found


def _edits(commits: list[Commit], history: History) -> dict[str, tuple[Commit, ...]]:
    """The paths that the new commits changed, each with those who changed it; a merge edits nothing by itself."""
    edits: dict[str, tuple[Commit, ...]] = {}
    for commit in commits:
        for each in history.changes.get(commit.id, ()) if len(commit.parents) < 2 else ():
            edits[each.path] = (*edits.get(each.path, ()), commit)
    return edits


def _editors(number: str, edits: Mapping[str, tuple[Commit, ...]]) -> frozenset[str]:
    """The e-mail addresses of all who stand in the commits that changed a document."""
    commits = [commit for path, rows in edits.items() if controlled.owner_of(path) == number for commit in rows]
    return frozenset(email for each in commits for email in (each.author.email, each.committer.email, *each.co_authors))


def _is_other(path: str) -> bool:
    is_authority = path.startswith(controlled.AUTHORITY)
    return path.startswith(controlled.TOP) and not is_authority and controlled.owner_of(path) is None


def _proposed(number: str, register: Register, after: Holdings, objects: Objects, emails: frozenset[str]) -> Proposed:
    state, file = register.state(number), after.document(number)
    old = _old(state)
    new = documents.read(objects, file.path, file.blob) if file and file.is_plain else None
    attached = {each.path.rpartition(f"/{number}/")[2]: each.blob for each in after.attached(file.path)} if file else {}
    found = _redline(state, old, new, attached) if isinstance(new, Document) else None
    sized = redline.size(found) if found else None
    authors = frozenset(
        person for email in emails if (person := register.authority.email_holders.get(email)) is not None
    )
    return Proposed(
        id=number,
        title=new.title if isinstance(new, Document) else old.title if old else number,
        path=file.path if file else state.path if state else "",
        old=old,
        new=new,
        is_in_force=bool(state and state.effective),
        redline=found,
        sized=sized,
        asked=_asked(new, register, authors) if isinstance(new, Document) else (),
        reading=_reading(new, sized, register) if isinstance(new, Document) else None,
        unknown=tuple(sorted(emails - register.authority.email_holders.keys())),
        attachments={name: objects.blob(blob) for name, blob in sorted(attached.items())},
    )


def _old(state: State | None) -> Document | None:
    return state.document if state else None


def _redline(state: State | None, old: Document | None, new: Document, attached: Mapping[str, str]) -> Redline | None:
    if state is None or old is None:
        return None
    before = dict(state.effective.content.names) if state.effective else {}
    before.pop(".", None)
    return redline.between(Edition(old, before if state.effective else attached), Edition(new, attached))


def _asked(new: Document, register: Register, authors: frozenset[str]) -> tuple[Asked, ...]:
    policy = register.authority.policy
    return tuple(
        Asked(seat, *_candidates(seat, register.authority, authors, register.as_of))
        for seat in policy.seats(new.type, Meaning.REVIEW, Meaning.APPROVAL)
    )


def _candidates(
    seat: Seat, authority: Authority, authors: frozenset[str], day: date
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    holders = {
        number: person.name
        for number, person in sorted(authority.people.items())
        if seat.role in person.roles and person.is_active(day)
    }
    barred = authors if seat.independent else frozenset()
    return (
        tuple(name for number, name in holders.items() if number not in barred),
        tuple(name for number, name in holders.items() if number in barred),
    )


def _reading(new: Document, sized: Sized | None, register: Register) -> Reading | None:
    asked = training.asking(new, register.authority.policy)
    if asked is None:
        return None
    is_major = sized is None or sized.size is ChangeSize.MAJOR
    if not is_major and new.front_matter.change is not ChangeSize.MAJOR:
        return None
    if sized is None:
        why: str = said("a new document")
    else:
        why = attestation.lines(tuple(each.told for each in sized.reasons)) if is_major else said("its author says so")
    roles, sites = set(asked.roles), set(new.front_matter.sites)
    there = training.of(register).people.on(register.as_of)
    people = [each for each in there if roles & set(each.roles) and is_at(each, sites)]
    return Reading(asked, len(people), why)


def _draft_findings(held: Holdings, register: Register, objects: Objects) -> tuple[Finding, ...]:
    files = {path: (file.mode, objects.blob(file.blob)) for path, file in held.files.items() if file.is_plain}
    return drafts.judge(files, today=register.as_of, is_strict=False, texts=register.texts).findings


def _key(finding: Finding) -> tuple[str, str | None, str]:
    return finding.check, finding.document or finding.path, finding.message
