"""Training attestation by person: every version that one person must know and has not attested, in one list."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from qmdoc import training
from qmdoc.documents import Document
from qmdoc.ledger import Approval
from qmdoc.model import Meaning
from qmdoc.outputs.forms.form import COMMON, Form, Row, control_tag, draw_up
from qmdoc.outputs.manual_pages import wording
from qmdoc.register import Register
from qmdoc.training import Attestation

NAME = "personal-attestation"
TITLE = "Training attestation of a person"
PURPOSE = "For each person: the versions that they must know and have not attested, in force or waiting for their day."
TAGS: Mapping[str, str] = {
    **COMMON,
    "name": "The person's printed name.",
    "id": "The person's id.",
    "roles": "The person's roles for which documents ask.",
    "statement": "The sentence that the person puts their name to, as the policy writes it.",
    "documents": "Every version that the person must attest, for a loop: {%tr for document in documents %} … {%tr endfor %}.",
    "documents.row": "In the loop: the row's number on this form, from 1.",
    "documents.number": "In the loop: the document's number.",
    "documents.title": "In the loop: the document's title.",
    "documents.version": "In the loop: the version.",
    "documents.digest_short": "In the loop: the first 12 characters of the version's digest.",
    "documents.kind": "In the loop: what is asked, in words: to read and understand it, or to be shown competent.",
    "documents.due": "In the loop: the day by which it is asked.",
    "documents.change_summary": "In the loop: what the version changes, in one line; empty when the document does not say.",
    "documents.effective_date": "In the loop: the first day on which the version is in force; it may lie ahead.",
    "documents.changed": "In the loop: what changed since the version that the person knows; empty where they know none.",
    "documents.read_tag": "In the loop: the tag of the row's box to tick, for a form that is read back.",
    "documents.date_tag": "In the loop: the tag of the row's date, for a form that is read back.",
}


@dataclass(frozen=True, slots=True)
class _Line:
    row: int
    number: str
    title: str
    version: str
    digest_short: str
    kind: str
    due: str
    change_summary: str
    effective_date: str
    changed: str
    read_tag: str
    date_tag: str


def forms(register: Register) -> Iterator[Form]:
    """The forms of all people who have something to attest, by their ids."""
    due: dict[str, list[Attestation]] = defaultdict(list)
    for each in (*training.required(register), *training.ahead(register)):
        if not each.is_met:
            due[each.person].append(each)
    statement = register.authority.policy.sentence(Meaning.TRAINING)
    for person, asked in sorted(due.items()):
        lines: list[_Line] = []
        rows: list[Row] = []
        for each in asked:
            version, document = _text(each, register)
            row = Row(person, each.document, version.version, each.digest)
            rows.append(row)
            lines.append(
                _Line(
                    len(rows), each.document, version.title, str(version.version), each.digest[:12], wording.ASKED[each.kind],
                    str(each.due), document.front_matter.change_summary or "", str(version.since), each.changed,
                    control_tag("read", row), control_tag("date", row),
                )
            )  # fmt: skip
        roles = wording.roles(dict.fromkeys(role for each in asked for role in each.roles))
        values = {
            "name": asked[0].name,
            "id": person,
            "roles": roles,
            "statement": statement,
            "documents": tuple(lines),
        }
        yield draw_up(
            NAME, f"{TITLE} {person}", (person,), values, register, rows=tuple(rows), more=(asked[0].name, statement)
        )


def _text(asked: Attestation, register: Register) -> tuple[Approval, Document]:
    """The approved version that is asked, and its text."""
    state = register.state(asked.document)
    assert state
    version = next(each for each in state.standing if each.digest == asked.digest)
    document = training.text_of(state, version, register)
    assert document
    return version, document
