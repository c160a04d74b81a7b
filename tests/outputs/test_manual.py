"""The manual shows what is in force and nothing else, whatever anybody writes: real histories, real builds."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from programme import POLICY, Programme, document, entry, path, people

from qmdoc import documents
from qmdoc.documents import Document
from qmdoc.errors import OutputFailed
from qmdoc.git import Repository
from qmdoc.model import Meaning, Outcome
from qmdoc.outputs import manual, site
from qmdoc.outputs.manual_pages import wording
from qmdoc.place import find

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "templates" / "manual"
TEMPLATES = {
    str(file.relative_to(FOLDER)): file.read_text(encoding="utf-8")
    for file in sorted(FOLDER.rglob("*"))
    if file.is_file()
}
DRAFT = "DRAFT - not approved, not for use"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" width="10" height="10"><rect width="10" height="10"/></svg>\n'
HOSTILE = """<script>alert(1)</script> `x` [a](b) {{ 7*7 }} *b* | c {ref}`d` </title> "q" & 'r' <img src=x onerror=alert(2)>"""
HOSTILE_BODY = """\
## <b>bold</b> and 5 °C < 6 °C

{{ 7*7 }} {ref}`qm-top` <img src=x onerror=alert(3)>

```{include} /etc/passwd
```

```{raw} html
<iframe src="https://evil.example"></iframe>
```

```{toctree}
../index
```

```{eval-rst}
.. include:: /etc/passwd
```

[click](javascript:alert(1)) ![far](https://evil.example/x.png)
"""


@dataclass(frozen=True)
class Site:
    """A built site, page by page."""

    folder: Path

    @property
    def pages(self) -> dict[str, str]:
        return {
            str(file.relative_to(self.folder)): file.read_text(encoding="utf-8")
            for file in sorted(self.folder.rglob("*.html"))
        }

    def page(self, name: str) -> str:
        return (self.folder / f"{name}.html").read_text(encoding="utf-8")

    def shows(self, name: str) -> str:
        return shown(self.page(name))


def source_of(
    programme: Programme, folder: Path, *, as_of: date | None = None, templates: Mapping[str, str] = TEMPLATES
) -> dict[str, bytes]:
    audit = programme.audit(folder, as_of=as_of)
    with Repository(find(folder), {"PATH": "/usr/bin:/bin"}) as repository:
        return manual.pages(audit, blob=repository.blob, templates=templates)


def built(files: Mapping[str, bytes], folder: Path, *, is_draft: bool = False) -> tuple[Site, tuple[str, ...]]:
    for name, content in files.items():
        file = folder / "src" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
    target = folder / "site"
    return Site(target), site.build(folder / "src", target, configuration=ROOT, is_draft=is_draft)


class _Text(HTMLParser):
    """The words of an article, and the tags in it."""

    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []
        self.depth = 0
        self.is_hidden = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.depth += tag == "article"
        self.is_hidden = tag in ("style", "script")

    def handle_endtag(self, tag: str) -> None:
        self.depth -= tag == "article"
        self.is_hidden = False

    def handle_data(self, data: str) -> None:
        if self.depth and not self.is_hidden:
            self.words.append(data)


def shown(page: str) -> str:
    reader = _Text()
    reader.feed(page)
    return " ".join(" ".join(reader.words).split())


def addresses(page: str) -> list[tuple[str, str]]:
    """Each tag with what it leads to or loads."""
    found: list[tuple[str, str]] = []

    class Reader(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            found.extend(
                (tag, value or "")
                for name, value in attrs
                if name in ("src", "href", "srcset", "data", "action", "poster")
            )

    Reader().feed(page)
    return found


def history() -> Programme:
    """Documents in every state that a document can be in, with a hostile one among them."""
    policy = POLICY.replace("standards: []", "standards: [{fact-jacie-hct-8: [B4]}, us-21cfr11, no-such-catalogue]")
    programme = Programme(
        policy=policy, people=people({"x.person": entry("x.person", "'<i>X</i> & | `Person`'", ["quality-manager"])})
    )
    standards = {
        f"sops/standards/{name}.yaml": (ROOT / f"sops/standards/{name}.yaml").read_text()
        for name in ("fact-jacie-hct-8", "us-21cfr11")
    }
    hostile = document(
        "QM-004",
        body=HOSTILE_BODY,
        title="'" + HOSTILE.replace("'", "''") + "'",
        change_summary="'a | b <u>c</u>'",
        owner="x.person",
    )
    body = "## Steps\n\nSee [one](QM-004), [two](QM-005), [three](QM-003), [this](#steps).\n\n![Flow](QM-001/flow.svg)\n\n[Sheet](QM-001/sheet.txt)\n\n```{math}\n\\frac{a}{b} \\ge 7\n```\n\nFirst approved words.\n"
    programme.commit("w.writer", {
        **standards,
        path("QM-001"): document("QM-001", body=body, standards="{fact-jacie-hct-8: [B4.5], us-21cfr11: ['11.50(a)', 'made-up']}"),
        "sops/quality/QM-001/flow.svg": SVG,
        "sops/quality/QM-001/sheet.txt": b"a sheet\n",
        path("QM-003"): document("QM-003", body="## Secret\n\nWithdrawn words.\n"),
        path("QM-004"): hostile,
        path("QM-006"): document("QM-006", body="## Old\n\nOld words.\n", review_date="2026-03-01"),
    })  # fmt: skip
    programme.approve("QM-001", "QM-003", "QM-004", "QM-006")
    programme.commit(
        "w.writer",
        {
            path("QM-007"): document(
                "QM-007",
                body="## Heir\n\nHeir words.\n",
                supersedes="[QM-003]",
                change_summary="Takes over from QM-003",
            )
        },
    )
    programme.approve("QM-007", at=datetime(2026, 11, 10, 9, tzinfo=UTC))
    programme.sign(
        "q.manager",
        "QM-001",
        role="quality-manager",
        meaning=Meaning.PERIODIC_REVIEW,
        outcome=Outcome.CONTINUE,
        next_review=date(2027, 6, 1),
    )
    programme.sign(
        "q.manager", "QM-003", role="quality-manager", meaning=Meaning.WITHDRAW, reason="Merged <b>into</b> QM-007"
    )
    changed = document("QM-001", "1.1", body="## Steps\n\nUnapproved words.\n", title="Unapproved title")
    programme.commit(
        "w.writer",
        {path("QM-001"): changed, path("QM-005"): document("QM-005", body="## D\n\nDraft words.\n", title="A draft")},
    )
    return programme


@pytest.fixture(scope="module")
def everything(tmp_path_factory: pytest.TempPathFactory) -> tuple[Site, dict[str, bytes], tuple[str, ...]]:
    folder = tmp_path_factory.mktemp("everything")
    files = source_of(history(), folder / "repository")
    made, warnings = built(files, folder)
    return made, files, warnings


@pytest.fixture(scope="module")
def made(everything: tuple[Site, dict[str, bytes], tuple[str, ...]]) -> Site:
    return everything[0]


def test_the_approved_letter_is_shown_though_main_changed_it(made: Site) -> None:
    assert "First approved words." in made.shows("documents/QM-001")
    assert "Title of QM-001" in made.shows("documents/QM-001")


def test_no_page_holds_a_word_that_is_not_in_force(everything: tuple[Site, dict[str, bytes], tuple[str, ...]]) -> None:
    made, files, _ = everything
    output = b"".join(file.read_bytes() for file in made.folder.rglob("*") if file.is_file()) + b"".join(files.values())
    for secret in (b"Unapproved", b"Draft words", b"Withdrawn words", b"unapproved title"):
        assert secret not in output


def test_the_control_block_names_who_signed_what_when(made: Site) -> None:
    text = made.shows("documents/QM-001")
    assert "Version 1.0" in text and "In force since 2026-01-05" in text and "Next review 2027-06-01" in text
    assert re.search(
        r"Medical Director , Medical director: Approval, 2026-01-05 \d\d:\d\d:\d\d UTC , signed with the person's own key",
        text,
    )
    assert (
        "Periodic review 1.0 2026-" in text
        and "Stays in use as it is 2027-06-01 Quality Manager, Quality manager" in text
    )
    assert "Printed copies are uncontrolled: before use, check number, version and digest" in text
    assert "11.50(a)" in text and "made-up not in the catalogue on file" in text


def test_a_document_whose_review_is_overdue_says_so_in_words(made: Site) -> None:
    assert "Periodic review overdue. This document was to be reviewed by 2026-03-01." in made.shows("documents/QM-006")
    assert "QM-006 Title of QM-006 Quality manager 266 days overdue 2026-03-01" in made.shows("dashboard")
    assert "In force, periodic review overdue" in made.shows("master-list")
    assert "qm-banner" not in made.page("documents/QM-001")


def test_a_withdrawn_number_says_when_why_and_what_came_after(made: Site) -> None:
    text = made.shows("documents/QM-003")
    assert (
        "Withdrawn on 2026-11-1" in text
        and "Why Merged <b>into</b> QM-007" in text
        and "Superseded by QM-007 Title of QM-007" in text
    )


def test_the_master_list_has_every_number_and_links_none_that_never_was_in_force(made: Site) -> None:
    page, text = made.page("master-list"), made.shows("master-list")
    assert all(f"QM-00{number}" in text for number in (1, 3, 4, 5, 6, 7))
    assert "QM-005 A draft Quality SOP 1.0 Not in force: never approved" in text
    assert 'href="documents/QM-005.html"' not in page and 'href="documents/QM-007.html"' in page


def test_home_tells_what_is_new_and_speaks_of_no_commit(made: Site) -> None:
    text = made.shows("index")
    assert (
        "QM-007 Title of QM-007 Takes over from QM-003 2026-11-10" in text
        and "QM-003 Title of QM-003 Withdrawn from use" in text
    )
    assert "QM-001" not in text
    assert "commit" not in text
    assert re.search(r"up to commit [0-9a-f]{40} ?, for 2026-11-22", made.shows("about"))
    assert len(re.findall(r"(?:\d+) documents? in force", text)) == 8


def test_what_waits_for_signatures_is_said_in_words(made: Site) -> None:
    text = made.shows("dashboard")
    assert "Medical director (Medical Director, approval) since 2026-11-10" in text


def test_coverage_shows_gaps_first_and_how_sure_a_number_is(made: Site) -> None:
    overview, matrix = made.shows("coverage"), made.shows("coverage/us-21cfr11")
    assert "no readable catalogue is on file: no-such-catalogue" in overview and re.search(r"\d+ gaps", overview)
    assert matrix.index("Gaps") < matrix.index("All clauses")
    assert re.search(r"binding clauses are answered by no document in force", matrix)
    assert "recalled, verify against your copy" in made.shows("coverage/fact-jacie-hct-8")
    assert 'href="../documents/QM-001.html"' in made.page("coverage/us-21cfr11")
    assert "does not bind this programme" in made.shows("coverage/fact-jacie-hct-8")


def test_links_by_number_lead_to_what_is_in_force_and_nowhere_else(made: Site) -> None:
    page, text = made.page("documents/QM-001"), made.shows("documents/QM-001")
    assert 'href="QM-004.html"' in page and 'href="#steps"' in page
    assert "two (not in force)" in text and "three (not in force)" in text and "one (not in force)" not in text
    assert 'href="QM-005' not in page and 'href="QM-003' not in page


def test_every_link_of_every_page_leads_somewhere(made: Site) -> None:
    for name, page in made.pages.items():
        anchors = set(re.findall(r'id="([^"]+)"', page))
        for _, address in addresses(page):
            parts = urlsplit(address)
            if parts.scheme:
                continue
            start = made.folder if parts.path.startswith("/") else (made.folder / name).parent
            target = start / unquote(parts.path).lstrip("/") if parts.path else made.folder / name
            assert target.exists(), f"{name} leads to {address}"
            assert parts.path or not parts.fragment or unquote(parts.fragment) in anchors, f"{name} leads to {address}"


def test_hostile_titles_names_and_texts_are_shown_and_do_nothing(made: Site) -> None:
    text = made.shows("documents/QM-004")
    assert " ".join(f"QM-004 {HOSTILE}".split()) in text
    assert (
        "<i>X</i> & | `Person`" in text and "a | b <u>c</u>" in text and "{{ 7*7 }}" in text and "5 °C < 6 °C" in text
    )
    assert "root:" not in text and "{include} /etc/passwd" in text
    allowed = {name: len(re.findall("<script", made.page(name))) for name in ("documents/QM-004", "documents/QM-001")}
    assert allowed["documents/QM-004"] == allowed["documents/QM-001"]
    for name, page in made.pages.items():
        article = page.partition('<article role="main"')[2].partition("</article>")[0]
        assert not re.search(r"<(?:script|iframe|object|embed|i|u|b)[ >]|\sonerror=[^;]*>(?<!&gt;)", article), name
        assert page.partition("</head>")[0].count("</title>") == 1, name


def test_each_page_has_one_title_a_language_and_headed_tables(made: Site) -> None:
    for name, page in made.pages.items():
        assert page.count("<h1") == 1, name
        assert '<html class="no-js" lang="en"' in page and 'class="skip-to-content' in page
        assert not re.search(r"<th(?![^>]*scope=)[ >]", page), name
        assert not re.search(r'class="table-wrapper[^"]*"(?![^>]*tabindex="0")', page), name
        assert len(page) < 250_000


def test_no_page_loads_anything_from_elsewhere(made: Site) -> None:
    for name, page in made.pages.items():
        for tag, address in addresses(page):
            scheme = urlsplit(address).scheme
            assert scheme in ("", "data") or (tag == "a" and scheme in ("http", "https", "mailto")), (
                f"{name}: {tag} {address}"
            )
            assert not address.startswith("//")
        assert "javascript:" not in re.sub(r"<[^>]*>", lambda tag: tag[0], page).partition("<article")[0]
        assert not re.search(r"@import|url\(['\"]?(?:https?:)?//|mathjax", page, re.IGNORECASE), name
    for sheet in made.folder.rglob("*.css"):
        assert not re.search(r"@import|url\(['\"]?(?:https?:)?//", sheet.read_text(encoding="utf-8")), sheet


def test_a_formula_is_mathml_and_an_attachment_goes_along(
    everything: tuple[Site, dict[str, bytes], tuple[str, ...]],
) -> None:
    made, files, warnings = everything
    page = made.page("documents/QM-001")
    assert "<mfrac>" in page and "<mo>≥</mo>" in page
    assert files["documents/QM-001/flow.svg"] == SVG
    assert next((made.folder / "_images").glob("*-flow.svg")).read_bytes() == SVG
    assert len(list(made.folder.glob("_downloads/*/sheet.txt"))) == 1
    assert not [warning for warning in warnings if "QM-001" in warning]


def test_two_builds_are_the_same_bytes_and_name_no_folder(
    everything: tuple[Site, dict[str, bytes], tuple[str, ...]], tmp_path: Path
) -> None:
    made, files, _ = everything
    again, _ = built(files, tmp_path)
    first, second = (
        {str(file.relative_to(each.folder)): file.read_bytes() for file in each.folder.rglob("*") if file.is_file()}
        for each in (made, again)
    )
    assert first.keys() == second.keys()
    assert [name for name in first if first[name] != second[name]] == []
    for content in first.values():
        assert str(made.folder.parent).encode() not in content and str(ROOT).encode() not in content


def test_an_earlier_day_shows_the_text_of_that_day(tmp_path: Path) -> None:
    programme = Programme()
    programme.commit("w.writer", {path(): document(body="## A\n\nFirst words.\n")})
    programme.approve("QM-001")
    programme.commit(
        "w.writer", {path(): document(version="2.0", body="## A\n\nSecond words.\n", change_summary="Other words")}
    )
    programme.approve("QM-001", at=datetime(2026, 6, 1, 9, tzinfo=UTC))
    early = source_of(programme, tmp_path / "r", as_of=date(2026, 3, 1))
    late = source_of(programme, tmp_path / "r")
    assert b"First words." in early["documents/QM-001.md"] and b"Second words." in late["documents/QM-001.md"]
    assert (
        b"Other words" in late["manual.json"]
        and b"2026-05-31" in late["manual.json"]
        and b"Second" not in b"".join(early.values())
    )


DRAFTS = {
    path("QM-001"): document(
        "QM-001", body="## A\n\nSee [b](QM-002).\n\n![Missing](QM-001/none.svg)\n\n# Second title\n"
    ),
    path("QM-002"): document("QM-002", body=HOSTILE_BODY, owner="'Not A Role'"),
    "sops/quality/QM-002-again.md": document("QM-002", body="## Twice\n"),
    path("QM-003"): "no front matter\n",
}


def test_every_page_of_a_preview_says_that_it_is_a_draft(tmp_path: Path) -> None:
    parsed = [documents.parse(name, text.encode()) for name, text in DRAFTS.items()]
    attached = {"sops/quality/QM-001/flow.svg": SVG}
    files = manual.draft_pages(parsed, attachments=attached, as_of=date(2026, 11, 22), templates=TEMPLATES)
    made, warnings = built(files, tmp_path, is_draft=True)
    assert {
        "documents/QM-001.html",
        "documents/QM-002.html",
        "documents/QM-002-2.html",
        "search.html",
    } <= made.pages.keys()
    for name, page in made.pages.items():
        assert page.count(DRAFT) >= 2 and 'class="qm-watermark"' in page, name
        assert page.index(DRAFT) < page.index("<article") < page.rindex(DRAFT)
    assert "the file does not begin with front matter" in made.shows("index") and "QM-003" in made.shows("master-list")
    assert any("image" in warning and "QM-001" in warning for warning in warnings)
    assert files["documents/QM-001/flow.svg"] == SVG


def test_the_manual_in_force_never_says_draft(made: Site) -> None:
    assert all(DRAFT not in page and "qm-watermark" not in page for page in made.pages.values())


def test_a_missing_picture_is_one_sentence_with_document_and_line(tmp_path: Path) -> None:
    programme = Programme()
    body = "## A\n\nText.\n\n![Flow](QM-001/flow.svg)\n"
    programme.commit("w.writer", {path(): document(body=body), "sops/quality/QM-001/flow.svg": SVG})
    programme.approve("QM-001")
    files = source_of(programme, tmp_path / "r")
    del files["documents/QM-001/flow.svg"]
    with pytest.raises(OutputFailed, match=r"^QM-001 \(sops/quality/QM-001-title.md, line 14\): image") as raised:
        built(files, tmp_path)
    assert "\n" not in raised.value.message


@pytest.mark.parametrize("wrong", ["{{ programe }}", "{% if %}", "{{ as_of.year / 0 }}", "{{ ''.__class__.__mro__ }}"])
def test_a_wrong_template_is_one_sentence_with_name_and_line(wrong: str, tmp_path: Path) -> None:
    with pytest.raises(OutputFailed, match=r"^templates/manual/home.html, line 2: ") as raised:
        source_of(Programme(), tmp_path / "r", templates={**TEMPLATES, "home.html": f"<p>\n{wrong}"})
    assert "\n" not in raised.value.message


def test_a_folder_without_a_source_or_with_things_in_it_is_refused(tmp_path: Path) -> None:
    with pytest.raises(OutputFailed, match="can't be read"):
        site.build(tmp_path, tmp_path / "out", configuration=ROOT, is_draft=False)
    (tmp_path / "manual.json").write_text("[]")
    with pytest.raises(OutputFailed, match="was not written by this qmdoc"):
        site.build(tmp_path, tmp_path / "out", configuration=ROOT, is_draft=False)
    with pytest.raises(OutputFailed, match="is not empty"):
        site.build(tmp_path, tmp_path, configuration=ROOT, is_draft=False)


def test_an_attachment_can_not_be_written_outside_its_folder() -> None:
    with pytest.raises(OutputFailed, match="leads out of its folder"):
        manual.draft_pages(
            [], attachments={"sops/quality/QM-001/../../x": b""}, as_of=date(2026, 1, 1), templates=TEMPLATES
        )


def test_a_template_can_not_be_written_outside_the_source() -> None:
    files = manual.draft_pages(
        [], attachments={}, as_of=date(2026, 1, 1), templates={**TEMPLATES, "theme/../../conf.py": "x"}
    )
    assert not [name for name in files if ".." in name]
    with pytest.raises(OutputFailed, match=r"holds no qmdoc\.css or no folder theme/"):
        manual.draft_pages(
            [],
            attachments={},
            as_of=date(2026, 1, 1),
            templates={name: text for name, text in TEMPLATES.items() if name != "qmdoc.css"},
        )


def test_every_number_and_sign_of_the_library_reaches_the_page(tmp_path: Path) -> None:
    """Minus signs, ≥, ×, °, µ, quotes and digits of every starter document, and of a text made of them (MANUAL.md §4)."""
    signs = "## Signs\n\n−1 °C/min, -196 °C, ≥ 5 × 10⁶/kg, ≤ 2.5 µg·mL⁻¹, 3–4 h, 5 -- 6, 'a' \"b\" ... 1/2 ± 0.5 %, ● → 37 °C\n\n| −80 | ≥ 1.0 |\n|---|---|\n| - 5 | 1 - 2 |\n"
    found = {
        file.name: documents.parse(str(file.relative_to(ROOT)), file.read_bytes())
        for file in sorted((ROOT / "sops").rglob("*-*.md"))
        if documents.id_in_name(file.name)
    }
    parsed = [each for each in found.values() if isinstance(each, Document)]
    assert len(parsed) >= 19
    parsed.append(made_up := documents.parse(path("QM-999"), document("QM-999", body=signs).encode()))  # type: ignore[arg-type]
    assert isinstance(made_up, Document)
    made, _ = built(
        manual.draft_pages(parsed, attachments={}, as_of=date(2026, 11, 22), templates=TEMPLATES),
        tmp_path,
        is_draft=True,
    )
    for each in parsed:
        expected, got = tokens(plain(each.body)), tokens(made.shows(f"documents/{each.id}"))
        missing = expected - got
        assert not missing, f"{each.id}: {missing}"


def plain(body: str) -> str:
    """The text of a body without the marks of Markdown."""
    text = re.sub(r"^:[a-z-]+:.*$", " ", body, flags=re.MULTILINE)
    text = re.sub(r"^\s*(?:`{3}.*|\|?[-| :]+\|?|#+ |\d+\. |- )", " ", text, flags=re.MULTILINE)
    text = re.sub(r"\]\([^)]*\)", " ", text)
    return html.unescape(re.sub(r"[*`|\[\]]", " ", text))


def tokens(text: str) -> set[str]:
    """Every number with its sign and unit, and every sign on its own."""
    text = text.replace("[", " ").replace("]", " ")
    return {word.strip(".,;:()") for word in text.split() if not word.isalpha() and word.strip(".,;:()")}


def test_each_word_of_a_closed_set_has_its_words_for_staff() -> None:
    from qmdoc.model import Assurance, Status

    assert set(wording.STATUS) == set(Status) and set(wording.MEANING) == set(Meaning)
    assert set(wording.ASSURANCE) == set(Assurance) and set(wording.OUTCOME) == set(Outcome)


@pytest.fixture(scope="module")
def marked(tmp_path_factory: pytest.TempPathFactory) -> Site:
    """A document whose headings and sentences say which clauses they answer."""
    folder = tmp_path_factory.mktemp("marked")
    programme = Programme(policy=POLICY.replace("standards: []", "standards: [us-21cfr11]"))
    body = (
        "## Purpose and <use> {clause}`us-21cfr11 11.10(a)`\n\nAs [above](#purpose-and-use). "
        "{clause}`us-21cfr11 11.10(d), 11.10(a)`\n\n- Do it {clause}`elsewhere 1.1`\n\n## Next\n\n{ref}`x`\n"
    ).replace("<use>", "use")
    programme.commit(
        "w.writer",
        {
            "sops/standards/us-21cfr11.yaml": (ROOT / "sops/standards/us-21cfr11.yaml").read_text(),
            path(): document(body=body),
        },
    )
    programme.approve("QM-001")
    made, warnings = built(source_of(programme, folder / "p"), folder)
    assert warnings == ()
    return made


def test_a_clause_mark_leads_to_its_clause_and_the_matrix_back_to_the_section(marked: Site) -> None:
    page, matrix = marked.page("documents/QM-001"), marked.page("coverage/us-21cfr11")
    assert '<a class="qm-clause-mark" id="clause-us-21cfr11-11.10(a)"' in page
    assert 'href="../coverage/us-21cfr11.html#row-11.10%28a%29">11.10(a)</a></h2>' in page
    assert 'id="clause-us-21cfr11-11.10(a)-1"' in page
    assert '<tr id="row-11.10(a)"' in matrix
    assert 'href="../documents/QM-001.html#clause-us-21cfr11-11.10%28a%29">Purpose and use</a>' in matrix
    assert 'href="../documents/QM-001.html#clause-us-21cfr11-11.10%28a%29-1">Purpose and use</a>' in matrix


def test_a_mark_is_no_part_of_its_headings_name(marked: Site) -> None:
    page = marked.page("documents/QM-001")
    assert 'href="#purpose-and-use"' in page and 'id="purpose-and-use"' in page
    assert page.count("qm-clause-mark") == 4
    assert '<a class="reference internal" href="#purpose-and-use">Purpose and use</a>' in page


def test_a_mark_without_a_matrix_is_shown_and_leads_nowhere(marked: Site) -> None:
    page = marked.page("documents/QM-001")
    assert 'title="answers elsewhere 1.1">1.1</a>' in page
    assert "{ref}`x`" in marked.shows("documents/QM-001")
