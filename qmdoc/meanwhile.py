"""A second pair of hands: what depends on nothing else is proved in a process of its own while the walk goes on.

First it hashes the trees that git compared; then it verifies signatures and reads what they sign, in the order in which
the walk will ask, and well ahead of it. The walk never waits: it verifies itself what it has not been told. Where it comes
near, the other leaves it the next stretch and goes on beyond, so that hardly anything is done twice and both have work
until the walk is at its end. Nothing is believed before `finish` has said that all of it is proved.
"""

from __future__ import annotations

import hashlib
import mmap
import multiprocessing
import os
import re
import signal
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from enum import Enum
from multiprocessing.connection import Connection
from pathlib import Path
from typing import NamedTuple, Protocol

from qmdoc import commits, mainline, readings
from qmdoc.errors import FileTooLarge, HistoryIncomplete, QmdocError
from qmdoc.git import Repository
from qmdoc.model import DOCUMENT_ID, Commit, History
from qmdoc.readings import Reading
from qmdoc.signing import seals, sshsig
from qmdoc.signing.sshsig import Verified
from qmdoc.walk import Known, Nothing

_WORTH_IT = 3000  # commits: a process costs as much as proving so many
_LOT = 50  # sign-offs: so often both say how far they are
_NEAR = 100  # sign-offs: the walk would be there before these are proved and told
_SHARE = 10  # the walk has nearly as much else to do as proving takes, so that a tenth of what is left is its to prove
_LONGEST_ID = 64
_SUBJECT = re.compile(
    rf"^QM-Subject: ({DOCUMENT_ID.pattern}) \S+ git:([0-9a-f]{{64}}|[0-9a-f]{{40}}) ".encode(), re.MULTILINE
)


class Hands(Known, Protocol):
    """What the walk asks, and what must be asked before its answer is given to anybody."""

    def finish(self) -> None:
        """Everything is proved. Raises ObjectDamaged, HistoryIncomplete, GitFailed."""


class _Word(Enum):
    """What the other process says of its own work."""

    TREES_PROVED = 1
    NOTHING_MORE = 2


class _Told(NamedTuple):
    """What one message tells: commits by what their good signatures say; readings by number and blob; the SHA-256 of blobs."""

    verdicts: dict[Verified, list[str]]
    readings: dict[tuple[str, str], Reading]
    digests: dict[str, str]


@contextmanager
def hands(repository: Repository, environment: Mapping[str, str], history: History) -> Iterator[Hands]:
    """Hands for a history that was compared and not yet proved: a process of their own where that is worth it."""
    is_worth_it = len(history.commits) >= _WORTH_IT and (os.cpu_count() or 1) > 1
    if not is_worth_it or "fork" not in multiprocessing.get_all_start_methods():
        yield _OwnHands(repository, history)
        return
    context = multiprocessing.get_context("fork")
    here, there = context.Pipe(duplex=False)
    judged = mmap.mmap(-1, _LONGEST_ID)  # the commit that the walk is judging: seen by both, written by the walk
    child = context.Process(target=_work, args=(there, judged, repository.top, environment, history), daemon=True)
    with suppress(OSError):  # a computer that has no room for another process
        child.start()
    there.close()
    try:
        yield _OtherHands(here, judged, repository) if child.pid else _OwnHands(repository, history)
    finally:
        here.close()
        if child.pid:
            child.terminate()
            child.join()


class _OwnHands(Nothing):
    """Nobody helps: all is proved at the end, by this process."""

    def __init__(self, repository: Repository, history: History) -> None:
        self._repository, self._history = repository, history

    def finish(self) -> None:
        self._repository.prove(self._history)


class _OtherHands:
    """What the other process has told so far."""

    def __init__(self, connection: Connection, judged: mmap.mmap, repository: Repository) -> None:
        self._connection, self._judged, self._repository = connection, judged, repository
        self._verdicts: dict[str, Verified] = {}
        self._readings: dict[tuple[str, str], Reading] = {}
        self._digests: dict[str, str] = {}
        self._asked = 0
        self._is_proved = self._is_done = False

    def verdict(self, commit_id: str) -> Verified | None:
        if self._asked % _LOT == 0:
            self._judged[: len(commit_id)] = commit_id.encode("ascii")
            while not self._is_done and self._connection.poll():
                self._take()
        self._asked += 1
        return self._verdicts.pop(commit_id, None)

    def reading(self, number: str, blob: str) -> Reading | None:
        return self._readings.get((number, blob))

    def file_digest(self, blob: str) -> str | None:
        return self._digests.get(blob)

    def finish(self) -> None:
        while not self._is_proved:
            self._take()

    def _take(self) -> None:
        """Takes in one message. Raises the error that was found."""
        try:
            message = self._connection.recv()
        except (EOFError, OSError) as error:
            raise QmdocError("the process that proves the history ended before its time", fix="do it again") from error
        if isinstance(message, QmdocError):
            raise message
        if isinstance(message, _Told):
            for verdict, commit_ids in message.verdicts.items():
                self._verdicts.update(dict.fromkeys(commit_ids, verdict))
            self._readings.update(message.readings)
            self._digests.update(message.digests)
            self._repository.spare(message.digests)
            return
        self._is_proved = True
        self._is_done = message is _Word.NOTHING_MORE


def _work(
    connection: Connection, judged: mmap.mmap, top: Path, environment: Mapping[str, str], history: History
) -> None:
    """What the other process does; it ends with an error where it met one."""
    for stop in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(stop, signal.SIG_DFL)  # it ends when it is told to, and leaves the words to the other
    with suppress(BrokenPipeError):
        try:
            with Repository(top, environment) as repository:
                repository.prove(history)
                connection.send(_Word.TREES_PROVED)
                for told in _ahead(repository, history, judged):
                    connection.send(told)
            connection.send(_Word.NOTHING_MORE)
        except QmdocError as error:
            connection.send(error)


def _ahead(repository: Repository, history: History, judged: mmap.mmap) -> Iterator[_Told]:
    """Lot after lot of what the walk has yet to judge."""
    in_order = (history.commits[each] for each in mainline.reachable([history.tip], history, set()))
    signed = [(commit, _subjects(commit)) for commit in in_order if commit.raw is not None]
    places = {commit.id.encode("ascii"): place for place, (commit, _) in enumerate(signed)}
    read: set[str] = set()
    at = 0
    while at < len(signed):
        walk_at = places.get(judged[:].rstrip(b"\0"), 0)
        if at < walk_at + _NEAR:
            at = max(at, walk_at + max(_NEAR, (len(signed) - walk_at) // _SHARE))
            repository.expect(blob for _, subjects in signed[at:] for _, blob in subjects if blob not in read)
        lot = signed[at : at + _LOT]
        yield _told(repository, lot, read)
        at += _LOT


def _told(repository: Repository, signed: list[tuple[Commit, list[tuple[str, str]]]], read: set[str]) -> _Told:
    """What is found in a lot of sign-offs; `read` are blobs that were told of, and those of this lot are added."""
    told = _Told({}, {}, {})
    for commit, subjects in signed:
        if verdict := _verified(commit):
            told.verdicts.setdefault(verdict, []).append(commit.id)
        for number, blob in subjects:
            if blob in read:
                continue
            try:
                reading = readings.read(repository, number, blob)
                told.digests[blob] = hashlib.sha256(repository.blob(blob)).hexdigest()
            except (HistoryIncomplete, FileTooLarge):
                continue  # a statement may name what is not there: the walk says so where that matters
            read.add(blob)
            if reading:
                told.readings[number, blob] = reading
    return told


def _subjects(commit: Commit) -> list[tuple[str, str]]:
    """The numbers and blobs that a statement names."""
    found = _SUBJECT.findall(commits.message(commit.raw or b""))
    return [(number.decode("ascii"), blob.decode("ascii")) for number, blob in found]


def _verified(commit: Commit) -> Verified | None:
    raw = commit.raw or b""
    signatures = commits.split(raw).values(b"gpgsig") + commits.split(raw).values(b"gpgsig-sha256")
    if not signatures:
        return None
    verdict = sshsig.verify(signatures[0] + b"\n", commits.signed_bytes(raw), namespace=seals.NAMESPACE)
    return verdict if isinstance(verdict, Verified) else None
