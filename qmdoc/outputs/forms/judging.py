"""Whether what a form says may be recorded: judged by the register of today, each row on its own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date

from qmdoc import training
from qmdoc.documents import TrainingKind
from qmdoc.errors import FormRefused
from qmdoc.ledger import Approval
from qmdoc.outputs.filed import Assessment, Entry
from qmdoc.outputs.forms.form import Form
from qmdoc.outputs.forms.matching import Tick
from qmdoc.records.staff import StaffMember
from qmdoc.register import Register
from qmdoc.signing.authority import Person

Key = tuple[str, str, str, str]
Known = Mapping[Key, str]
"""Where it is recorded already that a person knows a version, by `key`."""


def key(person: str, document: str, digest: str, kind: str, day: str) -> Key:
    """What may be recorded once: reading a version, and a competency on a day, for it is observed again each year."""
    return person, document, digest, day if kind == TrainingKind.COMPETENCY else ""


def key_of(tick: Tick) -> Key:
    """The key of a row."""
    row = tick.row
    return key(row.person, row.document, row.digest, row.kind, str(tick.day))


def entry(where: str, tick: Tick, now: Register, known: Known) -> Entry:
    """The row as it would be recorded. Raises FormRefused with the rule that it breaks."""
    row = tick.row
    approval = _approval(where, tick, now)
    _refuse_day(where, tick, approval.day, now.as_of)
    name = _name(where, tick, now)
    if place := known.get(key_of(tick)):
        raise FormRefused(
            f"{where}: that {name} knows {row.document} {row.version} is recorded already, in {place}",
            fix="leave that row out",
        )
    if row.kind is not TrainingKind.COMPETENCY:
        _refuse_signed(where, tick, now)
    return Entry(tick.place, name, approval.title, row, tick.day)


def _approval(where: str, tick: Tick, now: Register) -> Approval:
    """The version of the row, in force or approved and waiting for its day. Raises FormRefused."""
    row, state = tick.row, now.state(tick.row.document)
    standing = state.standing if state else ()
    for each in standing:
        if (each.version, each.digest) == (row.version, row.digest):
            return each
    if not standing:
        raise FormRefused(f"{where}: {row.document} is no longer in force", fix="nothing is to be recorded for it")
    raise FormRefused(
        f"{where}: the form is of version {row.version} of {row.document}, which {standing[0].version} has replaced "
        f"since {standing[0].since}",
        fix="print the form anew with `qmdoc forms`",
    )


def assessment(form: Form, assessor: str | None, day: date, now: Register, *, is_passed: bool) -> Assessment | None:
    """Who observed a competency, and what came of it; None for a form that asks for reading. Raises FormRefused."""
    if form.rows[0].kind is not TrainingKind.COMPETENCY:
        if assessor or not is_passed:
            raise FormRefused(
                f"form {form.number} is no competency assessment", fix="leave out --assessor and --failed"
            )
        return None
    if not assessor:
        raise FormRefused(f"form {form.number} is a competency assessment", fix="say who observed it: --assessor ID")
    if assessor == form.rows[0].person:
        raise FormRefused(
            f"{assessor} is the one assessed, and can't be the assessor", fix="name who observed the work"
        )
    found = _person(assessor, now)
    if found is None or not found.is_active(day):
        raise FormRefused(
            f"nobody with the id {assessor} was here on {day}", fix="write the assessor's id as people.yaml has it"
        )
    return Assessment(assessor, is_passed)


def rows(form: Form, written: str, day: date) -> tuple[Tick, ...]:
    """The rows of a form on paper that are signed, as in `1,2,5-8`: printed row numbers. Raises FormRefused."""
    places: list[int] = []
    for part in filter(None, (each.strip() for each in written.split(","))):
        places.extend(_span(part, form))
    if not places:
        raise FormRefused("no row is named", fix="name those that are signed, as in --read 1,2,5")
    if twice := next((place for place in places if places.count(place) > 1), None):
        raise FormRefused(f"row {twice} is named twice", fix="name each row once")
    return tuple(Tick(place, form.rows[place - 1], day) for place in places)


def _span(part: str, form: Form) -> Iterator[int]:
    first, dash, last = part.partition("-")
    ends = (first.strip(), last.strip() if dash else first.strip())
    if not all(end.isascii() and end.isdigit() and len(end) < 5 for end in ends):
        raise FormRefused(
            f"`{part}` is no row of the form", fix="name rows by their printed numbers, as in --read 1,2,5"
        )
    begin, end = int(ends[0]), int(ends[1])
    if not 1 <= begin <= end <= len(form.rows):
        raise FormRefused(
            f"`{part}`: form {form.number} has the rows 1 to {len(form.rows)}", fix="look at the form again"
        )
    return iter(range(begin, end + 1))


def _refuse_day(where: str, tick: Tick, approved: date, today: date) -> None:
    if tick.day < approved:
        raise FormRefused(
            f"{where}: the day is {tick.day}, before {tick.row.document} {tick.row.version} was approved ({approved})",
            fix="ask the person for the right day",
        )
    if tick.day > today:
        raise FormRefused(f"{where}: the day {tick.day} lies ahead", fix="ask the person for the right day")


def _name(where: str, tick: Tick, now: Register) -> str:
    """The person's name; they were there on the day. Raises FormRefused."""
    number = tick.row.person
    found = _person(number, now)
    if found is None:
        raise FormRefused(f"{where}: nobody here has the id {number} any more", fix="clear the box")
    if not found.is_active(tick.day):
        raise FormRefused(
            f"{where}: {found.name} ({number}) was not here on {tick.day}: they had left, or not begun",
            fix="clear the box, or correct the day",
        )
    return found.name


def _person(number: str, now: Register) -> Person | StaffMember | None:
    listed = now.authority.people.get(number)
    return listed or next((each for each in now.staff.members if each.id == number), None)


def _refuse_signed(where: str, tick: Tick, now: Register) -> None:
    duties = (
        each for each in (*training.of(now).duties, *training.of(now).ahead) if each.edition.digest == tick.row.digest
    )
    asked = [training.of_duty(each) for each in duties if each.person.id == tick.row.person]
    signed = next((each.sign_off for each in asked if each.sign_off), None)
    if signed:
        raise FormRefused(
            f"{where}: {tick.row.person} signed {tick.row.document} {tick.row.version} electronically on {signed.signed_on}",
            fix="leave that row out",
        )
