"""What readers find on paper and in the manual: what changed for them, versions that wait, the record that a forge fills in."""

from __future__ import annotations

import json
import os
import re
from datetime import UTC, date, datetime
from html import unescape
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from programme import POLICY, Programme, document, path
from training_scenes import TRAINING, at, programme, revised

from qmdoc import filing, git, training
from qmdoc.audit import Request
from qmdoc.errors import FormRefused
from qmdoc.model import Meaning
from qmdoc.outputs import forms, manual
from qmdoc.outputs.forms import reading
from qmdoc.register import Audit
from qmdoc.training import Standing

TOP = Path(__file__).parents[2]
TEMPLATES = {
    each.relative_to(TOP / "templates/manual").as_posix(): each.read_text(encoding="utf-8")
    for each in sorted((TOP / "templates/manual").rglob("*"))
    if each.is_file() and each.suffix not in (".png", ".ico", ".woff2")
}


def filled(audit: Audit, kind: forms.Kind) -> dict[str, bytes]:
    template = (TOP / forms.template_of(kind.NAME)).read_bytes()
    return forms.filled(kind.forms(audit.register), kind, template)


def printed(content: bytes) -> str:
    return "\n".join(" | ".join(cell.text for cell in line) for line in reading.read("form.docx", content).lines)


def pages(made: Programme, folder: Path, beside: tuple[str, ...] = (), **options: object) -> dict[str, str]:
    audit = made.audit(folder, **options)  # type: ignore[arg-type]
    with git.Repository(folder, {"PATH": os.environ["PATH"]}) as repository:
        files = manual.pages(audit, blob=repository.blob, templates=TEMPLATES, beside=beside)
    return {page["name"]: unescape(page["above"]) for page in json.loads(files["manual.json"])["pages"]}


def test_forms_tell_each_reader_what_changed_since_their_own_version(tmp_path: Path) -> None:
    made = revised()
    made.commit("a.admin", {"records/staff.csv": "id,name,email,roles,sites,from,to\nj.new,New Nurse,j@x.example,ward-nurse,,2026-06-01,\n"}, at=at(5, 20))  # fmt: skip
    audit = made.audit(tmp_path, as_of=date(2026, 6, 20))
    by_document = printed(filled(audit, forms.attestation)["QM-001-1.1-training-attestation.docx"])
    assert re.search(
        r"A \| Since version 1.0: 5 mg became 10 mg \(Give\) \(Purpose\)\n",
        by_document,
    )
    assert "Ward Nurse (n.nurse) Changes: A |" in by_document
    assert "New Nurse (j.new) |" in by_document  # who knows no version reads all of it
    own = filled(audit, forms.personal)
    assert "For you, since version 1.0: 5 mg became 10 mg" in printed(own["n.nurse-personal-attestation.docx"])
    assert "For you" not in printed(own["j.new-personal-attestation.docx"])


def test_a_typo_asks_nobody_and_the_page_says_so(tmp_path: Path) -> None:
    body = "## Purpose\n\nGive 5 mg to {} patient.\n"
    made = programme(body=body.format("teh"))
    made.sign("n.nurse", "QM-001", role="ward-nurse", meaning=Meaning.TRAINING, at=at(1, 12))
    made.commit("w.writer", {path(): document(version="1.1", training=TRAINING, body=body.format("the"))}, at=at(6, 9))
    made.approve("QM-001", at=at(6, 10))
    audit = made.audit(tmp_path / "r", as_of=date(2026, 12, 31), now=datetime(2027, 1, 1, tzinfo=UTC))
    assert [each.standing for each in training.required(audit.register)] == [Standing.MINOR_CHANGE]
    assert filled(audit, forms.personal) == {}
    shown = pages(made, tmp_path / "s")
    assert "1 of 1 have read this version, 1 of them before a minor change" in shown["documents/QM-001"]
    assert "need not read this one again" in shown["read/QM-001"]


def test_a_changed_dose_stands_on_the_page_and_who_is_late_does_not(tmp_path: Path) -> None:
    shown = pages(revised(), tmp_path)
    assert "5 mg became 10 mg" in shown["read/QM-001"]
    assert "0 of 1 have read this version" in shown["documents/QM-001"]
    assert "Ward Nurse" not in shown["documents/QM-001"] + shown["read/QM-001"]
    assert "Ward Nurse" in shown["training"]


def waiting() -> Programme:
    """QM-001 1.0 is known; 2.0 was approved on 10 June, for 1 July 2026."""
    made = programme(body="## Purpose\n\nGive 5 mg.\n")
    made.sign("n.nurse", "QM-001", role="ward-nurse", meaning=Meaning.TRAINING, at=at(1, 12))
    new = document(version="2.0", training=TRAINING, body="## Purpose\n\nGive 10 mg.\n", effective_date="2026-07-01")
    made.commit("w.writer", {path(): new}, at=at(6, 9))
    made.approve("QM-001", at=at(6, 10))
    return made


def test_a_version_that_waits_has_its_form_its_line_and_its_link(tmp_path: Path) -> None:
    made, day = waiting(), date(2026, 6, 20)
    audit = made.audit(tmp_path / "r", as_of=day)
    every = filled(audit, forms.attestation)
    assert sorted(every) == ["QM-001-1.0-training-attestation.docx", "QM-001-2.0-training-attestation.docx"]
    page = printed(every["QM-001-2.0-training-attestation.docx"])
    assert "2.0 · in force from 2026-07-01 · approved 2026-06-10" in page
    assert "To read and understand it, before it comes into force: by 2026-06-30" in page
    assert "A | Since version 1.0: 5 mg became 10 mg" in page
    assert "2.0" in printed(filled(audit, forms.personal)["n.nurse-personal-attestation.docx"])
    shown = pages(made, tmp_path / "s", tuple(f"forms/{name}" for name in every), as_of=day)
    assert (
        "1 of 1 have read this version; 0 of 1 have read version 2.0, in force from 2026-07-01"
        in shown["documents/QM-001"]
    )
    for name, version in {"read/QM-001": "1.0", "read/QM-001-2.0": "2.0"}.items():
        assert re.findall(r'href="\.\./forms/QM-001-(\d\.\d)-', shown[name]) == [version]
    assert "before it comes into force: by 2026-06-30" in shown["read/QM-001-2.0"]
    assert "5 mg became 10 mg" in shown["read/QM-001-2.0"] and "5 mg became 10 mg" not in shown["read/QM-001"]


def test_the_form_of_a_version_that_waits_is_recorded_and_counts(tmp_path: Path) -> None:
    made, day = waiting(), date(2026, 6, 20)
    place = made.repository(tmp_path / "r")
    audit = made.audit(place, as_of=day)
    [form] = [each for each in forms.attestation.forms(audit.register) if "2.0" in each.subject]
    scan = tmp_path / "scan.pdf"
    scan.write_bytes(b"%PDF-1.4 signed")
    environment = {"PATH": os.environ["PATH"], "GIT_CONFIG_GLOBAL": os.devnull} | {
        f"GIT_{who}_{what}": value
        for who in ("AUTHOR", "COMMITTER")
        for what, value in (("NAME", "Q"), ("EMAIL", "q.manager@programme.example"))
    }
    request = Request(place, datetime(2026, 6, 21, 12, tzinfo=UTC), environment, trust_root=made.root)
    wish = filing.ScanWish(scan, form.number, "1", day)
    written = filing.file(request, wish, lambda *_: True)
    made.commit("q.manager", {each.relative_to(place).as_posix(): each.read_bytes() for each in written}, at=at(6, 21))
    again = made.audit(tmp_path / "again", as_of=date(2026, 7, 1))
    assert [(str(each.version), each.standing) for each in training.required(again.register)] == [
        ("2.0", Standing.ATTESTED)
    ]
    scan.write_bytes(b"%PDF-1.4 another scan")
    with pytest.raises(FormRefused, match="is recorded already"):
        filing.file(request, wish, lambda *_: True)


@pytest.mark.parametrize("kind", ["github", "gitea"])
@pytest.mark.parametrize(("author", "expected"), [("n.nurse", Standing.ATTESTED), ("w.writer", Standing.MISSING)])
def test_the_record_that_a_forge_fills_in_counts_when_its_person_commits_it(
    tmp_path: Path, kind: str, author: str, expected: Standing
) -> None:
    made = programme(policy=f"{POLICY}forge: {{kind: {kind}, url: https://forge.example/p/sops}}\n")
    page = pages(made, tmp_path / "before")["read/QM-001"]
    [address] = re.findall(r'href="(https://forge[^"]*)"', page)
    asked = parse_qs(urlsplit(address).query)
    name, text = (
        asked[key][0].replace("YOUR-ID", "n.nurse").replace("YYYY-MM-DD", "2026-01-20") for key in ("filename", "value")
    )
    made.commit(author, {name: text}, at=at(1, 21))
    audit = made.audit(tmp_path / "after")
    [duty] = training.required(audit.register)
    assert duty.standing is expected
    doubts = [each.check for each in audit.findings if each.check == "attestation-unproved"]
    assert doubts == [] if author == "n.nurse" else doubts == ["attestation-unproved"]
