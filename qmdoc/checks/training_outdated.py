"""Whoever attested an earlier version has attested the one in force too, where it differs in more than wording.

Serves the review of a revised procedure before staff work by it (fact-jacie-hct-8 B5.5, recalled). What changed is read from the
redline between the version that this person attested last and the one in force; minor changes ask nobody again.

Passes: QM-001 1.0 attested, and 1.1 mends a spelling.
Fails: QM-001 1.0 attested, 1.1 changes a dose, and the due day is over.
"""

from __future__ import annotations

from collections.abc import Iterator

from qmdoc import training
from qmdoc.checks import _training
from qmdoc.model import Finding, Severity, Topic
from qmdoc.register import Register
from qmdoc.training import Standing

ID = "training-outdated"
SEVERITY = Severity.ERROR
TOPIC = Topic.TRAINING
CLAUSES = ("fact-jacie-hct-8 B5.5",)


def check(register: Register) -> Iterator[Finding]:
    """One finding for each person and document that is late, where the person attested an earlier version."""
    for duty in training.of(register).duties:
        if duty.standing is Standing.OUTDATED:
            yield _training.finding(ID, SEVERITY, duty, register, CLAUSES)
