"""Which clause is answered by which document on a day: the coverage matrix."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from qmdoc.documents import Document
from qmdoc.register import Register, State
from qmdoc.standards import Catalogue, Clause, is_under


class Cover(StrEnum):
    """How a clause is answered."""

    COVERED = "covered"
    NOT_APPLICABLE = "not applicable"
    DRAFT_ONLY = "only by a draft"
    UNCOVERED = "uncovered"
    HEADING = "heading"


@dataclass(frozen=True, slots=True)
class Reason:
    """A document in force that says why a clause does not apply here."""

    document: str
    reason: str


@dataclass(frozen=True, slots=True)
class ClauseCover:
    """One clause on a day; `is_binding` where the policy names it or what lies above it."""

    catalogue: str
    clause: Clause
    cover: Cover
    documents: tuple[str, ...]
    drafts: tuple[str, ...]
    reasons: tuple[Reason, ...]
    is_binding: bool


@dataclass(frozen=True, slots=True)
class CatalogueCover:
    """A catalogue's clauses, in its own order."""

    catalogue: Catalogue
    rows: tuple[ClauseCover, ...]

    @property
    def asking(self) -> tuple[ClauseCover, ...]:
        """The clauses that bind this programme and ask for something."""
        return tuple(row for row in self.rows if row.is_binding and row.cover is not Cover.HEADING)

    @property
    def gaps(self) -> tuple[ClauseCover, ...]:
        """Binding clauses that no document in force answers."""
        return tuple(row for row in self.asking if row.cover in (Cover.UNCOVERED, Cover.DRAFT_ONLY))


def of(register: Register) -> tuple[CatalogueCover, ...]:
    """The coverage of every readable catalogue by the documents in force on the register's day."""
    in_force = [(state.id, state.text) for state in register.in_force if state.text]
    drafts = [(state.id, draft) for state in register.states for draft in _drafts(state)]
    binding = register.binding
    return tuple(
        CatalogueCover(
            catalogue,
            tuple(_row(catalogue, clause, in_force, drafts, binding.get(catalogue.id)) for clause in catalogue.clauses),
        )
        for catalogue in register.catalogues
    )


def _drafts(state: State) -> Iterable[Document]:
    """Texts that claim clauses and are not in force: a proposal, or an approved version whose day has not come."""
    if state.proposed and isinstance(state.proposed.document, Document):
        yield state.proposed.document
    if state.text and not state.status.is_in_force:
        yield state.text


def _row(
    catalogue: Catalogue,
    clause: Clause,
    in_force: list[tuple[str, Document]],
    drafts: list[tuple[str, Document]],
    starts: tuple[str, ...] | None,
) -> ClauseCover:
    covered = tuple(number for number, text in in_force if _claims(text, catalogue, clause))
    drafted = tuple(number for number, text in drafts if _claims(text, catalogue, clause))
    excused = tuple(
        Reason(number, reason)
        for number, text in in_force
        if (reason := text.front_matter.not_applicable.get(catalogue.id, {}).get(clause.id))
    )
    is_binding = starts is not None and (not starts or any(is_under(clause.id, start) for start in starts))
    cover = (
        Cover.HEADING if clause.heading
        else Cover.COVERED if covered
        else Cover.NOT_APPLICABLE if excused
        else Cover.DRAFT_ONLY if drafted
        else Cover.UNCOVERED
    )  # fmt: skip
    return ClauseCover(catalogue.id, clause, cover, covered, drafted, excused, is_binding)


def _claims(text: Document, catalogue: Catalogue, clause: Clause) -> bool:
    return clause.id in text.front_matter.standards.get(catalogue.id, ())
