"""The coverage matrix: sections, scopes, reasons and who signed them; and `qmdoc coverage` at the door."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from datetime import date
from pathlib import Path

import pytest
from programme import NOW, POLICY, Programme, document, path, people

from qmdoc import coverage, covering, documents, markup
from qmdoc.coverage import Cover, Matrix, Scope, Section
from qmdoc.errors import ConfigError
from qmdoc.model import Finding
from qmdoc.outputs import matrix

QMDOC = str(Path(sys.executable).parent / "qmdoc")
HOUSE_PATH = "sops/standards/house.yaml"
HOUSE = """\
id: house
title: House rules
edition: "1"
clauses:
- {id: "1", title: Chapter, heading: true}
- {id: "1.1", title: Documents, confidence: confirmed, seen: text, seen_edition: HR 1}
- {id: "1.2", title: Training}
- {id: "1.3", title: Marrow}
- {id: "1.4", title: Labels}
"""
MARKED = """\
## Purpose {clause}`house 1.1`

Text.

## Labels and training

Label it {clause}`house 1.2, 1.4`
"""


def tree(folder: Path, files: Mapping[str, str]) -> Path:
    """A work tree without history."""
    (folder / ".git").mkdir(parents=True)
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(content, encoding="utf-8")
    return folder


def asked(
    folder: Path, files: Mapping[str, str], standard: str | None = None, programme: str = "", site: str = ""
) -> Matrix:
    source = covering.drafted(tree(folder / "tree", files), today=date(2026, 11, 22))
    return covering.matrix(source, standard, Scope(programme, site))


def covers(found: Matrix) -> dict[str, str]:
    return {row.clause.id: str(row.cover) for each in found.covers for row in each.demands}


def test_a_mark_is_a_claim_of_its_section(tmp_path: Path) -> None:
    found = asked(tmp_path, {HOUSE_PATH: HOUSE, path(): document(body=MARKED, standards="{house: ['1.1']}")})
    rows = {row.clause.id: row for row in found.covers[0].rows}
    (answer,) = rows["1.1"].answers
    assert (answer.document, answer.sections) == ("QM-001", (Section("Purpose", "clause-house-1.1"),))
    assert rows["1.2"].answers[0].sections == (Section("Labels and training", "clause-house-1.2"),)
    assert covers(found) == {"1.1": "covered", "1.2": "covered", "1.3": "uncovered", "1.4": "covered"}
    assert "by QM-001 1.0, section Labels and training" in matrix.text(found)


def test_a_scope_counts_only_documents_that_serve_it_and_names_the_others(tmp_path: Path) -> None:
    found = asked(
        tmp_path,
        {
            HOUSE_PATH: HOUSE,
            path("QM-001"): document("QM-001", standards="{house: ['1.1']}"),
            path("QM-002"): document("QM-002", standards="{house: ['1.2']}", programmes="[hct]"),
            path("QM-003"): document("QM-003", standards="{house: ['1.4']}", programmes="[hct, iec]", sites="[east]"),
        },
        "house",
        "iec",
    )
    assert covers(found) == {"1.1": "covered", "1.2": "uncovered", "1.3": "uncovered", "1.4": "covered"}
    assert [row.clause.id for row in found.gaps] == ["1.2", "1.3"]
    assert "for another programme or site by QM-002 1.0" in matrix.text(found)
    assert found.texts == 2


def test_a_reason_names_who_signed_it(tmp_path: Path) -> None:
    made = Programme(policy=POLICY.replace("standards: []", "standards: [house]"))
    excused = document(not_applicable="{house: {'1.3': We collect no marrow.}}", standards="{house: ['1.1']}")
    made.commit("w.writer", {HOUSE_PATH: HOUSE, path(): excused})
    made.approve("QM-001")
    made.commit("w.writer", {path("QM-002"): document("QM-002", standards="{house: ['1.2']}")})
    found = covering.matrix(covering.in_force(made.audit(tmp_path / "p").register), None, Scope())
    assert covers(found) == {
        "1.1": "covered",
        "1.2": "only by a draft",
        "1.3": "not applicable",
        "1.4": "uncovered",
    }
    (reason,) = found.covers[0].rows[3].reasons
    assert reason.signed_by == ("Quality Manager, quality-manager", "Medical Director, medical-director")
    shown = matrix.text(found)
    signed = "(signed by Quality Manager, quality-manager; Medical Director, medical-director)"
    assert " ".join(f"QM-001 1.0: does not apply: We collect no marrow. {signed}".split()) in " ".join(shown.split())
    assert "of those that bind, 2 clauses lack an answer" in shown


def test_the_three_forms_say_the_same(tmp_path: Path) -> None:
    named = document(body=MARKED, title="x", standards="{house: ['1.1']}")
    found = asked(tmp_path, {HOUSE_PATH: HOUSE.replace("Training", "=Training"), path(): named})
    told = json.loads(matrix.json_text(found))
    rows = list(csv.DictReader(io.StringIO(matrix.csv_text(found).removeprefix("\ufeff"))))
    assert (
        [each["clause"] for each in told["clauses"]]
        == [each["clause"] for each in rows]
        == ["1.1", "1.2", "1.3", "1.4"]
    )
    assert [each["cover"] for each in told["clauses"]] == [each["cover"] for each in rows]
    assert told["totals"][0]["covered"] == 3 and told["totals"][0]["confirmed"] == 1
    assert told["clauses"][0]["seen"] == "text" and rows[0]["seen"] == "text; HR 1"
    assert rows[1]["title"] == "'=Training"
    assert "1.1  Documents [confirmed (text seen, HR 1)]" in matrix.text(found)


def test_what_cannot_be_read_is_named_with_its_line(tmp_path: Path) -> None:
    found = asked(
        tmp_path,
        {
            HOUSE_PATH: HOUSE,
            "sops/standards/other.json": "{\n!",
            path(): "no front matter",
            path("QM-002"): document("QM-002", standards="{house: ['1.1']}"),
            "sops/access/QM-002-again.md": document("QM-002", standards="{house: ['1.2']}"),
            "sops/access/README.md": "About this folder.",
            "sops/standards/README.md": "About this folder.",
        },
    )
    shown = matrix.text(found)
    assert "sops/standards/other.json:2: this is not valid JSON" in shown
    assert f"{path()}:1: the file does not begin with front matter" in shown
    assert shown.count("have the same number") == 2
    assert set(covers(found).values()) == {"uncovered"}


@pytest.mark.parametrize(
    ("standard", "programme", "message"),
    [
        ("hause", "", "there is no catalogue of the standard or edition `hause`; write `house` if that is meant"),
        ("broken", "", "the catalogue can't be read: sops/standards/broken.yaml, line 3: `clauses` is a list"),
        (None, "icc", "neither the policy nor a document knows the programme `icc`; name one of hct, iec"),
    ],
)
def test_an_unknown_word_is_one_clear_message(
    tmp_path: Path, standard: str | None, programme: str, message: str
) -> None:
    files = {
        HOUSE_PATH: HOUSE,
        "sops/standards/broken.yaml": "id: broken\ntitle: Broken\nclauses: []\n",
        "sops/authority/policy.yaml": POLICY,
        "sops/authority/people.yaml": people(),
    }
    with pytest.raises(ConfigError) as raised:
        asked(tmp_path, files, standard, programme)
    assert message in str(raised.value)


def test_a_text_without_marks_is_not_read_for_them() -> None:
    found = document(standards="{house: ['1.1']}", body="x " * 100)
    parsed = documents.parse(path(), found.encode())
    assert isinstance(parsed, documents.Document)
    before = markup.clause_marks.cache_info().misses
    assert [each.clause for each in coverage.claims(parsed)] == ["1.1"]
    assert markup.clause_marks.cache_info().misses == before + 1
    assert markup.clause_marks("x", 1) == ()


def findings(folder: Path, files: Mapping[str, str]) -> dict[str, Finding]:
    made = Programme()
    made.commit("w.writer", dict(files))
    made.approve("QM-001")
    return {each.check: each for each in made.audit(folder / "p").findings}


def test_an_unknown_clause_in_a_mark_has_its_line(tmp_path: Path) -> None:
    body = "## Purpose\n\nText {clause}`house 1.44`\n\nText {clause}`hause 1.1`\n"
    found = findings(tmp_path, {HOUSE_PATH: HOUSE, path(): document(body=body)})
    assert (found["unknown-clause"].line, found["unknown-standard"].line) == (12, 14)
    assert "1.4" in found["unknown-clause"].fix and "`house`" in found["unknown-standard"].fix
    assert "unsafe-markup" not in found


def test_an_unknown_edition_is_named_at_its_line(tmp_path: Path) -> None:
    newer = HOUSE.replace("id: house\n", "id: house-2\n").replace('edition: "1"', "supersedes: house")
    wrong = newer.replace("title: Labels}", 'title: Labels, supersedes: ["9.9"]}')
    older = HOUSE.replace('edition: "1"', "superseded_by: house-3")
    found = findings(tmp_path, {HOUSE_PATH: older, "sops/standards/house-2.yaml": wrong, path(): document()})
    edition, clause = found["unknown-standard"], found["unknown-clause"]
    assert (edition.path, edition.line) == (HOUSE_PATH, 3)
    assert "house-3" in edition.message
    assert (clause.path, clause.line) == ("sops/standards/house-2.yaml", 9)
    assert "the clause 1.4 supersedes 9.9" in clause.message


def test_a_superseded_edition_says_how_to_go_on(tmp_path: Path) -> None:
    newer = HOUSE.replace("id: house\n", "id: house-2\n").replace('edition: "1"', "supersedes: house")
    older = HOUSE.replace('edition: "1"', "superseded_by: house-2")
    claimed = document(standards="{house: ['1.1']}")
    found = findings(tmp_path, {HOUSE_PATH: older, "sops/standards/house-2.yaml": newer, path(): claimed})
    assert "qmdoc coverage --from house --to house-2" in found["edition-superseded"].fix


def run(*words: str, at: Path) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONIOENCODING": "utf-8"}
    return subprocess.run(
        [QMDOC, "coverage", *words], cwd=at, env=environment, capture_output=True, text=True, check=False
    )


def test_the_command_ends_with_1_where_an_answer_lacks_and_2_where_none_can_be_given(tmp_path: Path) -> None:
    at = tree(tmp_path / "t", {HOUSE_PATH: HOUSE, path(): document(standards="{house: ['1.1']}")})
    assert run("--draft", at=at).returncode == 0  # nobody says that it binds
    assert run("house", "--draft", at=at).returncode == 1
    same = run("--draft", "--from", "house", "--to", "house", at=at)
    assert same.returncode == 0 and "0 clauses to look at again" in same.stdout
    for words in (("hause",), ("--from", "house"), ("house", "--from", "house", "--to", "house")):
        done = run("--draft", *words, at=at)
        assert done.returncode == 2 and done.stderr.count("\n") == 1, done
    (at / HOUSE_PATH).write_text(HOUSE.replace('"1.2"', '"1.1"'), encoding="utf-8")
    broken = run("--draft", at=at)
    assert broken.returncode == 1 and f"{HOUSE_PATH}:7: the clause `1.1` is listed twice" in broken.stdout


def test_it_answers_for_a_day_from_history(tmp_path: Path) -> None:
    made = Programme(policy=POLICY.replace("standards: []", "standards: [house]"))
    made.commit("w.writer", {HOUSE_PATH: HOUSE, path(): document(standards="{house: ['1.1']}")})
    made.approve("QM-001")
    at = made.repository(tmp_path / "p")
    done = run("--trust-root", made.root, "--as-of", str(NOW.date()), "--format", "json", at=at)
    told = json.loads(done.stdout)
    assert (done.returncode, told["as_of"], told["draft"]) == (1, "2026-11-22", False)
    assert told["clauses"][0]["cover"] == Cover.COVERED
