"""A page that says something else than its source is found: each trap is set in a page that Sphinx really built."""

from __future__ import annotations

import pytest
from test_sphinx_ext import ROOT, write

from qmdoc import fidelity
from qmdoc.fidelity import page
from qmdoc.outputs import site

TEXT = """\
## Purpose

Keep **all** products at −80 °C or below; see [the first](QM-001) and [none](ZZ-999).
Freeze at −1 °C/min -- never faster... and "slowly", ≤ 38.5 °C, 0.10 mL, pH 7.2 ± 0.1.

## Procedure {clause}`us-21cfr11 11.10(a)`

4. Give ≥ 2 × 10⁶/kg within 10–14 days, ratio 1:4.
5. Wait 30 min.

   - Check ● ☐ ✓ → each of 3 signs.
   - Note ½ of 250 mL.

   A second paragraph of step 5.
6. Stop at `20 drops/min`.\\
   Then call 7248.

| Grade | Dose mg | Every h |
|---|---|---|
| 1 | 10 | 6 |
| 2 | 20 |  |
| 3 | 72 | 48 |

```{danger}
STOP above 39.0 °C.

1. Cool.
```

```{list-table} Limits of 2026
:header-rows: 1

* - Test
  - Limit
* - CD34
  - - 5 µL
    - 6 µL
* - Volume
  - 100 mL
```

```{math}
V \\cdot \\frac{V \\cdot 0.10}{1.5} \\le 10^{6} \\text{ cells ≥ 5 µL}
```

> Quoted 12 %.

```
code  -5 -- 6
```

#### Deep heading 3

```{figure} QM-002/flow.svg
:alt: Steps 1 to 3

Caption with 7 steps.
```

![Chart of 9](QM-002/flow.svg)
"""
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><path d="M0 0h9v9z"/></svg>'


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The page of TEXT, as Sphinx made it."""
    folder = tmp_path_factory.mktemp("traps")
    write(folder / "src", {"QM-001": "## Purpose\n\nFirst.\n", "QM-002": TEXT})
    (folder / "src/documents/QM-002").mkdir()
    (folder / "src/documents/QM-002/flow.svg").write_bytes(SVG)
    site.build(folder / "src", folder / "out", configuration=ROOT, is_draft=False)
    return (folder / "out/documents/QM-002.html").read_text(encoding="utf-8")


def told(html: str) -> list[str]:
    return [str(each) for each in fidelity.differences(fidelity.expected(TEXT, 11), page.read(html))]


def test_a_faithful_page_has_no_difference(built: str) -> None:
    assert told(built) == []


TRAPS = {
    "lost minus": (
        "−1 °C/min",
        "1 °C/min",
        "line 14, Purpose: the source says `−1 °C/min`, the page shows `1 °C/min`",
    ),
    "lost minus in the first line": ("−80 °C", "80 °C", "line 13, Purpose: the source says `−80 °C`"),
    "another minus": ("−80 °C", "-80 °C", "the source says `−80 °C`, the page shows `-80 °C`"),
    "smart dashes": ("min --", "min –", "the source says `-- never`, the page shows `– never`"),
    "smart dots": ("faster...", "faster…", "the source says `faster..."),
    "smart quotes": ("&quot;slowly&quot;", "“slowly”", "`“slowly”,`"),
    "comparison turned": ("≤ 38.5", "< 38.5", "the source says `≤ 38.5"),
    "comparison lost": ("≤ 38.5", "38.5", "the source says `≤ 38.5 °C,`, the page shows `38.5 °C,`"),
    "decimal comma": ("0.10 mL", "0,10 mL", "the source says `0.10 mL,`, the page shows `0,10 mL,`"),
    "digit lost": ("0.10 mL", "0.1 mL", "the source says `0.10 mL,`"),
    "unit lost": ("0.10 mL", "0.10", "the source says"),
    "another unit": ("0.10 mL", "0.10 µL", "the source says `mL,`, the page shows `µL,`"),
    "plus-minus lost": ("7.2 ± 0.1", "7.2  0.1", "the source says"),
    "superscript lost": ("10⁶/kg", "106/kg", "the source says `10⁶/kg within`, the page shows `106/kg within`"),
    "bullet lost": ("● ☐", "☐", "the source says"),
    "tick lost": ("✓ → each", "→ each", "the source says"),
    "arrow turned": ("→ each", "-&gt; each", "the source says `→"),
    "fraction": ("½ of", "1/2 of", "the source says `½ of`, the page shows `1/2 of`"),
    "range": ("10–14 days", "1014 days", "the source says `10–14 days,`, the page shows `1014 days,`"),
    "ratio": ("1:4", "1.4", "the source says `1:4.`"),
    "list begins anew": ('<ol class="arabic" start="4">', '<ol class="arabic">', "the source says `4."),
    "list counts back": ('start="4">', 'start="4" reversed>', "the source says `5."),
    "list of letters": ('start="4">', 'start="4" type="a">', "the source says `4."),
    "list without numbers": ('<ol class="arabic" start="4">', "<ul>", "the source says `4."),
    "number of an item": ("<li><p>Wait", '<li value="7"><p>Wait', "the source says `5."),
    "nested item moved out": (
        "<li><p>Note ½",
        "</ul><ul><li><ul><li><p>Note ½",
        "the source does not say it",
    ),
    "paragraph lost": ("<p>A second paragraph of step 5.</p>", "", "A second paragraph of step 5."),
    "cells swapped": (
        "<td><p>10</p></td>\n<td><p>6</p></td>",
        "<td><p>6</p></td>\n<td><p>10</p></td>",
        "table 1, row 2, column",
    ),
    "cell moved": ("<td><p>20</p></td>\n<td><p></p></td>", "<td><p></p></td>\n<td><p>20</p></td>", "row 3, column 2"),
    "cells merged": ("<p>72</p></td>\n<td><p>48</p>", "<p>7248</p>", "7248"),
    "column cut": ("<p>48</p></td>", "</td>", "`48 in table 1, row 4, column 3`, the page does not show it"),
    "cell spans": ("<td><p>72</p>", '<td colspan="2"><p>72</p>', "table"),
    "hidden by style": ("<td><p>72</p>", '<td><p style="display: none">72</p>', "does not show it"),
    "hidden by attribute": ("<p>Quoted 12", "<p hidden>Quoted 12", "does not show it"),
    "struck out": ("Quoted 12 %", "Quoted <del>12</del> %", "12"),
    "closed": ("<p>Quoted 12 %.</p>", "<details><summary>More</summary><p>Quoted 12 %.</p></details>", "Quoted 12 %."),
    "box lost": ('<div class="admonition danger">', "<div>", "Danger"),
    "label lost": ('<p class="admonition-title">Danger</p>', "", "label of a box Danger"),
    "formula flattened": ("<mfrac>", "<mrow>", "formula"),
    "exponent flattened": ("<msup>", "<mrow>", "formula"),
    "formula lost": ("<mo>≤</mo>", "", "formula"),
    "sign in a formula": ("<mo>⋅</mo>", "<mo>+</mo>", "the page shows"),
    "name of a sign in a formula": ("cells ≥ 5", "cells \\geq 5", "\\geq"),
    "code": ("-5 -- 6", "-5 – 6", "--"),
    "heading": ("Deep heading 3", "Deep heading", "3"),
    "picture lost": ("<img", "<b", "picture Chart of 9"),
    "caption": ("Caption with 7 steps", "Caption with steps", "7"),
    "number added": ("Quoted 12 %", "Quoted 12 % 13", "13"),
    "paragraph added": (
        "<p>Quoted 12",
        "<p>Dose 5 mg.</p><p>Quoted 12",
        "`Dose 5 mg. at level 1`, the source does not",
    ),
    "word lost": ("never faster", "faster", "the source says"),
    "line joined": ("<br />\nThen", "Then", "drops/min"),
}


@pytest.mark.parametrize("trap", TRAPS)
def test_a_trap_is_found_and_named(trap: str, built: str) -> None:
    old, new, sentence = TRAPS[trap]
    before, begin, text = built.partition(page.BEGIN)
    assert old in text, f"the trap could not be set: {old!r} is not on the page"
    found = told(before + begin + text.replace(old, new))
    assert found and any(sentence in each for each in found), found


def test_a_row_that_is_lost_or_swapped_is_found(built: str) -> None:
    start, end = built.index('<tr class="row-odd"><td><p>2'), built.index('<tr class="row-even"><td><p>3')
    stop = built.index("</tbody>", end)
    assert any("20" in each for each in told(built[:start] + built[end:]))
    assert told(built[:start] + built[end:stop] + built[start:end] + built[stop:])


def test_a_page_without_the_text_is_found(built: str) -> None:
    assert told(built.replace(page.BEGIN, "<div>"))
    assert told("")


def test_what_looks_the_same_is_the_same(built: str) -> None:
    assert told(built.replace("7.2 ± 0.1", "7.2\u00a0± 0.1").replace("10⁶/kg", "10<sup>6</sup>/kg")) == []
