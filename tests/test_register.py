"""What holds on a day: lifecycle, calendar and time travel, on real repositories."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from programme import Programme, document, path

from qmdoc.model import Meaning, Outcome, Status, add_months


def at(day: str) -> datetime:
    return datetime.fromisoformat(f"{day}T10:00:00+00:00").astimezone(UTC)


def effective(programme: Programme, folder: Path, day: str | None = None, number: str = "QM-001") -> str | None:
    state = programme.audit(folder, as_of=date.fromisoformat(day) if day else None).register.state(number)
    return str(state.effective.version) if state and state.effective else None


def two_versions() -> Programme:
    programme = Programme()
    programme.commit("w.writer", {path(): document()}, at=at("2026-02-01"))
    programme.approve("QM-001", at=at("2026-02-03"))
    programme.commit("w.writer", {path(): document(version="2.0", body="## Purpose\n\nNew.\n")}, at=at("2026-05-01"))
    programme.approve("QM-001", at=at("2026-05-04"))
    return programme


def test_as_of_answers_for_any_day(tmp_path: Path) -> None:
    programme = two_versions()
    days = {
        "2025-12-31": None,
        "2026-02-02": None,
        "2026-02-03": "1.0",
        "2026-05-03": "1.0",
        "2026-05-04": "2.0",
        "2026-11-22": "2.0",
    }
    assert {day: effective(programme, tmp_path, day) for day in days} == days


def test_history_tells_the_days_in_force(tmp_path: Path) -> None:
    state = two_versions().audit(tmp_path).register.state("QM-001")
    assert state and [(str(row.version), str(row.since), str(row.until)) for row in state.history] == [
        ("1.0", "2026-02-03", "2026-05-03"),
        ("2.0", "2026-05-04", "None"),
    ]


def test_before_the_first_commit_nothing_is_in_force(tmp_path: Path) -> None:
    found = two_versions().audit(tmp_path, as_of=date(2020, 1, 1))
    assert not found.register.states and not found.register.sign_offs
    assert [finding.check for finding in found.findings] == ["nothing-in-force"] and found.has_errors


def test_a_back_dated_commit_does_not_enter_the_past(tmp_path: Path) -> None:
    programme = two_versions()
    programme.commit("w.writer", {path("QM-002"): document("QM-002")}, at=at("2026-05-10"))
    programme.sign("q.manager", "QM-002", role="quality-manager", at=at("2026-05-10"))
    programme.sign("m.director", "QM-002", role="medical-director", at=at("2026-03-01"))
    assert effective(programme, tmp_path, "2026-05-01", "QM-002") is None


def test_a_version_waits_for_its_day_and_the_old_one_stays(tmp_path: Path) -> None:
    programme = Programme()
    programme.commit("w.writer", {path(): document()}, at=at("2026-02-01"))
    programme.approve("QM-001", at=at("2026-02-03"))
    programme.commit("w.writer", {path(): document(version="2.0", effective_date="2026-06-01")}, at=at("2026-05-01"))
    programme.approve("QM-001", at=at("2026-05-04"))
    assert [effective(programme, tmp_path, day) for day in ("2026-05-31", "2026-06-01")] == ["1.0", "2.0"]
    state = programme.audit(tmp_path, as_of=date(2026, 5, 20)).register.state("QM-001")
    assert state and state.waiting and str(state.waiting.version) == "2.0" and state.status is Status.EFFECTIVE


def test_of_the_versions_ahead_those_count_that_will_come_into_force(tmp_path: Path) -> None:
    programme = Programme()
    for version, day, effective_date in (
        ("1.0", "2026-02-03", None),
        ("2.0", "2026-05-04", "2026-06-01"),
        ("3.0", "2026-05-05", "2026-09-01"),
        ("4.0", "2026-05-06", "2026-08-01"),
    ):
        keys = {"effective_date": effective_date} if effective_date else {}
        programme.commit("w.writer", {path(): document(version=version, **keys)}, at=at(day))
        programme.approve("QM-001", at=at(day))
    found = {}
    for day in ("2026-05-20", "2026-06-01", "2026-08-01", "2026-09-02"):
        state = programme.audit(tmp_path, as_of=date.fromisoformat(day)).register.state("QM-001")
        assert state and state.effective and state.waiting is (state.ahead[-1] if state.ahead else None)
        found[day] = (str(state.effective.version), [str(each.version) for each in state.ahead])
    assert found == {
        "2026-05-20": ("1.0", ["2.0", "4.0"]),
        "2026-06-01": ("2.0", ["4.0"]),
        "2026-08-01": ("4.0", []),
        "2026-09-02": ("4.0", []),
    }


def test_a_first_version_that_waits_is_approved_not_effective(tmp_path: Path) -> None:
    programme = Programme()
    programme.commit("w.writer", {path(): document(effective_date="2026-06-01")}, at=at("2026-02-01"))
    programme.approve("QM-001", at=at("2026-02-03"))
    state = programme.audit(tmp_path, as_of=date(2026, 3, 1)).register.state("QM-001")
    assert state and state.status is Status.APPROVED and state.effective is None


def test_an_unsigned_new_version_changes_nothing(tmp_path: Path) -> None:
    programme = two_versions()
    programme.commit("w.writer", {path(): document(version="3.0", body="## Purpose\n\nUnsigned.\n")})
    found = programme.audit(tmp_path)
    state = found.register.state("QM-001")
    assert (
        state
        and state.effective
        and str(state.effective.version) == "2.0"
        and state.text
        and "Unsigned" not in state.text.body
    )
    assert state.proposed and [str(seat) for seat in state.proposed.empty_seats] == [
        "quality-manager approval 0/1",
        "medical-director approval 0/1",
    ]
    assert not found.has_errors


def test_an_edit_of_an_approved_text_is_an_error_and_the_approved_text_stays(tmp_path: Path) -> None:
    programme = two_versions()
    programme.commit("w.writer", {path(): document(version="2.0", body="## Purpose\n\nNew!\n")})
    found = programme.audit(tmp_path)
    state = found.register.state("QM-001")
    assert [finding.check for finding in found.findings if finding.severity == "error"] == ["changed-after-approval"]
    assert state and state.text and "New.\n" in state.text.body


def test_withdrawal_ends_a_document_and_what_waits(tmp_path: Path) -> None:
    programme = two_versions()
    programme.sign("q.manager", "QM-001", role="quality-manager", meaning=Meaning.WITHDRAW, at=at("2026-07-01"))
    state = programme.audit(tmp_path).register.state("QM-001")
    assert state and state.status is Status.WITHDRAWN and str(state.history[-1].until) == "2026-06-30"
    assert (
        effective(programme, tmp_path, "2026-06-30") == "2.0" and effective(programme, tmp_path, "2026-07-01") is None
    )


def test_a_withdrawn_document_returns_only_with_a_greater_version(tmp_path: Path) -> None:
    programme = two_versions()
    programme.sign("q.manager", "QM-001", role="quality-manager", meaning=Meaning.WITHDRAW, at=at("2026-07-01"))
    programme.approve("QM-001", at=at("2026-07-02"))
    assert effective(programme, tmp_path / "a") is None
    programme.commit("w.writer", {path(): document(version="2.1")}, at=at("2026-07-03"))
    programme.approve("QM-001", at=at("2026-07-04"))
    assert effective(programme, tmp_path / "b") == "2.1"


def test_a_review_moves_the_day_on(tmp_path: Path) -> None:
    programme = two_versions()
    state = programme.audit(tmp_path / "a").register.state("QM-001")
    assert state and state.review and str(state.review.due) == "2027-12-31"
    programme.sign("q.manager", "QM-001", role="quality-manager", meaning=Meaning.PERIODIC_REVIEW, at=at("2026-09-01"))
    state = programme.audit(tmp_path / "b").register.state("QM-001")
    assert state and state.review and str(state.review.due) == "2028-09-01"


def test_a_review_that_asks_for_a_revision_moves_nothing(tmp_path: Path) -> None:
    programme = two_versions()
    programme.sign(
        "q.manager",
        "QM-001",
        role="quality-manager",
        meaning=Meaning.PERIODIC_REVIEW,
        outcome=Outcome.REVISE,
        at=at("2026-09-01"),
    )
    found = programme.audit(tmp_path)
    state = found.register.state("QM-001")
    assert state and state.review and str(state.review.due) == "2027-12-31" and state.review.open_outcome
    assert "review-action-open" in {finding.check for finding in found.findings}


def test_due_on_the_day_itself_is_not_overdue(tmp_path: Path) -> None:
    programme = two_versions()
    found = {day: programme.audit(tmp_path, as_of=date.fromisoformat(day)) for day in ("2027-12-31", "2028-01-01")}
    assert [audit.register.state("QM-001").status for audit in found.values()] == [
        Status.EFFECTIVE,
        Status.REVIEW_OVERDUE,
    ]  # type: ignore[union-attr]


def test_deleting_the_file_ends_nothing(tmp_path: Path) -> None:
    programme = two_versions()
    programme.commit("w.writer", {path(): None})
    found = programme.audit(tmp_path)
    state = found.register.state("QM-001")
    assert (
        state
        and state.effective
        and state.text
        and [finding.check for finding in found.findings] == ["effective-document-deleted"]
    )


@pytest.mark.parametrize(
    ("day", "months", "then"),
    [
        ("2026-01-31", 1, "2026-02-28"),
        ("2024-02-29", 24, "2026-02-28"),
        ("2026-12-15", 1, "2027-01-15"),
        ("2026-11-30", 3, "2027-02-28"),
    ],
)
def test_months_end_where_the_month_ends(day: str, months: int, then: str) -> None:
    assert add_months(date.fromisoformat(day), months) == date.fromisoformat(then)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.sampled_from(["edit", "raise", "approve", "one", "withdraw", "review", "merge"]), max_size=12),
    st.data(),
)
def test_a_later_day_never_loses_a_sign_off(
    tmp_path_factory: pytest.TempPathFactory, steps: list[str], data: st.DataObject
) -> None:
    programme, minor = Programme(), 0
    programme.commit("w.writer", {path(): document()}, at=at("2026-02-01"))
    for number, step in enumerate(steps):
        when = at("2026-02-01") + timedelta(days=number + 1)
        minor += step in ("raise", "merge")
        text = document(version=f"1.{minor}", body=f"## Purpose\n\n{step} {number}.\n")
        if step in ("edit", "raise"):
            programme.commit("w.writer", {path(): text}, at=when)
        elif step == "merge":
            programme.branch("side")
            programme.commit("n.nurse", {path(): text}, branch="side", at=when)
            programme.merge("w.writer", "side", at=when)
        elif step == "approve":
            programme.approve("QM-001", at=when)
        else:
            meaning = {"one": Meaning.APPROVAL, "withdraw": Meaning.WITHDRAW, "review": Meaning.PERIODIC_REVIEW}[step]
            programme.sign("q.manager", "QM-001", role="quality-manager", meaning=meaning, at=when)
    place = tmp_path_factory.mktemp("history") / "p"
    first = date(2026, 1, 1) + timedelta(days=data.draw(st.integers(0, 60)))
    second = first + timedelta(days=data.draw(st.integers(0, 60)))
    early, late = (programme.audit(place, as_of=day).register for day in (first, second))
    assert {(each.commit, each.code) for each in early.sign_offs} <= {
        (each.commit, each.code) for each in late.sign_offs
    }
    for state in early.states:
        after = late.state(state.id)
        assert after and state.approvals == after.approvals[: len(state.approvals)]
