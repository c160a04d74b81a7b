"""What a periodic review decided is done: a document to be revised is revised, one to be retired is withdrawn.

Serves the review of controlled documents and their retraction (fact-jacie-hct-8 B4.5:review and B4.5:retraction, both recalled). Such
a review moves no date.

Passes: a review signed with the outcome `revise`, and a new version approved afterwards.
Fails: a review signed with the outcome `retire`, the document still in force.
"""

from __future__ import annotations

from collections.abc import Iterator

from qmdoc.checks import _text
from qmdoc.checks._text import OneDocument
from qmdoc.model import Finding, Outcome, Severity, Topic

ID = "review-action-open"
SEVERITY = Severity.WARNING
TOPIC = Topic.REVIEWS
CLAUSES = ("fact-jacie-hct-8 B4.5:review", "fact-jacie-hct-8 B4.5:retraction")


def check_document(one: OneDocument) -> Iterator[Finding]:
    """Documents in force whose last review asked for a change that has not come."""
    state = one.state
    decided = state.review.open_outcome if state.review else None
    if decided is None:
        return
    is_revision = decided.outcome is Outcome.REVISE
    wanted = "be revised" if is_revision else "be retired"
    meaning = "approval" if is_revision else "withdraw --reason …"
    fix = f"{'write a new version and have it signed' if is_revision else 'withdraw it'}: qmdoc sign {state.id} --meaning {meaning}"
    message = (
        f"{_text.name(state)}: the review of {decided.day} decided that it must {wanted}, and that has not been done"
    )
    line = state.text.line("review_date") if state.text else 1
    yield Finding(ID, SEVERITY, message, fix, state.id, state.path, line, clauses=CLAUSES)
