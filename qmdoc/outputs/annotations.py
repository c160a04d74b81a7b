"""Findings in the forms that forges and CI servers read: GitHub, GitLab, SARIF and JUnit.

Sources: GitHub's workflow commands; GitLab's Code Quality report; SARIF 2.1.0 (OASIS); the JUnit XML that CI servers
share. Each is one text, made of the findings alone.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from urllib.parse import quote
from xml.sax.saxutils import escape, quoteattr

from qmdoc import __version__
from qmdoc.model import Finding, Severity
from qmdoc.register import Audit

_GITHUB = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "notice"}
_GITLAB = {Severity.ERROR: "critical", Severity.WARNING: "minor", Severity.NOTE: "info"}
_SARIF = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "note"}
_ANYWHERE = "sops"
"""Where a finding about no file is shown: these formats ask for a path."""


def github(audit: Audit) -> str:
    """One workflow command a finding; GitHub shows them at their lines in a pull request."""
    return "".join(
        f"::{_GITHUB[each.severity]} {_properties(each)}::{_data(_words(each))}\n" for each in audit.findings
    )


def gitlab(audit: Audit) -> str:
    """A Code Quality report."""
    rows = [
        {
            "description": _words(each),
            "check_name": each.check,
            "fingerprint": _fingerprint(each),
            "severity": _GITLAB[each.severity],
            "location": {"path": each.path or _ANYWHERE, "lines": {"begin": each.line or 1}},
        }
        for each in audit.findings
    ]
    return json.dumps(rows, indent=1, ensure_ascii=False) + "\n"


def sarif(audit: Audit) -> str:
    """A SARIF log with one run."""
    results = [
        {
            "ruleId": each.check,
            "level": _SARIF[each.severity],
            "message": {"text": _words(each)},
            "locations": [
                {
                    "physicalLocation": {
                        "artifactLocation": {"uri": quote(each.path or _ANYWHERE)},
                        "region": {"startLine": each.line or 1},
                    }
                }
            ],
            "partialFingerprints": {"qmdoc/v1": _fingerprint(each)},
        }
        for each in audit.findings
    ]
    rules = [{"id": check} for check in sorted({each.check for each in audit.findings})]
    driver = {"name": "qmdoc", "version": __version__, "rules": rules}
    log = {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{"tool": {"driver": driver}, "results": results}],
    }
    return json.dumps(log, indent=1, ensure_ascii=False) + "\n"


def junit(audit: Audit) -> str:
    """One test case for each finding, failed where it is an error, and one passed for each document without errors."""
    errors = {each.document for each in audit.findings if each.severity is Severity.ERROR}
    cases = [_case(each) for each in audit.findings]
    cases += [
        f'  <testcase classname="document" name={quoteattr(state.id)}/>\n'
        for state in audit.register.states
        if state.id not in errors
    ]
    failed = sum(each.severity is Severity.ERROR for each in audit.findings)
    head = f'<testsuite name="qmdoc" tests="{len(cases)}" failures="{failed}">\n'
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{head}{"".join(cases)}</testsuite>\n'


FORMATS: Mapping[str, Callable[[Audit], str]] = {"github": github, "gitlab": gitlab, "sarif": sarif, "junit": junit}


def _case(finding: Finding) -> str:
    name = f"  <testcase classname={quoteattr(finding.check)} name={quoteattr(finding.document or finding.path or 'programme')}"
    if finding.severity is Severity.ERROR:
        place = f"{finding.path or _ANYWHERE}:{finding.line or 1}"
        return f"{name}>\n    <failure message={quoteattr(finding.message)}>{escape(f'{place}: {finding.fix}')}</failure>\n  </testcase>\n"
    return f"{name}>\n    <system-out>{escape(f'{finding.severity}: {_words(finding)}')}</system-out>\n  </testcase>\n"


def _words(finding: Finding) -> str:
    return f"{finding.message}; {finding.fix}" if finding.fix else finding.message


def _properties(finding: Finding) -> str:
    rows = {"file": finding.path or _ANYWHERE, "line": str(finding.line or 1), "title": finding.check}
    return ",".join(f"{key}={_data(value).replace(':', '%3A').replace(',', '%2C')}" for key, value in rows.items())


def _data(text: str) -> str:
    """Escaped as GitHub's workflow commands ask; a finding's words could otherwise write commands of their own."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _fingerprint(finding: Finding) -> str:
    """The same while the same thing is wrong, wherever its line moves."""
    parts = (finding.check, finding.document or "", finding.path or "", finding.commit or "", finding.message)
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:32]
