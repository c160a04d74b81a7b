"""Words about filled forms: what is about to be recorded, and what was written."""

from __future__ import annotations

import csv
import io
import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from qmdoc.outputs.forms.form import Row
from qmdoc.records.training import COLUMNS, WITH_ASSESSOR, Evidence, How


@dataclass(frozen=True, slots=True)
class Entry:
    """A row that is to be recorded: who attests which version, since which day, on which form's row."""

    place: int
    name: str
    title: str
    row: Row
    day: date


@dataclass(frozen=True, slots=True)
class Assessment:
    """What an assessor observed: their id, and whether it was passed."""

    assessor: str
    is_passed: bool

    @property
    def result(self) -> str:
        """As a record writes it."""
        return "pass" if self.is_passed else "fail"


@dataclass(frozen=True, slots=True)
class Filing:
    """One form or scan: what it says, and where it and its records go; `assessment` where it is one of competency."""

    source: str
    number: str
    entries: tuple[Entry, ...]
    evidence: str
    sha256: str
    records: str
    entered_by: str
    assessment: Assessment | None = None


def records_csv(filing: Filing) -> bytes:
    """The records of a form, one line each (DESIGN.md §3.4)."""
    target = io.StringIO()
    rows = csv.writer(target, lineterminator="\n")
    found = filing.assessment
    rows.writerow(WITH_ASSESSOR if found else COLUMNS)
    evidence = Evidence(filing.evidence, filing.sha256)
    for each in filing.entries:
        row = each.row
        rows.writerow((row.person, row.document, row.version, row.digest, each.day, row.kind, How.FORM, evidence,
                       filing.entered_by, *((found.assessor, found.result) if found else ())))  # fmt: skip
    return target.getvalue().encode()


def preview_text(filings: Sequence[Filing], name: str) -> str:
    """What is to be recorded, and by whom."""
    lines: list[str] = []
    for filing in filings:
        lines.append(f"{filing.source}: form {filing.number}, {len(filing.entries)} to record")
        lines += [
            f"  {each.place:>3}  {each.day}  {each.name} ({each.row.person}): "
            f"{each.row.document} {each.row.version} {each.title}"
            for each in filing.entries
        ]
        if found := filing.assessment:
            lines.append(f"       competency, observed by {found.assessor}: {found.result}")
    lines.append(f"Entered by {name}; each person's own signature is on the form, not in the record.")
    return "\n".join(lines) + "\n"


def filed_text(written: Sequence[Path], top: Path) -> str:
    """What was written, and what is to be done with it."""
    paths = [path.relative_to(top).as_posix() for path in written]
    return (
        "".join(f"Wrote {path}\n" for path in paths)
        + "Nothing is committed yet. Whoever entered it signs the commit:\n"
        + f"  git add {shlex.join(paths)}\n"
        + "  git commit -S -m 'Training attested on paper'\n"
    )
