"""A competency was observed and passed no longer ago than the policy says: a year, if it says nothing.

Serves yearly competency (fact-jacie-hct-8 B5.5, recalled).

Passes: a competency in COL-003 passed eleven months ago.
Fails: one passed thirteen months ago; one failed since.
"""

from __future__ import annotations

from collections.abc import Iterator

from qmdoc import training
from qmdoc.checks import _training
from qmdoc.model import Finding, Severity, Topic
from qmdoc.register import Register
from qmdoc.training import Standing

ID = "competency-overdue"
SEVERITY = Severity.ERROR
TOPIC = Topic.TRAINING
CLAUSES = ("fact-jacie-hct-8 B5.5",)


def check(register: Register) -> Iterator[Finding]:
    """One finding for each person and document whose competency ran out, or was failed."""
    for duty in training.of(register).duties:
        if duty.standing is Standing.COMPETENCY_OVERDUE:
            yield _training.finding(ID, SEVERITY, duty, register, CLAUSES)
