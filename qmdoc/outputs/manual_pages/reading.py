"""The page "I have read this" of a version in force or ahead: by when, what changed in it, and three ways to say so."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from qmdoc import training
from qmdoc.documents import ChangeSize, Document, TrainingKind
from qmdoc.ledger import Approval
from qmdoc.model import Meaning
from qmdoc.outputs.manual_pages import document, earlier, reaching
from qmdoc.outputs.manual_pages.ahead import Ahead
from qmdoc.outputs.manual_pages.source import Page
from qmdoc.outputs.manual_pages.templates import Templates
from qmdoc.register import Register, State
from qmdoc.saying import said

FOLDER = "read"
SCRIPT = "read.js"


def name_of(number: str) -> str:
    """The page of a document, or of one of its versions ahead by number and version."""
    return f"{FOLDER}/{number}"


@dataclass(frozen=True, slots=True)
class _Version:
    """A version that readers say they have read: its text, the page of that, and the page on which they say so."""

    approval: Approval
    text: Document
    page: str
    name: str
    is_ahead: bool = False


@dataclass(frozen=True, slots=True)
class Changes:
    """What changed since the version before; `asks_again` is false where its readers need not read this one."""

    since: str
    lines: tuple[str, ...]
    asks_again: bool


def page(state: State, register: Register, templates: Templates, beside: Collection[str]) -> Page:
    """The page of the version in force; `beside` are files that lie in the site, where the paper form may be."""
    assert state.effective and state.text
    version = _Version(state.effective, state.text, document.name_of(state.id), name_of(state.id))
    return _page(version, state, register, templates, beside)


def ahead_page(ahead: Ahead, state: State, register: Register, templates: Templates, beside: Collection[str]) -> Page:
    """The page of a version whose day has not come: it is to be read before that."""
    assert ahead.text
    version = _Version(ahead.approval, ahead.text, ahead.page, name_of(ahead.name), is_ahead=True)
    return _page(version, state, register, templates, beside)


def _page(version: _Version, state: State, register: Register, templates: Templates, beside: Collection[str]) -> Page:
    approval, text = version.approval, version.text
    asking = training.asking(text, register.authority.policy)
    pages = earlier.pages_of(state)
    above = templates.render(
        "read.html",
        version.name,
        state=state,
        approval=approval,
        text=text,
        place=version.page,
        is_ahead=version.is_ahead,
        training=asking,
        deadline=training.deadline(approval.day, approval.since, asking.within) if asking else "",
        changes=_changes(approval, state, register),
        sentence=register.authority.policy.sentence(Meaning.TRAINING),
        ways=reaching.attestation(state, approval, register, TrainingKind.READ_AND_UNDERSTOOD, templates.language),
        form=_form(state, approval, beside),
        ahead=() if version.is_ahead else tuple((each, pages[each]) for each in state.ahead),
        your_id=reaching.YOUR_ID,
        your_day=reaching.YOUR_DAY,
    )
    told = {"number": state.id, "title": text.title, "version": approval.version}
    title = said("I have read %(number)s %(title)s", **told)
    if version.is_ahead:
        title = said("I have read %(number)s %(title)s, version %(version)s, not yet in force", **told)
    parent = document.name_of(state.id)
    return Page(version.name, title, parent=parent, above=above, number=state.id, scripts=(SCRIPT,))


def _form(state: State, approval: Approval, beside: Collection[str]) -> str:
    """The paper form of a version, where it lies in the site."""
    form = f"forms/{state.id}-{approval.version}-training-attestation.docx"
    return form if form in beside else ""


def _changes(approval: Approval, state: State, register: Register) -> Changes | None:
    """What changed since the version before, where both are asked of readers or may be."""
    found = training.of(register)
    curriculum = found.curricula.get(state.id)
    if curriculum is None or approval not in state.standing:
        return None
    edition = next(each for each in curriculum.editions if each.digest == approval.digest)
    if edition not in curriculum.editions[1:]:
        return None
    before = curriculum.editions[curriculum.editions.index(edition) - 1]
    size = found.book.sizes(before, edition)
    return Changes(str(before.version), size.reasons, size.size is ChangeSize.MAJOR)
