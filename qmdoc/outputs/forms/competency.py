"""Competency assessment: one person observed at one procedure, with the procedure's own steps as the checklist."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from qmdoc import training
from qmdoc.checks import _lines
from qmdoc.documents import Document, TrainingKind
from qmdoc.outputs.forms.form import COMMON, Form, Row, draw_up
from qmdoc.outputs.manual_pages import wording
from qmdoc.register import Register

NAME = "competency-assessment"
TITLE = "Competency assessment"
PURPOSE = "For each person of whom a document in force asks competency: the document's own steps as a checklist."
TAGS: Mapping[str, str] = {
    **COMMON,
    "number": "The document's number.",
    "title": "The document's title.",
    "version": "The version in force.",
    "digest": "The SHA-256 digest of the version in force, all 64 characters.",
    "digest_short": "The first 12 characters of the digest.",
    "name": "The printed name of the person who is assessed.",
    "id": "The person's id.",
    "roles": "The person's roles for which the document asks.",
    "due": "The day by which it is asked.",
    "has_steps": "For conditions: true when the document has numbered steps.",
    "steps": "The numbered steps of the section Procedure, or of the whole text where there is none, for a loop: {%tr for step in steps %} … {%tr endfor %}.",
    "steps.number": "In the loop: the step's number, as the document has it.",
    "steps.text": "In the loop: the step's words, up to its first blank line.",
}
_SECTION = "procedure"
_LINK = re.compile(r"!?\[([^\[\]]*)\]\([^()]*\)")
_MARKS = re.compile(r"(?<!\\)[*`]+|(?<![\w\\])_+|_+(?!\w)")
_ESCAPED = re.compile(r"\\([!-/:-@\[-`{-~])")


@dataclass(frozen=True, slots=True)
class _Step:
    number: int
    text: str


def forms(register: Register) -> Iterator[Form]:
    """The assessments that the documents in force ask for, by document and then by name."""
    states = {state.id: state for state in register.in_force}
    steps: dict[str, tuple[_Step, ...]] = {}
    for each in training.required(register):
        if each.kind is not TrainingKind.COMPETENCY:
            continue
        version, document = states[each.document].effective, states[each.document].text
        assert version and document
        if each.document not in steps:
            steps[each.document] = _steps(document)
        values = {
            "number": each.document,
            "title": version.title,
            "version": version.version,
            "digest": version.digest,
            "digest_short": version.digest[:12],
            "name": each.name,
            "id": each.person,
            "roles": wording.roles(each.roles),
            "due": each.due,
            "has_steps": bool(steps[each.document]),
            "steps": steps[each.document],
        }
        subject = (each.document, str(version.version), each.person)
        title = f"{TITLE} {each.document} {version.version}, {each.name}"
        row = Row(each.person, each.document, version.version, version.digest, TrainingKind.COMPETENCY)
        words = tuple(f"{step.number} {step.text}" for step in steps[each.document])
        yield draw_up(NAME, title, subject, values, register, rows=(row,), more=words)


def _steps(document: Document) -> tuple[_Step, ...]:
    """The document's steps in its order; what a page would not show as steps is none."""
    lists = [each for each in _lines.read(document.body).steps if each.is_shown]
    own = [each for each in lists if each.place.section == _SECTION]
    entries = sorted((step for each in own or lists for step in each.entries), key=lambda step: step.line)
    return tuple(_Step(step.number, _words(step.text)) for step in entries)


def _words(text: str) -> str:
    """A step's words without Markdown's marks."""
    return _ESCAPED.sub(r"\1", _MARKS.sub("", _LINK.sub(r"\1", text)))
