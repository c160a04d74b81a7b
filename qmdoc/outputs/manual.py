"""The manual for staff: the source of a Sphinx project, made of approved text alone (DESIGN.md §7).

`pages` shows what an audit found to be in force. `draft_pages` shows the work tree to those who write it, and says on
every page that nothing of it is approved.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import date

from qmdoc import controlled, markup
from qmdoc.documents import Document, Unreadable
from qmdoc.model import Status
from qmdoc.outputs.languages import ENGLISH, Language
from qmdoc.outputs.manual_pages import (
    ahead,
    changes,
    desk,
    document,
    domains,
    downloads,
    earlier,
    guides,
    known,
    lists,
    reading,
    reviews,
    sign_offs,
    source,
    standards,
    training,
    wording,
)
from qmdoc.outputs.manual_pages.document import Related
from qmdoc.outputs.manual_pages.earlier import Earlier
from qmdoc.outputs.manual_pages.lists import Coming
from qmdoc.outputs.manual_pages.source import Page, Source
from qmdoc.outputs.manual_pages.templates import Templates
from qmdoc.register import Audit, Register, State
from qmdoc.saying import said

NAME = "manual"
DRAFT_TITLE = said("Draft manual")


def pages(
    audit: Audit,
    *,
    blob: Callable[[str], bytes],
    templates: Mapping[str, str],
    beside: Collection[str] = (),
    language: Language = ENGLISH,
) -> dict[str, bytes]:
    """Every file of the manual's source, by path. Raises OutputFailed where a template can't be used.

    `beside` names files that will lie in the site beside its pages (`pdf/QM-001-2.1.pdf`): pages lead to them.
    """
    register = audit.register
    used = Templates(templates, {"owner": lambda word: wording.owner(word, register.authority)}, language)
    fields = domains.of(register.states)
    forms = {each.id: each for each in register.in_force if each.text and each.text.type == document.FORM}
    olden = {state.id: earlier.of(state, blob) for state in register.in_force}
    coming = [Coming(state, each) for state in register.states if state.ahead for each in ahead.of(state, blob)]
    documents = tuple(
        document.page(state, register, blob, used, _related(state, olden[state.id], forms, register, beside))
        for state in register.in_force
    )
    retired = (state for state in register.states if state.status is Status.WITHDRAWN)
    made = Source(
        programme=register.authority.policy.programme,
        as_of=str(audit.as_of),
        commit=register.ledger.tip,
        is_draft=False,
        pages=used.spoken(
            (
                lists.home(audit, fields, coming, used),
                *domains.pages(fields, used),
                lists.master_list(register, used),
                *standards.pages(register, used),
                desk.page(audit, used),
                sign_offs.page(register, used),
                reviews.page(register, used),
                training.page(audit, used),
                *documents,
                *(document.withdrawn(state, register, used) for state in retired),
                *earlier.numbers(register, used),
                *(reading.page(state, register, used, beside) for state in register.in_force),
                *_earlier(olden, register, blob, used),
                *_ahead(coming, register, blob, used, beside),
                guides.current(register, used),
                guides.about(audit, used),
                guides.absent(used),
            )
        ),
        numbers={page.number: page.name for page in documents},
        matrices={each: standards.name_of(each) for each in standards.bound(register)},
        manual_url=register.authority.policy.manual_url or "",
        language=language.code,
        words=language.words,
    )
    attached = [document.attachments(state, blob) for state in register.in_force]
    attached += [earlier.attachments(each, blob) for each in sum(olden.values(), ())]
    attached += [ahead.attachments(each.ahead, blob) for each in coming]
    data = {
        **known.numbers(register),
        **known.versions(register, olden),
        **known.words(register),
    }
    return {**_joined(attached), **made.files(), **used.theme(), **data, **downloads.files(audit)}


def draft_pages(
    documents: Sequence[Document | Unreadable],
    *,
    attachments: Mapping[str, bytes],
    as_of: date,
    templates: Mapping[str, str],
    language: Language = ENGLISH,
) -> dict[str, bytes]:
    """The source of a preview of the work tree; `attachments` are files by their path in the repository."""
    used = Templates(templates, {"owner": lambda word: wording.plain(word) if word else said("not named")}, language)
    drafts = _named(
        sorted((each for each in documents if isinstance(each, Document)), key=lambda each: (each.id, each.path))
    )
    unreadable = sorted((each for each in documents if isinstance(each, Unreadable)), key=lambda each: each.path)
    told = {"drafts": drafts, "unreadable": unreadable, "as_of": as_of}
    made = Source(
        programme=language.text(DRAFT_TITLE),
        as_of=str(as_of),
        commit="",
        is_draft=True,
        pages=used.spoken(
            (
                Page(source.HOME, DRAFT_TITLE, said("Home"), "", used.render("draft-home.html", source.HOME, **told)),
                Page(
                    "master-list",
                    said("Documents in the work tree"),
                    said("Documents"),
                    above=used.render("draft-list.html", "master-list", **told),
                ),
                *(_draft(name, draft, used) for name, draft in drafts.items()),
            )
        ),
        language=language.code,
        words=language.words,
        numbers={draft.id: name for name, draft in reversed(drafts.items())},
    )
    attached = [
        {document.attachment(number, path.partition(f"/{number}/")[2]): content}
        for path, content in sorted(attachments.items())
        if (number := controlled.owner_of(path)) and f"/{number}/" in path
    ]
    return {**_joined(attached), **made.files(), **used.theme()}


def _related(
    state: State, olden: tuple[Earlier, ...], forms: Mapping[str, State], register: Register, beside: Collection[str]
) -> Related:
    """What a document's page leads to besides what its text names."""
    assert state.effective
    paper = f"pdf/{state.id}-{state.effective.version}.pdf"
    return Related(
        paper=paper if paper in beside else "",
        changes=changes.name_of(state.id) if olden else "",
        reading=reading.name_of(state.id),
        forms=document.forms_used(state, forms, register),
        versions={approval.digest: page for approval, page in earlier.pages_of(state).items()},
    )


def _earlier(
    olden: Mapping[str, tuple[Earlier, ...]], register: Register, blob: Callable[[str], bytes], templates: Templates
) -> Iterator[Page]:
    """The pages of earlier versions, and for each document that has some the page of what changed."""
    for state in register.in_force:
        if found := olden[state.id]:
            yield changes.page(state, found, blob, templates)
            yield from (earlier.page(each, state, templates) for each in found)


def _ahead(
    coming: Sequence[Coming],
    register: Register,
    blob: Callable[[str], bytes],
    templates: Templates,
    beside: Collection[str],
) -> Iterator[Page]:
    """The pages of versions ahead: the text, what it will change, and where readers say that they have read it."""
    for state, each in ((row.state, row.ahead) for row in coming):
        related = Related(
            changes=changes.name_of(each.name) if each.before else "",
            reading=reading.name_of(each.name) if each.text else "",
        )
        yield ahead.page(each, state, register, templates, related)
        if related.changes:
            yield changes.ahead_page(each, state, blob, templates)
        if related.reading:
            yield reading.ahead_page(each, state, register, templates, beside)


def _draft(name: str, draft: Document, templates: Templates) -> Page:
    return Page(
        name=name,
        title=f"{draft.id} {draft.title}",
        label=f"{draft.id} {draft.title}",
        parent="master-list",
        above=templates.render("draft-document.html", name, text=draft),
        text=markup.neutralised(draft.body),
        number=draft.id,
        path=draft.path,
        first_line=draft.body_line,
    )


def _named(drafts: Sequence[Document]) -> dict[str, Document]:
    """Each draft under the name of its page; a number that two files claim has two pages."""
    named: dict[str, Document] = {}
    for draft in drafts:
        first = document.name_of(draft.id)
        copies = sum(name == first or name.startswith(f"{first}-") for name in named)
        named[f"{first}-{copies + 1}" if copies else first] = draft
    return named


def _joined(parts: Sequence[Mapping[str, bytes]]) -> dict[str, bytes]:
    return {path: content for part in parts for path, content in part.items()}
