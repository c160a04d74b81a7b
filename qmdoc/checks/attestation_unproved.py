"""A training record that somebody entered for others shows who entered it, and the paper.

Serves records that can be traced to who made them (fact-jacie-hct-8 B5.5, recalled). The first commit with a line must be by
the person in `entered_by`, signed where the policy asks it of edits; the scan or form lies in the repository, byte for byte.
A record is never taken for the reader's own signature.

Passes: `entered_by` q.manager, in a commit by the quality manager, and the scan beside it.
Fails: the commit is by somebody else;
the scan is not there, or was changed since; `how` is `sign-off` and history holds none.
"""

from __future__ import annotations

from collections.abc import Iterator

from qmdoc.checks import _training
from qmdoc.model import Finding, Severity, Topic
from qmdoc.register import Register

ID = "attestation-unproved"
SEVERITY = Severity.ERROR
TOPIC = Topic.TRAINING
CLAUSES = ("fact-jacie-hct-8 B5.5",)


def check(register: Register) -> Iterator[Finding]:
    """One finding for each record that nothing proves."""
    yield from _training.doubts(ID, register, CLAUSES)
