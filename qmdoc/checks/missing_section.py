"""A document has the sections that the policy asks of its type, in that order, and something stands in each.

Serves what every SOP contains and the standard format (fact-jacie-hct-8 B5.3 and B4.5:format, both recalled). Second-level headings
count; capital letters and a number in front make no difference, and other sections may stand between.

Passes: `## Purpose`, `## 2. Scope`, `## Procedure`, each with its text, where the policy asks for Purpose, Scope and Procedure.
Fails: an SOP without `## Scope`, with it as `### Scope`, with nothing but headings under it, or with it after `## Procedure`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from itertools import pairwise

from qmdoc.checks._layout import Layout, Section, plain
from qmdoc.checks._text import JudgedText, Look, OneDocument, in_layout
from qmdoc.model import Fault, Finding, Severity, Topic

ID = "missing-section"
SEVERITY = Severity.WARNING
TOPIC = Topic.DOCUMENTS
CLAUSES = ("fact-jacie-hct-8 B5.3", "fact-jacie-hct-8 B4.5:format")


def check_document(one: OneDocument) -> Iterator[Finding]:
    """Sections of the policy that a text lacks, leaves empty, or has in another order."""
    types = one.surroundings.authority.policy.types
    for text in one.texts:
        rule = types.get(text.document.type)
        if rule and rule.sections:
            for fault in _faults(text, rule.sections):
                yield text.finding(ID, SEVERITY, fault, CLAUSES)


def _faults(text: JudgedText, asked: tuple[str, ...]) -> Iterator[Fault]:
    lines: dict[str, list[int]] = defaultdict(list)
    for heading in text.markup.headings:
        if heading.level == 2:
            lines[plain(heading.text)].append(heading.line)
    empty = {section.line for section in text.seen(LOOK)}
    for name in asked:
        if not (found := lines.get(plain(name))):
            fix = f"add a heading `## {name}` and write the section, or say there why it is empty"
            yield Fault(text.line("type"), f"the section {name} is missing", fix)
        elif empty.issuperset(found):
            fix = "write the section, or say there why nothing is to be said"
            yield Fault(found[0], f"the section {name} is empty", fix)
    for one, other in pairwise(name for name in asked if plain(name) in lines):
        if lines[plain(other)][-1] < lines[plain(one)][0]:
            fix = f"keep to the order of the policy: {', '.join(asked)}"
            yield Fault(lines[plain(other)][-1], f"the section {other} stands before {one}", fix)


def _empty(layout: Layout) -> Iterator[Section]:
    return (section for section in layout.sections if section.is_empty)


LOOK = Look(ID, Section, in_layout(_empty))
