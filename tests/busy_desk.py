"""A small programme in which something of every kind awaits a quality manager, and the site built of it."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

from programme import POLICY, Programme, document, path

from qmdoc.git import Repository
from qmdoc.model import Meaning, Outcome
from qmdoc.outputs import manual, site
from qmdoc.place import find

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "templates" / "manual"


def noon(month: int, day: int) -> datetime:
    return datetime(2026, month, day, 12, tzinfo=UTC)


def busy() -> Programme:
    """Something of every kind that a quality manager must act on."""
    made = Programme(policy=POLICY.replace("standards: []", "standards: [local-std]"))
    clauses = "".join(f"- {{id: {each}, title: Clause {each}, confidence: recalled}}\n" for each in ("A1", "A2", "A3"))
    catalogue = f'id: local-std\ntitle: Local standard\nedition: "1"\nclauses:\n{clauses}'
    training = "{roles: [ward-nurse, apheresis-nurse], within: 30}"
    numbers = [f"QM-00{each}" for each in range(1, 6)]
    texts = {
        "QM-001": document("QM-001", body="## Steps {clause}`local-std A1`\n\nOne.\n", training=training),
        "QM-002": document("QM-002", review_date="2026-06-01"),
        "QM-003": document("QM-003", review_date="2027-01-15"),
        "QM-004": document("QM-004", review_date="2026-11-22"),
        "QM-005": document("QM-005", owner="n.nurse"),
    }
    draft = document("QM-006", title="Only a draft", standards="{local-std: [A2]}")
    made.commit("w.writer", {path(number): text for number, text in texts.items()} | {path("QM-006"): draft, "sops/standards/local-std.yaml": catalogue})  # fmt: skip
    made.approve(*numbers)
    made.sign("n.nurse", "QM-001", role="ward-nurse", meaning=Meaning.TRAINING, at=noon(2, 2))
    made.sign("q.manager", "QM-005", role="quality-manager", meaning=Meaning.PERIODIC_REVIEW, outcome=Outcome.REVISE, at=noon(3, 1))  # fmt: skip
    made.commit("w.writer", {path("QM-001"): texts["QM-001"].replace('"1.0"', '"1.1"')}, at=noon(4, 1))
    made.sign("q.manager", "QM-001", role="quality-manager", at=noon(10, 3))
    made.commit("w.writer", {path("QM-003"): document("QM-003", "2.0", effective_date="2026-12-24")}, at=noon(10, 4))
    made.approve("QM-003", at=noon(10, 5))
    return made


def built(programme: Programme, folder: Path, *, as_of: date | None = None) -> Path:
    """The site of a programme's manual."""
    audit = programme.audit(folder / "repository", as_of=as_of)
    texts = {
        file.relative_to(FOLDER).as_posix(): file.read_text() for file in sorted(FOLDER.rglob("*")) if file.is_file()
    }
    with Repository(find(folder / "repository"), {"PATH": "/usr/bin:/bin"}) as repository:
        files = manual.pages(audit, blob=repository.blob, templates=texts)
    for name, content in files.items():
        place = folder / "source" / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content)
    assert not site.build(folder / "source", folder / "site", configuration=ROOT, is_draft=False)
    return folder / "site"
