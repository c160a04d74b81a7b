"""The page "I have read this" of a document in force: which version, by when, and three ways to say so."""

from __future__ import annotations

from collections.abc import Collection

from qmdoc.documents import TrainingKind
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


def page(state: State, register: Register, templates: Templates, beside: Collection[str]) -> Page:
    """The page; `beside` are files that lie in the site, where the paper form may be."""
    assert state.effective and state.text
    name, approval = name_of(state.id), state.effective
    training = state.text.front_matter.training
    kind = training.kind if training else TrainingKind.READ_AND_UNDERSTOOD
    form = f"forms/{state.id}-{approval.version}-training-attestation.docx"
    above = templates.render(
        "read.html",
        name,
        state=state,
        approval=approval,
        text=state.text,
        training=training,
        sentence=register.authority.policy.sentence(Meaning.TRAINING),
        ways=reaching.attestation(state, approval, register, kind, templates.language),
        form=form if form in beside else "",
        your_id=reaching.YOUR_ID,
        your_day=reaching.YOUR_DAY,
    )
    title = said("I have read %(number)s %(title)s", number=state.id, title=state.text.title)
    return Page(name, title, parent=document.name_of(state.id), above=above, number=state.id, scripts=(SCRIPT,))
