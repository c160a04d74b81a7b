"""The findings as forges and CI servers read them."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest
from programme import Programme, document, path

from qmdoc.outputs import annotations
from qmdoc.register import Audit


@pytest.fixture(scope="module")
def audit(tmp_path_factory: pytest.TempPathFactory) -> Audit:
    programme = Programme()
    programme.commit("w.writer", {path(): document()})
    programme.approve("QM-001")
    programme.commit(
        "w.writer",
        {path(): document(body="## Purpose\n\nOther.\n"), path("QM-002"): document("QM-002"), "sops/a,b:%c.txt": "x"},
    )
    return programme.audit(tmp_path_factory.mktemp("annotations") / "p")


def test_github_shows_each_finding_at_its_line(audit: Audit) -> None:
    lines = annotations.github(audit).splitlines()
    assert len(lines) == len(audit.findings)
    assert f"::error file={path()},line=5,title=changed-after-approval::" in lines[0]
    assert any("file=sops/a%2Cb%3A%25c.txt" in line for line in lines)


def test_gitlab_gets_a_code_quality_report(audit: Audit) -> None:
    rows = json.loads(annotations.gitlab(audit))
    assert len({row["fingerprint"] for row in rows}) == len(rows) == len(audit.findings)
    assert {row["severity"] for row in rows} <= {"info", "minor", "major", "critical", "blocker"}
    assert rows[0]["location"] == {"path": path(), "lines": {"begin": 5}}


def test_sarif_has_a_rule_for_every_result(audit: Audit) -> None:
    run = json.loads(annotations.sarif(audit))["runs"][0]
    assert {result["ruleId"] for result in run["results"]} == {rule["id"] for rule in run["tool"]["driver"]["rules"]}
    assert run["results"][0]["level"] == "error"


def test_junit_counts_failures_and_documents(audit: Audit, tmp_path: Path) -> None:
    suite = ElementTree.fromstring(annotations.junit(audit))
    assert suite.get("failures") == str(len(suite.findall(".//failure"))) == "1"
    assert suite.get("tests") == str(len(suite.findall("testcase")))
    assert suite.find("testcase[@classname='document'][@name='QM-002']") is not None
