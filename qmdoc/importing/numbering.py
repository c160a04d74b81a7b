"""What Word prints in front of a numbered paragraph: numbering.xml and the styles, counted through the text."""

from __future__ import annotations

import re
from dataclasses import dataclass
from xml.etree.ElementTree import Element

from qmdoc.importing.styles import Styles, value

_ROMAN = ((1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"), (50, "l"), (40, "xl"), (10, "x"),
          (9, "ix"), (5, "v"), (4, "iv"), (1, "i"))  # fmt: skip
_KNOWN = frozenset(
    re.findall(r"\S+", "decimal decimalZero lowerLetter upperLetter lowerRoman upperRoman ordinal bullet none")
)


@dataclass(frozen=True, slots=True)
class Label:
    """What stands before a paragraph of a list; `number` is given where it is no more than that number."""

    text: str
    level: int
    list: str
    number: int | None = None
    is_bullet: bool = False
    unknown: str = ""


@dataclass(frozen=True, slots=True)
class _Level:
    start: int
    form: str
    text: str
    restart: int | None
    is_legal: bool
    style: str


class Numbering:
    """Counts as Word does; ask for each paragraph once, in the order of the text."""

    def __init__(self, tree: Element | None, styles: Styles) -> None:
        self.styles = styles
        self.abstracts: dict[str, dict[int, _Level]] = {}
        self.links: dict[str, str] = {}
        self.abstract_of: dict[str, str] = {}
        self.overrides: dict[str, dict[int, _Level]] = {}
        self.restarts: dict[str, dict[int, int]] = {}
        self.counters: dict[str, dict[int, int]] = {}
        self.begun: set[tuple[str, int]] = set()
        for abstract in tree.iter("w:abstractNum") if tree is not None else ():
            number = abstract.get("w:abstractNumId", "")
            self.abstracts[number] = {_whole(row.get("w:ilvl")): _level(row) for row in abstract.findall("w:lvl")}
            if link := value(abstract, "w:numStyleLink"):
                self.links[number] = link
        for num in tree.findall("w:num") if tree is not None else ():
            self._use(num)

    def label(self, paragraph: Element) -> Label | None:
        """The label of the next paragraph; None when it has none."""
        number, level = self.styles.list_of(paragraph)
        if level is None:
            level = self._level_of_style(number, self.styles.style_of(paragraph))
        abstract = self._abstract(number)
        levels = self._levels(number, abstract)
        if number in ("", "0") or level not in levels:
            return None
        counters = self.counters.setdefault(abstract, {})
        restart = self.restarts.get(number, {}).get(level)
        if restart is not None and (number, level) not in self.begun:
            counters.pop(level, None)
        self.begun.add((number, level))
        start = levels[level].start if restart is None else restart
        counters[level] = counters[level] + 1 if level in counters else start
        for deeper in [each for each in counters if each > level]:
            rule = levels[deeper].restart if deeper in levels else None
            if rule is None or (rule and level < rule):
                del counters[deeper]
        return _written(abstract, level, levels, counters)

    def _use(self, num: Element) -> None:
        number = num.get("w:numId", "")
        self.abstract_of[number] = value(num, "w:abstractNumId")
        for override in num.findall("w:lvlOverride"):
            level = _whole(override.get("w:ilvl"))
            if start := value(override, "w:startOverride"):
                self.restarts.setdefault(number, {})[level] = _whole(start)
            if (row := override.find("w:lvl")) is not None:
                self.overrides.setdefault(number, {})[level] = _level(row)

    def _abstract(self, number: str) -> str:
        abstract = self.abstract_of.get(number, "")
        for _ in range(5):
            if abstract not in self.links:
                break
            abstract = self.abstract_of.get(self.styles.list_of_style(self.links[abstract])[0], "")
        return abstract

    def _levels(self, number: str, abstract: str) -> dict[int, _Level]:
        return {**self.abstracts.get(abstract, {}), **self.overrides.get(number, {})}

    def _level_of_style(self, number: str, style: str) -> int:
        levels = self._levels(number, self._abstract(number))
        return next((level for level, row in levels.items() if row.style and row.style == style), 0)


def _level(row: Element) -> _Level:
    restart = value(row, "w:lvlRestart")
    return _Level(
        start=_whole(value(row, "w:start") or "0"),
        form=value(row, "w:numFmt") or "decimal",
        text=value(row, "w:lvlText"),
        restart=_whole(restart) if restart else None,
        is_legal=row.find("w:isLgl") is not None and value(row, "w:isLgl") not in ("0", "false"),
        style=value(row, "w:pStyle"),
    )


def _written(list_name: str, level: int, levels: dict[int, _Level], counters: dict[int, int]) -> Label | None:
    row = levels[level]
    if row.form == "bullet":
        return Label("", level, list_name, is_bullet=True)
    text, unknown = row.text, "" if row.form in _KNOWN else row.form
    for each in range(9, 0, -1):
        if f"%{each}" in text:
            shown = levels.get(each - 1, row)
            count = counters.get(each - 1, shown.start)
            text = text.replace(f"%{each}", spelt(count, "decimal" if row.is_legal else shown.form))
    text = text.strip()
    if not text:
        return None
    is_number = row.form == "decimal" and text.rstrip(".)") == str(counters[level]) and len(text) < 10
    return Label(text, level, list_name, counters[level] if is_number else None, unknown=unknown)


def spelt(count: int, form: str) -> str:
    """A number in one of Word's ways of counting; an unknown way gives the plain number."""
    if form in ("lowerLetter", "upperLetter") and count > 0:
        letters = chr(ord("a") + (count - 1) % 26) * ((count - 1) // 26 + 1)
        return letters.upper() if form == "upperLetter" else letters
    if form in ("lowerRoman", "upperRoman") and 0 < count < 4000:
        roman, left = "", count
        for worth, letter in _ROMAN:
            roman += letter * (left // worth)
            left %= worth
        return roman.upper() if form == "upperRoman" else roman
    if form == "ordinal":
        ending = "th" if 10 <= count % 100 <= 20 else {1: "st", 2: "nd", 3: "rd"}.get(count % 10, "th")
        return f"{count}{ending}"
    return "" if form in ("none", "bullet") else f"{count:02}" if form == "decimalZero" else str(count)


def _whole(text: str | None) -> int:
    return int(text) if text and text.lstrip("-").isdigit() and len(text) < 7 else 0
