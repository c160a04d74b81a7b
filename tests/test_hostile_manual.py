"""Hostile and broken texts in real manuals: shown as text, or refused with document and line; nothing runs."""

from __future__ import annotations

import os
import re
import time
from html.parser import HTMLParser
from pathlib import Path

import pytest
from programme import NOW, Programme, document, path

from qmdoc import audit, publishing
from qmdoc.audit import Request
from qmdoc.errors import OutputFailed
from qmdoc.fidelity import page

ROOT = Path(__file__).parents[1]
FOLDER = path().rpartition("/")[0]
SVG = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><path d="M0 0h9v9z"/></svg>'
HOSTILE = {
    "script": "<script>alert(1)</script>\n",
    "script within words": "Give <script>alert(1)</script> 5 mg.\n",
    "event": '<img src=x onerror="alert(1)">\n',
    "svg": "<svg onload=alert(1)><script>alert(1)</script></svg>\n",
    "script link": "[press](javascript:alert(1)) [data](data:text/html;base64,PHNjcmlwdD4=) <javascript:alert(1)>\n",
    "encoded script link": "[press](&#106;avascript:alert(1)) [press](java%73cript:alert(1)) [press](JaVaScRiPt:alert(1))\n",
    "vbscript picture": "![x](vbscript:msgbox(1)) ![x](https://evil.example/pixel.png)\n",
    "raw directive": "```{raw} html\n<script>alert(1)</script>\n```\n",
    "include": "```{include} /etc/passwd\n```\n",
    "reST": "```{eval-rst}\n.. raw:: html\n\n   <script>alert(1)</script>\n```\n",
    "template": "{{ 7 * 7 }} {% for x in ().__class__.__base__.__subclasses__() %}{{ x }}{% endfor %} {# gone #}\n",
    "shell": "$(touch /tmp/x) `touch x` %n %s ${HOME}\n",
    "formula": "```{math}\n\\href{javascript:alert(1)}{x} \\input{/etc/passwd}\n```\n",
    "role": "{raw-html}`<script>alert(1)</script>` {download}`/etc/passwd` {sub-ref}`today`\n",
    "comment": "<!-- hidden: give 50 mg -->\n\n% hidden: give 60 mg\n",
    "right to left": "Give 10\u202e05\u202c mg, 1\u20662\u2069 h\n",
    "null": "Give \x00 5 mg\n",
    "style": "<style>body { display: none }</style>\n\n<p hidden>Give 5 mg</p>\n",
    "frame": '<iframe src="https://evil.example"></iframe><object data="x"></object><base href="https://evil.example/">\n',
    "end of the text": '</div><div class="qm-text-end"></div>\n\n<div class="qm-text">\n\nGive 5 mg\n',
    "ends of elements": "</section></article></main></body></html>\n",
    "meta": '<meta http-equiv="refresh" content="0;url=https://evil.example">\n',
    "front matter": "---\nmyst:\n  enable_extensions: [html_image, substitution]\n---\n\nGive 5 mg\n",
    "classes": "{.hidden}\nGive 5 mg\n\n[Give]{.hidden} 5 mg\n",
    "deep": "> " * 60 + "Give 5 mg\n",
    "deep lists": "".join(f"{'  ' * level}- level {level}\n" for level in range(40)),
    "long line": "word " * 4000 + "\n",
    "brackets": "[" * 400 + "x" + "]" * 400 + "\n",
    "emphasis": "*a **b " * 300 + "\n",
    "entities": "&lt;script&gt;alert(1)&lt;/script&gt; &amp;lt; &#x3c;b&#x3e; &nbsp; &#8722;1 °C\n",
}
# invisible characters, and a link to what is no document: these are never in force
REFUSED = ("right to left", "null", "encoded script link")


class Elements(HTMLParser):
    """Every element and attribute of a page's article."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str]]] = []
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, {name: value or "" for name, value in attrs}))

    def handle_data(self, data: str) -> None:
        self.text += data


def article(place: Path) -> str:
    return place.read_text(encoding="utf-8").partition('<article role="main"')[2].partition("</article>")[0]


def built(place: Path, made: Programme) -> Path:
    publishing.manual(request(place, made))
    return place / "build/manual"


def request(place: Path, made: Programme) -> Request:
    return Request(place, NOW, dict(os.environ), trust_root=made.root)


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The article of each hostile text, all approved as a forger might have them, in one manual."""
    made, numbers = Programme(), {}
    for count, (name, text) in enumerate(HOSTILE.items(), 1):
        numbers[name] = f"QM-{count:03}"
        made.commit(
            "w.writer", {path(numbers[name]): document(numbers[name], body=f"## Purpose\n\n{text}\nAfter 7 mg.\n")}
        )
    made.commit("w.writer", {path("QM-900"): document("QM-900", title="<script>alert('title')</script> {{ 7*7 }}")})
    for number in (*numbers.values(), "QM-900"):
        made.approve(number)
    manual = built(made.repository(tmp_path_factory.mktemp("hostile") / "p"), made)
    shown = {
        name: article(manual / f"documents/{number}.html")
        for name, number in numbers.items()
        if "No version in force" not in (manual / f"documents/{number}.html").read_text()
    }
    return shown | {"title": article(manual / "documents/QM-900.html"), "home": article(manual / "index.html")}


def test_every_hostile_text_is_in_the_manual_or_was_never_readable(hostile: dict[str, str]) -> None:
    assert {name for name in HOSTILE if name not in hostile} == set(REFUSED)


def test_nothing_in_a_hostile_text_runs_loads_or_hides(hostile: dict[str, str]) -> None:
    for name, html in hostile.items():
        text = html.partition(page.BEGIN)[2].partition(page.END)[0]
        assert "<style" not in text and "evil.example/pixel" not in re.sub(
            r"<code.*?</code>|<pre.*?</pre>", "", text, flags=re.DOTALL
        ), name
        for tag, attributes in Elements(html).found:
            assert tag not in {"script", "iframe", "object", "embed", "base", "meta", "link"}, (
                name,
                tag,
            )
            assert not [each for each in attributes if each.startswith("on") or each in ("hidden", "srcdoc")], (
                name,
                tag,
            )
            for address in ("href", "src", "action", "data"):
                assert re.match(r"(?!\w+:|//)|https?://|mailto:", attributes.get(address, "")), (name, attributes)
            assert not (tag == "img" and "evil" in attributes.get("src", "")), name
        assert "root:" not in html and "SUBSTITUTED" not in html, name


@pytest.mark.parametrize("name", [name for name in HOSTILE if name not in REFUSED])
def test_a_hostile_text_is_shown_as_it_was_written(name: str, hostile: dict[str, str]) -> None:
    shown = " ".join(Elements(hostile[name]).text.split())
    assert "After 7 mg." in shown
    if name not in ("entities", "deep", "deep lists", "brackets", "emphasis", "long line", "script link"):
        for word in re.findall(r"[A-Za-z0-9]{4,}", HOSTILE[name]):
            assert word in shown, (name, word)


def test_what_looks_like_a_template_or_an_entity_is_text(hostile: dict[str, str]) -> None:
    assert (
        "{{ 7 * 7 }}" in hostile["template"] and "{% for x in" in hostile["template"] and "49" not in hostile["title"]
    )
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in hostile["entities"] and "−1 °C" in hostile["entities"]
    assert "<script" not in hostile["title"] and "&lt;script&gt;" in hostile["title"]


def test_a_table_of_ten_thousand_rows_is_whole(tmp_path: Path) -> None:
    rows = "".join(f"| {row} | −{row}.5 °C |\n" for row in range(1, 10_001))
    made = Programme()
    made.commit("w.writer", {path(): document(body=f"## Purpose\n\n| Step | Limit |\n|---|---|\n{rows}\nAfter.\n")})
    made.approve("QM-001")
    place, start = made.repository(tmp_path / "p"), time.process_time()
    shown = article(built(place, made) / "documents/QM-001.html")
    assert shown.count("<tr") >= 10_001 and "−10000.5 °C" in shown and "−9999.5 °C" in shown
    assert time.process_time() - start < 120


@pytest.mark.parametrize("target", ["QM-002/flow.svg", "../../QM-001/flow.svg", "/etc/passwd.png"])
def test_a_picture_from_elsewhere_is_refused_before_it_could_be_in_force(target: str, tmp_path: Path) -> None:
    made = Programme()
    text = document(body=f"## Purpose\n\n![Steps]({target})\n")
    made.commit("w.writer", {path(): text, f"{FOLDER}/QM-002/flow.svg": SVG})
    made.approve("QM-001")
    found = audit.audit(request(made.repository(tmp_path / "p"), made))
    assert not found.register.in_force
    assert any(each.check == "broken-reference" and target in each.message and each.line for each in found.findings)


BROKEN = {
    "missing picture": (
        {path(): document(body="## Purpose\n\nSee.\n\n![Steps](QM-001/none.svg)\n")},
        r"QM-001 \(sops/\S+, line \d+\): .*none\.svg",
    ),
    "missing figure": (
        {path(): document(body="## Purpose\n\n```{figure} QM-001/none.svg\n:alt: x\n\nSteps.\n```\n")},
        r"QM-001 \(sops/\S+, line \d+\): .*none\.svg",
    ),
    "page template": ({"templates/manual/document-above.html": "{{ nothing.here }}\n"}, r"document-above\.html"),
    "page template, syntax": ({"templates/manual/document-above.html": "a\n{% if %}\n"}, r"document-above\.html.* line 2"),
    "frame": ({"templates/manual/theme/page.html": "{% extends 'none.html' %}\n"}, r"none\.html"),
    "frame, syntax": ({"templates/manual/theme/page.html": "a\n{% endfor %}\n"}, r"endfor"),
    "settings": ({"conf.py": "this is no Python\n"}, r"conf"),
    "frame that loses a sign": (
        {"templates/manual/theme/page.html": '{% extends "furo/page.html" %}\n{% block content %}{{ body|replace("−", "") }}{% endblock %}\n'},
        r"QM-001 line \d+, Purpose: the source says `−1 °C/min.`, the page shows `1 °C/min",
    ),
    "settings that change quotes and dashes": (
        {"conf.py": (ROOT / "conf.py").read_text().replace("smartquotes = False", "smartquotes = True")},
        r"QM-001 line \d+, Purpose: the source says `\"so\" -- never.`, the page shows `“so” – never.`",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", BROKEN)
def test_a_manual_that_can_not_be_built_names_the_place_and_leaves_the_one_before(name: str, tmp_path: Path) -> None:
    made = Programme()
    text = '## Purpose\n\nCool at −1 °C/min.\nNot "so" -- never.\n'
    made.commit("w.writer", {path(): document(body=text)})
    made.approve("QM-001")
    before = built(made.repository(tmp_path / "first"), made)
    files, sentence = BROKEN[name]
    if path() in files:
        files = files | {path(): files[path()].replace('version: "1.0"', 'version: "2.0"')}
    made.commit("w.writer", files)
    if path() in files:
        made.approve("QM-001")
    place = made.repository(tmp_path / "second")
    (place / "build").mkdir(exist_ok=True)
    (before).rename(place / "build/manual")
    kept = {each: each.read_bytes() for each in (place / "build/manual").rglob("*") if each.is_file()}
    with pytest.raises(OutputFailed) as failed:
        publishing.manual(request(place, made))
    told = str(failed.value)
    assert re.search(sentence, told), told
    assert "\n" not in told and str(tmp_path) not in told, told
    assert {each: each.read_bytes() for each in (place / "build/manual").rglob("*") if each.is_file()} == kept
    assert not list((place / "build").glob(".*.new"))
