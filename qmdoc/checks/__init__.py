"""Checks: one rule a file. Each looks at the register and yields findings; none touches anything.

A check's module has a docstring (its page in the manual), `ID`, `SEVERITY` and `check`. Where one rule yields findings
under several ids, `IDS` lists them with their severities.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Protocol

from qmdoc.checks import review_overdue
from qmdoc.model import Finding, Severity
from qmdoc.register import Register


class Check(Protocol):
    """What a check's module offers."""

    @property
    def ID(self) -> str:
        """Its stable id."""

    @property
    def SEVERITY(self) -> Severity:
        """How much its findings weigh."""

    def check(self, register: Register) -> Iterator[Finding]:
        """What it finds."""


ALL: Sequence[Check] = (review_overdue,)

_ORDER = list(Severity)


def run(register: Register, *, is_strict: bool) -> tuple[Finding, ...]:
    """All findings, worst first; `is_strict` turns warnings into errors, never notes."""
    findings = [_weighed(finding, is_strict=is_strict) for check in ALL for finding in check.check(register)]
    return tuple(sorted(set(findings), key=_rank))


def _weighed(finding: Finding, *, is_strict: bool) -> Finding:
    return replace(finding, severity=Severity.ERROR) if is_strict and finding.severity is Severity.WARNING else finding


def _rank(finding: Finding) -> tuple[int, str, str, str, int, str]:
    return (_ORDER.index(finding.severity), finding.check, finding.document or "", finding.path or "", finding.line or 0, finding.message)
