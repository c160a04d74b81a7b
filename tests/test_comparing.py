"""`qmdoc diff`: which two versions, and one plain sentence where there are no two."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from programme import Programme, document, path

QMDOC = Path(sys.executable).with_name("qmdoc")


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = Programme()
    for version, dose in (("1.0", "5 mg"), ("1.1", "6 mg"), ("2.0", "7 mg")):
        made.commit("w.writer", {path(): document(version=version, body=f"## Dose\n\nGive {dose} now.\n")})
        made.approve("QM-001")
    made.commit("w.writer", {path("QM-002"): document("QM-002")})
    made.approve("QM-002")
    made.commit("w.writer", {path("QM-003"): document("QM-003")})
    folder = made.repository(tmp_path_factory.mktemp("p") / "p")
    (folder / "root").write_text(made.root)
    return folder


def run(place: Path, *words: str) -> subprocess.CompletedProcess[str]:
    root = (place / "root").read_text()
    return subprocess.run(
        [QMDOC, "diff", *words, "--repo", place, "--trust-root", root], capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize(
    ("words", "first", "number"),
    [
        (("QM-001",), "from version 1.1 (not in force) to", "  6 mg -> 7 mg; Give; Dose; line"),
        (("QM-001", "1.0"), "from version 1.0 (not in force) to", "  5 mg -> 7 mg; "),
        (("QM-001", "1.0", "1.1"), "from version 1.0 (not in force) to", "  5 mg -> 6 mg; "),
        (("QM-001", "2.0", "1.0"), "from version 2.0 (in force", "  7 mg -> 5 mg; "),
    ],
)
def test_two_approved_versions_are_compared(place: Path, words: tuple[str, ...], first: str, number: str) -> None:
    found = run(place, *words)
    assert found.returncode == 0, found.stderr
    assert first in found.stdout and number in found.stdout and "This is a major change:" in found.stdout


def test_the_text_being_written_is_compared_with_the_one_in_force(place: Path) -> None:
    text = place / path()
    before = text.read_bytes()
    (place / "sops/quality/QM-001").mkdir(exist_ok=True)
    (place / "sops/quality/QM-001/flow.svg").write_text("<svg/>")
    text.write_bytes(before.replace(b"7 mg", b"0.7 mg"))
    try:
        found = run(place, "QM-001", "2.0", "draft")
        assert "to the draft in the work tree (2.0)" in found.stdout
        assert "7 mg -> 0.7 mg" in found.stdout and "attachment flow.svg: [-not there-]" in found.stdout
        text.write_bytes(b"no front matter")
        broken = run(place, "QM-001", "2.0", "draft")
        assert (broken.returncode, broken.stdout) == (2, "") and "does not begin with front matter" in broken.stderr
    finally:
        text.write_bytes(before)
        (place / "sops/quality/QM-001/flow.svg").unlink()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("QM-9",), "no document has the number `QM-9`"),
        (("qm-001",), "did you mean QM-001?"),
        (("QM-001", "3.0"), "QM-001 has no approved version `3.0`; there are 1.0, 1.1, 2.0"),
        (("QM-001", "1.0", "9"), "QM-001 has no approved version `9`"),
        (("QM-001", "2.0", "2.0"), "QM-001 2.0 is compared with itself"),
        (("QM-001", "2.0"), "QM-001 2.0 is compared with itself"),
        (("QM-002",), "QM-002 1.0 is the only approved version"),
        (("QM-003",), "no version of QM-003 was ever approved"),
    ],
)
def test_where_there_are_no_two_versions_one_sentence_says_so(place: Path, words: tuple[str, ...], said: str) -> None:
    found = run(place, *words)
    assert found.returncode == 2 and found.stdout == ""
    assert said in found.stderr and "Traceback" not in found.stderr and len(found.stderr.strip().splitlines()) == 1


def test_a_page_and_a_word_file_are_written_whole(place: Path, tmp_path: Path) -> None:
    page = tmp_path / "changes.html"
    assert run(place, "QM-001", "--format", "html", "--output", str(page)).returncode == 0
    assert page.read_text().startswith("<!DOCTYPE html>") and ".qm-redline ins" in page.read_text()
    found = run(place, "QM-001", "--format", "docx")
    assert found.returncode == 0 and "build/diff/QM-001-1.1-2.0.docx" in found.stdout
    assert (place / "build/diff/QM-001-1.1-2.0.docx").read_bytes().startswith(b"PK")
    lost = run(place, "QM-001", "--output", str(tmp_path / "none" / "x.txt"))
    assert lost.returncode == 2 and "lies in a folder that is not there" in lost.stderr
    assert sorted(each.name for each in tmp_path.iterdir()) == ["changes.html"]
