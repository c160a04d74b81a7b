"""A proposed version waits for its signatures, and the version in force stays in force until it has them.

Serves approval of modifications (fact-jacie-hct-8 B5.3:approval-changes, recalled). This is a note: nothing is wrong; it says whose
signature the proposal still lacks.

Passes: QM-001 2.1 with every signature.
Fails: QM-001 2.1 on main with the quality manager's signature alone, while 2.0 is in force.
"""

from __future__ import annotations

from collections.abc import Iterator

from qmdoc.checks import _proposal, _text
from qmdoc.checks._proposal import Standing
from qmdoc.checks._text import OneDocument
from qmdoc.model import Finding, Severity, Topic

ID = "awaiting-sign-off"
SEVERITY = Severity.NOTE
TOPIC = Topic.SIGN_OFFS
CLAUSES = ("fact-jacie-hct-8 B5.3:approval-changes",)


def check_document(one: OneDocument) -> Iterator[Finding]:
    """Proposals with a higher version than any approved one, with what they lack."""
    state, text = one.state, _proposal.text_that_stands(one, Standing.WAITING)
    if text and state.proposed:
        yield Finding(
            check=ID,
            severity=SEVERITY,
            document=state.id,
            path=state.path,
            line=text.line("version"),
            message=f"{_text.name(state)}: version {text.version} waits for approval: {_proposal.missing(state.proposed)}",
            fix=f"have it signed: qmdoc sign {state.id} --meaning approval",
            clauses=CLAUSES,
        )
