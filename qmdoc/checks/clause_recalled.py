"""Clause numbers that were written from memory are named as such, so that nobody quotes them unchecked.

Serves honesty about the catalogues themselves (data-integrity-guidance ALCOA:accurate, confirmed). This is a note: one for each
standard, saying how many of the clauses that documents claim were never compared with the standard's text.

Passes: every claimed clause has `confidence: confirmed`.
Fails: 12 of 30 claimed clauses have `confidence: recalled`.
"""

from __future__ import annotations

from collections.abc import Iterator

from qmdoc.checks import _clauses
from qmdoc.model import Finding, Severity, Topic
from qmdoc.register import Register
from qmdoc.standards import Confidence

ID = "clause-recalled"
SEVERITY = Severity.NOTE
TOPIC = Topic.COVERAGE
CLAUSES = ("data-integrity-guidance ALCOA:accurate",)


def check(register: Register) -> Iterator[Finding]:
    """One note for each standard of which recalled clauses are claimed."""
    claims = _clauses.claimed(register).every
    for catalogue in register.catalogues:
        known = [clause for clause in catalogue.clauses if (catalogue.id, clause.id) in claims]
        recalled = [clause for clause in known if clause.confidence is Confidence.RECALLED]
        if recalled:
            yield Finding(
                check=ID,
                severity=SEVERITY,
                path=catalogue.path,
                line=1,
                message=f"{catalogue.id}: {len(recalled)} of {len(known)} claimed clauses are recalled, not compared with the standard's text",
                fix="compare them with your copy of the standard and set `confidence: confirmed`",
                clauses=CLAUSES,
            )
