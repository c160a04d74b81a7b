"""The training matrix of the manual, in words; and the sentence about a document's readers that stands on its page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from qmdoc import training
from qmdoc.documents import TrainingKind
from qmdoc.outputs.manual_pages import wording
from qmdoc.outputs.manual_pages.source import Page
from qmdoc.outputs.manual_pages.templates import Templates
from qmdoc.register import Audit, Register, State
from qmdoc.saying import Said, said
from qmdoc.training import Duty, Standing, report
from qmdoc.training.report import Share

NAME = "training"
TITLE = said("Training")


@dataclass(frozen=True, slots=True)
class Readers:
    """How many of those who must know a version do: `sentence` of the one in force, `ahead` of the one that waits.

    No names: those of people who are late stand on the pages for quality managers alone.
    """

    known: Share
    sentence: str
    ahead: str


def readers(state: State, register: Register) -> Readers | None:
    """What a document's page says of its readers; None where no version of it asks anybody."""
    found = training.of(register)
    duties = found.of_document.get(state.id, ())
    waiting = [duty for duty in found.ahead if state.next and duty.edition.digest == state.next.digest]
    if not duties and not waiting:
        return None
    this = said("this version")
    edition = waiting[0].edition if waiting else None
    next_ = (
        said("version %(version)s, in force from %(since)s", version=edition.version, since=edition.since)
        if edition
        else this
    )
    return Readers(
        report.total(duties, state.id),
        _counted(duties, this) if duties else "",
        _counted(waiting, next_) if waiting else "",
    )


def _counted(duties: Sequence[Duty], version: Said) -> Said:
    """So many of so many; who read an earlier version, of which only the wording changed, is told apart."""
    share = report.total(duties)
    earlier = sum(duty.standing is Standing.MINOR_CHANGE for duty in duties)
    values = {"met": share.met, "asked": share.asked, "version": version}
    if duties[0].asking.kind is TrainingKind.COMPETENCY:
        done = said("%(met)s of %(asked)s are competent in %(version)s", **values)
    else:
        done = said("%(met)s of %(asked)s have read %(version)s", **values)
    if not earlier:
        return done
    return said("%(done)s, %(earlier)s of them before a minor change", done=done, earlier=earlier)


def page(audit: Audit, templates: Templates) -> Page:
    """The page with the shares, who is late, and roles and people against documents."""
    register = audit.register
    found = training.of(register)
    modules = {number: each.title for number, each in register.personnel.modules.modules.items()}
    told = {
        "as_of": audit.as_of,
        "total": report.total(found.duties),
        "groups": (
            (said("By role"), said("Role"), _named(report.by_role(found), {})),
            (said("By site"), said("Site"), _named(report.by_site(found), register.authority.policy.sites)),
            (said("By module"), said("Module"), _named(report.by_module(register), modules)),
            (said("By document"), said("Document"), report.by_document(found)),
        ),
        "late": tuple(report.late(found).values()),
        "what": report.what,
        "roles": _roles(register),
        "people": tuple((rows[0].person, rows) for _, rows in sorted(found.of_person.items(), key=lambda row: row[1][0].person.name)),
        "progress": tuple(report.progress(register)),
    }  # fmt: skip
    return Page(NAME, TITLE, TITLE, above=templates.render("training.html", NAME, **told))


def _named(shares: Sequence[Share], names: Mapping[str, str]) -> tuple[Share, ...]:
    """Shares by the names that the programme gave; a word that has none is written as people write it."""
    return tuple(
        replace(
            each, name=names.get(each.name) or (each.name if isinstance(each.name, Said) else wording.plain(each.name))
        )
        for each in shares
    )


def _roles(register: Register) -> tuple[tuple[str, tuple[tuple[str, str], ...]], ...]:
    """Each document with where its roles stand, in words: a table with a column for each role is too wide for a phone."""
    rows: list[tuple[str, tuple[tuple[str, str], ...]]] = []
    for number, duties in sorted(training.of(register).of_document.items()):
        of_role: dict[str, list[Duty]] = {}
        for duty in duties:
            for role in duty.roles:
                of_role.setdefault(role, []).append(duty)
        rows.append((number, tuple((role, _standing(of_role[role])) for role in sorted(of_role))))
    return tuple(rows)


def _standing(duties: Sequence[Duty]) -> Said:
    """Where a group of people stands: as its worst does, and how many of it are met."""
    worst = wording.STANDING[report.worst(duties)]
    if len(duties) > 1:
        return said("%(total)s: %(worst)s", total=report.total(duties).words, worst=worst)
    if duties[0].standing is Standing.OPEN:
        return said("%(standing)s, due %(day)s", standing=worst, day=duties[0].due)
    return worst
