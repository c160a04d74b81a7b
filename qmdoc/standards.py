"""A standard's catalogue: its clauses by id, in our own words (DESIGN.md §3.3).

A new edition is a catalogue of its own. `supersedes` at its top names the catalogue of the old edition; a clause says
`supersedes: [B4.5]` only where its number is another than before, `supersedes: []` where it is new under an old number,
and `change` in one sentence where it asks for something else. A clause that says nothing continues its namesake.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from qmdoc import strict_yaml
from qmdoc.model import Fault
from qmdoc.strict_yaml import OneLine

SUFFIX = ".yaml"
_AFTER_A_CLAUSE = (".", ":", "(")
_CATALOGUE_ID = re.compile(r"[a-z0-9]+([.-][a-z0-9]+)*")
# Other keys are the writers' own notes and ask for nothing; one of these misspelt would lose what it says.
_MEANT = ("clauses", "confidence", "heading", "supersedes", "superseded_by", "change")


class Confidence(StrEnum):
    """Whether a clause's number was seen in a source, or written from memory."""

    CONFIRMED = "confirmed"
    RECALLED = "recalled"


class Clause(BaseModel):
    """One clause; a heading asks for nothing. `line` is where it stands in its file.

    `seen` is what was read of it: its text, its heading, or somebody else's account. `supersedes` has the clauses of
    the old edition that it continues; None where its writer was silent.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")
    id: OneLine
    title: str = ""
    requires: str = ""
    tags: tuple[str, ...] = ()
    confidence: Confidence = Confidence.RECALLED
    seen: str = ""
    seen_edition: str = ""
    heading: bool = False
    supersedes: tuple[OneLine, ...] | None = None
    change: str = ""
    line: int = 1


class Catalogue(BaseModel):
    """A standard in one edition. Clause ids are compared exactly and belong to this catalogue alone.

    `path` is its file, `lines` says on which line of it each key stands.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")
    id: OneLine
    title: OneLine
    edition: str = ""
    publisher: str = ""
    source_url: str = ""
    supersedes: str = ""
    superseded_by: str = ""
    licence: str = ""
    notes: str = ""
    clauses: Annotated[tuple[Clause, ...], Field(min_length=1)]
    path: str = ""
    lines: dict[str, int] = {}

    def line(self, key: str) -> int:
        """The line of a key at the top of the file; 1 where it is not there."""
        return self.lines.get(key, 1)

    def clause(self, clause_id: str) -> Clause | None:
        """The clause of exactly this id."""
        return next((clause for clause in self.clauses if clause.id == clause_id), None)

    @property
    def successor(self) -> str:
        """The catalogue that supersedes this one, where it is named by its id and not in a sentence."""
        return self.superseded_by if _CATALOGUE_ID.fullmatch(self.superseded_by) else ""


@dataclass(frozen=True, slots=True)
class UnreadableStandard:
    """A catalogue that can't be read whole, and so can't be said to have no gaps."""

    path: str
    faults: tuple[Fault, ...]


def id_of(path: str) -> str:
    """The catalogue that a file must hold, by its name."""
    return path.rpartition("/")[2].rpartition(".")[0]


def is_under(clause_id: str, start: str) -> bool:
    """Whether a clause is `start` itself or lies below it: B5.1 and B4(2) lie below B5 and B4, 11.10 not below 11.1."""
    rest = clause_id.removeprefix(start)
    return clause_id.startswith(start) and (not rest or rest.startswith(_AFTER_A_CLAUSE))


def read(path: str, content: bytes) -> Catalogue | UnreadableStandard:
    """The catalogue in a file, or what is wrong with it."""
    try:
        node = strict_yaml.read(content.decode("utf-8-sig"))
    except UnicodeDecodeError:
        return UnreadableStandard(path, (Fault(1, "the file is not UTF-8", "save it as UTF-8"),))
    except strict_yaml.NotReadable as error:
        return UnreadableStandard(path, (error.fault,))
    catalogue, faults = strict_yaml.judge(Catalogue, node)
    faults = (*strict_yaml.repeated_keys(node), *_misspelt(node), *faults)
    if catalogue is None or faults:
        return UnreadableStandard(path, faults)
    catalogue = _placed(path, catalogue, node)
    faults = (*_misnamed(path, catalogue, node), *_twice(catalogue), *_without_old_edition(catalogue))
    return UnreadableStandard(path, faults) if faults else catalogue


def _placed(path: str, catalogue: Catalogue, node: strict_yaml.Node) -> Catalogue:
    """The catalogue that knows where it stands, clause by clause."""
    lines = [row.line for row in _rows(node)]
    clauses = tuple(
        clause.model_copy(update={"line": line}) for clause, line in zip(catalogue.clauses, lines, strict=True)
    )
    keys = {key.text: key.line for key, _ in node.pairs} if isinstance(node, strict_yaml.Mapping) else {}
    return catalogue.model_copy(update={"path": path, "clauses": clauses, "lines": keys})


def _rows(node: strict_yaml.Node) -> tuple[strict_yaml.Node, ...]:
    clauses = node.value("clauses") if isinstance(node, strict_yaml.Mapping) else None
    return clauses.items if isinstance(clauses, strict_yaml.Listing) else ()


def _misspelt(node: strict_yaml.Node) -> Iterator[Fault]:
    """A key that is none, and looks like one that would decide something."""
    known = {*Catalogue.model_fields, *Clause.model_fields, "numbering", "note", "status", "evidence", "confidence_key"}
    for mapping in (node, *_rows(node)):
        for key, _ in mapping.pairs if isinstance(mapping, strict_yaml.Mapping) else ():
            near = get_close_matches(key.text, _MEANT, 1, cutoff=0.8) if key.text not in known else []
            if near:
                yield Fault(
                    key.line, f"the key `{key.text}` is unknown", f"write `{near[0]}`, or name it otherwise", key.text
                )


def _misnamed(path: str, catalogue: Catalogue, node: strict_yaml.Node) -> tuple[Fault, ...]:
    if id_of(path) == catalogue.id:
        return ()
    return (
        Fault(
            strict_yaml.line_of(node, ["id"]),
            f"`id` is `{catalogue.id}`, but the file is named {id_of(path)}{SUFFIX}",
            "make the two the same",
            "id",
        ),
    )


def _twice(catalogue: Catalogue) -> Iterator[Fault]:
    seen: set[str] = set()
    for clause in catalogue.clauses:
        if clause.id in seen:
            yield Fault(clause.line, f"the clause `{clause.id}` is listed twice", "keep one")
        seen.add(clause.id)


def _without_old_edition(catalogue: Catalogue) -> Iterator[Fault]:
    """Clauses that continue others of an edition that is not named: the first of them stands for all."""
    telling = next((clause for clause in catalogue.clauses if clause.supersedes or clause.change), None)
    if telling and not catalogue.supersedes:
        yield Fault(
            telling.line,
            f"the clause `{telling.id}` says what it was before, but the old edition is not named",
            "add a line `supersedes: …` with the id of the old edition's catalogue at the top of the file",
        )
    if catalogue.supersedes == catalogue.id:
        yield Fault(
            catalogue.line("supersedes"),
            "`supersedes` names the catalogue itself",
            "write the id of the old edition's catalogue",
        )
