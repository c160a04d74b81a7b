"""What a signer sees before signing, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass

from qmdoc.signing.acceptance import SignOff
from qmdoc.signing.statement import Statement, Subject


@dataclass(frozen=True, slots=True)
class Shown:
    """One subject as the signer sees it before signing; `changes` are lines of a text comparison.

    `cautions` say what the signer may not be aware of, who may sign all the same.
    """

    subject: Subject
    title: str
    change_summary: str
    effective_version: str | None
    changes: tuple[str, ...]
    cautions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Intent:
    """A sign-off ready to be made: the statement, and what it covers in words."""

    statement: Statement
    name: str
    subjects: tuple[Shown, ...]
    cautions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Made:
    """A sign-off that was made, and what its documents still lack.

    A portable one is in `files` of the work tree, which wait to be committed; until they land nothing is known to lack.
    """

    sign_off: SignOff
    missing: tuple[tuple[str, tuple[str, ...]], ...]
    files: tuple[str, ...] = ()
