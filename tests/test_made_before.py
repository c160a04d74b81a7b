"""What stands is made again only when it would differ: never taken for right when anything at all is other."""

from __future__ import annotations

import json
import os
from datetime import date
from pathlib import Path

import pytest
from programme import NOW, Programme, document, path

from qmdoc import building, made_before
from qmdoc.audit import Request
from qmdoc.model import Meaning


@pytest.fixture
def built(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Programme, Path]:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    made = Programme()
    made.commit("w.writer", {path(): document()})
    made.approve("QM-001")
    place = made.repository(tmp_path / "p")
    building.manual(Request(place, NOW, dict(os.environ), trust_root=made.root))
    return made, place / "build"


def request(made: Programme, build: Path, **bent: object) -> Request:
    return Request(build.parent, NOW, dict(os.environ), **{"trust_root": made.root, **bent})  # type: ignore[arg-type]


def notes() -> list[Path]:
    return sorted((Path(os.environ["XDG_CACHE_HOME"]) / "qmdoc").glob("*.notes"))


def made_from_of(note: Path) -> str:
    return str(json.loads(note.read_bytes().partition(b"\n")[2]).get("from", ""))


def state(build: Path) -> dict[str, bytes]:
    return {
        str(file.relative_to(build)): file.read_bytes()
        for part in ("manual-src", "manual")
        for file in (build / part).rglob("*")
        if file.is_file()
    }


def age(build: Path) -> tuple[int, int]:
    found = (build / "manual" / "index.html").stat()
    return found.st_ino, found.st_mtime_ns


def test_nothing_new_makes_nothing(built: tuple[Programme, Path]) -> None:
    made, build = built
    before, page = state(build), age(build)
    assert building.manual(request(made, build)) == (
        ("manual", build / "manual" / "index.html"),
        ("pdf", build / "manual" / "pdf" / "manual.pdf"),
        ("downtime copy", build / "downtime" / f"manual-downtime-copy-{NOW.date()}.zip"),
    )
    assert age(build) == page and state(build) == before


@pytest.mark.parametrize(
    "touch",
    [
        lambda build: (build / "manual/documents/QM-001.html").write_text("Give 50 mg."),
        lambda build: (build / "manual/documents/QM-001.html").unlink(),
        lambda build: (build / "manual/_static/more.html").write_text("more"),
        lambda build: (build / "manual-src/documents/QM-001.md").write_text("Give 50 mg."),
        lambda build: [each.write_text("{") for each in notes()],
        lambda build: [each.unlink() for each in notes()],
        lambda build: (
            (build / "manual/documents").rename(build / "elsewhere")
            or (build / "manual/documents").symlink_to(build / "elsewhere")
        ),
    ],
)
def test_what_somebody_touched_is_made_anew(built: tuple[Programme, Path], touch: object) -> None:
    made, build = built
    before, page = state(build), age(build)
    touch(build)  # type: ignore[operator]
    building.manual(request(made, build))
    assert age(build) != page and state(build) == before
    assert not (build / "manual/documents").is_symlink()


def test_a_forged_manual_that_brings_its_own_note_is_made_anew(built: tuple[Programme, Path], tmp_path: Path) -> None:
    """Whoever hands on a repository with its `build/` can write any page, and knows the program that writes notes."""
    made, build = built
    before, page = state(build), build / "manual/documents/QM-001.html"
    page.write_text("Give 50 mg.")
    theirs = dict(os.environ) | {"HOME": str(tmp_path / "theirs"), "XDG_CACHE_HOME": str(build / "cache")}
    parts = ("manual-src", "downtime", "manual")
    [noted] = [each for each in map(made_from_of, notes()) if each]
    made_before.note(build, parts, noted, theirs)
    assert made_before.stands(build, parts, noted, theirs)
    building.manual(request(made, build))
    assert state(build) == before


def test_another_day_is_made_anew_though_no_text_changed(built: tuple[Programme, Path]) -> None:
    """The review falls due while nobody commits anything."""
    made, build = built
    building.manual(request(made, build, as_of=date(2028, 1, 15)))
    later = (build / "manual/documents/QM-001.html").read_text()
    assert "Periodic review overdue" in later
    building.manual(request(made, build))
    assert "Periodic review overdue" not in (build / "manual/documents/QM-001.html").read_text()


def test_after_a_change_and_a_withdrawal_it_is_as_a_fresh_build(built: tuple[Programme, Path], tmp_path: Path) -> None:
    made, build = built
    made.commit("w.writer", {path("QM-002"): document("QM-002")})
    made.approve("QM-002")
    for person, role in (("q.manager", "quality-manager"), ("m.director", "medical-director")):
        made.sign(person, "QM-001", role=role, meaning=Meaning.WITHDRAW)
    made.repository(build.parent)
    building.manual(request(made, build))
    fresh = made.repository(tmp_path / "fresh") / "build"
    building.manual(request(made, fresh))
    assert state(build) == state(fresh)
    assert "Withdrawn" in (build / "manual/documents/QM-001.html").read_text()
