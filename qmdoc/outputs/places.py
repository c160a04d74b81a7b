"""What a programme has still to decide: for a terminal, for programs, and as a file to fill for `qmdoc init --answers`."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from itertools import groupby

from qmdoc.decisions import Place, Undecided


def text(found: Undecided) -> str:
    """The open places, by document; and how many there are."""
    lines = [line for place_lines in _by_document(found.places) for line in place_lines]
    lines += [
        f"{path} can't be read, so what it asks is not known: run `qmdoc check --draft`" for path in found.unreadable
    ]
    left = len({place.document for place in found.places})
    counted = f"{_counted(len(found.places), 'place')} left to decide, in {_counted(left, 'document')}"
    said = counted if found.places else "Nothing is left to decide"
    return (
        "\n".join([*lines, *([""] if lines else []), f"{said}; looked at {_counted(found.documents, 'document')}."])
        + "\n"
    )


def json_text(found: Undecided) -> str:
    """The same for programs."""
    answer = {
        "schema": 1,
        "documents": found.documents,
        "places": [asdict(place) for place in found.places],
        "unreadable": list(found.unreadable),
    }
    return json.dumps(answer, indent=1, ensure_ascii=False) + "\n"


def answers_yaml(found: Undecided) -> str:
    """Each open question once, under the first document that asks it, with an empty answer."""
    lines = ["# Write your answer between the second quotes of each line; what is left empty stays open."]
    seen: set[str] = set()
    for document, places in groupby(found.places, key=lambda place: place.document):
        new = [place for place in places if place.question and place.question not in seen]
        asked = dict.fromkeys(place.question for place in new)
        seen.update(asked)
        if asked:
            lines += ["", f"# {document}", *(f'{json.dumps(question, ensure_ascii=False)}: ""' for question in asked)]
    return "\n".join(lines) + "\n"


def _by_document(places: Iterable[Place]) -> Iterator[list[str]]:
    for (document, path), rows in groupby(places, key=lambda place: (place.document, place.path)):
        yield [f"{document}  ({path})", *(f"  line {row.line}, {row.section or 'before the first section'}: {row.question or 'no question'}" for row in rows)]  # fmt: skip


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
