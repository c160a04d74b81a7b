"""A withdrawn document stays as it was, or returns with a higher version and new signatures.

Serves the retraction of obsolete documents (fact-jacie-hct-8 B4.5:retraction, recalled): a procedure taken out of use must not come
back unseen. Its file may stay or go.

Passes: QM-001 2.0 withdrawn, its file left as it was or deleted; later QM-001 3.0, waiting for signatures.
Fails: QM-001 2.0 withdrawn, and its text changed under version 2.0 or lower.
"""

from __future__ import annotations

from collections.abc import Iterator

from qmdoc.checks import _proposal, _text
from qmdoc.checks._proposal import Standing
from qmdoc.checks._text import OneDocument
from qmdoc.model import Finding, Severity, Topic

ID = "withdrawn-document-changed"
SEVERITY = Severity.ERROR
TOPIC = Topic.DOCUMENTS
CLAUSES = ("fact-jacie-hct-8 B4.5:retraction",)


def check_document(one: OneDocument) -> Iterator[Finding]:
    """Withdrawn documents whose text was changed without a higher version."""
    state = one.state
    if text := _proposal.text_that_stands(one, Standing.WITHDRAWN_CHANGED):
        day = state.withdrawal.day if state.withdrawal else one.surroundings.as_of
        highest = max(approval.version for approval in state.approvals)
        yield Finding(
            check=ID,
            severity=SEVERITY,
            document=state.id,
            path=state.path,
            line=text.line("version"),
            message=f"{_text.name(state)} was withdrawn on {day}, and its text was changed since",
            fix=f"delete the file, put it back as it was, or raise its version above {highest} and have it signed",
            clauses=CLAUSES,
        )
