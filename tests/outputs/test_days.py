"""The day of a signature and the day on which it was on record are two: no page, table or form calls one the other."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from busy_desk import built
from programme import Programme, document, path

from qmdoc import desk, shipped
from qmdoc.model import Meaning
from qmdoc.outputs import forms
from qmdoc.outputs.forms import reading
from qmdoc.outputs.manual_pages import sign_offs, wording
from qmdoc.register import Audit
from qmdoc.training import of, report


def noon(month: int, day: int) -> datetime:
    return datetime(2026, month, day, 12, tzinfo=UTC)


def history() -> Programme:
    """Every signature was made on a branch, days before the branch was merged."""
    made = Programme()
    asks = {"training": "{roles: [ward-nurse]}"}
    made.commit("w.writer", {path(): document(**asks)}, at=noon(2, 1))
    made.branch("one")
    made.sign("q.manager", "QM-001", role="quality-manager", branch="one", at=noon(2, 3))
    made.sign("m.director", "QM-001", role="medical-director", branch="one", at=noon(2, 4))
    made.merge("a.admin", "one", at=noon(2, 10))
    made.branch("two")
    made.sign("n.nurse", "QM-001", role="ward-nurse", meaning=Meaning.TRAINING, branch="two", at=noon(3, 2))
    made.merge("a.admin", "two", at=noon(3, 9))
    made.commit("w.writer", {path(): document(version="1.1", **asks)}, at=noon(4, 1))
    made.branch("three")
    made.sign("q.manager", "QM-001", role="quality-manager", branch="three", at=noon(4, 3))
    made.sign("w.writer", "QM-001", role="medical-director", branch="three", at=noon(4, 4))
    made.merge("a.admin", "three", at=noon(4, 11))
    return made


@pytest.fixture(scope="module")
def audit(tmp_path_factory: pytest.TempPathFactory) -> Audit:
    return history().audit(tmp_path_factory.mktemp("days") / "repository")


def rows(audit: Audit, kind: forms.Kind) -> str:
    """All that the forms of a kind print."""
    template = shipped.presentation()[forms.template_of(kind.NAME)]
    made = forms.filled(kind.forms(audit.register), kind, template)
    return "\n".join(
        " | ".join(cell.text for cell in line)
        for name, content in made.items()
        for line in reading.read(name, content).lines
    )


def test_the_signatures_landed_after_they_were_made(audit: Audit) -> None:
    """Else nothing below could fail."""
    days = {(str(each.signed_on), str(each.day)) for each in audit.register.sign_offs}
    assert {("2026-02-03", "2026-02-10"), ("2026-03-02", "2026-03-09"), ("2026-04-03", "2026-04-11")} <= days


def test_a_form_says_signed_of_the_day_of_the_signature(audit: Audit) -> None:
    printed = rows(audit, forms.attestation)
    assert "signed 2026-03-02" in printed and "2026-03-09" not in printed
    assert "approved 2026-02-10" in printed


def test_a_training_record_has_the_day_on_which_its_person_signed(audit: Audit) -> None:
    printed = rows(audit, forms.personnel)
    assert "| 1.0 | 2026-03-02 | read and understood: signed with the person's own key |" in printed
    assert "2026-03-09" not in printed


def test_a_report_tells_the_two_days_apart(audit: Audit) -> None:
    [by] = [duty.by for duty in of(audit.register).duties if duty.by]
    assert report.proof(by).startswith("own sign-off (signed) of 2026-03-02, on record since 2026-03-09, commit ")


def test_nobody_is_said_to_have_approved_on_the_day_of_landing(audit: Audit) -> None:
    told = wording.evidence(desk.evidence(audit.register)["QM-001"])
    assert told.startswith("1.0, approved 2026-02-10, signed by Quality Manager, Medical Director; ")


def test_a_seat_is_signed_on_the_day_of_the_signature(audit: Audit) -> None:
    [given] = [row for row in sign_offs.seats_table(audit.register).rows if row[5] == "Signed"]
    assert str(given[7]) == "2026-04-03"


def test_pages_say_which_day_is_which(tmp_path: Path) -> None:
    """A refused signature's own time is not vouched for: its row has the day since which it is on record, and says so."""
    site = built(history(), tmp_path)
    told = {
        name: " ".join(re.sub(r"<[^>]+>", " ", (site / f"{name}.html").read_text()).split())
        for name in ("sign-offs", "read/QM-001")
    }
    assert "Quality manager Approval Signed Quality Manager on 2026-04-03" in told["sign-offs"]
    assert "Signed by Of On record since Why it does not count" in told["sign-offs"]
    assert "QM-001 1.1 2026-04-11" in told["sign-offs"]
    assert "Approved 2026-02-10, with all signatures on record" in told["read/QM-001"]
