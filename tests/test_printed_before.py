"""A PDF of an earlier build is taken over only where this person's own program made it of the very same."""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path

import pytest
from programme import NOW, Programme, document, path

from qmdoc import building
from qmdoc.audit import Request
from qmdoc.printed_before import PrintedBefore

PRINTED = {"pdf/A.pdf": b"%PDF A", "pdf/B.pdf": b"%PDF B", "pdf/manual.pdf": b"%PDF all"}


@pytest.fixture
def home(tmp_path: Path) -> dict[str, str]:
    (tmp_path / "home").mkdir(mode=0o700)
    return {"HOME": str(tmp_path / "home")}


@pytest.fixture
def manual(tmp_path: Path, home: dict[str, str]) -> Path:
    """A folder of PDFs, A made from `a` and B from `b`, as a first build leaves it."""
    folder = tmp_path / "manual" / "pdf"
    folder.mkdir(parents=True)
    before = PrintedBefore(folder, home)
    assert before.take("A.pdf", "a") is None and before.take("B.pdf", "b") is None
    for name, content in PRINTED.items():
        (folder / Path(name).name).write_bytes(content)
    before.keep(PRINTED)
    return folder


def test_what_was_made_of_the_same_is_taken_over(manual: Path, home: dict[str, str]) -> None:
    before = PrintedBefore(manual, home)
    assert before.take("A.pdf", "a") == b"%PDF A" and before.take("B.pdf", "other") is None
    assert before.taken == {"A.pdf"}


def test_what_is_no_longer_made_is_forgotten(manual: Path, home: dict[str, str]) -> None:
    before = PrintedBefore(manual, home)
    before.take("A.pdf", "a")
    before.keep(PRINTED)
    assert PrintedBefore(manual, home).take("B.pdf", "b") is None


@pytest.mark.parametrize("name, made_from", [("A.pdf", "b"), ("B.pdf", "a"), ("manual.pdf", "a"), ("C.pdf", "a")])
def test_one_document_never_gets_the_sheets_of_another(
    manual: Path, home: dict[str, str], name: str, made_from: str
) -> None:
    assert PrintedBefore(manual, home).take(name, made_from) is None


def test_what_somebody_touched_is_not_taken(manual: Path, home: dict[str, str]) -> None:
    (manual / "A.pdf").write_bytes(b"%PDF give 50 mg")
    (manual / "B.pdf").rename(manual / "elsewhere")
    (manual / "B.pdf").symlink_to(manual / "elsewhere")
    before = PrintedBefore(manual, home)
    assert before.take("A.pdf", "a") is None and before.take("B.pdf", "b") is None and not before.taken


def test_a_manual_that_came_from_elsewhere_is_not_taken(manual: Path, home: dict[str, str], tmp_path: Path) -> None:
    """Its maker can put in any bytes, but no note where only this person writes."""
    (tmp_path / "other").mkdir(mode=0o700)
    assert PrintedBefore(manual, {"HOME": str(tmp_path / "other")}).take("A.pdf", "a") is None
    assert PrintedBefore(manual, {}).take("A.pdf", "a") is None
    moved = manual.rename(tmp_path / "moved")
    assert PrintedBefore(moved, home).take("A.pdf", "a") is None


@pytest.mark.parametrize("bend", [
    lambda note: note.chmod(0o644), lambda note: note.write_bytes(note.read_bytes()[:-3]),
    lambda note: note.write_text("{}"), lambda note: note.unlink(),
])  # fmt: skip
def test_a_note_that_others_can_read_or_that_is_broken_is_left_aside(
    manual: Path, home: dict[str, str], bend: object
) -> None:
    (note,) = Path(home["HOME"]).rglob("*.notes")
    bend(note)  # type: ignore[operator]
    assert PrintedBefore(manual, home).take("A.pdf", "a") is None


def test_another_day_makes_the_same_pdfs_as_a_fresh_build(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Day, revision, new document and a PDF that somebody touched: whatever stood before, the bytes are those of a fresh build."""
    monkeypatch.setenv("HOME", str(tmp_path))
    made = Programme()
    made.commit("w.writer", {path(): document(), path("QM-002"): document("QM-002", body="See [it](QM-001).")})
    made.approve("QM-001", "QM-002")
    place = made.repository(tmp_path / "p")

    def built(folder: Path, day: date) -> dict[str, bytes]:
        building.manual(Request(folder, NOW, dict(os.environ), trust_root=made.root, as_of=day))
        return {each.name: each.read_bytes() for each in (folder / "build/manual/pdf").iterdir()}

    first = built(place, NOW.date())
    later = built(place, date(2028, 1, 15))
    assert later == built(made.repository(tmp_path / "fresh"), date(2028, 1, 15))
    assert first["QM-001-1.0.pdf"] != later["QM-001-1.0.pdf"], "overdue since"
    for name in first:
        (place / "build/manual/pdf" / name).write_bytes(b"%PDF give 50 mg")
    assert built(place, NOW.date()) == first
