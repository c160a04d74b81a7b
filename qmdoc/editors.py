"""Who edited which document: four eyes are counted from history (SIGNOFF.md §4)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

from qmdoc import commits as raw_commits
from qmdoc import controlled
from qmdoc.controlled import Content, Holdings
from qmdoc.ledger import AuthorityPeriod
from qmdoc.model import Assurance, Change, Commit, History, Objects
from qmdoc.signing import acceptance, sshsig

_BEHIND = -1  # the landing of what landed before trust began
_FAR = 256  # commits to look back along a branch, before its tree is read instead


class Edit(NamedTuple):
    """A commit that changed a document: where it landed, who stands in it, and the text it left."""

    landing: int
    commit: Commit
    blob: str | None


class Unsigned(NamedTuple):
    """A commit that edited a document without the signature that was asked of it: its author's own, or a forge's too."""

    commit: Commit
    asked: Assurance


class Authors(NamedTuple):
    """The people who wrote a version, and e-mail addresses of editors whom no authority ever knew."""

    people: frozenset[str]
    unknown: tuple[str, ...]


class _People(NamedTuple):
    periods: int
    by_email: Mapping[str, frozenset[str]]
    forges: frozenset[str]


class Editors:
    """Every edit of every document, noted as its commit lands."""

    def __init__(self, history: History, objects: Objects) -> None:
        self._history = history
        self._objects = objects
        self._edits: dict[str, list[Edit]] = {}
        self._landed: set[str] = set()
        self._now = controlled.EMPTY
        self._holdings_at: Callable[[str], Holdings] = lru_cache(maxsize=256)(self._holdings)
        self._good_key: Callable[[str], bytes | None] = lru_cache(maxsize=None)(self._signing_key)
        self._places: dict[str, str] = {}
        self._composite: set[str] = set()
        self._note_places(history)
        self._people = _People(0, {}, frozenset())

    def note_root(self, commit: Commit, holdings: Holdings) -> None:
        """The trust root counts as an edit of all that it holds."""
        self._now = holdings
        self._landed.add(commit.id)
        for document in holdings.documents:
            content = holdings.content(document)
            self._edits.setdefault(document, []).append(Edit(0, commit, content.blob if content else None))

    def go_on(self, history: History, new: History) -> None:
        """Takes a longer history, `new` being what came."""
        self._history = history
        self._note_places(new)

    def note(self, landing: int, commit: Commit, holdings: Holdings) -> set[str]:
        """A commit edits what differs from all its parents: an evil merge changes what neither side had.

        Returns the documents.

        A parent that lies behind the trust root excuses nothing, as its own edits never land: a merge edits what it
        fetches from there, and a branch that begins there brought in what it holds, where that is what is asked about.
        """
        self._now = holdings
        self._landed.add(commit.id)
        edited: set[str] = set()
        if commit.parents and commit.parents[0] not in self._landed:
            for document in self._holdings_at(commit.tree).documents:
                self._edits.setdefault(document, []).append(Edit(_BEHIND, commit, None))
                edited.add(document)
        changes = self._history.changes.get(commit.id)
        if changes:
            for document, blob in self._edited(commit, changes).items():
                self._edits.setdefault(document, []).append(Edit(landing, commit, blob))
                edited.add(document)
        return edited

    def authors(self, number: str, content: Content, *, since: int, periods: Sequence[AuthorityPeriod]) -> Authors:
        """Who made the edits that landed after `since`, and those before that brought in the same content."""
        people: set[str] = set()
        unknown: set[str] = set()
        forge, blob = self._known(periods).forges, content.blob
        for edit in self._edits.get(number, []):
            if edit.landing <= since and edit.blob != blob and (edit.blob or self._left_another(edit, content)):
                continue
            stamps = edit.commit.author.email, edit.commit.committer.email
            for email in (*stamps, *edit.commit.co_authors):
                known = self._holders(email, periods)
                people |= known
                is_forge = email in forge and email == stamps[1] and email != stamps[0]
                if not known and not is_forge:
                    unknown.add(email)
            if edit.commit.is_signed and (signer := self._signer(edit.commit, periods)):
                people.add(signer)
        return Authors(frozenset(people), tuple(sorted(unknown)))

    def unsigned(self, number: str, *, since: int, periods: Sequence[AuthorityPeriod]) -> list[Unsigned]:
        """Edits that landed after `since`, and lack what the authority in force just before asked of them."""
        rows: list[Unsigned] = []
        for edit in self._edits.get(number, []):
            asked = _asked(edit.landing, periods) if edit.landing > since else Assurance.RECORDED
            if asked is Assurance.RECORDED:
                continue
            is_own = self._signer(edit.commit, periods) in self._holders(edit.commit.author.email, periods)
            if not is_own and not (asked is Assurance.FORGE and self._is_by_forge(edit.commit, periods)):
                rows.append(Unsigned(edit.commit, asked))
        return rows

    def _is_by_forge(self, commit: Commit, periods: Sequence[AuthorityPeriod]) -> bool:
        """Whether a forge that was ever listed signed an edit as its own committer: it saw who was logged in."""
        key = self._good_key(commit.id) if commit.is_signed else None
        return any(
            key in period.authority.forge_keys and commit.committer.email in period.authority.forge_committers
            for period in periods
        )

    def _holders(self, email: str, periods: Sequence[AuthorityPeriod]) -> frozenset[str]:
        """Everybody who ever had an e-mail address on this mainline."""
        return self._known(periods).by_email.get(email, frozenset())

    def _known(self, periods: Sequence[AuthorityPeriod]) -> _People:
        """Whom all authorities so far name; made anew only when another has come."""
        if self._people.periods != len(periods):
            by_email: dict[str, frozenset[str]] = {}
            for period in periods:
                for email, person in period.authority.email_holders.items():
                    by_email[email] = by_email.get(email, frozenset()) | {person}
            forges = frozenset(email for period in periods for email in period.authority.forge_committers)
            self._people = _People(len(periods), by_email, forges)
        return self._people

    def _note_places(self, history: History) -> None:
        """Notes documents that were ever more than one file that never moved: only for them a path does not tell the content."""
        for changes in history.changes.values():
            for path, *_ in changes:
                folder, number = controlled.place_of(path)
                if number and (folder or self._places.setdefault(number, path) != path):
                    self._composite.add(number)

    def _left_another(self, edit: Edit, content: Content) -> bool:
        """Whether an edit that did not touch the text left another content than this."""
        return self._holdings_at(edit.commit.tree).content(content.id) != content

    def _edited(self, commit: Commit, changes: tuple[Change, ...]) -> dict[str, str | None]:
        """The documents whose content differs from that in all parents, with the text's new blob where it changed."""
        edited: dict[str, str | None] = {}
        first = self._history.commits[commit.parents[0]].tree if commit.parents else ""
        landed = [parent for parent in commit.parents[1:] if parent in self._landed]
        others = [self._history.commits[parent].tree for parent in landed]
        for change in changes:
            number = controlled.owner_of(change.path)
            if number is None:
                continue
            if number in self._composite or change.old_blob == change.new_blob:
                is_edited = all(self._differs(number, tree, commit.tree) for tree in (first, *others))
            else:
                is_edited = all(self._blob_at(parent, change.path) != change.new_blob for parent in landed)
            if is_edited:
                is_text = change.new_blob is not None and controlled.place_of(change.path)[0] is None
                edited[number] = change.new_blob if is_text else edited.get(number)
        return edited

    def _blob_at(self, commit_id: str, path: str) -> str | None:
        """What a commit holds at a path: what the newest commit of its first parents' line put there that touched it."""
        commit = self._history.commits.get(commit_id)
        for _ in range(_FAR):
            if commit is None:
                break
            for change in self._history.changes.get(commit.id, ()):
                if change.path == path:
                    return change.new_blob
            if not commit.parents:
                return None
            commit = self._history.commits.get(commit.parents[0])
        tree = self._history.commits[commit_id].tree if commit_id in self._history.commits else ""
        file = controlled.file_at(self._objects, tree, path) if tree else None
        return file.blob if file else None

    def _differs(self, number: str, before: str, after: str) -> bool:
        """Whether a document's files differ between two trees, other than by a move that leaves its content the same.

        In its new place a document may meet other attachments: then it is another.
        """
        old, new = self._holdings_at(before), self._holdings_at(after)
        if _files(old, number) == _files(new, number):
            return False
        content = old.content(number)
        return content is None or content != new.content(number)

    def _holdings(self, tree: str) -> Holdings:
        """What any tree holds."""
        return controlled.holdings(self._objects, tree, since=self._now) if tree else controlled.EMPTY

    def _signer(self, commit: Commit, periods: Sequence[AuthorityPeriod]) -> str | None:
        """The person whose key signed an edit, if it was signed well by a key that was ever listed."""
        key = self._good_key(commit.id) if commit.is_signed else None
        holders_of_key = (period.authority.key_holders.get(key) for period in periods) if key else ()
        return next((holder[0] for holder in holders_of_key if holder), None)

    def _signing_key(self, commit_id: str) -> bytes | None:
        raw = self._objects.commit(commit_id)
        signatures = [value for name in (b"gpgsig", b"gpgsig-sha256") for value in raw_commits.split(raw).values(name)]
        verdict = sshsig.verify(signatures[0], raw_commits.signed_bytes(raw), namespace=acceptance.NAMESPACE)
        return verdict.key.blob if isinstance(verdict, sshsig.Verified) else None


def _asked(landing: int, periods: Sequence[AuthorityPeriod]) -> Assurance:
    """What the authority in force just before a landing asked of an edit: what it asks later changes nothing."""
    before = [period for period in periods if period.landing < landing] or periods[:1]
    return before[-1].authority.policy.edits


def _files(holdings: Holdings, number: str) -> list[tuple[str, str, str]]:
    """All files of a document, as its text and as attachments to any of its places."""
    texts = [holdings.files[path] for path in holdings.documents.get(number, ())]
    return sorted([*texts, *(file for text in texts for file in holdings.attached(text.path))])
