"""Every box and block of code ends where its author closed it.

Serves the stepwise description in every SOP (fact-jacie-hct-8 B5.3:steps, recalled). A block whose closing line is missing,
has fewer backticks than the line that opens it, or stands further left than the list's entry in which the block began,
goes on to the end of the text or of that entry: what follows is read as a part of the warning, or as code, without
numbers and links.

Passes: a box from a line ```` ```{danger} ```` to a line ```` ``` ````, both under the same entry of a list.
Fails: a box that no line closes; one that is opened with four backticks and closed with three.
"""

from __future__ import annotations

from collections.abc import Iterator

from qmdoc.checks._text import OneDocument
from qmdoc.model import Finding, Severity, Topic

ID = "block-not-closed"
SEVERITY = Severity.ERROR
TOPIC = Topic.DOCUMENTS
CLAUSES = ("fact-jacie-hct-8 B5.3:steps",)


def check_document(one: OneDocument) -> Iterator[Finding]:
    """Blocks that are opened and not closed."""
    for text in one.texts:
        for fault in text.markup.unclosed:
            yield text.finding(ID, SEVERITY, fault, CLAUSES)
