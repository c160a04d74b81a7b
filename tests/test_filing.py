"""Filled forms come back: every box and day right, also from LibreOffice; what is wrong is refused and nothing recorded."""

from __future__ import annotations

import csv
import hashlib
import io
import os
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
import word_saved
from programme import POLICY, Programme, document, path

from qmdoc import filing, training
from qmdoc.audit import Request
from qmdoc.errors import QmdocError
from qmdoc.model import Meaning
from qmdoc.outputs import forms
from qmdoc.outputs.filed import Filing
from qmdoc.outputs.forms import number as form_number
from qmdoc.outputs.forms import reading

TOP = Path(__file__).parents[1]
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
PRINTED = date(2026, 11, 20)
TRAINING = "{roles: [ward-nurse], kind: read-and-understood, within: 30}"
STAFF = (
    "id,name,email,roles,sites,from,to\n"
    "s.one,First Nurse,one@x.example,ward-nurse,main,,\n"
    "s.two,Second “Smart” Nurse,two@x.example,ward-nurse,main,,\n"
    "s.left,Nurse Who Left,left@x.example,ward-nurse,main,,2026-11-21\n"
)
BODY = "word/document.xml"
QMDOC = Path(sys.executable).with_name("qmdoc")


def programme() -> Programme:
    made = Programme()
    made.commit("w.writer", {
        "records/staff.csv": STAFF,
        path("QM-001"): document("QM-001", "2.1", title="Thaw & wash", training=TRAINING, change_summary="Limit is 10 < 20."),
        path("QM-002"): document("QM-002", training=TRAINING),
        path("QM-003"): document("QM-003", training=TRAINING),
        path("QM-004"): document("QM-004", training="{roles: [apheresis-nurse], kind: competency}"),
    })  # fmt: skip
    made.approve("QM-001", "QM-002", "QM-003", "QM-004", at=datetime(2026, 1, 5, 12, tzinfo=UTC))
    made.sign("n.nurse", "QM-002", role="ward-nurse", meaning=Meaning.TRAINING, at=datetime(2026, 3, 2, 9, tzinfo=UTC))
    return made


@dataclass(frozen=True)
class Office:
    """A programme's repository, whose quality manager sits at the keyboard."""

    top: Path
    made: Programme

    def request(self, now: datetime = NOW) -> Request:
        environment = {
            "PATH": os.environ["PATH"],
            "GIT_CONFIG_GLOBAL": os.devnull,
            **{f"GIT_{who}_{what}": value for who in ("AUTHOR", "COMMITTER") for what, value in (("NAME", "Q"), ("EMAIL", "q.manager@programme.example"))},
        }  # fmt: skip
        return Request(self.top, now, environment, trust_root=self.made.root)

    def read(self, *files: Path, now: datetime = NOW) -> tuple[Path, ...]:
        return filing.read(self.request(now), files, lambda *_: True)

    def records(self) -> list[dict[str, str]]:
        return [row for each in sorted(self.top.glob("records/training/*/*.csv")) for row in csv.DictReader(io.StringIO(each.read_text()))]  # fmt: skip

    def tree(self) -> dict[str, bytes]:
        return {
            place.relative_to(self.top).as_posix(): place.read_bytes()
            for place in sorted(self.top.rglob("*"))
            if place.is_file() and ".git/" not in place.as_posix()
        }


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Office:
    made = programme()
    return Office(made.repository(tmp_path_factory.mktemp("office") / "programme"), made)


@pytest.fixture
def office(original: Office, tmp_path: Path) -> Office:
    subprocess.run(["cp", "-a", str(original.top), str(tmp_path / "programme")], check=True)
    return Office(tmp_path / "programme", original.made)


@pytest.fixture(scope="module")
def blanks(original: Office) -> dict[str, bytes]:
    """Every form as it was printed two days ago."""
    audit = original.made.audit(original.top, as_of=PRINTED)
    return {
        name: content
        for kind in (forms.attestation, forms.personal, forms.competency)
        for name, content in forms.filled(
            kind.forms(audit.register), kind, (TOP / forms.template_of(kind.NAME)).read_bytes()
        ).items()
    }


@pytest.fixture(scope="module")
def blank(blanks: dict[str, bytes]) -> bytes:
    return blanks["QM-001-2.1-training-attestation.docx"]


def parts(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def packed(files: Mapping[str, bytes]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return target.getvalue()


def edited(content: bytes, edit: Callable[[str], str], part: str = BODY) -> bytes:
    files = parts(content)
    before = files[part].decode()
    after = edit(before)
    assert after != before
    return packed(files | {part: after.encode()})


def ticked(content: bytes, days: Mapping[int, str], *, is_dated: bool = True) -> bytes:
    """A form whose rows are ticked and dated, as Word writes both, or LibreOffice where it saved the form before."""

    def edit(text: str) -> str:
        rows = re.split(r"(?=<w:tr>|<w:tr )", text)
        places = [place for place, row in enumerate(rows) if "w14:checkbox" in row]
        for number, day in days.items():
            row = rows[places[number - 1]]
            row = row.replace('<w14:checked w14:val="0"/>', '<w14:checked w14:val="1"/>').replace("☐", "☒")
            if is_dated:
                row = row.replace("<w:showingPlcHdr/>", "").replace(
                    "<w:date>", f'<w:date w:fullDate="{day}T00:00:00Z">'
                )
                row = row.replace("____-__-__", day)
            rows[places[number - 1]] = row
        return "".join(rows)

    return edited(content, edit)


def saved(folder: Path, content: bytes, name: str = "form.docx") -> Path:
    folder.mkdir(exist_ok=True)
    (folder / name).write_bytes(content)
    return folder / name


def refusal(office: Office, *files: Path, now: datetime = NOW) -> str:
    """The one sentence with which files are refused; nothing was recorded."""
    before = office.tree()
    with pytest.raises(QmdocError) as caught:
        office.read(*files, now=now)
    assert office.tree() == before
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_ticked_rows_are_recorded_with_the_form_as_evidence(office: Office, blank: bytes, tmp_path: Path) -> None:
    content = ticked(blank, {1: "2026-11-20", 4: "2026-11-21"})
    written = office.read(saved(tmp_path / "in", content, "QM-001 filled (2).docx"))
    sha256, found = hashlib.sha256(content).hexdigest(), office.records()
    evidence = f"records/training/evidence/{sha256[:12]}-QM-001-filled-2.docx"
    assert (office.top / evidence).read_bytes() == content
    assert sorted(path.relative_to(office.top).as_posix() for path in written)[1] == evidence
    state = office.made.audit(office.top).register.state("QM-001")
    assert state and state.effective
    common = {"document": "QM-001", "version": "2.1", "sha256": state.effective.digest, "kind": "read-and-understood",
              "how": "form", "evidence": f"{evidence} sha256:{sha256}", "entered_by": "q.manager"}  # fmt: skip
    assert found == [
        {"person": "s.one", "date": "2026-11-20", **common},
        {"person": "n.nurse", "date": "2026-11-21", **common},
    ]


def test_a_personal_form_is_read_too(office: Office, blanks: dict[str, bytes], tmp_path: Path) -> None:
    content = ticked(blanks["n.nurse-personal-attestation.docx"], {2: "2026-11-21"})
    office.read(saved(tmp_path / "in", content))
    assert [(row["person"], row["document"], row["date"]) for row in office.records()] == [("n.nurse", "QM-003", "2026-11-21")]  # fmt: skip


def test_a_no_writes_nothing(office: Office, blank: bytes, tmp_path: Path) -> None:
    before, asked = office.tree(), list[Filing]()
    file = saved(tmp_path / "in", ticked(blank, {1: "2026-11-20"}))
    assert filing.read(office.request(), [file], lambda filings, _: bool(asked.extend(filings))) == ()
    assert office.tree() == before and [each.entries[0].name for each in asked] == ["First Nurse"]


def test_a_form_in_words_own_layout_is_read(office: Office, blank: bytes, tmp_path: Path) -> None:
    content = word_saved.saved(blank, {1: "2026-11-20", 3: "2026-11-21"})
    assert content.count(b"PK\x01\x02") > blank.count(b"PK\x01\x02")
    office.read(saved(tmp_path / "in", content))
    assert [(row["person"], row["date"]) for row in office.records()] == [
        ("s.one", "2026-11-20"),
        ("s.two", "2026-11-21"),
    ]


def no_tags(text: str) -> str:
    """What LibreOffice 7.4 leaves of a form: no tags, other numbers, the alias around the box, empty runs beside each."""
    text = re.sub(r'<w:tag w:val="[^"]*"/>', "", text)
    text = re.sub(r'<w:id w:val="([0-9]+)"/>', r'<w:id w:val="19438\1"/>', text)
    text = re.sub(
        r"(<w:sdt>)(<w:sdtPr><w:alias w:val=\"I attest\"/>.*?<w:lock [^>]*/>)(<w14:checkbox>)",
        r"\1\2</w:sdtPr><w:sdtContent><w:sdt><w:sdtPr>\3",
        text,
    )
    return re.sub(r"(<w14:checkbox>.*?</w:sdt>)", r"\1</w:sdtContent></w:sdt>", text)


def test_a_form_without_the_tags_that_libreoffice_drops_is_read(office: Office, blank: bytes, tmp_path: Path) -> None:
    content = ticked(edited(blank, no_tags), {2: "2026-11-20", 3: "2026-11-21"})
    assert b"read:QM-001" not in parts(content)[BODY]
    office.read(saved(tmp_path / "in", content))
    assert [(row["person"], row["date"]) for row in office.records()] == [
        ("s.left", "2026-11-20"),
        ("s.two", "2026-11-21"),
    ]


@pytest.mark.skipif(
    shutil.which("soffice") is None and not os.environ.get("CI"),
    reason="LibreOffice is not installed (CI has it): what it drops is tested above",
)
def test_libreoffice_opens_fills_and_saves_a_form(office: Office, blank: bytes, tmp_path: Path) -> None:
    assert shutil.which("soffice"), "CI must install libreoffice-writer: without it no form is opened, filled and saved"

    def save(name: str, content: bytes) -> bytes:
        given = saved(tmp_path / "in", content, f"{name}.docx")
        profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
        command = [
            "soffice",
            profile,
            "--headless",
            "--convert-to",
            "docx",
            "--outdir",
            str(tmp_path / "out"),
            str(given),
        ]
        subprocess.run(command, check=True, capture_output=True, timeout=300)
        return (tmp_path / "out" / f"{name}.docx").read_bytes()

    opened = save("opened", blank)
    content = save("filled", ticked(opened, {1: "2026-11-20", 4: "2026-11-21"}))
    assert b"read:QM-001" not in parts(content)[BODY]
    office.read(saved(tmp_path / "again", content))
    assert [(row["person"], row["date"]) for row in office.records()] == [
        ("s.one", "2026-11-20"),
        ("n.nurse", "2026-11-21"),
    ]


REL = "</Relationships>"


def outside(kind: str, target: str) -> Callable[[bytes], bytes]:
    row = f'<Relationship Id="rId99" Type="http://x/relationships/{kind}" Target="{target}" TargetMode="External"/>'
    return lambda form: edited(form, lambda text: text.replace(REL, row + REL), "word/_rels/document.xml.rels")


def bomb(form: bytes) -> bytes:
    return packed(parts(form) | {"word/media/large.png": b"\0" * (33 << 20)})


def with_part(name: str, content: bytes = b"x") -> Callable[[bytes], bytes]:
    return lambda form: packed(parts(form) | {name: content})


def changed(old: str, new: str, part: str = BODY) -> Callable[[bytes], bytes]:
    return lambda form: edited(ticked(form, {1: "2026-11-20"}), lambda text: text.replace(old, new), part)


def on_row(row: int, day: str) -> Callable[[bytes], bytes]:
    return lambda form: ticked(form, {row: day})


def copied_row(form: bytes) -> bytes:
    """A row for somebody else, made by copying one in Word and typing another name."""

    def edit(text: str) -> str:
        rows = re.split(r"(?=<w:tr>)", text)
        place = next(place for place, row in enumerate(rows) if "(s.one)" in row)
        return "".join(
            [
                *rows[: place + 1],
                rows[place].replace("First Nurse", "Other Nurse").replace("s.one", "s.other"),
                *rows[place + 1 :],
            ]
        )

    return edited(ticked(form, {1: "2026-11-20"}), edit)


def two_rows_exchanged(form: bytes) -> bytes:
    """The boxes of two rows are dragged to each other's place."""

    def edit(text: str) -> str:
        return text.replace(":s.one", ":@").replace(":s.two", ":s.one").replace(":@", ":s.two")

    return edited(ticked(form, {1: "2026-11-20"}), edit)


@pytest.mark.parametrize(("spoil", "answer"), [
    (lambda form: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, r"form\.docx is an old Word document \(\.doc\), or one with a password; open it in Word"),
    (lambda form: b"", "is no Word document"),
    (lambda form: form[:2000], "is no Word document"),
    (bomb, "unpacks to more than 32 MiB"),
    (with_part("word/vbaProject.bin"), "holds a macro, an embedded object or a link"),
    (lambda form: edited(form, lambda text: text.replace("openxmlformats-officedocument.wordprocessingml.document.main", "ms-word.document.macroEnabled.main"), "[Content_Types].xml"), "holds macros"),
    (with_part("word/embeddings/oleObject1.bin"), "holds a macro, an embedded object"),
    (outside("image", "http://x.example/pixel.png"), "holds a macro, an embedded object or a link to another file"),
    (outside("attachedTemplate", "file:///server/x.dotm"), "holds a macro, an embedded object or a link to another file"),
    (changed("<w:t xml:space=\"preserve\">Version</w:t>", '<w:instrText>DDEAUTO cmd</w:instrText>'), "holds a field that reaches outside"),
    (changed("I have read and understood", "I have seen"), "was changed: it says “I have seen the documents listed below.” where “I have read"),
    (changed("Thaw &amp; wash", "Thaw"), "was changed: it says “Document | QM-001 Thaw” where “Document | QM-001 Thaw & wash” was printed"),
    (changed("First Nurse", "Forged Nurse"), r"was changed: it says “1 \| Forged Nurse \(s.one\)"),
    (changed("(s.one)", "(s.two)"), "was changed: it says"),
    (copied_row, "was changed: it says"),
    (two_rows_exchanged, "row 1: its box or its day was copied from another row or form"),
    (changed("<w:t xml:space=\"preserve\">☒</w:t>", "<w:t>☐</w:t>"), "row 1: the box is ticked for Word, but does not print so"),
    (lambda form: form, r"no box of form\.docx is ticked"),
    (lambda form: ticked(form, {1: ""}, is_dated=False), "row 1: the box is ticked, but no day is written"),
    (lambda form: edited(ticked(form, {1: "2026-11-20"}), lambda text: text.replace("2026-11-20<", "20 Nov<").replace(' w:fullDate="2026-11-20T00:00:00Z"', "")), "row 1: “20 Nov” is no day; write the day as YYYY-MM-DD"),
    (lambda form: edited(ticked(form, {1: "2026-11-20"}), lambda text: text.replace("2026-11-20<", "2026-11-19<")), "row 1: it shows 2026-11-19 and keeps 2026-11-20"),
    (on_row(1, "2026-01-04"), r"row 1: the day is 2026-01-04, before QM-001 2\.1 was approved \(2026-01-05\)"),
    (on_row(1, "2026-11-23"), "row 1: the day 2026-11-23 lies ahead"),
    (on_row(2, "2026-11-22"), r"row 2: Nurse Who Left \(s\.left\) was not here on 2026-11-22: they had left"),
    (lambda form: edited(ticked(form, {1: "2026-11-20"}), lambda text: form_number.PATTERN.sub("", text), "word/header1.xml"), "it prints no form number"),
    (lambda form: edited(ticked(form, {1: "2026-11-20"}), lambda text: form_number.PATTERN.sub(form_number.made(PRINTED, ("x",)), text), "word/header1.xml"), "its number was changed, or its people"),
    (lambda form: edited(ticked(form, {1: "2026-11-20"}), lambda text: form_number.PATTERN.sub(form_number.made(date(2027, 1, 1), ("x",)), text), "word/header1.xml"), "is a form of 2027-01-01, which lies ahead"),
])  # fmt: skip
def test_a_form_that_can_not_count_is_refused_in_one_sentence_and_nothing_is_recorded(
    office: Office, blank: bytes, tmp_path: Path, spoil: Callable[[bytes], bytes], answer: str
) -> None:
    assert re.search(answer, refusal(office, saved(tmp_path / "in", spoil(blank))))


def test_one_bad_form_among_good_ones_records_none(office: Office, blank: bytes, blanks: dict[str, bytes], tmp_path: Path) -> None:  # fmt: skip
    good = saved(tmp_path / "in", ticked(blank, {1: "2026-11-20"}), "good.docx")
    bad = saved(tmp_path / "in", blanks["QM-003-1.0-training-attestation.docx"], "bad.docx")
    assert "no box of bad.docx is ticked" in refusal(office, good, bad)


def test_the_same_form_twice_is_refused(office: Office, blank: bytes, tmp_path: Path) -> None:
    first = saved(tmp_path / "in", ticked(blank, {1: "2026-11-20"}))
    assert "the same file is" in refusal(office, first, saved(tmp_path / "in", first.read_bytes(), "copy.docx"))
    office.read(first)
    assert "form.docx was filed before: the same file is records/training/evidence/" in refusal(office, first)
    again = saved(tmp_path / "in", ticked(blank, {1: "2026-11-21", 3: "2026-11-21"}), "again.docx")
    assert "row 1: that First Nurse knows QM-001 2.1 is recorded already, in records/training/2026/" in refusal(
        office, again
    )


def test_who_signed_electronically_is_not_recorded_again(
    office: Office, blanks: dict[str, bytes], tmp_path: Path
) -> None:
    form = ticked(blanks["QM-002-1.0-training-attestation.docx"], {4: "2026-11-20"})
    assert "n.nurse signed QM-002 1.0 electronically on 2026-03-02" in refusal(office, saved(tmp_path / "in", form))


def test_a_form_of_a_version_that_was_replaced_is_refused(blank: bytes, tmp_path: Path) -> None:
    made = programme()
    later = datetime(2026, 11, 21, 9, tzinfo=UTC)
    made.commit(
        "w.writer", {path("QM-001"): document("QM-001", "3.0", title="Thaw & wash", training=TRAINING)}, at=later
    )
    made.approve("QM-001", at=datetime(2026, 11, 21, 10, tzinfo=UTC))
    office = Office(made.repository(tmp_path / "later"), made)
    said = refusal(office, saved(tmp_path / "in", ticked(blank, {1: "2026-11-20"})))
    assert "row 1: the form is of version 2.1 of QM-001, which 3.0 has replaced since 2026-11-21; print" in said


def test_a_form_of_another_programme_is_refused(blank: bytes, tmp_path: Path) -> None:
    made = Programme(policy=POLICY.replace("Example Cellular", "Other Cellular"))
    made.commit("w.writer", {path("QM-009"): document("QM-009")})
    made.approve("QM-009")
    office = Office(made.repository(tmp_path / "other"), made)
    said = refusal(office, saved(tmp_path / "in", ticked(blank, {1: "2026-11-20"})))
    assert "form.docx is a form of another programme than Other Cellular Therapy Programme" in said


def test_who_is_not_in_the_authority_enters_nothing(office: Office, blank: bytes, tmp_path: Path) -> None:
    before, request = office.tree(), office.request()
    stranger = replace(request, environment={**request.environment, "GIT_COMMITTER_EMAIL": "stranger@x.example"})
    with pytest.raises(QmdocError, match=r"<stranger@x\.example> stands under nobody in the authority"):
        filing.read(stranger, [saved(tmp_path / "in", ticked(blank, {1: "2026-11-20"}))], lambda *_: True)
    assert office.tree() == before


def test_records_that_can_not_be_read_stop_the_work(office: Office, blank: bytes, tmp_path: Path) -> None:
    saved(office.top / "records" / "training", b'person,"document\n', "broken.csv")
    assert "records/training/broken.csv, line " in refusal(
        office, saved(tmp_path / "in", ticked(blank, {1: "2026-11-20"}))
    )


def number_of(content: bytes) -> str:
    [found] = reading.read("form", content).numbers
    return found


def scan(office: Office, number: str, rows: str, day: date | None = date(2026, 11, 21), content: bytes = b"%PDF-1.7 scan") -> tuple[Path, ...]:  # fmt: skip
    file = saved(office.top.parent / "in", content, "scan.pdf")
    return filing.file(office.request(), filing.ScanWish(file, number, rows, day), lambda *_: True)


def test_a_scan_is_filed_by_the_forms_number(office: Office, blank: bytes) -> None:
    scan(office, number_of(blank).replace("-", " ").lower(), "1, 3-4")
    rows = office.records()
    assert [(row["person"], row["date"]) for row in rows] == [
        (who, "2026-11-21") for who in ("s.one", "s.two", "n.nurse")
    ]
    sha256 = hashlib.sha256(b"%PDF-1.7 scan").hexdigest()
    assert {row["evidence"] for row in rows} == {f"records/training/evidence/{sha256[:12]}-scan.pdf sha256:{sha256}"}


def test_a_scan_without_a_day_carries_the_day_of_entry(office: Office, blank: bytes) -> None:
    scan(office, number_of(blank), "1", None)
    assert [row["date"] for row in office.records()] == ["2026-11-22"]


@pytest.mark.parametrize(("number", "rows", "content", "answer"), [
    ("{0}", "0", b"%PDF-", "`0`: form .* has the rows 1 to 4"),
    ("{0}", "5", b"%PDF-", "`5`: form .* has the rows 1 to 4"),
    ("{0}", "3-1", b"%PDF-", "`3-1`: form .* has the rows 1 to 4"),
    ("{0}", "one", b"%PDF-", "`one` is no row of the form"),
    ("{0}", "²", b"%PDF-", "`²` is no row of the form"),
    ("{0}", " , ", b"%PDF-", "no row is named"),
    ("{0}", "1,1", b"%PDF-", "row 1 is named twice"),
    ("{0}", "2", b"%PDF-", None),
    ("{0}", "1", b"MZ", "scan.pdf is no scan"),
    ("{0}", "1", b"PK\x03\x04", "scan.pdf is no scan: neither PDF, PNG, JPEG nor TIFF"),
    ("ABC", "1", b"%PDF-", "`ABC` is no form number; write the twelve letters"),
    ("{1}", "1", b"%PDF-", "has a wrong letter, or two that changed places"),
    ("{2}", "1", b"%PDF-", "is none that this programme's history makes for 2026-11-19"),
    ("{3}", "1", b"%PDF-", "is none that this programme's history makes for 2027-01-01"),
])  # fmt: skip
def test_a_scan_that_can_not_count_is_refused(
    office: Office, blank: bytes, number: str, rows: str, content: bytes, answer: str | None
) -> None:
    own, before = number_of(blank), office.tree()
    others = [
        own[:5] + own[6] + own[5] + own[7:],
        form_number.made(date(2026, 11, 19), ("x",)),
        form_number.made(date(2027, 1, 1), ("x",)),
    ]
    if answer is None:
        scan(office, own, rows, content=content)
        assert [row["person"] for row in office.records()] == ["s.left"]
        return
    with pytest.raises(QmdocError, match=answer) as caught:
        scan(office, number.format(own, *others), rows, content=content)
    assert office.tree() == before and "\n" not in str(caught.value)


def said(office: Office, *words: str, status: int = 0, cwd: Path | None = None) -> str:
    """What `qmdoc forms …` answers."""
    environment = {**office.request().environment, "HOME": str(office.top.parent), "QMDOC_TRUST_ROOT": office.made.root}
    command = [str(QMDOC), "forms", *words]
    done = subprocess.run(command, cwd=cwd or office.top, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == status, done
    assert len(done.stderr.splitlines()) <= 1
    return done.stdout + done.stderr


def test_forms_are_filled_read_and_filed_from_the_command_line(office: Office, tmp_path: Path) -> None:
    assert said(office, "--as-of", "2026-11-20") == "forms:          build/forms\n"
    folder = office.top / "build" / "forms"
    assert sorted(each.name for each in folder.iterdir())[0] == "QM-001-2.1-training-attestation.docx"
    said(office, "QM-003")
    assert [each.name for each in folder.iterdir()] == ["QM-003-1.0-training-attestation.docx"]
    said(office, "--person", "s.two", "--as-of", "2026-11-20")
    [form] = folder.iterdir()
    file = saved(tmp_path / "in", ticked(form.read_bytes(), {1: "2026-11-20"}))
    answer = said(office, "read", str(file))
    assert "  1  2026-11-20  Second “Smart” Nurse (s.two): QM-001 2.1 Thaw & wash\n" in answer
    assert "Entered by Quality Manager;" in answer and "git add records/training/evidence/" in answer
    assert answer.endswith("git commit -S -m 'Training attested on paper'\n")
    assert "was filed before" in said(office, "read", str(file), status=2)
    paper = saved(tmp_path / "in", b"%PDF-1.7", "paper.pdf")
    said(office, "file", str(paper), "--form", number_of(form.read_bytes()), "--read", "2", "--date", "2026-11-20")
    assert sorted((row["person"], row["document"]) for row in office.records()) == [
        ("s.two", "QM-001"),
        ("s.two", "QM-002"),
    ]
    before = office.tree()
    assert "is no scan" in said(
        office, "file", str(file), "--form", number_of(form.read_bytes()), "--read", "3", status=2
    )
    assert office.tree() == before


def test_templates_are_checked_from_the_command_line(office: Office, tmp_path: Path) -> None:
    template = (TOP / forms.TEMPLATE).read_bytes()
    wrong = edited(template, lambda text: text.replace("{{ version }}", "{{ versoin }}"))
    saved(tmp_path / "in", wrong, "training-attestation.docx")
    answer = said(office, "check", "training-attestation.docx", status=1, cwd=tmp_path / "in")
    assert answer.startswith("- training-attestation.docx: tag {{ versoin }} is unknown; did you mean version?\n")
    assert "templates/ of this repository holds no form" in said(office, "check", status=2)
    (office.top / "templates").mkdir()
    saved(office.top / "templates", template, "training-attestation.docx")
    assert said(office, "check") == "1 looked at: every tag is known.\n"
    code = edited(template, lambda text: text.replace("{{ version }}", "{{ ''.__class__.__mro__ }}"))
    saved(office.top / "templates", code, "training-attestation.docx")
    assert "is refused, for a template runs no code" in said(office, "check", status=1)


ASSESSED = "QM-004-1.0-w.writer-competency-assessment.docx"


def test_a_competency_is_recorded_with_its_assessor_each_year_anew(office: Office, blanks: dict[str, bytes]) -> None:
    wish = filing.ScanWish(Path(), number_of(blanks[ASSESSED]), "1", date(2026, 11, 21), "m.director")
    for name, change in {"a": {}, "b": {"day": date(2026, 11, 22), "is_passed": False}}.items():
        file = saved(office.top.parent / "in", f"%PDF-{name}".encode(), f"{name}.pdf")
        filing.file(office.request(), replace(wish, scan=file, **change), lambda *_: True)
    found = sorted(
        (row["person"], row["date"], row["kind"], row["assessor"], row["result"]) for row in office.records()
    )
    assert found == [
        ("w.writer", "2026-11-21", "competency", "m.director", "pass"),
        ("w.writer", "2026-11-22", "competency", "m.director", "fail"),
    ]
    again = saved(office.top.parent / "in", b"%PDF-c", "c.pdf")
    with pytest.raises(QmdocError, match=r"row 1: that Procedure Writer knows QM-004 1\.0 is recorded already"):
        filing.file(office.request(), replace(wish, scan=again), lambda *_: True)


@pytest.mark.parametrize(("form", "assessor", "is_passed", "answer"), [
    (ASSESSED, None, True, "is a competency assessment; say who observed it: --assessor ID"),
    (ASSESSED, "w.writer", True, "w.writer is the one assessed, and can't be the assessor"),
    (ASSESSED, "s.nobody", True, "nobody with the id s.nobody was here on 2026-11-22"),
    (ASSESSED, "s.left", True, "nobody with the id s.left was here on 2026-11-22"),
    ("QM-001-2.1-training-attestation.docx", "m.director", True, "is no competency assessment; leave out --assessor and --failed"),
    ("QM-001-2.1-training-attestation.docx", None, False, "is no competency assessment; leave out --assessor and --failed"),
])  # fmt: skip
def test_an_assessment_that_can_not_count_is_refused(
    office: Office, blanks: dict[str, bytes], form: str, assessor: str | None, is_passed: bool, answer: str
) -> None:
    before, file = office.tree(), saved(office.top.parent / "in", b"%PDF-", "scan.pdf")
    wish = filing.ScanWish(file, number_of(blanks[form]), "1", None, assessor, is_passed=is_passed)
    with pytest.raises(QmdocError) as caught:
        filing.file(office.request(), wish, lambda *_: True)
    assert answer in str(caught.value) and office.tree() == before


def test_an_assessment_is_not_read_as_a_word_file(office: Office, blanks: dict[str, bytes], tmp_path: Path) -> None:
    assert "form.docx is a competency assessment, which two people sign on paper; scan it" in refusal(
        office, saved(tmp_path / "in", blanks[ASSESSED])
    )


def test_what_was_recorded_counts_once_it_is_committed(office: Office, blank: bytes, blanks: dict[str, bytes], tmp_path: Path) -> None:  # fmt: skip
    written = office.read(saved(tmp_path / "in", ticked(blank, {1: "2026-11-20"})))
    paper = saved(tmp_path / "in", b"%PDF-1.7", "assessed.pdf")
    wish = filing.ScanWish(paper, number_of(blanks[ASSESSED]), "1", date(2026, 11, 21), "m.director")
    written += filing.file(office.request(), wish, lambda *_: True)
    environment = {
        **office.request().environment,
        "GIT_AUTHOR_DATE": "2026-11-22T11:00:00Z",
        "GIT_COMMITTER_DATE": "2026-11-22T11:00:00Z",
    }
    for words in (["add", *map(str, written)], ["commit", "--quiet", "-m", "Training attested on paper"]):
        subprocess.run(["git", "-C", str(office.top), *words], env=environment, check=True)
    audit = office.made.audit(office.top)
    met = {(each.person, each.document) for each in training.required(audit.register) if each.is_met}
    assert {("s.one", "QM-001"), ("n.nurse", "QM-002")} <= met
    assert ("s.two", "QM-001") not in met
    [record] = [each for each in forms.personnel.forms(audit.register) if each.subject == ("s.one",)]
    content = forms.filled([record], forms.personnel, (TOP / forms.template_of("training-record")).read_bytes())[
        record.file
    ]
    rows = [" | ".join(cell.text for cell in line) for line in reading.read("form", content).lines]
    evidence = hashlib.sha256((tmp_path / "in" / "form.docx").read_bytes()).hexdigest()[:12]
    assert (
        f"QM-001 Thaw & wash | 2.1 | 2026-11-20 | read and understood: on a form, entered by Quality Manager | {evidence}"
        in rows
    )
    assert not [each for each in audit.findings if each.check.startswith("unreadable")]
    assert "form.docx was filed before: the same file is" in refusal(office, tmp_path / "in" / "form.docx")
