"""Every link in a document leads somewhere: to a document in force, to an own attachment, to a heading, or to the web.

Serves linked procedures and documents at hand (fact-jacie-hct-8 B5.3:references-internal and B5.4, both recalled). The text in force
and the text on main are judged, each by its own attachments.

Passes: `[Document control](QM-001)` with QM-001 in force; `![Flow](QM-002/flow.svg)` in QM-002, with that file; `#scope` where there
is a heading Scope; `https://…`; `mailto:…`.
Fails: a link to a withdrawn document or a draft, to `QM-002/Flow.svg` where the file is `flow.svg`, to another document's
attachment, or to a file outside.
"""

from __future__ import annotations

from collections.abc import Iterator

from qmdoc.checks._text import JudgedText, OneDocument
from qmdoc.markup import Reference
from qmdoc.model import DOCUMENT_ID, Fault, Finding, Severity, Status, Topic

ID = "broken-reference"
SEVERITY = Severity.ERROR
TOPIC = Topic.DOCUMENTS
CLAUSES = ("fact-jacie-hct-8 B5.3:references-internal", "fact-jacie-hct-8 B5.4")
_OUTSIDE = ("http://", "https://", "mailto:")
_NOT_IN_FORCE = {
    Status.DRAFT: "is a draft that was never approved",
    Status.APPROVED: "is approved for a day that has not come",
    Status.WITHDRAWN: "was withdrawn",
}


def check_document(one: OneDocument) -> Iterator[Finding]:
    """References whose target is not there."""
    for text in one.texts:
        for reference in text.markup.references:
            if fault := _fault(reference, text, one):
                yield text.finding(ID, SEVERITY, fault, CLAUSES)


def _fault(reference: Reference, text: JudgedText, one: OneDocument) -> Fault | None:
    target, line = reference.target, reference.line
    if target.startswith(_OUTSIDE):
        return None
    if target.startswith("#") and not reference.is_image:
        return _to_heading(target, line, text)
    if DOCUMENT_ID.fullmatch(target) and not reference.is_image:
        return _to_document(target, line, text, one)
    return _to_attachment(target, line, text)


def _to_heading(target: str, line: int, text: JudgedText) -> Fault | None:
    anchors = [heading.anchor for heading in text.markup.headings if heading.anchor]
    if target[1:] in anchors:
        return None
    return Fault(
        line,
        f"the link to {target} leads to no heading of this document",
        "write the heading in small letters with hyphens, as in `#acceptable-end-points`",
    )


def _to_document(target: str, line: int, text: JudgedText, one: OneDocument) -> Fault | None:
    status = one.status(target)
    if target == text.id or (status and status.is_in_force):
        return None
    what = _NOT_IN_FORCE.get(status, "is not in force") if status else "does not exist"
    return Fault(
        line, f"it refers to {target}, which {what}", f"have {target} approved, or refer to a document in force"
    )


def _to_attachment(target: str, line: int, text: JudgedText) -> Fault | None:
    name = target.removeprefix(f"{text.id}/")
    if name != target and name in text.attachments:
        return None
    near = next((each for each in sorted(text.attachments) if each.lower() == name.lower()), None)
    fix = (
        f"write {text.id}/{near}"
        if near
        else f"refer to a document's number, a file under {text.id}/, a heading (#…) or an address with https://"
    )
    return Fault(line, f"it refers to {target}, which is neither a document nor one of its attachments", fix)
