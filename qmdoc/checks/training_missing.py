"""Everybody who must know a document in force has attested it by the day it is due.

Serves the review of a procedure, and training where it is due, before staff work by it (fact-jacie-hct-8 B5.5, recalled). Due is
the later of approval and first day in the role, and `within` days more; where the version was approved ahead of its first day
in force, the eve of that day. `qmdoc.training.duties` has the rules whole.

Passes: a nurse who signed QM-001 1.0 with `qmdoc attest`, or a line under `records/training/` that counts; a nurse on leave.
Fails: a nurse of a role that QM-001 asks, and nothing of hers about any version, on the day after it was due.
"""

from __future__ import annotations

from collections.abc import Iterator

from qmdoc import training
from qmdoc.checks import _training
from qmdoc.model import Finding, Severity, Topic
from qmdoc.register import Register
from qmdoc.training import Standing

ID = "training-missing"
SEVERITY = Severity.ERROR
TOPIC = Topic.TRAINING
CLAUSES = ("fact-jacie-hct-8 B5.5",)


def check(register: Register) -> Iterator[Finding]:
    """One finding for each person and document that is late, where the person never attested any version."""
    for duty in training.of(register).duties:
        if duty.standing is Standing.MISSING:
            yield _training.finding(ID, SEVERITY, duty, register, CLAUSES)
