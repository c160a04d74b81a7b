"""Signs that a Word file writes in the codes of a font, and small letters above or below the line, as Unicode.

Tables: Adobe's encoding of Symbol; of Wingdings what procedures use. Whatever isn't here is never guessed.
"""

from __future__ import annotations

import re
import unicodedata

_SYMBOL_LOW = " !∀#∃%&∋()∗+,−./0123456789:;<=>?≅ΑΒΧΔΕΦΓΗΙϑΚΛΜΝΟΠΘΡΣΤΥςΩΞΨΖ[∴]⊥_‾αβχδεφγηιϕκλµνοπθρστυϖωξψζ{|}∼"
_SYMBOL_HIGH = "€ϒ′≤⁄∞ƒ♣♦♥♠↔←↑→↓°±″≥×∝∂•÷≠≡≈…⏐⎯↵ℵℑℜ℘⊗⊕∅∩∪⊃⊇⊄⊂⊆∈∉∠∇®©™∏√⋅¬∧∨⇔⇐⇑⇒⇓◊⟨®©™∑"
_SYMBOL = {
    **{0x20 + index: sign for index, sign in enumerate(_SYMBOL_LOW)},
    **{0xA0 + index: sign for index, sign in enumerate(_SYMBOL_HIGH)},
    0xF1: "⟩",
    0xF2: "∫",
}
_WINGDINGS = {
    0x20: " ", 0x22: "✂", 0x28: "☎", 0x2A: "✉", 0x46: "☞", 0x4A: "☺", 0x4B: "😐", 0x4C: "☹", 0x54: "❄",
    0x6C: "●", 0x6D: "❍", 0x6E: "■", 0x6F: "□", 0x71: "❑", 0x72: "❒", 0x75: "◆", 0x76: "❖", 0x78: "☒",
    0x9F: "•", 0xA1: "○", 0xA7: "▪", 0xA8: "☐", 0xAB: "★", 0xD8: "➢", 0xDF: "←", 0xE0: "→", 0xE1: "↑", 0xE2: "↓",
    0xE8: "➔", 0xEF: "⇦", 0xF0: "⇨", 0xF1: "⇧", 0xF2: "⇩", 0xFB: "✗", 0xFC: "✓", 0xFD: "☒", 0xFE: "☑",
    **{0x80 + number: "⓪①②③④⑤⑥⑦⑧⑨⑩"[number] for number in range(11)},
    **{0x8B + number: "⓿❶❷❸❹❺❻❼❽❾❿"[number] for number in range(11)},
}  # fmt: skip
_WINGDINGS_2 = {0x50: "✓", 0x52: "☑", 0xA3: "☐", 0x2A: "☐", 0x4F: "✗"}
_FONTS = {"symbol": _SYMBOL, "wingdings": _WINGDINGS, "wingdings 2": _WINGDINGS_2}
_OWN_CODES = (*_FONTS, "wingdings 3", "webdings", "marlett", "zapfdingbats", "monotype sorts")

_RAISED = dict(
    zip(
        "0123456789+-−–=()nioabcdefghjklmprstuvwxyz",
        "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁻⁼⁽⁾ⁿⁱᵒᵃᵇᶜᵈᵉᶠᵍʰʲᵏˡᵐᵖʳˢᵗᵘᵛʷˣʸᶻ",
        strict=True,
    )
)
_LOWERED = dict(zip("0123456789+-−–=()aeoxhklmnpst", "₀₁₂₃₄₅₆₇₈₉₊₋₋₋₌₍₎ₐₑₒₓₕₖₗₘₙₚₛₜ", strict=True))
_PLAIN = frozenset(re.findall(r"\S+", "st nd rd th ® © ™ * † ‡ § ° ª º"))


def has_own_codes(font: str) -> bool:
    """Whether the font shows other signs than the letters that a file writes."""
    return font.lower() in _OWN_CODES


def sign(font: str, code: int) -> str | None:
    """The sign that a font shows for a code, as Unicode; None where it isn't known."""
    table = _FONTS.get(font.lower())
    if table is None:
        return None
    return table.get(code - 0xF000 if 0xF000 <= code <= 0xF0FF else code)


def raised(text: str) -> str:
    """Text above the line: `⁶`; where Unicode has no such letter, `^(text)`. Ordinals and marks stay as they are."""
    return _moved(text, _RAISED, "^")


def lowered(text: str) -> str:
    """Text below the line: `₂`; where Unicode has no such letter, `_(text)`."""
    return _moved(text, _LOWERED, "_")


def _moved(text: str, table: dict[str, str], otherwise: str) -> str:
    bare = text.strip()
    if not bare or (otherwise == "^" and bare in _PLAIN):
        return text
    moved = "".join(table.get(letter, " " if letter.isspace() else "") for letter in bare)
    if len(moved) != len(bare):
        moved = f"{otherwise}({bare})"
    return text.replace(bare, moved)


def name_of(character: str) -> str:
    """A character's code and name, for the report."""
    return f"U+{ord(character):04X} {unicodedata.name(character, 'without a name')}"
