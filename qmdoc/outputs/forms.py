"""The training attestation as a Word form: the template that people edit in Word, filled for one document in force.

A template's tags may only name what `TAGS` lists; anything else is refused before the form is filled. The controls of a form
carry tags by which it can be read back. Same audit and template, same bytes.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import groupby

from qmdoc import training
from qmdoc.documents import TrainingKind
from qmdoc.errors import OutputFailed
from qmdoc.model import Meaning, Version
from qmdoc.outputs import _word
from qmdoc.register import Audit, State
from qmdoc.training import Attestation

NAME = "training-attestation"
SUFFIX = ".docx"
TEMPLATE = f"templates/{NAME}{SUFFIX}"
TAGS: Mapping[str, str] = {
    "programme": "The programme's name, as the policy writes it.",
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
    "due": "The last of these days.",
    "as_of": "The day that the form tells about.",
    "commit": "The commit on the mainline that the form was made from.",
    "people": "Everybody who must attest, for a loop: {%tr for person in people %} … {%tr endfor %}.",
    "people.name": "In the loop: the person's printed name.",
    "people.id": "In the loop: the person's id.",
    "people.roles": "In the loop: the person's roles for which the document asks.",
    "people.signed": "In the loop: `signed` and the day of an electronic attestation, else empty.",
    "people.read_tag": "In the loop: the tag of the person's box to tick, for a form that is read back.",
    "people.date_tag": "In the loop: the tag of the person's date, for a form that is read back.",
}
_TAG_LENGTH = 64
"""Word opens no file with a longer tag."""


@dataclass(frozen=True, slots=True)
class _Row:
    name: str
    id: str
    roles: str
    signed: str
    read_tag: str
    date_tag: str


def render(audit: Audit, state: State, template: bytes) -> bytes:
    """The form of one document in force whose training asks somebody. Raises OutputFailed."""
    asked = training.must_attest(state, audit.register)
    if not asked:
        raise OutputFailed(
            f"{state.id} asks nobody to attest it on {audit.as_of}",
            fix="choose a document in force whose `training` names a role that somebody holds",
        )
    return _fill(_read(template), audit, state, asked)


def forms(audit: Audit, template: bytes) -> dict[str, bytes]:
    """The forms of all documents in force whose training asks somebody, by file name. Raises OutputFailed."""
    blank = _read(template)
    made: dict[str, bytes] = {}
    for number, rows in groupby(training.required(audit.register), key=lambda row: row.document):
        state = audit.register.state(number)
        if state and state.effective:
            made[f"{number}-{state.effective.version}-{NAME}{SUFFIX}"] = _fill(blank, audit, state, tuple(rows))
    return made


def names(template: bytes) -> frozenset[str]:
    """The tags that a template uses, as `TAGS` names them. Raises OutputFailed."""
    return frozenset(use.known_as for use in _word.read(TEMPLATE, template).uses if use.known_as in TAGS)


def unknown_tags(template: bytes) -> tuple[str, ...]:
    """What is wrong with a template's tags, one sentence each. Raises OutputFailed for a broken file or syntax."""
    return _word.faults(_word.read(TEMPLATE, template), TAGS)


def control_tag(kind: str, attestation: Attestation, version: Version) -> str:
    """The tag of a person's content control; `kind` is `read` or `date`. A person's id that has no room is hashed."""
    front = f"{kind}:{attestation.document}:{version}:{attestation.digest[:12]}:"
    person = attestation.person
    if not re.fullmatch(r"[A-Za-z0-9._@-]+", person) or len(front + person) > _TAG_LENGTH:
        person = "~" + hashlib.sha256(person.encode("utf-8", "surrogatepass")).hexdigest()[:16]
    return front + person


def _read(template: bytes) -> _word.Blank:
    blank = _word.read(TEMPLATE, template)
    for fault in _word.faults(blank, TAGS):
        message, _, fix = fault.partition("; ")
        raise OutputFailed(f"{TEMPLATE}: {message}", fix=fix)
    return blank


def _fill(blank: _word.Blank, audit: Audit, state: State, asked: tuple[Attestation, ...]) -> bytes:
    values = _values(audit, state, asked)
    return _word.fill(
        blank, values, title=f"Training attestation {values['number']} {values['version']}", as_of=audit.as_of
    )


def _values(audit: Audit, state: State, asked: tuple[Attestation, ...]) -> dict[str, object]:
    """A value for each tag; `state` is in force and asks somebody."""
    version, document, authority = state.effective, state.text, audit.register.authority
    assert version and document
    keys, policy = document.front_matter, authority.policy
    assert keys.training
    owner = authority.people.get(keys.owner or "")
    return {
        "programme": policy.programme,
        "number": state.id,
        "title": version.title,
        "version": version.version,
        "digest": version.digest,
        "digest_short": version.digest[:12],
        "effective_date": version.since,
        "approved": version.day,
        "owner": owner.name if owner else keys.owner or "",
        "type": version.type,
        "change_summary": keys.change_summary or "",
        "statement": policy.sentence(Meaning.TRAINING),
        "kind": asked[0].kind,
        "is_competency": asked[0].kind is TrainingKind.COMPETENCY,
        "within": keys.training.within,
        "due": asked[0].due,
        "as_of": audit.as_of,
        "commit": audit.register.ledger.tip,
        "people": tuple(_row(each, version.version) for each in asked),
    }


def _row(asked: Attestation, version: Version) -> _Row:
    signed = f"signed {asked.sign_off.day}" if asked.sign_off else ""
    return _Row(
        asked.name,
        asked.person,
        ", ".join(asked.roles),
        signed,
        control_tag("read", asked, version),
        control_tag("date", asked, version),
    )
