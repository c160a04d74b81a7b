"""What staff find beside a procedure: buttons, what changed, earlier versions, proof of reading, where a number went."""

from __future__ import annotations

import json
import re
from datetime import UTC, date, datetime
from html import unescape
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from programme import NOW, POLICY, Programme, document, path

from qmdoc.git import Repository
from qmdoc.model import Meaning
from qmdoc.outputs import manual, site
from qmdoc.outputs.manual_pages import reaching
from qmdoc.place import find
from qmdoc.signing import authority
from qmdoc.signing.authority import UnreadableAuthority
from qmdoc.signing.contact import EmergencyNumber

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "templates" / "manual"
TEMPLATES = {
    str(file.relative_to(FOLDER)): file.read_text(encoding="utf-8")
    for file in sorted(FOLDER.rglob("*"))
    if file.is_file()
}
URL = "https://manual.example/sops/"
FORGE = "https://forge.example/programme/sops"
EXTRA = f"""\
emergency_numbers: [{{name: Resuscitation team, number: "2222"}}, {{name: Physician on call, number: pager 4010}}]
manual_url: {URL}
"""
NEW, OLD = (
    b"<svg xmlns='http://www.w3.org/2000/svg' id='new'/>\n",
    b"<svg xmlns='http://www.w3.org/2000/svg' id='old'/>\n",
)
FORM = path("QM-101")


def history(extra: str = EXTRA) -> Programme:
    programme = Programme(policy=POLICY + extra)
    body = "## Steps\n\nHeat to {} °C. Write it into [the sheet](QM-101).\n\n![Flow](QM-001/flow.svg)\n\n[gone](#no-such-heading)\n"
    training = "{roles: [ward-nurse], within: 14}"
    programme.commit(
        "w.writer",
        {
            path("QM-001"): document("QM-001", body=body.format("37.0"), training=training),
            "sops/quality/QM-001/flow.svg": OLD,
            FORM: document("QM-101", type="form"),
            path("QM-002"): document("QM-002", body="## A\n\nSee [one](QM-001).\n", supersedes="[OLD-004]"),
            path("QM-003"): document("QM-003"),
        },
    )
    programme.approve("QM-001", "QM-101", "QM-002", "QM-003")
    programme.commit(
        "w.writer",
        {
            path("QM-001"): document(
                "QM-001",
                "1.1",
                body=body.format("38.5").replace("[gone](#no-such-heading)", ""),
                training=training,
                change_summary="Warmer <b>bath</b>",
            ),
            "sops/quality/QM-001/flow.svg": NEW,
        },
    )
    programme.approve("QM-001", at=datetime(2026, 6, 1, 9, tzinfo=UTC))
    programme.commit("w.writer", {path("QM-005"): document("QM-005", effective_date="2026-12-24")})
    programme.approve("QM-005")
    programme.sign("q.manager", "QM-003", role="quality-manager", meaning=Meaning.WITHDRAW, reason="No longer done")
    programme.commit("w.writer", {path("QM-004"): document("QM-004", title="A draft", body="## D\n\nDraft words.\n")})
    return programme


def source_of(
    programme: Programme, folder: Path, beside: tuple[str, ...] = (), *, as_of: date = date(2026, 11, 22)
) -> dict[str, bytes]:
    audit = programme.audit(folder, as_of=as_of, now=max(NOW, datetime.combine(as_of, NOW.timetz())))
    with Repository(find(folder), {"PATH": "/usr/bin:/bin"}) as repository:
        return manual.pages(audit, blob=repository.blob, templates=TEMPLATES, beside=beside)


def built(files: dict[str, bytes], folder: Path) -> Path:
    for name, content in files.items():
        (folder / "src" / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / "src" / name).write_bytes(content)
    site.build(folder / "src", folder / "site", configuration=ROOT, is_draft=False)
    return folder / "site"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("staff")
    return built(source_of(history(), folder / "r"), folder)


def article(page: Path) -> str:
    return page.read_text(encoding="utf-8").partition('<article role="main"')[2].partition("</article>")[0]


def words(page: Path) -> str:
    text = re.sub(r"<style>.*?</style>", " ", article(page))
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", text)).split())


def link(page: Path, words: str) -> str:
    found = re.search(rf'<a [^>]*href="([^"]*)"[^>]*>{re.escape(words)}</a>', article(page))
    assert found, f"no link {words!r} on {page.name}"
    return unescape(found[1])


def data(made: Path, name: str) -> object:
    text = (made / "_static" / name).read_text(encoding="utf-8")
    return json.loads(text.partition(" = ")[2].rstrip().removesuffix(";"))


def test_a_procedure_leads_to_what_changed_to_proof_of_reading_and_to_its_owner(made: Path) -> None:
    page = made / "documents/QM-001.html"
    assert link(page, "What changed") == "../changes/QM-001.html"
    assert link(page, "I have read this") == "../read/QM-001.html"
    letter = urlsplit(link(page, "Report a problem"))
    assert (letter.scheme, letter.path) == ("mailto", "d.manager@programme.example,q.manager@programme.example")
    asked = parse_qs(letter.query)
    assert asked["subject"] == ["Problem with QM-001 Title of QM-001, version 1.1"]
    assert re.search(r"QM-001 version 1\.1, digest [0-9a-f]{12}", asked["body"][0])
    assert "What changed</a>" not in article(made / "documents/QM-002.html")
    assert "data-qm-print" in article(page) and "Forms used QM-101 Title of QM-101" in words(page)


def test_the_control_block_is_open_before_any_script_runs(made: Path) -> None:
    assert '<details class="qm-control" open>' in article(made / "documents/QM-001.html")


def test_a_banner_stands_only_where_something_is_wrong(made: Path) -> None:
    assert "qm-banner" not in article(made / "documents/QM-001.html")
    for name in ("documents/QM-003", "documents/QM-004", "documents/QM-005", "versions/QM-001-1.0"):
        assert "qm-banner" in article(made / f"{name}.html"), name


def test_the_print_button_leads_to_the_pdf_that_lies_beside(tmp_path: Path) -> None:
    programme = history()
    files = source_of(programme, tmp_path / "r", ("pdf/QM-001-1.1.pdf", "forms/QM-001-1.1-training-attestation.docx"))
    pages = {page["name"]: page["above"] for page in json.loads(files["manual.json"])["pages"]}
    assert 'href="../pdf/QM-001-1.1.pdf">Print (PDF)</a>' in pages["documents/QM-001"]
    assert "data-qm-print" not in pages["documents/QM-001"] and "data-qm-print" in pages["documents/QM-002"]
    assert 'href="../forms/QM-001-1.1-training-attestation.docx"' in pages["read/QM-001"]
    assert "../forms/" not in pages["read/QM-002"]


def test_the_code_on_paper_names_number_version_and_digest(made: Path) -> None:
    page = article(made / "documents/QM-001.html")
    digest = re.search(r"Digest</dt> <dd><code title=\"SHA-256 ([0-9a-f]{64})", page)
    assert digest
    assert f"<title>QR code: {URL}current.html#QM-001/1.1/{digest[1][:12]}</title>" in page
    assert page.count("<svg") == page.count('class="qm-code"') == 1


def test_without_an_address_the_code_holds_what_is_to_be_typed(tmp_path: Path) -> None:
    programme = history("")
    files = source_of(programme, tmp_path / "r")
    below = {page["name"]: page["below"] for page in json.loads(files["manual.json"])["pages"]}["documents/QM-001"]
    assert re.search(r"data-qm-says=\"QM-001 1\.1 [0-9a-f]{12}\"", below)
    assert "Emergency" not in files["manual.json"].decode()


def test_an_earlier_version_shows_its_own_text_and_picture_as_not_current(made: Path) -> None:
    page = made / "versions/QM-001-1.0.html"
    assert "Heat to 37.0 °C" in words(page) and "38.5" not in words(page)
    assert words(page).count("Not current: do not use.") == 2
    assert "in force from 2026-01-05 until 2026-05-31. In force since 2026-06-01 is version 1.1" in words(page)
    whole = page.read_text(encoding="utf-8")
    assert 'data-qm-words="NOT CURRENT"' in whole and '"NOT CURRENT: QM-001 version 1.0"' in whole
    assert link(page, "version 1.1") == "../documents/QM-001.html"
    pictures = [file.read_bytes() for file in sorted((made / "_images").iterdir())]
    assert sorted(pictures) == sorted([OLD, NEW])
    shown = re.search(r'<img[^>]*src="\.\./_images/([^"]+)"', article(page))
    assert shown and (made / "_images" / shown[1]).read_bytes() == OLD
    assert link(made / "documents/QM-001.html", "1.0") == "../versions/QM-001-1.0.html"


def test_a_fault_in_an_earlier_version_bars_no_new_manual(made: Path) -> None:
    assert "gone" in words(made / "versions/QM-001-1.0.html")


def test_what_changed_says_why_and_who_approved(made: Path) -> None:
    text = words(made / "changes/QM-001.html")
    assert "Version 1.0 to 1.1" in text and "Why Warmer <b>bath</b>" in text
    assert "Approved by Quality Manager , Quality manager: Approval, 2026-06-01 09:00:00 UTC" in text
    assert not (made / "changes/QM-002.html").exists()


def test_what_changed_shows_numbers_first_and_then_the_text(made: Path) -> None:
    page, text = article(made / "changes/QM-001.html"), words(made / "changes/QM-001.html")
    assert "Numbers changed Was Is now Unit What Section 37.0 38.5 °C" in text
    assert page.index("Numbers changed") < page.index("<del") and "attachment flow.svg" in text
    assert '<link rel="stylesheet" href="../_static/redline.css?v=' in (made / "changes/QM-001.html").read_text()


@pytest.mark.parametrize(
    ("number", "sentence"),
    [
        ("QM-003", "Withdrawn: do not use. QM-003 is no longer in force."),
        ("QM-004", "No version in force. QM-004 may not be followed: on 2026-11-22 it was never approved."),
        ("QM-005", "version 1.0 is approved, and comes into force on 2026-12-24"),
        ("OLD-004", "Replaced: do not use. OLD-004 is an earlier number."),
    ],
)
def test_every_known_number_has_a_page_that_says_where_it_went(made: Path, number: str, sentence: str) -> None:
    assert sentence in words(made / f"documents/{number}.html")
    assert any(row[0] == number for row in data(made, "known-numbers.js"))  # type: ignore[attr-defined]


def test_no_draft_word_is_in_the_scripts_data(made: Path) -> None:
    for file in sorted((made / "_static").glob("known-*.js")):
        assert "draft words" not in file.read_text(encoding="utf-8").lower(), file.name
    assert "steps" in data(made, "known-words.js")  # type: ignore[operator]


def test_the_versions_behind_the_code_are_those_of_the_records(made: Path) -> None:
    found = data(made, "known-versions.js")["documents"]  # type: ignore[index]
    one = found["QM-001"]
    assert one["now"]["version"] == "1.1" and one["now"]["since"] == "2026-06-01"
    assert [(each["version"], each["until"]) for each in one["past"]] == [("1.0", "2026-05-31")]
    assert found["QM-003"]["now"] is None and found["QM-003"]["withdrawn"][1] == "No longer done"
    assert [each["since"] for each in found["QM-005"]["ahead"]] == ["2026-12-24"] and found["QM-004"]["now"] is None
    assert one["now"]["digest"] in words(made / "current.html")


def test_i_have_read_this_names_version_digest_day_and_three_ways(made: Path) -> None:
    page = made / "read/QM-001.html"
    text = words(page)
    assert (
        "Version 1.1" in text
        and "Asked of Ward nurse" in text
        and "Due Whoever was there: within 14 days of its approval: by 2026-06-15." in text
    )
    assert "What changed since version 1.0" in text and "37" in text.partition("What changed since")[2]
    assert "0 of 1 have read this version" in words(made / "documents/QM-001.html")
    assert "“I have read and understood the documents listed below.”" in text and "On paper:" in text
    body = parse_qs(urlsplit(link(page, "Write an e-mail")).query)["body"][0]
    digest = re.search(r"SHA-256 ([0-9a-f]{64})", article(page))
    assert digest
    assert f"YOUR-ID,QM-001,1.1,{digest[1]},YYYY-MM-DD,read-and-understood,roster,," in body
    assert "asks for no training" in words(made / "read/QM-002.html")


@pytest.mark.parametrize(
    ("kind", "start", "problem"),
    [
        ("github", f"{FORGE}/new/release/2.x?filename=", f"{FORGE}/issues/new?title="),
        ("gitea", f"{FORGE}/_new/release/2.x?filename=", f"{FORGE}/issues/new?title="),
        ("gitlab", f"{FORGE}/-/issues/new?issue%5Btitle%5D=", f"{FORGE}/-/issues/new?issue%5Btitle%5D="),
    ],
)
def test_each_forge_has_its_prefilled_pages(kind: str, start: str, problem: str, tmp_path: Path) -> None:
    programme = history(f"forge: {{kind: {kind}, url: {FORGE}/, branch: release/2.x}}\n")
    files = source_of(programme, tmp_path / "r")
    pages = {page["name"]: unescape(page["above"]) for page in json.loads(files["manual.json"])["pages"]}
    address = re.search(r'href="(https://[^"]*)"', pages["read/QM-001"])
    assert address and address[1].startswith(start)
    assert "person,document,version,sha256,date,kind,how,evidence,entered_by\n" in unquote(address[1])
    assert ",read-and-understood,forge,,YOUR-ID\n" in unquote(address[1])
    assert problem in pages["documents/QM-001"]


def test_no_page_of_staff_speaks_of_the_tools_behind_it(made: Path) -> None:
    """One page explains to inspectors what a record is; the dashboard repeats the sentences of the checks."""
    tools = re.compile(r"\b(?:git|commits?|sphinx|yaml|markdown|repositor\w+|branch\w*|merge\w*)\b", re.IGNORECASE)
    pages = [each for each in made.rglob("*.html") if each.name not in ("about.html", "dashboard.html")]
    shown = {each: re.sub(r"(?s)<(script|style).*?</\1>|<[^>]*>", " ", each.read_text("utf-8")) for each in pages}
    assert len(shown) > 20
    assert {each.name: found for each, text in shown.items() if (found := tools.findall(text))} == {}


def test_home_has_the_box_and_the_emergency_numbers(made: Path) -> None:
    page = article(made / "index.html")
    assert '<a href="tel:2222">2222</a>' in page and "pager 4010" in page
    assert 'action="search.html"' in page and 'name="q"' in page
    scripts = re.findall(r'<script src="([^"?]*)\?v=2026-11-22-[0-9a-f]{12}"', (made / "index.html").read_text())
    own = [each.removeprefix("_static/") for each in scripts if "colours" not in each and "frame" not in each]
    assert own == ["words.js", "say.js", "known-numbers.js", "find.js"]


@pytest.mark.parametrize(
    ("number", "dialled"),
    [
        ("2222", "2222"),
        ("+44 20 7946-0000", "+442079460000"),
        ("112 / 911", ""),
        ("+44 (0)20 7946", ""),
        ("pager 4", ""),
    ],
)
def test_a_number_is_dialled_only_where_it_is_certain(number: str, dialled: str) -> None:
    assert EmergencyNumber(name="Team", number=number).dialled == dialled


def test_the_page_for_missing_addresses_links_from_the_sites_top(made: Path) -> None:
    page = (made / "404.html").read_text(encoding="utf-8")
    found = re.findall(r'(?:href|src|action)="([^"]*)"', page)
    assert found and all(each.startswith(("/sops/", "#", "data:")) for each in found), found
    assert "data-qm-find" in page


@pytest.mark.parametrize(
    ("url", "prefix"),
    [("", "/"), ("https://m.example", "/"), ("https://m.example/a/b", "/a/b/"), ("https://m.example/a/", "/a/")],
)
def test_the_sites_top_is_what_the_policy_says(url: str, prefix: str) -> None:
    assert reaching.absent_prefix(url) == prefix


def test_sphinx_search_knows_nothing_but_what_is_in_force(made: Path) -> None:
    index = (made / "searchindex.js").read_text(encoding="utf-8")
    named = re.search(r'"docnames":\[([^]]*)\]', index)
    assert named
    assert json.loads(f"[{named[1]}]") == ["documents/QM-001", "documents/QM-002", "documents/QM-101", "index"]


@pytest.mark.parametrize(
    "line",
    [
        "manual_url: http://manual.example/",
        "manual_url: https://manual.example/?x=1",
        "manual_url: https://user@manual.example/",
        "manual_url: https://manual.example/a/../b",
        'manual_url: "https://manual.example/\\"onload=x"',
        "forge: {kind: bitbucket, url: https://forge.example/a}",
        "forge: {kind: github, url: javascript:alert(1)}",
        "forge: {kind: github, url: https://forge.example/a, branch: 'a?b'}",
        "forge: {kind: github}",
        "emergency_numbers: [{name: Team, number: 'call <b>'}]",
        "emergency_numbers: [{name: Team, number: nobody}]",
        "emergency_numbers: [{name: '', number: '1'}]",
        "emergency_numbers: [{name: Team}]",
    ],
)
def test_an_address_or_number_that_is_none_makes_the_policy_unreadable(line: str) -> None:
    programme = Programme()
    files = {"policy.yaml": f"{programme.policy}{line}\n".encode(), "people.yaml": programme.people.encode()}
    found = authority.read("0" * 64, files)
    assert isinstance(found, UnreadableAuthority)
    assert all(fault.line >= 1 and fault.message and fault.fix for _, fault in found.faults)
