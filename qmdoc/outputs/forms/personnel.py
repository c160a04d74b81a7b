"""Training record of a person: all that they attested and all that is open, for the personnel file."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from qmdoc import training
from qmdoc.model import Meaning
from qmdoc.outputs.forms.form import COMMON, Form, draw_up
from qmdoc.register import Register
from qmdoc.signing.acceptance import SignOff
from qmdoc.training import Attestation

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
    "records.day": "In the loop: the day of the attestation; empty while it is open.",
    "records.how": "In the loop: how it was attested, or `open` and the day by which it is asked.",
    "records.proof": "In the loop: the first 12 characters of the commit that proves it; empty while it is open.",
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
    signed, open_ = _signed(register), _open(register)
    for person, (name, roles) in sorted(_people(register).items()):
        attested = [
            _Record(subject.id, titles.get(subject.id, ""), str(subject.version or ""), str(each.day),
                    f"signed electronically ({each.assurance})", each.commit[:12])
            for each in signed[person]
            for subject in each.subjects
        ]  # fmt: skip
        due = [
            _Record(
                each.document, titles.get(each.document, ""), _version(each, register), "", f"open, by {each.due}", ""
            )
            for each in open_[person]
        ]
        values = {
            "name": name,
            "id": person,
            "roles": ", ".join(roles),
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


def _signed(register: Register) -> Mapping[str, list[SignOff]]:
    rows: dict[str, list[SignOff]] = defaultdict(list)
    for each in register.sign_offs:
        if each.is_accepted and each.meaning is Meaning.TRAINING and each.signer:
            rows[each.signer].append(each)
    return rows


def _open(register: Register) -> Mapping[str, list[Attestation]]:
    rows: dict[str, list[Attestation]] = defaultdict(list)
    for each in training.required(register):
        if each.sign_off is None:
            rows[each.person].append(each)
    return rows


def _version(asked: Attestation, register: Register) -> str:
    state = register.state(asked.document)
    return str(state.effective.version) if state and state.effective else ""
