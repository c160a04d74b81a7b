"""Versions that are approved and whose day has not come: read beforehand, followed by nobody yet.

Staff train on such a text before it comes into force. It stands under a watermark, with the day from which it will be in
force and what is to be followed until then; it is never found by the search of what is in force, and has no PDF.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from qmdoc import markup
from qmdoc.documents import Document
from qmdoc.ledger import Approval
from qmdoc.model import Status
from qmdoc.outputs.manual_pages import document, earlier, reaching, wording
from qmdoc.outputs.manual_pages.document import Related
from qmdoc.outputs.manual_pages.source import Page
from qmdoc.outputs.manual_pages.templates import Templates
from qmdoc.register import Register, State
from qmdoc.saying import said

NOT_YET = said("NOT YET IN FORCE")


@dataclass(frozen=True, slots=True)
class Ahead:
    """An approved version before its day, and the one that is followed until then: in force, or ahead as well, or none."""

    approval: Approval
    page: str
    text: Document | None
    before: Approval | None

    @property
    def name(self) -> str:
        """Number and version: what its other pages are called."""
        return self.page.removeprefix(f"{earlier.FOLDER}/")


def of(state: State, blob: Callable[[str], bytes]) -> tuple[Ahead, ...]:
    """The versions ahead of a document, in the order of their days."""
    pages = earlier.pages_of(state)
    followed = (state.effective, *state.ahead)
    return tuple(
        Ahead(approval, pages[approval], earlier.text_of(approval, blob), before)
        for approval, before in zip(state.ahead, followed, strict=False)
    )


def page(ahead: Ahead, state: State, register: Register, templates: Templates, related: Related) -> Page:
    """The page of a version ahead: its text, and on every sheet that it is not yet in force."""
    approval, text = ahead.approval, ahead.text
    told = {"state": state, "approval": approval, "before": ahead.before, "text": text, "related": related}
    told["problem"] = reaching.problem(state, approval, approval.title, register, templates.language)
    return Page(
        name=ahead.page,
        title=said(
            "%(number)s %(title)s: version %(version)s, not yet in force",
            number=state.id,
            title=approval.title,
            version=approval.version,
        ),
        parent=document.name_of(state.id),
        above=templates.render("ahead-above.html", ahead.page, **told),
        below=templates.render("ahead-below.html", ahead.page, **told),
        text=markup.neutralised(text.body) if text else "",
        number=state.id,
        path=approval.path,
        first_line=text.body_line if text else 1,
        attachments=ahead.name,
        filters=document.filters(state, wording.STATUS[Status.APPROVED]),
        watermark=NOT_YET,
    )


def attachments(ahead: Ahead, blob: Callable[[str], bytes]) -> dict[str, bytes]:
    """The files that were approved with a version ahead, in a folder of their own."""
    return earlier.files_of(ahead.approval, ahead.page, blob)
