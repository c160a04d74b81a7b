"""From one edition of a standard to the next: which claims carry over, and what to look at again.

What a clause continues is told by the new catalogue (`qmdoc.standards`): the clauses that it names, else its namesake.
It has changed where its catalogue says so, where it joins or divides clauses, or where our own words for it differ.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from qmdoc.coverage import Answer, Index, Text
from qmdoc.standards import Catalogue, Clause


class Fate(StrEnum):
    """What became of a clause."""

    CHANGED = "changed"
    NEW = "new"
    REMOVED = "removed"
    SAME = "carried over"


@dataclass(frozen=True, slots=True)
class Step:
    """A clause of the new edition with those of the old that it continues, or a clause that is gone.

    `claimed` are the texts that claim the old clauses, `answered` those that claim the new one already.
    """

    fate: Fate
    old: tuple[Clause, ...]
    new: Clause | None
    why: str
    claimed: tuple[Answer, ...]
    answered: tuple[Answer, ...]

    @property
    def is_to_be_looked_at(self) -> bool:
        """Whether a person must read it: whatever is not the same, and that no text answers in the new edition yet."""
        return self.fate is not Fate.SAME and not self.answered


@dataclass(frozen=True, slots=True)
class Move:
    """An old edition beside a new one; `is_declared` where the new catalogue names the old."""

    old: Catalogue
    new: Catalogue
    is_declared: bool
    steps: tuple[Step, ...]

    def of(self, fate: Fate) -> tuple[Step, ...]:
        """The steps of one kind, in the order of their catalogue."""
        return tuple(step for step in self.steps if step.fate is fate)


def move(old: Catalogue, new: Catalogue, texts: Iterable[Text]) -> Move:
    """What a programme that answers `old` has to look at again for `new`."""
    is_declared = new.supersedes == old.id
    index = Index(texts)
    known = {clause.id: clause for clause in old.clauses if not clause.heading}
    asking = [clause for clause in new.clauses if not clause.heading]
    before = {clause.id: _continued(clause, known, is_declared=is_declared) for clause in asking}
    heirs = Counter(each.id for continued in before.values() for each in continued)
    steps = [_step(clause, before[clause.id], heirs, old, new, index) for clause in asking]
    gone = [
        Step(Fate.REMOVED, (clause,), None, "no clause of the new edition continues it", _claims(index, old, (clause,)), ())
        for clause in known.values()
        if not heirs[clause.id]
    ]  # fmt: skip
    return Move(old, new, is_declared, (*steps, *gone))


def _continued(clause: Clause, known: dict[str, Clause], *, is_declared: bool) -> tuple[Clause, ...]:
    names = clause.supersedes if is_declared and clause.supersedes is not None else (clause.id,)
    return tuple(known[name] for name in names if name in known)


def _step(
    clause: Clause, before: tuple[Clause, ...], heirs: Counter[str], old: Catalogue, new: Catalogue, index: Index
) -> Step:
    why = _difference(clause, before, heirs)
    fate = Fate.NEW if not before else Fate.CHANGED if why else Fate.SAME
    answered = _claims(index, new, (clause,))
    return Step(fate, before, clause, why, _claims(index, old, before), answered)


def _difference(clause: Clause, before: tuple[Clause, ...], heirs: Counter[str]) -> str:
    """Why a clause must be read again; empty where it says what it said."""
    if clause.change or not before:
        return clause.change
    if len(before) > 1:
        return f"it joins {', '.join(each.id for each in before)}"
    if heirs[before[0].id] > 1:
        return f"{before[0].id} was divided"
    if (clause.title, clause.requires) != (before[0].title, before[0].requires):
        return "our words for it differ"
    return ""


def _claims(index: Index, catalogue: Catalogue, clauses: Iterable[Clause]) -> tuple[Answer, ...]:
    """The texts that claim any of the clauses, in force or not, each once."""
    found: dict[str, Answer] = {}
    for clause in clauses:
        for place in (index.in_force, index.drafted):
            for answer in place.get((catalogue.id, clause.id), ()):
                known = found.get(answer.document)
                sections = (*known.sections, *answer.sections) if known else answer.sections
                found[answer.document] = Answer(answer.document, answer.version, tuple(dict.fromkeys(sections)))
    return tuple(found.values())
