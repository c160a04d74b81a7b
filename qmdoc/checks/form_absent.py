"""A form or document that a text names by its number is there and in force, also where the number is no link.

Serves the forms, worksheets and procedures that an SOP names (fact-jacie-hct-8 B5.3:references-internal, recalled). Links are
the business of `broken-reference`; this is for a number written as plain text, where staff would look in vain. A number counts if
the word form, worksheet or checklist stands before it, or if documents here begin as it does: ST-028 is a standard, and no
document of the programme. A form of somebody else is linked to its place in the web.

Passes: "record it on form CLN-101" with CLN-101 in force; "ICCBBA, ST-028" where no document of the programme begins with ST.
Fails: "record it on form CLN-199", which does not exist; "as CLN-003 asks" where CLN-003 was withdrawn.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from qmdoc.checks._layout import Layout
from qmdoc.checks._text import Look, OneDocument, in_layout
from qmdoc.model import DOCUMENT_ID, Fault, Finding, Severity, Status, Topic

ID = "form-absent"
SEVERITY = Severity.WARNING
TOPIC = Topic.DOCUMENTS
CLAUSES = ("fact-jacie-hct-8 B5.3:references-internal",)
_LINK_OR_CODE = re.compile(r"!?\[[^\[\]]*\]\([^()]*\)|`[^`]*`|<?https?:\S+")
_NUMBER = re.compile(
    rf"(?P<form>\b(?i:form|worksheet|checklist)[ :]+)?(?<![\w/-])(?P<id>{DOCUMENT_ID.pattern})(?![\w-])"
)
_NOT_IN_FORCE = {
    Status.DRAFT: "is a draft that was never approved",
    Status.APPROVED: "is approved for a day that has not come",
    Status.WITHDRAWN: "was withdrawn",
}


class _Named(NamedTuple):
    """A number in plain text; `is_form` where a word before it says that it is a form's."""

    line: int
    number: str
    is_form: bool


def check_document(one: OneDocument) -> Iterator[Finding]:
    """Numbers in plain text whose document is not in force."""
    for text in one.texts:
        own = {text.id, *text.document.front_matter.supersedes}
        for line, number, is_form in text.seen(LOOK):
            is_ours = is_form or number.partition("-")[0] in one.surroundings.prefixes
            if is_ours and number not in own and (what := _what(number, one)):
                fix = f"name a document in force, have {number} approved, or link it if it is somebody else's"
                yield text.finding(ID, SEVERITY, Fault(line, f"it names {number}, which {what}", fix), CLAUSES)


def _named(layout: Layout) -> Iterator[_Named]:
    for line, words in layout.lines:
        # Looking for the hyphen first spares most lines the patterns.
        for found in _NUMBER.finditer(_LINK_OR_CODE.sub("", words)) if "-" in words else ():
            yield _Named(line, found["id"], bool(found["form"]))


def _what(number: str, one: OneDocument) -> str | None:
    status = one.status(number)
    if status and status.is_in_force:
        return None
    return _NOT_IN_FORCE.get(status, "is not in force") if status else "does not exist"


LOOK = Look(ID, _Named, in_layout(_named))
