"""A document keeps its number for ever.

Serves the unique identifier of controlled documents (fact-jacie-hct-8 B4.5:identifier, recalled): a sign-off names a number,
and a new number would cut a procedure off from its approvals and reviews.

Passes: QM-001 is withdrawn, and QM-020 with `supersedes: [QM-001]` takes its place.
Fails: the file of the approved QM-001 is renamed, with the same text, to QM-020.
"""

from __future__ import annotations

from collections.abc import Iterator

from qmdoc.checks import _irregular
from qmdoc.model import Finding, Severity, Topic
from qmdoc.register import Register

ID = "id-changed"
SEVERITY = Severity.ERROR
TOPIC = Topic.DOCUMENTS
CLAUSES = ("fact-jacie-hct-8 B4.5:identifier",)


def check(register: Register) -> Iterator[Finding]:
    """Approved documents that came back under another number."""
    return _irregular.findings(register, ID, SEVERITY, CLAUSES)
