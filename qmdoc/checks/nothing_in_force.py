"""At least one document is in force on the day.

Serves the list of controlled documents (fact-jacie-hct-8 B5.2, recalled). An empty register must never look like a clean one, so
this is reported for days before the first commit too.

Passes: a programme with QM-001 1.0 in force.
Fails: a programme with drafts only, or a day before its first approval.
"""

from __future__ import annotations

from collections.abc import Iterator

from qmdoc.model import Finding, Severity, Topic
from qmdoc.register import Register

ID = "nothing-in-force"
SEVERITY = Severity.ERROR
TOPIC = Topic.DOCUMENTS
CLAUSES = ("fact-jacie-hct-8 B5.2",)


def check(register: Register) -> Iterator[Finding]:
    """One finding when staff have nothing to follow."""
    if not register.in_force:
        held = len(register.states)
        what = (
            f"{held} document{'s' if held != 1 else ''}, all without approval in force"
            if held
            else "no document at all"
        )
        yield Finding(
            check=ID,
            severity=SEVERITY,
            message=f"on {register.as_of} no document was in force: the programme held {what}",
            fix="have the first documents signed, or ask for another day with --as-of",
            clauses=CLAUSES,
        )
