"""No review date lies beyond the interval that the policy sets for the type of document.

Serves the two-yearly review (fact-jacie-hct-8 B4.5:review and B5.3:approval-two-years, both recalled). The interval's end counts,
whatever was written.

Passes: an SOP in force since 2026-02-01 with `review_date: 2028-02-01`, where the policy says 24 months.
Fails: the same with `review_date: 2028-02-02`, or a review signed with a next date that far away.
"""

from __future__ import annotations

from collections.abc import Iterator

from qmdoc.checks import _text
from qmdoc.checks._text import OneDocument
from qmdoc.model import Finding, Outcome, Severity, Topic

ID = "review-interval-too-long"
SEVERITY = Severity.ERROR
TOPIC = Topic.REVIEWS
CLAUSES = ("fact-jacie-hct-8 B4.5:review", "fact-jacie-hct-8 B5.3:approval-two-years")


def check_document(one: OneDocument) -> Iterator[Finding]:
    """Documents in force whose next review was put too far away."""
    state = one.state
    if state.review is None or not state.review.is_too_long or state.effective is None:
        return
    signed = any(each.digest == state.effective.digest and each.outcome is Outcome.CONTINUE for each in state.reviews)
    source = "the last signed review" if signed else "`review_date`"
    remedy = (
        f"review it again with a next date up to {state.review.latest}"
        if signed
        else f"write a date up to {state.review.latest} in the next version, or sign a review"
    )
    yield Finding(
        check=ID,
        severity=SEVERITY,
        document=state.id,
        path=state.path,
        line=state.text.line("review_date") if state.text else 1,
        message=f"{_text.name(state)}: {source} says {state.review.asked}, but the policy's interval ends on {state.review.latest}, which counts",
        fix=remedy,
        clauses=CLAUSES,
    )
