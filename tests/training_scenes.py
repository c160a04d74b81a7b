"""Programmes whose training goes wrong, one for each check; and the rows from which tests make others."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

from programme import POLICY, Programme, document, path

from qmdoc.model import Meaning
from qmdoc.register import Audit

HEAD = "person,document,version,sha256,date,kind,how,evidence,entered_by"
WITH_ASSESSOR = f"{HEAD},assessor,result"
TRAINING = "{roles: [ward-nurse], kind: read-and-understood, within: 30}"
COMPETENCY = "{roles: [ward-nurse, apheresis-nurse], kind: competency, within: 30}"
SCAN = b"%PDF-1.4 a scan"
SCAN_PATH = "records/training/evidence/scan.pdf"
SHOWN = f"{SCAN_PATH} sha256:{hashlib.sha256(SCAN).hexdigest()}"
FILE = "records/training/2026/ward.csv"


def at(month: int, day: int) -> datetime:
    return datetime(2026, month, day, 9, tzinfo=UTC)


def programme(asked: str = TRAINING, policy: str = POLICY, **keys: str) -> Programme:
    """QM-001 1.0, approved on 10 January 2026, asks the ward nurse."""
    made = Programme(policy=policy)
    made.commit("w.writer", {path(): document(training=asked, **keys)}, at=at(1, 9))
    made.approve("QM-001", at=at(1, 10))
    return made


def line(made: Programme, **cells: str) -> str:
    """A line that counts; `cells` bend it."""
    row = {
        "person": "n.nurse",
        "document": "QM-001",
        "version": "1.0",
        "sha256": made.subject("QM-001").digest,
        "date": "2026-01-20",
        "kind": "read-and-understood",
        "how": "form",
        "evidence": SHOWN,
        "entered_by": "q.manager",
    } | cells
    return ",".join(row.values())


def enter(
    made: Programme, *lines: str, who: str = "q.manager", head: str = HEAD, when: datetime | None = None, **more: object
) -> None:
    files: dict[str, str | bytes | None] = {FILE: "\n".join([head, *lines, ""]), SCAN_PATH: SCAN}
    made.commit(who, files, at=when or at(1, 25), **more)  # type: ignore[arg-type]


def competency(made: Programme, **cells: str) -> str:
    """A line with the last two columns, that counts; `cells` bend it."""
    own = {name: text for name, text in cells.items() if name not in ("assessor", "result")}
    told = [cells.get("assessor", "q.manager"), cells.get("result", "pass")]
    return ",".join([line(made, **{"kind": "competency", **own}), *told])


def revised(change: str = "", *, body: str = "## Purpose\n\nGive 10 mg.\n", asked: str = TRAINING) -> Programme:
    """The ward nurse knows QM-001 1.0 ("Give 5 mg."); 1.1 was approved on 10 June 2026."""
    made = Programme()
    made.commit("w.writer", {path(): document(training=asked, body="## Purpose\n\nGive 5 mg.\n")}, at=at(1, 9))
    made.approve("QM-001", at=at(1, 10))
    made.sign("n.nurse", "QM-001", role="ward-nurse", meaning=Meaning.TRAINING, at=at(1, 12))
    made.commit("w.writer", {path(): document(version="1.1", training=asked, body=body, change=change)}, at=at(6, 9))
    made.approve("QM-001", at=at(6, 10))
    return made


def _bent(**cells: str) -> Callable[[Path], Audit]:
    def scene(folder: Path) -> Audit:
        made = programme()
        enter(made, line(made, **cells))
        return made.audit(folder)

    return scene


def _with(name: str, text: str) -> Callable[[Path], Audit]:
    def scene(folder: Path) -> Audit:
        made = programme()
        made.commit("a.admin", {name: text}, at=at(1, 30))
        return made.audit(folder)

    return scene


def _ran_out(folder: Path) -> Audit:
    made = programme("{roles: [ward-nurse], kind: competency, within: 30}")
    enter(made, competency(made), head=WITH_ASSESSOR)
    return made.audit(folder, as_of=date(2027, 1, 21), now=datetime(2027, 2, 1, tzinfo=UTC))


def _observed_by_nobody(folder: Path) -> Audit:
    made = programme(COMPETENCY)
    enter(made, competency(made, assessor="a.admin"), head=WITH_ASSESSOR)
    return made.audit(folder)


FIRES: dict[str, Callable[[Path], Audit]] = {
    "assessor-not-competent": _observed_by_nobody,
    "attestation-before-approval": _bent(date="2026-01-09"),
    "attestation-by-non-holder": _bent(person="n.body"),
    "attestation-for-other-bytes": _bent(sha256="a" * 64),
    "attestation-unproved": _bent(entered_by="m.director"),
    "change-understated": lambda folder: revised("minor").audit(folder),
    "competency-overdue": _ran_out,
    "module-unknown-document": _with(
        "records/modules.yaml", "modules:\n  ward: {title: Ward, roles: [ward-nurse], documents: [QM-009]}\n"
    ),
    "training-missing": lambda folder: programme().audit(folder),
    "training-outdated": lambda folder: revised().audit(folder),
    "unreadable-leave": _with("records/leave.csv", "person,from,to\nn.nurse,soon,\n"),
    "unreadable-modules": _with("records/modules.yaml", "modules: none\n"),
    "unreadable-training": _bent(date="soon"),
}
