"""Who must know which version on a day, and whose word says they do (FACT B5.5, recalled). `duties` has the rules."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from qmdoc.documents import Document, TrainingKind
from qmdoc.ledger import Approval
from qmdoc.register import Register, State
from qmdoc.signing.acceptance import SignOff
from qmdoc.signing.authority import Authority, Policy
from qmdoc.training.attestation import Attestation, deadline, of_duty
from qmdoc.training.duties import Book, known
from qmdoc.training.judging import Circumstances, Doubt, Judge
from qmdoc.training.nouns import (
    Asking,
    Attested,
    Curriculum,
    Duty,
    Edition,
    Entry,
    Roll,
    Size,
    Standing,
)
from qmdoc.training.people import People
from qmdoc.training.sizes import Measure, Text

__all__ = [
    "Asking",
    "Attestation",
    "Attested",
    "Curriculum",
    "Doubt",
    "Duty",
    "Edition",
    "Entry",
    "Size",
    "Standing",
    "Training",
    "ahead",
    "asking",
    "deadline",
    "must_attest",
    "of",
    "of_duty",
    "required",
    "text_of",
    "texts",
]


@dataclass(frozen=True)
class Training:
    """Everything about training on a day.

    `duties` are those of the versions in force, by document and name; `ahead` those of approved versions whose day has not
    come. `doubts` are records that don't count, or are odd.
    """

    day: date
    people: People
    duties: tuple[Duty, ...]
    ahead: tuple[Duty, ...]
    doubts: tuple[Doubt, ...]
    attested: tuple[Attested, ...]
    curricula: Mapping[str, Curriculum]
    book: Book

    @cached_property
    def of_document(self) -> Mapping[str, tuple[Duty, ...]]:
        """The duties of the versions in force, by document."""
        rows: dict[str, list[Duty]] = defaultdict(list)
        for duty in self.duties:
            rows[duty.edition.document].append(duty)
        return {number: tuple(found) for number, found in rows.items()}

    @cached_property
    def of_person(self) -> Mapping[str, tuple[Duty, ...]]:
        """The duties of the versions in force, by person."""
        rows: dict[str, list[Duty]] = defaultdict(list)
        for duty in self.duties:
            rows[duty.person.id].append(duty)
        return {person: tuple(found) for person, found in rows.items()}


def of(register: Register) -> Training:
    """The training of a register, worked out once."""
    found = register.kept.get(__name__)
    if not isinstance(found, Training):
        found = register.kept[__name__] = _worked_out(register)
    return found


def required(register: Register) -> tuple[Attestation, ...]:
    """Every attestation that the documents in force ask for, by document and then by name."""
    return tuple(of_duty(duty) for duty in of(register).duties)


def ahead(register: Register) -> tuple[Attestation, ...]:
    """Every attestation that versions ask for which are approved and wait for their day."""
    return tuple(of_duty(duty) for duty in of(register).ahead)


def must_attest(state: State, register: Register) -> tuple[Attestation, ...]:
    """The attestations that one document asks for."""
    return tuple(of_duty(duty) for duty in of(register).of_document.get(state.id, ()))


def text_of(state: State, approval: Approval, register: Register) -> Document | None:
    """The approved text of one of a document's versions, as far as training looks at it."""
    return _text_of(state, approval, register.personnel.earlier)


def _text_of(state: State, approval: Approval, earlier: Mapping[str, Document]) -> Document | None:
    is_shown = approval is (state.effective or state.waiting)
    return state.text if is_shown else earlier.get(approval.digest)


def asking(text: Document | None, policy: Policy) -> Asking | None:
    """What a text asks of its readers: its own `training`, and for what that leaves out the policy's word on its type."""
    if text is None:
        return None
    rule = policy.types.get(text.type)
    default, own = rule.training if rule else None, text.front_matter.training
    roles = own.roles if own else default.roles if default else ()
    if not roles:
        return None
    months = default.months if default else Asking(()).months
    given = own.model_fields_set if own else frozenset()
    kind = own.kind if own and ("kind" in given or default is None) else default.kind if default else Asking(()).kind
    within = own.within if own and ("within" in given or default is None) else default.within if default else 30
    return Asking(roles, kind, within, months)


def _worked_out(register: Register) -> Training:
    people = _people(register)
    curricula = {each.document: each for state in register.states if (each := _curriculum(state, register))}
    texts: dict[str, Text] = {}
    for state in register.states if curricula else ():
        if state.id in curricula:
            texts |= texts_of(state, register.personnel.earlier)
    signed = _signed(register)
    judge = Judge(_circumstances(register, people, curricula, signed))
    judge.judge(tuple(record for table in register.personnel.records for record in table.records))
    own = [_own(each, number) for (_, number), rows in signed.items() for each in rows]
    attested = (*(each for rows in own for each in rows), *judge.counting)
    book = Book(register.as_of, people, people.on(register.as_of), known(attested), Measure(texts, curricula))
    now = [(each, each.in_force) for each in curricula.values() if each.in_force]
    ahead = [(each, edition) for each in curricula.values() for edition in each.ahead]
    return Training(
        register.as_of,
        people,
        tuple(duty for curriculum, edition in now for duty in book.duties(curriculum, edition)),
        tuple(duty for curriculum, edition in ahead for duty in book.duties(curriculum, edition)),
        tuple(judge.doubts),
        attested,
        curricula,
        book,
    )


def texts_of(state: State, earlier: Mapping[str, Document]) -> dict[str, Text]:
    """The approved texts of a document that readers may know, by digest, with their attachments; `earlier` has former ones."""
    found = [(each, _text_of(state, each, earlier)) for each in state.approvals]
    return {each.digest: Text(text, dict(each.content.names[1:])) for each, text in found if text}


def _people(register: Register) -> People:
    rolls = [Roll(period.day, _entries(period.authority)) for period in register.ledger.authorities]
    lists = [
        Roll(
            day,
            {
                each.id: Entry(each.id, each.name, (each.email,), each.roles, each.sites, each.first_day, each.last_day)
                for each in staff.members
            },
        )
        for day, staff in register.personnel.staff_history
    ]
    return People(tuple(rolls), tuple(lists), register.personnel.leave.absences)


def _entries(authority: Authority) -> dict[str, Entry]:
    return {
        number: Entry(number, each.name, each.emails, each.roles, each.sites, each.from_, each.to)
        for number, each in authority.people.items()
    }


def _curriculum(state: State, register: Register) -> Curriculum | None:
    """A document's versions, as far as training goes; None where no version now approved asks anybody."""
    policy = register.authority.policy
    ended = register.ledger.withdrawals.get(state.id, ())

    def edition(approval: Approval) -> Edition:
        text = text_of(state, approval, register)
        sites = text.front_matter.sites if text else ()
        return Edition(
            state.id, approval.version, approval.digest, approval.day, approval.since, asking(text, policy), sites
        )

    if not state.standing or (state.text and not asking(state.text, policy) and not state.ahead):
        return None
    standing = [each for each in state.approvals if not ended or each.landing >= ended[-1].landing]
    editions = {approval.digest: edition(approval) for approval in standing}
    if not any(editions[each.digest].asking for each in state.standing):
        return None
    return Curriculum(
        state.id,
        tuple(editions.values()),
        editions[state.effective.digest] if state.effective else None,
        tuple(editions[each.digest] for each in state.ahead),
    )


def _signed(register: Register) -> dict[tuple[str, str], list[SignOff]]:
    """Accepted attestations by signer and document, looked for once."""
    rows: dict[tuple[str, str], list[SignOff]] = defaultdict(list)
    for each in register.ledger.attested:
        for subject in each.subjects:
            rows[each.signer, subject.id].append(each)
    return rows


def _own(sign_off: SignOff, number: str) -> list[Attested]:
    """A person's own word that they have read; nobody observes themselves, so it is no competency."""
    return [
        Attested(
            sign_off.signer, number, subject.digest, sign_off.day, TrainingKind.READ_AND_UNDERSTOOD, sign_off=sign_off
        )
        for subject in sign_off.subjects
        if subject.id == number
    ]


def _circumstances(
    register: Register,
    people: People,
    curricula: Mapping[str, Curriculum],
    signed: Mapping[tuple[str, str], list[SignOff]],
) -> Circumstances:
    emails: dict[str, frozenset[str]] = {}
    for roll in (*people.authorities, *people.staff):
        for number, entry in roll.entries.items():
            for email in filter(None, entry.emails):
                emails[email] = emails.get(email, frozenset()) | {number}
    editions = [edition for curriculum in curricula.values() for edition in curriculum.editions if edition.asking]
    return Circumstances(
        people=people,
        approvals=register.ledger.approvals,
        sign_offs={key: tuple(rows) for key, rows in signed.items()},
        entered=register.ledger.record_log.entered,
        emails=emails,
        evidence=register.personnel.evidence,
        edits=register.authority.policy.edits,
        months={each.document: each.asking.months for each in editions if each.asking},
        asked={(each.document, each.digest): each.asking.roles for each in editions if each.asking},
    )
