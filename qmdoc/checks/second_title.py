"""A document has one title: the one in its front matter.

Serves the title on every controlled document (fact-jacie-hct-8 B4.5:identifier, recalled). The title in the front matter becomes
the page's only first-level heading, and the text begins at the second level.

Passes: a text whose headings are `## Purpose` and below.
Fails: a text with `# Document control`.
"""

from __future__ import annotations

from collections.abc import Iterator

from qmdoc.checks._text import OneDocument
from qmdoc.model import Finding, Severity, Topic

ID = "second-title"
SEVERITY = Severity.ERROR
TOPIC = Topic.DOCUMENTS
CLAUSES = ("fact-jacie-hct-8 B4.5:identifier",)


def check_document(one: OneDocument) -> Iterator[Finding]:
    """First-level headings in texts."""
    for text in one.texts:
        for fault in text.markup.titles:
            yield text.finding(ID, SEVERITY, fault, CLAUSES)
