"""What was read in texts by an earlier run, so that this one reads only what is new.

Each note stands under the digest of its text, in the person's own cache folder (`qmdoc.cache`), and counts for this very
program alone: as `qmdoc check` keeps it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from qmdoc import audit, cache, git, place
from qmdoc.audit import Request
from qmdoc.register import Audit
from qmdoc.remembered import Texts


def audited(repository: git.Repository, request: Request) -> Audit:
    """The audit of an open repository; what it read in texts is noted for the next."""
    with _noted(request) as texts:
        return audit.read(repository, replace(request, texts=texts))


def checked(request: Request) -> Audit:
    """The audit of a repository; what it read in texts is noted for the next."""
    with _noted(request) as texts:
        return audit.audit(replace(request, texts=texts))


def drafted(request: Request) -> Audit:
    """The judgement on the work tree's texts; what it read in them is noted for the next."""
    with _noted(request) as texts:
        return audit.check_draft(replace(request, texts=texts))


def note(request: Request, texts: Texts, program: str) -> None:
    """Notes what was read in texts by this program."""
    notes = {"program": program, "notes": texts.written()}
    cache.keep_private_notes(request.environment, _subject(request), notes)


@contextmanager
def _noted(request: Request) -> Iterator[Texts]:
    program = cache.program()
    noted = cache.private_notes(request.environment, _subject(request))
    notes = noted.get("notes") if noted.get("program") == program else None
    texts = Texts(notes if isinstance(notes, dict) else {})
    yield texts
    if texts.has_new:
        note(request, texts, program)


def _subject(request: Request) -> str:
    return f"texts {place.find(request.repository)}"
