"""What a built page shows, read from its HTML: only the approved text, which stands between `BEGIN` and `END`.

Text that a browser does not show (`hidden`, `display: none`, a closed `<details>`, struck out) counts as not shown; numbers
of lists come from `start`, `value` and the order of the items, places in tables from rows and cells.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser

from qmdoc.fidelity import formula
from qmdoc.fidelity.facts import Cell, Fact, Kind, plain
from qmdoc.fidelity.source import BULLET

BEGIN = '<div class="qm-text">'
END = '</div><div class="qm-text-end"></div>'
ADDED = "qm-added"  # the class of what qmdoc puts beside a word of the text: a clause's mark, a link that leads nowhere
_ADDED = frozenset({ADDED, "qm-clause-mark"})
_VOID = frozenset(re.findall(r"\S+", "area base br col embed hr img input link meta source track wbr"))
_BLOCKS = frozenset(
    re.findall(
        r"\S+",
        "article blockquote caption dd details div dl dt figcaption figure footer h1 h2 h3 h4 h5 h6 header hr li math ol p pre"
        " section summary table tbody td tfoot th thead tr ul",
    )
)
_NEVER_SHOWN = frozenset(re.findall(r"\S+", "script style template noscript del s strike head title"))
_HIDING = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*(?:hidden|collapse)|opacity\s*:\s*0(?![.\d])|font-size\s*:\s*0"
)
_STYLES_OF_LISTS = {"a": "loweralpha", "A": "upperalpha", "i": "lowerroman", "I": "upperroman"}
_APPLIED = "\u2061"  # an invisible sign that MathML puts between a function and what it is of
_RAISED = str.maketrans("0123456789+-−=()", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁼⁽⁾")
_LOWERED = str.maketrans("0123456789+-−=()", "₀₁₂₃₄₅₆₇₈₉₊₋₋₌₍₎")


def read(page: str) -> tuple[Fact, ...]:
    """All that a page of the manual shows of its text, in reading order; nothing where it has no such part."""
    _, begin, rest = page.partition(BEGIN)
    text, end, _ = rest.rpartition(END)
    if not begin or not end:
        return ()
    reader = _Reader()
    reader.feed(text)
    reader.close()
    reader.flush()
    return tuple(reader.facts)


@dataclass(slots=True)
class _Open:
    """An element that is not closed yet."""

    tag: str
    is_hidden: bool = False
    depth: int = 0
    kind: Kind | None = None
    text_before: str = ""


@dataclass(slots=True)
class _Table:
    number: int
    outside: Cell | None
    row: int = 0
    column: int = 0


@dataclass(slots=True)
class _Math:
    """An element of MathML and what its parts say."""

    tag: str
    parts: list[str] = field(default_factory=list)
    text: str = ""


class _Reader(HTMLParser):
    """Notes facts while it goes through the elements of a page."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.facts: list[Fact] = []
        self.opened: list[_Open] = []
        self.hidden = 0
        self.depth = 0
        self.kinds: list[Kind] = [Kind.WORDS]
        self.lists: list[int | None] = []
        self.styles: list[str] = []
        self.tables: list[_Table] = []
        self.count = 0
        self.cell: Cell | None = None
        self.text = ""
        self.math: list[_Math] = []

    def note(self, kind: Kind, text: str) -> None:
        if not self.hidden:
            self.facts.append(Fact(kind, text, self.depth, self.cell))

    def flush(self) -> None:
        """What was read since the last block began is a fact."""
        if self.text and (text := plain(self.text)):
            self.note(self.kinds[-1], text)
        self.text = ""

    def handle_data(self, data: str) -> None:
        if self.hidden:
            return
        if self.math:
            self.math[-1].text += data
        else:
            self.text += data

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in _VOID:
            self.handle_endtag(tag)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = {name: value or "" for name, value in attrs}
        if tag in _BLOCKS:
            self.flush()
        if tag in _VOID:
            self.void(tag, attributes)
            return
        if self.math or tag == "math":
            self.math.append(_Math(tag))
            return
        opened = _Open(tag, _is_hidden(tag, attributes), 0, None)
        self.opened.append(opened)
        self.hidden += opened.is_hidden
        self.structure(opened, attributes)

    def structure(self, opened: _Open, attributes: dict[str, str]) -> None:
        tag, classes = opened.tag, attributes.get("class", "").split()
        opened.kind = _kind(tag, classes)
        if tag in ("ol", "ul", "blockquote") or (tag == "div" and "admonition" in classes):
            opened.depth = 1
            self.depth += 1
        if opened.kind:
            self.kinds.append(opened.kind)
        if tag in ("ol", "ul"):
            self.lists.append(_number(attributes.get("start"), 1) if tag == "ol" else None)
            self.styles.append(_style(attributes, classes))
        elif tag == "li":
            self.item(attributes)
        elif tag == "table":
            self.count += 1
            self.tables.append(_Table(self.count, self.cell))
        elif self.tables and tag == "tr":
            self.tables[-1].row, self.tables[-1].column = self.tables[-1].row + 1, 0
        elif self.tables and tag in ("td", "th"):
            self.in_cell(attributes)
        elif tag in ("sup", "sub"):
            opened.text_before, self.text = self.text, ""
        elif tag == "summary" and not self.is_open_details():
            # the words on a closed drop-down are all that it shows
            self.hidden -= 1

    def is_open_details(self) -> bool:
        return not (len(self.opened) > 1 and self.opened[-2].tag == "details" and self.opened[-2].is_hidden)

    def item(self, attributes: dict[str, str]) -> None:
        number = self.lists[-1] if self.lists else None
        style = self.styles[-1] if self.styles else ""
        if number is None:
            self.note(Kind.ITEM, style or BULLET)
            return
        number = _number(attributes.get("value"), number)
        self.note(Kind.ITEM, f"{number}.{style}")
        self.lists[-1] = number + (-1 if style == "reversed" else 1)

    def in_cell(self, attributes: dict[str, str]) -> None:
        table = self.tables[-1]
        table.column += 1
        self.cell = Cell(table.number, table.row, table.column)
        spans = [f"{name} {attributes[name]}" for name in ("colspan", "rowspan") if attributes.get(name, "1") != "1"]
        self.note(Kind.CELL, ", ".join(spans))
        table.column += _number(attributes.get("colspan"), 1) - 1

    def void(self, tag: str, attributes: dict[str, str]) -> None:
        if tag == "br":
            self.handle_data("\n")
        elif tag == "img" and not _is_hidden(tag, attributes):
            alternative = attributes.get("alt", "")
            self.note(Kind.PICTURE, "" if alternative == attributes.get("src") else plain(alternative))

    def handle_endtag(self, tag: str) -> None:
        if self.math:
            self.end_math(tag)
            return
        if tag in _BLOCKS:
            self.flush()
        while self.opened:
            opened = self.opened.pop()
            self.end(opened)
            if opened.tag == tag:
                return

    def end(self, opened: _Open) -> None:
        if opened.tag == "summary" and self.opened and self.opened[-1].tag == "details" and self.opened[-1].is_hidden:
            self.hidden += 1
        self.hidden -= opened.is_hidden
        self.depth -= opened.depth
        if opened.kind:
            self.kinds.pop()
        if opened.tag in ("ol", "ul"):
            self.lists.pop()
            self.styles.pop()
        elif opened.tag == "table":
            self.cell = self.tables.pop().outside
        elif opened.tag in ("td", "th") and self.tables:
            self.cell = self.tables[-1].outside
        elif opened.tag in ("sup", "sub"):
            self.text = opened.text_before + self.text.translate(_RAISED if opened.tag == "sup" else _LOWERED)

    def end_math(self, tag: str) -> None:
        """An element of a formula is whole: its parts in one line are a part of what it stands in."""
        if all(element.tag != tag for element in self.math):
            return
        while self.math:
            element = self.math.pop()
            said = _linear(element)
            if self.math:
                self.math[-1].parts.append(said)
            elif said:
                self.note(Kind.FORMULA, said)
            if element.tag == tag:
                return


def _is_hidden(tag: str, attributes: dict[str, str]) -> bool:
    if tag in _NEVER_SHOWN or (tag == "details" and "open" not in attributes):
        return True
    if not attributes:
        return False
    if "hidden" in attributes:
        return True
    is_added = bool(_ADDED.intersection(attributes.get("class", "").split()))
    return is_added or bool(_HIDING.search(attributes.get("style", "").lower()))


def _kind(tag: str, classes: list[str]) -> Kind | None:
    if tag in ("h1", "h2", "h3", "h4", "h5", "h6") or (tag == "p" and "rubric" in classes):
        return Kind.HEADING
    if tag == "p" and "admonition-title" in classes:
        return Kind.LABEL
    if tag == "div" and "math" in classes:
        return Kind.FORMULA
    return Kind.CODE if tag == "pre" else None


def _style(attributes: dict[str, str], classes: list[str]) -> str:
    """How a list's numbers differ from plain ones; empty where they do not."""
    if "reversed" in attributes:
        return "reversed"
    named = [each for each in _STYLES_OF_LISTS.values() if each in classes]
    return named[0] if named else _STYLES_OF_LISTS.get(attributes.get("type", ""), "")


def _number(written: str | None, otherwise: int) -> int:
    return int(written) if written and re.fullmatch(r"-?\d{1,9}", written) else otherwise


def _linear(element: _Math) -> str:
    """What an element of a formula says, in one line."""
    tag, (first, second, third) = element.tag, (*element.parts, "", "", "")[:3]
    if tag == "mfrac":
        return formula.fraction(first, second)
    if tag in ("msub", "munder"):
        return formula.scripted(first, second, None)
    if tag in ("msup", "mover"):
        return formula.scripted(first, None, second)
    if tag in ("msubsup", "munderover"):
        return formula.scripted(first, second, third)
    if tag == "msqrt":
        return formula.root(formula.joined(element.parts))
    if tag == "mtable":
        return formula.table(element.parts)
    if tag == "mtr":
        return formula.table_row(element.parts)
    if tag == "mphantom":
        return ""
    return formula.joined(element.parts or [plain(element.text.replace(_APPLIED, ""))])
