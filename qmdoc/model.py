"""The nouns that all rooms share: versions, commits, files, findings."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple, Protocol

DOCUMENT_ID = re.compile(r"[A-Z]{2,5}-[0-9]{3,4}")
VERSION = re.compile(r"(0|[1-9][0-9]{0,5})\.(0|[1-9][0-9]{0,5})")
# What turns the direction of text or hides in it: Unicode's bidirectional controls (Trojan Source, CVE-2021-42574).
BIDIRECTIONAL = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
# Controls other than tab and line feed, and bidirectional marks: they may stand in no text under control.
UNPRINTABLE = re.compile(f"[\x00-\x08\x0b-\x1f\x7f-\x9f{''.join(sorted(BIDIRECTIONAL))}]")
# The same, and tab and line feed: they may not stand in a name or a statement.
NOT_ON_A_LINE = re.compile(f"[\x00-\x1f\x7f-\x9f{''.join(sorted(BIDIRECTIONAL))}]")


def is_unprintable(character: str) -> bool:
    """Whether a character is a control or a bidirectional mark: it may not stand in a name or a statement."""
    return NOT_ON_A_LINE.match(character) is not None


class Severity(StrEnum):
    """How much a finding weighs; `check` ends with 1 when there is an error."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


class Topic(StrEnum):
    """What a finding is about: the rows of the readiness table."""

    DOCUMENTS = "documents"
    SIGN_OFFS = "sign-offs"
    REVIEWS = "reviews"
    COVERAGE = "coverage"
    TRAINING = "training"
    INTEGRITY = "integrity"


class Status(StrEnum):
    """Where a document stands on a day (DESIGN.md §3.5)."""

    DRAFT = "draft"
    APPROVED = "approved"
    EFFECTIVE = "effective"
    REVIEW_OVERDUE = "review-overdue"
    WITHDRAWN = "withdrawn"

    @property
    def is_in_force(self) -> bool:
        """Staff follow a document with this status."""
        return self in (Status.EFFECTIVE, Status.REVIEW_OVERDUE)


class Meaning(StrEnum):
    """What a signature says (21 CFR 11.50(a)(3); SIGNOFF.md §2)."""

    REVIEW = "review"
    APPROVAL = "approval"
    PERIODIC_REVIEW = "periodic-review"
    WITHDRAW = "withdraw"
    REVOKE = "revoke"
    TRAINING = "training"
    AUTHORITY = "authority"


class Outcome(StrEnum):
    """What a periodic review decided."""

    CONTINUE = "continue"
    REVISE = "revise"
    RETIRE = "retire"


class Assurance(StrEnum):
    """How surely a sign-off is its person's own, from least to most (SIGNOFF.md §5)."""

    RECORDED = "recorded"
    FORGE = "forge"
    SIGNED = "signed"
    HARDWARE = "hardware"

    @property
    def rank(self) -> int:
        """0 for the least sure."""
        return _RANKS[self]


_RANKS = {assurance: rank for rank, assurance in enumerate(Assurance)}


class Version(NamedTuple):
    """Two numbers, compared as numbers: 1.10 is later than 1.9."""

    major: int
    minor: int

    @classmethod
    def parse(cls, text: str) -> Version | None:
        """The version that `text` writes, or None when it is not `major.minor` without leading zeros."""
        match = VERSION.fullmatch(text)
        return cls(int(match[1]), int(match[2])) if match else None

    def __str__(self) -> str:
        """As front matter writes it."""
        return f"{self.major}.{self.minor}"


@dataclass(frozen=True, slots=True)
class Fault:
    """Something wrong in a text that was read: where, what was read and what to write instead."""

    line: int
    message: str
    fix: str
    key: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that somebody must look at; `check` is its stable id (DESIGN.md §3.5)."""

    check: str
    severity: Severity
    message: str
    fix: str
    document: str | None = None
    path: str | None = None
    line: int | None = None
    commit: str | None = None
    clauses: tuple[str, ...] = ()


class Stamp(NamedTuple):
    """The author or committer line of a commit: what its writer claimed. `email` is in lower case; `time` is UTC."""

    name: str
    email: str
    time: int

    @property
    def moment(self) -> datetime:
        """The claimed time, in UTC."""
        return _moment(self.time)


class Commit(NamedTuple):
    """A commit as its own bytes tell it; `raw` is kept only where the message makes a sign-off statement.

    `has_approvals`: the message holds a line that tries to name an approver, as a forge writes it.
    """

    id: str
    tree: str
    parents: tuple[str, ...]
    author: Stamp
    committer: Stamp
    co_authors: tuple[str, ...] = ()
    is_signed: bool = False
    raw: bytes | None = None
    has_approvals: bool = False


class File(NamedTuple):
    """A file in a tree: its path from the top, git's mode and the object it holds."""

    path: str
    mode: str
    blob: str

    @property
    def is_plain(self) -> bool:
        """Neither a link nor a submodule (SIGNOFF.md §1)."""
        return self.mode in ("100644", "100755")


class Change(NamedTuple):
    """A path under `sops/` or `records/` where a commit differs from its first parent; no new blob: it is gone.

    `mode` is git's, of what stands there now; empty where nothing does.
    """

    path: str
    old_blob: str | None
    new_blob: str | None
    mode: str = ""

    @property
    def file(self) -> File | None:
        """What stands there now."""
        return File(self.path, self.mode, self.new_blob) if self.new_blob else None


class TreeEntry(NamedTuple):
    """One row of a tree object."""

    mode: str
    name: bytes
    id: str


@dataclass(frozen=True, slots=True)
class History:
    """All that can be reached from `tip`: each commit re-hashed, each parent of a parent present.

    `changes` has what each commit changed against its first parent, or against nothing where it has none; a commit that
    is not in it changed nothing under control. `missing` are ids of parents that some commit names and the clone does
    not hold. `trees` are the ids of all trees that the changes came from (raw, one after the other): git compared them
    without hashing them, `Repository.prove` does.
    """

    tip: str
    commits: Mapping[str, Commit]
    changes: Mapping[str, tuple[Change, ...]]
    missing: frozenset[str] = frozenset()
    trees: bytes = b""

    @property
    def first_parents(self) -> list[str]:
        """The first-parent chain, oldest first."""
        chain = [self.tip]
        while parents := self.commits[chain[-1]].parents:
            if parents[0] in self.missing:
                break
            chain.append(parents[0])
        return chain[::-1]


class Objects(Protocol):
    """Reads objects of a repository by id; each is hashed and equals its name.

    Raises ObjectDamaged or GitFailed, never answers less than asked.
    """

    def tree(self, tree_id: str) -> tuple[TreeEntry, ...]:
        """The rows of a tree."""

    def blob(self, blob_id: str) -> bytes:
        """The content of a file."""

    def commit(self, commit_id: str) -> bytes:
        """A commit's raw bytes."""

    def expect(self, blob_ids: Iterable[str]) -> None:
        """Says which files will be asked for, about in this order: they may then be read together."""


@dataclass(frozen=True, slots=True)
class Restyling:
    """Committed files of a programme's own that frame its outputs: those that differ from what qmdoc ships.

    `digest` is over all of `conf.py` and `templates/`, made like an authority digest (SIGNOFF.md §1).
    """

    paths: tuple[str, ...]
    digest: str


@dataclass(frozen=True, slots=True)
class WorkTreeFile:
    """A file under control whose copy in the work tree is not the committed one."""

    path: str
    difference: str = field(default="changed")


def shown(name: bytes) -> str:
    """A name for people: bytes that are no UTF-8 appear as \\xNN, and a backslash is doubled, so that no two look the same."""
    return name.replace(b"\\", b"\\\\").decode("utf-8", "backslashreplace")


def day_of(timestamp: int) -> date:
    """The UTC day of a time in seconds."""
    return _day(timestamp // 86400)


# One time is asked for by several rules in a row, and thousands of times lie on one day.
_moment = lru_cache(maxsize=256)(lambda timestamp: datetime.fromtimestamp(timestamp, UTC))
_day = lru_cache(maxsize=1 << 14)(lambda days: (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(days=days)).date())


def add_months(day: date, months: int) -> date:
    """The same day of the month, `months` later; the month's last day stands for days it lacks."""
    year, month = divmod(day.month - 1 + months, 12)
    first_of_next = date(day.year + year + (month == 11), (month + 1) % 12 + 1, 1)
    last = date.fromordinal(first_of_next.toordinal() - 1)
    return last.replace(day=min(day.day, last.day))
