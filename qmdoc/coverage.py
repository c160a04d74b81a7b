"""Which clause is answered by which document on a day: the coverage matrix.

It is made of texts, catalogues and what binds; a register has all three (`of`), and so has a work tree. What only a
register can do is not imported, so that a writer's question is answered at once.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING

from qmdoc import markup
from qmdoc.documents import Document, Unreadable
from qmdoc.model import Fault
from qmdoc.standards import Catalogue, Clause, UnreadableStandard, is_under

if TYPE_CHECKING:
    from qmdoc.register import Register, State


class Cover(StrEnum):
    """How a clause is answered."""

    COVERED = "covered"
    NOT_APPLICABLE = "not applicable"
    DRAFT_ONLY = "only by a draft"
    UNCOVERED = "uncovered"
    HEADING = "heading"


@dataclass(frozen=True, slots=True)
class Claim:
    """A document says that it answers a clause: in its front matter, or by a mark in a section."""

    catalogue: str
    clause: str
    line: int
    section: Section | None = None


@dataclass(frozen=True, slots=True)
class Section:
    """A place in a document that answers a clause: the heading above it, and its anchor on the document's page."""

    title: str
    anchor: str


@dataclass(frozen=True, slots=True)
class Text:
    """A text that claims clauses; `signed_by` has those who approved it, each with the role."""

    number: str
    document: Document
    is_in_force: bool
    signed_by: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Scope:
    """Which documents are asked: those that serve a programme, those that hold at a site; all where it is silent."""

    programme: str = ""
    site: str = ""

    def holds(self, document: Document) -> bool:
        """Whether a document belongs to it: one that names no programme or site serves all."""
        front = document.front_matter
        serves = not self.programme or not front.programmes or self.programme in front.programmes
        return serves and (not self.site or not front.sites or self.site in front.sites)


@dataclass(frozen=True, slots=True)
class Answer:
    """A text that answers a clause, and where in it."""

    document: str
    version: str
    sections: tuple[Section, ...]


@dataclass(frozen=True, slots=True)
class Reason:
    """A document in force that says why a clause does not apply here, and who signed it."""

    document: str
    reason: str
    version: str = ""
    signed_by: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ClauseCover:
    """One clause on a day; `is_binding` where the policy names it or what lies above it.

    `elsewhere` are documents in force that answer it for another programme or site than was asked about.
    """

    catalogue: str
    clause: Clause
    cover: Cover
    answers: tuple[Answer, ...]
    drafted: tuple[Answer, ...]
    reasons: tuple[Reason, ...]
    elsewhere: tuple[Answer, ...]
    is_binding: bool

    @property
    def documents(self) -> tuple[str, ...]:
        """The documents in force that answer it."""
        return tuple(answer.document for answer in self.answers)

    @property
    def drafts(self) -> tuple[str, ...]:
        """The documents whose drafts would answer it."""
        return tuple(answer.document for answer in self.drafted)

    @property
    def is_gap(self) -> bool:
        """Whether no document in force answers it."""
        return self.cover in (Cover.UNCOVERED, Cover.DRAFT_ONLY)


@dataclass(frozen=True, slots=True)
class CatalogueCover:
    """A catalogue's clauses, in its own order."""

    catalogue: Catalogue
    rows: tuple[ClauseCover, ...]

    @property
    def demands(self) -> tuple[ClauseCover, ...]:
        """The clauses that ask for something, whether they bind or not."""
        return tuple(row for row in self.rows if row.cover is not Cover.HEADING)

    @property
    def asking(self) -> tuple[ClauseCover, ...]:
        """The clauses that bind this programme and ask for something."""
        return tuple(row for row in self.demands if row.is_binding)

    @property
    def gaps(self) -> tuple[ClauseCover, ...]:
        """Binding clauses that no document in force answers."""
        return tuple(row for row in self.asking if row.is_gap)


@dataclass(frozen=True, slots=True)
class Matrix:
    """The answer to a person's question: for which day and scope, from how many texts, and what could not be read.

    `is_draft`: the work tree's texts, as if all were in force. `is_about_one`: a standard was named, so that its
    clauses count whether they bind or not. `is_bound`: there is a policy to say what binds.
    """

    as_of: date
    scope: Scope
    covers: tuple[CatalogueCover, ...]
    texts: int
    unreadable_texts: tuple[Unreadable, ...]
    unreadable_standards: tuple[UnreadableStandard, ...]
    is_draft: bool
    is_about_one: bool
    is_bound: bool

    @property
    def gaps(self) -> tuple[ClauseCover, ...]:
        """The clauses that were asked about and that no document answers."""
        return tuple(
            row for each in self.covers for row in (each.demands if self.is_about_one else each.asking) if row.is_gap
        )

    @property
    def not_read(self) -> tuple[tuple[str, Fault], ...]:
        """The files that could not be read, each with the first thing wrong with it."""
        texts = [(each.path, each.faults[0]) for each in self.unreadable_texts]
        return (*((each.path, each.faults[0]) for each in self.unreadable_standards), *texts)


def claims(document: Document) -> Iterator[Claim]:
    """Every clause that a document says it answers: its front matter first, then the marks in its text."""
    line = document.line("standards")
    for catalogue, clauses in document.front_matter.standards.items():
        yield from (Claim(catalogue, clause, line) for clause in dict.fromkeys(clauses))
    for mark in markup.clause_marks(document.body, document.body_line):
        yield Claim(mark.catalogue, mark.clause, mark.line, Section(mark.section, mark.anchor))


def of(register: Register) -> tuple[CatalogueCover, ...]:
    """The coverage of every readable catalogue by the documents in force on the register's day."""
    return over(texts(register), register.catalogues, register.binding)


def texts(register: Register) -> tuple[Text, ...]:
    """Every text of a register that can claim a clause."""
    in_force = [
        Text(state.id, state.text, True, _signers(state)) for state in register.in_force if state.text is not None
    ]
    drafts = [Text(state.id, draft, False) for state in register.states for draft in _drafts(state)]
    return (*in_force, *drafts)


def over(
    texts: Iterable[Text],
    catalogues: Iterable[Catalogue],
    binding: Mapping[str, tuple[str, ...]],
    scope: Scope = Scope(),
) -> tuple[CatalogueCover, ...]:
    """The coverage of catalogues by texts; `binding` has the clauses to begin from, as the policy gives them."""
    index = Index(texts, scope)
    return tuple(
        CatalogueCover(
            catalogue,
            tuple(_row(catalogue.id, clause, index, binding.get(catalogue.id)) for clause in catalogue.clauses),
        )
        for catalogue in catalogues
    )


class Index:
    """Who claims what, by catalogue and clause; in `elsewhere`, what lies outside the scope."""

    def __init__(self, texts: Iterable[Text], scope: Scope = Scope()) -> None:
        self.in_force: defaultdict[tuple[str, str], list[Answer]] = defaultdict(list)
        self.drafted: defaultdict[tuple[str, str], list[Answer]] = defaultdict(list)
        self.elsewhere: defaultdict[tuple[str, str], list[Answer]] = defaultdict(list)
        self.reasons: defaultdict[tuple[str, str], list[Reason]] = defaultdict(list)
        for text in sorted(texts, key=lambda text: text.number):
            is_asked = scope.holds(text.document)
            if is_asked or text.is_in_force:
                place = self.elsewhere if not is_asked else self.in_force if text.is_in_force else self.drafted
                self._answers(text, place)
            if is_asked and text.is_in_force:
                self._reasons(text)

    def _answers(self, text: Text, place: defaultdict[tuple[str, str], list[Answer]]) -> None:
        sections: dict[tuple[str, str], list[Section]] = {}
        for claim in claims(text.document):
            named = sections.setdefault((claim.catalogue, claim.clause), [])
            named.extend([claim.section] if claim.section else [])
        for clause, found in sections.items():
            place[clause].append(Answer(text.number, str(text.document.version), tuple(found)))

    def _reasons(self, text: Text) -> None:
        for catalogue, reasons in text.document.front_matter.not_applicable.items():
            for clause, reason in reasons.items():
                said = Reason(text.number, reason, str(text.document.version), text.signed_by)
                self.reasons[catalogue, clause].append(said)


def _drafts(state: State) -> Iterable[Document]:
    """Texts that claim clauses and are not in force: a proposal, or an approved version whose day has not come."""
    if state.proposed and isinstance(state.proposed.document, Document):
        yield state.proposed.document
    if state.text and not state.status.is_in_force:
        yield state.text


def _signers(state: State) -> tuple[str, ...]:
    return tuple(f"{each.name}, {each.role}" for each in state.effective.sign_offs) if state.effective else ()


def _row(catalogue: str, clause: Clause, index: Index, starts: tuple[str, ...] | None) -> ClauseCover:
    key = (catalogue, clause.id)
    found, drafted, elsewhere = (
        tuple(place.get(key, ())) for place in (index.in_force, index.drafted, index.elsewhere)
    )
    reasons = tuple(index.reasons.get(key, ()))
    is_binding = starts is not None and (not starts or any(is_under(clause.id, start) for start in starts))
    cover = (
        Cover.HEADING if clause.heading
        else Cover.COVERED if found
        else Cover.NOT_APPLICABLE if reasons
        else Cover.DRAFT_ONLY if drafted
        else Cover.UNCOVERED
    )  # fmt: skip
    return ClauseCover(catalogue, clause, cover, found, drafted, reasons, elsewhere, is_binding)
