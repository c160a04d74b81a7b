"""A standard's catalogue: its clauses by id, in our own words (DESIGN.md §3.3)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from qmdoc import strict_yaml
from qmdoc.model import Fault
from qmdoc.strict_yaml import OneLine

SUFFIX = ".yaml"
_AFTER_A_CLAUSE = (".", ":", "(")


class Confidence(StrEnum):
    """Whether a clause's number was seen in a source, or written from memory."""

    CONFIRMED = "confirmed"
    RECALLED = "recalled"


class Clause(BaseModel):
    """One clause; a heading asks for nothing."""

    model_config = ConfigDict(frozen=True, extra="ignore")
    id: OneLine
    title: str = ""
    requires: str = ""
    tags: tuple[str, ...] = ()
    confidence: Confidence = Confidence.RECALLED
    seen_edition: str = ""
    heading: bool = False


class Catalogue(BaseModel):
    """A standard in one edition. Clause ids are compared exactly and belong to this catalogue alone."""

    model_config = ConfigDict(frozen=True, extra="ignore")
    id: OneLine
    title: OneLine
    edition: str = ""
    publisher: str = ""
    source_url: str = ""
    superseded_by: str = ""
    licence: str = ""
    notes: str = ""
    clauses: Annotated[tuple[Clause, ...], Field(min_length=1)]

    def clause(self, clause_id: str) -> Clause | None:
        """The clause of exactly this id."""
        return next((clause for clause in self.clauses if clause.id == clause_id), None)


@dataclass(frozen=True, slots=True)
class UnreadableStandard:
    """A catalogue that can't be read whole, and so can't be said to have no gaps."""

    path: str
    faults: tuple[Fault, ...]


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
    faults = (*strict_yaml.repeated_keys(node), *faults)
    if catalogue is None or faults:
        return UnreadableStandard(path, faults)
    faults = (*_misnamed(path, catalogue, node), *_twice(catalogue, node))
    return UnreadableStandard(path, faults) if faults else catalogue


def _misnamed(path: str, catalogue: Catalogue, node: strict_yaml.Node) -> tuple[Fault, ...]:
    name = path.rpartition("/")[2].removesuffix(SUFFIX)
    if name == catalogue.id:
        return ()
    return (
        Fault(
            strict_yaml.line_of(node, ["id"]),
            f"`id` is `{catalogue.id}`, but the file is named {name}{SUFFIX}",
            "make the two the same",
            "id",
        ),
    )


def _twice(catalogue: Catalogue, node: strict_yaml.Node) -> tuple[Fault, ...]:
    seen: set[str] = set()
    faults = []
    for at, clause in enumerate(catalogue.clauses):
        if clause.id in seen:
            faults.append(
                Fault(
                    strict_yaml.line_of(node, ["clauses", at]), f"the clause `{clause.id}` is listed twice", "keep one"
                )
            )
        seen.add(clause.id)
    return tuple(faults)
