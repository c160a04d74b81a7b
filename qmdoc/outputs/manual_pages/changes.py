"""The page "What changed" of a document: version by version, newest first, why, and who approved."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

from qmdoc.documents import Document
from qmdoc.ledger import Approval
from qmdoc.outputs.manual_pages import document, earlier
from qmdoc.outputs.manual_pages.earlier import Earlier
from qmdoc.outputs.manual_pages.source import Page
from qmdoc.outputs.manual_pages.templates import Templates
from qmdoc.register import State

FOLDER = "changes"


@dataclass(frozen=True, slots=True)
class Step:
    """From one approved version to the next: what both say; `text` is None where this qmdoc can't read one."""

    before: Approval
    after: Approval
    old: Document | None
    text: Document | None


def name_of(number: str) -> str:
    """The page of a document."""
    return f"{FOLDER}/{number}"


def page(state: State, olden: tuple[Earlier, ...], blob: Callable[[str], bytes], templates: Templates) -> Page:
    """The page of a document in force that has earlier versions."""
    assert state.effective and state.text
    rows = [(each.approval, each.text) for each in olden] + [(state.effective, earlier.text_of(state.effective, blob))]
    rows.sort(key=lambda row: (row[0].landing, row[0].version))
    steps = [Step(old[0], new[0], old[1], new[1]) for old, new in pairwise(rows)]
    name = name_of(state.id)
    above = templates.render("changes.html", name, state=state, steps=tuple(reversed(steps)))
    title = f"What changed in {state.id} {state.text.title}"
    return Page(name, title, parent=document.name_of(state.id), above=above, number=state.id)
