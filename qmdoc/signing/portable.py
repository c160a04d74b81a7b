"""The portable sign-off: the statement of a sign-off commit in a file of its own, its signature beside it (SIGNOFF.md §8).

A forge that only squashes makes new commits, and no signature over a commit outlives that; a file's bytes do. The two
files lie under `records/sign-offs/`, at a path that says what the statement says, and the signature is `ssh-keygen -Y
sign`'s own, in a namespace that no commit's signature can be taken for.
"""

from __future__ import annotations

from dataclasses import dataclass

from qmdoc.model import Meaning
from qmdoc.signing import statement
from qmdoc.signing.statement import Statement

NAMESPACE = "qmdoc-sign-off"
FOLDER = "records/sign-offs"
TOP = f"{FOLDER}/"
TEXT = ".txt"
SIGNATURE = ".sig"
"""What ssh-keygen puts behind the name of the file that it signs."""


@dataclass(frozen=True, slots=True)
class PortableFile:
    """A statement and its signature as one mainline commit held them; None where that file was not there.

    `path` is the statement's, `problem` says why the files can be no sign-off whatever they hold.
    """

    path: str
    text: bytes | None
    signature: bytes | None
    problem: str = ""


def path(said: Statement) -> str:
    """Where the file of a statement lies: the only place, so that a copy elsewhere is seen to be one."""
    return f"{TOP}{said.subjects[0].digest[:12]}/{said.signer}.{said.role}.{said.meaning}{TEXT}"


def can_be_taken_back(file: PortableFile) -> bool:
    """Whether its statement is one that its signer may take back: a review or an approval."""
    said = statement.parse(file.text or b"")
    return isinstance(said, Statement) and said.meaning in (Meaning.REVIEW, Meaning.APPROVAL)


def own_path(text: bytes) -> str | None:
    """Where a file's own text says that it lies; None where it makes no statement."""
    said = statement.parse(text)
    return path(said) if isinstance(said, Statement) else None
