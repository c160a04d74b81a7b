"""A step of a procedure is a command: it says what to do, not what should be or is done.

Serves the stepwise description (fact-jacie-hct-8 B5.3:steps, recalled) and instructions in the imperative style
(eu-gmp-chapter4 4.4, confirmed). Numbered steps under Procedure are judged, and of each the first sentence; only what is
surely no command is found, as a reader must be able to trust the warning.

Passes: "Label the bag before the donor leaves the chair"; "Check that the bag is labelled".
Fails: "The bag is labelled before the donor leaves the chair"; "The bag should be labelled"; "You should label the bag".
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from qmdoc.checks._layout import Layout
from qmdoc.checks._text import Look, OneDocument, in_layout
from qmdoc.model import Fault, Finding, Severity, Topic

ID = "step-not-imperative"
SEVERITY = Severity.WARNING
TOPIC = Topic.DOCUMENTS
CLAUSES = ("fact-jacie-hct-8 B5.3:steps", "eu-gmp-chapter4 4.4")
SECTION = "procedure"
_MARKS = re.compile(r"[*_`]|\]\([^()]*\)|\[(?!\[)")
_CONDITION = re.compile(
    r"^(?:if|when|where|once|after|before|for|in|at|on|within|during|until|(?:each|every|any) time|the moment)\b[^,;:.]*,\s+",
    re.I,
)
_WORDS = r"(?:(?!(?:that|what|which|who|whom|whose|if|when|until|while|where|because|unless|whether|how|as|so)\b)[\w/'’()-]+ )"
_SUBJECT = rf"(?:(?:the|a|an|all|any|each|every|both|no|these|those|this|their|its|your|our)\s{_WORDS}{{1,6}}|(?:it|they|you|we|nobody|everybody)\s|\w+s\s)"
_PARTICIPLE = r"(?:\w{2,}ed|made|done|kept|held|put|given|taken|drawn|written|sent|found|seen|shown|known|told|read|set|worn|frozen|brought|built|left|lost|chosen|begun|cut|split|spun|thrown|withdrawn|drawn up)"
_PASSIVE = rf"(?:is|are|was|were|(?:must|shall|will|has to|have to|needs? to) be|has been|have been)(?: \w+ly| not| then| also| always)? {_PARTICIPLE}\b"
_NO_COMMAND = re.compile(rf"{_SUBJECT}(?P<verb>should|shall|ought to|{_PASSIVE})", re.I)


def check_document(one: OneDocument) -> Iterator[Finding]:
    """Steps in the passive, or with "should"."""
    for text in one.texts:
        for fault in text.seen(LOOK):
            yield text.finding(ID, SEVERITY, fault, CLAUSES)


def faults(layout: Layout) -> Iterator[Fault]:
    """The steps of a procedure that are no commands."""
    for steps in layout.steps:
        if steps.place.section != SECTION:
            continue
        for step in steps.entries:
            if found := _NO_COMMAND.match(_CONDITION.sub("", _MARKS.sub("", step.text), count=1)):
                message = f"step {step.number} is no command: `{found[0]}`"
                yield Fault(step.line, message, "say who does what: begin the step with its verb, as `Label the bag`")


LOOK = Look(ID, Fault, in_layout(faults))
