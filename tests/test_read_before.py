"""What an earlier build read in texts is taken for right only where nothing else can have written it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from programme import NOW, Programme, document, path

from qmdoc import audit, read_before
from qmdoc.audit import Request
from qmdoc.git import Repository
from qmdoc.register import Audit


def audited(made: Programme, place: Path, home: Path, *, again: bool = True) -> Audit:
    request = Request(place, NOW, {**os.environ, "HOME": str(home)}, trust_root=made.root)
    with Repository(place, request.environment) as repository:
        return read_before.audited(repository, request) if again else audit.read(repository, request)


@pytest.fixture
def made(tmp_path: Path) -> Programme:
    (tmp_path / "home").mkdir(mode=0o700)
    programme = Programme()
    programme.commit("w.writer", {path(): document(), path("QM-002"): document("QM-002", body="See [it](QM-009).")})
    programme.approve("QM-001", "QM-002")
    programme.repository(tmp_path / "p")
    return programme


def test_the_second_audit_finds_the_same_and_reads_nothing_anew(made: Programme, tmp_path: Path) -> None:
    plain = audited(made, tmp_path / "p", tmp_path / "home", again=False)
    assert any(each.check == "broken-reference" for each in plain.findings)
    assert audited(made, tmp_path / "p", tmp_path / "home").findings == plain.findings
    (note,) = (tmp_path / "home").rglob("*.notes")
    age = note.stat().st_mtime_ns, note.stat().st_ino
    again = audited(made, tmp_path / "p", tmp_path / "home")
    assert again.findings == plain.findings and not again.register.texts.has_new
    assert (note.stat().st_mtime_ns, note.stat().st_ino) == age


def test_a_new_text_is_read_and_noted(made: Programme, tmp_path: Path) -> None:
    audited(made, tmp_path / "p", tmp_path / "home")
    made.commit("w.writer", {path("QM-003"): document("QM-003", body="See [it](QM-008).")})
    made.repository(tmp_path / "p")
    found = audited(made, tmp_path / "p", tmp_path / "home")
    assert found.register.texts.has_new and "QM-008" in " ".join(each.message for each in found.findings)
    assert not audited(made, tmp_path / "p", tmp_path / "home").register.texts.has_new


@pytest.mark.parametrize("bend", [
    lambda note: note.chmod(0o644), lambda note: note.unlink(),
    lambda note: note.write_bytes(note.read_bytes().replace(b"QM-009", b"QM-001")),
])  # fmt: skip
def test_a_note_that_somebody_touched_is_left_aside(made: Programme, tmp_path: Path, bend: object) -> None:
    before = audited(made, tmp_path / "p", tmp_path / "home")
    (note,) = (tmp_path / "home").rglob("*.notes")
    bend(note)  # type: ignore[operator]
    again = audited(made, tmp_path / "p", tmp_path / "home")
    assert again.findings == before.findings and again.register.texts.has_new
