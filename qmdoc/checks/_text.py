"""The texts that checks judge: the one in force and the one on main, each with its own line numbers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Generic, TypeVar

from qmdoc import coverage, markup
from qmdoc.checks import _lines
from qmdoc.checks._layout import Layout
from qmdoc.coverage import Claim
from qmdoc.documents import Document
from qmdoc.markup import Markup
from qmdoc.model import NOT_ON_A_LINE, Fault, Finding, Severity, Status
from qmdoc.register import Register, State
from qmdoc.remembered import Text

Seen = TypeVar("Seen")


@dataclass(frozen=True, slots=True)
class Look(Generic[Seen]):
    """What a check sees in a text and in nothing else, so that it can be noted: rows of `kind`, under `name`."""

    name: str
    kind: type[Seen]
    at: Callable[[Text], Iterable[Seen]]


@dataclass(frozen=True, slots=True)
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

    @property
    def claims(self) -> tuple[Claim, ...]:
        """The clauses that it says it answers, in its front matter and section by section."""
        return tuple(coverage.claims(self.document))

    def line(self, key: str) -> int:
        """The line of a front-matter key."""
        return self.document.line(key)

    def finding(self, check: str, severity: Severity, fault: Fault, clauses: tuple[str, ...] = ()) -> Finding:
        """The finding that a fault in this text amounts to."""
        message = f"{self.lead}{fault.message}"
        return Finding(check, severity, message, fault.fix, self.id, self.state.path, fault.line, clauses=clauses)


def judged(register: Register) -> Iterator[JudgedText]:
    """Every text under judgement; a withdrawn document's is not, as long as its file is left as it was."""
    for state in register.states:
        if state.status is Status.WITHDRAWN and state.proposed is None:
            continue
        for number, document in enumerate(state.texts):
            yield _judged(state, document, register, is_approved=number == 0 and state.text is not None)


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


def _judged(state: State, document: Document, register: Register, *, is_approved: bool) -> JudgedText:
    named = _named(state.id, document.title)
    approval = state.effective or state.waiting
    content = approval.content if approval and is_approved else register.ledger.holdings.content(state.id)
    is_one_of_two = len(state.texts) > 1 and is_approved
    status = "in force" if state.effective else "approved"
    lead = f"{named}: in the version {status} ({document.version}): " if is_one_of_two else f"{named}: "
    attachments = frozenset(each for each, _ in content.names if each != ".") if content else frozenset[str]()
    text = register.texts.of(document.body, document.body_line)
    return JudgedText(state, document, lead, attachments, text)


def _named(number: str, title: str) -> str:
    return f"{number} {title}" if title and title != number else number


@lru_cache(maxsize=1)  # one text after the other is looked at, each for all checks
def _layout(text: Text) -> Layout:
    return _lines.read(markup.without_clause_marks(text.body), first_line=text.first_line)
