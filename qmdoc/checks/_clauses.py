"""What the checks of clauses look at: which clauses texts claim, and which of those that they leave open only drafts claim."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from qmdoc.checks import _text
from qmdoc.checks._text import ClaimedBy, Clause
from qmdoc.register import Register


class Claimed(NamedTuple):
    """The clauses that texts in force claim, those that they say do not apply, of all others who would claim them, and all."""

    in_force: frozenset[Clause]
    excused: frozenset[Clause]
    drafted: tuple[tuple[str, Clause], ...]
    every: frozenset[Clause]


def claimed(register: Register) -> Claimed:
    """Who claims what in the texts under judgement."""
    known = register.kept.get(__name__)
    if isinstance(known, Claimed):
        return known
    found = register.kept[__name__] = _summed(tuple(each.claim for each in _text.judged(register)))
    return found


@lru_cache(maxsize=1)  # most commits leave all of it as it was
def _summed(texts: tuple[ClaimedBy, ...]) -> Claimed:
    nothing = frozenset[Clause]()
    in_force = nothing.union(*(each.clauses for each in texts if each.is_in_force))
    excused = nothing.union(*(each.excused for each in texts if each.is_in_force))
    drafts = [each for each in texts if not each.is_in_force]
    drafted = tuple((each.number, clause) for each in drafts for clause in sorted(each.clauses - in_force - excused))
    return Claimed(in_force, excused, drafted, in_force.union(*(each.clauses for each in drafts)))


def answered(register: Register) -> object:
    """All that the gaps of the coverage matrix depend on: catalogues, what binds, and who claims what."""
    return register.catalogues, register.binding, claimed(register)[:3]


def clauses(register: Register) -> object:
    """The catalogues, what binds, and the clauses that texts claim."""
    return register.catalogues, register.binding, claimed(register).every
