"""`qmdoc local`: what a programme has still to decide, with document, section, line and question."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from qmdoc import decisions, documents
from qmdoc.outputs import places

QMDOC = str(Path(sys.executable).parent / "qmdoc")
LIBRARY = Path(__file__).parents[1]
TEXT = """---
id: QM-001
title: Document control
type: sop
version: "1.0"
owner: quality-manager
review_date: 2028-01-31
change_summary: "[[local: what changes]]"
---

## Purpose

Call [[local: number]] or [[local: name]].

### Details ##

| a | [[ local : number ]] |

## Records

Nothing.
"""


def run(*words: str, at: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([QMDOC, "local", *words], cwd=at, capture_output=True, text=True, check=False)


@pytest.fixture
def programme(tmp_path: Path) -> Path:
    (tmp_path / ".git").mkdir()
    folder = tmp_path / "sops" / "quality"
    (folder / "QM-001").mkdir(parents=True)
    (folder / "QM-001-document-control.md").write_text(TEXT)
    (folder / "QM-001" / "QM-009-old.md").write_text("[[local: in an attachment]]")
    (folder / "README.md").write_text("[[local: in a read-me]]")
    (folder / "QM-002-b.md").write_text(
        re.sub(r"\[\[.*?\]\]", "done", TEXT).replace("QM-001", "QM-002"),
    )
    return tmp_path


def test_each_place_has_its_section_and_line(programme: Path) -> None:
    done = run("--format", "json", at=programme)
    found = json.loads(done.stdout)
    assert done.returncode == 1 and found["schema"] == 1 and found["documents"] == 2 and found["unreadable"] == []
    assert [(row["document"], row["section"], row["line"], row["question"]) for row in found["places"]] == [
        ("QM-001", "front matter", 8, "what changes"),
        ("QM-001", "Purpose", 13, "number"),
        ("QM-001", "Purpose", 13, "name"),
        ("QM-001", "Details", 17, "number"),
    ]
    assert {row["path"] for row in found["places"]} == {"sops/quality/QM-001-document-control.md"}


def test_the_text_says_how_many_are_left(programme: Path) -> None:
    done = run(at=programme)
    assert done.returncode == 1 and done.stderr == ""
    assert "QM-001  (sops/quality/QM-001-document-control.md)\n  line 8, front matter: what changes\n" in done.stdout
    assert done.stdout.endswith("\n4 places left to decide, in 1 document; looked at 2 documents.\n")
    nothing = run("QM-002", at=programme)
    assert nothing.returncode == 0
    assert nothing.stdout == "Nothing is left to decide; looked at 1 document.\n"


def test_the_questions_make_a_file_of_answers(programme: Path) -> None:
    done = run("--answers", at=programme)
    assert done.returncode == 1
    assert yaml.safe_load(done.stdout) == {"what changes": "", "number": "", "name": ""}
    filled = done.stdout.replace('"number": ""', '"number": "555-0100"')
    known = ["what changes", "number", "name"]
    assert decisions.read_answers(filled, "a", known)["number"] == "555-0100"


def test_a_document_that_cannot_be_read_is_not_passed_over(programme: Path) -> None:
    (programme / "sops/quality/QM-003-broken.md").write_text("---\nid: QM-003\n---\n[[local: hidden]]\n")
    done = run("QM-003", at=programme)
    assert done.returncode == 1
    assert "QM-003-broken.md can't be read" in done.stdout and "Nothing is left" in done.stdout
    assert json.loads(run("--format", "json", at=programme).stdout)["unreadable"] == ["sops/quality/QM-003-broken.md"]


@pytest.mark.parametrize(("words", "said"), [(("QM-01",), "QM-001"), (("x",), "number"), (("--format", "xml"), "xml")])
def test_what_is_not_there_is_one_line(programme: Path, words: tuple[str, ...], said: str) -> None:
    done = run(*words, at=programme)
    assert done.returncode == 2 and done.stdout == ""
    assert done.stderr.startswith("qmdoc: ") and done.stderr.count("\n") == 1 and said in done.stderr


def test_the_shipped_library_needs_no_repository(tmp_path: Path) -> None:
    done = run("--library", "--answers", at=tmp_path)
    assert done.returncode == 1 and done.stderr == ""
    demonstration = yaml.safe_load((LIBRARY / "templates/demo/answers.yaml").read_text(encoding="utf-8"))
    assert set(yaml.safe_load(done.stdout)) == set(demonstration)


def test_no_repository_is_one_line(tmp_path: Path) -> None:
    done = run(at=tmp_path)
    assert done.returncode == 2 and done.stderr.count("\n") == 1


def test_every_question_of_the_library_is_listed_where_it_stands() -> None:
    paths = [path for path in sorted((LIBRARY / "sops").rglob("*.md")) if documents.id_in_name(path.name)]
    files = {path.relative_to(LIBRARY).as_posix(): path.read_bytes() for path in paths}
    found = decisions.undecided(files)
    assert found.unreadable == () and found.documents == len(paths)
    assert len(found.places) == sum(content.count(b"[[local:") for content in files.values())
    assert all(row.section and row.question for row in found.places)
    for row in found.places:
        assert row.question in files[row.path].decode().splitlines()[row.line - 1]
    asked = {row.question for row in found.places}
    assert set(yaml.safe_load(places.answers_yaml(found))) == asked
