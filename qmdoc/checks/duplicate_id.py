"""A document number belongs to one file.

Serves the unique identifier of controlled documents (fact-jacie-hct-8 B4.5:identifier, recalled). While two files bear one
number, neither becomes effective; a version in force stays so.

Passes: `QM-001-document-control.md` alone.
Fails: `quality/QM-001-document-control.md` beside `strategy/QM-001-governance.md`.
"""

from __future__ import annotations

from collections.abc import Iterator

from qmdoc.model import Finding, Severity, Topic
from qmdoc.register import Register

ID = "duplicate-id"
SEVERITY = Severity.ERROR
TOPIC = Topic.DOCUMENTS
CLAUSES = ("fact-jacie-hct-8 B4.5:identifier",)


def check(register: Register) -> Iterator[Finding]:
    """Numbers that several files bear, with all their paths."""
    twice = [(number, paths) for number, paths in register.ledger.holdings.documents.items() if len(paths) > 1]
    for number, paths in sorted(twice):
        yield Finding(
            check=ID,
            severity=SEVERITY,
            document=number,
            path=paths[0],
            line=1,
            message=f"{number} is the number of {len(paths)} files: {' and '.join(paths)}",
            fix="keep the number for the document that had it first, and give the others numbers never used before",
            clauses=CLAUSES,
        )
