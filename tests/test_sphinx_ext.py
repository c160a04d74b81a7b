"""The second wall: what a text asks for beyond the allow-list is shown, not done, even if nothing was made harmless before."""

from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from qmdoc.errors import OutputFailed
from qmdoc.outputs import site
from qmdoc.outputs.manual_pages import source
from qmdoc.outputs.manual_pages.source import Page, Source

ROOT = Path(__file__).parents[1]
THEME = {
    f"_templates/{file.relative_to(ROOT / 'templates/manual/theme')}": file.read_bytes()
    for file in (ROOT / "templates/manual/theme").rglob("*.html")
}
FRAME = {**THEME, "_static/qmdoc.css": b""}
RAW = {
    "include": "```{include} /etc/passwd\n```\n",
    "literal include": "```{literalinclude} ../conf.py\n```\n",
    "raw": "```{raw} html\n<b class=evil>x</b>\n```\n",
    "only": "```{only} html\n<b class=evil>x</b>\n```\n",
    "toctree": "```{toctree}\nQM-002\n```\n",
    "reST": "```{eval-rst}\n.. raw:: html\n\n   <b class=evil>x</b>\n```\n",
    "nested": "```{note}\n{raw-html}`<b class=evil>`\n\n~~~{raw} html\n<b class=evil>x</b>\n~~~\n```\n",
    "csv": "```{csv-table}\n:file: /etc/passwd\n```\n",
    "our own": "```{qmdoc} head\n```\n\n```{fragment} x\n```\n",
    "roles": "{ref}`qm-top` {doc}`../index` {download}`/etc/passwd` {raw}`x` {sub-ref}`today` {abbr}`a (b)`\n",
    "html": "<b class=evil>x</b> <img class=evil src=https://evil.example/x.png> <!-- hidden -->\n\n<div class=evil>\n\nx\n\n</div>\n",
    "front matter": "---\nmyst:\n  enable_extensions: [substitution, html_image, dollarmath]\n  substitutions: {key: SUBSTITUTED}\n---\n\n{{ key }} $x$\n",
    "script link": "[x](javascript:alert(1)) [y](data:text/html,x) [z](file:///etc/passwd) [w](../index) [v](/etc/passwd) <javascript:alert(1)>\n",
    "inventory": "[x](inv:python#index) [y](project:../index.md) [z](myst:python#index) [q](path:../manual.json)\n",
}


def write(folder: Path, texts: dict[str, str], *, is_draft: bool = False, **other: object) -> Source:
    documents = tuple(
        Page(
            f"documents/{number}",
            f"{number} Title",
            parent="index",
            text=text,
            number=number,
            path=f"sops/{number}-x.md",
            above="<p>above</p>",
            below="<p>below</p>",
        )
        for number, text in texts.items()
    )
    pages = (Page("index", "Home", "Home", ""), *documents)
    made = replace(
        Source(
            "Programme & <Co>", "2026-11-22", "c" * 40, is_draft, pages, {page.number: page.name for page in documents}
        ),
        **other,
    )  # type: ignore[arg-type]
    for name, content in {**FRAME, **made.files()}.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    return made


def article(page: Path) -> str:
    return page.read_text(encoding="utf-8").partition('<article role="main"')[2].partition("</article>")[0]


def test_nothing_beyond_the_allow_list_takes_effect_without_the_first_wall(tmp_path: Path) -> None:
    numbers = {f"QM-{number:03d}": text for number, text in enumerate(RAW.values(), 1)}
    write(tmp_path / "src", numbers)
    site.build(tmp_path / "src", tmp_path / "out", configuration=ROOT, is_draft=True)
    for number in numbers:
        shown = article(tmp_path / f"out/documents/{number}.html")
        assert "above" in shown and "below" in shown
        assert not re.search(
            r"<b class|<div class=.?evil|<img|<!--|root:|<p>SUBSTITUTED|project = |<math|class=\"toctree", shown
        ), (number, shown)
        assert not re.search(r"""(?:href|src)=["'](?!https?://|mailto:|#)""", shown), (number, shown)
        assert not (tmp_path / "out/_downloads").exists()


def test_what_is_on_the_allow_list_is_rendered(tmp_path: Path) -> None:
    text = "## A\n\n```{danger}\nSTOP\n```\n\n```{list-table}\n:header-rows: 1\n\n* - a\n  - b\n* - 1\n  - 2\n```\n\n```{math}\n\\frac{1}{2}\n```\n\n[next](QM-002) <https://a.example>\n"
    write(tmp_path / "src", {"QM-001": text, "QM-002": "## B\n"})
    assert site.build(tmp_path / "src", tmp_path / "out", configuration=ROOT, is_draft=False) == ()
    shown = article(tmp_path / "out/documents/QM-001.html")
    assert (
        "admonition danger" in shown
        and '<th scope="col"' in shown
        and "<mfrac>" in shown
        and 'href="QM-002.html"' in shown
    )


def test_what_is_odd_but_harmless_is_shown_without_a_warning(tmp_path: Path) -> None:
    odd = (
        "### Deep\n\n[gone](#nowhere) [other](QM-009)\n\n```json\n{not json\n```\n\n```{math}\n_\\%\\end{cases}\n```\n\n"
        "```{math}\n\\left\\!{<b\n```\n\n## Same\n\n## Same\n"
    )
    write(tmp_path / "src", {"QM-001": odd})
    assert site.build(tmp_path / "src", tmp_path / "out", configuration=ROOT, is_draft=False) == ()
    shown = article(tmp_path / "out/documents/QM-001.html")
    assert "> (not available)</span>" in shown and "> (not in force)</span>" in shown and "{&lt;b" in shown


def test_a_first_level_heading_in_a_text_does_not_become_a_second_title(tmp_path: Path) -> None:
    write(tmp_path / "src", {"QM-001": "## B\n\nb\n\n# A\n\n## C\n\n# qm top\n"})
    site.build(tmp_path / "src", tmp_path / "out", configuration=ROOT, is_draft=False)
    assert article(tmp_path / "out/documents/QM-001.html").count("<h1") == 1


def test_a_picture_of_another_document_is_not_shown(tmp_path: Path) -> None:
    write(tmp_path / "src", {"QM-001": "![x](QM-002/flow.svg)\n", "QM-002": "x\n"})
    (tmp_path / "src/documents/QM-002").mkdir()
    (tmp_path / "src/documents/QM-002/flow.svg").write_bytes(b"<svg/>")
    with pytest.raises(
        OutputFailed, match=r"^QM-001 \(sops/QM-001-x.md, line 1\): image not readable: QM-002/flow.svg"
    ):
        site.build(tmp_path / "src", tmp_path / "out", configuration=ROOT, is_draft=False)


def test_markdown_among_attachments_is_no_page(tmp_path: Path) -> None:
    write(tmp_path / "src", {"QM-001": "x\n"})
    (tmp_path / "src/documents/QM-001").mkdir()
    (tmp_path / "src/documents/QM-001/evil.md").write_text("# Evil\n")
    site.build(tmp_path / "src", tmp_path / "out", configuration=ROOT, is_draft=False)
    assert not list((tmp_path / "out").rglob("evil*"))


def test_a_page_that_the_source_does_not_name_ends_the_build(tmp_path: Path) -> None:
    write(tmp_path / "src", {"QM-001": "x\n"})
    (tmp_path / "src/documents/QM-009.md").write_text("Slipped in.\n")
    with pytest.raises(OutputFailed, match=r"documents/QM-009 is not named in manual.json"):
        site.build(tmp_path / "src", tmp_path / "out", configuration=ROOT, is_draft=False)


def test_a_page_without_a_text_is_as_one_that_sphinx_read(tmp_path: Path) -> None:
    write(tmp_path / "src", {"QM-001": ""})
    described = source.read((tmp_path / "src/manual.json").read_bytes())
    home, read = described.pages
    read = replace(read, title='A <b>, "c" & d@e.example', filters={"status": "In force"}, watermark="OLD")
    pages = (
        home,
        read,
        replace(read, name="documents/QM-002", path=""),
        Page("plain", "Plain", "Plain", above="<p>x</p>"),
    )
    for path, content in replace(described, pages=pages).files().items():
        (tmp_path / "src" / path).write_bytes(content)
    assert not (tmp_path / "src/documents/QM-002.md").exists()
    assert site.build(tmp_path / "src", tmp_path / "out", configuration=ROOT, is_draft=False) == ()
    one, other = ((tmp_path / f"out/documents/{name}.html").read_text() for name in ("QM-001", "QM-002"))
    assert one.partition("<body")[2].replace("QM-001", "QM-002").split() == other.partition("<body")[2].split()
    assert "<title>A &lt;b&gt;" in one and one.partition("<title>")[2].split("</title>")[0] in other
    assert (
        "OLD" in other
        and "data-pagefind-body" in other
        and "<h1>Plain</h1>" in (tmp_path / "out/plain.html").read_text()
    )


def test_a_text_under_the_name_of_a_page_without_one_ends_the_build(tmp_path: Path) -> None:
    write(tmp_path / "src", {"QM-001": "x\n"})
    described = source.read((tmp_path / "src/manual.json").read_bytes())
    for path, content in replace(described, pages=(*described.pages, Page("plain", "Plain"))).files().items():
        if path == source.NAME:
            (tmp_path / "src" / path).write_bytes(content)
    (tmp_path / "src/plain.md").write_text("Slipped in.\n")
    with pytest.raises(OutputFailed, match=r"plain is not named in manual.json as a page with a text"):
        site.build(tmp_path / "src", tmp_path / "out", configuration=ROOT, is_draft=False)


def test_sphinx_run_by_hand_builds_the_same_and_shows_the_day_that_changed(tmp_path: Path) -> None:
    """An incremental build: no text changed, the day did (MANUAL.md §4)."""
    command = [
        sys.executable,
        "-m",
        "sphinx",
        "-q",
        "-W",
        "-c",
        str(ROOT),
        str(tmp_path / "src"),
        str(tmp_path / "out"),
    ]
    made = write(tmp_path / "src", {"QM-001": "## A\n\nText.\n"})
    subprocess.run(command, check=True, cwd=ROOT)
    first = (tmp_path / "out/documents/QM-001.html").read_text(encoding="utf-8")
    assert "State of 2026-11-22" in first and "Programme &amp; &lt;Co&gt;" in first
    later = replace(made, as_of="2026-11-23")
    (tmp_path / "src" / source.NAME).write_bytes(later.files()[source.NAME])
    subprocess.run(command, check=True, cwd=ROOT)
    assert "State of 2026-11-23" in (tmp_path / "out/documents/QM-001.html").read_text(encoding="utf-8")


def test_an_address_is_written_as_its_page_sees_it() -> None:
    assert source.href("index", "documents/QM-001") == "documents/QM-001.html"
    assert source.href("documents/QM-001", "index") == "../index.html"
    assert source.href("documents/QM-001", "documents/QM-002") == "QM-002.html"
