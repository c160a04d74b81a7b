"""Nobody attested a version before it was approved.

Serves records of training that can be true (fact-jacie-hct-8 B5.5, recalled).

Passes: approved on 12 January, read on 12 January.
Fails: read on 11 January.
"""

from __future__ import annotations

from collections.abc import Iterator

from qmdoc.checks import _training
from qmdoc.model import Finding, Severity, Topic
from qmdoc.register import Register

ID = "attestation-before-approval"
SEVERITY = Severity.ERROR
TOPIC = Topic.TRAINING
CLAUSES = ("fact-jacie-hct-8 B5.5",)


def check(register: Register) -> Iterator[Finding]:
    """One finding for each record that is dated before its version's approval."""
    yield from _training.doubts(ID, register, CLAUSES)
