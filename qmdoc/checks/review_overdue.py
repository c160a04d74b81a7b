"""Every document in force is reviewed before its review date passes.

Serves the two-yearly review (fact-jacie-hct-8 B4.5:review and B5.3:approval-two-years, both recalled) and the local policy's
interval. Due on the day itself is not overdue. The first review is due by the front matter's `review_date`; a signed
review moves the day on.

Passes: `review_date: 2028-01-31`, looked at on 2028-01-31.
Fails: the same, looked at on 2028-02-01 without a signed `periodic-review`.
"""

from __future__ import annotations

from collections.abc import Iterator

from qmdoc.checks import _text
from qmdoc.checks._text import OneDocument
from qmdoc.model import Finding, Severity, Status, Topic

ID = "review-overdue"
SEVERITY = Severity.ERROR
TOPIC = Topic.REVIEWS
CLAUSES = ("fact-jacie-hct-8 B4.5:review", "fact-jacie-hct-8 B5.3:approval-two-years")


def check_document(one: OneDocument) -> Iterator[Finding]:
    """Documents in force whose review day has passed."""
    state = one.state
    if state.status is Status.REVIEW_OVERDUE and state.review:
        yield Finding(
            check=ID,
            severity=SEVERITY,
            document=state.id,
            path=state.path,
            line=state.text.line("review_date") if state.text else 1,
            message=f"{_text.name(state)}: the periodic review was due on {state.review.due}",
            fix=f"review it and sign: qmdoc sign {state.id} --meaning periodic-review",
            clauses=CLAUSES,
        )
