"""No version asks to be in force before it was approved.

Serves approval before implementation (us-21cfr1271 1271.180(b), confirmed; fact-jacie-hct-8 B4.5:approval, recalled). Such a version
counts from its approval.

Passes: `effective_date: 2026-02-01`, the last signature on 2026-01-20.
Fails: `effective_date: 2026-01-01`, the last signature on 2026-01-20.
"""

from __future__ import annotations

from collections.abc import Iterator

from qmdoc.checks import _text
from qmdoc.checks._text import OneDocument
from qmdoc.model import Finding, Severity, Topic

ID = "effective-before-approval"
SEVERITY = Severity.ERROR
TOPIC = Topic.DOCUMENTS
CLAUSES = ("us-21cfr1271 1271.180(b)", "fact-jacie-hct-8 B4.5:approval")


def check_document(one: OneDocument) -> Iterator[Finding]:
    """Versions in force whose own date lies before their approval."""
    state = one.state
    approval = state.effective
    if approval is None or approval.effective_date is None or approval.effective_date >= approval.day:
        return
    yield Finding(
        check=ID,
        severity=SEVERITY,
        document=state.id,
        path=state.path,
        line=state.text.line("effective_date") if state.text else 1,
        message=f"{_text.name(state)}: version {approval.version} says it is effective from {approval.effective_date}, but was approved on {approval.day}",
        fix="raise the version, leave `effective_date` out or set it after the last signature, and have it signed again",
        clauses=CLAUSES,
    )
