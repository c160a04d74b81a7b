"""Every catalogue under `sops/standards/` can be read whole.

Serves the mapping of documents to requirements (fact-jacie-hct-8 B1.3, confirmed). A catalogue of which a part is lost must never
read as "no gaps".

Passes: a catalogue with id, title and clauses, each clause once, in a file of its own name.
Fails: a clause listed twice, a YAML error, an id that is not the file's name, no clauses.
"""

from __future__ import annotations

from collections.abc import Iterator

from qmdoc.model import Finding, Severity, Topic
from qmdoc.register import Register

ID = "unreadable-standard"
SEVERITY = Severity.ERROR
TOPIC = Topic.COVERAGE
CLAUSES = ("fact-jacie-hct-8 B1.3",)


def check(register: Register) -> Iterator[Finding]:
    """One finding for each thing that keeps a catalogue from being read."""
    for standard in register.unreadable_standards:
        for fault in standard.faults:
            name = standard.path.rpartition("/")[2]
            message = f"the catalogue {name} can't be read: {fault.message}"
            yield Finding(ID, SEVERITY, message, fault.fix, path=standard.path, line=fault.line, clauses=CLAUSES)
