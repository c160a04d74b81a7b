"""Who edited which document: four eyes are counted from history (SIGNOFF.md §4)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from qmdoc import commits as raw_commits
from qmdoc import controlled
from qmdoc.controlled import Content, Holdings
from qmdoc.ledger import AuthorityPeriod
from qmdoc.model import Change, Commit, History, Objects
from qmdoc.signing import acceptance, sshsig


@dataclass(frozen=True, slots=True)
class Edit:
    """A commit that changed a document: where it landed, who stands in it, and the text it left."""

    landing: int
    commit: Commit
    blob: str | None


@dataclass(frozen=True, slots=True)
class Authors:
    """The people who wrote a version, and e-mail addresses of editors whom no authority ever knew."""

    people: frozenset[str]
    unknown: tuple[str, ...]


class Editors:
    """Every edit of every document, noted as its commit lands."""

    def __init__(self, history: History, objects: Objects) -> None:
        self._history = history
        self._objects = objects
        self._edits: dict[str, list[Edit]] = {}
        self._now = controlled.EMPTY
        self._content_at: Callable[[str, str], Content | None] = lru_cache(maxsize=None)(self._content)
        self._good_key: Callable[[Commit], bytes | None] = lru_cache(maxsize=None)(self._signing_key)

    def note_root(self, commit: Commit, holdings: Holdings) -> None:
        """The trust root counts as an edit of all that it holds."""
        self._now = holdings
        for document in holdings.documents:
            content = holdings.content(document)
            self._edits.setdefault(document, []).append(Edit(0, commit, content.blob if content else None))

    def note(self, landing: int, commit: Commit, holdings: Holdings) -> None:
        """A commit edits what differs from all its parents: an evil merge changes what neither side had."""
        self._now = holdings
        for document, blob in self._edited(commit).items():
            self._edits.setdefault(document, []).append(Edit(landing, commit, blob))

    def authors(self, number: str, content: Content, *, since: int, periods: Sequence[AuthorityPeriod]) -> Authors:
        """Who made the edits that landed after `since`, and those before that brought in the same content."""
        people: set[str] = set()
        unknown: set[str] = set()
        forge = {email for period in periods for email in period.authority.forge_committers}
        for edit in self._edits.get(number, []):
            if edit.landing <= since and not self._left(edit, number, content):
                continue
            stamps = edit.commit.author.email, edit.commit.committer.email
            for email in (*stamps, *edit.commit.co_authors):
                known = holders(email, periods)
                people |= known
                is_forge = email in forge and email == stamps[1] and email != stamps[0]
                if not known and not is_forge:
                    unknown.add(email)
            if edit.commit.is_signed and (signer := self._signer(edit.commit, periods)):
                people.add(signer)
        return Authors(frozenset(people), tuple(sorted(unknown)))

    def unsigned(self, number: str, *, since: int, periods: Sequence[AuthorityPeriod]) -> list[Commit]:
        """Edits that landed after `since` and that their author did not sign."""
        edits = [edit.commit for edit in self._edits.get(number, []) if edit.landing > since]
        return [each for each in edits if self._signer(each, periods) not in holders(each.author.email, periods)]

    def _left(self, edit: Edit, number: str, content: Content) -> bool:
        """Whether an edit left exactly this content."""
        if edit.blob is not None:
            return edit.blob == content.blob
        return self._content_at(edit.commit.tree, number) == content

    def _edited(self, commit: Commit) -> dict[str, str | None]:
        """The documents whose content differs from that in all parents, with the text's new blob where it changed."""
        known = self._history.commits
        before = [known[parent].tree for parent in commit.parents if parent in known] or [""]
        if before[0] != commit.tree:
            # git compared trees without hashing them; reading the same ones here proves that none was overwritten
            old, new = (controlled.folder_at(self._objects, tree, "sops") for tree in (before[0], commit.tree))
            list(controlled.differences(self._objects, old, new, controlled.TOP))
        edited: dict[str, str | None] = {}
        for at, (tree, changes) in enumerate(zip(before, self._history.changes[commit.id], strict=True)):
            here = {
                number: blob
                for number, (blob, is_moved) in _touched(changes).items()
                if not is_moved or self._is_another(number, tree, commit.tree)
            }
            edited = here if at == 0 else {number: blob for number, blob in edited.items() if number in here}
        return edited

    def _is_another(self, number: str, before: str, after: str) -> bool:
        """Whether moved files make another content: in its new place a document may meet other attachments."""
        old, new = self._content_at(before, number), self._content_at(after, number)
        return old is None or old != new

    def _content(self, tree: str, number: str) -> Content | None:
        """What a document consisted of in any tree."""
        return controlled.holdings(self._objects, tree, since=self._now).content(number) if tree else None

    def _signer(self, commit: Commit, periods: Sequence[AuthorityPeriod]) -> str | None:
        """The person whose key signed an edit, if it was signed well by a key that was ever listed."""
        key = self._good_key(commit) if commit.is_signed else None
        holders_of_key = (period.authority.key_holders.get(key) for period in periods) if key else ()
        return next((holder[0] for holder in holders_of_key if holder), None)

    def _signing_key(self, commit: Commit) -> bytes | None:
        raw = self._objects.commit(commit.id)
        signatures = [value for name in (b"gpgsig", b"gpgsig-sha256") for value in raw_commits.split(raw).values(name)]
        verdict = sshsig.verify(signatures[0], raw_commits.signed_bytes(raw), namespace=acceptance.NAMESPACE)
        return verdict.key.blob if isinstance(verdict, sshsig.Verified) else None


def holders(email: str, periods: Sequence[AuthorityPeriod]) -> set[str]:
    """Everybody who ever had an e-mail address on this mainline."""
    return {holder for period in periods if (holder := period.authority.email_holders.get(email))}


def _touched(changes: tuple[Change, ...]) -> dict[str, tuple[str | None, bool]]:
    """The documents whose files changed: the text's new blob, and whether files were only moved."""
    gone: dict[str, list[tuple[str, str]]] = {}
    come: dict[str, list[tuple[str, str]]] = {}
    for change in changes:
        number = controlled.owner_of(change.path)
        if number is None:
            continue
        folder = change.path.find(f"/{number}/")
        name = change.path[folder + len(number) + 2 :] if folder >= 0 else "."
        if change.old_blob:
            gone.setdefault(number, []).append((name, change.old_blob))
        if change.new_blob:
            come.setdefault(number, []).append((name, change.new_blob))
    numbers = gone.keys() | come.keys()
    moved = {number for number in numbers if sorted(gone.get(number, [])) == sorted(come.get(number, []))}
    texts = {
        number: next((blob for name, blob in come.get(number, []) if name == "."), None) for number in sorted(numbers)
    }
    return {number: (blob, number in moved) for number, blob in texts.items()}
