"""A text cut into words. A number is one word with its comparison, sign, range, power of ten and unit.

So "72" that becomes "48" is never shown as "7248", and "−1 °C/min" is another word than "1 °C/min".
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache, lru_cache

from qmdoc.redline.nouns import Word, WordKind

Piece = tuple[str, str]  # a text, and the style in which it is set

_S = r"\s{0,3}"
_COMPARED = (
    r"(?:[<>≤≥≦≧⩽⩾≲≳=≠±~≈≃∼]{1,2}|\+/[-−–]"
    r"|(?i:\b(?:at (?:least|most|or (?:above|below|over|under))|(?:(?:no|not)\s)?(?:more|less|fewer|higher|lower|greater|warmer|colder|longer"
    r"|shorter|later|earlier|older|younger|sooner) than(?: or equal to)?|(?:not )?(?:above|below|over|under|exceeding)|up to"
    r"|within|approximately|about|maximum|minimum|max\.?|min\.?|every|per)))"
)
_FRACTION = r"[¼-¾⅐-⅞]"
_DIGITS = (
    r"\d{1,3}(?:[\u00a0\u2009\u202f '’]\d{3})+(?!\d)(?:[.,]\d+)?"
    rf"|\d+(?:[.,:·/⁄]\d+)*(?:\s?{_FRACTION})?|[.,]\d+|{_FRACTION}"
)
_POWER = rf"(?:{_S}[×x✕*·]{_S}10(?:{_S}\^{_S}\{{?[-−–+]?\d+\}}?|[⁺⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+)|\^\{{?[-−–+]?\d+\}}?|[⁺⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+)"
_NUMERAL = (
    r"(?i:\b(?:zero|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen"
    r"|eighteen|nineteen|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|hundred|thousand|million|billion|half|quarter"
    r"|zwei|drei|vier|fünf|sechs|sieben|acht|neun|zehn|elf|zwölf|zwanzig|dreißig|hundert|tausend|halbe[nrms]?|einmal|zweimal|dreimal|viermal"
    r"|double|triple|once|twice|thrice|first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth)"
    r"(?:-(?:one|two|three|four|five|six|seven|eight|nine|half|fold))?\b)"
)
_AMOUNT = rf"(?:(?:[-−–+]{_S}|(?<!\w))(?:{_DIGITS}){_POWER}?|{_NUMERAL})"
_RANGE = rf"(?:{_S}(?:[-−–—‒±]|\+/[-−–]|\b(?:to|and|or|by)\b){_S}(?:{_COMPARED}{_S})?[-−–+]?(?:(?:{_DIGITS}){_POWER}?|{_NUMERAL}))"
_MEASURE = (
    r"(?:[kMGmcdµμnp]?(?:g|L|l|m|mol|M|Pa|U|IU|Gy|Sv|J|W|V|A|Hz|Bq|Eq|Osm|osm|bar|cal|s)(?![A-Za-z])|EU|mcg|mmHg|cmH2O|rpm|ppm|kDa|CFU|IE|BPM|bpm|pH"
    r"|°\s?[CFK]?|[%‰]|(?i:percent|per cent|degrees?(?: (?:Celsius|C|F|Fahrenheit))?|min|mins|minutes?|h|hrs?|hours?|d|days?|weeks?|months?|years?|yrs?"
    r"|Sekunden?|Minuten?|Stunden?|Tage?n?|Wochen?|Monate?n?|Jahre?n?|Grad|Tropfen|Beutel|Tabletten?|Ampullen?|Einheiten?|Proben?|Schritte?|Personen?"
    r"|seconds?|secs?|working days?|calendar days?|business days?|times?|doses?|vials?|bags?|tubes?|ampoules?|tablets?|capsules?|drops?|units?|cycles?"
    r"|cells?|samples?|copies|copy|people|persons?|staff|signatures?|signatories|litres?|liters?|millilitres?|milliliters?|micrograms?"
    r"|milligrams?|grams?|kilograms?|metres?|points?|steps?|levels?|logs?|fold|x)(?!\w))"
)
_UNIT = (
    rf"(?:{_S}(?:[×x]\s?g(?!\w)|{_MEASURE}(?:[²³]|\^[-−]?\d)?|/\s?[A-Za-zµμ%°²³]{{1,12}}\d?(?!\w))"
    r"(?:\s?[/·]\s?[A-Za-zµμ%°²³]{1,12}\d?(?!\w)|\sper\s[A-Za-zµμ]{1,16}(?!\w)(?:\s(?:body weight|per [a-z]{1,10}(?!\w)))?)*)"
)
_AFTER = r"(?:\s(?i:or (?:more|less|fewer|above|below|higher|lower|greater|warmer|colder|over|under|older|younger|later|earlier|longer|shorter))\b)"
_MONTH = (
    r"(?:Jan(?:uary|uar)?|Feb(?:ruary|ruar)?|Mar(?:ch)?|März|Apr(?:il)?|May|Mai|June?|Juni|July?|Juli|Aug(?:ust)?|Sept?(?:ember)?"
    r"|O[ck]t(?:ober)?|Nov(?:ember)?|De[cz](?:ember)?)\.?"
)
_DATE = rf"(?<![\w.,])\d{{1,2}}(?:st|nd|rd|th|\.)?\s{_MONTH}\s\d{{4}}(?!\w)|\b{_MONTH}\s\d{{1,2}}(?:st|nd|rd|th)?,?\s\d{{4}}(?!\w)"
_A_WORD = (
    rf"(?P<date>{_DATE})|(?P<number>(?:{_COMPARED}{_S}){{0,2}}{_AMOUNT}(?P<first>{_UNIT})?{_RANGE}{{0,2}}(?P<unit>{_UNIT})?(?!\w|[.,]\d){_AFTER}?)"
    r"|(?P<word>\w+(?:[’'.\-‐‑/_]\w+)*(?:[+⁺⁻]{1,2}|(?<=\d)[-−](?!\w))?)"
    r"|(?P<point>\S)"
)
_COUNTS = re.compile(rf"[\d²³¹⁰⁴-⁹₀-₉Ⅰ-ⅿ]|{_FRACTION}")
# A numeral of one letter is also a word ("I", "V"): it counts after a word that is followed by one.
_ROMAN = re.compile(r"(?=..)X{0,3}(?:IX|IV|V?I{0,3})")
_ROMAN_LETTER = re.compile(r"[IVX]")
_GRADED = re.compile(
    r"(?i:grades?|stages?|phases?|types?|class|classes|factors?|levels?|degrees?|groups?|grad|stadium|typ|klasse|faktor|stufe)"
)
_DASHES = str.maketrans({"−": "-", "–": "-", "—": "-", "‒": "-", "‐": "-", "‑": "-", "μ": "µ", "✕": "×"})
_A_LOOSE_UNIT = rf"(?<![A-Za-zµμ]){_UNIT}{_AFTER}?$"  # not the last letter of `six`


def cut(pieces: Sequence[Piece], *, is_apart: bool = True) -> list[Word]:
    """The words of a line of text; `is_apart`: a space stands before it."""
    text = "".join(piece for piece, _ in pieces)
    words, end, at = list[Word](), 0, _Styles(pieces)
    for match in _word().finditer(text):
        apart = match.start() > end or (is_apart and match.start() == 0)
        written = match[0]
        if " " in written or "\n" in written or "\u00a0" in written:
            written = " ".join(written.split())
        group = "name" if match["date"] else str(match.lastgroup)
        if group == "word" and _ROMAN_LETTER.fullmatch(written) and words and _GRADED.fullmatch(words[-1].text):
            group = "name"
        kind, key = _judged(group, written, has_number=match["number"] is not None)
        words.append(Word(written, kind, apart, at.between(match.start(), match.end()), key))
        end = match.end()
    return words


@cache
def _word() -> re.Pattern[str]:
    return re.compile(_A_WORD)  # when the first text is cut: it takes as long as loading a dozen modules


@cache
def _loose_unit() -> re.Pattern[str]:
    return re.compile(_A_LOOSE_UNIT)


@lru_cache(maxsize=1 << 14)
def parted(number: str) -> tuple[str, str]:
    """A number without its unit, and the unit; no unit where it has two of them."""
    found = _loose_unit().search(number)
    if not found or not found.start():
        return number, ""
    return number[: found.start()].strip(), found[0].strip()


@lru_cache(maxsize=1 << 14)
def _judged(group: str, written: str, *, has_number: bool) -> tuple[WordKind, str]:
    if has_number:
        return WordKind.NUMBER, "".join(written.split()).translate(_DASHES)
    if group == "name" or (group == "word" and (_COUNTS.search(written) or _ROMAN.fullmatch(written))):
        return WordKind.NAME, written
    if group == "word":
        return WordKind.WORD, written
    return WordKind.POINT, written


class _Styles:
    """Which styles a stretch of text is set in; asked from left to right."""

    def __init__(self, pieces: Sequence[Piece]) -> None:
        self.ends: list[tuple[int, str]] = []
        end = 0
        for piece, style in pieces:
            end += len(piece)
            self.ends.append((end, style))
        self.is_plain = not any(style for _, style in pieces)
        self.at = 0

    def between(self, start: int, end: int) -> str:
        if self.is_plain:
            return ""
        while self.ends[self.at][0] <= start:
            self.at += 1
        found, at = [self.ends[self.at][1]], self.at
        while self.ends[at][0] < end:
            at += 1
            if self.ends[at][1] != found[-1]:
                found.append(self.ends[at][1])
        return "|".join(found)
