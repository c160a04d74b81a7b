"""What a person asks about training at a terminal: the question made sure of, then answered from the register."""

from __future__ import annotations

from difflib import get_close_matches

from qmdoc import audit, training
from qmdoc.audit import Request
from qmdoc.errors import ConfigError
from qmdoc.outputs.training_report import Question
from qmdoc.register import Register


def answer(request: Request, question: Question) -> Register:
    """The register that answers a question. Raises ConfigError where it names somebody or something that never was."""
    found = audit.register_of(request)
    people = training.of(found).people.ids
    if question.person is not None and question.person not in people:
        raise ConfigError(f"nobody was ever listed as `{question.person}`", fix=_near(question.person, people))
    numbers = tuple(state.id for state in found.states)
    if question.document is not None and question.document not in numbers:
        raise ConfigError(f"there is no document `{question.document}`", fix=_near(question.document, numbers))
    return found


def _near(word: str, known: tuple[str, ...]) -> str:
    near = get_close_matches(word, known, n=1)
    return (
        f"did you mean {near[0]}?"
        if near
        else "give an id as people.yaml, records/staff.csv or the front matter write it"
    )
