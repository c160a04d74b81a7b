"""The one room that runs git: history and objects, read by plumbing, trusted only after hashing (SIGNOFF.md §7).

Three processes serve an audit, however many documents there are: `rev-list` names the commits, `cat-file --batch`
hands out objects, `diff-tree --stdin` says what changed; they run at the same time and each is asked while the others
answer. GitPython copies the whole environment into its children and can't take a variable out, so it reads the user's
own settings here and nothing else.
"""

from __future__ import annotations

import os
import re
import subprocess
import tempfile
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from pathlib import Path
from sys import intern
from types import TracebackType
from typing import Self

from qmdoc import commits, controlled, place, plumbing
from qmdoc.errors import GitFailed, ObjectDamaged, QmdocError
from qmdoc.model import Change, Commit, History, TreeEntry
from qmdoc.plumbing import Comparison, Git, ObjectReader

_EMPTY_TREE = {
    40: "4b825dc642cb6eb9a060e54bf8d69288fbee4904",
    64: "6ef19b41225c5369f1c104d45d8d85efa9b057b53b14b4b9b939dd74decc5321",
}
_OBJECT_ID = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_TREE_ENTRY = {size: re.compile(rb"([0-7]{5,6}) ([^\0]+)\0(.{%d})" % (size // 2), re.DOTALL) for size in (40, 64)}
_ROW_ENDS = {size: re.compile(rb"\0.{%d}" % (size // 2), re.DOTALL) for size in (40, 64)}
_MODE = re.compile(rb"[0-7]{5,6} ")
_IS_ROW = re.compile(rb"[0-7]{5,6} (?!\.\.?\Z).", re.DOTALL).match
_WATCHED = frozenset(each.encode() for each in plumbing.WATCHED)
_AHEAD = 32  # blobs that are read before they are asked for


@dataclass(frozen=True, slots=True)
class UserSettings:
    """What the person at the keyboard has set in their own git configuration, never the repository's."""

    trust_root: str | None = None
    safe_directories: tuple[str, ...] = ()


def user_settings(environment: Mapping[str, str]) -> UserSettings:
    """The user's own `qmdoc.trustRoot` and `safe.directory`. Raises GitFailed when their file cannot be read."""
    files = place.settings_files(environment)
    if not files:
        return UserSettings()
    import git.config  # GitPython takes a fifth of a second to load; most runs name their trust root and skip it

    try:
        with git.config.GitConfigParser(files, read_only=True) as settings:
            trust_root = settings.get("qmdoc", "trustRoot", fallback=None)
            safe = settings.items_all("safe") if settings.has_section("safe") else []
    except Exception as error:  # GitPython documents no closed set of errors for a broken file
        raise GitFailed(
            f"your git settings can't be read: {error}", fix="correct them with `git config --global --edit`"
        ) from error
    return UserSettings(trust_root, tuple(str(value) for key, values in safe if key == "directory" for value in values))


class Repository:
    """A repository opened for reading; every object that it hands out has been hashed and equals its name.

    Use it as a context manager. Raises GitFailed, HistoryIncomplete, ObjectDamaged, NoRepository; it writes nothing.
    """

    def __init__(self, top: Path, environment: Mapping[str, str]) -> None:
        self.top = top
        ours = (str(top), str(top / ".git"))
        trusted = ours if _is_ours(top) else user_settings(environment).safe_directories
        self._git = Git(top, place.locked_down(environment), trusted)
        self.environment = environment
        self._reader: ObjectReader | None = None
        self.tree = lru_cache(maxsize=2048)(self._tree)
        self.blob = lru_cache(maxsize=_AHEAD)(self._blob)
        self._expected: dict[str, None] = {}
        self._ahead: dict[str, bytes | QmdocError] = {}

    def __enter__(self) -> Self:
        """The repository itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Ends the reading process."""
        if self._reader is not None:
            self._reader.close()
            self._reader = None

    def read(self, revision: str = "HEAD") -> History:
        """All that `revision` reaches: commits hashed and parsed, and what each changed under sops/ and records/."""
        history = self.compared(revision)
        self.prove(history)
        return history

    def compared(self, revision: str) -> History:
        """As `read`, but the trees that git compared are not hashed yet: `prove` must follow before anything is believed."""
        comparison = Comparison(self._git)
        try:
            known, missing = self._commits(revision, comparison)
            comparison.finish()
        finally:
            comparison.close()
        tip = next(iter(known))
        return History(tip, known, comparison.changes, missing, bytes(comparison.trees))

    def after(self, history: History, tip: str) -> History:
        """What `tip` reaches and a history does not hold, with what it changed; every tree that is compared is hashed.

        Raises HistoryIncomplete where a commit that is named is in neither.
        """
        found: dict[str, Commit] = {}
        left = [tip]
        while left:
            name = left.pop()
            if name not in found and name not in history.commits:
                found[name] = self._parsed(name, self.commit(name))
                left.extend(found[name].parents)
        changes: dict[str, tuple[Change, ...]] = {}
        for commit in found.values():
            first = commit.parents[0] if commit.parents else ""
            before = (found.get(first) or history.commits[first]).tree if first else ""
            rows = controlled.compared(self, before, commit.tree, "", _WATCHED) if before != commit.tree else ()
            if each := tuple(rows):
                changes[commit.id] = each
        return History(tip, found, changes)

    def prove(self, history: History) -> None:
        """Hashes every tree that the changes of a history came from: what git compared is what their names say."""
        size = len(history.tip) // 2
        raw = dict.fromkeys(history.trees[at : at + size] for at in range(0, len(history.trees), size))
        hexed = [name.hex() for name in raw]
        parted = _ROW_ENDS[size * 2].split
        for name, content in zip(hexed, self._many(hexed, b"tree"), strict=True):
            if _is_odd(parted(_sure(content))):
                raise _odd_tree(name)

    def _blob(self, blob_id: str) -> bytes:
        """The content of a file. Raises FileTooLarge for one over 64 MiB."""
        if blob_id in self._ahead:
            return _sure(self._ahead.pop(blob_id))
        if blob_id not in self._expected:
            return self._one(blob_id, b"blob")
        del self._expected[blob_id]
        lot = [blob_id, *islice(self._expected, _AHEAD - 1)]
        self.spare(lot)
        # what was read ahead and nobody asked for is let go: it would fill the memory
        self._ahead = dict(zip(lot, self._many(lot, b"blob"), strict=True))
        return _sure(self._ahead.pop(blob_id))

    def expect(self, blob_ids: Iterable[str]) -> None:
        """Says which files will be asked for, about in this order: some are then read together."""
        self._expected = dict.fromkeys(blob_ids)

    def spare(self, blob_ids: Iterable[str]) -> None:
        """Says which of the files that were expected need not be read ahead."""
        for each in blob_ids:
            self._expected.pop(each, None)

    def commit(self, commit_id: str) -> bytes:
        """A commit's raw bytes."""
        return self._one(commit_id, b"commit")

    def bundle(self, commit_id: str) -> bytes:
        """A git bundle of all that a commit reaches, as branch `main` (gitformat-bundle, version 2, or 3 for SHA-256).

        Packed anew on one thread: the bytes depend on the history, not on how this clone stores it.
        """
        pack = self._git.run("pack-objects", "--revs", "--stdout", "--threads=1", "--no-reuse-delta", "--no-reuse-object", "--delta-base-offset", "-q",
                         given=f"{commit_id}\n".encode())  # fmt: skip
        head = "# v2 git bundle\n" if len(commit_id) == 40 else "# v3 git bundle\n@object-format=sha256\n"
        return f"{head}{commit_id} refs/heads/main\n{commit_id} HEAD\n\n".encode() + pack

    def _commits(self, revision: str, comparison: Comparison) -> tuple[dict[str, Commit], frozenset[str]]:
        """Every commit, each handed to the comparison as soon as it and its first parent are known."""
        names: deque[str] = deque()
        known: dict[str, Commit] = {}
        waiting: dict[str, list[Commit]] = {}
        pairs: list[tuple[str, str, str]] = []
        for raw in self._many(self._named(revision, names), b"commit"):
            commit = self._parsed(names.popleft(), raw)
            known[commit.id] = commit
            first = known.get(commit.parents[0]) if commit.parents else None
            if first:
                pairs.append((commit.id, first.tree, commit.tree))
            elif commit.parents:
                waiting.setdefault(commit.parents[0], []).append(commit)
            else:
                pairs.append((commit.id, _EMPTY_TREE[len(commit.id)], commit.tree))
            pairs += [(child.id, commit.tree, child.tree) for child in waiting.pop(commit.id, ())]
            if len(pairs) >= plumbing.AT_ONCE:
                comparison.ask([pair for pair in pairs if pair[1] != pair[2]])
                pairs.clear()
        pairs += [
            (child.id, _tree_before(child, known), child.tree) for children in waiting.values() for child in children
        ]
        comparison.ask([pair for pair in pairs if pair[1] != pair[2]])
        missing = {parent for commit in known.values() for parent in commit.parents if parent not in known}
        return known, frozenset(missing)

    def _named(self, revision: str, names: deque[str]) -> Iterator[str]:
        """The names of all commits that a revision reaches, as git finds them; noted in `names` too."""
        child = self._git.start("rev-list", "--end-of-options", revision, "--")
        assert child.stdout
        try:
            for line in child.stdout:
                name = intern(line[:-1].decode("ascii", "replace"))
                if not _OBJECT_ID.fullmatch(name):
                    raise _no_commits()
                names.append(name)
                yield name
            self._git.finish(child, "rev-list")
        finally:
            plumbing.end(child)

    def _parsed(self, name: str, raw: bytes | QmdocError) -> Commit:
        try:
            return commits.parse(name, _sure(raw))
        except commits.NotACommit as error:
            raise GitFailed(
                f"commit {name} is not readable: {error}", fix="restore the repository from a good copy"
            ) from error

    def _many(self, names: Iterable[str], kind: bytes) -> Iterator[bytes | QmdocError]:
        self._reader = self._reader or ObjectReader(self._git)
        return self._reader.many(names, kind)

    def _one(self, name: str, kind: bytes) -> bytes:
        (content,) = self._many([name], kind)
        return _sure(content)

    def _tree(self, tree_id: str) -> tuple[TreeEntry, ...]:
        """The rows of a tree."""
        content = self._one(tree_id, b"tree")
        if _is_odd(_ROW_ENDS[len(tree_id)].split(content)):
            raise _odd_tree(tree_id)
        rows = _TREE_ENTRY[len(tree_id)].findall(content)
        return tuple([TreeEntry(mode.decode().zfill(6), name, entry.hex()) for mode, name, entry in rows])


def _is_odd(rows: list[bytes]) -> bool:
    """Whether a tree's rows (`mode name`, and at last nothing) are such as git never writes: git and others would read
    different files out of a tree that has a name twice, or a name with a slash.
    """
    if rows.pop():
        return True
    joined = b"\0".join(rows)
    return bool(rows) and (_has_odd_names(joined) if len(joined) > _LARGE_TREE else _has_odd_names_again(joined))


def _has_odd_names(joined: bytes) -> bool:
    if b"/" in joined:
        return True
    rows = joined.split(b"\0")
    mode = joined[: joined.index(b" ") + 1] if b" " in joined else b""
    if _MODE.fullmatch(mode) and joined.count(b"\0" + mode) == len(rows) - 1:  # nearly always all rows have one mode
        return len(set(rows)) != len(rows) or any(mode + name in rows for name in (b"", b".", b".."))
    if not all(map(_IS_ROW, rows)):
        return True
    return len({row.partition(b" ")[2] for row in rows}) != len(rows)


# Most trees have the names of the tree that they took the place of; what is remembered stays below 64 MiB.
_has_odd_names_again = lru_cache(maxsize=1 << 8)(_has_odd_names)
_LARGE_TREE = 1 << 18


def _odd_tree(tree_id: str) -> ObjectDamaged:
    return ObjectDamaged(
        f"the tree {tree_id} is not readable, or has a name twice", fix="restore the repository from a good copy"
    )


def _sure(found: bytes | QmdocError) -> bytes:
    if isinstance(found, QmdocError):
        raise found
    return found


def _tree_before(commit: Commit, known: Mapping[str, Commit]) -> str:
    """The tree of the first parent that is there, where the first of all is missing."""
    return next((known[parent].tree for parent in commit.parents if parent in known), _EMPTY_TREE[len(commit.id)])


def _no_commits() -> GitFailed:
    return GitFailed("git named no commits, or something that is no commit", fix="check the repository with `git fsck`")


def _is_ours(top: Path) -> bool:
    """Whether the folder is the user's own; git refuses others' unless the user has said otherwise."""
    return all(folder.stat().st_uid == os.geteuid() for folder in (top, place.git_folder(top)))


def create(folder: Path, pack: bytes, tip: str, environment: Mapping[str, str]) -> None:
    """Makes a repository of a pack, its branch `main` at `tip` and checked out. Raises GitFailed."""
    at = ("-C", str(folder))
    _alone(environment, "init", "--quiet", "--initial-branch=main", "--template=", str(folder))
    _alone(environment, *at, "index-pack", "--stdin", given=pack)
    _alone(environment, *at, "update-ref", "refs/heads/main", tip)
    _alone(environment, *at, "reset", "--quiet", "--hard", tip)


def bundle_problems(bundle: Path, commit_id: str, environment: Mapping[str, str]) -> tuple[str, ...]:
    """What is wrong with a bundle that should hold the whole history of a commit; its objects are all hashed anew."""
    with tempfile.TemporaryDirectory() as folder:
        top = Path(folder)
        try:
            kind = ["--object-format=sha256"] if len(commit_id) == 64 else []
            _alone(environment, "init", "--quiet", "--bare", *kind, folder)
            _alone(environment, "-C", folder, "bundle", "unbundle", str(bundle.resolve()))
            with Repository(top, environment) as repository:
                history = repository.read(commit_id)
        except QmdocError as error:
            return (f"the history in {bundle.name} does not open: {error.message}",)
    return (f"the history in {bundle.name} is not whole",) if history.missing else ()


def _alone(environment: Mapping[str, str], *words: str, given: bytes = b"") -> bytes:
    """Runs git where there is no repository to trust yet."""
    try:
        done = subprocess.run(
            ["git", *words], env=place.locked_down(environment), input=given, capture_output=True, check=False
        )
    except OSError as error:
        raise plumbing.no_git(error) from error
    if done.returncode:
        raise plumbing.failed(Path("."), words[-2], done.stderr)
    return done.stdout
