"""The page "I have read this" of a document in force: which version, by when, what changed in it, and three ways to say so."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from qmdoc import training
from qmdoc.documents import ChangeSize, TrainingKind
from qmdoc.ledger import Approval
from qmdoc.model import Meaning
from qmdoc.outputs.manual_pages import document, reaching
from qmdoc.outputs.manual_pages.source import Page
from qmdoc.outputs.manual_pages.templates import Templates
from qmdoc.register import Register, State
from qmdoc.saying import said

FOLDER = "read"
SCRIPT = "read.js"


def name_of(number: str) -> str:
    """The page of a document."""
    return f"{FOLDER}/{number}"


@dataclass(frozen=True, slots=True)
class Changes:
    """What changed since the version before; `asks_again` is false where its readers need not read this one."""

    since: str
    lines: tuple[str, ...]
    asks_again: bool


def page(state: State, register: Register, templates: Templates, beside: Collection[str]) -> Page:
    """The page; `beside` are files that lie in the site, where the paper form may be."""
    assert state.effective and state.text
    name, approval = name_of(state.id), state.effective
    asking = training.asking(state.text, register.authority.policy)
    ahead = training.of(register).curricula.get(state.id) if state.waiting else None
    above = templates.render(
        "read.html",
        name,
        state=state,
        approval=approval,
        text=state.text,
        training=asking,
        deadline=training.deadline(approval.day, approval.since, asking.within) if asking else "",
        changes=_changes(state, register),
        sentence=register.authority.policy.sentence(Meaning.TRAINING),
        ways=reaching.attestation(state, approval, register, TrainingKind.READ_AND_UNDERSTOOD, templates.language),
        form=_form(state, approval, beside),
        ahead=ahead.ahead if ahead else None,
        form_ahead=_form(state, state.waiting, beside) if state.waiting else "",
        your_id=reaching.YOUR_ID,
        your_day=reaching.YOUR_DAY,
    )
    title = said("I have read %(number)s %(title)s", number=state.id, title=state.text.title)
    return Page(name, title, parent=document.name_of(state.id), above=above, number=state.id, scripts=(SCRIPT,))


def _form(state: State, approval: Approval, beside: Collection[str]) -> str:
    """The paper form of a version, where it lies in the site."""
    form = f"forms/{state.id}-{approval.version}-training-attestation.docx"
    return form if form in beside else ""


def _changes(state: State, register: Register) -> Changes | None:
    """What changed since the version before, where both are asked of readers or may be."""
    found = training.of(register)
    curriculum = found.curricula.get(state.id)
    if curriculum is None or curriculum.in_force is None:
        return None
    at = curriculum.editions.index(curriculum.in_force)
    if not at:
        return None
    before = curriculum.editions[at - 1]
    size = found.book.sizes(before, curriculum.in_force)
    return Changes(str(before.version), size.reasons, size.size is ChangeSize.MAJOR)
