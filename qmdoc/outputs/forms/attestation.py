"""Training attestation by document: everybody who must know one version, each with a box, a day and room to sign.

A version that is approved and waits for its day has its form too: that is when people should read it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby

from qmdoc import training
from qmdoc.documents import TrainingKind
from qmdoc.model import Meaning
from qmdoc.outputs.forms.form import COMMON, Form, Row, control_tag, draw_up
from qmdoc.outputs.manual_pages import wording
from qmdoc.register import Register, State
from qmdoc.training import Attestation

NAME = "training-attestation"
TITLE = "Training attestation"
PURPOSE = "For each version in force, or approved and waiting for its day: the people who must know it."
TAGS: Mapping[str, str] = {
    **COMMON,
    "number": "The document's number.",
    "title": "The document's title.",
    "version": "The version.",
    "digest": "The SHA-256 digest of the version, all 64 characters.",
    "digest_short": "The first 12 characters of the digest.",
    "effective_date": "The first day on which the version is in force; it may lie ahead.",
    "approved": "The day on which the version had all its signatures.",
    "owner": "The role or the person that answers for the document.",
    "type": "The type of document.",
    "change_summary": "What the version changes, in one line; empty when the document does not say.",
    "statement": "The sentence that the person puts their name to, as the policy writes it.",
    "kind": "What is asked, in words: to read and understand it, or to be shown competent.",
    "is_competency": "For conditions: true when competency is asked.",
    "within": "The number of days after approval within which it is asked, where it is not approved ahead of its day.",
    "deadline": "By when it is asked of whoever was there at its approval, in words.",
    "due": "The earliest day on the form: who missed an earlier version is late since then, who joined later has a later one.",
    "has_changes": "For conditions: true when somebody on the form knows an earlier version, and is asked again.",
    "changes": "What changed since the versions that people know, each once, for a loop: {%tr for change in changes %} … {%tr endfor %}.",
    "changes.letter": "In the loop: the letter that stands with the people whom it concerns.",
    "changes.text": "In the loop: since which version, and what changed.",
    "people": "Everybody who must attest, for a loop: {%tr for person in people %} … {%tr endfor %}.",
    "people.row": "In the loop: the row's number on this form, from 1.",
    "people.name": "In the loop: the person's printed name.",
    "people.id": "In the loop: the person's id.",
    "people.roles": "In the loop: the person's roles for which the document asks.",
    "people.changes": "In the loop: the letter under which `changes` has what changed for this person; empty where they know this version or none.",
    "people.signed": "In the loop: `signed` and the day of an electronic attestation, or `on record` and the day, else empty.",
    "people.read_tag": "In the loop: the tag of the person's box to tick, for a form that is read back.",
    "people.date_tag": "In the loop: the tag of the person's date, for a form that is read back.",
}


@dataclass(frozen=True, slots=True)
class _Change:
    letter: str
    text: str


@dataclass(frozen=True, slots=True)
class _Line:
    row: int
    name: str
    id: str
    roles: str
    changes: str
    signed: str
    read_tag: str
    date_tag: str


def forms(register: Register) -> Iterator[Form]:
    """The forms of all versions in force or approved ahead whose training asks somebody, by document."""
    asked = sorted((*training.required(register), *training.ahead(register)), key=lambda row: row.document)
    for (number, _), rows in groupby(asked, key=lambda row: (row.document, row.digest)):
        if state := register.state(number):
            yield one(state, tuple(rows), register)


def one(state: State, asked: tuple[Attestation, ...], register: Register) -> Form:
    """The form of a version that is in force, or will be, and asks these people."""
    version = next(each for each in state.standing if each.digest == asked[0].digest)
    document, authority = training.text_of(state, version, register), register.authority
    assert document
    keys, statement = document.front_matter, authority.policy.sentence(Meaning.TRAINING)
    asking = training.asking(document, authority.policy)
    assert asking
    rows = tuple(Row(each.person, state.id, version.version, version.digest) for each in asked)
    letters = _letters(asked)
    values = {
        "number": state.id,
        "title": version.title,
        "version": version.version,
        "digest": version.digest,
        "digest_short": version.digest[:12],
        "effective_date": version.since,
        "approved": version.day,
        "owner": wording.owner(keys.owner, authority),
        "type": wording.plain(version.type),
        "change_summary": keys.change_summary or "",
        "statement": statement,
        "kind": wording.ASKED[asked[0].kind],
        "is_competency": asked[0].kind is TrainingKind.COMPETENCY,
        "within": asking.within,
        "deadline": training.deadline(version.day, version.since, asking.within),
        "due": min(each.due for each in asked),
        "has_changes": bool(letters),
        "changes": tuple(_Change(letter, f"{text[0].upper()}{text[1:]}") for text, letter in letters.items()),
        "people": tuple(
            _line(place, each, row, letters) for place, (each, row) in enumerate(zip(asked, rows, strict=True), 1)
        ),
    }
    title = f"{TITLE} {state.id} {version.version}"
    return draw_up(NAME, title, (state.id, str(version.version)), values, register, rows=rows, more=(statement,))


def _line(place: int, asked: Attestation, row: Row, letters: Mapping[str, str]) -> _Line:
    known = f"on record {asked.by.day}" if asked.is_met and asked.by else ""
    signed = f"signed {asked.sign_off.signed_on}" if asked.sign_off else known
    read_tag, date_tag = control_tag("read", row), control_tag("date", row)
    return _Line(
        place,
        asked.name,
        asked.person,
        wording.roles(asked.roles),
        letters.get(asked.changed, ""),
        signed,
        read_tag,
        date_tag,
    )


def _letters(asked: tuple[Attestation, ...]) -> dict[str, str]:
    """A letter for each text that tells somebody what changed: A to Z, then AA; most people share one."""
    texts = dict.fromkeys(each.changed for each in asked if each.changed)
    return {text: chr(65 + at % 26) * (at // 26 + 1) for at, text in enumerate(texts)}
