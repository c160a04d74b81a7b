"""How records came: what the staff list said from which day on, and which commit brought in each line of a training record.

Records are no part of what is signed as a document, so the walk does not judge them. But a line that says "on paper, entered by
the quality manager" is only worth as much as the commit that brought it in. Who entered a line is the author of the first commit
on the mainline or merged into it that has exactly this line under `records/training/`; moving it or putting it back changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from functools import lru_cache

from qmdoc import commits as raw_commits
from qmdoc import controlled, mainline
from qmdoc.errors import FileTooLarge
from qmdoc.ledger import AuthorityPeriod, Entered, Landing, RecordLog
from qmdoc.model import Assurance, Change, Commit, History, Objects
from qmdoc.records import staff
from qmdoc.records import training as records
from qmdoc.signing import acceptance, sshsig


def read(
    history: History, objects: Objects, landings: Sequence[Landing], periods: Sequence[AuthorityPeriod]
) -> RecordLog:
    """The log up to the last landing. A programme without records pays nothing."""
    root = history.commits[landings[-1].commit].tree if landings else ""
    folder = controlled.folder_at(objects, root, "records") if root else ""
    names = {entry.name for entry in objects.tree(folder)} if folder else set()
    return RecordLog(
        tuple(_staff(history, objects, landings)) if folder else (),
        _entered(history, objects, landings, periods) if b"training" in names else {},
    )


def _staff(history: History, objects: Objects, landings: Sequence[Landing]) -> Iterator[tuple[date, str]]:
    """The blobs of the staff list, each with the day on which it landed; empty where it was taken out."""
    first = controlled.file_at(objects, history.commits[landings[0].commit].tree, staff.PATH)
    if first and first.is_plain:
        yield landings[0].day, first.blob
    for landing in landings[1:]:
        for change in history.changes.get(landing.commit, ()):
            if change.path == staff.PATH:
                yield landing.day, change.new_blob if change.file and change.file.is_plain and change.new_blob else ""


def _entered(
    history: History, objects: Objects, landings: Sequence[Landing], periods: Sequence[AuthorityPeriod]
) -> Mapping[str, Entered]:
    lines: dict[str, Entered] = {}
    root = history.commits[landings[0].commit]
    order = mainline.reachable([landings[-1].commit], history, set())
    blobs: set[str] = set()
    whole = [
        Change(file.path, None, file.blob, file.mode) for file in controlled.every_file(objects, root.tree, "records")
    ]
    sealed = lru_cache(maxsize=None)(lambda commit_id: _key(objects, commit_id))
    for landing, arrived in zip(landings, mainline.arrivals(landings, order), strict=True):
        for commit_id in arrived:
            changes = whole if commit_id == root.id else history.changes.get(commit_id, ())
            for change in changes:
                if change.new_blob and change.new_blob not in blobs and records.is_record(change.path):
                    blobs.add(change.new_blob)
                    entered = _by(history.commits[commit_id], landing, sealed, periods)
                    for line in _lines(objects, change.new_blob):
                        lines.setdefault(line, entered)
    return lines


def _lines(objects: Objects, blob: str) -> list[str]:
    try:
        return objects.blob(blob).decode("utf-8-sig", "replace").replace("\r\n", "\n").split("\n")
    except FileTooLarge:
        return []


def _by(
    commit: Commit, landing: Landing, sealed: Callable[[str], bytes | None], periods: Sequence[AuthorityPeriod]
) -> Entered:
    """Whose commit it is, and how surely: by their own key, by a listed forge that saw who was logged in, or as they say."""
    email = commit.author.email
    key = sealed(commit.id) if commit.is_signed else None
    assurance = Assurance.RECORDED
    for authority in (period.authority for period in periods):
        holder = authority.key_holders.get(key) if key else None
        if holder and holder[0] == authority.email_holders.get(email):
            assurance = Assurance.SIGNED
        elif key in authority.forge_keys and commit.committer.email in authority.forge_committers:
            assurance = max(assurance, Assurance.FORGE, key=lambda each: each.rank)
    return Entered(commit.id, landing.day, email, assurance)


def _key(objects: Objects, commit_id: str) -> bytes | None:
    """The key that signed a commit well."""
    raw = objects.commit(commit_id)
    signatures = [value for name in (b"gpgsig", b"gpgsig-sha256") for value in raw_commits.split(raw).values(name)]
    verdict = sshsig.verify(signatures[0], raw_commits.signed_bytes(raw), namespace=acceptance.NAMESPACE)
    return verdict.key.blob if isinstance(verdict, sshsig.Verified) else None
