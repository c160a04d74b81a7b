"""`qmdoc check --draft`: the work tree's text as if it were to be signed now, without history."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from programme import POLICY, document, path, people

from qmdoc import drafts, work_tree

LIBRARY = Path(__file__).parent.parent
TODAY = date(2026, 11, 22)


def found(files: dict[str, str]) -> dict[str, str]:
    disk = {name: ("100644", text.encode()) for name, text in files.items()}
    return {
        finding.check: finding.message
        for finding in drafts.judge(disk, today=TODAY, is_strict=False).findings
        if finding.severity == "error"
    }


def test_a_good_text_could_be_signed() -> None:
    assert not found({path(): document()})


def test_a_place_left_open_could_not() -> None:
    assert "local-value-missing" in found({path(): document(body="## Purpose\n\nCall [[local: pager]].\n")})


def test_a_broken_file_is_an_error() -> None:
    assert "unreadable-document" in found({path(): "no front matter"})


def test_hostile_markup_is_an_error() -> None:
    assert "unsafe-markup" in found({path(): document(body="<script>alert(1)</script>\n")})


def test_the_work_trees_own_policy_counts() -> None:
    authority = {"sops/authority/policy.yaml": POLICY, "sops/authority/people.yaml": people()}
    assert "front-matter-invalid" in found({**authority, path(): document(type="guideline")})
    assert "unknown-owner" in found({**authority, path(): document(owner="nobody-here")})
    assert "authority-unreadable" in found({**authority, "sops/authority/policy.yaml": "x: 1\n", path(): document()})


def test_a_review_day_in_the_past_is_history_s_to_judge() -> None:
    assert "review-overdue" not in found({path(): document(review_date="2026-01-01")})


def test_the_starter_library_lacks_nothing_but_local_values() -> None:
    files = work_tree.files(LIBRARY, "sops")
    findings = drafts.judge(files, today=TODAY, is_strict=False).findings
    assert {finding.check for finding in findings if finding.severity == "error"} == {"local-value-missing"}
