"""Every source under References says which text is meant: by its year, its date, its edition or version, or as a document here.

Serves the literature of an SOP, which must be up to date (fact-jacie-hct-8 B5.3:literature, recalled). A law or a label that changes
all the time may be named "in force", "current" or as read in the eCFR. "None", and a note that something comes
from no standard, are no sources.

Passes: "Lee DW and others, Biol Blood Marrow Transplant 2019;25:625"; "FACT IEC Standards, 3rd edition"; "current label of
the product"; "[Occurrence reporting](QM-004)".
Fails: "Lee DW and others, Biol Blood Marrow Transplant 25:625"; "National law on tissue".
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from qmdoc.checks import _layout
from qmdoc.checks._layout import Layout
from qmdoc.checks._text import Look, OneDocument, in_layout
from qmdoc.markup import LOCAL_VALUE
from qmdoc.model import DOCUMENT_ID, Fault, Finding, Severity, Topic

ID = "reference-without-year"
SEVERITY = Severity.WARNING
TOPIC = Topic.DOCUMENTS
CLAUSES = ("fact-jacie-hct-8 B5.3:literature",)
SECTION = "references"
_SAYS_WHICH = re.compile(
    rf"(?<![0-9])(?:19|20)[0-9]{{2}}(?![0-9])|(?i:\b(?:edition|version|revision|current|in force|ecfr|undated)\b)"
    rf"|\b{DOCUMENT_ID.pattern}\b|{LOCAL_VALUE.pattern}"
)
_NO_SOURCE = re.compile(
    r"^(?:none|not applicable)\b|\bno(?:ne)? (?:\w+ )?standard\b|\b(?:programme's|our) own\b|\bare ours\b", re.I
)


def check_document(one: OneDocument) -> Iterator[Finding]:
    """Sources of which nobody can tell which text was read."""
    for text in one.texts:
        for fault in text.seen(LOOK):
            yield text.finding(ID, SEVERITY, fault, CLAUSES)


def faults(layout: Layout) -> Iterator[Fault]:
    """The sources of a text without a year."""
    for entry in _layout.entries_in(layout, SECTION):
        if not _SAYS_WHICH.search(entry.text) and not _NO_SOURCE.search(entry.text):
            words = entry.text if len(entry.text) <= 60 else f"{entry.text[:59]}…"
            fix = "add its year, edition or version; for a law, `in the version in force`"
            yield Fault(entry.place.line, f"the reference `{words}` has no year", fix)


LOOK = Look(ID, Fault, in_layout(faults))
