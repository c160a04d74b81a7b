"""git as a child process: the locked-down environment, objects handed out, trees compared (SIGNOFF.md §7).

A child is asked in lots and answers in order; the next lot is on its way while the last one is read, so that git and we
work at the same time. Whatever git says is checked against what it was asked; an answer that stays away is an error.
"""

from __future__ import annotations

import fcntl
import hashlib
import re
import subprocess
import threading
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from pathlib import Path
from sys import intern
from typing import IO

from qmdoc.errors import FileTooLarge, GitFailed, HistoryIncomplete, NoRepository, ObjectDamaged, QmdocError
from qmdoc.model import Change, shown
from qmdoc.place import SETTINGS

LARGEST = 64 * 1024 * 1024
"""Bytes; nothing larger is read."""
WATCHED = ("sops", "records")
"""The folders whose changes history tells."""
AT_ONCE = 400
"""Names in one lot: two lots stay below a pipe's 64 KiB, so that writing them never waits for git."""
_WIDE = 1 << 20  # bytes of a pipe's buffer where the system allows it: git goes on while we are busy
_SET_PIPE_SIZE = getattr(fcntl, "F_SETPIPE_SZ", None)
_CHANGED = re.compile(rb":([0-7]{6}) ([0-7]{6}) ([0-9a-f]+) ([0-9a-f]+) [A-Z][0-9]*\0([^\0]+)\0")
_FOLDER, _NOTHING = b"040000", b"000000"


@dataclass(frozen=True, slots=True)
class Git:
    """git, run for one repository; `trusted` are the folders that it may read though somebody else owns them."""

    top: Path
    environment: Mapping[str, str]
    trusted: tuple[str, ...]

    def start(self, *words: str) -> subprocess.Popen[bytes]:
        """A child with pipes. Raises GitFailed where there is no git."""
        try:
            child = subprocess.Popen(self._command(words), env=self.environment, bufsize=_WIDE, stdin=subprocess.PIPE,
                                     stdout=subprocess.PIPE, stderr=subprocess.PIPE)  # fmt: skip
        except OSError as error:
            raise no_git(error) from error
        assert child.stdout
        with suppress(OSError):
            if _SET_PIPE_SIZE:
                fcntl.fcntl(child.stdout, _SET_PIPE_SIZE, _WIDE)
        return child

    def run(self, *words: str, given: bytes = b"") -> bytes:
        """What git prints. Raises what its complaint amounts to."""
        try:
            done = subprocess.run(
                self._command(words), env=self.environment, input=given, capture_output=True, check=False
            )
        except OSError as error:
            raise no_git(error) from error
        if done.returncode:
            raise failed(self.top, words[0], done.stderr)
        return done.stdout

    def finish(self, child: subprocess.Popen[bytes], verb: str) -> None:
        """Lets a child end. Raises what its complaint amounts to."""
        assert child.stdin and child.stderr
        with suppress(BrokenPipeError):
            child.stdin.close()
        complaint = child.stderr.read()
        if child.wait() != 0:
            raise failed(self.top, verb, complaint)

    def _command(self, words: Iterable[str]) -> list[str]:
        settings = [*SETTINGS, *(f"safe.directory={place}" for place in self.trusted)]
        # a work tree named by the repository's own settings would bend which folders are compared
        place = ("-C", str(self.top), f"--work-tree={self.top}")
        return ["git", "--no-pager", *place, *(word for each in settings for word in ("-c", each)), *words]


class ObjectReader:
    """`git cat-file --batch-command`: objects by name, each hashed and equal to its name.

    With `--buffer` git writes a lot at once and not each object by itself: a third less work for it.
    """

    def __init__(self, git: Git) -> None:
        self._git = git
        self._child = git.start("cat-file", "--batch-command", "--buffer")

    def close(self) -> None:
        """Ends the child."""
        end(self._child)

    def many(self, names: Iterable[str], kind: bytes) -> Iterator[bytes | QmdocError]:
        """The objects of these names, in order; one that is missing or over 64 MiB is an error as a value.

        Let it run to its end: what was asked is answered. Raises ObjectDamaged, GitFailed.
        """
        left, asked = iter(names), deque[list[str]]()
        try:
            self._ask(left, asked)
            while asked:
                self._ask(left, asked)
                yield from [self._object(name, kind) for name in asked.popleft()]
        except BrokenPipeError:
            raise self._ended("objects") from None

    def _ask(self, names: Iterator[str], asked: deque[list[str]]) -> None:
        lot = list(islice(names, AT_ONCE))
        if lot:
            assert self._child.stdin
            asked.append(lot)
            self._child.stdin.write("".join([f"contents {name}\n" for name in lot]).encode("ascii") + b"flush\n")
            self._child.stdin.flush()

    def _object(self, name: str, kind: bytes) -> bytes | QmdocError:
        stream = self._child.stdout
        assert stream
        header = stream.readline().split()
        if header[1:] == [b"missing"]:
            return HistoryIncomplete(
                f"the object {name} is missing",
                fix="fetch the whole history (`git fetch --unshallow`), or restore the repository from a good copy",
            )
        if len(header) != 3:
            raise self._ended(f"the object {name}")
        size = int(header[2])
        if size > LARGEST:
            _skip(stream, size + 1)
            return FileTooLarge(
                f"the object {name} has {size} bytes, over 64 MiB", fix="keep files of that size outside sops/"
            )
        content = stream.read(size + 1)[:-1]
        hasher = hashlib.sha1 if len(name) == 40 else hashlib.sha256
        if hasher(b"%s %d\0%s" % (header[1], len(content), content)).hexdigest() != name:
            raise ObjectDamaged(
                f"the content of the object {name} is not what its name says",
                fix="the disk or somebody changed it: restore the repository from a good copy",
            )
        if header[1] != kind:
            raise ObjectDamaged(
                f"the object {name} is a {header[1].decode()}, not a {kind.decode()}",
                fix="restore the repository from a good copy",
            )
        return content

    def _ended(self, what: str) -> GitFailed:
        self._git.finish(self._child, "cat-file")
        return GitFailed(f"git ended while reading {what}", fix="check the repository with `git fsck`")


class Comparison:
    """`git diff-tree --stdin`: what differs between pairs of trees; no graft can bend that, as no commit is asked about.

    A thread takes in what git prints, so that neither side ever waits for the other to read.
    """

    def __init__(self, git: Git) -> None:
        self._git = git
        self._child = git.start("diff-tree", "--stdin", "--raw", "-r", "-t", "-z", "--no-renames", "--no-abbrev", "--no-ext-diff",
                                "--no-textconv", "--no-relative", "--ignore-submodules=none", "--", *WATCHED)  # fmt: skip
        self._asked: deque[tuple[str, bytes]] = deque()
        self._printed: deque[bytes] = deque()
        self._rest = b""
        self._reader = threading.Thread(target=self._take_in, daemon=True)
        self._reader.start()
        self.changes: dict[str, tuple[Change, ...]] = {}
        self.trees = bytearray()

    def ask(self, pairs: Sequence[tuple[str, str, str]]) -> None:
        """Asks about pairs of trees, each under the name of its commit: `(commit, old tree, new tree)`."""
        assert self._child.stdin
        heads = [b"%s %s\n" % (old.encode("ascii"), new.encode("ascii")) for _, old, new in pairs]
        self._asked.extend(zip([commit for commit, _, _ in pairs], heads, strict=True))
        for _, _, new in pairs:
            self.trees += bytes.fromhex(new)
        try:
            self._child.stdin.write(b"".join(heads))
            self._child.stdin.flush()
        except BrokenPipeError:
            raise self._ended() from None
        self._parse(is_all=False)

    def finish(self) -> None:
        """All that was asked is answered in `changes`, and `trees` has every tree that it came from. Raises GitFailed."""
        assert self._child.stdin
        with suppress(BrokenPipeError):
            self._child.stdin.close()
        self._reader.join()
        self._parse(is_all=True)
        self._git.finish(self._child, "diff-tree")
        if self._asked:
            raise self._ended()
        if self._rest:
            raise _confused()

    def close(self) -> None:
        """Ends the child."""
        end(self._child)
        self._reader.join()

    def _take_in(self) -> None:
        assert self._child.stdout
        with suppress(ValueError):  # closed by the other thread
            while printed := self._child.stdout.read1(_WIDE):  # type: ignore[attr-defined]  # a BufferedReader
                self._printed.append(printed)

    def _parse(self, *, is_all: bool) -> None:
        """Takes the answers that are complete: those after which the next one has begun."""
        parts = [self._rest]
        while self._printed:
            parts.append(self._printed.popleft())
        printed, at = b"".join(parts), 0
        while self._asked:
            commit, head = self._asked[0]
            if not printed.startswith(head, at):
                if head.startswith(printed[at:]):
                    break  # it has not come yet
                raise _confused()
            if len(self._asked) > 1:
                end_at = _after_rows(printed, at + len(head), self._asked[1][1])
            else:
                end_at = len(printed) if is_all else -1
            if end_at < 0:
                if not is_all:
                    break
                end_at = len(printed)
            if rows := self._rows(printed, at + len(head), end_at):
                self.changes[commit] = rows
            self._asked.popleft()
            at = end_at
        self._rest = printed[at:]

    def _rows(self, printed: bytes, start: int, stop: int) -> tuple[Change, ...]:
        rows = _CHANGED.findall(printed, start, stop)
        if printed.count(b"\0", start, stop) != 2 * len(rows):
            raise _confused()
        found = []
        for old_mode, new_mode, old, new, path in rows:
            if new_mode == _FOLDER:
                self.trees += bytes.fromhex(new.decode("ascii"))
            was = None if old_mode in (_FOLDER, _NOTHING) else _name(old)
            now = None if new_mode in (_FOLDER, _NOTHING) else _name(new)
            if was or now:
                found.append(Change(_path(path), was, now, _mode(new_mode) if now else ""))
        return tuple(found)

    def _ended(self) -> GitFailed:
        self._git.finish(self._child, "diff-tree")
        return GitFailed("git ended while comparing commits", fix="check the repository with `git fsck`")


def _after_rows(printed: bytes, at: int, head: bytes) -> int:
    """Where the next answer begins; -1 when it has not come. A path never holds a NUL, so after one a head is a head."""
    if printed.startswith(head, at):
        return at
    found = printed.find(b"\0" + head, at)
    return found + 1 if found >= 0 else -1


def _name(octets: bytes) -> str:
    return intern(octets.decode("ascii"))


_mode = lru_cache(maxsize=16)(lambda mode: mode.decode("ascii"))
_path = lru_cache(maxsize=1 << 16)(lambda path: intern(shown(path)))


def _confused() -> GitFailed:
    return GitFailed(
        "git did not answer what it was asked about two commits", fix="check the repository with `git fsck`"
    )


def _skip(stream: IO[bytes], size: int) -> None:
    while size > 0:
        size -= len(stream.read(min(size, 1 << 20))) or size


def end(child: subprocess.Popen[bytes]) -> None:
    """Closes a child's pipes and waits for it."""
    for stream in (child.stdin, child.stdout, child.stderr):
        with suppress(BrokenPipeError):
            if stream:
                stream.close()
    child.wait()


def no_git(error: OSError) -> GitFailed:
    """Why git could not be started."""
    if isinstance(error, FileNotFoundError):
        return GitFailed("git is not installed, or not on the PATH", fix="install git 2.36 or later")
    return GitFailed(f"git could not be started: {error}", fix="install git 2.36 or later")


def failed(top: Path, verb: str, complaint: bytes) -> QmdocError:
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
