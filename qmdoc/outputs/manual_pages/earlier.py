"""Versions that staff may not follow any more, and numbers without a version in force: none leads nowhere.

The text of an earlier version stands under a watermark, as long as its document is in force; of a withdrawn document
nothing is shown but where it went.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from qmdoc import documents, markup
from qmdoc.documents import Document
from qmdoc.ledger import Approval
from qmdoc.outputs.manual_pages import document, domains, wording
from qmdoc.outputs.manual_pages.source import Page
from qmdoc.outputs.manual_pages.templates import Templates
from qmdoc.register import Register, State
from qmdoc.saying import said

FOLDER = "versions"
NOT_CURRENT = said("NOT CURRENT")


@dataclass(frozen=True, slots=True)
class Earlier:
    """An approved version that another one replaced, with the days on which it was in force (perhaps none)."""

    approval: Approval
    page: str
    since: date | None
    until: date | None
    text: Document | None


def of(state: State, blob: Callable[[str], bytes]) -> tuple[Earlier, ...]:
    """The earlier versions of a document in force, oldest first."""
    found: list[Earlier] = []
    for approval, page in pages_of(state).items():
        if approval not in state.ahead:
            periods = [each for each in state.history if each.approval is approval]
            since, until = (periods[0].since, periods[-1].until) if periods else (None, None)
            found.append(Earlier(approval, page, since, until, text_of(approval, blob)))
    return tuple(found)


def pages_of(state: State) -> dict[Approval, str]:
    """The page of each approved version but the one in force; one approved twice, with other words, has two."""
    found: dict[Approval, str] = {}
    for approval in state.approvals:
        if approval is not state.effective:
            name = f"{FOLDER}/{approval.id}-{approval.version}"
            found[approval] = f"{name}-{approval.digest[:12]}" if name in found.values() else name
    return found


def text_of(approval: Approval, blob: Callable[[str], bytes]) -> Document | None:
    """The text that was approved; None where this qmdoc can't read it."""
    read = documents.parse(approval.path, blob(approval.content.blob))
    return read if isinstance(read, Document) else None


def page(earlier: Earlier, state: State, templates: Templates) -> Page:
    """The page of an earlier version: its text, and on every sheet that it is not current."""
    approval = earlier.approval
    told = {"state": state, "approval": approval, "earlier": earlier}
    return Page(
        name=earlier.page,
        title=said(
            "%(number)s %(title)s: version %(version)s, not current",
            number=state.id,
            title=approval.title,
            version=approval.version,
        ),
        parent=document.name_of(state.id),
        above=templates.render("earlier-above.html", earlier.page, **told),
        below=templates.render("earlier-below.html", earlier.page, **told),
        text=markup.neutralised(earlier.text.body) if earlier.text else "",
        number=state.id,
        path=approval.path,
        first_line=earlier.text.body_line if earlier.text else 1,
        attachments=earlier.page.removeprefix(f"{FOLDER}/"),
        filters=document.filters(state, wording.EARLIER),
        watermark=NOT_CURRENT,
    )


def attachments(earlier: Earlier, blob: Callable[[str], bytes]) -> dict[str, bytes]:
    """The files that were approved with an earlier version."""
    return files_of(earlier.approval, earlier.page, blob)


def files_of(approval: Approval, page: str, blob: Callable[[str], bytes]) -> dict[str, bytes]:
    """The files that were approved with a version, beside a page that shows it alone."""
    named = [(name, content) for name, content in approval.content.names if name != "."]
    return {document.below(page, approval.id, name): blob(content) for name, content in named}


def numbers(register: Register, templates: Templates) -> Iterator[Page]:
    """A page for each number that has neither a version in force nor been withdrawn, and for each that was replaced."""
    for state in register.states:
        if not state.status.is_in_force and state.withdrawal is None:
            yield _absent(state, register, templates)
    for number, heirs in replaced(register).items():
        above = templates.render("replaced.html", document.name_of(number), number=number, successors=heirs)
        title = said("%(number)s Replaced", number=number)
        yield Page(document.name_of(number), title, parent=domains.name_of(heirs[0]), above=above, number=number)


def replaced(register: Register) -> Mapping[str, list[State]]:
    """Numbers from before the records that documents in force say they replace, with those documents."""
    known = {state.id for state in register.states}
    found: dict[str, list[State]] = {}
    for state in register.in_force:
        for number in state.text.front_matter.supersedes if state.text else ():
            if number not in known:
                found.setdefault(number, []).append(state)
    return dict(sorted(found.items()))


def _absent(state: State, register: Register, templates: Templates) -> Page:
    name = document.name_of(state.id)
    told = {"state": state, "as_of": register.as_of, "successors": document.successors(state, register)}
    told["versions"] = {each.digest: page for each, page in pages_of(state).items()}
    return Page(
        name=name,
        title=said("%(number)s No version in force", number=state.id),
        parent=domains.name_of(state),
        above=templates.render("absent-document.html", name, **told),
        number=state.id,
        filters=document.filters(state, wording.STATUS[state.status]),
    )
