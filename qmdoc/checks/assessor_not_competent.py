"""Who observed a competency held it on that day.

Serves competency assessment by somebody competent (fact-jacie-hct-8 B5.5, recalled). Whoever signed the approval of a version
may assess it too: somebody must be the first. Nobody assesses themselves.

Passes: observed by a nurse who passed a year ago to the day.
Fails: observed by somebody who never passed, failed since, or left.
"""

from __future__ import annotations

from collections.abc import Iterator

from qmdoc.checks import _training
from qmdoc.model import Finding, Severity, Topic
from qmdoc.register import Register

ID = "assessor-not-competent"
SEVERITY = Severity.ERROR
TOPIC = Topic.TRAINING
CLAUSES = ("fact-jacie-hct-8 B5.5",)


def check(register: Register) -> Iterator[Finding]:
    """One finding for each competency whose assessor was not competent."""
    yield from _training.doubts(ID, register, CLAUSES)
