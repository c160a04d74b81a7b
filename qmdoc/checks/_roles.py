"""People and roles that a document may name: those of the authority, of its policy, and of the staff list."""

from __future__ import annotations

from qmdoc.register import Register


def is_known(word: str, register: Register) -> bool:
    """Whether a word is a person's id, a role that somebody holds, or one that the policy names."""
    return is_person(word, register) or word in _all_roles(register)


def is_answered_for(word: str, register: Register) -> bool:
    """Whether the person, or anybody in the role, belongs to the programme on the register's day."""
    day, people = register.as_of, register.authority.people
    if word in people:
        return people[word].is_active(day)
    staff = [member for member in register.staff.members if member.is_active(day) and member.id not in people]
    if any(member.id == word for member in staff):
        return True
    if is_person(word, register):
        return False
    return bool(register.authority.holders(word, day)) or any(word in member.roles for member in staff)


def is_person(word: str, register: Register) -> bool:
    """Whether a word is a person's id."""
    return word in register.authority.people or any(member.id == word for member in register.staff.members)


def _all_roles(register: Register) -> set[str]:
    held = {role for person in register.authority.people.values() for role in person.roles}
    held |= {role for member in register.staff.members for role in member.roles}
    return held | {seat.role for seats in register.authority.policy.sign_off.values() for seat in seats}
