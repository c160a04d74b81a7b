"""A form of sixty people, and five hundred forms: every box and day right, and in the time that a person waits."""

from __future__ import annotations

import csv
import io
import time
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from programme import Programme, document, path
from test_filing import PRINTED, TOP, TRAINING, Office, saved, ticked

from qmdoc.outputs import forms
from qmdoc.outputs.forms import reading
from qmdoc.outputs.forms.form import Form, fill

STAFF = "".join(f"s.{number:02},Nurse {number:02},s{number}@x.example,ward-nurse,main,,\n" for number in range(1, 60))
TEMPLATE = (TOP / forms.template_of(forms.attestation.NAME)).read_bytes()


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Office:
    made = Programme()
    staff = f"id,name,email,roles,sites,from,to\n{STAFF}"
    made.commit("w.writer", {"records/staff.csv": staff, path(): document(training=TRAINING)})
    made.approve("QM-001", at=datetime(2026, 1, 5, 12, tzinfo=UTC))
    return Office(made.repository(tmp_path_factory.mktemp("sixty") / "programme"), made)


@pytest.fixture(scope="module")
def form(office: Office) -> Form:
    [found] = forms.attestation.forms(office.made.audit(office.top, as_of=PRINTED).register)
    return found


def test_each_of_sixty_boxes_and_days_comes_back_to_its_own_person(office: Office, form: Form, tmp_path: Path) -> None:
    assert len(form.rows) == 60
    blank = fill(forms.read(forms.attestation, TEMPLATE), form)
    signed = {place: str(date(2026, 2, 1) + timedelta(days=place)) for place in range(1, 61) if place % 7}
    content = ticked(blank, signed)
    begun = time.process_time()
    reading.read("form.docx", content)
    assert time.process_time() - begun < 1
    office.read(saved(tmp_path / "in", content))
    [written] = office.top.glob("records/training/*/*.csv")
    found = [(row["person"], row["date"]) for row in csv.DictReader(io.StringIO(written.read_text()))]
    assert found == [(form.rows[place - 1].person, day) for place, day in signed.items()]


def test_five_hundred_forms_take_seconds(form: Form) -> None:
    """Some four milliseconds of work a form of sixty; a tenth of them may take as long as all five hundred have."""
    blank = forms.read(forms.attestation, TEMPLATE)
    begun = time.process_time()
    made = [fill(blank, replace(form, title=str(number))) for number in range(50)]
    assert time.process_time() - begun < 3
    assert len(set(made)) == 50
