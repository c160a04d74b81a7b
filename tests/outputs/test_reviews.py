"""The review calendar: every document in force stands in it once, and calendar programs read the same."""

from __future__ import annotations

import csv
import io
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from busy_desk import busy
from icalendar import Calendar
from programme import Programme, document, path

from qmdoc.model import Meaning, Outcome
from qmdoc.outputs import calendar
from qmdoc.outputs.manual_pages import downloads, reviews
from qmdoc.register import Audit


def noon(month: int, day: int) -> datetime:
    return datetime(2026, month, day, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def audit(tmp_path_factory: pytest.TempPathFactory) -> Audit:
    return busy().audit(tmp_path_factory.mktemp("busy"))


def due(audit: Audit) -> dict[str, date]:
    return {state.id: state.review.due for state in audit.register.in_force if state.review}


def events(content: bytes) -> dict[str, date]:
    read = Calendar.from_ical(content)
    return {str(each["SUMMARY"]).split()[2]: each.decoded("DTSTART") for each in read.walk("VEVENT")}


@pytest.mark.parametrize("months", [1, 3])
def test_every_document_in_force_stands_in_exactly_one_stretch(audit: Audit, months: int) -> None:
    spans = reviews._spans(audit.register, months)
    assert len(spans) == 24 // months + 2
    assert sorted(state.id for span in spans for state in span.states) == sorted(due(audit))


def test_stretches_are_named_by_their_months(audit: Audit) -> None:
    assert [span.title for span in reviews._spans(audit.register, 1)][:4] == ["Overdue", "November 2026", "December 2026", "January 2027"]  # fmt: skip
    assert [span.title for span in reviews._spans(audit.register, 3)][1::7] == ["Nov 2026 – Jan 2027", "Aug 2028 – Oct 2028"]  # fmt: skip


def test_each_document_is_in_the_month_of_its_day(audit: Audit) -> None:
    found = {state.id: span.title for span in reviews._spans(audit.register, 1) for state in span.states}
    assert found == {"QM-001": "December 2027", "QM-002": "Overdue", "QM-003": "January 2027", "QM-004": "November 2026", "QM-005": "December 2027"}  # fmt: skip


@pytest.mark.parametrize(("review", "title"), [("2028-10-31", "October 2028"), ("2028-11-01", "Later")])
def test_two_years_end_with_the_last_day_of_a_month(tmp_path: Path, review: str, title: str) -> None:
    made = Programme()
    made.commit("w.writer", {path(): document(review_date=review)}, at=noon(11, 20))
    made.approve("QM-001", at=noon(11, 21))
    spans = reviews._spans(made.audit(tmp_path).register, 1)
    assert [span.title for span in spans if span.states] == [title]


def test_the_owners_shares_add_up(audit: Audit) -> None:
    shares = list(reviews._shares(audit.register, reviews._spans(audit.register, 3)))
    assert {(each.owner, each.total, each.file) for each in shares} == {("Quality manager", 4, "reviews-quality-manager"), ("Ward Nurse", 1, "reviews-n.nurse")}  # fmt: skip
    assert sum(each.total for each in shares) == len(due(audit))


def test_a_calendar_file_has_every_review_on_its_day(audit: Audit) -> None:
    files = downloads.files(audit)
    assert events(files["_static/lists/reviews.ics"]) == due(audit)
    assert events(files["_static/lists/reviews-n.nurse.ics"]) == {"QM-005": due(audit)["QM-005"]}
    assert events(files["_static/lists/reviews-quality-manager.ics"]).keys() == due(audit).keys() - {"QM-005"}


def test_a_calendar_file_is_as_the_standard_asks(audit: Audit) -> None:
    content = calendar.ics(audit.register.in_force, audit.register, whose="all")
    assert all(len(line) <= 75 for line in content.split(b"\r\n")) and b"\n" not in content.replace(b"\r\n", b"")
    for event in Calendar.from_ical(content).walk("VEVENT"):
        assert event["DTSTART"].params["VALUE"] == "DATE"
        assert event.decoded("DTSTAMP") == datetime(2026, 11, 22, tzinfo=UTC)
        assert event.to_ical().count(b"UID:") == 1 and b"URL" not in event.to_ical()
        assert event["CATEGORIES"].to_ical() == b"Periodic review"
    first = Calendar.from_ical(content).walk("VEVENT")[0]
    assert str(first["DESCRIPTION"]).split("\n")[:4] == ["Number: QM-001", "Title: Title of QM-001", "Version in force: 1.0, since 2026-01-05", "Owner: Quality manager"]  # fmt: skip


def test_a_review_that_moved_is_the_same_event_with_a_higher_sequence(tmp_path: Path) -> None:
    made = Programme()
    made.commit("w.writer", {path(): document()}, at=noon(2, 1))
    made.approve("QM-001", at=noon(2, 2))
    made.sign("q.manager", "QM-001", role="quality-manager", meaning=Meaning.PERIODIC_REVIEW, outcome=Outcome.CONTINUE, next_review=date(2027, 6, 1), at=noon(5, 1))  # fmt: skip
    read = []
    for day in (date(2026, 4, 1), date(2026, 6, 1)):
        register = made.audit(tmp_path / "repository", as_of=day).register
        (event,) = Calendar.from_ical(calendar.ics(register.in_force, register, whose="all")).walk("VEVENT")
        read.append((str(event["UID"]), event.decoded("DTSTART"), int(event["SEQUENCE"])))
    assert read[0][0] == read[1][0] and (read[0][1], read[1][1]) == (date(2027, 12, 31), date(2027, 6, 1))
    assert read[0][2] < read[1][2]


def test_the_same_history_gives_the_same_files(audit: Audit, tmp_path: Path) -> None:
    assert downloads.files(busy().audit(tmp_path)) == downloads.files(audit)


def test_the_table_has_the_reviews_in_the_order_of_their_days(audit: Audit) -> None:
    content = downloads.files(audit)["_static/lists/reviews.csv"].decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(content, newline="")))
    assert [(row["Number"], row["Next review"], row["Overdue"]) for row in rows][:2] == [("QM-002", "2026-06-01", "yes"), ("QM-004", "2026-11-22", "no")]  # fmt: skip
    assert [row["Next review"] for row in rows] == sorted(row["Next review"] for row in rows) and len(rows) == 5
    assert next(row for row in rows if row["Number"] == "QM-005")["Last review"] == "2026-03-01"


def test_a_document_whose_owner_is_not_named_has_a_file_too() -> None:
    assert reviews.file_of(None) == "reviews_without_owner" and reviews.file_of("without-owner") != reviews.file_of(None)  # fmt: skip
