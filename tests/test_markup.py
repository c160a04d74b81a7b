"""What `markup.read` passes, MyST may render; what it refuses, `markup.neutralised` shows as plain source.

MyST-Parser itself is the oracle: `effects` renders a text with Sphinx's renderer and names whatever took effect there.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from docutils import nodes
from docutils.utils import new_document
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from myst_parser.config.main import MdParserConfig
from myst_parser.mdit_to_docutils.sphinx_ import SphinxRenderer
from myst_parser.parsers.mdit import create_md_parser
from sphinx import addnodes
from sphinx.testing.util import SphinxTestApp

from qmdoc.markup import (
    ADMONITIONS,
    DIRECTIVES,
    LINK_SCHEMES,
    MYST_EXTENSIONS,
    ClauseMark,
    Heading,
    LocalValue,
    Reference,
    neutralised,
    read,
    without_clause_marks,
)

Effects = Callable[[str], "tuple[set[str], str]"]

HONEST = {
    "headings": "## Purpose\n\nText.\n\n### Scope\n\nText.\n",
    "hard line break": "one  \ntwo\\\nthree\n",
    "code block": "```python\nprint('<script>')\n```\n",
    "directive shown in a code block": "````\n```{raw} html\n<script>\n```\n````\n",
    "html in code": "Write `<b>` for bold.\n",
    "substitution is text": "Give {{ dose }} now.\n",
    "dollars are text": "It costs $5 and $6, or $$7$$.\n",
    "colon fence is text": ":::{note}\ntext\n:::\n",
    "escaped html": "\\<b> and &lt;script&gt; and 5 < 6 > 3\n",
    "escaped role": "\\{abbr}`x`\n",
    "table": "| dose | unit |\n|---|--:|\n| 5 \\| 6 | mg/kg |\n| 1 |\n",
    "note": "```{note}\nStop at **38.5 °C**.\n\n- one\n- two\n```\n",
    "note on one line": "```{warning} Stop at 38.5 °C.\n```\n",
    "tilde fence": "~~~{tip}\ntext\n~~~\n",
    "nested directives": "````{danger}\n```{important}\ntext\n```\n````\n",
    "figure": "```{figure} QM-001/flow.svg\n:alt: The flow, step by step\n:width: 80%\n:align: center\n\nThe caption.\n\nThe legend.\n```\n",
    "image": "```{image} QM-001/flow.svg\n:alt: Flow\n```\n",
    "inline image": '![Flow](QM-001/flow.svg "Flow")\n',
    "list-table": "```{list-table} Doses *today*\n:header-rows: 1\n:widths: 30 70\n\n* - drug\n  - dose\n* - a\n  - 5 mg\n```\n",
    "math": "```{math}\n\\frac{a}{b} \\times 10^6 \\, \\text{cells} \\\\ 5\\%\n```\n",
    "links": "[a](QM-001) [b](QM-001/form.pdf) [c](#purpose) [d](https://example.org/a?b=c#d) [e](mailto:a@example.org)\n",
    "autolinks": "<https://example.org> <a@example.org>\n",
    "reference link": "[the rule][r]\n\n[r]: https://example.org 'The rule'\n",
    "local value": "Call [[local: on-call pager]].\n",
    "percent": "5 % of 100, and 50% too\n",
    "plus": "+ one\n+ two\n\n++\n",
    "quote and lists": "> - one\n>   1. two\n>\n> text\n",
    "thematic break": "text\n\n---\n\ntext\n",
    "indented code": "    <script>\n    {raw}`x`\n",
    "parenthesis": "(see above)\n\n(a) = b\n",
}

# attack, text, a part of the message
HOSTILE = [
    ("script block", "<script>alert(1)</script>\n", "raw HTML `<script>"),
    ("comment block", "<!-- hidden -->\n", "raw HTML `<!-- hidden -->`"),
    ("inline comment", "Give <!-- not --> 5 mg\n", "raw HTML `<!-- not -->`"),
    ("processing instruction", "<?php echo 1 ?>\n", "raw HTML"),
    ("declaration", "a <!DOCTYPE html> b\n", "raw HTML"),
    ("cdata", "a <![CDATA[ x ]]> b\n", "raw HTML"),
    ("inline tag", "a <b onclick=x>5</b>\n", "raw HTML `<b onclick=x>`"),
    ("closing tag alone", "a </div>\n", "raw HTML"),
    ("image tag", "<img src=x onerror=alert(1)>\n", "raw HTML"),
    ("html in a heading", "## A <i>b</i>\n", "raw HTML"),
    ("html in a table", "| a |\n|---|\n| <b>x</b> |\n", "raw HTML"),
    ("html in a link's text", "[<b>x</b>](QM-001)\n", "raw HTML"),
    ("html in an image's text", "![<b>x</b>](QM-001/a.svg)\n", "raw HTML"),
    ("html in a quoted list", "> - a\n>   <script>\n", "raw HTML"),
    ("html in a note", "```{note}\n<script>x</script>\n```\n", "raw HTML"),
    ("html in a note's first line", "```{note} <b>x</b>\n```\n", "raw HTML"),
    ("html in a list-table's title", "```{list-table} <b>x</b>\n* - a\n```\n", "raw HTML"),
    ("html in a list-table", "```{list-table}\n* - <b>x</b>\n```\n", "raw HTML"),
    ("html in a caption", "```{figure} QM-001/a.svg\n<b>x</b>\n```\n", "raw HTML"),
    ("html in an outer note", "````{note}\n```{tip}\n<b>x</b>\n```\n````\n", "raw HTML"),
    ("raw", "```{raw} html\n<script>\n```\n", "directive `{raw}`"),
    ("raw with tildes", "~~~ {raw} html\n<script>\n~~~\n", "directive `{raw}`"),
    ("raw in a list", "- a\n\n  ```{raw} html\n  <script>\n  ```\n", "directive `{raw}`"),
    ("RAW", "```{RAW} html\n<script>\n```\n", "directive `{RAW}`"),
    ("no-break space before it", "```\u00a0{raw} html\n<script>\n```\n", "directive `{raw}`"),
    ("eval-rst", "```{eval-rst}\n.. raw:: html\n\n   <script>\n```\n", "directive `{eval-rst}`"),
    ("include", "```{include} /etc/passwd\n```\n", "directive `{include}`"),
    ("literalinclude", "```{literalinclude} /etc/passwd\n```\n", "directive `{literalinclude}`"),
    ("csv-table", "```{csv-table}\n:file: /etc/passwd\n```\n", "directive `{csv-table}`"),
    ("toctree", "```{toctree}\nsecret\n```\n", "directive `{toctree}`"),
    ("only", "```{only} latex\nGive 5 mg\n```\n", "directive `{only}`"),
    ("code-block", "```{code-block} python\n:name: x\nx\n```\n", "directive `{code-block}`"),
    ("unknown directive hides text", "```{nothing}\nGive 5 mg\n```\n", "directive `{nothing}`"),
    ("empty name", "```{}\nGive 5 mg\n```\n", "directive `{}`"),
    ("two braces", "```{note}{x}\nGive 5 mg\n```\n", "directive `{note}{x}`"),
    ("parsed-literal", "```{parsed-literal}\n[x](QM-001)\n```\n", "directive `{parsed-literal}`"),
    ("options in yaml", "```{note}\n---\nclass: hidden\n---\nGive 5 mg\n```\n", "options between `---` lines"),
    ("class option", "```{note}\n:class: hidden\n\nGive 5 mg\n```\n", "option `:class: hidden`"),
    ("note text taken for an option", "```{note}\n:Give 5 mg\n```\n", "option `:Give 5 mg`"),
    ("option folded", "```{image} QM-001/a.svg\n:alt: a\n: b\n```\n", "option `: b`"),
    ("option twice", "```{image} QM-001/a.svg\n:width: 50%\n:width: 90%\n```\n", "option `:width: 90%`"),
    ("target option", "```{image} QM-001/a.svg\n:target: javascript:x\n```\n", "option `:target:"),
    ("picture too small", "```{figure} QM-001/a.svg\n:width: 1px\n```\n", "option `:width: 1px`"),
    ("option cut by a comment", "```{image} QM-001/a.svg\n:alt: a #b\n```\n", "option `:alt: a #b`"),
    ("front matter in a note", "```{note}\n\n---\nhidden: 5 mg\n---\n\ntext\n```\n", "second front matter"),
    ("text in an image", "```{image} QM-001/a.svg\n\nGive 5 mg\n```\n", "text in an `{image}`"),
    ("ragged list-table", "```{list-table}\n* - a\n  - b\n* - c\n```\n", "not rectangular"),
    ("list-table without rows", "```{list-table}\nGive 5 mg\n```\n", "not rectangular"),
    ("list-table all head", "```{list-table}\n:header-rows: 2\n\n* - a\n* - b\n```\n", "not rectangular"),
    ("cell beyond the head", "| a |\n|---|\n| 5 | not 6 |\n", "table row with more cells"),
    ("caption that is a list", "```{figure} QM-001/a.svg\n- Give 5 mg\n```\n", "caption is not a paragraph"),
    ("formula with a link", "```{math}\n\\href{javascript:alert(1)}{x}\n```\n", "`\\href` in a formula"),
    ("formula with a comment", "```{math}\n5 % not 6\n```\n", "`%` in a formula"),
    ("formula with a phantom", "```{math}\n\\phantom{6} 5\n```\n", "`\\phantom` in a formula"),
    ("formula with an option", "```{math}\n:label: x\n\n5\n```\n", "option `:label: x`"),
    ("role", "{abbr}`x`\n", "role `{abbr}`"),
    ("raw role", "{raw-html}`<b>`\n", "role `{raw-html}`"),
    ("domain role", "{py:func}`x`\n", "role `{py:func}`"),
    ("download role", "{download}`/etc/passwd`\n", "role `{download}`"),
    ("role in a link's text", "[{abbr}`x`](QM-001)\n", "role `{abbr}`"),
    ("role in a note", "```{note} {math}`x`\n```\n", "role `{math}`"),
    ("comment line", "Give 5 mg\n% not\n", "comment line that no page shows `not`"),
    ("comment line in a list", "- a\n  % not\n", "comment line"),
    ("block break", "+++ hidden\n", "block break `hidden`"),
    ("target", "(anchor)=\ntext\n", "link target `anchor`"),
    ("front matter", "---\nmyst:\n  enable_extensions: [substitution]\n---\n\ntext\n", "second front matter"),
    ("front matter not closed", "---\ntitle: x\n\ntext\n", "second front matter"),
    ("footnote", "a[^1]\n\n[^1]: Give 5 mg\n", "footnote `1`"),
    ("footnote never referred to", "a\n\n[^1]: Give 5 mg\n", "footnote"),
    ("javascript", "[x](javascript:alert(1))\n", "link to `javascript:alert(1)`"),
    ("JavaScript", "[x](JaVaScRiPt:alert(1))\n", "only http://"),
    ("javascript by entity", "[x](java&#115;cript:alert(1))\n", "only http://"),
    ("javascript by percent", "[x](%6aavascript:alert(1))\n", "only http://"),
    ("javascript with a tab", "[x](<java&#9;script:alert(1)>)\n", "hidden character"),
    ("javascript after a space", "[x](<&#32;javascript:alert(1)>)\n", "link to"),
    ("javascript after a control", "[x](<%01javascript:alert(1)>)\n", "hidden character"),
    ("javascript in an autolink", "<javascript:alert(1)>\n", "only http://"),
    ("javascript in a definition", "[x]\n\n[x]: javascript:alert(1)\n", "only http://"),
    ("javascript in a quoted definition", "> [x]: vbscript:x\n\ntext\n", "only http://"),
    ("vbscript", "[x](vbscript:x)\n", "only http://"),
    ("file", "[x](file:///etc/passwd)\n", "only http://"),
    ("data", "[x](data:text/html,x)\n", "only http://"),
    ("data image", "![x](data:image/png;base64,AAAA)\n", "a picture is an attachment"),
    ("ftp", "<ftp://example.org>\n", "only http://"),
    ("tel", "<tel:112>\n", "only http://"),
    ("HTTPS", "[x](HTTPS://example.org)\n", "only http://"),
    ("https without slashes", "[x](https:QM-001)\n", "only http://"),
    ("other host", "[x](//example.org)\n", "another host"),
    ("other host by backslash", "[x](/\\\\example.org)\n", "backslash"),
    ("other host by percent", "[x](%2f%2fexample.org)\n", "another host"),
    ("encoded twice", "[x](QM-001/%252e%252e/a)\n", "encoded twice"),
    ("broken address", "[x](http://[a)\n", "it is no address"),
    ("project link", "[](<project:#x>)\n", "only http://"),
    ("project autolink", "<project:other.md#x>\n", "only http://"),
    ("path link", "[x](<path:/etc/passwd>)\n", "only http://"),
    ("inventory link", "<inv:python:*#index>\n", "only http://"),
    ("myst link", "[x](myst:python#index)\n", "only http://"),
    ("remote image", "![x](https://example.org/a.png)\n", "a picture is an attachment"),
    ("remote figure", "```{figure} https://example.org/a.png\n```\n", "a picture is an attachment"),
    ("remote image by definition", "![x][r]\n\n[r]: https://example.org/a.png\n", "a picture is an attachment"),
    ("figure from another host", "```{figure} //example.org/a.png\n```\n", "another host"),
    ("figure of two words", "```{figure} QM-001/a .svg\n```\n", "exactly one file name"),
    ("image by pattern", "![x](QM-001/*)\n", "plain letters"),
    ("link inside an image", "![[x](javascript:x)](QM-001/a.svg)\n", "only http://"),
    ("quotes too deep", "> " * 20 + "Give 5 mg\n", "text would be lost"),
    ("lists too deep", "".join("  " * n + "- a\n" for n in range(15)), "text would be lost"),
    ("emphasis too deep", "*a " * 30 + "b*" * 30 + "\n", "emphasis nested too deeply"),
    (
        "directives too deep",
        "".join("`" * (9 - n) + "{note}\n" for n in range(6)) + "5 mg\n",
        "blocks nested more than",
    ),
    ("hidden direction", "Give \u202e5 mg\n", "hidden character U+202E"),
    ("line separator", "```{note}\na\u2028~~~{raw} html\u2028<script>\n```\n", "hidden character U+2028"),
    ("form feed", "```{note}\na\x0c~~~{raw} html\n```\n", "hidden character U+000C"),
    ("null", "a\0b\n", "hidden character U+0000"),
    ("endless paragraph", "{" * 10_001 + "\n", "too long or too tangled"),
    ("many footnotes", "[^a" * 60 + "\n", "too long or too tangled"),
    ("table too wide", "|a" * 100 + "\n" + "|-" * 100 + "\n", "table of 100 columns"),
    ("definition and then html", "[x]: javascript:a\n<b>c</b>\n", "raw HTML"),
    ("directive not closed", "```{note Give 5 mg\n```\n", "text beside the fence"),
    ("text beside a fence", "```1. Give 5 mg\n```\n", "text beside the fence"),
    ("a word beside a fence", "~~~ 5mg\n~~~\n", "text beside the fence"),
    ("note without text", "```{note}\n```\n", "without text"),
    ("caption of blank lines", "```{figure} QM-001/a.svg\n\n\n```\n", "caption is not a paragraph"),
    ("caption that is a definition", "```{figure} QM-001/a.svg\n[x]: y\n```\n", "caption is not a paragraph"),
    ("fence left open", "```{raw} html\n<script>\n", "directive `{raw}`"),
    ("html after a wide fence", "`````\n```\n`````\n\n<script>\n", "raw HTML"),
]
TEXTS = {attack: text for attack, text, _ in HOSTILE}


@pytest.mark.parametrize("text", HONEST.values(), ids=HONEST)
def test_honest_text_is_safe_and_comes_back_byte_for_byte(text: str, effects: Effects) -> None:
    assert read(text).unsafe == ()
    assert neutralised(text) == text
    assert effects(text)[0] == set()


@pytest.mark.parametrize(("text", "message"), [row[1:] for row in HOSTILE], ids=TEXTS)
def test_hostile_text_is_named(text: str, message: str) -> None:
    unsafe = read(text).unsafe
    assert any(message in fault.message for fault in unsafe), unsafe
    assert all(fault.fix and 1 <= fault.line <= text.count("\n") for fault in unsafe)


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_hostile_text_is_shown_and_does_nothing(text: str, effects: Effects) -> None:
    harmless = neutralised(text)
    did, shown = effects(harmless)
    assert did == set()
    assert read(harmless).unsafe == ()
    assert neutralised(harmless) == harmless
    text = re.sub("(?m)^\\[r\\]: .*", "", text)  # a link definition shows on no page
    assert words(re.sub("[\0-\x08\x0b-\x1f\u2028\u202e]", "\ufffd", text)) <= words(shown)


def test_the_oracle_sees_what_the_attacks_do(effects: Effects) -> None:
    expected = {
        "script block": "raw",
        "comment block": "raw",
        "comment line": "comment",
        "raw": "raw",
        "unknown directive hides text": "system_message",
        "role": "abbreviation",
        "ftp": "refuri ftp://example.org",
        "target option": "refuri javascript:x",
        "remote image": "uri https://example.org/a.png",
        "footnote": "footnote",
    }
    for attack, effect in expected.items():
        assert effect in effects(TEXTS[attack])[0], attack


FRAGMENTS = [
    *(
        "\n",
        "\n\n",
        " ",
        "  ",
        "    ",
        "\t",
        "a",
        "5 mg",
        "- ",
        "1. ",
        "> ",
        "|",
        "|-|\n",
        "---\n",
        "===\n",
        "# ",
        "## ",
    ),
    *(
        "```",
        "````",
        "~~~",
        ":::",
        "{note}",
        "{raw} html",
        "{figure} ",
        "{list-table}",
        "{math}",
        "{eval-rst}\n",
        "{image} ",
    ),
    *("<script>", "</script>", "<!--", "-->", "<?", "?>", "<b ", ">", "<", "<![CDATA[", "]]>", "&#106;", "&lt;", "\\"),
    *(
        "{abbr}",
        "`",
        "``",
        "%",
        "+++",
        "(t)=\n",
        "[^1]",
        "[^1]: ",
        "[",
        "]",
        "](",
        ")",
        "![",
        "[x]: ",
        "[x]",
        "{{ a }}",
        "$",
    ),
    *(
        "javascript:",
        "data:",
        "https://e.org",
        "//e.org",
        "<ftp://e.org>",
        "QM-001/a.svg",
        "project:",
        ":alt: x\n",
        ":class: y\n",
    ),
    *(
        "*",
        "**",
        "_",
        "\u2028",
        "\x0c",
        "\r",
        "\u00a0",
        "\u3000",
        "\0",
        "[[local: ",
        "* - a\n  - b\n",
        ":target: z\n",
        "```\n",
    ),
]


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sampled_from(FRAGMENTS), max_size=25).map("".join))
def test_whatever_is_glued_together_does_nothing(effects: Effects, text: str) -> None:
    harmless = neutralised(text)
    assert read(harmless).unsafe == ()
    assert neutralised(harmless) == harmless
    assert effects(harmless)[0] == set()
    if not read(text).unsafe:
        assert harmless == text


@given(st.text())
def test_any_text_can_be_read(text: str) -> None:
    assert read(neutralised(text)).unsafe == ()


def test_a_second_title_is_found_wherever_it_hides() -> None:
    body = "# A\n\nB\n===\n\n> # C\n\n- # D\n\n```{note}\n# E\n```\n\n## F\n"
    assert [(fault.line, fault.message) for fault in read(body, first_line=11).titles] == [
        (11, "second title `A`"),
        (13, "second title `B`"),
        (16, "second title `C`"),
        (18, "second title `D`"),
        (21, "second title `E`"),
    ]


def test_headings_have_the_anchors_of_myst(effects_document: Callable[..., nodes.document]) -> None:
    body = "## Dose & *rate* `5 µl`\n\n### Dose\n\n```{note}\n### Dose\n```\n\n### Dose\n\n## !!\n\n### Ärzte_in-Not\n\n#### Deep\n"
    headings = read(body).headings
    assert headings[0] == Heading(2, "Dose & rate 5 µl", 1, "dose--rate-5-µl")
    assert headings[-1] == Heading(4, "Deep", 15, "")
    assert [heading.anchor for heading in headings if heading.anchor] == list(effects_document(body).myst_slugs)


def test_clause_marks_are_read_with_line_section_and_anchor() -> None:
    body = (
        "Before {clause}`a 1`\n\n## Dose {clause}`a 2`\n\nOne\ntwo. {clause}`a 1, 3.4(b)`\n\n"
        "```{warning}\nCheck. {clause}`b CM:x`\n```\n\n| a |\n|---|\n| {clause}`a 5` |\n\n`{clause}` ```{clause}`a 9` ```\n"
    )
    found = read(body, first_line=10)
    assert found.unsafe == ()
    assert found.clause_marks == (
        ClauseMark("a", "1", 10, "", "clause-a-1"),
        ClauseMark("a", "2", 12, "Dose", "clause-a-2"),
        ClauseMark("a", "1", 15, "Dose", "clause-a-1-1"),
        ClauseMark("a", "3.4(b)", 15, "Dose", "clause-a-3.4(b)"),
        ClauseMark("b", "CM:x", 18, "Dose", "clause-b-CM:x"),
        ClauseMark("a", "5", 23, "Dose", "clause-a-5"),
    )
    assert found.headings == (Heading(2, "Dose", 12, "dose"),)
    assert neutralised(body) == body


def test_a_text_can_be_read_without_its_marks() -> None:
    text = "## A {clause}`a 1`\n\nB. {clause}`` a 2 ``\n{clause} `c`\n"
    assert without_clause_marks(text) == "## A\n\nB.\n{clause} `c`\n"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("x {clause}`a`\n", "clause mark `a` without a catalogue and a clause"),
        ("x {clause}`a 1 2`\n", "clause mark `a 1 2` without a catalogue and a clause"),
        ("x {clause}`a 1,`\n", "clause mark `a 1,` without a catalogue and a clause"),
        ("[x {clause}`a 1`](QM-001)\n", "role `{clause}`"),
        ("![x {clause}`a 1`](QM-001/a.svg)\n", "role `{clause}`"),
        ("## {clause}`a 1`\n", "heading that is nothing but a clause mark"),
    ],
)
def test_a_clause_mark_that_would_not_show_or_says_too_little_is_named(text: str, message: str) -> None:
    assert [fault.message for fault in read(text).unsafe] == [message]
    assert read(text).clause_marks == () or "heading" in message


def test_references_are_read_with_their_lines() -> None:
    body = "a [b](QM-001)\n![c](QM-001/c.svg)\n\n> [d][e]\n\n```{note}\n\n[f](%41#b)\n```\n\n<a@e.org>\n\n```{figure} QM-001/g.svg\n\n[h](#i)\n```\n\n[e]: https://e.org\n"
    assert read(body).references == (
        Reference("QM-001", 1, False),
        Reference("QM-001/c.svg", 2, True),
        Reference("https://e.org", 4, False),
        Reference("A#b", 8, False),
        Reference("mailto:a@e.org", 11, False),
        Reference("QM-001/g.svg", 13, True),
        Reference("#i", 15, False),
    )


def test_local_values_are_found_anywhere() -> None:
    body = "[[local: a]] [[local:b]]\n```\n[[local: c d]]\n```\n| [[local: e]] |\n[x [[local: f]]](y)\n[[local: g\n[[LOCAL: h]]\n"
    expected = [("a", 5), ("b", 5), ("c d", 7), ("e", 9), ("f", 10), ("g", 11), ("h", 12)]
    assert read(body, first_line=5).local_values == tuple(LocalValue(*row) for row in expected)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a\nb <b>\n", 2),
        ("> a\n>\n> - b\n>   <b>\n", 4),
        ("```{note}\na\n\n<b>\n```\n", 4),
        ("```{note} a\nb\n<b>c\n```\n", 3),
        ("```{figure} QM-001/a.svg\n:alt: a\n\nb\n\n<b>\n```\n", 6),
        ("- ````{note}\n  ```{tip}\n\n  a\n\n  {x}`y`\n  ```\n  ````\n", 6),
        ("| a |\n|---|\n| b |\n| <b> |\n", 4),
    ],
)
def test_a_fault_has_its_line(text: str, line: int) -> None:
    assert {fault.line for fault in read(text).unsafe} == {line}


def test_only_the_block_at_fault_becomes_code() -> None:
    body = "## A\n\ngood *text*\n\nbad <b>text</b>\n```` \n\n- good\n"
    assert neutralised(body) == "## A\n\ngood *text*\n\n```text\nbad <b>text</b>\n```\n```` \n\n- good\n"


def test_long_and_knotted_texts_are_read_to_their_end() -> None:
    table = "| a | b | c |\n|---|---|---|\n" + "| 1 | [x](QM-001) | 3 |\n" * 10_000
    knots = ["[" * 9_000, "![" * 4_000, "*a **b " * 1_000, "{" * 9_000, "[a](<" * 1_500, "<!--" * 2_000, ">" * 50_000]
    assert len(read(table).references) == 10_000
    for knot in knots:
        read(knot)


def test_a_manual_of_hostile_pages_is_harmless(tmp_path: Path) -> None:
    """The same, through Sphinx to HTML, with the settings that the guarantee asks for."""
    names = "\n".join(f"page{number}" for number in range(len(TEXTS)))
    (tmp_path / "conf.py").write_text(SETTINGS)
    (tmp_path / "index.md").write_text(f"# Manual\n\n```{{toctree}}\n{names}\n```\n")
    for number, text in enumerate(TEXTS.values()):
        (tmp_path / f"page{number}.md").write_text(f"# Page\n\n{neutralised(text)}", encoding="utf-8")
    application = SphinxTestApp("html", srcdir=tmp_path)
    try:
        application.build()
        pages = [page.read_text(encoding="utf-8") for page in Path(application.outdir).glob("page*.html")]
    finally:
        application.cleanup()
    assert len(pages) == len(TEXTS)
    for page in pages:
        article = page.partition('<div class="body" role="main">')[2].partition('<div class="sphinxsidebar"')[0]
        assert article
        assert not re.search(r"<(?:script|img|iframe|object|embed|style)|<!--|<[^<>]*\son\w+=|system-message", article)
        assert not re.search(r"""(?:href|src)=["'](?!https?://|mailto:|#|page|index)""", article)


SETTINGS = """
extensions = ["myst_parser"]
html_theme = "basic"
smartquotes = False
myst_enable_extensions = []
myst_heading_anchors = 3
myst_url_schemes = {"http": None, "https": None, "mailto": None}
"""


def words(text: str) -> set[str]:
    return set(re.findall(r"\w+", text))


@pytest.fixture(scope="module")
def sphinx_application(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SphinxTestApp]:
    source = tmp_path_factory.mktemp("manual")
    (source / "conf.py").write_text("extensions = ['myst_parser']\n")
    (source / "index.md").write_text("# Manual\n")
    application = SphinxTestApp("dummy", srcdir=source)
    yield application
    application.cleanup()


@pytest.fixture(scope="module")
def effects_document(sphinx_application: SphinxTestApp) -> Callable[..., nodes.document]:
    """The document that MyST makes of a text inside Sphinx, before any link is resolved."""
    environment = sphinx_application.env

    def render(text: str, disabled: tuple[str, ...] = ()) -> nodes.document:
        configuration = MdParserConfig(
            enable_extensions=set(MYST_EXTENSIONS),
            url_schemes=dict.fromkeys(LINK_SCHEMES),
            heading_anchors=3,
            disable_syntax=list(disabled),
        )
        environment.prepare_settings("index")
        document = new_document(str(Path(environment.srcdir) / "index.md"), sphinx_settings(environment))
        parser = create_md_parser(configuration, SphinxRenderer)
        parser.options["document"] = document
        parser.render(text)
        return document

    return render


def sphinx_settings(environment: object) -> object:
    from docutils.frontend import get_default_settings
    from myst_parser.parsers.sphinx_ import MystParser

    result = get_default_settings(MystParser)
    result.env, result.report_level, result.halt_level = environment, 5, 5
    result.warning_stream = False
    return result


@pytest.fixture(scope="module")
def effects(effects_document: Callable[..., nodes.document]) -> Effects:
    """What took effect that may not, and the text that shows, also where MyST has the unsafe syntax switched off."""

    def judge(text: str) -> tuple[set[str], str]:
        documents = [effects_document(text), effects_document(text, UNSAFE_SYNTAX)]
        return {
            effect for document in documents for node in document.findall() for effect in effect_of(node)
        }, documents[0].astext()

    return judge


UNSAFE_SYNTAX = (
    *("html_block", "html_inline", "myst_role", "myst_line_comment", "myst_block_break", "myst_target", "front_matter"),
    *("footnote_def", "footnote_ref"),
)
PLAIN = set(
    re.findall(
        r"\w+",
        """Text document section title rubric paragraph emphasis strong literal literal_block reference pending_xref
    download_reference inline image figure caption legend bullet_list enumerated_list list_item block_quote transition
    table tgroup colspec thead tbody row entry math_block note tip warning danger important substitution_definition""",
    )
)


HARMLESS_CLASSES = {
    "xref",
    "myst",
    "download",
    "colwidths-auto",
    "colwidths-given",
    "text-left",
    "text-center",
    "text-right",
}


def effect_of(node: nodes.Node) -> Iterator[str]:
    kind = type(node).__name__
    if kind == "raw" and node.astext() in ("<br />\n", "\\\\\n"):
        return
    if kind == "system_message" and is_about_layout(node):
        return
    if kind not in PLAIN and not isinstance(node.parent, nodes.system_message):
        yield kind
    if isinstance(node, nodes.reference) and not re.match("https?://|mailto:|#", node.get("refuri", "#")):
        yield f"refuri {node['refuri']}"
    if isinstance(node, addnodes.pending_xref) and re.match("[^/?#]*:|//", node["reftarget"]):
        yield f"xref {node['reftarget']}"
    if isinstance(node, nodes.image) and re.search(r"//|:|%", node["uri"]):
        yield f"uri {node['uri']}"
    if isinstance(node, nodes.Element) and (classes := set(node.get("classes", [])) - HARMLESS_CLASSES):
        yield f"classes {classes}"


def is_about_layout(message: nodes.Element) -> bool:
    """The pages that qmdoc stages begin with the title; two definitions of one name are CommonMark's first one."""
    return bool(
        re.search(
            "Document headings start at|Splitting content across|Non-consecutive header|Duplicate (?:reference|implicit)",
            message.astext(),
        )
    )


def test_the_table_of_directives_is_short() -> None:
    assert set(DIRECTIVES) == ADMONITIONS | {"figure", "image", "list-table", "math"}
    assert MYST_EXTENSIONS == ()


def test_a_footnote_is_one_fault_and_told_in_words() -> None:
    (fault,) = read("a\n\n[^1]: Give 5 mg\n").unsafe
    assert fault.line == 3 and "token" not in fault.message and "_" not in fault.message
