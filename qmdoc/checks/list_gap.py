"""Steps are numbered 1, 2, 3, so that a page shows the number that the author wrote.

Serves the stepwise description in every SOP (fact-jacie-hct-8 B5.3:steps, recalled). CommonMark counts on from the first
number of a list whatever stands in front of the others, and ends a list at a line that is not indented as far as the
step's own words; after that, "go to step 7" leads to another step. A list may go on counting under the next heading.

Passes: `1.`, `2.`, `3.`, with a table or a box between them indented by three spaces (four below `10.`).
Fails: `1.`, `2.`, `4.`; `1.`, `1.`, `1.`; a list that begins at `3.`; a box without indent between `4.` and `5.`.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from qmdoc.checks._layout import Layout, Steps
from qmdoc.checks._text import Look, OneDocument, in_layout
from qmdoc.model import Fault, Finding, Severity, Topic

ID = "list-gap"
SEVERITY = Severity.ERROR
TOPIC = Topic.DOCUMENTS
CLAUSES = ("fact-jacie-hct-8 B5.3:steps",)


def check_document(one: OneDocument) -> Iterator[Finding]:
    """Numbers that a page would not show as they are written, or that lead nowhere."""
    for text in one.texts:
        for fault in text.seen(LOOK):
            yield text.finding(ID, SEVERITY, fault, CLAUSES)


def faults(layout: Layout) -> Iterator[Fault]:
    """Every gap, repeat, late beginning and break in a text's numbered lists."""
    before: Steps | None = None
    for steps in layout.steps:
        yield from _beginning(steps, before)
        for one, other in pairwise(steps.entries):
            if other.number != one.number + 1:
                fix = (
                    f"number it {one.number + 1}, and see which steps are meant wherever a step is named by its number"
                )
                yield Fault(other.line, f"the step after {one.number} has the number {other.number}", fix)
        before = steps


def _beginning(steps: Steps, before: Steps | None) -> Iterator[Fault]:
    first = steps.entries[0]
    if steps.after is not None:
        shown = "" if steps.is_shown else ", and a page shows it as running text"
        yield Fault(
            first.line,
            f"step {first.number} is cut off from step {steps.after} by line {steps.broken_at}{shown}",
            f"indent what stands between the steps as far as the words of step {steps.after}, or begin a new list at 1",
        )
    elif first.number != 1 and not _goes_on(steps, before):
        yield Fault(first.line, f"a list of steps begins at {first.number}", "begin it at 1")


def _goes_on(steps: Steps, before: Steps | None) -> bool:
    """Whether the list goes on counting from the one before it, under the next heading of the same section."""
    return (
        before is not None
        and before.place.section == steps.place.section
        and before.entries[-1].number + 1 == steps.entries[0].number
    )


LOOK = Look(ID, Fault, in_layout(faults))
