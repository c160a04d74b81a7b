"""Modules: named sets of documents, in the order in which somebody in a role or at a site should learn them.

`records/modules.yaml`, read as strictly as front matter:

    modules:
      apheresis-onboarding:
        title: Apheresis nurse, onboarding
        roles: [apheresis-nurse]        # or sites: [main], or both: then who has one of each
        documents: [QM-001, COL-003]

A module shows how far somebody has come. What must be known, and by when, the documents' own `training` says.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from qmdoc import strict_yaml
from qmdoc.documents import Id, Word
from qmdoc.model import Fault
from qmdoc.strict_yaml import OneLine, wrong

KIND = "modules"
PATH = "records/modules.yaml"
_STRICT = ConfigDict(extra="forbid", frozen=True)


class Module(BaseModel):
    """A set of documents, in order, and whom it is for."""

    model_config = _STRICT
    title: OneLine
    roles: tuple[Word, ...] = ()
    sites: tuple[Word, ...] = ()
    documents: Annotated[tuple[Id, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _is_for_somebody(self) -> Self:
        if not self.roles and not self.sites:
            raise wrong("a module for nobody", "`roles:` or `sites:`")
        if len(set(self.documents)) != len(self.documents):
            raise wrong("a module that names a document twice", "each document once")
        return self


class _File(BaseModel):
    model_config = _STRICT
    modules: Annotated[dict[Word, Module], Field(min_length=1)]


@dataclass(frozen=True, slots=True)
class Modules:
    """The modules by name, each with the line on which it begins."""

    modules: Mapping[str, Module]
    lines: Mapping[str, int]
    faults: tuple[Fault, ...] = ()


NONE = Modules({}, {})


def parse(content: bytes) -> Modules:
    """The modules of a programme; a file with any fault has none, so that nobody's progress is told from half a set."""
    try:
        node = strict_yaml.read(content.decode("utf-8-sig"))
    except UnicodeDecodeError:
        return Modules({}, {}, (Fault(1, "the file is not UTF-8", "save it as UTF-8"),))
    except strict_yaml.NotReadable as error:
        return Modules({}, {}, (error.fault,))
    found, wrongs = strict_yaml.judge(_File, node)
    faults = (*strict_yaml.repeated_keys(node), *wrongs)
    if faults or found is None:
        return Modules({}, {}, faults)
    return Modules(found.modules, _lines(node))


def _lines(node: strict_yaml.Node) -> dict[str, int]:
    top = node.pairs[0][1] if isinstance(node, strict_yaml.Mapping) else None
    return {key.text: key.line for key, _ in top.pairs} if isinstance(top, strict_yaml.Mapping) else {}
