"""A periodic review that falls due within the policy's `notice_days` is announced.

Serves the two-yearly review (fact-jacie-hct-8 B4.5:review, recalled). Once the day has passed it is `review-overdue`.

Passes: a review due in 61 days, with `notice_days: 60`.
Fails: a review due in 60 days, or today.
"""

from __future__ import annotations

from collections.abc import Iterator

from qmdoc.checks import _text
from qmdoc.checks._text import OneDocument
from qmdoc.model import Finding, Severity, Status, Topic

ID = "review-due-soon"
SEVERITY = Severity.WARNING
TOPIC = Topic.REVIEWS
CLAUSES = ("fact-jacie-hct-8 B4.5:review",)


def check_document(one: OneDocument) -> Iterator[Finding]:
    """Documents in force whose review day is near."""
    state = one.state
    if state.status is not Status.EFFECTIVE or state.review is None:
        return
    left = (state.review.due - one.surroundings.as_of).days
    if left <= one.surroundings.authority.policy.notice_days:
        when = "today" if left == 0 else "tomorrow" if left == 1 else f"in {left} days"
        yield Finding(
            check=ID,
            severity=SEVERITY,
            document=state.id,
            path=state.path,
            line=state.text.line("review_date") if state.text else 1,
            message=f"{_text.name(state)}: the periodic review is due on {state.review.due}, {when}",
            fix=f"review it and sign: qmdoc sign {state.id} --meaning periodic-review",
            clauses=CLAUSES,
        )
