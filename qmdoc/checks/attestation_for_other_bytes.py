"""A training record names an approved version by its own digest.

Serves records of training that show which text was known (fact-jacie-hct-8 B5.5, recalled).

Passes: a record of QM-001 1.0 with the digest of the version approved as 1.0.
Fails: a digest of a draft, or of version 1.1.
"""

from __future__ import annotations

from collections.abc import Iterator

from qmdoc.checks import _training
from qmdoc.model import Finding, Severity, Topic
from qmdoc.register import Register

ID = "attestation-for-other-bytes"
SEVERITY = Severity.ERROR
TOPIC = Topic.TRAINING
CLAUSES = ("fact-jacie-hct-8 B5.5",)


def check(register: Register) -> Iterator[Finding]:
    """One finding for each record whose version and digest are no approved version's."""
    yield from _training.doubts(ID, register, CLAUSES)
