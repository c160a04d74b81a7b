"""A number in a table of limits has its unit, and the unit can't be misread.

Serves acceptable end-points that a reader can compare with a result (fact-jacie-hct-8 B5.3:endpoints, recalled). A column whose head
says limit, range, threshold, target, value or criterion needs a unit beside a bare number in a row on a temperature, a
time, a dose or another quantity; a column headed with such a quantity, in every row. The head or the row's name may give it.
Everywhere, `ug` is found, and `mcg` beside `µg`, and a temperature below zero without its degree sign.

Passes: `| Storage temperature | at or below -150 °C |`; `| Temperature (°C) |` over `-150`; `| Missed days | 0 |`.
Fails: `| Storage temperature | -150 |`; `150 C`; `5 ug`; "2 mcg" and "2 µg" in one text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import chain

from qmdoc.checks._layout import LIMIT, QUANTITY, Layout, Table
from qmdoc.checks._text import Look, OneDocument, in_layout
from qmdoc.model import Fault, Finding, Severity, Topic

ID = "limit-without-unit"
SEVERITY = Severity.WARNING
TOPIC = Topic.DOCUMENTS
CLAUSES = ("fact-jacie-hct-8 B5.3:endpoints",)
_UNIT = re.compile(
    r"°|%|µ|μ|\(|\b(?:in|per|number|count|ratio|index|score|points|grade|times|years?|months?|weeks?|days?|hours?|minutes?|seconds?|min|h|s"
    r"|k?g|m?g|mcg|[mcd]?L|ml|mm|cm|m|mmHg|k?Pa|bar|ppm|rpm|IU|units?|kelvin|celsius|fahrenheit|clock)\b",
    re.I,
)
_NUMBER = r"[-−+±]?[0-9]+(?:[.,][0-9]+)*(?:\s*[×x]\s*10(?:\^?[0-9]+|[⁰¹²³⁴⁵⁶⁷⁸⁹]+))?"
_COMPARED = (
    r"(?:[<>≤≥=±~≈]+|(?:at (?:least|most|or (?:above|below))|(?:no|not )?(?:more|less|fewer|higher|lower|warmer|colder) than"
    r"|(?:not )?(?:above|below|over|under)|up to|within|about|from|between|maximum|minimum|max\.?|min\.?))"
)
_BARE = re.compile(rf"(?:{_COMPARED}\s*)?{_NUMBER}(?:\s*(?:to|and|or|-|–|±)\s*(?:{_COMPARED}\s*)?{_NUMBER})?", re.I)
_NO_DEGREE = re.compile(r"(?<![\w.,])[-−]?[0-9]+(?:[.,][0-9]+)? ?[CF](?![\w-])")
_BELOW_ZERO = re.compile(r"(?<![\w.,])[-−][0-9]+(?:[.,][0-9]+)? ?[CF](?![\w-])")
_UG = re.compile(r"[0-9]\s?ug\b")
_MCG, _MICROGRAM = re.compile(r"\bmcg\b"), re.compile(r"[µμ]g\b")


def check_document(one: OneDocument) -> Iterator[Finding]:
    """Limits of which a reader must guess the unit."""
    for text in one.texts:
        for fault in text.seen(LOOK):
            yield text.finding(ID, SEVERITY, fault, CLAUSES)


def faults(layout: Layout) -> Iterator[Fault]:
    """Numbers without unit, and units that deceive."""
    yield from chain.from_iterable(map(_bare, layout.tables))
    for line, words in layout.lines:
        # Looking for the letters first spares nine lines of ten the patterns.
        if "ug" in words and (found := _UG.search(words)):
            yield Fault(line, f"`{found[0]}` is easily misread", "write µg or mcg")
        if ("-" in words or "−" in words) and (found := _BELOW_ZERO.search(words)):
            yield Fault(line, f"`{found[0]}` has no degree sign", "write °C or °F")
    yield from _two_signs(layout)


def _two_signs(layout: Layout) -> Iterator[Fault]:
    mcg = next((line for line, words in layout.lines if "mcg" in words and _MCG.search(words)), 0)
    microgram = next((line for line, words in layout.lines if _MICROGRAM.search(words)), 0) if mcg else 0
    if mcg and microgram:
        message = f"micrograms are `mcg` in line {mcg} and `µg` in line {microgram}"
        yield Fault(max(mcg, microgram), message, "write one of the two in the whole text")


def _bare(table: Table) -> Iterator[Fault]:
    for column, head in enumerate(table.head):
        if column == 0 or _UNIT.search(head) or not (LIMIT.search(head) or QUANTITY.search(head)):
            continue
        for row in table.rows:
            cell, label = row.cells[column] if column < len(row.cells) else "", row.cells[0]
            if _NO_DEGREE.fullmatch(cell) and not _BELOW_ZERO.search(cell):
                yield Fault(row.line, f"`{cell}` under {head} has no degree sign", "write °C or °F")
            elif _BARE.fullmatch(cell) and not _UNIT.search(label) and QUANTITY.search(f"{head} {label}"):
                yield Fault(
                    row.line, f"the {head.lower()} `{cell}` of {label} has no unit", f"write `{cell}` with its unit"
                )


LOOK = Look(ID, Fault, in_layout(faults))
