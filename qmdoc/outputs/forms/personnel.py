"""Training record of a person: all that they attested and all that is open, for the personnel file."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from qmdoc import training
from qmdoc.documents import TrainingKind
from qmdoc.outputs.forms.form import COMMON, Form, draw_up
from qmdoc.outputs.manual_pages import wording
from qmdoc.records.training import How
from qmdoc.register import Register
from qmdoc.training import Attestation, Attested

NAME = "training-record"
TITLE = "Training record"
PURPOSE = "For each person: every version that they attested, and what is still open."
TAGS: Mapping[str, str] = {
    **COMMON,
    "name": "The person's printed name.",
    "id": "The person's id.",
    "roles": "The person's roles.",
    "has_records": "For conditions: true when the list is not empty.",
    "open_count": "The number of documents that are still open.",
    "records": "All versions attested, then those open, for a loop: {%tr for record in records %} … {%tr endfor %}.",
    "records.number": "In the loop: the document's number.",
    "records.title": "In the loop: the document's title.",
    "records.version": "In the loop: the version.",
    "records.day": "In the loop: the day on which the person signed; empty while it is open.",
    "records.how": "In the loop: how it was attested, or `open` and the day by which it is asked.",
    "records.proof": "In the loop: the first 12 characters of the record (the commit) that proves it, or of the digest of the scan or form; empty while it is open.",
}
_HOW = {
    How.SIGN_OFF: "signed electronically",
    How.FORGE: "through the forge",
    How.FORM: "on a form",
    How.ROSTER: "on a roster",
}


@dataclass(frozen=True, slots=True)
class _Record:
    number: str
    title: str
    version: str
    day: str
    how: str
    proof: str


def forms(register: Register) -> Iterator[Form]:
    """The records of everybody who is there on the day, by their ids."""
    titles = {state.id: state.title for state in register.states}
    known, open_ = _known(register), _open(register)
    for person, (name, roles) in sorted(_people(register).items()):
        attested = [_attested(each, titles, register) for each in known[person]]
        due = [
            _Record(
                each.document, titles.get(each.document, ""), _version(each, register), "", f"open, by {each.due}", ""
            )
            for each in open_[person]
        ]
        values = {
            "name": name,
            "id": person,
            "roles": wording.roles(roles),
            "has_records": bool(attested or due),
            "open_count": len(due),
            "records": (*attested, *due),
        }
        more = tuple(f"{each.number} {each.version} {each.day}" for each in (*attested, *due))
        yield draw_up(NAME, f"{TITLE} {name}", (person,), values, register, more=(name, *more))


def _people(register: Register) -> dict[str, tuple[str, tuple[str, ...]]]:
    """Name and roles of everybody who is there; the authority's row counts where a list names the same id."""
    found = {each.id: (each.name, each.roles) for each in register.staff.members if each.is_active(register.as_of)}
    rows = register.authority.people.items()
    return found | {number: (person.name, person.roles) for number, person in rows if person.is_active(register.as_of)}


def _known(register: Register) -> Mapping[str, list[Attested]]:
    """What counts of each person, in the order of its days."""
    rows: dict[str, list[Attested]] = defaultdict(list)
    for each in sorted(training.of(register).attested, key=lambda each: (each.day, each.document, each.digest)):
        rows[each.person].append(each)
    return rows


def _attested(each: Attested, titles: Mapping[str, str], register: Register) -> _Record:
    versions = {approval.digest: str(approval.version) for approval in register.ledger.approvals.get(each.document, ())}
    how, proof = _how(each, register)
    day = str(each.sign_off.signed_on if each.sign_off else each.day)
    return _Record(each.document, titles.get(each.document, ""), versions.get(each.digest, ""), day, how, proof)


def _how(each: Attested, register: Register) -> tuple[str, str]:
    """What was attested and by what way, and where it stands."""
    what = "read and understood"
    if each.kind is TrainingKind.COMPETENCY:
        what = "competency, passed" if each.is_passed else "competency, not passed"
    if each.sign_off:
        return f"{what}: {wording.ASSURANCE[each.sign_off.assurance]}", each.sign_off.commit[:12]
    assert each.record
    proof = each.record.evidence.sha256[:12] if each.record.evidence else each.record.path
    return f"{what}: {_HOW[each.record.how]}, entered by {register.authority.name(each.record.entered_by)}", proof


def _open(register: Register) -> Mapping[str, list[Attestation]]:
    rows: dict[str, list[Attestation]] = defaultdict(list)
    for each in training.required(register):
        if not each.is_met:
            rows[each.person].append(each)
    return rows


def _version(asked: Attestation, register: Register) -> str:
    state = register.state(asked.document)
    return str(state.effective.version) if state and state.effective else ""
