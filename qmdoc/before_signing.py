"""What a signer sees before signing: each subject, what changed since what is in force, and what to beware of."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from qmdoc import commits, controlled, documents
from qmdoc.documents import Document
from qmdoc.ledger import Ledger
from qmdoc.model import UNPRINTABLE, File, Meaning, Objects, WorkTreeFile, add_months
from qmdoc.signing.acceptance import LEEWAY
from qmdoc.signing.authority import Authority
from qmdoc.signing.intent import Shown
from qmdoc.signing.statement import AUTHORITY_SUBJECT, Statement, Subject


def files(said: Statement, ledger: Ledger) -> list[File]:
    """The committed files that a statement signs as they stand on the branch; none where it names what is in force."""
    if said.meaning is Meaning.AUTHORITY:
        return list(ledger.holdings.authority)
    if said.meaning not in (Meaning.REVIEW, Meaning.APPROVAL):
        return []
    texts = [file for subject in said.subjects if (file := ledger.holdings.document(subject.id))]
    return [*texts, *(file for text in texts for file in ledger.holdings.attached(text.path))]


def shown(said: Statement, ledger: Ledger, objects: Objects, *, on_disk: Sequence[WorkTreeFile]) -> tuple[Shown, ...]:
    """The subjects of a statement; `on_disk` are files that lie in the work tree otherwise than they are committed."""
    return tuple(
        _authority(subject, ledger, objects, on_disk)
        if subject.id == AUTHORITY_SUBJECT
        else _reviewed(_document(subject, ledger, objects, on_disk), said, ledger)
        for subject in said.subjects
    )


def clocks(newest: datetime, now: datetime) -> tuple[str, ...]:
    """What to beware of where the newest commit lies ahead: one of two clocks is wrong, and nothing here tells which."""
    if newest <= now + LEEWAY:
        return ()
    return (
        f"this computer's clock says {now:%Y-%m-%d %H:%M} UTC, and the newest commit {newest:%Y-%m-%d %H:%M}: if it is your clock that is wrong, your signature will not count; set it first",
    )


def _authority(subject: Subject, ledger: Ledger, objects: Objects, on_disk: Sequence[WorkTreeFile]) -> Shown:
    period = ledger.authorities[-1]
    tree = commits.parse(period.commit, objects.commit(period.commit)).tree
    old, new = (
        {file.path: file.blob for file in held}
        for held in (controlled.holdings(objects, tree).authority, ledger.holdings.authority)
    )
    changes = [
        line
        for path, what in _differing(old, new)
        for line in (f"{path} is {what}", *_lines(old.get(path), new.get(path), objects))
    ]
    cautions = _uncommitted(each.path for each in on_disk if each.path.startswith(controlled.AUTHORITY))
    cautions = (*cautions, *_last_change(ledger))
    return Shown(subject, "The authority: people and policy", "", f"of {period.day}", tuple(changes), cautions)


def _last_change(ledger: Ledger) -> Iterator[str]:
    """Whether the authority that waits would be the last: too few could sign for another."""
    new = ledger.pending.authority if ledger.pending else None
    if isinstance(new, Authority):
        could = len(new.able_admins(ledger.now.date()))
        asked = new.policy.authority_quorum
        if could < asked:
            yield f"every later change would need {asked} admins, and only {could} could sign: the authority could never change again"


def _document(subject: Subject, ledger: Ledger, objects: Objects, on_disk: Sequence[WorkTreeFile]) -> Shown:
    document = documents.parse(f"{subject.id}-.md", objects.blob(subject.blob))
    effective = ledger.effective(subject.id, ledger.landings[-1].day)
    is_new = effective is None or effective.digest != subject.digest
    changes: tuple[str, ...] = ()
    if effective and is_new:
        content = ledger.holdings.content(subject.id)
        attached = _differing(dict(effective.content.names[1:]), dict(content.names[1:]) if content else {})
        changes = (
            *(f"the attachment {name} is {what}" for name, what in attached),
            *_lines(effective.content.blob, subject.blob, objects),
        )
    cautions = _uncommitted(each.path for each in on_disk if controlled.owner_of(each.path) == subject.id)
    version = str(effective.version) if effective else None
    if not isinstance(document, Document):
        return Shown(subject, subject.id, "", version, changes, cautions)
    if is_new and document.review_date is not None and document.review_date < ledger.now.date():
        overdue = f"its review_date {document.review_date} has passed: it would be overdue for review on its first day"
        cautions = (*cautions, overdue)
    return Shown(subject, document.title, document.front_matter.change_summary or "", version, changes, cautions)


def _reviewed(shown: Shown, said: Statement, ledger: Ledger) -> Shown:
    """The subject, with what is wrong with the day that a periodic review asks for."""
    today, asked = ledger.now.date(), said.next_review
    effective = ledger.effective(shown.subject.id, today)
    rule = ledger.authority.policy.types.get(effective.type) if effective else None
    latest = add_months(today, rule.review_months) if rule else None
    if asked and asked < today:
        what = f"the next review on {asked} has passed: it would be overdue at once"
    elif asked and latest and asked > latest:
        what = f"the next review on {asked} lies beyond the policy's interval, which ends on {latest} and counts"
    else:
        return shown
    return replace(shown, cautions=(*shown.cautions, what))


def _differing(old: Mapping[str, str], new: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """The names of files that two sets of them don't share, and what became of each."""
    for name in sorted({*old, *new}):
        if old.get(name) != new.get(name):
            yield name, "new" if name not in old else "gone" if name not in new else "changed"


def _lines(old: str | None, new: str | None, objects: Objects) -> list[str]:
    """What differs between two texts, each a blob or nothing; no sign in them moves the cursor or turns the text."""
    before, after = (objects.blob(each).decode("utf-8", "replace").splitlines() if each else [] for each in (old, new))
    return [UNPRINTABLE.sub("\ufffd", line) for line in list(difflib.unified_diff(before, after, n=1, lineterm=""))[2:]]


def _uncommitted(paths: Iterable[str]) -> tuple[str, ...]:
    return tuple(
        f"{path} in your work tree is not what is committed, and only what is committed is signed" for path in paths
    )
