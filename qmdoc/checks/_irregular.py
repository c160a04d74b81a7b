"""What only the walk along history can see, handed on as findings."""

from __future__ import annotations

from collections.abc import Iterator

from qmdoc.model import Finding, Severity
from qmdoc.register import Register


def findings(register: Register, check: str, severity: Severity, clauses: tuple[str, ...]) -> Iterator[Finding]:
    """The ledger's irregularities that amount to one check's findings."""
    for row in register.ledger.irregularities:
        if row.check == check:
            yield Finding(check, severity, row.message, row.fix, row.document, row.path, row.line, row.commit, clauses)
