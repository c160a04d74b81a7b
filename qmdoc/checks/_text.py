"""What checks judge: a document by itself, with its text in force and the one on main, each with its own line numbers.

A check that judges one document after the other is given nothing else (`OneDocument`), so that what it found counts for as
long as these stay the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property, lru_cache
from typing import Generic, NamedTuple, TypeVar

from qmdoc import controlled, coverage, markup
from qmdoc.checks import _lines
from qmdoc.checks._layout import Layout
from qmdoc.controlled import Content
from qmdoc.coverage import Claim
from qmdoc.documents import Document
from qmdoc.markup import Markup
from qmdoc.model import NOT_ON_A_LINE, Fault, Finding, Severity, Status
from qmdoc.records.staff import Staff
from qmdoc.register import Register, State
from qmdoc.remembered import Text, Texts
from qmdoc.signing.authority import Authority
from qmdoc.standards import Catalogue, UnreadableStandard

Seen = TypeVar("Seen")

Clause = tuple[str, str]
"""A clause by its standard and its id."""


@dataclass(frozen=True, slots=True)
class Look(Generic[Seen]):
    """What a check sees in a text and in nothing else, so that it can be noted: rows of `kind`, under `name`."""

    name: str
    kind: type[Seen]
    at: Callable[[Text], Iterable[Seen]]


class ClaimedBy(NamedTuple):
    """The clauses that a document's text claims, and those that it says do not apply."""

    number: str
    is_in_force: bool
    clauses: frozenset[Clause]
    excused: frozenset[Clause]


@dataclass(frozen=True)
class JudgedText:
    """A text of a document and the names of its attachments; `lead` begins every message about it."""

    state: State
    document: Document
    lead: str
    attachments: frozenset[str]
    text: Text

    @property
    def id(self) -> str:
        """The document's number."""
        return self.state.id

    @property
    def markup(self) -> Markup:
        """What is in the text."""
        return self.text.read()

    def seen(self, look: Look[Seen]) -> tuple[Seen, ...]:
        """What a check sees in it, looked for or taken from its note."""
        return seen(self.text, look)

    @cached_property
    def claims(self) -> tuple[Claim, ...]:
        """The clauses that it says it answers, in its front matter and section by section."""
        return tuple(coverage.claims(self.document))

    @cached_property
    def claim(self) -> ClaimedBy:
        """What it says of clauses, in short."""
        not_applicable = self.document.front_matter.not_applicable
        return ClaimedBy(
            self.id,
            self.state.status.is_in_force and self.document is self.state.text,
            frozenset((claim.catalogue, claim.clause) for claim in self.claims),
            frozenset((standard, clause) for standard, clauses in not_applicable.items() for clause in clauses),
        )

    def line(self, key: str) -> int:
        """The line of a front-matter key."""
        return self.document.line(key)

    def finding(self, check: str, severity: Severity, fault: Fault, clauses: tuple[str, ...] = ()) -> Finding:
        """The finding that a fault in this text amounts to."""
        message = f"{self.lead}{fault.message}"
        return Finding(check, severity, message, fault.fix, self.id, self.state.path, fault.line, clauses=clauses)


class Surroundings(NamedTuple):
    """What may be known besides a document where each is judged by itself; `prefixes` are those of all numbers."""

    as_of: date
    authority: Authority
    staff: Staff
    catalogues: tuple[Catalogue, ...]
    unreadable_standards: tuple[UnreadableStandard, ...]
    prefixes: frozenset[str]


class Made(NamedTuple):
    """All that a document under judgement is made of.

    `pictures` are the first bytes of those among its attachments, `earlier` its other approved texts that matter still, by digest.
    """

    state: State
    content: Content | None
    is_held: bool
    pictures: tuple[tuple[str, bytes], ...]
    earlier: tuple[tuple[str, Document], ...]


class OneDocument:
    """A document that is judged by itself: its state, its texts, and what surrounds it.

    Of other documents it tells the status alone; which of them were asked for is noted in `asked`.
    """

    def __init__(self, made: Made, surroundings: Surroundings, statuses: Mapping[str, Status], texts: Texts) -> None:
        self.made, self.state, self.content, self.is_held = made, made.state, made.content, made.is_held
        self.pictures, self.earlier = dict(made.pictures), dict(made.earlier)
        self.surroundings = surroundings
        self.asked: set[str] = set()
        self._statuses = statuses
        self.texts = tuple(_texts(made, texts))

    def status(self, number: str) -> Status | None:
        """Where another document stands; None where there is none of that number."""
        self.asked.add(number)
        return self._statuses.get(number)


def surroundings(register: Register) -> Surroundings:
    """What surrounds every document of a register."""
    return Surroundings(
        register.as_of,
        register.authority,
        register.staff,
        register.catalogues,
        register.unreadable_standards,
        frozenset(state.id.partition("-")[0] for state in register.states),
    )


def made(state: State, register: Register) -> Made:
    """What a document of a register is made of."""
    holdings, earlier = register.ledger.holdings, register.personnel.earlier
    texts = (
        [(each.digest, earlier[each.digest]) for each in state.approvals if each.digest in earlier] if earlier else ()
    )
    pictures = _pictures(state, register) if register.pictures else ()
    return Made(state, holdings.content(state.id), state.id in holdings.documents, pictures, tuple(texts))


def judged(register: Register) -> Iterator[JudgedText]:
    """Every text under judgement."""
    known = register.kept.get(__name__)
    if isinstance(known, list):
        yield from known
        return
    for state in register.states:
        yield from _texts(made(state, register), register.texts)


def keep_judged(register: Register, texts: list[JudgedText]) -> None:
    """Keeps the texts of a register that are under judgement, so that they are not sought again."""
    register.kept[__name__] = texts


def seen(text: Text, look: Look[Seen]) -> tuple[Seen, ...]:
    """What a check sees in a text, looked for or taken from its note."""
    return text.seen(look.name, look.kind, lambda: look.at(text))


def in_layout(at: Callable[[Layout], Iterable[Seen]]) -> Callable[[Text], Iterable[Seen]]:
    """The same of a text, for what looks at its sections, step lists and tables as they are written."""
    return lambda text: at(_layout(text))


def printable(text: str) -> str:
    """A text that prints on one line as it is: what can't be seen, or turns the direction of text, stands as its code."""
    return NOT_ON_A_LINE.sub(lambda found: f"\\x{ord(found[0]):02x}", text)


def name(state: State) -> str:
    """A document as people name it: number and title."""
    return _named(state.id, state.title)


def _texts(made: Made, texts: Texts) -> Iterator[JudgedText]:
    """The texts of a document; a withdrawn document's is not judged, as long as its file is left as it was."""
    state = made.state
    if state.status is Status.WITHDRAWN and state.proposed is None:
        return
    for number, document in enumerate(state.texts):
        yield _judged(made, document, texts, is_approved=number == 0 and state.text is not None)


def _pictures(state: State, register: Register) -> tuple[tuple[str, bytes], ...]:
    folder = controlled.attachments_folder(state.path) if state.path else None
    paths = register.ledger.holdings.attachments.get(folder, ()) if folder else ()
    return tuple((path, register.pictures[path]) for path in paths if path in register.pictures)


def _judged(made: Made, document: Document, texts: Texts, *, is_approved: bool) -> JudgedText:
    state = made.state
    named = _named(state.id, document.title)
    approval = state.effective or state.waiting
    content = approval.content if approval and is_approved else made.content
    is_one_of_two = len(state.texts) > 1 and is_approved
    status = "in force" if state.effective else "approved"
    lead = f"{named}: in the version {status} ({document.version}): " if is_one_of_two else f"{named}: "
    attachments = frozenset(each for each, _ in content.names if each != ".") if content else frozenset[str]()
    text = texts.of(document.body, document.body_line)
    return JudgedText(state, document, lead, attachments, text)


def _named(number: str, title: str) -> str:
    return f"{number} {title}" if title and title != number else number


@lru_cache(maxsize=1)  # one text after the other is looked at, each for all checks
def _layout(text: Text) -> Layout:
    return _lines.read(markup.without_clause_marks(text.body), first_line=text.first_line)
