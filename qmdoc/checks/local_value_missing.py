"""A document holds no place that the programme still has to decide.

Serves the adoption of outside procedures after local verification (us-21cfr1271 1271.180(d), confirmed). A starter SOP marks such
places with `[[local: …]]`; a text with one can't be signed.

Passes: "Call the apheresis physician on 5-1234".
Fails: "Call [[local: on-call pager]]".
"""

from __future__ import annotations

from collections.abc import Iterator

from qmdoc.checks._text import JudgedText, OneDocument
from qmdoc.markup import LOCAL_VALUE
from qmdoc.model import Fault, Finding, Severity, Topic

ID = "local-value-missing"
SEVERITY = Severity.ERROR
TOPIC = Topic.DOCUMENTS
CLAUSES = ("us-21cfr1271 1271.180(d)",)


def check_document(one: OneDocument) -> Iterator[Finding]:
    """Places marked `[[local: …]]`, in the front matter and in the text."""
    for text in one.texts:
        for line, question in (
            *_in_front_matter(text),
            *((each.line, each.question) for each in text.markup.local_values),
        ):
            fault = Fault(
                line,
                f"the programme has not decided: {question or 'a place marked [[local: …]]'}",
                "write your own value there, without the brackets",
            )
            yield text.finding(ID, SEVERITY, fault, CLAUSES)


def _in_front_matter(text: JudgedText) -> Iterator[tuple[int, str]]:
    for key, value in text.document.front_matter.model_dump(mode="json").items():
        for match in LOCAL_VALUE.finditer(str(value)):
            yield text.line(key), match[1].strip()
