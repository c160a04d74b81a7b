"""The modules of training can be read whole.

Serves training by role (fact-jacie-hct-8 B5.5, recalled). Of a file with a fault no module is shown: half a set would look done.

Passes: `records/modules.yaml` with `title`, `roles` and `documents` for each module.
Fails: an unknown key, a module for nobody.
"""

from __future__ import annotations

from collections.abc import Iterator

from qmdoc.model import Finding, Severity, Topic
from qmdoc.records.modules import PATH
from qmdoc.register import Register

ID = "unreadable-modules"
SEVERITY = Severity.ERROR
TOPIC = Topic.TRAINING
CLAUSES = ("fact-jacie-hct-8 B5.5",)


def check(register: Register) -> Iterator[Finding]:
    """One finding for each fault of the file."""
    for fault in register.personnel.modules.faults:
        yield Finding(
            check=ID,
            severity=SEVERITY,
            path=PATH,
            line=fault.line,
            message=f"the list of modules can't be read: {fault.message}",
            fix=fault.fix,
            clauses=CLAUSES,
        )
