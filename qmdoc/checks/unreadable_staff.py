"""Every line of the staff list can be read, so that nobody is left out of a training form.

Serves the review of a procedure by staff before they work by it (fact-jacie-hct-8 B5.5, recalled). A line that can't be read would
otherwise take its person out of every form and every count.

Passes: `records/staff.csv` with `id,name,email,roles,sites,from,to` as its first line, and seven fields on each.
Fails: a line with six fields, an id used twice, a day that does not exist, a file that is not UTF-8 or is a link.
"""

from __future__ import annotations

from collections.abc import Iterator

from qmdoc.model import Finding, Severity, Topic
from qmdoc.records.staff import PATH
from qmdoc.register import Register

ID = "unreadable-staff"
SEVERITY = Severity.ERROR
TOPIC = Topic.TRAINING
CLAUSES = ("fact-jacie-hct-8 B5.5",)


def check(register: Register) -> Iterator[Finding]:
    """One finding for each line of the staff list that could not be read."""
    for fault in register.staff.faults:
        yield Finding(
            check=ID,
            severity=SEVERITY,
            path=PATH,
            line=fault.line,
            message=f"the staff list leaves somebody out: {fault.message}",
            fix=fault.fix,
            clauses=CLAUSES,
        )
