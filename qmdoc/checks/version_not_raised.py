"""A new version has a higher number than every version approved before.

Serves version control (fact-jacie-hct-8 B4.5:identifier and B4.5:change-control, both recalled). Numbers are compared as numbers:
1.10 is higher than 1.9.

Passes: version 2.1 after 2.0, and 1.10 after 1.9.
Fails: version 1.5 after 2.0; the text of 1.0 put back after 2.0 was approved.
"""

from __future__ import annotations

from collections.abc import Iterator

from qmdoc.checks import _proposal, _text
from qmdoc.checks._proposal import Standing
from qmdoc.checks._text import OneDocument
from qmdoc.model import Finding, Severity, Topic

ID = "version-not-raised"
SEVERITY = Severity.ERROR
TOPIC = Topic.DOCUMENTS
CLAUSES = ("fact-jacie-hct-8 B4.5:identifier", "fact-jacie-hct-8 B4.5:change-control")


def check_document(one: OneDocument) -> Iterator[Finding]:
    """Documents that main holds with a number below an approved one."""
    state = one.state
    if text := _proposal.text_that_stands(one, Standing.LOWER_VERSION):
        highest = max(approval.version for approval in state.approvals)
        yield Finding(
            check=ID,
            severity=SEVERITY,
            document=state.id,
            path=state.path,
            line=text.line("version"),
            message=f"{_text.name(state)}: the file says version {text.version}, but {highest} was approved before",
            fix=f"give the change a version above {highest}, or put the approved text back",
            clauses=CLAUSES,
        )
