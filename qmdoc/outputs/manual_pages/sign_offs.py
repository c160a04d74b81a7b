"""Where every signature stands: who has signed a proposed version, who must still, and which sign-offs do not count."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from qmdoc import pending_approval
from qmdoc.checks import sign_off as rule
from qmdoc.model import is_unprintable
from qmdoc.outputs.manual_pages import lists, wording
from qmdoc.outputs.manual_pages.source import Page
from qmdoc.outputs.manual_pages.templates import Templates
from qmdoc.outputs.spreadsheet import Table
from qmdoc.pending_approval import PendingVersion
from qmdoc.register import Register
from qmdoc.saying import said
from qmdoc.signing.acceptance import SignOff
from qmdoc.signing.statement import AUTHORITY_SUBJECT

NAME = "sign-offs"
_SEATS = ("Number", "Title", "Version", "Role", "Meaning", "State", "Who", "Day", "Remark")
_REFUSED = (
    "Signed by",
    "Role",
    "Meaning",
    "Of",
    "On record since",
    "Why it does not count",
    "What to do",
    "Still open",
    "Code",
)
_AUTHORITY = said("People and policy")


@dataclass(frozen=True, slots=True)
class Chair:
    """A signature that a version needs: given by `who` on `day`, or missing since `day`, when `who` could give it."""

    role: str
    meaning: str
    is_given: bool
    count: int
    who: tuple[str, ...]
    day: date
    remark: str = ""

    @property
    def state(self) -> str:
        """In words."""
        if self.is_given:
            return said("Signed")
        return said("Missing (%(count)s signatures)", count=self.count) if self.count > 1 else said("Missing")


@dataclass(frozen=True, slots=True)
class Round:
    """A proposed version on its way: `page` is empty where no version of the document ever was in force."""

    number: str
    title: str
    version: str
    owner: str
    page: str
    since: date
    obstacles: tuple[str, ...]
    chairs: tuple[Chair, ...]


@dataclass(frozen=True, slots=True)
class Refused:
    """A sign-off that does not count, on record since `day`; `settled` says why nobody need act on it any more."""

    name: str
    role: str
    meaning: str
    subjects: tuple[str, ...]
    day: date
    why: str
    remedy: str
    settled: str
    code: str


def page(register: Register, templates: Templates) -> Page:
    """The status of all sign-offs."""
    pending = pending_approval.versions(register)
    refused = refusals(register)
    told = {
        "as_of": register.as_of,
        "in_review": tuple(_round(each, register) for each in pending if not each.is_first_draft),
        "drafts": tuple(_round(each, register) for each in pending if each.is_first_draft),
        "open": tuple(each for each in refused if not each.settled),
        "settled": tuple(each for each in refused if each.settled),
        "authority": register.ledger.pending,
        "names": _names(register),
    }
    above = templates.render("sign-offs.html", NAME, **told)
    return Page(NAME, said("Sign-off status"), said("Sign-off status"), "dashboard", above)


def seats_table(register: Register) -> Table:
    """Every seat of every proposed version, for spreadsheets."""
    rounds = [_round(each, register) for each in pending_approval.versions(register)]
    return Table("Proposed versions", _SEATS, tuple(row for each in rounds for row in _rows(each)))


def refused_table(register: Register) -> Table:
    """Every sign-off that does not count, for spreadsheets."""
    rows = (
        (each.name, each.role, each.meaning, "; ".join(each.subjects), each.day, each.why, each.remedy, "no" if each.settled else "yes", each.code)
        for each in refusals(register)
    )  # fmt: skip
    return Table("Refused sign-offs", _REFUSED, tuple(rows))


def refusals(register: Register) -> tuple[Refused, ...]:
    """Sign-offs that do not count, the newest first."""
    rows = (_refused(each, register) for each in reversed(register.sign_offs) if not each.is_accepted)
    return tuple(rows)


def _round(pending: PendingVersion, register: Register) -> Round:
    row = lists.row(pending.state)
    return Round(
        number=pending.state.id,
        title=row.title,
        version=pending.version or said("can't be read"),
        owner=wording.owner(pending.state.document.owner if pending.state.document else None, register.authority),
        page=row.page,
        since=pending.proposal.since,
        obstacles=pending.obstacles,
        chairs=tuple(_chairs(pending)),
    )


def _chairs(pending: PendingVersion) -> Iterator[Chair]:
    for given in sorted(pending.given, key=lambda each: (each.landing, each.signer)):
        meaning = wording.MEANING[given.meaning] if given.meaning else ""
        yield Chair(wording.plain(given.role), meaning, True, 1, (given.name,), given.signed_on)
    for seat in pending.awaited:
        asked = seat.empty.seat
        because = (
            said("One signature does not count: %(because)s", because=seat.empty.because) if seat.empty.because else ""
        )
        yield Chair(wording.plain(asked.role), wording.MEANING[asked.meaning], False, seat.count, seat.people, seat.since, because)  # fmt: skip


def _rows(each: Round) -> Iterator[tuple[str | date, ...]]:
    named = (each.number, each.title, each.version)
    for obstacle in each.obstacles:
        yield *named, "", "", "First to be put right", "", each.since, obstacle
    for chair in each.chairs:
        yield *named, chair.role, chair.meaning, chair.state, "; ".join(chair.who), chair.day, chair.remark


def _refused(sign_off: SignOff, register: Register) -> Refused:
    settled = rule.settled(sign_off, register)
    named = tuple(_AUTHORITY if each.id == AUTHORITY_SUBJECT else str(each) for each in sign_off.subjects)
    return Refused(
        name=_printable(sign_off.name or sign_off.signer) or said("somebody unknown"),
        role=wording.plain(sign_off.role),
        meaning=wording.MEANING[sign_off.meaning] if sign_off.meaning else "",
        subjects=named,
        day=sign_off.day,
        why=_quoted(sign_off.explanation),
        remedy=said("Nothing is left to do: %(settled)s", settled=settled) if settled else _quoted(sign_off.fix),
        settled=settled,
        code=sign_off.code or "",
    )


def _printable(name: str) -> str:
    """A name without what could hide or turn it: nobody vouches for the name under a refused sign-off."""
    return "".join(" " if is_unprintable(character) else character for character in name).strip()


def _quoted(prose: str) -> str:
    """Words that stand between backticks, between quotation marks."""
    return re.sub(r"`([^`]+)`", r"“\1”", prose)


def _names(register: Register) -> tuple[str, ...]:
    """The printed names of the administrators who have signed the authority that waits."""
    pending, people = register.ledger.pending, register.authority.people
    return tuple(people[each].name if each in people else each for each in pending.signed_by) if pending else ()
