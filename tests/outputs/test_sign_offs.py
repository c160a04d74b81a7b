"""The sign-off status: each seat of each proposed version, and every sign-off that does not count, with its remedy."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from busy_desk import built
from programme import POLICY, Programme, document, path

from qmdoc.chronicle import Writer
from qmdoc.outputs.manual_pages import sign_offs
from qmdoc.register import Audit


def noon(month: int, day: int) -> datetime:
    return datetime(2026, month, day, 12, tzinfo=UTC)


def history() -> Programme:
    """QM-001 1.0 in force after a refused signature; 1.1 half signed with a refused one; a draft; an authority that waits."""
    made = Programme()
    made.commit("w.writer", {path(): document(), path("QM-002"): document("QM-002", "0.1")}, at=noon(2, 1))
    made.sign("w.writer", "QM-001", role="medical-director", at=noon(2, 2))
    made.approve("QM-001", at=noon(2, 3))
    made.commit("w.writer", {path(): document(version="1.1")}, at=noon(3, 1))
    made.sign("q.manager", "QM-001", role="quality-manager", at=noon(3, 5))
    made.sign("w.writer", "QM-001", role="medical-director", at=noon(3, 6))
    made.commit("a.admin", {"sops/authority/policy.yaml": POLICY + "edits: recorded\n"}, at=noon(4, 1))
    made.sign_authority("q.manager", at=noon(4, 2))
    return made


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("signed")


@pytest.fixture(scope="module")
def audit(folder: Path) -> Audit:
    return history().audit(folder / "repository")


@pytest.fixture(scope="module")
def text(folder: Path, audit: Audit) -> str:
    page = (built(history(), folder) / "sign-offs.html").read_text()
    article = page.partition('<article role="main"')[2].partition("</article>")[0]
    return " ".join(re.sub(r"<[^>]+>", " ", article).split())


def test_each_seat_says_who_filled_it_when_or_who_could_since_when(audit: Audit) -> None:
    rows = sign_offs.seats_table(audit.register).rows
    assert [tuple(map(str, row)) for row in rows] == [
        ("QM-001", "Title of QM-001", "1.1", "Quality manager", "Approval", "Signed", "Quality Manager", "2026-03-05", ""),
        ("QM-001", "Title of QM-001", "1.1", "Medical director", "Approval", "Missing", "Medical Director", "2026-03-05", ""),
        ("QM-002", "Title of QM-002", "0.1", "Quality manager", "Approval", "Missing", "Deputy Quality Manager; Quality Manager", "2026-02-01", ""),
        ("QM-002", "Title of QM-002", "0.1", "Medical director", "Approval", "Missing", "Medical Director", "2026-02-01", ""),
    ]  # fmt: skip


def test_a_refused_sign_off_says_why_what_to_do_and_whether_it_matters(audit: Audit) -> None:
    newest, settled = sign_offs.refusals(audit.register)
    assert (newest.code, newest.name, newest.subjects, str(newest.day)) == ("role-not-held", "Procedure Writer", ("QM-001 1.1",), "2026-03-06")  # fmt: skip
    assert newest.settled == "" and "have a holder of the role sign" in newest.remedy
    assert newest.why.endswith("did not hold the role “medical-director” when it landed")
    assert settled.remedy == "Nothing is left to do: the version that it names no longer waits for approval"
    rows = sign_offs.refused_table(audit.register).rows
    assert [row[7] for row in rows] == ["yes", "no"]


def test_the_page_says_it_in_this_order(text: str) -> None:
    parts = (
        "Versions in review",
        "QM-001 Title of QM-001 Version 1.1, proposed on 2026-03-01; owner: Quality manager Quality manager Approval Signed Quality Manager on 2026-03-05",
        "Medical director Approval Missing can sign: Medical Director since 2026-03-05",
        "QM-002 Title of QM-002 Version 0.1, proposed on 2026-02-01",
        "A change waits. Of the 2 administrators who must sign it, 1 has signed: Quality Manager.",
        "Refused sign-offs that still matter",
        "Procedure Writer Medical director, Approval QM-001 1.1 2026-03-06",
        "Refused sign-offs with nothing left to do",
        "QM-001 1.0 2026-02-02",
    )
    places = [text.find(part) for part in parts]
    assert -1 not in places, parts[places.index(-1)]
    assert places == sorted(places)


def test_a_seat_that_nobody_can_fill_says_so(tmp_path: Path) -> None:
    made = Programme()
    made.commit("m.director", {path(): document()}, at=noon(2, 1))
    page = (built(made, tmp_path) / "sign-offs.html").read_text()
    assert "<strong>nobody can sign today</strong>" in page


def test_a_version_that_can_t_be_read_is_listed_with_what_to_do(tmp_path: Path) -> None:
    made = Programme()
    made.commit("w.writer", {path(): "no front matter\n"}, at=noon(2, 1))
    (row,) = sign_offs.seats_table(made.audit(tmp_path).register).rows
    assert (row[0], row[2], row[5], row[8]) == ("QM-001", "can't be read", "First to be put right", "it can't be read")


def test_a_name_that_turns_text_around_is_shown_without_that(tmp_path: Path) -> None:
    made = Programme()
    made.commit("w.writer", {path(): document()}, at=noon(2, 1))
    forger = Writer("Medical\u202e rotceriD", "nobody@far.example", int(noon(2, 2).timestamp()))
    made.sign("m.director", "QM-001", role="medical-director", at=noon(2, 2), author=forger, committer=forger, unsigned=True)  # fmt: skip
    refused = sign_offs.refusals(made.audit(tmp_path).register)
    assert refused and all("\u202e" not in each.name for each in refused)
