"""Every document on main has been approved at least once.

Serves approval before use (fact-jacie-hct-8 B4.5:approval, recalled; us-21cfr1271 1271.180(b), confirmed). A draft is never shown to
staff as a procedure, so this is a warning; the message says what the draft lacks.

Passes: QM-001 1.0 with every signature that the policy asks for.
Fails: QM-001 1.0 signed by the quality manager alone, or not at all.
"""

from __future__ import annotations

from collections.abc import Iterator

from qmdoc.checks import _proposal, _text
from qmdoc.checks._proposal import Standing
from qmdoc.checks._text import OneDocument
from qmdoc.model import Finding, Severity, Topic

ID = "never-approved"
SEVERITY = Severity.WARNING
TOPIC = Topic.DOCUMENTS
CLAUSES = ("fact-jacie-hct-8 B4.5:approval", "us-21cfr1271 1271.180(b)")


def check_document(one: OneDocument) -> Iterator[Finding]:
    """Drafts that no version of was ever approved, with what they lack."""
    state, text = one.state, _proposal.text_that_stands(one, Standing.FIRST_DRAFT)
    if text and state.proposed:
        yield Finding(
            check=ID,
            severity=SEVERITY,
            document=state.id,
            path=state.path,
            line=text.line("version"),
            message=f"{_text.name(state)}: version {text.version} is a draft that was never approved: {_proposal.missing(state.proposed)}",
            fix=f"finish it and have it signed: qmdoc sign {state.id} --meaning approval",
            clauses=CLAUSES,
        )
