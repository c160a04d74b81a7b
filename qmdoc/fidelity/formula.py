"""Formulas in one line, so that what TeX asks for and what MathML shows can be compared.

Fractions, indices and exponents keep their brackets: `V·0.10 over 1.5` is `⟮V ⋅ 0.10⟯∕⟮1.5⟯` and can't become `0.101.5`.
This reads TeX by code of its own; a formula that it can't read is `Unclear`, and stands for itself as it was written.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

_TOKEN = re.compile(
    r"\\(?P<command>[A-Za-z]+)\s*|\\(?P<sign>.)|(?P<number>[0-9](?:[0-9.,]*[0-9])?)|(?P<space>\s+)|(?P<one>.)", re.S
)
_SYMBOLS: dict[str, str] = {
    **dict(
        re.findall(
            r"(\w+)\s+(\S)\s",
            """
        alpha α beta β gamma γ delta δ zeta ζ eta η theta θ kappa κ lambda λ mu μ nu ν xi ξ pi π rho ρ sigma
        σ tau τ psi ψ omega ω Delta Δ Lambda Λ Omega Ω Phi Φ Sigma Σ Theta Θ approx ≈ cdot ⋅ cdots ⋯ cup ∪
        cap ∩ div ÷ equiv ≡ ge ≥ geq ≥ gg ≫ in ∈ infty ∞ int ∫ lceil ⌈ le ≤ leq ≤ lfloor ⌊ ll ≪ mid ∣ mp ∓
        nabla ∇ ne ≠ neq ≠ partial ∂ pm ± prod ∏ propto ∝ rceil ⌉ rfloor ⌋ rightarrow → Rightarrow ⇒ sim ∼
        sum ∑ times × to → circ ∘ dots … ldots … epsilon ϵ phi ϕ
            """,
        )
    ),
    **{sign: sign for sign in ("{", "}", "%", "$", "#", "&", "_", "exp", "ln", "log", "max", "min")},
    "|": "‖",
}
_BLANKS = frozenset({"quad", "qquad", ",", ";", ":", " ", "!"})
_ACCENTS = {"bar": "ˉ", "hat": "ˆ", "tilde": "~", "vec": "→", "overline": "_"}
_FRACTIONS = frozenset({"frac", "dfrac", "tfrac"})
_WORDS = frozenset({"text", "operatorname"})
_STYLES = frozenset({"mathrm", "mathbf"})
_SIZES = frozenset({"left", "right", "bigl", "bigr"})
_INSTEAD = {"-": "−", ":": "∶", "~": "", "*": "∗"}
# The same sign to a reader, under the codes that writers of MathML choose among.
_SAME = str.maketrans({"-": "−", ":": "∶", "*": "∗", "·": "⋅", "ε": "ϵ", "φ": "ϕ", "\u2126": "Ω", "µ": "μ", "|": "∣"})
_STYLED = re.compile("[\U0001d400-\U0001d7ff]+")  # bold and upright letters have codes of their own in formulas
_MAX_DEPTH = 40
_NEW_ROW = ("sign", "\\")


class Unclear(Exception):
    """The formula is no plain TeX."""


def linear(tex: str) -> str:
    """A formula in one line. Raises Unclear."""
    reader = _Reader([(str(match.lastgroup), match[str(match.lastgroup)]) for match in _TOKEN.finditer(tex)])
    rows = [joined(reader.row(0, ends=(_NEW_ROW,)))]
    while reader.peek() == _NEW_ROW:
        reader.at += 1
        rows.append(joined(reader.row(0, ends=(_NEW_ROW,))))
    return rows[0] if len(rows) == 1 else table(rows)


def joined(atoms: Sequence[str]) -> str:
    """Pieces that stand beside each other."""
    plain = (_STYLED.sub(_unstyled, each).translate(_SAME).strip() for each in atoms)
    return " ".join(atom for atom in plain if atom)


def _unstyled(letters: re.Match[str]) -> str:
    return unicodedata.normalize("NFKC", letters[0])


def fraction(above: str, below: str) -> str:
    """One over the other."""
    return f"⟮{above}⟯∕⟮{below}⟯"


def scripted(base: str, lower: str | None, upper: str | None) -> str:
    """Something with an index, an exponent, an accent or limits."""
    return f"{base}{'' if lower is None else f'_⟮{lower}⟯'}{'' if upper is None else f'^⟮{upper}⟯'}"


def root(under: str) -> str:
    """A square root."""
    return f"√⟮{under}⟯"


class _Reader:
    """Reads tokens of TeX from `at` on."""

    def __init__(self, tokens: list[tuple[str, str]]) -> None:
        self.tokens = tokens
        self.at = 0

    def peek(self) -> tuple[str, str]:
        return self.tokens[self.at] if self.at < len(self.tokens) else ("end", "")

    def next(self) -> tuple[str, str]:
        found = self.peek()
        if found[0] == "end":
            raise Unclear("the formula ends too early")
        self.at += 1
        return found

    def blank(self) -> None:
        while self.peek()[0] == "space":
            self.at += 1

    def row(self, depth: int, *, ends: tuple[tuple[str, str], ...]) -> list[str]:
        """What stands side by side, up to one of `ends`, which is left."""
        if depth > _MAX_DEPTH:
            raise Unclear("nested too deeply")
        made: list[str] = []
        while (token := self.peek())[0] != "end" and token not in ends:
            if token in (("one", "}"), ("command", "end"), ("one", "&"), _NEW_ROW):
                raise Unclear(f"a stray {token[1]}")
            if token in (("one", "_"), ("one", "^")):
                made.append(self.scripts(made.pop() if made else "", depth))
            elif token[0] == "space":
                self.at += 1
            else:
                made.append(self.atom(depth))
        return made

    def scripts(self, base: str, depth: int) -> str:
        parts: dict[str, str] = {}
        while (token := self.peek()) in (("one", "_"), ("one", "^")):
            if token[1] in parts:
                raise Unclear("two exponents or two indices")
            self.at += 1
            parts[token[1]] = self.argument(depth)
            self.blank_before_script()
        return scripted(base, parts.get("_"), parts.get("^"))

    def blank_before_script(self) -> None:
        ahead = self.at
        while ahead < len(self.tokens) and self.tokens[ahead][0] == "space":
            ahead += 1
        if ahead < len(self.tokens) and self.tokens[ahead] in (("one", "_"), ("one", "^")):
            self.at = ahead

    def argument(self, depth: int) -> str:
        """A group, or one token; TeX would raise the first digit of `10^12` only, and others all of them."""
        self.blank()
        kind, value = self.peek()
        if kind == "number" and len(value) > 1:
            raise Unclear(f"{value} without braces")
        return self.atom(depth + 1)

    def group(self, depth: int) -> list[str]:
        """What stands in braces, whose first is behind."""
        made = self.row(depth + 1, ends=(("one", "}"),))
        self.next()
        return made

    def atom(self, depth: int) -> str:
        """The next piece; empty where it shows nothing."""
        kind, value = self.next()
        if kind in ("space", "number"):
            return value.strip()
        if kind == "one":
            return joined(self.group(depth)) if value == "{" else _INSTEAD.get(value, value)
        return self.command(value, depth)

    def command(self, name: str, depth: int) -> str:
        if name in _BLANKS:
            return ""
        if name in _FRACTIONS:
            above = self.argument(depth)
            return fraction(above, self.argument(depth))
        if name == "sqrt":
            self.blank()
            if self.peek() == ("one", "["):
                raise Unclear("a root of another degree")
            return root(self.argument(depth))
        if name in _ACCENTS:
            return scripted(self.argument(depth), None, _ACCENTS[name])
        if name == "underline":
            return scripted(self.argument(depth), "_", None)
        if name in _WORDS:
            return self.words()
        if name in _STYLES:
            made = self.argument(depth)
            return made.replace(" ", "") if made.replace(" ", "").isalpha() else made
        if name in _SIZES:
            return self.fence(depth)
        if name == "begin":
            return self.table(depth)
        if name not in _SYMBOLS:
            raise Unclear(f"\\{name}")
        return _SYMBOLS[name]

    def fence(self, depth: int) -> str:
        self.blank()
        found = self.atom(depth)
        return "" if found == "." else found

    def braced(self) -> str:
        """The letters in braces as they stand."""
        self.blank()
        if self.next() != ("one", "{"):
            raise Unclear("braces are missing")
        made = ""
        while (token := self.next()) != ("one", "}"):
            if token[0] == "command" or token == ("one", "{") or token in (("sign", "{"), ("sign", "}"), _NEW_ROW):
                raise Unclear("a command in words")
            made += token[1]
        return made

    def words(self) -> str:
        return " ".join(self.braced().split())

    def table(self, depth: int) -> str:
        name = self.braced()
        fences = {"cases": ("{", ""), "pmatrix": ("(", ")"), "bmatrix": ("[", "]"), "vmatrix": ("|", "|")}
        if name not in {*fences, "aligned", "matrix"}:
            raise Unclear(f"environment {name}")
        rows: list[list[str]] = [[]]
        ends = (("one", "&"), _NEW_ROW, ("command", "end"))
        while True:
            rows[-1].append(joined(self.row(depth + 1, ends=ends)))
            token = self.next()
            if token == _NEW_ROW:
                rows.append([])
            elif token == ("command", "end"):
                break
        if self.braced() != name:
            raise Unclear("an environment that does not end")
        first, last = fences.get(name, ("", ""))
        return joined([first, table([table_row(row) for row in rows]), last])


def table_row(cells: Sequence[str]) -> str:
    """A row of a matrix; empty cells at its end show nothing."""
    return "＆".join(cells).rstrip("＆")


def table(rows: Sequence[str]) -> str:
    """A matrix, cases or lines below each other; empty rows at the end show nothing."""
    return f"⟮{'；'.join(rows).rstrip('；')}⟯"
