"""An approved version is never changed: a change carries a new number.

Serves approval before use and control of changes (fact-jacie-hct-8 B4.5:approval and B4.5:change-control, both recalled;
us-21cfr1271 1271.180(b), confirmed). Staff go on seeing the approved text, not the changed one.

Passes: a change of QM-001 2.0 as version 2.1, waiting for its signatures.
Fails: a letter or a picture of QM-001 2.0 changed, the version still 2.0.
"""

from __future__ import annotations

from collections.abc import Iterator

from qmdoc.checks import _proposal, _text
from qmdoc.checks._proposal import Standing
from qmdoc.checks._text import OneDocument
from qmdoc.model import Finding, Severity, Topic

ID = "changed-after-approval"
SEVERITY = Severity.ERROR
TOPIC = Topic.DOCUMENTS
CLAUSES = ("fact-jacie-hct-8 B4.5:approval", "fact-jacie-hct-8 B4.5:change-control", "us-21cfr1271 1271.180(b)")


def check_document(one: OneDocument) -> Iterator[Finding]:
    """Documents whose approved version has other content on main."""
    state = one.state
    if text := _proposal.text_that_stands(one, Standing.SAME_VERSION):
        highest = max(approval.version for approval in state.approvals)
        yield Finding(
            check=ID,
            severity=SEVERITY,
            document=state.id,
            path=state.path,
            line=text.line("version"),
            message=f"{_text.name(state)}: version {text.version} was approved, and its text or an attachment was changed since",
            fix=f"raise the version above {highest} and have it signed, or put the approved text back",
            clauses=CLAUSES,
        )
