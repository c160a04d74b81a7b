"""The quality dashboard: one page that says what awaits whom, each line with its page and its owner."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date

from qmdoc import desk as desks
from qmdoc.coverage import ClauseCover
from qmdoc.desk import Desk, Found
from qmdoc.model import Severity
from qmdoc.outputs.manual_pages import earlier, lists, source, standards, wording
from qmdoc.outputs.manual_pages.source import Page
from qmdoc.outputs.manual_pages.templates import Templates
from qmdoc.outputs.spreadsheet import Table
from qmdoc.pending_approval import AwaitedSeat, PendingVersion
from qmdoc.register import Audit, Register, State
from qmdoc.saying import counted, said

NAME = "dashboard"
_COLUMNS = ("What", "Number", "Title", "Owner", "State", "Day", "Counts")
_NO_OWNER = "–"


@dataclass(frozen=True, slots=True)
class Unit:
    """What is counted, for one and for many."""

    one: str
    many: str

    def of(self, number: int) -> str:
        """As it stands after a number."""
        return self.one if number == 1 else self.many


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that awaits somebody: `page` and `part` lead to it, `counts` is what it adds to the section's figures."""

    number: str
    title: str
    owner: str
    said: tuple[str, ...]
    counts: tuple[int, ...]
    day: date | None = None
    page: str = ""
    part: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """Lines of one kind; `units` name what is counted, `columns` head what a line says and its day."""

    id: str
    title: str
    units: tuple[Unit, ...]
    columns: tuple[str, str]
    lines: tuple[Line, ...]

    @property
    def figures(self) -> tuple[tuple[int, str], ...]:
        """The figures on top of the page: sums of what the lines count."""
        sums = [sum(line.counts[at] for line in self.lines) for at in range(len(self.units))]
        return tuple((number, unit.of(number)) for number, unit in zip(sums, self.units, strict=True))


@dataclass(frozen=True, slots=True)
class _Sections:
    """The sections of an audit, for page and spreadsheet: findings are many."""

    audit: Audit
    sections: tuple[Section, ...]


_OVERDUE = Unit(said("document overdue"), said("documents overdue"))
_DUE = Unit(said("document due"), said("documents due"))
_DECIDED = Unit(said("document to be changed or retired"), said("documents to be changed or retired"))
_VERSIONS = Unit(said("version in review"), said("versions in review"))
_SIGNATURES = Unit(said("signature awaited"), said("signatures awaited"))
_AHEAD = Unit(said("version approved and waiting"), said("versions approved and waiting"))
_MISSING = Unit(said("attestation missing"), said("attestations missing"))
_LATE = Unit(said("of these overdue"), said("of these overdue"))
_GAPS = Unit(said("clause without an answer"), said("clauses without an answer"))
_DRAFTS = Unit(said("draft"), said("drafts"))
_SEVERITIES = tuple(Unit(said(str(each)), said(f"{each}s")) for each in Severity)


def page(audit: Audit, templates: Templates) -> Page:
    """The dashboard."""
    told = {"sections": sections(audit), "as_of": audit.as_of, "states": len(audit.register.states)}
    above = templates.render("dashboard.html", NAME, **told)
    return Page(NAME, said("Quality dashboard"), said("Quality dashboard"), above=above)


def table(audit: Audit) -> Table:
    """Its lines, for spreadsheets."""
    return Table("Dashboard", _COLUMNS, tuple(row for each in sections(audit) for row in _rows(each)))


def sections(audit: Audit) -> tuple[Section, ...]:
    """The dashboard's parts, in the order in which a quality manager would act on them."""
    found = audit.register.kept.get(__name__)
    if not isinstance(found, _Sections) or found.audit is not audit:
        found = audit.register.kept[__name__] = _Sections(audit, _sections(audit))
    return found.sections


def _sections(audit: Audit) -> tuple[Section, ...]:
    desk, register = desks.of(audit), audit.register
    days = (desk.horizon - audit.as_of).days
    due = (said("State"), said("Review due"))
    return (
        Section("overdue", said("Periodic review overdue"), (_OVERDUE,), due, _each(desk.overdue, _late, register)),
        Section("due", said("Periodic review due within %(days)s days", days=days), (_DUE,), due, _each(desk.due, _early, register)),
        Section("decided", said("Reviewed, and to be changed or retired"), (_DECIDED,), (said("Decided"), said("On")), _each(desk.decided, _decided, register)),
        Section("in-review", said("In review: waiting for whose signature"), (_VERSIONS, _SIGNATURES), (said("Waiting for"), said("Since")), _in_review(desk, register)),
        Section("waiting", said("Approved, waiting for their day"), (_AHEAD,), (said("Version"), said("In force from")), _ahead(desk, register)),
        Section("unread", said("Not yet attested"), (_MISSING, _LATE), (said("Attested"), said("Earliest due")), _unread(desk, register)),
        Section("gaps", said("Coverage gaps"), (_GAPS,), (said("Standard"), ""), tuple(_gap(each) for each in desk.gaps)),
        Section("drafts", said("Drafts that were never approved"), (_DRAFTS,), (said("Draft"), said("Since")), tuple(_draft(each, register) for each in desk.drafts)),
        Section("findings", said("Findings of the checks"), _SEVERITIES, (said("What the check asks for"), ""), tuple(_finding(each, register) for each in desk.findings)),
    )  # fmt: skip


def _rows(section: Section) -> Iterator[tuple[str | date, ...]]:
    for line in section.lines:
        counts = "; ".join(
            f"{count} {unit.of(count)}" for count, unit in zip(line.counts, section.units, strict=True) if count
        )
        yield section.title, line.number, line.title, line.owner, "; ".join(line.said), line.day or "", counts


def page_of(state: State) -> str:
    """The page of a document that has one; empty where it never was in force."""
    return lists.row(state).page


def _line(state: State, register: Register, words: tuple[str, ...], counts: tuple[int, ...], day: date | None) -> Line:
    owner = wording.owner(state.document.owner if state.document else None, register.authority)
    return Line(state.id, lists.title_of(state), owner, words, counts, day, page_of(state))


def _each(
    states: tuple[State, ...], say: Callable[[State, date], tuple[str, date]], register: Register
) -> tuple[Line, ...]:
    """A line for each document, with what is said of it and on which day."""
    told = [(state, *say(state, register.as_of)) for state in states]
    return tuple(_line(state, register, (words,), (1,), day) for state, words, day in told)


def _late(state: State, as_of: date) -> tuple[str, date]:
    assert state.review
    days = (as_of - state.review.due).days
    return counted("%(count)s day overdue", "%(count)s days overdue", days), state.review.due


def _early(state: State, as_of: date) -> tuple[str, date]:
    assert state.review
    days = (state.review.due - as_of).days
    return counted("due in %(count)s day", "due in %(count)s days", days) if days else said(
        "due today"
    ), state.review.due


def _decided(state: State, as_of: date) -> tuple[str, date]:
    assert state.review and state.review.open_outcome
    decided = state.review.open_outcome
    return wording.OUTCOME_ALONE[decided.outcome], decided.day


def _ahead(desk: Desk, register: Register) -> tuple[Line, ...]:
    """A line for each version ahead, which leads to its text."""
    rows = [(state, each, page) for state in desk.waiting for each, page in earlier.pages_of(state).items()]
    told = [(state, each, page) for state, each, page in rows if each in state.ahead]
    return tuple(
        replace(
            _line(state, register, (said("Version %(version)s", version=each.version),), (1,), each.since), page=page
        )
        for state, each, page in told
    )


def _in_review(desk: Desk, register: Register) -> tuple[Line, ...]:
    return tuple(
        _line(each.state, register, tuple(awaits(each)), (1, sum(seat.count for seat in each.awaited)), each.since)
        for each in desk.in_review
    )


def awaits(pending: PendingVersion) -> Iterator[str]:
    """What a version waits for, in words."""
    yield from (said("First to be put right: %(obstacle)s", obstacle=obstacle) for obstacle in pending.obstacles)
    yield from (waits_for(seat) for seat in pending.awaited)


def waits_for(seat: AwaitedSeat) -> str:
    """Whose signature is awaited, and since when."""
    asked = seat.empty.seat
    number = said(" (%(count)s signatures)", count=seat.count) if seat.count > 1 else ""
    who = f"{', '.join(seat.people)}, " if seat.people else ""
    nobody = "" if seat.people else said("; nobody who could sign today holds this seat's role")
    because = (
        said("; one signature does not count: %(because)s", because=seat.empty.because) if seat.empty.because else ""
    )
    return said(
        "%(role)s (%(who)s%(meaning)s)%(number)s since %(since)s%(because)s%(nobody)s",
        role=wording.plain(asked.role), who=who, meaning=wording.MEANING_WITHIN[asked.meaning], number=number,
        since=seat.since, because=because, nobody=nobody,
    )  # fmt: skip


def _unread(desk: Desk, register: Register) -> tuple[Line, ...]:
    return tuple(
        _line(each.state, register, (wording.attested(each),), (len(each.missing), len(each.overdue)), min(duty.due for duty in each.missing))
        for each in desk.unread
    )  # fmt: skip


def _gap(row: ClauseCover) -> Line:
    drafts = tuple(dict.fromkeys(row.drafts))
    words = (
        row.catalogue,
        *((said("only by a draft, not in force: %(drafts)s", drafts=", ".join(drafts)),) if drafts else ()),
    )
    part = source.part(source.anchor(row.clause.id))
    return Line(
        row.clause.id, row.clause.title, _NO_OWNER, words, (1,), page=standards.name_of(row.catalogue), part=part
    )


def _draft(pending: PendingVersion, register: Register) -> Line:
    version = said("Version %(version)s", version=pending.version) if pending.version else said("can't be read")
    return _line(pending.state, register, (version,), (1,), pending.proposal.since)


def _finding(found: Found, register: Register) -> Line:
    counts = tuple(found.count if found.severity is severity else 0 for severity in Severity)
    times = said(" (%(count)s times)", count=found.count) if found.count > 1 else ""
    severity, promise = wording.plain(found.severity), wording.promise(found.check)
    words = (
        said("%(severity)s: %(promise)s%(times)s [%(check)s]", severity=severity, promise=promise, times=times, check=found.check),
    )  # fmt: skip
    state = register.state(found.document) if found.document else None
    if state is None:
        return Line(found.document or _NO_OWNER, said("The programme"), _NO_OWNER, words, counts)
    return _line(state, register, words, counts, None)
