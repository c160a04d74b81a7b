"""What is found in texts, each looked at once; what an earlier run noted of a text is not looked for again.

Notes are plain lists, so that reading them runs nothing. A note that is not exactly as it is written here is no note: the
text is then looked at anew.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import Any, TypeVar, get_type_hints

from qmdoc import markup
from qmdoc.markup import ClauseMark, Heading, LocalValue, Markup, Reference
from qmdoc.model import Fault

Seen = TypeVar("Seen")

_MARKUP = "markup"
_PARTS = (Heading, Reference, LocalValue, Fault, Fault, ClauseMark, Fault)
"""The nouns of which a `Markup` has lists, in its order."""

_MOST_OTHERS = 1000  # other days and drafts ask for other texts; each note takes about a kilobyte
_FIELDS: dict[type[Any], dict[str, type]] = {}


class Text:
    """A text, and all that was found in it so far; `note` is what is kept of it, rows by the name of what looked."""

    def __init__(self, body: str, first_line: int, note: Mapping[str, object]) -> None:
        self.body, self.first_line = body, first_line
        self.note = dict(note)
        self.has_new = False
        self._found: dict[str, tuple[Any, ...]] = {}
        self._markup: Markup | None = None

    def read(self) -> Markup:
        """Its headings, references and faults: to find them takes some 10 ms."""
        if self._markup is None:
            self._markup = _markup(self.note.get(_MARKUP))
        if self._markup is None:
            self._markup = found = markup.read(self.body, first_line=self.first_line)
            self._note(_MARKUP, [_rows(_PARTS[at], part) for at, part in enumerate(_parts(found))])
        return self._markup

    def seen(self, name: str, kind: type[Seen], look: Callable[[], Iterable[Seen]]) -> tuple[Seen, ...]:
        """What `look` finds in it: rows of one kind, whose fields are plain values; noted under `name`."""
        if name not in self._found:
            known = _nouns(kind, self.note.get(name))
            if known is None:
                known = tuple(look())
                self._note(name, _rows(kind, known))
            self._found[name] = known
        return self._found[name]

    def knows(self, names: Iterable[str]) -> bool:
        """Whether its markup, and what was looked for under these names, was found or noted."""
        return all(name in self.note for name in (_MARKUP, *names))

    def take(self, note: Mapping[str, object]) -> None:
        """Takes what another process has found in it, as if it was found here."""
        self.note.update(note)
        self.has_new = True

    def _note(self, name: str, rows: list[Any]) -> None:
        self.note[name] = rows
        self.has_new = True


class Texts:
    """Texts by their letters and the number of their first line; `notes` has what was noted, by `markup.key`."""

    def __init__(self, notes: Mapping[str, object] = MappingProxyType({})) -> None:
        self._notes = notes
        self._used: dict[tuple[str, int], tuple[str, Text]] = {}

    def of(self, body: str, first_line: int) -> Text:
        """A text whose first line has that number."""
        if (body, first_line) not in self._used:
            name = markup.key(body, first_line)
            note = self._notes.get(name)
            self._used[body, first_line] = name, Text(body, first_line, note if isinstance(note, dict) else {})
        return self._used[body, first_line][1]

    def read(self, body: str, first_line: int) -> Markup:
        """What a text holds whose first line has that number."""
        return self.of(body, first_line).read()

    @property
    def has_new(self) -> bool:
        """Something was found that was not noted before."""
        return any(text.has_new for _, text in self._used.values())

    def noted(self) -> None:
        """All that was found is noted now."""
        for _, text in self._used.values():
            text.has_new = False

    def written(self) -> dict[str, object]:
        """What is known, as it is noted: of the texts that were asked for, and of so many that earlier runs asked for last."""
        used = {name: text.note for name, text in self._used.values()}
        others = [name for name in self._notes if name not in used]
        return used | {name: self._notes[name] for name in others[: max(len(used), _MOST_OTHERS)]}


def _parts(found: Markup) -> tuple[tuple[Any, ...], ...]:
    return (
        found.headings, found.references, found.local_values, found.unsafe, found.titles, found.clause_marks, found.unclosed,
    )  # fmt: skip


def _markup(note: object) -> Markup | None:
    if not isinstance(note, list) or len(note) != len(_PARTS):
        return None
    parts: list[Any] = [_nouns(kind, rows) for kind, rows in zip(_PARTS, note, strict=True)]
    return None if None in parts else Markup(*parts)


def _rows(kind: type[Any], found: Iterable[Any]) -> list[list[Any]]:
    return [[getattr(row, name) for name in _fields(kind)] for row in found]


def _nouns(kind: type[Seen], note: object) -> tuple[Seen, ...] | None:
    """The rows of a note as the nouns that they were; None where one of them is not as it was written."""
    if not isinstance(note, list):
        return None
    wanted = [*_fields(kind).values()]
    if any(not isinstance(row, list) or [*map(type, row)] != wanted for row in note):
        return None
    return tuple(kind(*row) for row in note)


def _fields(kind: type[Any]) -> dict[str, type]:
    """The names of a noun's fields, each with its type."""
    if kind not in _FIELDS:
        _FIELDS[kind] = get_type_hints(kind)
    return _FIELDS[kind]
