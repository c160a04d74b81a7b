"""The training matrix of the manual, in words; and the sentence about a document's readers that stands on its page."""

from __future__ import annotations

from dataclasses import dataclass

from qmdoc import training
from qmdoc.outputs import training_report
from qmdoc.outputs.manual_pages import wording
from qmdoc.outputs.manual_pages.source import Page
from qmdoc.outputs.manual_pages.templates import Templates
from qmdoc.register import Audit, Register, State
from qmdoc.saying import said
from qmdoc.training import report
from qmdoc.training.report import Share

NAME = "training"
TITLE = said("Training")


@dataclass(frozen=True, slots=True)
class Readers:
    """Who knows the version in force: `late` and `open` are names with what is to be done, `ahead` who knows the next one."""

    known: Share
    sentence: str
    ahead: str
    late: tuple[str, ...]
    open: tuple[str, ...]


def readers(state: State, register: Register) -> Readers | None:
    """What a document's page says of its readers; None where no version of it asks anybody."""
    found = training.of(register)
    duties = found.of_document.get(state.id, ())
    waiting = [duty for duty in found.ahead if duty.edition.document == state.id]
    if not duties and not waiting:
        return None
    known, next_ = report.total(duties, state.id), report.total(waiting, state.id)
    return Readers(
        known,
        said("%(met)s of %(asked)s have attested this version", met=known.met, asked=known.asked) if duties else "",
        said("%(met)s of %(asked)s have attested version %(version)s, in force from %(since)s", met=next_.met, asked=next_.asked, version=waiting[0].edition.version, since=waiting[0].edition.since) if waiting else "",
        tuple(said("%(person)s: %(todo)s (was due %(due)s)", person=each.person.name, todo=report.what(each), due=each.due) for each in duties if each.standing.is_late),
        tuple(said("%(person)s: %(standing)s, due %(due)s", person=each.person.name, standing=wording.STANDING[each.standing], due=each.due) for each in duties if not each.standing.is_late and not each.standing.is_met),
    )  # fmt: skip


def page(audit: Audit, templates: Templates) -> Page:
    """The page with the shares, who is late, and roles and people against documents."""
    register = audit.register
    found = training.of(register)
    told = {
        "as_of": audit.as_of,
        "total": report.total(found.duties),
        "groups": (
            (said("By role"), said("Role"), report.by_role(found)),
            (said("By site"), said("Site"), report.by_site(found)),
            (said("By module"), said("Module"), report.by_module(register)),
            (said("By document"), said("Document"), report.by_document(found)),
        ),
        "late": tuple(report.late(found).values()),
        "what": report.what,
        "roles": _roles(register),
        "people": tuple((rows[0].person, rows) for _, rows in sorted(found.of_person.items(), key=lambda row: row[1][0].person.name)),
        "progress": tuple(report.progress(register)),
    }  # fmt: skip
    return Page(NAME, TITLE, TITLE, above=templates.render("training.html", NAME, **told))


def _roles(register: Register) -> tuple[tuple[str, tuple[tuple[str, str], ...]], ...]:
    """Each document with where its roles stand, in words: a table with a column for each role is too wide for a phone."""
    rows: list[tuple[str, tuple[tuple[str, str], ...]]] = []
    for number, duties in sorted(training.of(register).of_document.items()):
        table = training_report.matrix("Roles", "Role", ((role, duty) for duty in duties for role in duty.roles))
        rows.append((number, tuple((str(role), str(cell)) for role, cell in table.rows)))
    return tuple(rows)
