"""What was found in texts, written down and read again: plain lists, so that reading them runs nothing.

A note that is not exactly as it is written here is no note: the text is then read anew.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import astuple
from typing import Any

from qmdoc.markup import ClauseMark, Heading, LocalValue, Markup, Reference, Texts
from qmdoc.model import Fault

_PARTS = (Heading, Reference, LocalValue, Fault, Fault, ClauseMark)
"""The nouns of which a `Markup` has lists, in its order."""


def written(texts: Texts) -> dict[str, object]:
    """What was found in the texts that were asked for, by their digests."""
    return {
        name: [[list(astuple(row)) for row in part] for part in _parts(found)] for name, found in texts.used.items()
    }


def texts(notes: Mapping[str, object]) -> Texts:
    """Texts of which these notes are known."""
    known = {name: found for name, note in notes.items() if (found := _markup(note))}
    return Texts(known)


def _parts(found: Markup) -> tuple[tuple[Any, ...], ...]:
    return (found.headings, found.references, found.local_values, found.unsafe, found.titles, found.clause_marks)


def _markup(note: object) -> Markup | None:
    if not isinstance(note, list) or len(note) != len(_PARTS):
        return None
    try:
        return Markup(*(tuple(_noun(kind, row) for row in part) for kind, part in zip(_PARTS, note, strict=True)))
    except (TypeError, ValueError):
        return None


def _noun(kind: type[Any], row: object) -> Any:
    """A row as the noun that it was. Raises TypeError, ValueError."""
    if not isinstance(row, list):
        raise TypeError("a row is a list")
    made = kind(*row)
    for name, wanted in kind.__annotations__.items():
        if type(getattr(made, name)).__name__ != wanted:
            raise TypeError(f"{name} is no {wanted}")
    return made
