"""The binder: what is in it, that it can't be bent, and that the commands it prints work as printed."""

from __future__ import annotations

import csv
import html
import io
import os
import re
import shutil
import subprocess
import sys
import zipfile
from dataclasses import dataclass
from datetime import UTC, date, datetime
from html.parser import HTMLParser
from pathlib import Path, PurePosixPath
from urllib.parse import unquote, urlsplit

import programme as programmes
import pytest
from programme import POLICY, Programme, document, entry, path, public

from qmdoc import git
from qmdoc.errors import ConfigError, OutputFailed
from qmdoc.model import Meaning, Outcome
from qmdoc.outputs import answers, bag, binder, proof, reading, spreadsheet
from qmdoc.outputs.spreadsheet import Table
from qmdoc.register import Audit
from qmdoc.signing import sshsig

ENVIRONMENT = {"PATH": os.environ["PATH"], "HOME": "/nonexistent", "LC_ALL": "C.UTF-8"}
HOSTILE = "<script>alert('x')</script> & \"co\""
FLOW = b'<svg xmlns="http://www.w3.org/2000/svg"><text>flow</text></svg>'
MANUAL = {"index.html": b"<!DOCTYPE html><title>m</title>", "QM-001.html": b"<p>text"}
FORMS = {"QM-001 training.docx": b"PK"}
VOID = {"meta", "link", "img", "br", "hr"}


def noon(month: int, day: int) -> datetime:
    return datetime(2026, month, day, 12, tzinfo=UTC)


def history() -> Programme:
    """Two versions, a proposal, a review, a withdrawal, training, refused sign-offs, and words that try to run."""
    keys = f'[{{key: "{public("q.manager")}", from: 2026-01-01, to: 2026-12-31}}]'
    people = programmes.people(
        {"q.manager": entry("q.manager", "Quality Manager", ["quality-manager", "admin"], keys=keys)}
    )
    made = Programme(policy=POLICY.replace("standards: []", "standards: [{local-std: [A1]}]"), people=people)
    catalogue = 'id: local-std\ntitle: Local standard\nedition: "1"\nclauses:\n'
    catalogue += "".join(
        f"- {{id: {number}, title: Clause {number}, confidence: {sure}}}\n"
        for number, sure in (("A1.1", "confirmed"), ("A1.2", "recalled"), ("B1", "recalled"))
    )
    body = f"## Purpose\n\nSee [the other](QM-002), {HOSTILE}, [bad](javascript:alert(1)).\n\n![flow](QM-001/flow.svg) ![far](https://far.example/x.png)\n\n| a | b |\n|---|---|\n| −1 | <2 |\n"
    training = "{roles: [ward-nurse], within: 30}"
    first = document(
        title=f"'{HOSTILE.replace(chr(39), chr(39) * 2)}'",
        body=body,
        standards="{local-std: [A1.1]}",
        training=training,
    )
    made.commit("w.writer", {path(): first, "sops/quality/QM-001/flow.svg": FLOW, path("QM-002"): document("QM-002", title="'=1+1'"),
                             path("QM-003"): document("QM-003"), path("QM-004"): document("QM-004", title="Only a draft"), "sops/standards/local-std.yaml": catalogue})  # fmt: skip
    made.approve("QM-001", "QM-002", "QM-003")
    made.sign("w.writer", "QM-001", role="quality-manager", at=noon(2, 1))
    made.sign("n.nurse", "QM-001", role="ward-nurse", meaning=Meaning.TRAINING, at=noon(2, 2))
    made.sign(
        "q.manager",
        "QM-002",
        role="quality-manager",
        meaning=Meaning.PERIODIC_REVIEW,
        outcome=Outcome.CONTINUE,
        next_review=date(2027, 6, 1),
        at=noon(3, 1),
    )
    made.sign(
        "q.manager",
        "QM-003",
        role="quality-manager",
        meaning=Meaning.WITHDRAW,
        reason=f"@SUM(1) {HOSTILE}",
        at=noon(3, 2),
    )
    second = first.replace('"1.0"', '"1.1"').replace("## Purpose", "## Purpose\n\nA new sentence.")
    made.commit("w.writer", {path(): second, "sops/quality/QM-001/flow.svg": FLOW + b"\n"}, at=noon(4, 1))
    made.approve("QM-001", at=noon(4, 2))
    made.commit("w.writer", {path("QM-002"): document("QM-002", "1.1", title="'=1+1'")}, at=noon(5, 1))
    made.sign("m.director", "QM-002", role="medical-director", at=noon(5, 2))
    return made


@dataclass(frozen=True)
class Made:
    """A binder that was built, with what it was built from."""

    audit: Audit
    payload: dict[str, bytes]
    folder: Path

    def page(self, name: str) -> str:
        return self.payload[name].decode()


def build(made: Programme, place: Path, *, as_of: date | None = None, trust_root: str | None = "root") -> Made:
    audit = made.audit(place / "repository", as_of=as_of, trust_root=trust_root)
    with git.Repository(place / "repository", ENVIRONMENT) as repository:
        payload = binder.files(
            audit,
            blob=repository.blob,
            manual=MANUAL,
            forms=FORMS,
            bundle=repository.bundle(audit.register.ledger.tip or audit.register.ledger.trust_root),
            answer=answers.json_text(audit),
        )
    folder = place / f"binder {audit.as_of}"
    bag.write(folder, payload, info=binder.info(audit), bagging_date=audit.as_of)
    return Made(audit, payload, folder)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Made:
    return build(history(), tmp_path_factory.mktemp("binder"))


@pytest.fixture
def copy(whole: Made, tmp_path: Path) -> Path:
    """The binder, to be tampered with."""
    return Path(shutil.copytree(whole.folder, tmp_path / "copy"))


def test_the_binder_holds_everything_that_the_design_names(whole: Made) -> None:
    assert {
        "index.html", "binder.css", "manual/index.html", "manual/QM-001.html", "forms/QM-001 training.docx", "coverage.html", "findings.html", "authority.html", "training.html",
        "register.csv", "register.xlsx", "register.json", "sign-offs.csv", "training.csv", "training.xlsx", "history.bundle", "allowed_signers", "how-to-verify.html", "how-to-verify.txt",
        "documents/QM-001.html", "documents/QM-001/1.0.html", "documents/QM-001/1.1.html", "documents/QM-001/1.0-1.1.diff.txt", "documents/QM-001/1.0/QM-001-title.md",
        "documents/QM-001/1.0/QM-001/flow.svg", "documents/QM-001/1.1/QM-001/flow.svg", "documents/QM-002.html", "documents/QM-003.html", "documents/QM-004.html",
    } <= whole.payload.keys()  # fmt: skip
    assert list(whole.payload) == sorted(whole.payload)
    assert whole.payload["register.json"].decode() == answers.json_text(whole.audit)


def test_the_approved_files_are_there_byte_for_byte(whole: Made) -> None:
    assert whole.payload["documents/QM-001/1.0/QM-001/flow.svg"] == FLOW
    assert whole.payload["documents/QM-001/1.1/QM-001/flow.svg"] == FLOW + b"\n"
    assert b'version: "1.0"' in whole.payload["documents/QM-001/1.0/QM-001-title.md"]


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("index.html", ["Example Cellular Therapy Programme", "2026-11-22", "Pinned", "Open findings", "What is not proved", "Documents in force", "1 of 2"]),
        ("documents/QM-001.html", ["2026-01-05 to 2026-04-01", "2026-04-02 to this day", "Quality Manager", "medical-director", "2026-04-02 12:00:00", "signed", "Procedure Writer",
                                   "role-not-held", "did not hold the role", "Ward Nurse", "text comparison with version 1.0"]),
        ("documents/QM-002.html", ["Periodic reviews", "continue", "2027-06-01", "Proposal, not in force", "quality-manager approval 0/1", "Accepted signatures of texts that were not approved"]),
        ("documents/QM-003.html", ["withdrawn", "Withdrawal", "2026-03-02"]),
        ("documents/QM-004.html", ["No version was ever approved", "draft"]),
        ("documents/QM-001/1.0.html", ["NOT CURRENT", "was in force from 2026-01-05 to 2026-04-01; version 1.1 is in force since 2026-04-02", 'class="not-current"']),
        ("documents/QM-003/1.0.html", ["NOT CURRENT", "the document is withdrawn"]),
        ("coverage.html", ["A1.1", "covered", "A1.2", "uncovered", "confirmed", "recalled"]),
        ("authority.html", ["Deputy Quality Manager", "from 2026-01-01 to 2026-12-31", "the trust root"]),
    ],
)  # fmt: skip
def test_a_page_says(whole: Made, name: str, words: list[str]) -> None:
    page = html.unescape(re.sub(r"</?(time|a|code)\b[^>]*>", "", whole.page(name)))
    assert [word for word in words if word not in page and word not in whole.page(name)] == []


def test_a_clause_leads_to_its_document_its_training_and_its_approval(whole: Made) -> None:
    page = whole.page("coverage.html")
    row = page.partition('id="local-std:A1.1"')[2].partition("</tr>")[0]
    assert 'href="documents/QM-001.html#v1.1"' in row and 'href="documents/QM-001.html#training"' in row
    assert (
        "1.1, approved 2026-04-02, signed by Quality Manager, Medical Director; 0 of 1 have attested, 1 overdue" in row
    )
    assert 'href="#local-std%3AA1.2"' in page and 'id="local-std:A1.2"' in page
    assert 'id="v1.1"' in whole.page("documents/QM-001.html") and 'id="training"' in whole.page("documents/QM-001.html")


def test_every_page_says_for_which_day_it_answers(whole: Made) -> None:
    for name in pages(whole):
        assert whole.page(name).count("2026-11-22") >= 2, name


def test_a_page_gives_each_signature_its_commit_and_its_key(whole: Made) -> None:
    state = whole.audit.register.state("QM-001")
    assert state and state.effective
    for sign_off in state.effective.sign_offs:
        assert sign_off.commit in whole.page("documents/QM-001.html")
        assert sign_off.key and sign_off.key in html.unescape(whole.page("documents/QM-001.html"))
    assert state.effective.digest in whole.page("documents/QM-001.html")


def test_the_version_in_force_is_not_called_outdated(whole: Made) -> None:
    assert "NOT CURRENT" not in whole.page("documents/QM-001/1.1.html")
    assert "not-current" not in whole.page("documents/QM-001/1.1.html")


def test_the_text_comparison_shows_text_and_attachments(whole: Made) -> None:
    compared = whole.page("documents/QM-001/1.0-1.1.diff.txt")
    assert "+A new sentence." in compared and '-version: "1.0"' in compared and "attachment flow.svg: " in compared


def test_nothing_in_the_binder_says_that_anybody_complies(whole: Made) -> None:
    ours = [
        name
        for name in whole.payload
        if name.endswith((".html", ".txt", ".csv")) and not re.search(r"manual/|1\.\d/", name)
    ]
    assert [
        name for name in ours if re.search(r"complian|complies", whole.payload[name].decode("utf-8-sig"), re.IGNORECASE)
    ] == []


class Page(HTMLParser):
    """What a browser would make of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.wrong: list[str] = []
        self.links: list[str] = []
        self.ids: list[str] = []
        self.tags: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.tags.append(tag)
        self.links += [value for name, value in attrs if name in ("href", "src") and value]
        self.ids += [value for name, value in attrs if name == "id" and value]
        self.wrong += [f"{tag} {name}" for name in given if name.startswith("on") or name == "style"]
        if tag == "th" and "scope" not in given:
            self.wrong.append("th without scope")
        if tag == "html" and given.get("lang") != "en":
            self.wrong.append("html without lang")
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.wrong.append(f"</{tag}>")


def pages(made: Made) -> dict[str, Page]:
    return {
        name: Page(made.page(name))
        for name in made.payload
        if name.endswith(".html") and not name.startswith("manual/")
    }


def test_every_page_is_whole_and_runs_nothing(whole: Made) -> None:
    for name, page in pages(whole).items():
        assert (name, page.wrong, page.open) == (name, [], [])
        assert not {"script", "iframe", "object", "style", "form"} & set(page.tags), name
        assert page.tags.count("h1") == 1 and page.tags.count("main") == 1 and page.tags.count("title") == 1, name
        assert len(page.ids) == len(set(page.ids)), name
        assert whole.page(name).startswith("<!DOCTYPE html>\n")
    assert not re.search(rb"@import|url\(|https?:", whole.payload["binder.css"])


def test_every_link_leads_to_a_file_of_the_binder(whole: Made) -> None:
    for name, page in pages(whole).items():
        for link in page.links:
            parts = urlsplit(link)
            assert not parts.scheme and not parts.netloc and not parts.path.startswith("/"), (name, link)
            target = os.path.normpath(PurePosixPath(name).parent / unquote(parts.path)) if parts.path else name
            assert target in whole.payload, (name, link)


def test_hostile_words_stay_words(whole: Made) -> None:
    for name in pages(whole):
        assert "<script" not in whole.page(name), name
        assert "javascript:" not in re.sub(r">[^<]*<", "><", whole.page(name)), name
    assert html.escape("<script>") in whole.page("index.html")


def test_a_text_is_read_with_its_own_pictures_and_links() -> None:
    text = reading.page(
        "[x](QM-002#a) [y](QM-001/a%20b.pdf) ![z](QM-001/f.svg) ![w](//far/x.png)\n\n```{warning}\n<b>STOP</b> at −1\n```\n",
        files="1.0",
    )
    assert (
        'href="../QM-002.html"' in text and 'href="1.0/QM-001/a%20b.pdf"' in text and 'src="1.0/QM-001/f.svg"' in text
    )
    assert "{warning}" in text and "&lt;b&gt;STOP" in text and 'src="//far' not in text


def rows(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def test_the_register_is_a_table_of_every_document(whole: Made) -> None:
    assert whole.payload["register.csv"].startswith(b"\xef\xbb\xbfNumber,")
    found = {row["Number"]: row for row in rows(whole.payload["register.csv"])}
    assert [found[number]["Status"] for number in sorted(found)] == ["effective", "effective", "withdrawn", "draft"]
    assert (found["QM-001"]["Version in force"], found["QM-001"]["In force since"]) == ("1.1", "2026-04-02")
    assert (found["QM-002"]["Proposed"], found["QM-002"]["Proposal lacks"]) == ("1.1", "quality-manager approval 0/1")
    assert found["QM-002"]["Title"] == "'=1+1"


def test_the_sign_offs_table_has_every_one_accepted_or_refused(whole: Made) -> None:
    found = rows(whole.payload["sign-offs.csv"])
    assert [row["Commit"] for row in found] == [each.commit for each in whole.audit.register.sign_offs]
    assert [(row["Person"], row["Code"]) for row in found if row["Accepted"] == "no"] == [("w.writer", "role-not-held")]


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@SUM(1)", "\t=1", "\r=1", " =1", "\n=1", "=cmd|' /C calc'!A0"])
def test_a_cell_that_begins_like_a_formula_is_defused(cell: str) -> None:
    held = spreadsheet.csv(Table("t", ("a",), ((cell,),)))
    assert list(csv.reader(io.StringIO(held.decode("utf-8-sig"), newline="")))[1] == [f"'{cell}"]


@pytest.mark.parametrize("cell", ["QM-001", "a=b", "", "2026-01-05", 'Zoë; "x", y'])
def test_an_ordinary_cell_stays_as_it_is(cell: str) -> None:
    held = spreadsheet.csv(Table("t", ("a", "b"), ((cell, "x"),)))
    assert list(csv.reader(io.StringIO(held.decode("utf-8-sig"), newline="")))[1] == [cell, "x"]


def test_the_workbook_holds_text_only(tmp_path: Path) -> None:
    cells = ("=1+1", "https://far.example", "007", "x" * 40_000, "bell\x07")
    made = spreadsheet.xlsx([Table("t", tuple("abcde"), (cells,))], as_of=date(2026, 11, 22))
    with zipfile.ZipFile(io.BytesIO(made)) as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml").decode()
        assert "<f>" not in sheet and "hyperlink" not in sheet and sheet.count('t="s"') == 10
        assert "2026-11-22T00:00:00Z" in archive.read("docProps/core.xml").decode()
        assert "(cut: the rest is in the CSV file)" in archive.read("xl/sharedStrings.xml").decode()
        assert {each.date_time for each in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_the_same_history_gives_the_same_bytes(whole: Made, tmp_path: Path) -> None:
    again = build(history(), tmp_path)
    assert [name for name in whole.payload if whole.payload[name] != again.payload.get(name)] == []
    for name in ("bag-info.txt", "manifest-sha256.txt", "tagmanifest-sha256.txt"):
        assert (whole.folder / name).read_bytes() == (again.folder / name).read_bytes()


def test_the_workbook_carries_no_time_zone() -> None:
    made = [subprocess.run([sys.executable, "-c", "import sys,datetime as d\nfrom qmdoc.outputs import spreadsheet as s\n"
                            "sys.stdout.buffer.write(s.xlsx([s.Table('t',('a',),(('b',),))],as_of=d.date(2026,1,1)))"], capture_output=True, check=True,
                           env={**os.environ, "TZ": zone}).stdout for zone in ("UTC", "Pacific/Auckland")]  # fmt: skip
    assert made[0] == made[1]


def test_a_day_in_the_past_knows_nothing_of_later(tmp_path: Path) -> None:
    past = build(history(), tmp_path, as_of=date(2026, 2, 15))
    assert "documents/QM-001/1.1.html" not in past.payload and "NOT CURRENT" not in past.page(
        "documents/QM-001/1.0.html"
    )
    assert "in force since 2026-01-05" in past.page("documents/QM-001.html") and "withdrawn by" not in past.page(
        "documents/QM-003.html"
    )
    assert "Bagging-Date: 2026-02-15\n" in (past.folder / "bag-info.txt").read_text()
    assert verified_by_hand(past.folder).returncode == 0


def test_a_day_before_the_first_commit_has_a_binder_too(tmp_path: Path) -> None:
    empty = build(history(), tmp_path, as_of=date(2025, 1, 1))
    assert "nothing had landed by this day" in empty.page("index.html")
    assert bag.verify(empty.folder) == ()
    with pytest.raises(ConfigError, match="does not say which commit"):
        bag.named_commit(empty.folder)


def test_a_trust_root_that_nobody_gave_is_named(tmp_path: Path) -> None:
    loose = build(history(), tmp_path, trust_root=None)
    assert "Not pinned" in loose.page("index.html") and "taken from the repository itself" in loose.page(
        "how-to-verify.html"
    )


# --- the bag ---


def test_the_bag_says_what_it_is(whole: Made) -> None:
    said = (whole.folder / "bag-info.txt").read_text().splitlines()
    size = sum(len(content) for content in whole.payload.values())
    assert "Source-Organization: Example Cellular Therapy Programme" in said
    assert f"External-Identifier: {whole.audit.register.ledger.tip}" in said
    assert f"Payload-Oxum: {size}.{len(whole.payload)}" in said
    assert "Bagging-Date: 2026-11-22" in said and any(line.startswith("Bag-Software-Agent: qmdoc ") for line in said)
    assert (whole.folder / "bagit.txt").read_text() == "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"
    assert bag.named_commit(whole.folder) == whole.audit.register.ledger.tip


def test_the_bagit_library_s_own_command_accepts_it(whole: Made) -> None:
    tool = Path(sys.executable).parent / "bagit.py"
    done = subprocess.run(
        [sys.executable, str(tool), "--validate", str(whole.folder)], capture_output=True, text=True, check=False
    )
    assert (done.returncode, "is valid" in done.stderr) == (0, True)


def test_a_sound_binder_has_no_faults(whole: Made) -> None:
    assert bag.verify(whole.folder) == ()


def change(place: Path) -> None:
    (place / "data/register.csv").write_bytes(
        (place / "data/register.csv").read_bytes().replace(b"QM-001", b"QM-009", 1)
    )


def relist(place: Path, *, manifest: str = "manifest-sha256.txt", line: str = "") -> None:
    (place / manifest).write_text((place / manifest).read_text() + line)


ELSEWHERE = "0" * 64


@pytest.mark.parametrize(
    ("tamper", "said"),
    [
        (change, "`data/register.csv` is not the file that the manifest describes"),
        (lambda place: (place / "data/register.csv").unlink(), "`data/register.csv` is missing"),
        (lambda place: (place / "data/extra.html").write_text("x"), "`data/extra.html` is not part of the binder"),
        (lambda place: (place / "extra.txt").write_text("x"), "`extra.txt` is not part of the binder"),
        (lambda place: (place / "fetch.txt").write_text("https://far.example/x 1 data/x\n"), "`fetch.txt` is not part of the binder"),
        (lambda place: (place / "manifest-md5.txt").write_text(f"{'0' * 32}  data/index.html\n"), "`manifest-md5.txt` is not part of the binder"),
        (lambda place: (place / "manifest-sha256.txt").unlink(), "`manifest-sha256.txt` is missing"),
        (lambda place: (place / "tagmanifest-sha256.txt").unlink(), "`tagmanifest-sha256.txt` is missing"),
        (lambda place: (place / "bag-info.txt").write_text("External-Identifier: x\n"), "`bag-info.txt` is not the file that the manifest describes"),
        (lambda place: relist(place, line="rubbish\n"), "line "),
        (lambda place: relist(place, line=f"{ELSEWHERE}  ../copy2/secret\n"), "outside"),
        (lambda place: relist(place, line=f"{ELSEWHERE}  /etc/passwd\n"), "unsafe"),
        (lambda place: relist(place, line=f"{ELSEWHERE}  data/index.html\n"), "multiple times"),
        (lambda place: (place / "manifest-sha256.txt").write_bytes(b"\xff\xfe"), "can't be read"),
        (lambda place: shutil.rmtree(place / "data"), "`data` is missing"),
        (lambda place: (place / "bagit.txt").write_text("BagIt-Version: 0.97\nTag-File-Character-Encoding: UTF-8\n"), "a binder is 1.0"),
        (lambda place: (place / "bagit.txt").write_text("nonsense"), "can't be read"),
        (lambda place: ((place / "data/index.html").rename(place / "data/kept"), (place / "data/index.html").symlink_to("kept")), "`data/index.html` is a link"),
        (lambda place: (place / "data/out").symlink_to("/etc"), "`data/out` is a link"),
    ],
)  # fmt: skip
def test_tampering_is_found(copy: Path, tamper: object, said: str) -> None:
    assert callable(tamper)
    tamper(copy)
    faults = bag.verify(copy)
    assert any(said in fault for fault in faults), faults
    assert not any("\n" in fault for fault in faults)


def test_a_change_and_an_extra_file_are_both_named(copy: Path) -> None:
    change(copy)
    (copy / "data/extra").write_text("x")
    assert len([fault for fault in bag.verify(copy) if "register.csv" in fault or "extra" in fault]) == 2


@pytest.mark.parametrize("name", ["nowhere", "empty", "file"])
def test_what_is_no_bag_is_an_error_in_one_sentence(tmp_path: Path, name: str) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "file").write_text("x")
    for ask in (bag.verify, bag.named_commit):
        with pytest.raises(ConfigError) as error:
            ask(tmp_path / name)
        assert error.value.code == "not-a-bag" and "\n" not in str(error.value)


@pytest.mark.parametrize(
    "name", ["a b.txt", "100%.txt", "%0A", "%25", "line\nend", "cr\r", "e\u0301.txt", "ä/ö.txt", "#x", "~x", "*star"]
)
def test_an_odd_name_is_found_again(tmp_path: Path, name: str) -> None:
    if name != name.strip():
        with pytest.raises(OutputFailed):
            bag.write(tmp_path / "bag", {name: b"x"}, info={}, bagging_date=date(2026, 1, 1))
        return
    bag.write(tmp_path / "bag", {name: b"x"}, info={}, bagging_date=date(2026, 1, 1))
    assert bag.verify(tmp_path / "bag") == ()


@pytest.mark.parametrize(
    "names",
    [
        ("/etc/x",),
        ("../x",),
        ("a/../b",),
        ("",),
        ("a//b",),
        ("./a",),
        ("a/",),
        ("A", "a"),
        ("\u00e9", "e\u0301"),
        ("x\0",),
        ("x ",),
    ],
)
def test_a_name_that_no_bag_can_hold_is_refused(tmp_path: Path, names: tuple[str, ...]) -> None:
    with pytest.raises(OutputFailed):
        bag.write(tmp_path / "bag", dict.fromkeys(names, b"x"), info={}, bagging_date=date(2026, 1, 1))
    assert not (tmp_path / "etc").exists()


def test_percent_and_line_ends_are_encoded_as_the_rfc_says(tmp_path: Path) -> None:
    bag.write(
        tmp_path / "bag", {"1%\n2": b"x"}, info={"Source-Organization": "A\nBag-Size: 0"}, bagging_date=date(2026, 1, 1)
    )
    assert (tmp_path / "bag/manifest-sha256.txt").read_text().endswith("  data/1%25%0A2\n")
    assert "Source-Organization: A Bag-Size: 0\n" in (tmp_path / "bag/bag-info.txt").read_text()


def test_a_full_or_closed_disk_is_an_error_in_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(OutputFailed, match="can't be written"):
        bag.write(tmp_path / "file", {"a": b"x"}, info={}, bagging_date=date(2026, 1, 1))


# --- how to verify ---


def commands(folder: Path) -> list[str]:
    printed = (folder / "data/how-to-verify.txt").read_text()
    return [line.removeprefix("   $ ") for line in printed.splitlines() if line.startswith("   $ ")]


def verified_by_hand(folder: Path) -> subprocess.CompletedProcess[str]:
    """What an inspector sees who types the printed commands, and nothing else."""
    environment = {**ENVIRONMENT, "HOME": str(folder.parent), "TMPDIR": str(folder.parent)}
    return subprocess.run(
        ["bash", "-e"],
        input="\n".join(commands(folder)) + "\n",
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_printed_commands_work_as_printed(whole: Made) -> None:
    done = verified_by_hand(whole.folder)
    assert done.returncode == 0, done.stderr
    state = whole.audit.register.state("QM-001")
    assert state and state.effective
    assert f"{whole.audit.register.ledger.tip} 2026" in done.stdout
    assert 'Good "git" signature for q.manager@programme.example with ED25519 key SHA256:' in done.stderr
    assert f"QM-Subject: QM-001 1.1 git:{state.effective.content.blob} sha256:{state.effective.digest}" in done.stdout
    assert f"\n{state.effective.digest}  -\n" in done.stdout and "\nlanded there\n" in done.stdout
    tree = re.search(r"\n([0-9a-f]{40})\n([0-9a-f]{40})\n", done.stdout)
    assert tree and tree[1] == tree[2]
    blobs = re.findall(r"^([0-9a-f]{64})  -$", done.stdout, re.MULTILINE)
    assert len(blobs) == 3 and blobs[1] == blobs[2]
    assert bag.verify(whole.folder) == ()


def test_the_page_and_the_text_print_the_same_commands(whole: Made) -> None:
    shown = [
        html.unescape(line)
        for block in re.findall(r"<pre[^>]*>(.*?)</pre>", whole.page("how-to-verify.html"), re.DOTALL)
        for line in block.strip().splitlines()
    ]
    assert shown == commands(whole.folder)


def test_the_printed_commands_work_after_a_merge(tmp_path: Path) -> None:
    made = Programme()
    made.branch("review")
    made.commit("w.writer", {path(): document(), 'sops/quality/QM-001/it\'s a "file" $x.svg': FLOW}, branch="review")
    made.approve("QM-001", branch="review")
    made.commit("a.admin", {"README.md": "x"})
    made.merge("q.manager", "review")
    merged = build(made, tmp_path)
    done = verified_by_hand(merged.folder)
    assert (done.returncode, "landed there" in done.stdout) == (0, True), done.stderr


@pytest.mark.parametrize(
    ("tamper", "said"),
    [
        (lambda data: (data / "documents/QM-001/1.1/QM-001-title.md").write_text("other"), "QM-001-title.md: FAILED"),
        (lambda data: (data / "history.bundle").write_bytes((data / "history.bundle").read_bytes()[:-30]), "history.bundle: FAILED"),
    ],
)  # fmt: skip
def test_the_printed_commands_find_tampering(copy: Path, tamper: object, said: str) -> None:
    assert callable(tamper)
    tamper(copy / "data")
    done = verified_by_hand(copy)
    assert done.returncode != 0 and said in done.stdout + done.stderr


def test_another_s_key_does_not_verify_even_in_a_well_made_bag(whole: Made, tmp_path: Path) -> None:
    swapped = whole.payload["allowed_signers"].replace(public("q.manager").encode(), public("stranger").encode())
    bag.write(
        tmp_path / "bag",
        {**whole.payload, "allowed_signers": swapped},
        info=binder.info(whole.audit),
        bagging_date=whole.audit.as_of,
    )
    assert bag.verify(tmp_path / "bag") == ()
    assert verified_by_hand(tmp_path / "bag").returncode != 0


def test_without_signatures_the_binder_says_so(tmp_path: Path) -> None:
    made = Programme(policy=POLICY.replace("assurance: signed", "assurance: recorded"))
    made.commit("w.writer", {path(): document()})
    made.sign("q.manager", "QM-001", role="quality-manager", unsigned=True)
    made.sign("m.director", "QM-001", role="medical-director", unsigned=True)
    bare = build(made, tmp_path)
    assert "recorded" in bare.page("documents/QM-001.html") and "no signature to check" in bare.page(
        "how-to-verify.html"
    )
    assert verified_by_hand(bare.folder).returncode == 0 and len(commands(bare.folder)) == 9


def good_at(signers: Path, person: str, time: str) -> bool:
    """Whether ssh-keygen takes a signature of a person's key at a time."""
    payload = b"payload"
    (signers.parent / "signature").write_bytes(sshsig.sign(programmes.key(person), payload, namespace="git"))
    command = [
        "ssh-keygen",
        "-Y",
        "verify",
        "-f",
        str(signers),
        "-I",
        f"{person}@programme.example",
        "-n",
        "git",
        "-s",
        str(signers.parent / "signature"),
        f"-Overify-time={time}",
    ]
    return (
        subprocess.run(
            command, input=payload, capture_output=True, check=False, env={**ENVIRONMENT, "TZ": "Asia/Tokyo"}
        ).returncode
        == 0
    )


def test_the_signers_file_ends_keys_on_their_last_day(tmp_path: Path) -> None:
    def keys(person: str, period: str) -> str:
        name, roles = programmes.PEOPLE[person]
        return entry(person, name, roles, keys=f'[{{key: "{public(person)}", {period}}}]')

    first = {
        "n.nurse": keys("n.nurse", "from: 2026-02-01, to: 2026-02-28"),
        "w.writer": keys("w.writer", "from: 2026-01-01"),
    }
    made = Programme(people=programmes.people(first))
    changed = {
        **first,
        "w.writer": keys("w.writer", "from: 2026-01-01, revoked: 2026-03-01, reason: lost"),
        "d.manager": "",
    }
    made.clock = noon(3, 9)
    made.change_authority(people=programmes.people(changed))
    signers = tmp_path / "allowed_signers"
    signers.write_text(proof.allowed_signers(made.audit(tmp_path / "repository").register.ledger))
    rows = [
        ("n.nurse", "20260131235959Z", False), ("n.nurse", "20260201000000Z", True), ("n.nurse", "20260228235959Z", True), ("n.nurse", "20260301000000Z", False),
        ("w.writer", "20260228235959Z", True), ("w.writer", "20260301000000Z", False),
        ("d.manager", "20260309120000Z", True), ("d.manager", "20260310000000Z", False),
        ("q.manager", "20991231000000Z", True),
    ]  # fmt: skip
    assert [(person, time, good_at(signers, person, time)) for person, time, _ in rows] == rows


def test_an_address_that_is_a_pattern_gives_way_to_the_person_s_id(tmp_path: Path) -> None:
    odd = entry("n.nurse", "Ward Nurse", ["ward-nurse"], emails=['"!n@x"', '"a,b@x"', '"#c@x"'])
    made = Programme(people=programmes.people({"n.nurse": odd}))
    lines = proof.allowed_signers(made.audit(tmp_path / "repository").register.ledger).splitlines()
    assert [line.split(" ")[0] for line in lines if public("n.nurse") in line] == ["n.nurse"]
