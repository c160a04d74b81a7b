"""People and roles that a document may name: those of the authority, of its policy, and of the staff list."""

from __future__ import annotations

from qmdoc.checks._text import Surroundings


def is_known(word: str, around: Surroundings) -> bool:
    """Whether a word is a person's id, a role that somebody holds, or one that the policy names."""
    return is_person(word, around) or word in _all_roles(around)


def is_answered_for(word: str, around: Surroundings) -> bool:
    """Whether the person, or anybody in the role, belongs to the programme on the day."""
    day, people = around.as_of, around.authority.people
    if word in people:
        return people[word].is_active(day)
    staff = [member for member in around.staff.members if member.is_active(day) and member.id not in people]
    if any(member.id == word for member in staff):
        return True
    if is_person(word, around):
        return False
    return bool(around.authority.holders(word, day)) or any(word in member.roles for member in staff)


def is_person(word: str, around: Surroundings) -> bool:
    """Whether a word is a person's id."""
    return word in around.authority.people or any(member.id == word for member in around.staff.members)


def _all_roles(around: Surroundings) -> set[str]:
    held = {role for person in around.authority.people.values() for role in person.roles}
    held |= {role for member in around.staff.members for role in member.roles}
    return held | {seat.role for seats in around.authority.policy.sign_off.values() for seat in seats}
