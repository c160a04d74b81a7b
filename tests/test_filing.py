"""Filled forms come back: every box and day right, also from LibreOffice; what is wrong is refused and nothing recorded."""

from __future__ import annotations

import csv
import hashlib
import io
import os
import re
import subprocess
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from programme import Programme, document, path

from qmdoc import filing
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


def programme() -> Programme:
    made = Programme()
    made.commit("w.writer", {
        "records/staff.csv": STAFF,
        path("QM-001"): document("QM-001", "2.1", title="Thaw & wash", training=TRAINING, change_summary="Limit is 10 < 20."),
        path("QM-002"): document("QM-002", training=TRAINING),
        path("QM-003"): document("QM-003", training=TRAINING),
    })  # fmt: skip
    made.approve("QM-001", "QM-002", "QM-003", at=datetime(2026, 1, 5, 12, tzinfo=UTC))
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
        for kind in (forms.attestation, forms.personal)
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
