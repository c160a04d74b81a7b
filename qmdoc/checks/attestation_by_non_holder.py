"""Who is said to have attested a version was there on that day, in a role that it asks.

Serves records of training that can be true (fact-jacie-hct-8 B5.5, recalled). A record of somebody who was not there does not
count and is an error. One of somebody in another role counts (it may be the next role that they read for) and is a warning.

Passes: a record of a ward nurse, for a version that asks ward nurses.
Fails: a record dated after the nurse had left.
"""

from __future__ import annotations

from collections.abc import Iterator

from qmdoc.checks import _training
from qmdoc.model import Finding, Severity, Topic
from qmdoc.register import Register

ID = "attestation-by-non-holder"
SEVERITY = Severity.ERROR
TOPIC = Topic.TRAINING
CLAUSES = ("fact-jacie-hct-8 B5.5",)


def check(register: Register) -> Iterator[Finding]:
    """One finding for each record of somebody who was not there, or not asked."""
    yield from _training.doubts(ID, register, CLAUSES)
