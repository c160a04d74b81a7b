"""The pages that list documents: home, and the master list."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from qmdoc.model import Status
from qmdoc.outputs.manual_pages import document, domains, source
from qmdoc.outputs.manual_pages.ahead import Ahead
from qmdoc.outputs.manual_pages.domains import Domain
from qmdoc.outputs.manual_pages.source import Page
from qmdoc.outputs.manual_pages.templates import Templates
from qmdoc.register import Audit, Register, State
from qmdoc.saying import said

NEWS_DAYS = 30


@dataclass(frozen=True, slots=True)
class News:
    """A document that came into force or left use in the last days."""

    state: State
    day: date
    title: str
    summary: str

    @property
    def page(self) -> str:
        """Where it leads."""
        return document.name_of(self.state.id)


@dataclass(frozen=True, slots=True)
class Coming:
    """A version that is approved and whose day is ahead."""

    state: State
    ahead: Ahead

    @property
    def summary(self) -> str:
        """What it changes, in its own words."""
        return (self.ahead.text.front_matter.change_summary or "") if self.ahead.text else ""


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the master list; `page` is empty where no version of the document is approved."""

    state: State
    title: str
    domain: str
    type: str
    version: str
    owner: str | None
    page: str


def home(audit: Audit, fields: Sequence[Domain], coming: Iterable[Coming], templates: Templates) -> Page:
    """The first page."""
    register = audit.register
    told = {"policy": register.authority.policy, "as_of": audit.as_of}
    told["coming"] = sorted(coming, key=lambda each: (each.ahead.approval.since, each.state.id))
    news = sorted(_news(register), key=lambda each: (-each.day.toordinal(), each.state.id))
    above = templates.render("home.html", source.HOME, domains=fields, news=news, days=NEWS_DAYS, **told)
    scripts = ("known-numbers.js", "find.js")
    return Page(source.HOME, register.authority.policy.programme, said("Home"), "", above, scripts=scripts)


def master_list(register: Register, templates: Templates) -> Page:
    """Every document that the repository knows, whatever its status."""
    rows = tuple(row(state) for state in register.states)
    told = {"rows": rows, "as_of": register.as_of, "nameless": register.nameless}
    above = templates.render("master-list.html", "master-list", **told)
    return Page("master-list", said("Master list"), said("Master list"), above=above, scripts=("desk.js",))


def row(state: State) -> Row:
    """A document's line: from the approved text where there is one; what main proposes only where there is none."""
    known = state.approvals[-1] if state.approvals else None
    text = state.text or (state.document if known is None else None)
    return Row(
        state=state,
        title=title_of(state),
        domain=domains.title_of(state),
        type=text.type if text else (known.type if known else ""),
        version=str(text.version if text else known.version if known else ""),
        owner=text.owner if text else None,
        page=document.name_of(state.id) if state.status is not Status.DRAFT else "",
    )


def title_of(state: State) -> str:
    """The title that was approved; main's own only while nothing was ever approved."""
    if state.text:
        return state.text.title
    return state.approvals[-1].title if state.approvals else state.title


def _news(register: Register) -> Iterable[News]:
    first = register.as_of - timedelta(days=NEWS_DAYS)
    for state in register.states:
        if state.effective and state.text and state.effective.since >= first:
            yield News(state, state.effective.since, state.text.title, state.text.front_matter.change_summary or "")
        elif state.withdrawal and state.withdrawal.day >= first:
            yield News(
                state,
                state.withdrawal.day,
                title_of(state),
                said("Withdrawn from use: %(reason)s", reason=state.withdrawal.reason),
            )
