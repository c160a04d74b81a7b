"""What was read in texts by an earlier build, so that an audit before a build reads only what is new.

Each note stands under the digest of its text, in the person's own cache folder (`qmdoc.cache`), and counts for this very
program alone: as `qmdoc check` keeps it.
"""

from __future__ import annotations

from dataclasses import replace

from qmdoc import audit, cache, git
from qmdoc.audit import Request
from qmdoc.register import Audit
from qmdoc.remembered import Texts


def audited(repository: git.Repository, request: Request) -> Audit:
    """The audit of an open repository; what it read in texts is noted for the next."""
    subject, program = f"texts {repository.top}", cache.program()
    noted = cache.private_notes(request.environment, subject)
    notes = noted.get("notes") if noted.get("program") == program else None
    texts = Texts(notes if isinstance(notes, dict) else {})
    found = audit.read(repository, replace(request, texts=texts))
    if texts.has_new:
        kept = {"program": program, "notes": texts.written()}
        cache.keep_private_notes(request.environment, subject, kept)
    return found
