"""Two documents that claim the same clause give the same limit for the same quantity, or are shown side by side.

Serves acceptable end-points (fact-jacie-hct-8 B5.3:endpoints, recalled). Only what can be told surely is compared: two tables have a row
of the same name (more than a number or a word such as time), under a head such as limit, range or value, or under the same head of a quantity
such as temperature; both cells hold one number with the same unit; and the numbers differ. The difference may be right.

Passes: "Storage limit | -150 °C" in both; "-150 °C" in one and "-238 °F" in the other; no clause in common.
Fails: "Storage limit | -150 °C" in PRC-001 and "Storage limit | -130 °C" in PRC-005, which both claim D9.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from itertools import combinations
from typing import NamedTuple

from qmdoc.checks import _text
from qmdoc.checks._layout import LIMIT, QUANTITY, Layout
from qmdoc.checks._text import JudgedText, Look, in_layout
from qmdoc.model import Fault, Finding, Severity, Topic
from qmdoc.register import Register

ID = "limits-disagree"
SEVERITY = Severity.NOTE
TOPIC = Topic.DOCUMENTS
CLAUSES = ("fact-jacie-hct-8 B5.3:endpoints",)
_ASIDE = re.compile(r"\([^()]*\)|\[\[[^\[\]]*\]\]|[*_`]")
_LINK = re.compile(r"\[([^\[\]]*)\]\([^()]*\)")
_LONGEST = 200
_NO_NAME = re.compile(r"[^A-Za-z]*|.{1,2}|time|duration|interval|limit|value|total|other", re.I)
_VALUE = re.compile(
    r"[^0-9]*?(?P<number>[-−]?[0-9]+(?:,[0-9]{3})*(?:[.,][0-9]+)?)\s*(?P<unit>%|°[CF]|[A-Za-zµμ]+(?:/[A-Za-zµμ0-9]+)*)(?:[^0-9]*)"
)
_UNITS = {
    "min": "minute", "minutes": "minute", "h": "hour", "hours": "hour", "days": "day", "weeks": "week", "months": "month",
    "years": "year",
}  # fmt: skip


class _Limit(NamedTuple):
    """A limit in a table: its row's name and its value as written. `number` is what is compared, where the rest is the same."""

    line: int
    label: str
    written: str
    number: float
    unit: str
    quantity: str

    @property
    def of(self) -> tuple[str, str, str]:
        """What is limited, and the unit: only limits of the same are compared."""
        return (" ".join(self.label.casefold().split()), self.quantity, self.unit)


def check(register: Register) -> Iterator[Finding]:
    """Limits for one quantity under one clause that differ."""
    found: dict[tuple[str, str, str], list[tuple[JudgedText, _Limit]]] = defaultdict(list)
    for text in _text.judged(register):
        for limit in text.seen(LOOK):
            found[limit.of].append((text, limit))
    for limits in found.values():
        for (there, one), (here, other) in combinations(limits, 2):
            shared = sorted(_claims(there) & _claims(here))
            if there.id != here.id and one.number != other.number and shared:
                yield here.finding(ID, SEVERITY, _side_by_side(other, one, there, shared), CLAUSES)


def _side_by_side(here: _Limit, there: _Limit, text: JudgedText, shared: list[str]) -> Fault:
    where = f"{_text.name(text.state)} ({text.document.version}, line {there.line})"
    clauses = f"{shared[0]}{f' and {len(shared) - 1} more' if len(shared) > 1 else ''}"
    message = f"{here.label}: `{here.written}` here, `{there.written}` in {where}; both claim {clauses}"
    return Fault(here.line, message, "write one limit in both, or say in each why it differs")


def _limits(layout: Layout) -> Iterator[_Limit]:
    for table in layout.tables:
        for column, head in enumerate(table.head[1:], 1):
            is_general = bool(LIMIT.search(head))
            if not is_general and not QUANTITY.search(head):
                continue
            for row in table.rows:
                label, cell = (
                    _LINK.sub(r"\1", each) for each in (row.cells[0], "".join(row.cells[column : column + 1]))
                )
                if (
                    len(cell) <= _LONGEST
                    and (value := _VALUE.fullmatch(_ASIDE.sub("", cell)))
                    and not _NO_NAME.fullmatch(label)
                ):
                    unit = _UNITS.get(value["unit"], value["unit"].replace("μ", "µ"))
                    quantity = "" if is_general else head.casefold()
                    yield _Limit(row.line, label, cell, _number(value["number"]), unit, quantity)


def _number(written: str) -> float:
    """A comma before three digits divides thousands; any other is a decimal sign."""
    return float(re.sub(r",(?=[0-9]{3}(?![0-9]))", "", written).replace("−", "-").replace(",", "."))


def _claims(text: JudgedText) -> frozenset[str]:
    standards = text.document.front_matter.standards
    return frozenset(f"{catalogue} {clause}" for catalogue, clauses in standards.items() for clause in clauses)


LOOK = Look(ID, _Limit, in_layout(_limits))
