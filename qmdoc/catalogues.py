"""The catalogues of a programme: every file under `sops/standards/`, in our own form or in OSCAL's, none of them twice."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from qmdoc import oscal, standards
from qmdoc.model import Fault
from qmdoc.standards import Catalogue, UnreadableStandard

SUFFIXES = (standards.SUFFIX, oscal.SUFFIX)


@dataclass(frozen=True, slots=True)
class Shelf:
    """The catalogues that could be read, and those that could not."""

    readable: tuple[Catalogue, ...]
    unreadable: tuple[UnreadableStandard, ...]


def read(path: str, content: bytes) -> Catalogue | UnreadableStandard:
    """The catalogue in a file, or what is wrong with it."""
    return oscal.read(path, content) if path.endswith(oscal.SUFFIX) else standards.read(path, content)


def shelved(files: Iterable[tuple[str, bytes]]) -> Shelf:
    """The catalogues in files, each with its path; a second one under the same id is not taken."""
    readable: dict[str, Catalogue] = {}
    unreadable: list[UnreadableStandard] = []
    for path, content in sorted(
        files, key=lambda file: (standards.id_of(file[0]), not file[0].endswith(standards.SUFFIX))
    ):
        found = read(path, content)
        if isinstance(found, UnreadableStandard):
            unreadable.append(found)
        elif found.id in readable:
            other = readable[found.id].path.rpartition("/")[2]
            fault = Fault(1, f"{other} is the catalogue `{found.id}` already", "keep one of the two files")
            unreadable.append(UnreadableStandard(path, (fault,)))
        else:
            readable[found.id] = found
    return Shelf(tuple(readable.values()), tuple(unreadable))
