"""The page "What changed" of a document: version by version, newest first: numbers, the texts, why, and who approved."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

from markupsafe import Markup

from qmdoc import redline
from qmdoc.documents import Document
from qmdoc.ledger import Approval
from qmdoc.outputs import redlines
from qmdoc.outputs.languages import Language
from qmdoc.outputs.manual_pages import document, earlier
from qmdoc.outputs.manual_pages.ahead import NOT_YET, Ahead
from qmdoc.outputs.manual_pages.earlier import Earlier
from qmdoc.outputs.manual_pages.source import Page
from qmdoc.outputs.manual_pages.templates import Templates
from qmdoc.redline import Edition
from qmdoc.register import State
from qmdoc.saying import said

FOLDER = "changes"
STYLE = "redline.css"


@dataclass(frozen=True, slots=True)
class Step:
    """From one approved version to the next; `redline` is empty where this qmdoc can't read one of the texts."""

    before: Approval
    after: Approval
    text: Document | None
    redline: Markup


def name_of(number: str) -> str:
    """The page of a document, or of one of its versions ahead by number and version."""
    return f"{FOLDER}/{number}"


def page(state: State, olden: tuple[Earlier, ...], blob: Callable[[str], bytes], templates: Templates) -> Page:
    """The page of a document in force that has earlier versions; what is ahead has a page of its own."""
    assert state.effective and state.text
    rows = [(each.approval, each.text) for each in olden] + [(state.effective, earlier.text_of(state.effective, blob))]
    rows.sort(key=lambda row: (row[0].landing, row[0].version))
    steps = [
        Step(was, now, text, _redline((was, old), (now, text), blob, templates.language))
        for (was, old), (now, text) in pairwise(rows)
    ]
    name = name_of(state.id)
    versions = {each.digest: page for each, page in earlier.pages_of(state).items()}
    above = templates.render("changes.html", name, state=state, steps=tuple(reversed(steps)), versions=versions)
    title = said("What changed in %(number)s %(title)s", number=state.id, title=state.text.title)
    parent = document.name_of(state.id)
    return Page(name, title, parent=parent, above=above, number=state.id, styles=(STYLE,))


def ahead_page(ahead: Ahead, state: State, blob: Callable[[str], bytes], templates: Templates) -> Page:
    """What a version ahead will change in the one that is followed until then: apart from what did change, and marked."""
    assert ahead.before
    was, now = ahead.before, ahead.approval
    shown = _redline((was, earlier.text_of(was, blob)), (now, ahead.text), blob, templates.language)
    name = name_of(ahead.name)
    told = {"state": state, "step": Step(was, now, ahead.text, shown), "place": ahead.page}
    title = said(
        "What version %(version)s of %(number)s %(title)s will change",
        version=now.version,
        number=state.id,
        title=now.title,
    )
    above = templates.render("ahead-changes.html", name, **told)
    parent = document.name_of(state.id)
    return Page(name, title, parent=parent, above=above, number=state.id, styles=(STYLE,), watermark=NOT_YET)


def _redline(
    old: tuple[Approval, Document | None],
    new: tuple[Approval, Document | None],
    blob: Callable[[str], bytes],
    language: Language,
) -> Markup:
    if old[1] is None or new[1] is None:
        return Markup("")
    editions = [Edition(text, _digests(approval, blob)) for approval, text in (old, new) if text]
    return Markup(redlines.html(redline.between(*editions), language=language))  # it escapes all that it is given


def _digests(approval: Approval, blob: Callable[[str], bytes]) -> dict[str, str]:
    """The attachments that were approved with a text, each with its SHA-256 digest."""
    named = approval.content.names
    return {name: hashlib.sha256(blob(content)).hexdigest() for name, content in named if name != "."}
