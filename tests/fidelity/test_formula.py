"""Formulas on a page say what their TeX says: read by code of our own on both sides of docutils."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from docutils import nodes

from qmdoc import markup, sphinx_ext
from qmdoc.fidelity import formula, page

FORMULAS = {
    r"V \cdot \frac{V \cdot 0.10}{1.5}": "V ⋅ ⟮V ⋅ 0.10⟯∕⟮1.5⟯",
    r"\text{dose} = \frac{\text{cells} \times 10^{6}}{\text{kg}}": "dose = ⟮cells × 10^⟮6⟯⟯∕⟮kg⟯",
    r"10^{-6} \le x \ge 3 \pm 1 \mp 2": "10^⟮− 6⟯ ≤ x ≥ 3 ± 1 ∓ 2",
    r"-1\,^{\circ}\text{C}/\text{min}": "− 1 ^⟮∘⟯ C / min",
    r"\text{≥ 2 × 10⁶/kg}": "≥ 2 × 10⁶/kg",
    r"\text{−1 °C/min} \le 5 \mu g": "−1 °C/min ≤ 5 μ g",
    r"\text{1.5 ± 0.2 µg/mL, 50 \%}": "1.5 ± 0.2 μg/mL, 50 %",
    "5 ≥ 3 − 2 µg": "5 ≥ 3 − 2 μ g",
    r"\sum_{i=1}^{n} x_i": "∑_⟮i = 1⟯^⟮n⟯ x_⟮i⟯",
    r"\sqrt{2} \bar{x} \hat y": "√⟮2⟯ x^⟮ˉ⟯ y^⟮ˆ⟯",
    r"\left( \frac{1}{2} \right) \bigl[ 3 \bigr]": "( ⟮1⟯∕⟮2⟯ ) [ 3 ]",
    r"\begin{cases} 1 & x > 0 \\ 2 & x \le 0 \end{cases}": "{ ⟮1＆x > 0；2＆x ≤ 0⟯",
    r"a = 1 \\ b = 2": "⟮a = 1；b = 2⟯",
    r"\mathrm{AUC}_{0-24} = \int_0^{24} C \, dt": "AUC_⟮0 − 24⟯ = ∫_⟮0⟯^⟮24⟯ C d t",
    r"\mathbf{12} : 4 \dots": "12 ∶ 4 …",
    r"3,5 + 1.25 + 100 000": "3,5 + 1.25 + 100 000",
}
AS_WRITTEN = (
    r"10^10",
    r"\frac12",
    r"\frac{a}{b",
    r"x^2^3",
    r"\sqrt[3]{x}",
    r"\unknown{x}",
    r"a & b",
    "{" * 60 + "}" * 60,
)


def shown(tex: str) -> str:
    body: list[str] = []
    with pytest.raises(nodes.SkipNode):
        sphinx_ext._visit_math(SimpleNamespace(body=body), nodes.math_block(tex, tex))  # type: ignore[arg-type]
    facts = page.read(page.BEGIN + "".join(body) + page.END)
    return " | ".join(fact.text for fact in facts)


@pytest.mark.parametrize("tex", FORMULAS)
def test_a_formula_is_read_and_shown_alike(tex: str) -> None:
    assert formula.linear(tex) == FORMULAS[tex]
    assert shown(tex) == FORMULAS[tex]


@pytest.mark.parametrize("tex", AS_WRITTEN)
def test_what_could_be_read_in_two_ways_is_shown_as_it_was_written(tex: str) -> None:
    with pytest.raises(formula.Unclear):
        formula.linear(tex)
    assert shown(tex) == tex


ARGUMENTS = {"frac": "{1}{2}", "dfrac": "{1}{2}", "tfrac": "{1}{2}", "operatorname": "{x}"} | dict.fromkeys(
    ("bar", "hat", "mathbf", "mathrm", "overline", "sqrt", "text", "tilde", "underline", "vec"), "{x}"
)
FENCES = {
    "left": r"\left( x \right)",
    "right": r"\left( x \right)",
    "bigl": r"\bigl( x \bigr)",
    "bigr": r"\bigl( x \bigr)",
}
BLOCKS = dict.fromkeys(("begin", "end"), r"\begin{cases} 1 & 2 \end{cases}")


@pytest.mark.parametrize("command", sorted(markup.FORMULA_COMMANDS))
def test_every_command_that_a_text_may_use_is_shown_as_a_sign_and_not_by_its_name(command: str) -> None:
    tex = {**FENCES, **BLOCKS}.get(command, f"5 \\{command}{ARGUMENTS.get(command, '')} 7")
    assert shown(tex) == formula.linear(tex)
    assert "\\" not in shown(tex)
