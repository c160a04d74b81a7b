"""Every line of the training records can be read, so that nobody's training is forgotten.

Serves records of training (fact-jacie-hct-8 B5.5, recalled).

Passes: `person,document,version,sha256,date,kind,how,evidence,entered_by` as the first line of every CSV file under
`records/training/`, nine fields on each.
Fails: a line with eight, a day that does not exist, the same record twice.
"""

from __future__ import annotations

from collections.abc import Iterator

from qmdoc.model import Finding, Severity, Topic
from qmdoc.register import Register

ID = "unreadable-training"
SEVERITY = Severity.ERROR
TOPIC = Topic.TRAINING
CLAUSES = ("fact-jacie-hct-8 B5.5",)


def check(register: Register) -> Iterator[Finding]:
    """One finding for each line that can't be read, or stands twice."""
    seen: dict[tuple[object, ...], str] = {}
    for table in register.personnel.records:
        for fault in table.faults:
            yield _finding(table.path, fault.line, f"a training record can't be read: {fault.message}", fault.fix)
        for record in table.records:
            key = (record.person, record.document, record.digest, record.day, record.kind, record.how, record.assessor)
            first = seen.setdefault(key, f"{record.path}, line {record.line}")
            if first != f"{record.path}, line {record.line}":
                yield _finding(record.path, record.line, f"the same record stands in {first}", "delete one of the two")


def _finding(path: str, line: int, message: str, fix: str) -> Finding:
    return Finding(check=ID, severity=SEVERITY, path=path, line=line, message=message, fix=fix, clauses=CLAUSES)
