"""Every line of the list of leaves can be read, so that nobody is called late while they are away.

Serves training records that are true (fact-jacie-hct-8 B5.5, recalled).

Passes: `records/leave.csv` with `person,from,to` as its first line.
Fails: a last day before the first; a line with two fields.
"""

from __future__ import annotations

from collections.abc import Iterator

from qmdoc.model import Finding, Severity, Topic
from qmdoc.records.leave import PATH
from qmdoc.register import Register

ID = "unreadable-leave"
SEVERITY = Severity.ERROR
TOPIC = Topic.TRAINING
CLAUSES = ("fact-jacie-hct-8 B5.5",)


def check(register: Register) -> Iterator[Finding]:
    """One finding for each fault of the file."""
    for fault in register.personnel.leave.faults:
        yield Finding(
            check=ID,
            severity=SEVERITY,
            path=PATH,
            line=fault.line,
            message=f"the list of leaves can't be read: {fault.message}",
            fix=fault.fix,
            clauses=CLAUSES,
        )
