"""Who must attest which version on a day, and whose signature says they have (FACT B5.5, recalled)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from qmdoc.documents import TrainingKind
from qmdoc.model import Meaning
from qmdoc.register import Register, State
from qmdoc.signing.acceptance import SignOff


@dataclass(frozen=True, slots=True)
class Attestation:
    """One person's duty to know one version; `sign_off` is the signed attestation, where there is one."""

    person: str
    name: str
    roles: tuple[str, ...]
    document: str
    digest: str
    kind: TrainingKind
    due: date
    sign_off: SignOff | None


@dataclass(frozen=True, slots=True)
class _Reader:
    id: str
    name: str
    roles: tuple[str, ...]


def required(register: Register) -> tuple[Attestation, ...]:
    """Every attestation that the documents in force ask for, by document and then by name.

    Signed attestations are read from history; those on paper are counted once records are read (a later issue).
    """
    readers = _readers(register)
    rows: list[Attestation] = []
    for state in register.in_force:
        rows.extend(_of(state, readers, register))
    return tuple(rows)


def must_attest(state: State, register: Register) -> tuple[Attestation, ...]:
    """The attestations that one document asks for."""
    return tuple(_of(state, _readers(register), register)) if state.effective else ()


def _of(state: State, readers: list[_Reader], register: Register) -> list[Attestation]:
    training = state.text.front_matter.training if state.text else None
    if training is None or state.effective is None:
        return []
    digest, due = state.effective.digest, state.effective.day + timedelta(days=training.within)
    return [
        Attestation(
            reader.id,
            reader.name,
            roles,
            state.id,
            digest,
            training.kind,
            due,
            _signed(reader.id, state.id, digest, register),
        )
        for reader in readers
        if (roles := tuple(role for role in reader.roles if role in training.roles))
    ]


def _readers(register: Register) -> list[_Reader]:
    """People of the authority and of the staff list who are there on the day; the authority's row counts for both."""
    people = {
        number: _Reader(number, person.name, person.roles)
        for number, person in register.authority.people.items()
        if person.is_active(register.as_of)
    }
    for member in register.staff.members:
        if member.is_active(register.as_of) and member.id not in people:
            people[member.id] = _Reader(member.id, member.name, member.roles)
    return sorted(people.values(), key=lambda reader: (reader.name, reader.id))


def _signed(person: str, document: str, digest: str, register: Register) -> SignOff | None:
    return next(
        (
            each
            for each in register.sign_offs
            if each.is_accepted
            and each.meaning is Meaning.TRAINING
            and each.signer == person
            and each.signs(document, digest)
        ),
        None,
    )
