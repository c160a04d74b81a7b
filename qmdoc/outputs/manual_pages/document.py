"""A document in force, and what is left of one that was withdrawn."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from qmdoc import coverage, documents, markup
from qmdoc.documents import Document
from qmdoc.errors import OutputFailed
from qmdoc.model import Meaning
from qmdoc.outputs.manual_pages import domains, reaching, source, training, wording
from qmdoc.outputs.manual_pages.source import Page
from qmdoc.outputs.manual_pages.templates import Templates
from qmdoc.register import Period, Register, State
from qmdoc.saying import said
from qmdoc.signing.acceptance import SignOff
from qmdoc.signing.statement import Subject

SCRIPT = "document.js"
FORM = "form"


@dataclass(frozen=True, slots=True)
class Revision:
    """A version that was in force, and what it changed."""

    period: Period
    summary: str


@dataclass(frozen=True, slots=True)
class Signature:
    """An accepted sign-off and the version that it names."""

    sign_off: SignOff
    subject: Subject


@dataclass(frozen=True, slots=True)
class Answer:
    """A clause that the document says it answers."""

    standard: str
    clause: str
    title: str
    confidence: str


@dataclass(frozen=True, slots=True)
class Life:
    """What a document's page tells besides its text."""

    revisions: tuple[Revision, ...]
    signatures: tuple[Signature, ...]
    answers: tuple[Answer, ...]
    successors: tuple[State, ...]


@dataclass(frozen=True, slots=True)
class Related:
    """Pages and files that belong to a document's page; each is empty where there is none.

    `paper` is the PDF, `versions` has the page of each version that is not in force, earlier or ahead, by its digest.
    """

    paper: str = ""
    changes: str = ""
    reading: str = ""
    forms: tuple[State, ...] = ()
    versions: Mapping[str, str] = field(default_factory=dict)


def page(
    state: State, register: Register, blob: Callable[[str], bytes], templates: Templates, related: Related
) -> Page:
    """The page of a document in force: its approved text, and the proof that it is approved."""
    assert state.effective
    name = name_of(state.id)
    text = state.text
    if text is None:
        raise OutputFailed(f"the approved text of {state.id} at {state.effective.path} can't be read")
    told = {"state": state, "approval": state.effective, "text": text, "policy": register.authority.policy}
    told |= {
        "related": related,
        "problem": reaching.problem(state, state.effective, text.title, register, templates.language),
        "code": reaching.code(state, state.effective, register),
        "readers": training.readers(state, register),
    }
    life = _life(state, register, blob)
    return Page(
        name=name,
        title=f"{state.id} {text.title}",
        label=f"{state.id} {text.title}",
        parent=domains.name_of(state),
        above=templates.render("document-above.html", name, life=life, **told),
        below=templates.render("document-below.html", name, life=life, **told),
        text=_harmless(text, register),
        number=state.id,
        path=text.path,
        first_line=text.body_line,
        scripts=(SCRIPT,),
        filters=filters(state, source.IN_FORCE),
    )


def _harmless(text: Document, register: Register) -> str:
    """The text as it is shown; what is known to have nothing unsafe in it is not read again."""
    return markup.neutralised(text.body) if register.texts.read(text.body, text.body_line).unsafe else text.body


def withdrawn(state: State, register: Register, templates: Templates) -> Page:
    """A page that says when and why a document left use, and never what it said."""
    name = name_of(state.id)
    life = Life((), tuple(_signatures(state, register)), (), successors(state, register))
    return Page(
        name=name,
        title=said("%(number)s Withdrawn", number=state.id),
        parent=domains.name_of(state),
        above=templates.render("withdrawn.html", name, state=state, life=life, title=state.approvals[-1].title),
        number=state.id,
        filters=filters(state, wording.STATUS[state.status]),
    )


def filters(state: State, status: str) -> dict[str, str]:
    """What a search may be narrowed by."""
    return {"domain": str(domains.title_of(state)), "status": str(status), "number": state.id}


def forms_used(state: State, forms: Mapping[str, State], register: Register) -> tuple[State, ...]:
    """Those of the `forms` that the text leads to, in the order in which it names them."""
    if state.text is None:
        return ()
    read = register.texts.read(state.text.body, state.text.body_line)
    numbers = dict.fromkeys(each.target for each in read.references)
    return tuple(forms[number] for number in numbers if number in forms and number != state.id)


def successors(state: State, register: Register) -> tuple[State, ...]:
    """Documents in force that replace this one."""
    return tuple(_noted(register).successors.get(state.id, ()))


def attachments(state: State, blob: Callable[[str], bytes]) -> dict[str, bytes]:
    """The files that were approved with the text, beside its page."""
    assert state.effective
    named = [(name, content) for name, content in state.effective.content.names if name != "."]
    return {attachment(state.id, name): blob(content) for name, content in named}


def attachment(number: str, name: str) -> str:
    """Where an attachment lies in the manual's source. Raises OutputFailed for a name that leads elsewhere."""
    return below(name_of(number), number, name)


def below(page: str, number: str, name: str) -> str:
    """Where a file lies that belongs to a page alone. Raises OutputFailed for a name that leads elsewhere."""
    if any(part in ("", ".", "..") for part in name.split("/")):
        raise OutputFailed(f"the attachment `{name}` of {number} has a name that leads out of its folder")
    return f"{page}/{name}"


def name_of(number: str) -> str:
    """The page of a document."""
    return f"{source.DOCUMENTS}/{number}"


def _life(state: State, register: Register, blob: Callable[[str], bytes]) -> Life:
    return Life(
        revisions=tuple(Revision(period, _summary(period, state, blob)) for period in reversed(state.history)),
        signatures=tuple(_signatures(state, register)),
        answers=tuple(_answers(state, register)),
        successors=successors(state, register),
    )


def _summary(period: Period, state: State, blob: Callable[[str], bytes]) -> str:
    approval = period.approval
    is_known = approval is state.effective and state.text
    found = state.text if is_known else documents.parse(approval.path, blob(approval.content.blob))
    return (found.front_matter.change_summary or "") if isinstance(found, Document) else ""


def _signatures(state: State, register: Register) -> Iterator[Signature]:
    """Accepted sign-offs of the document, newest first; who has read it is told in the training records."""
    return reversed(_noted(register).signatures.get(state.id, []))


@dataclass(frozen=True, slots=True)
class _Noted:
    """What is asked for each document, worked out for all of them at once: by their numbers."""

    signatures: Mapping[str, list[Signature]]
    successors: Mapping[str, list[State]]


def _noted(register: Register) -> _Noted:
    found = register.kept.get(__name__)
    if not isinstance(found, _Noted):
        signatures: defaultdict[str, list[Signature]] = defaultdict(list)
        for sign_off in register.sign_offs:
            if sign_off.is_accepted and sign_off.meaning is not Meaning.TRAINING:
                for subject in reversed(sign_off.subjects):
                    signatures[subject.id].append(Signature(sign_off, subject))
        successors: defaultdict[str, list[State]] = defaultdict(list)
        for state in register.in_force:
            for number in dict.fromkeys(state.text.front_matter.supersedes if state.text else ()):
                successors[number].append(state)
        found = register.kept[__name__] = _Noted(signatures, successors)
    return found


def _answers(state: State, register: Register) -> Iterator[Answer]:
    catalogues = {catalogue.id: catalogue for catalogue in register.catalogues}
    named = dict.fromkeys((each.catalogue, each.clause) for each in coverage.claims(state.text)) if state.text else {}
    for number, clause_id in named:
        catalogue = catalogues.get(number)
        clause = catalogue.clause(clause_id) if catalogue else None
        title = clause.title if clause else ""
        yield Answer(catalogue.title if catalogue else number, clause_id, title, wording.confidence(clause))
