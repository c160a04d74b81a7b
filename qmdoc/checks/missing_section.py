"""A document has the sections that the policy asks of its type.

Serves what every SOP contains and the standard format (fact-jacie-hct-8 B5.3 and B4.5:format, both recalled). Second-level headings
count; capital letters and a number in front make no difference.

Passes: `## Purpose`, `## 2. Scope`, `## Procedure`, where the policy asks an SOP for Purpose, Scope and Procedure.
Fails: an SOP without `## Scope`, or with it as `### Scope`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from qmdoc.checks import _text
from qmdoc.model import Fault, Finding, Severity, Topic
from qmdoc.register import Register

ID = "missing-section"
SEVERITY = Severity.WARNING
TOPIC = Topic.DOCUMENTS
CLAUSES = ("fact-jacie-hct-8 B5.3", "fact-jacie-hct-8 B4.5:format")
_NUMBER = re.compile(r"^[0-9]+(\.[0-9]+)*\.?\s+")


def check(register: Register) -> Iterator[Finding]:
    """Sections of the policy that a text lacks."""
    types = register.authority.policy.types
    for text in _text.judged(register):
        rule = types.get(text.document.type)
        if rule is None or not rule.sections:
            continue
        found = {_plain(heading.text) for heading in text.markup.headings if heading.level == 2}
        for section in rule.sections:
            if _plain(section) not in found:
                fix = f"add a heading `## {section}` and write the section, or say there why it is empty"
                yield text.finding(
                    ID, SEVERITY, Fault(text.line("type"), f"the section {section} is missing", fix), CLAUSES
                )


def _plain(heading: str) -> str:
    return _NUMBER.sub("", " ".join(heading.split())).casefold()
