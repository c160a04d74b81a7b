"""The one room that runs git: history and objects, read by plumbing, trusted only after hashing (SIGNOFF.md §7).

Three processes serve an audit, however many documents there are: `rev-list` names the commits, `cat-file --batch`
hands out objects, `diff-tree --stdin` says what changed. They run in an environment that neither the repository's own
configuration nor hostile variables can bend. GitPython copies the whole environment into its children and can't take
a variable out, so it reads the user's own settings here and nothing else.
"""

from __future__ import annotations

import hashlib
import os
import re
import stat
import subprocess
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from qmdoc import commits, controlled
from qmdoc.errors import FileTooLarge, GitFailed, HistoryIncomplete, NoRepository, ObjectDamaged, QmdocError
from qmdoc.model import Change, Commit, File, History, TreeEntry, WorkTreeFile

_LOCKED_DOWN = {
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_ALLOW_PROTOCOL": "none",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_LITERAL_PATHSPECS": "1",
    "LC_ALL": "C",
    "TZ": "UTC",
}
_SETTINGS = ("core.commitGraph=false", "core.fsmonitor=false", f"core.hooksPath={os.devnull}", "diff.orderFile=")
_AT_ONCE = 400  # requests in flight: their bytes stay below a pipe's 64 KiB, so that neither side can block the other
_LARGEST_BLOB = 64 * 1024 * 1024
_EMPTY_TREE = {
    40: "4b825dc642cb6eb9a060e54bf8d69288fbee4904",
    64: "6ef19b41225c5369f1c104d45d8d85efa9b057b53b14b4b9b939dd74decc5321",
}
_OBJECT_ID = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_WATCHED = ("sops", "records")
_NO_NAMES = frozenset({b".", b".."})
_TREE_ENTRY = {size: re.compile(rb"([0-7]{5,6}) ([^\0]+)\0(.{%d})" % (size // 2), re.DOTALL) for size in (40, 64)}


@dataclass(frozen=True, slots=True)
class UserSettings:
    """What the person at the keyboard has set in their own git configuration, never the repository's."""

    trust_root: str | None = None
    safe_directories: tuple[str, ...] = ()


def user_settings(environment: Mapping[str, str]) -> UserSettings:
    """The user's own `qmdoc.trustRoot` and `safe.directory`. Raises GitFailed when their file cannot be read."""
    home = environment.get("HOME", "")
    named = environment.get("GIT_CONFIG_GLOBAL")
    folder = environment.get("XDG_CONFIG_HOME") or (f"{home}/.config" if home else "")
    places = [named] if named else [f"{folder}/git/config" if folder else "", f"{home}/.gitconfig" if home else ""]
    files = [place for place in places if place and Path(place).is_file() and Path(place).stat().st_size]
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


def find(folder: Path) -> Path:
    """The top of the repository that `folder` lies in: the work tree's, or a bare repository's own folder.

    Raises NoRepository.
    """
    try:
        start = folder.resolve(strict=True)
    except OSError:
        raise NoRepository(
            f"there is no folder {folder}", fix="name the folder of the programme's repository with --repo"
        ) from None
    for place in (start, *start.parents):
        if (place / ".git").exists() or all((place / name).exists() for name in ("HEAD", "objects", "refs")):
            return place
    raise NoRepository(
        f"{folder} is not in a git repository", fix="go to the programme's repository, or name it with --repo"
    )


class Repository:
    """A repository opened for reading; every object that it hands out has been hashed and equals its name.

    Use it as a context manager. Raises GitFailed, HistoryIncomplete, ObjectDamaged, NoRepository; it writes nothing.
    """

    def __init__(self, top: Path, environment: Mapping[str, str]) -> None:
        self.top = top
        self._environment = {
            name: value for name, value in environment.items() if not name.startswith("GIT_")
        } | _LOCKED_DOWN
        self._trusted = [str(top), str(top / ".git")] if _is_ours(top) else user_settings(environment).safe_directories
        self._batch: subprocess.Popen[bytes] | None = None
        self.tree = lru_cache(maxsize=2048)(self._tree)

    def __enter__(self) -> Self:
        """The repository itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Ends the reading process."""
        if self._batch is not None:
            _end(self._batch)
            self._batch = None

    def read(self, revision: str = "HEAD") -> History:
        """All that `revision` reaches: commits hashed and parsed, and what each changed under sops/ and records/."""
        names = self._names(revision)
        known: dict[str, Commit] = {}
        for name, raw in zip(names, self._many(names, b"commit"), strict=True):
            try:
                known[name] = commits.parse(name, raw)
            except commits.NotACommit as error:
                raise GitFailed(
                    f"commit {name} is not readable: {error}", fix="restore the repository from a good copy"
                ) from error
        missing = frozenset(parent for commit in known.values() for parent in commit.parents if parent not in known)
        return History(names[0], known, self._changes(known), missing)

    def blob(self, blob_id: str) -> bytes:
        """The content of a file."""
        return next(self._many([blob_id], b"blob"))

    def commit(self, commit_id: str) -> bytes:
        """A commit's raw bytes."""
        return next(self._many([commit_id], b"commit"))

    def bundle(self, commit_id: str) -> bytes:
        """A git bundle of all that a commit reaches, as branch `main` (gitformat-bundle, version 2, or 3 for SHA-256).

        Packed anew on one thread: the bytes depend on the history, not on how this clone stores it.
        """
        pack = self._run("pack-objects", "--revs", "--stdout", "--threads=1", "--no-reuse-delta", "--no-reuse-object", "--delta-base-offset", "-q",
                         given=f"{commit_id}\n".encode())  # fmt: skip
        head = "# v2 git bundle\n" if len(commit_id) == 40 else "# v3 git bundle\n@object-format=sha256\n"
        return f"{head}{commit_id} refs/heads/main\n{commit_id} HEAD\n\n".encode() + pack

    def work_tree_differences(self, files: Sequence[File]) -> tuple[WorkTreeFile, ...]:
        """Files under control whose copy on disk is not the committed one; CRLF for LF is no difference.

        Compares by hash: `git status` would run filters that the repository brings along.
        """
        if not (self.top / ".git").exists():
            return ()
        committed = {file.path: file for file in files}
        on_disk = dict(_on_disk(self.top, ("sops", "templates"), ("conf.py",)))
        rows = [WorkTreeFile(path, "missing in the work tree") for path in committed if path not in on_disk]
        for path, place in on_disk.items():
            if path not in committed:
                rows.append(WorkTreeFile(path, "not committed"))
            elif not _holds(place, committed[path]):
                rows.append(WorkTreeFile(path, "changed and not committed"))
        return tuple(sorted(rows, key=lambda row: row.path))

    def _names(self, revision: str) -> list[str]:
        shown = self._run("rev-list", "--end-of-options", revision, "--")
        names = shown.decode("ascii", "replace").split()
        if not names or not all(_OBJECT_ID.fullmatch(name) for name in names):
            raise GitFailed(
                "git named no commits, or something that is no commit", fix="check the repository with `git fsck`"
            )
        return names

    def _changes(self, known: Mapping[str, Commit]) -> dict[str, tuple[tuple[Change, ...], ...]]:
        """What each commit changed against each of its parents, asked as pairs of trees: no graft can bend that."""
        empty = _EMPTY_TREE[len(next(iter(known)))]
        pairs: dict[tuple[str, str], tuple[Change, ...]] = {}
        for commit in known.values():
            for old in _trees_of_parents(commit, known, empty):
                if old != commit.tree:
                    pairs.setdefault((old, commit.tree), ())
        for pair, found in zip(pairs, self._differences(list(pairs)), strict=True):
            pairs[pair] = found
        return {
            commit.id: tuple(pairs.get((old, commit.tree), ()) for old in _trees_of_parents(commit, known, empty))
            for commit in known.values()
        }

    def _differences(self, pairs: Sequence[tuple[str, str]]) -> Iterator[tuple[Change, ...]]:
        if not pairs:
            return
        process = self._start("diff-tree", "--stdin", "--raw", "-r", "-z", "--no-renames", "--no-abbrev", "--no-ext-diff",
                              "--no-textconv", "--no-relative", "--ignore-submodules=none", "--", *_WATCHED)  # fmt: skip
        assert process.stdin and process.stdout
        asked = (
            b"".join(f"{old} {new}\n".encode() for old, new in pairs[at : at + _AT_ONCE]) + b"end\n"
            for at in range(0, len(pairs), _AT_ONCE)
        )
        try:
            for batch_at, request in zip(range(0, len(pairs), _AT_ONCE), asked, strict=True):
                process.stdin.write(request)
                process.stdin.flush()
                yield from _parsed(self._until_end(process), pairs[batch_at : batch_at + _AT_ONCE])
            self._finish(process)
        except BrokenPipeError:
            self._finish(process)
            raise _ended_early("comparing commits") from None
        finally:
            _end(process)

    def _until_end(self, process: subprocess.Popen[bytes]) -> bytes:
        """What git prints up to the echo of our own `end` line: diff-tree repeats lines that are no ids, and flushes.

        Each row has two NULs, after its modes and after its path: while their number is odd we are inside a path,
        which may itself hold a line `end`.
        """
        assert process.stdout
        lines: list[bytes] = []
        nulls = 0
        for line in process.stdout:
            nulls += line.count(b"\0")
            if nulls % 2 == 0 and (line == b"end\n" or line.endswith(b"\0end\n")):
                lines.append(line[: -len(b"end\n")])
                return b"".join(lines)
            lines.append(line)
        self._finish(process)
        raise _ended_early("comparing commits")

    def _many(self, names: Sequence[str], kind: bytes) -> Iterator[bytes]:
        """The objects of these names, in order. Asks in lots, so that many cost little more than one."""
        process = self._batch = self._batch or self._start("cat-file", "--batch")
        assert process.stdin and process.stdout
        lots = [names[at : at + _AT_ONCE] for at in range(0, len(names), _AT_ONCE)]
        try:
            for lot in lots:
                process.stdin.write("".join(f"{name}\n" for name in lot).encode("ascii"))
                process.stdin.flush()
                for name in lot:
                    yield self._object(process.stdout, name, kind)
        except BrokenPipeError:
            self._finish(process)
            raise _ended_early("reading objects") from None

    def _object(self, stream: IO[bytes], name: str, kind: bytes) -> bytes:
        header = stream.readline().split()
        if header[1:] == [b"missing"]:
            raise HistoryIncomplete(
                f"the object {name} is missing",
                fix="fetch the whole history (`git fetch --unshallow`), or restore the repository from a good copy",
            )
        if len(header) != 3:
            assert self._batch
            self._finish(self._batch)
            raise _ended_early(f"reading the object {name}")
        size = int(header[2])
        if size > _LARGEST_BLOB:
            _skip(stream, size)
            stream.read(1)
            raise FileTooLarge(
                f"the object {name} has {size} bytes, over 64 MiB", fix="keep files of that size outside sops/"
            )
        content = stream.read(size)
        stream.read(1)
        _prove(name, header[1], content)
        if header[1] != kind:
            raise ObjectDamaged(
                f"the object {name} is a {header[1].decode()}, not a {kind.decode()}",
                fix="restore the repository from a good copy",
            )
        return content

    def _tree(self, tree_id: str) -> tuple[TreeEntry, ...]:
        """The rows of a tree."""
        content = next(self._many([tree_id], b"tree"))
        rows = _TREE_ENTRY[len(tree_id)].findall(content)
        modes, names, _ = zip(*rows, strict=True) if rows else ((), (), ())
        read = sum(map(len, modes)) + sum(map(len, names)) + len(rows) * (len(tree_id) // 2 + 2)
        # git writes no such tree; where one stands, git and others would read different files out of it
        is_odd = len(set(names)) != len(names) or b"/" in b"\0".join(names) or not _NO_NAMES.isdisjoint(names)
        if read != len(content) or is_odd:
            raise ObjectDamaged(
                f"the tree {tree_id} is not readable, or has a name twice",
                fix="restore the repository from a good copy",
            )
        known = {mode: mode.decode().zfill(6) for mode in set(modes)}
        return tuple([TreeEntry(known[mode], name, entry.hex()) for mode, name, entry in rows])

    def _command(self, *words: str) -> list[str]:
        settings = [*_SETTINGS, *(f"safe.directory={place}" for place in self._trusted)]
        return [
            "git",
            "--no-pager",
            "-C",
            str(self.top),
            *(word for setting in settings for word in ("-c", setting)),
            *words,
        ]

    def _start(self, *words: str) -> subprocess.Popen[bytes]:
        try:
            return subprocess.Popen(
                self._command(*words),
                env=self._environment,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
            )
        except OSError as error:
            raise _no_git(error) from error

    def _run(self, *words: str, given: bytes = b"") -> bytes:
        try:
            done = subprocess.run(
                self._command(*words), env=self._environment, input=given, capture_output=True, check=False
            )
        except OSError as error:
            raise _no_git(error) from error
        if done.returncode:
            raise _failed(self.top, words[0], done.stderr)
        return done.stdout

    def _finish(self, process: subprocess.Popen[bytes]) -> None:
        assert process.stdin and process.stderr
        with suppress(BrokenPipeError):
            process.stdin.close()
        complaint = process.stderr.read()
        if process.wait() != 0:
            raise _failed(self.top, "cat-file" if process is self._batch else "diff-tree", complaint)


def _trees_of_parents(commit: Commit, known: Mapping[str, Commit], empty: str) -> list[str]:
    return [known[parent].tree for parent in commit.parents if parent in known] or [empty]


def _ended_early(doing: str) -> GitFailed:
    return GitFailed(f"git ended while {doing}", fix="check the repository with `git fsck`")


def _parsed(printed: bytes, pairs: Sequence[tuple[str, str]]) -> Iterator[tuple[Change, ...]]:
    """One tuple of changes for each pair: git prints `old new` and then its rows, `:modes ids status` NUL path NUL."""
    at = 0
    for old, new in pairs:
        head = f"{old} {new}\n".encode()
        if not printed.startswith(head, at):
            raise GitFailed(
                "git did not answer what it was asked about two commits", fix="check the repository with `git fsck`"
            )
        at += len(head)
        found: list[Change] = []
        while printed.startswith(b":", at):
            middle = printed.index(b"\0", at)
            end = printed.index(b"\0", middle + 1)
            _, _, before, after, _ = printed[at:middle].decode("ascii").split(" ")
            path = controlled.shown(printed[middle + 1 : end])
            found.append(Change(path, before if before.strip("0") else None, after if after.strip("0") else None))
            at = end + 1
        yield tuple(found)
    if at != len(printed):
        raise GitFailed(
            "git answered more than it was asked about two commits", fix="check the repository with `git fsck`"
        )


def _prove(name: str, kind: bytes, content: bytes) -> None:
    hasher = hashlib.sha1 if len(name) == 40 else hashlib.sha256
    if hasher(b"%s %d\0" % (kind, len(content)) + content).hexdigest() != name:
        raise ObjectDamaged(
            f"the content of the object {name} is not what its name says",
            fix="the disk or somebody changed it: restore the repository from a good copy",
        )


def _skip(stream: IO[bytes], size: int) -> None:
    while size > 0:
        size -= len(stream.read(min(size, 1 << 20))) or size


def _is_ours(top: Path) -> bool:
    """Whether the folder is the user's own; git refuses others' unless the user has said otherwise."""
    git_folder = top / ".git"
    return all(place.stat().st_uid == os.geteuid() for place in (top, git_folder) if place.exists())


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
    locked = {name: value for name, value in environment.items() if not name.startswith("GIT_")} | _LOCKED_DOWN
    try:
        done = subprocess.run(["git", *words], env=locked, input=given, capture_output=True, check=False)
    except OSError as error:
        raise _no_git(error) from error
    if done.returncode:
        raise _failed(Path("."), words[-2], done.stderr)
    return done.stdout


def work_tree_files(top: Path, folder: str) -> dict[str, tuple[str, bytes]]:
    """The files below a folder of a work tree, with git's mode and their content; links are kept as links."""
    return {path: (_mode(place), _content(place)) for path, place in _on_disk(top, (folder,), ())}


def _on_disk(top: Path, folders: Iterable[str], names: Iterable[str]) -> Iterator[tuple[str, Path]]:
    for name in names:
        if (top / name).is_symlink() or (top / name).exists():
            yield name, top / name
    for folder in folders:
        for where, inner, inside in os.walk(top / folder):
            linked = [name for name in inner if (Path(where) / name).is_symlink()]
            for name in sorted([*inside, *linked]):
                place = Path(where) / name
                yield controlled.shown(os.fsencode(place.relative_to(top))), place


def _mode(place: Path) -> str:
    mode = place.lstat().st_mode
    if stat.S_ISREG(mode):
        return "100755" if mode & stat.S_IXUSR else "100644"
    return "120000" if stat.S_ISLNK(mode) else "160000"


def _content(place: Path) -> bytes:
    kind = _mode(place)
    if kind == "120000":
        return os.fsencode(os.readlink(place))
    return place.read_bytes() if kind.startswith("100") else b""


def _holds(place: Path, file: File) -> bool:
    kind = _mode(place)
    if kind.startswith("100") != file.is_plain or kind == "160000" or place.lstat().st_size > _LARGEST_BLOB:
        return False
    content = _content(place)
    return file.blob in (_blob_id(content, file.blob), _blob_id(content.replace(b"\r\n", b"\n"), file.blob))


def _blob_id(content: bytes, like: str) -> str:
    hasher = hashlib.sha1 if len(like) == 40 else hashlib.sha256
    return hasher(b"blob %d\0" % len(content) + content).hexdigest()


def _end(process: subprocess.Popen[bytes]) -> None:
    for stream in (process.stdin, process.stdout, process.stderr):
        with suppress(BrokenPipeError):
            if stream:
                stream.close()
    process.wait()


def _no_git(error: OSError) -> GitFailed:
    if isinstance(error, FileNotFoundError):
        return GitFailed("git is not installed, or not on the PATH", fix="install git 2.36 or later")
    return GitFailed(f"git could not be started: {error}", fix="install git 2.36 or later")


def _failed(top: Path, verb: str, complaint: bytes) -> QmdocError:
    """The error that git's own complaint amounts to, in plain words."""
    lines = complaint.decode("utf-8", "backslashreplace").strip().splitlines()
    said = "\n".join(line for line in lines if not line.startswith("warning:"))
    if "dubious ownership" in said or "unsafe repository" in said:
        return GitFailed(
            f"the repository {top} belongs to another user, and git refuses it",
            fix=f"if you trust it, say so: git config --global --add safe.directory {top}",
        )
    if "not a git repository" in said:
        return NoRepository(
            f"{top} is not in a git repository", fix="go to the programme's repository, or name it with --repo"
        )
    if "bad revision" in said or "ambiguous argument" in said or "unknown revision" in said:
        return NoRepository(
            "the repository has no commit yet, or not the one that was asked for",
            fix="commit the first documents, or name an existing commit",
        )
    if (
        "promisor" in said
        or "bad object" in said
        or "missing" in said
        or "unable to read" in said
        or "could not read" in said
        or "Could not read" in said
    ):
        return HistoryIncomplete(
            f"git can't read the whole history: {said.splitlines()[0]}",
            fix="fetch it whole (`git fetch --unshallow`), or restore the repository from a good copy",
        )
    return GitFailed(
        f"git {verb} failed: {said.splitlines()[0] if said else 'without a word'}",
        fix="check the repository with `git fsck`",
    )
