"""Training attestation by document: everybody who must know one version, each with a box, a day and room to sign."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby

from qmdoc import training
from qmdoc.documents import TrainingKind
from qmdoc.model import Meaning
from qmdoc.outputs.forms.form import COMMON, Form, Row, control_tag, draw_up, named
from qmdoc.register import Register, State
from qmdoc.training import Attestation

NAME = "training-attestation"
TITLE = "Training attestation"
PURPOSE = "For each document in force: the people who must know it."
TAGS: Mapping[str, str] = {
    **COMMON,
    "number": "The document's number.",
    "title": "The document's title.",
    "version": "The version in force.",
    "digest": "The SHA-256 digest of the version in force, all 64 characters.",
    "digest_short": "The first 12 characters of the digest.",
    "effective_date": "The first day on which the version was in force.",
    "approved": "The day on which the version had all its signatures.",
    "owner": "The role or the person that answers for the document.",
    "type": "The type of document.",
    "change_summary": "What the version changes, in one line; empty when the document does not say.",
    "statement": "The sentence that the person puts their name to, as the policy writes it.",
    "kind": "What is asked: read-and-understood or competency.",
    "is_competency": "For conditions: true when competency is asked.",
    "within": "The number of days after approval within which it is asked.",
    "due": "The day by which the first of the people must have attested; who joined later has a later one.",
    "people": "Everybody who must attest, for a loop: {%tr for person in people %} … {%tr endfor %}.",
    "people.row": "In the loop: the row's number on this form, from 1.",
    "people.name": "In the loop: the person's printed name.",
    "people.id": "In the loop: the person's id.",
    "people.roles": "In the loop: the person's roles for which the document asks.",
    "people.signed": "In the loop: `signed` and the day of an electronic attestation, or `on record` and the day, else empty.",
    "people.read_tag": "In the loop: the tag of the person's box to tick, for a form that is read back.",
    "people.date_tag": "In the loop: the tag of the person's date, for a form that is read back.",
}


@dataclass(frozen=True, slots=True)
class _Line:
    row: int
    name: str
    id: str
    roles: str
    signed: str
    read_tag: str
    date_tag: str


def forms(register: Register) -> Iterator[Form]:
    """The forms of all documents in force whose training asks somebody."""
    for number, rows in groupby(training.required(register), key=lambda row: row.document):
        state = register.state(number)
        if state and state.effective:
            yield one(state, tuple(rows), register)


def one(state: State, asked: tuple[Attestation, ...], register: Register) -> Form:
    """The form of a document that is in force and asks somebody."""
    version, document, authority = state.effective, state.text, register.authority
    assert version and document
    keys, statement = document.front_matter, authority.policy.sentence(Meaning.TRAINING)
    asking = training.asking(document, authority.policy)
    assert asking
    rows = tuple(Row(each.person, state.id, version.version, version.digest) for each in asked)
    values = {
        "number": state.id,
        "title": version.title,
        "version": version.version,
        "digest": version.digest,
        "digest_short": version.digest[:12],
        "effective_date": version.since,
        "approved": version.day,
        "owner": named(keys.owner, authority),
        "type": version.type,
        "change_summary": keys.change_summary or "",
        "statement": statement,
        "kind": asked[0].kind,
        "is_competency": asked[0].kind is TrainingKind.COMPETENCY,
        "within": asking.within,
        "due": min(each.due for each in asked),
        "people": tuple(_line(place, each, row) for place, (each, row) in enumerate(zip(asked, rows, strict=True), 1)),
    }
    title = f"{TITLE} {state.id} {version.version}"
    return draw_up(NAME, title, (state.id, str(version.version)), values, register, rows=rows, more=(statement,))


def _line(place: int, asked: Attestation, row: Row) -> _Line:
    known = f"on record {asked.by.day}" if asked.is_met and asked.by else ""
    signed = f"signed {asked.sign_off.day}" if asked.sign_off else known
    read_tag, date_tag = control_tag("read", row), control_tag("date", row)
    return _Line(place, asked.name, asked.person, ", ".join(asked.roles), signed, read_tag, date_tag)
