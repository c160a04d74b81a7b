"""What is written into build/: whole or not at all, the same bytes each time, from the commit and never the work tree."""

from __future__ import annotations

import fcntl
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from programme import NOW, Programme, document, path

from qmdoc import building, publishing
from qmdoc.audit import Request
from qmdoc.errors import ConfigError, OutputFailed
from qmdoc.outputs.pdf import reading

QMDOC = str(Path(sys.executable).parent / "qmdoc")


def programme() -> Programme:
    made = Programme()
    training = "{roles: [ward-nurse], kind: read-and-understood, within: 3650}"
    made.commit("w.writer", {path(): document(body="## Purpose\n\nThe approved letter A.\n", training=training)})
    made.commit("w.writer", {path("QM-002"): document("QM-002", body="## Purpose\n\nSee [the first](QM-001).\n")})
    made.approve("QM-001", "QM-002")
    return made


def request(place: Path, made: Programme) -> Request:
    return Request(place, NOW, dict(os.environ), trust_root=made.root)


def contents(folder: Path) -> dict[str, bytes]:
    return {
        file.relative_to(folder).as_posix(): file.read_bytes() for file in sorted(folder.rglob("*")) if file.is_file()
    }


def test_two_clones_make_the_same_bytes(tmp_path: Path) -> None:
    made = programme()
    folders = []
    for name in ("first", "second"):
        place = made.repository(tmp_path / name)
        if name == "second":
            subprocess.run(["git", "-C", str(place), "gc", "--quiet", "--aggressive"], check=True)
        building.audit_ready(request(place, made), lambda _: None)
        folders.append({part: contents(place / "build" / part) for part in ("manual", "forms", "binder")})
    assert folders[0] == folders[1]
    assert folders[0]["forms"] and "data/history.bundle" in folders[0]["binder"]


def test_the_manual_prints_the_approved_letter_whatever_main_and_the_work_tree_hold(tmp_path: Path) -> None:
    made = programme()
    made.commit("w.writer", {path(): document(body="## Purpose\n\nThe changed letter B.\n")})
    place = made.repository(tmp_path / "p")
    (place / path()).write_text(document(body="## Purpose\n\nThe typed letter C.\n"))
    publishing.manual(request(place, made))
    page = (place / "build/manual/documents/QM-001.html").read_text()
    assert "approved letter A" in page and "letter B" not in page and "letter C" not in page


def test_each_document_in_force_has_its_pdf_and_the_manual_one_of_all(tmp_path: Path) -> None:
    made = programme()
    made.commit("w.writer", {path(): document(body="## Purpose\n\nThe changed letter B.\n")})
    place = made.repository(tmp_path / "p")
    assert publishing.manual(request(place, made))[1] == ("pdf", place / "build/manual/pdf/manual.pdf")
    sheets = contents(place / "build/manual/pdf")
    assert sorted(sheets) == ["QM-001-1.0.pdf", "QM-002-1.0.pdf", "manual.pdf"]
    assert "approved letter A" in reading.text(sheets["QM-001-1.0.pdf"])
    text = reading.text(sheets["manual.pdf"])
    assert "approved letter A" in text and "See the first." in text and "letter B" not in text


def test_a_manual_without_pdfs_says_what_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "typst", None)
    made = programme()
    place = made.repository(tmp_path / "p")
    said = dict(publishing.manual(request(place, made)))
    assert said["manual lacks"] == "its PDFs: typst not installed (pip install 'qmdoc[pdf]')"
    assert (place / "build/manual/index.html").is_file() and not (place / "build/manual/pdf").exists()


def test_a_letter_that_no_pdf_can_show_leaves_the_previous_manual_in_place(tmp_path: Path) -> None:
    made = Programme()
    made.commit("w.writer", {path(): document(body="## Purpose\n\nGroup 日.\n")})
    made.approve("QM-001")
    place = made.repository(tmp_path / "p")
    with pytest.raises(OutputFailed, match=r"^QM-001 \(sops/quality/QM-001-title\.md, line 12\): no font"):
        publishing.manual(request(place, made))
    assert not (place / "build/manual").exists() and not (place / "build/manual-src").exists()


def test_a_template_error_leaves_the_previous_manual_in_place(tmp_path: Path) -> None:
    made = programme()
    place = made.repository(tmp_path / "p")
    publishing.manual(request(place, made))
    before = contents(place / "build" / "manual")
    made.commit("a.admin", {"templates/manual/home.html": "{{ nothing_of_that_name }}\n"})
    subprocess.run(
        ["git", "-C", str(place), "index-pack", "--stdin"], input=made.chronicle.pack(), check=True, capture_output=True
    )
    subprocess.run(["git", "-C", str(place), "update-ref", "HEAD", made.tips["main"]], check=True)
    with pytest.raises(OutputFailed, match=r"home\.html"):
        publishing.manual(request(place, made))
    assert contents(place / "build" / "manual") == before
    assert not [left for left in (place / "build").iterdir() if left.name.endswith(".new")]


def test_only_one_run_writes_at_a_time(tmp_path: Path) -> None:
    made = programme()
    place = made.repository(tmp_path / "p")
    (place / "build").mkdir()
    with (place / "build" / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(OutputFailed, match="another qmdoc"):
            publishing.manual(request(place, made))


def test_a_past_day_can_be_printed_even_one_before_the_first_commit(tmp_path: Path) -> None:
    made = programme()
    place = made.repository(tmp_path / "p")
    for day, has_page in (("2020-01-01", False), ("2026-01-06", True)):
        done = subprocess.run(
            [QMDOC, "audit-ready", "--as-of", day, "--trust-root", made.root],
            cwd=place,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode in (0, 1), done
        assert (place / "build/manual/documents/QM-001.html").exists() is has_page


def test_a_draft_is_marked_on_every_page(tmp_path: Path) -> None:
    place = programme().repository(tmp_path / "p")
    (place / path()).write_text(document(body="## Purpose\n\nTyped just now.\n"))
    done = subprocess.run([QMDOC, "build", "--draft"], cwd=place, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done
    pages = [page for page in (place / "build/draft").rglob("*.html") if "_static" not in page.parts]
    assert len(pages) > 3 and all("DRAFT" in page.read_text() for page in pages)
    assert "Typed just now" in (place / "build/draft/documents/QM-001.html").read_text()


def test_a_form_for_a_document_that_asks_nobody_is_one_line(tmp_path: Path) -> None:
    made = programme()
    place = made.repository(tmp_path / "p")
    with pytest.raises(ConfigError, match="QM-002"):
        building.forms(request(place, made), ("QM-002",))
    assert not (place / "build" / "forms").exists()


def test_a_binder_is_verified_with_its_history(tmp_path: Path) -> None:
    made = programme()
    place = made.repository(tmp_path / "p")
    building.binder(request(place, made))
    binder = place / "build" / "binder"
    assert building.verify(binder, os.environ) == ()
    bundle = binder / "data" / "history.bundle"
    bundle.write_bytes(bundle.read_bytes()[:-30] + bytes(30))
    assert any("history.bundle" in problem for problem in building.verify(binder, os.environ))


def test_the_demonstration_takes_the_place_of_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("years of work")
    with pytest.raises(ConfigError, match="no demonstration"):
        building.demonstration(tmp_path / "mine", now=NOW, environment=os.environ, is_broken=False)
    assert (tmp_path / "mine" / "thesis.txt").exists()


def test_a_killed_run_leaves_no_half_of_an_output(tmp_path: Path) -> None:
    made = programme()
    place = made.repository(tmp_path / "p")
    command = [QMDOC, "audit-ready", "--trust-root", made.root, "--as-of", "2026-11-22"]
    subprocess.run(command, cwd=place, capture_output=True, check=True)
    parts = ("manual", "forms", "binder")
    before = {part: contents(place / "build" / part) for part in parts}
    moments = random.Random(7)
    for _ in range(6):
        process = subprocess.Popen(command, cwd=place, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(moments.uniform(0.3, 2.5))
        process.send_signal(signal.SIGKILL)
        process.wait()
        for part in parts:
            seen = contents(place / "build" / part)
            assert seen in (before[part], {}), f"{part} is half-written"
    assert subprocess.run(command, cwd=place, capture_output=True, check=False).returncode == 0
    assert {part: contents(place / "build" / part) for part in parts} == before
    assert not subprocess.run(["git", "-C", str(place), "fsck", "--strict"], capture_output=True, check=True).stderr
