"""Versions that are approved and whose day is ahead: shown to be read, and never taken for what is in force."""

from __future__ import annotations

import json
import re
from datetime import UTC, date, datetime
from html import unescape
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from outputs.test_staff_pages import EXTRA, NEW, OLD, article, built, data, link, source_of, words
from programme import POLICY, Programme, document, path

from qmdoc.git import Repository
from qmdoc.outputs import faithful, life, tables
from qmdoc.outputs.manual_pages import source
from qmdoc.place import find

TRAINING = "{roles: [ward-nurse], within: 14}"
BODY = "## Steps\n\nHeat to {} °C. See [two](QM-002).\n\n![Flow](QM-001/flow.svg)\n"
FLOW = "sops/quality/QM-001/flow.svg"


def history() -> Programme:
    """On 2026-11-22: QM-001 1.0 in force and 1.1 ahead; QM-002 first ahead; QM-003 with two ahead; QM-004 with none."""
    programme = Programme(policy=POLICY + EXTRA)
    early, late = datetime(2026, 1, 5, 9, tzinfo=UTC), datetime(2026, 11, 2, 9, tzinfo=UTC)
    for number, version, at, flow, keys in (
        ("QM-001", "1.0", early, OLD, {"body": BODY.format("37.0")}),
        ("QM-003", "1.0", early, None, {"body": "## A\n\nWait 1 h.\n"}),
        ("QM-004", "1.0", early, None, {}),
        ("QM-001", "1.1", late, NEW, {"body": BODY.format("38.5"), "effective_date": "2026-12-01", "change_summary": "Warmer <b>bath</b>"}),
        ("QM-002", "1.0", late, None, {"body": "## A\n\nRarewordahead stands here.\n", "effective_date": "2026-12-24"}),
        ("QM-003", "2.0", late, None, {"body": "## A\n\nWait 2 h.\n", "effective_date": "2026-12-01"}),
        ("QM-003", "3.0", late, None, {"body": "## A\n\nWait 3 h.\n", "effective_date": "2027-01-01"}),
    ):  # fmt: skip
        files = {path(number): document(number, version, training=TRAINING, **keys)} | ({FLOW: flow} if flow else {})
        programme.commit("w.writer", files, at=at)
        programme.approve(number, at=at)
    return programme


@pytest.fixture(scope="module")
def staged(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    return source_of(history(), tmp_path_factory.mktemp("ahead") / "r")


@pytest.fixture(scope="module")
def made(staged: dict[str, bytes], tmp_path_factory: pytest.TempPathFactory) -> Path:
    return built(staged, tmp_path_factory.mktemp("ahead-site"))


def test_a_version_ahead_is_shown_with_its_day_and_with_what_is_followed_until_then(made: Path) -> None:
    page = made / "versions/QM-001-1.1.html"
    assert "Heat to 38.5 °C" in words(page) and "37.0" not in words(page)
    assert words(page).count("Not yet in force: do not follow it yet.") == 2
    assert "approved and comes into force on 2026-12-01" in words(page) and "Until then follow version 1.0" in words(
        page
    )
    assert link(page, "version 1.0") == "../documents/QM-001.html"
    whole = page.read_text(encoding="utf-8")
    assert 'data-qm-words="NOT YET IN FORCE"' in whole and '"NOT YET IN FORCE: QM-001 version 1.1"' in whole
    assert '"NOT YET IN FORCE, not for use before 2026-12-01"' in whole
    assert "What changes Warmer <b>bath</b>" in words(page) and "2026-11-02 09:00:00 UTC" in words(page)


def test_the_page_of_the_document_still_shows_what_is_in_force(made: Path) -> None:
    page = made / "documents/QM-001.html"
    assert "Heat to 37.0 °C" in words(page) and "38.5" not in words(page)
    assert link(page, "Version 1.1 comes into force on 2026-12-01: read it now") == "../versions/QM-001-1.1.html"
    assert link(page, "1.1, approved, in force from 2026-12-01") == "../versions/QM-001-1.1.html"
    assert "data-qm-words" not in page.read_text(encoding="utf-8") and "comes into force" not in words(
        made / "documents/QM-004.html"
    )


def test_each_text_shows_its_own_picture(made: Path) -> None:
    for name, picture in {"documents/QM-001": OLD, "versions/QM-001-1.1": NEW}.items():
        shown = re.search(r'<img[^>]*src="\.\./_images/([^"]+)"', article(made / f"{name}.html"))
        assert shown and (made / "_images" / shown[1]).read_bytes() == picture


def test_a_first_version_says_that_nothing_is_in_force_yet(made: Path) -> None:
    page = made / "versions/QM-002-1.0.html"
    assert "Rarewordahead" in words(page)
    assert "Nothing of QM-002 is in force yet: ask your supervisor what to follow until then." in words(page)
    assert "Replaces nothing: it is the first" in words(page) and "What will change" not in words(page)
    absent = made / "documents/QM-002.html"
    assert "No version in force." in words(absent) and "Rarewordahead" not in words(absent)
    assert link(absent, "read it now") == "../versions/QM-002-1.0.html"
    assert link(made / "master-list.html", "QM-002") == "documents/QM-002.html"


def test_what_it_will_change_stands_apart_from_what_did_change(made: Path) -> None:
    page = made / "changes/QM-001-1.1.html"
    assert link(made / "versions/QM-001-1.1.html", "What will change") == "../changes/QM-001-1.1.html"
    assert "Numbers changed Was Is now Unit What Section 37.0 38.5 °C" in words(page)
    assert "Version 1.0 to 1.1" in words(page) and "Why Warmer <b>bath</b>" in words(page)
    assert "Not yet in force: do not follow it yet." in words(page) and "attachment flow.svg" in words(page)
    assert 'data-qm-words="NOT YET IN FORCE"' in page.read_text(encoding="utf-8")
    assert not (made / "changes/QM-001.html").exists()


def test_of_two_versions_ahead_each_has_its_day_and_what_comes_before_it(made: Path) -> None:
    assert "Until then follow version 1.0" in words(made / "versions/QM-003-2.0.html")
    assert "Version 2.0 comes before it, on 2026-12-01" in words(made / "versions/QM-003-3.0.html")
    assert "Version 2.0 to 3.0" in words(made / "changes/QM-003-3.0.html")
    document = words(made / "documents/QM-003.html")
    assert "Version 2.0 comes into force on 2026-12-01: read it now" in document
    assert "Version 3.0 comes into force on 2027-01-01: read it now" in document
    found = data(made, "known-versions.js")["documents"]["QM-003"]  # type: ignore[index]
    assert [each["version"] for each in found["ahead"]] == ["2.0", "3.0"] and found["past"] == []


def test_what_changed_names_a_version_ahead_and_does_not_show_it(tmp_path: Path) -> None:
    programme = history()
    files = source_of(programme, tmp_path / "r", as_of=date(2026, 12, 10))
    pages = {page["name"]: unescape(page["above"]) for page in json.loads(files["manual.json"])["pages"]}
    assert 'href="../versions/QM-003-3.0.html">Read version 3.0 now</a>' in pages["changes/QM-003"]
    assert "Wait 3" not in pages["changes/QM-003"] and "Wait" in pages["changes/QM-003"]
    assert "versions/QM-001-1.1" not in pages and "NOT CURRENT" in pages["versions/QM-001-1.0"]


def test_home_lists_what_comes(made: Path) -> None:
    text = words(made / "index.html")
    coming = text.partition("Approved, not yet in force")[2]
    assert re.findall(r"QM-\d+ \d\.\d: read it now", coming) == [
        "QM-001 1.1: read it now",
        "QM-003 2.0: read it now",
        "QM-002 1.0: read it now",
        "QM-003 3.0: read it now",
    ]
    assert link(made / "index.html", "1.1: read it now") == "versions/QM-001-1.1.html"
    assert "QM-001" not in text.partition("New and changed")[2].partition("Approved, not yet")[0]


def test_who_has_read_it_says_so_of_this_version(made: Path) -> None:
    page = made / "read/QM-001-1.1.html"
    assert link(made / "versions/QM-001-1.1.html", "I have read this version") == "../read/QM-001-1.1.html"
    assert link(page, "QM-001 Title of QM-001") == "../versions/QM-001-1.1.html"
    assert "is to be read before it comes into force on 2026-12-01" in words(page)
    assert "before it comes into force: by 2026-11-30" in words(page) and "What changed since version 1.0" in words(
        page
    )
    letter = parse_qs(urlsplit(link(page, "Write an e-mail")).query)["body"][0]
    digest = re.search(r"SHA-256 ([0-9a-f]{64})", article(page))
    assert digest and f"YOUR-ID,QM-001,1.1,{digest[1]}," in letter
    in_force = made / "read/QM-001.html"
    assert link(in_force, "read version 1.1 now") == "../versions/QM-001-1.1.html"
    assert digest[1] not in article(in_force) and "supervisor, who enters it" in words(in_force)
    assert (made / "read/QM-002-1.0.html").exists() and not (made / "read/QM-002.html").exists()


def test_no_search_of_what_is_in_force_finds_it(made: Path, staged: dict[str, bytes]) -> None:
    for page in source.read(staged[source.NAME]).pages:
        if page.watermark:
            assert page.filters.get("status") != source.IN_FORCE, page.name
    names = {page.name for page in source.read(staged[source.NAME]).pages if page.filters.get("status") == "In force"}
    assert names == {"documents/QM-001", "documents/QM-003", "documents/QM-004"}
    for file in (made / "searchindex.js", *sorted((made / "_static").glob("known-*.js"))):
        assert "rarewordahead" not in file.read_text(encoding="utf-8").lower(), file.name


def test_no_link_in_a_text_leads_to_a_version_ahead(made: Path) -> None:
    text = article(made / "documents/QM-001.html")
    assert "two</span><span" in text or "two (not in force)" in words(made / "documents/QM-001.html")
    assert "QM-002-1.0" not in text


def test_the_comparison_with_the_source_looks_at_its_page_too(made: Path, staged: dict[str, bytes]) -> None:
    def shown(page: str) -> str:
        built = (made / f"{page}.html").read_text(encoding="utf-8")
        return built.replace("38.5", "83.5") if page == "versions/QM-001-1.1" else built

    [found] = faithful.differences(staged, shown)
    assert found.startswith("QM-001 ") and "38.5" in found


def test_it_has_no_pdf_and_no_code_that_leads_to_the_verdict_on_another(made: Path) -> None:
    page = article(made / "versions/QM-001-1.1.html")
    assert ".pdf" not in page and "qm-code" not in page


def test_lists_and_binder_name_the_nearest_of_two_and_call_neither_earlier(tmp_path: Path) -> None:
    audit = history().audit(tmp_path / "r", as_of=date(2026, 11, 22))
    state = audit.register.state("QM-003")
    assert (
        state
        and state.next
        and state.waiting
        and (str(state.next.version), str(state.waiting.version)) == ("2.0", "3.0")
    )
    rows = {row[0]: row for row in tables.register(audit.register).rows}
    assert ("2.0", date(2026, 12, 1)) in zip(rows["QM-003"], rows["QM-003"][1:], strict=False)
    with Repository(find(tmp_path / "r"), {"PATH": "/usr/bin:/bin"}) as repository:
        [own] = [each for each in life.lives(audit, repository.blob) if each.state.id == "QM-003"]
    told = [each.standing for each in own.versions]
    assert sorted(told) == [
        "NOT CURRENT: approved, in force from 2026-12-01",
        "NOT CURRENT: approved, in force from 2027-01-01",
        "in force since 2026-01-05",
    ]
