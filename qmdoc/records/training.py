"""Attestations on paper and from other systems: `records/training/**/*.csv` (DESIGN.md §3.4), each line a record.

    person,document,version,sha256,date,kind,how,evidence,entered_by

`evidence` is the path of the scan or form and its SHA-256 (`records/training/evidence/a.pdf sha256:…`). Two more columns may
follow, `assessor,result` (`pass` or `fail`): who observed a competency, and what came of it. Without them the one who entered
the line observed it, and it was passed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from qmdoc.documents import TrainingKind
from qmdoc.model import DOCUMENT_ID, Fault, Version
from qmdoc.records import strict_csv
from qmdoc.records.strict_csv import Row

KIND = "training"
FOLDER = "records/training/"
COLUMNS = ("person", "document", "version", "sha256", "date", "kind", "how", "evidence", "entered_by")
WITH_ASSESSOR = (*COLUMNS, "assessor", "result")
_DIGEST = re.compile(r"[0-9a-f]{64}")
_EVIDENCE = re.compile(r"(\S.*?) (?:sha256:)?([0-9a-f]{64})")


class How(StrEnum):
    """The way by which an attestation came."""

    SIGN_OFF = "sign-off"
    FORGE = "forge"
    FORM = "form"
    ROSTER = "roster"


@dataclass(frozen=True, slots=True)
class Evidence:
    """A file of the repository that shows it: path and SHA-256 of its bytes."""

    path: str
    sha256: str

    def __str__(self) -> str:
        """As a record writes it."""
        return f"{self.path} sha256:{self.sha256}"


@dataclass(frozen=True, slots=True)
class Record:
    """One line: who knows which version, since when, by what way; `text` is the line's own letters."""

    path: str
    line: int
    text: str
    person: str
    document: str
    version: Version
    digest: str
    day: date
    kind: TrainingKind
    how: How
    evidence: Evidence | None
    entered_by: str
    assessor: str
    is_passed: bool


@dataclass(frozen=True, slots=True)
class Records:
    """The lines of a file; `faults` are those that could not be read."""

    path: str
    records: tuple[Record, ...] = ()
    faults: tuple[Fault, ...] = ()


def is_record(path: str) -> bool:
    """Whether a path is that of a file of training records."""
    return path.startswith(FOLDER) and path.endswith(".csv")


def parse(path: str, content: bytes) -> Records:
    """The training records of a file, each line judged on its own."""
    table = strict_csv.read(content, COLUMNS, WITH_ASSESSOR)
    judged = [_record(path, row) for row in table.rows]
    faults = (*table.faults, *(each for each in judged if isinstance(each, Fault)))
    return Records(path, tuple(each for each in judged if isinstance(each, Record)), faults)


def _record(path: str, row: Row) -> Record | Fault:
    cells = row.cells
    if wrong := _wrong(cells):
        return Fault(row.line, *wrong)
    version, day = Version.parse(cells["version"]), strict_csv.day(cells["date"])
    assert version and day
    found = _EVIDENCE.fullmatch(cells["evidence"])
    return Record(
        path=path,
        line=row.line,
        text=row.text,
        person=cells["person"],
        document=cells["document"],
        version=version,
        digest=cells["sha256"],
        day=day,
        kind=TrainingKind(cells["kind"]),
        how=How(cells["how"]),
        evidence=Evidence(found[1], found[2]) if found else None,
        entered_by=cells["entered_by"],
        assessor=cells.get("assessor") or cells["entered_by"],
        is_passed=cells.get("result") != "fail",
    )


def _wrong(cells: dict[str, str]) -> tuple[str, str] | None:
    """What is wrong with a line, and what to write."""
    for name in ("person", "entered_by"):
        if not cells[name]:
            return f"`{name}` is empty", "write the person's id"
    if not DOCUMENT_ID.fullmatch(cells["document"]):
        return f"`{cells['document']}` is no document's number", "write it as in `QM-001`"
    if Version.parse(cells["version"]) is None:
        return f"`{cells['version']}` is no version", "write two numbers, as in `2.1`"
    if not _DIGEST.fullmatch(cells["sha256"]):
        return f"`{cells['sha256']}` is no SHA-256 digest", "write all 64 digits, in small letters"
    if strict_csv.day(cells["date"]) is None:
        return f"`{cells['date']}` is no day", "write YYYY-MM-DD"
    if wrong := _not_among(cells, "kind", TrainingKind) or _not_among(cells, "how", How):
        return wrong
    if cells["evidence"] and not _EVIDENCE.fullmatch(cells["evidence"]):
        return f"`{cells['evidence']}` is no evidence", "write a file's path, a blank, and `sha256:` with its 64 digits"
    return _assessment(cells)


def _not_among(cells: dict[str, str], name: str, words: type[StrEnum]) -> tuple[str, str] | None:
    if cells[name] in list(words):
        return None
    return f"`{cells[name]}` is no {name}", f"write {', '.join(list(words)[:-1])} or {list(words)[-1]}"


def _assessment(cells: dict[str, str]) -> tuple[str, str] | None:
    assessor, result = cells.get("assessor", ""), cells.get("result", "")
    if cells["kind"] == TrainingKind.COMPETENCY:
        if "result" in cells and (result not in ("pass", "fail") or not assessor):
            return f"a competency by `{assessor}` with the result `{result}`", "write the assessor, and pass or fail"
    elif assessor or result:
        return (
            "an assessor or a result stands where nothing was observed",
            f"leave both empty, or write the kind {TrainingKind.COMPETENCY}",
        )
    return None
