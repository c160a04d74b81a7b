"""No commit claims a time that has not come.

Serves time-stamped audit trails (us-21cfr11 11.10(e), data-integrity-guidance ALCOA:contemporaneous, both confirmed). The
commits that follow count from the last day that was credible.

Passes: a commit dated up to five minutes ahead, as two clocks may differ.
Fails: a commit dated next year.
"""

from __future__ import annotations

from collections.abc import Iterator

from qmdoc.checks import _irregular
from qmdoc.model import Finding, Severity, Topic
from qmdoc.register import Register

ID = "time-in-future"
SEVERITY = Severity.ERROR
TOPIC = Topic.INTEGRITY
CLAUSES = ("us-21cfr11 11.10(e)", "data-integrity-guidance ALCOA:contemporaneous")


def check(register: Register) -> Iterator[Finding]:
    """Commits that are dated ahead."""
    return _irregular.findings(register, ID, SEVERITY, CLAUSES)
