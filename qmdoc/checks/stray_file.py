"""Every file under `sops/` is authority, a catalogue, a document, an attachment or a README.

Serves the identification of controlled documents (fact-jacie-hct-8 B4.5:critical-documents, recalled): whatever lies there and is
none of these would be under nobody's control.

Passes: `quality/QM-001/flow.svg` beside `quality/QM-001-document-control.md`; `quality/README.md`.
Fails: `quality/notes.txt`; a file in a folder `QM-009/` without a document QM-009.
"""

from __future__ import annotations

from collections.abc import Iterator

from qmdoc.model import Finding, Severity, Topic
from qmdoc.register import Register

ID = "stray-file"
SEVERITY = Severity.WARNING
TOPIC = Topic.DOCUMENTS
CLAUSES = ("fact-jacie-hct-8 B4.5:critical-documents",)


def check(register: Register) -> Iterator[Finding]:
    """Files that belong to nothing."""
    for file in sorted(register.strays):
        yield Finding(
            check=ID,
            severity=SEVERITY,
            path=file.path,
            line=1,
            message=f"{file.path} is no document, no attachment of one, no catalogue and no README",
            fix="make it a document or an attachment (a file in the folder named like its document), or move it out of sops/",
            clauses=CLAUSES,
        )
