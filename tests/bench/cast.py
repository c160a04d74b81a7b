"""The nouns of a corpus: people, documents and their revisions, commits and sign-offs, as the plan fills them in."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from qmdoc.model import Meaning, Version


class Event(StrEnum):
    """What happens on the main line."""

    ROOT = "root"
    CREATE = "create"  # a new document on a branch, merged and approved
    CHANGE = "change"  # a branch of one to three edits, merged and approved
    SQUASH = "squash"  # one commit on main, approved
    REVIEW = "review"  # a periodic review of the version in force
    MINOR = "minor"  # an edit on main that nobody signed
    NOISE = "noise"  # records, no document
    AUTHORITY = "authority"  # a person joins, and two admins sign


@dataclass(frozen=True, slots=True)
class Size:
    """How large a corpus is; `people` are those at the trust root."""

    documents: int
    commits: int
    people: int
    years: float


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who edits or signs."""

    number: int
    name: str
    id: str
    roles: tuple[str, ...]
    zone: str
    since: date | None = None

    @property
    def email(self) -> str:
        """The address in commits."""
        return f"{self.id}@programme.example"


@dataclass(slots=True)
class Revision:
    """One text of a document; blob and digest are known once it is written."""

    version: Version
    review_date: date
    is_new_version: bool
    blob: bytes = b""
    digest: str = ""


@dataclass(slots=True)
class Sop:
    """What is fixed about a document, and its revisions as the plan fills them in."""

    id: str
    area: str
    title: str
    path: str
    owner: str
    interval: int
    revisions: list[Revision] = field(default_factory=list)
    main: int | None = None  # the revision that main holds
    approved: int | None = None  # the revision in force
    approval: int | None = None  # the commit that brought its last signature
    due: date = date.min
    authors: set[Person] = field(default_factory=set)  # since the last approval


@dataclass(frozen=True, slots=True)
class SignOff:
    """Who says what of which (document, revision); without a subject it is the authority that is signed."""

    role: str
    meaning: Meaning
    authority: int  # the number of the authority in force
    subjects: tuple[tuple[int, int], ...] = ()
    next_review: date | None = None


@dataclass(frozen=True, slots=True)
class Commit:
    """A commit but for its texts; `joined` is how many people the authority files list from here on."""

    parent: int | None
    merged: int | None
    time: int
    author: Person
    message: str
    changes: tuple[tuple[int, int], ...] = ()
    sign_off: SignOff | None = None
    register: int | None = None
    joined: int | None = None
    is_on_main: bool = True
