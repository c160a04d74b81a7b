"""The preview of a change: what differs from what is in force, and what the change will ask of whom."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from programme import NOW, Programme, document, path

from qmdoc import building
from qmdoc.audit import Request
from qmdoc.errors import ConfigError, QmdocError
from qmdoc.outputs import preview as written

QMDOC = str(Path(sys.executable).parent / "qmdoc")
TRAINING = "{roles: [ward-nurse], kind: read-and-understood, within: 30}"
BODY = "## Procedure\n\n1. Cool slowly.\n2. Hold at −40 °C.\n3. Tell the physician.\n"


def programme() -> Programme:
    made = Programme()
    made.commit("w.writer", {path(): document(body=BODY, training=TRAINING)})
    made.commit("w.writer", {path("QM-002"): document("QM-002")})
    made.commit("w.writer", {path("QM-003"): document("QM-003")})
    made.approve("QM-001", "QM-002", "QM-003")
    made.branch("topic")
    return made


def preview(place: Path, made: Programme, asked: str = "main..topic") -> tuple[str, str]:
    """The summary, and the page of QM-001."""
    found = building.preview(Request(place, NOW, dict(os.environ), trust_root=made.root), asked)[1]
    page = place / "build" / "preview" / "documents" / "QM-001.html"
    return written.summary(found), page.read_text() if page.exists() else ""


def test_a_changed_number_stands_first_and_asks_for_signatures_and_training(tmp_path: Path) -> None:
    made = programme()
    changed = BODY.replace("−40", "−45")
    made.commit("q.manager", {path(): document(version="1.1", body=changed, training=TRAINING)}, branch="topic")
    place = made.repository(tmp_path / "p")
    summary, page = preview(place, made)
    assert "## 1 document would change" in summary
    assert "| −40 | −45 | °C |" in summary.replace("\\", "")
    assert "1.0 → 1.1" in summary and "Size of the change: **major**" in summary
    assert "1 person (Ward nurse)" in summary
    assert "within 30 days of approval" in summary
    assert "approval by Medical director" in summary.replace("\\", "")
    assert "who wrote it" in summary
    assert "DRAFT" in page and "−45" in page and "−40" in page
    home = (place / "build" / "preview" / "index.html").read_text()
    assert "QM-001" in home and "QM-002" not in home


def test_a_typo_asks_nobody_to_read_it_again(tmp_path: Path) -> None:
    made = programme()
    changed = BODY.replace("Tell the physician", "Tell the physician")
    body = changed.replace("physician.", "physician .")
    made.commit("w.writer", {path(): document(version="1.1", body=body, training=TRAINING)}, branch="topic")
    summary, _ = preview(made.repository(tmp_path / "p"), made)
    assert "nobody is asked again" in summary


def test_what_main_did_meanwhile_is_no_part_of_the_change(tmp_path: Path) -> None:
    made = programme()
    made.commit("w.writer", {path("QM-002"): document("QM-002", version="1.1", body="## Purpose\n\nMain's own.\n")})
    made.commit(
        "w.writer", {path("QM-003"): document("QM-003", version="1.1", body="## Purpose\n\nNew.\n")}, branch="topic"
    )
    summary, _ = preview(made.repository(tmp_path / "p"), made)
    assert "QM-003" in summary and "QM-002" not in summary


def test_a_new_a_deleted_and_a_broken_document_are_each_named(tmp_path: Path) -> None:
    made = programme()
    made.commit("w.writer", {path("QM-004"): document("QM-004"), path("QM-002"): None, path("QM-003"): "---\nid: QM-003\nid: QM-003\n---\n"}, branch="topic")  # fmt: skip
    summary, _ = preview(made.repository(tmp_path / "p"), made)
    assert "QM-004" in summary and "new, 1.0" in summary
    assert "QM-002" in summary and "taken away" in summary
    assert "QM-003: can't be read" in summary
    assert "New findings" in summary


WIDE = "".join(f"| {' | '.join(row)} |\n" for row in (["Abbreviation"] * 40, ["---"] * 40, ["123456789012345"] * 40))


@pytest.mark.parametrize(
    "body, summary, why",
    [
        ("## Procedure\n\n1. Take the 🩸 bag.\n", "Blood", "no font of the PDF has the character"),
        (f"## Procedure\n\nAs follows.\n\n{WIDE}", "A table", "no sheet has room for all columns of the table"),
        ("## Procedure\n\n```{math}\n\\frac{a}{\n```\n", "A formula", "can't be drawn"),
        (BODY, "All of 🩸", "no font of the PDF has the character"),
    ],
)
def test_what_can_t_be_printed_is_said_before_anybody_approves_it(
    tmp_path: Path, body: str, summary: str, why: str
) -> None:
    """Once approved it would stop the whole manual, and only another version, approved again, could mend that."""
    made = programme()
    made.commit(
        "w.writer",
        {
            path(): document(version="1.1", body=body, change_summary=f'"{summary}"'),
            path("QM-002"): document("QM-002", "1.1"),
        },
        branch="topic",
    )
    place = made.repository(tmp_path / "p")
    told, page = preview(place, made)
    [line] = [line.replace("\\", "") for line in told.splitlines() if "can't be printed" in line]
    assert why in line and "QM-001 (sops/quality/QM-001-title.md" in line
    assert "can't be printed" in page
    assert "can't be printed" not in (place / "build/preview/documents/QM-002.html").read_text()
    asked = ["preview", "main..topic", "--repo", str(place), "--trust-root", made.root, "--summary"]
    assert subprocess.run([QMDOC, *asked], capture_output=True, check=False).returncode == 1


def test_what_other_findings_name_is_no_fault_of_the_trial_print(tmp_path: Path) -> None:
    """A picture that is not there, raw HTML, links that lead nowhere: each is shown as it stands, and found by its check."""
    made = programme()
    bodies = {
        "QM-001": "## P\n\n![x](QM-001/none.png) ![y](https://example.org/a.png) ![z](../a.png)\n",
        "QM-002": "## P\n\n<script>alert(1)</script>\n\n```{include} /etc/passwd\n```\n",
        "QM-003": "## P\n\n[x](QM-999) [y](#nowhere) [z](javascript:alert)\n\n```{danger}\nNever.\n",
    }
    files = {path(number): document(number, version="1.1", body=body) for number, body in bodies.items()}
    made.commit("w.writer", files, branch="topic")
    told, _ = preview(made.repository(tmp_path / "p"), made)
    assert "can't be printed" not in told
    assert all(f"`{check}`" in told for check in ("broken-reference", "unsafe-markup", "block-not-closed"))


def test_a_title_makes_no_markup_in_the_comment(tmp_path: Path) -> None:
    made = programme()
    made.commit("w.writer", {path(): document(version="1.1", title='"<b>@team</b> [x](https://a.example) | #1"', body=BODY)}, branch="topic")  # fmt: skip
    summary, _ = preview(made.repository(tmp_path / "p"), made)
    line = next(line for line in summary.splitlines() if line.startswith("### QM"))
    assert "<b>" not in line and "@team" not in line and "[x](" not in line


@pytest.mark.parametrize("asked", ["main", "..topic", "main...topic", ""])
def test_what_is_no_range_is_refused(tmp_path: Path, asked: str) -> None:
    made = programme()
    place = made.repository(tmp_path / "p")
    with pytest.raises(ConfigError, match="names no change"):
        preview(place, made, asked)


def test_a_branch_that_is_not_there_is_said_in_one_sentence(tmp_path: Path) -> None:
    made = programme()
    place = made.repository(tmp_path / "p")
    with pytest.raises(QmdocError, match="not the one that was asked for"):
        preview(place, made, "main..nowhere")
    assert not (place / "build" / "preview").exists()


def test_the_command_prints_the_summary_and_says_where_the_pages_are(tmp_path: Path) -> None:
    made = programme()
    made.commit("w.writer", {path(): document(version="1.0", body=BODY + "3. Sign.\n")}, branch="topic")
    place = made.repository(tmp_path / "p")
    done = subprocess.run([QMDOC, "preview", "main..topic", "--repo", str(place), "--trust-root", made.root, "--as-of", str(NOW.date())],
                          capture_output=True, text=True, check=False)  # fmt: skip
    assert done.returncode in (0, 1), done.stderr
    assert "## 1 document would change" in done.stdout and "build/preview/index.html" in done.stdout
