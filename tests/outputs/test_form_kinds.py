"""The other Word forms: what each prints, for whom, and that rows, heads and signatures keep together."""

from __future__ import annotations

import hashlib
import io
import re
import zipfile
from datetime import UTC, date, datetime
from pathlib import Path

import docx
import pytest
from docx.oxml.ns import qn
from programme import POLICY, Programme, document, path

from qmdoc.errors import ConfigError, OutputFailed
from qmdoc.model import Meaning
from qmdoc.outputs import forms
from qmdoc.outputs.forms import Kind, number, reading
from qmdoc.register import Audit

TOP = Path(__file__).parents[2]
STEPS = """
## Scope

1. Not a step of the procedure.

## Procedure

1. Warm the **bag** at 37 °C ± 1 °C for `2` min, as in [Thawing](QM-001).
2. Write file\\_name, 5 \\* 10^6/kg and _never_ more.

   Not part of the line above.

Then:

3. Label it.
"""
ODD = "~" + hashlib.sha256(b"../s one").hexdigest()[:16]  # no name for a file
STAFF = "id,name,email,roles,sites,from,to\n../s one,Odd Nurse,s@x.example,ward-nurse,main,,\n"


def programme() -> Programme:
    made = Programme(policy=POLICY.replace("assurance: signed", "assurance: recorded"))
    made.commit("w.writer", {
        "records/staff.csv": STAFF,
        path("QM-001"): document("QM-001", training="{roles: [ward-nurse]}", change_summary="Two minutes, not three."),
        path("QM-002"): document("QM-002", "1.2", training="{roles: [ward-nurse], kind: competency}").rstrip() + "\n" + STEPS,
    })  # fmt: skip
    made.approve("QM-001", "QM-002")
    made.commit("w.writer", {path("QM-003"): document("QM-003", "0.9", owner="m.director", change_summary="New.")})
    made.sign("q.manager", "QM-003", role="quality-manager")
    made.sign("n.nurse", "QM-001", role="ward-nurse", meaning=Meaning.TRAINING, at=datetime(2026, 3, 2, 9, tzinfo=UTC))
    return made


@pytest.fixture(scope="module")
def audit(tmp_path_factory: pytest.TempPathFactory) -> Audit:
    return programme().audit(tmp_path_factory.mktemp("forms") / "repository")


def template(kind: Kind) -> bytes:
    return (TOP / forms.template_of(kind.NAME)).read_bytes()


def made(audit: Audit, kind: Kind) -> dict[str, bytes]:
    return forms.filled(kind.forms(audit.register), kind, template(kind))


def rows(content: bytes) -> list[str]:
    return [" | ".join(cell.text for cell in line) for line in reading.read("form", content).lines]


def test_there_is_a_form_for_each_duty(audit: Audit) -> None:
    assert {kind.NAME: sorted(made(audit, kind)) for kind in forms.KINDS} == {
        "training-attestation": ["QM-001-1.0-training-attestation.docx", "QM-002-1.2-training-attestation.docx"],
        "personal-attestation": ["n.nurse-personal-attestation.docx", f"{ODD}-personal-attestation.docx"],
        "competency-assessment": ["QM-002-1.2-n.nurse-competency-assessment.docx", f"QM-002-1.2-{ODD}-competency-assessment.docx"],
        "training-record": [f"{who}-training-record.docx" for who in ("a.admin", "d.manager", "m.director", "n.nurse", "q.manager", "w.writer", ODD)],
        "sign-off-sheet": ["QM-003-0.9-sign-off-sheet.docx"],
        "adoption-record": ["QM-001-1.0-adoption-record.docx", "QM-002-1.2-adoption-record.docx", "QM-003-0.9-adoption-record.docx"],
    }  # fmt: skip


@pytest.mark.parametrize("kind", forms.KINDS, ids=lambda kind: kind.NAME)
def test_every_template_is_ours_to_fill(audit: Audit, kind: Kind) -> None:
    assert forms.unknown_tags(template(kind), kind) == ()
    assert made(audit, kind) == made(audit, kind)
    for content in made(audit, kind).values():
        word = docx.Document(io.BytesIO(content))
        tables = [*word.tables, *word.sections[0].header.tables]
        assert all(row._tr.find(f"{qn('w:trPr')}/{qn('w:cantSplit')}") is not None for table in tables for row in table.rows)  # fmt: skip
        [found] = reading.read("form", content).numbers
        assert number.is_whole(found) and number.day_of(found) == date(2026, 11, 22)
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            assert archive.read("word/media/form-number.png").startswith(b"\x89PNG")


@pytest.mark.parametrize("kind", forms.KINDS, ids=lambda kind: kind.NAME)
def test_people_read_no_word_that_programs_use(audit: Audit, kind: Kind) -> None:
    """Roles, types, what is asked and how it came, as pages say them; and no `commit`, in margins neither."""
    roles = {role for each in audit.register.authority.people.values() for role in each.roles} - {"admin"}
    raw = "|".join(map(re.escape, (*roles, "read-and-understood", "sop", "commit", "commits", "sign-off")))
    for content in made(audit, kind).values():
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            pages = {name: archive.read(name).decode() for name in archive.namelist() if re.fullmatch(r"word/(document|header\d|footer\d)\.xml", name)}  # fmt: skip
        assert len(pages) == 3
        words = {name: re.sub(r"<[^>]+>", " ", page) for name, page in pages.items()}
        assert [
            found[0] for each in words.values() for found in re.finditer(rf"(?<![\w-])({raw})(?![\w-])", each)
        ] == []
        assert f"record {audit.register.ledger.tip}" in words["word/footer1.xml"]


@pytest.mark.parametrize("name", ["competency-assessment", "training-record", "sign-off-sheet", "adoption-record"])
def test_lines_to_sign_stay_together(audit: Audit, name: str) -> None:
    kind = forms.kind(name)
    assert kind
    last = docx.Document(io.BytesIO(next(iter(made(audit, kind).values())))).tables[-1]
    assert all(each.paragraph_format.keep_with_next for row in last.rows for cell in row.cells for each in cell.paragraphs)  # fmt: skip


def test_the_qr_code_is_that_of_the_number(audit: Audit) -> None:
    """Two forms differ in their code; the same form has the same."""
    pictures = set()
    for content in made(audit, forms.attestation).values():
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            pictures.add(archive.read("word/media/form-number.png"))
    assert len(pictures) == 2


def test_the_checklist_is_the_procedures_own_steps(audit: Audit) -> None:
    found = rows(made(audit, forms.competency)["QM-002-1.2-n.nurse-competency-assessment.docx"])
    begin = found.index("Step | What the procedure says | Right: yes, no | Seen, or asked")
    assert found[begin + 1 : begin + 5] == [
        "1 | Warm the bag at 37 °C ± 1 °C for 2 min, as in Thawing. |  | ",
        "2 | Write file_name, 5 * 10^6/kg and never more. |  | ",
        "3 | Label it. |  | ",
        "Observed on | Day, place:",
    ]


def test_a_persons_list_holds_what_is_not_attested(audit: Audit) -> None:
    found = rows(made(audit, forms.personal)["n.nurse-personal-attestation.docx"])
    assert [row for row in found if "QM-" in row] == [
        f"1 | QM-002 Title of QM-002 | 1.2 {digest(audit, 'QM-002')} from 2026-01-05 | To be shown competent by 2026-02-04 |  | "
    ]


def digest(audit: Audit, document_number: str) -> str:
    state = audit.register.state(document_number)
    assert state and state.effective
    return state.effective.digest[:12]


def test_a_training_record_has_proof_and_what_is_open(audit: Audit) -> None:
    found = rows(made(audit, forms.personnel)["n.nurse-training-record.docx"])
    [sign_off] = [each for each in audit.register.sign_offs if each.meaning is Meaning.TRAINING]
    assert [row for row in found if "QM-" in row] == [
        f"QM-001 Title of QM-001 | 1.0 | 2026-03-02 | read and understood: signed with the person's own key | {sign_off.commit[:12]}",
        "QM-002 Title of QM-002 | 1.2 |  | open, by 2026-02-04 | ",
    ]


def test_a_sheet_names_the_empty_seats(audit: Audit) -> None:
    found = rows(made(audit, forms.sheet)["QM-003-0.9-sign-off-sheet.docx"])
    assert "Signed by hand; whoever enters it signs the entry." in found
    assert [row for row in found if row.startswith(("Medical director", "Quality manager"))] == [
        "Medical director | I have reviewed the documents listed below and approve them for use. (approval; nobody who wrote this version) |  |  | "
    ]
    assert "In force | no version yet" in found
    assert "Owner | Medical Director" in found and "Written by | Procedure Writer" in found


def test_forms_are_chosen_by_document_and_person(audit: Audit) -> None:
    chosen = forms.chosen(forms.competency, audit.register, ["QM-002"], "n.nurse")
    assert [each.file for each in chosen] == ["QM-002-1.2-n.nurse-competency-assessment.docx"]
    assert forms.wanted(None, "n.nurse") is forms.personal and forms.wanted(None, None) is forms.attestation


@pytest.mark.parametrize(("name", "numbers", "person", "answer"), [
    ("attestation", [], None, "there is no form `attestation`; name one of training-attestation, personal-attestation"),
    (None, ["QM-003"], None, "no version of QM-003 is in force that asks for training"),
    ("sign-off-sheet", ["QM-001"], None, "there is no sign-off sheet for QM-001; for each document that waits"),
    ("adoption-record", ["QM-099"], None, "there is no document QM-099"),
    (None, [], "q.manager", "there is no training attestation of a person for the person `q.manager`"),
])  # fmt: skip
def test_what_there_is_no_form_for_is_said(
    audit: Audit, name: str | None, numbers: list[str], person: str | None, answer: str
) -> None:
    with pytest.raises(ConfigError) as caught:
        forms.chosen(forms.wanted(name, person), audit.register, numbers, person)
    assert str(caught.value).startswith(answer)


def test_a_picture_in_place_of_the_code_must_be_png(audit: Audit) -> None:
    with zipfile.ZipFile(io.BytesIO(template(forms.attestation))) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    rels = "word/_rels/header1.xml.rels"
    files[rels] = files[rels].replace(b"form-number.png", b"form-number.jpg")
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    with pytest.raises(OutputFailed, match="the picture that stands for the form's number is no PNG file"):
        forms.forms(audit, target.getvalue())
