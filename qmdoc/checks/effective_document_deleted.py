"""A document goes out of use by a signed withdrawal, never by deleting its file.

Serves the retraction of obsolete documents and their archive (fact-jacie-hct-8 B4.5:retraction and B4.5:archive, both recalled). The
manual keeps showing the version in force until somebody with a seat signs its withdrawal.

Passes: QM-001 withdrawn with a reason, then its file deleted.
Fails: the file of QM-001 2.0 deleted while 2.0 is in force or waits for its day.
"""

from __future__ import annotations

from collections.abc import Iterator

from qmdoc.checks import _text
from qmdoc.checks._text import OneDocument
from qmdoc.model import Finding, Severity, Topic

ID = "effective-document-deleted"
SEVERITY = Severity.ERROR
TOPIC = Topic.DOCUMENTS
CLAUSES = ("fact-jacie-hct-8 B4.5:retraction", "fact-jacie-hct-8 B4.5:archive")


def check_document(one: OneDocument) -> Iterator[Finding]:
    """Approved documents whose file is gone from main."""
    state = one.state
    approval = state.effective or state.waiting
    if approval is None or one.is_held:
        return
    is_in_force = "is in force" if state.effective else "is approved"
    yield Finding(
        check=ID,
        severity=SEVERITY,
        document=state.id,
        path=approval.path,
        line=1,
        message=f"{_text.name(state)}: version {approval.version} {is_in_force}, but its file was deleted",
        fix=f"put the file back, or withdraw the document: qmdoc sign {state.id} --meaning withdraw --reason …",
        clauses=CLAUSES,
    )
