"""What is covered, asked by a person: of the documents in force, or of the work tree's texts as they stand.

The work tree is read without history and its texts are not judged (`qmdoc check --draft` does that), so the answer is
there in half a second: a register is only used here, never drawn up.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING

from qmdoc import catalogues, controlled, coverage, documents, editions, place, work_tree
from qmdoc.catalogues import Shelf
from qmdoc.controlled import AUTHORITY, STANDARDS
from qmdoc.coverage import Matrix, Scope, Text
from qmdoc.documents import Unreadable
from qmdoc.editions import Move
from qmdoc.errors import ConfigError
from qmdoc.model import Fault
from qmdoc.standards import Catalogue, id_of

if TYPE_CHECKING:
    from qmdoc.register import Register
    from qmdoc.signing.authority import Policy

_README = "README.md"


@dataclass(frozen=True, slots=True)
class Source:
    """Where an answer comes from: texts, catalogues and the policy, on a day."""

    as_of: date
    texts: tuple[Text, ...]
    unreadable: tuple[Unreadable, ...]
    shelf: Shelf
    policy: Policy | None
    is_draft: bool


def in_force(register: Register) -> Source:
    """What history proves on the register's day; a draft stands beside it and covers nothing."""
    broken = [state.on_main for state in register.states if isinstance(state.on_main, Unreadable)]
    return Source(
        as_of=register.as_of,
        texts=coverage.texts(register),
        unreadable=(*register.nameless, *broken),
        shelf=Shelf(register.catalogues, register.unreadable_standards),
        policy=register.authority.policy,
        is_draft=False,
    )


def drafted(folder: Path, *, today: date) -> Source:
    """The work tree's texts, as if all of them were in force."""
    files = {
        path: content
        for path, (mode, content) in work_tree.files(place.find(folder), "sops").items()
        if mode.startswith("100")
    }
    texts, unreadable = _texts(files)
    at_top = [path for path in files if path.startswith(STANDARDS) and "/" not in path.removeprefix(STANDARDS)]
    shelf = catalogues.shelved((path, files[path]) for path in at_top if path.endswith(catalogues.SUFFIXES))
    return Source(today, texts, unreadable, shelf, _policy(files), is_draft=True)


def matrix(source: Source, standard: str | None, scope: Scope) -> Matrix:
    """The coverage of one standard or of all. Raises ConfigError for one that nobody knows."""
    _refuse_unknown_scope(source, scope)
    asked = source.shelf.readable if standard is None else (_catalogue(source, standard),)
    binding = source.policy.binding(each.id for each in source.shelf.readable) if source.policy else {}
    return Matrix(
        as_of=source.as_of,
        scope=scope,
        covers=coverage.over(source.texts, asked, binding, scope),
        texts=sum(text.is_in_force and scope.holds(text.document) for text in source.texts),
        unreadable_texts=source.unreadable,
        unreadable_standards=source.shelf.unreadable if standard is None else (),
        is_draft=source.is_draft,
        is_about_one=standard is not None,
        is_bound=source.policy is not None,
    )


def move(source: Source, old: str, new: str) -> Move:
    """What to look at again between two editions. Raises ConfigError for one that nobody knows."""
    return editions.move(_catalogue(source, old), _catalogue(source, new), source.texts)


def _texts(files: Mapping[str, bytes]) -> tuple[tuple[Text, ...], tuple[Unreadable, ...]]:
    """The documents of a work tree and what can't be read as one; a number that two files claim belongs to neither."""
    found = [documents.parse(path, files[path]) for path in sorted(files) if _is_text(path)]
    paths: dict[str, list[str]] = {}
    for each in found:
        paths.setdefault(each.id or "", []).append(each.path)
    texts, unreadable = [], []
    for each in found:
        if isinstance(each, Unreadable):
            unreadable.append(each)
        elif len(paths[each.id]) > 1:
            fault = Fault(each.line("id"), f"{' and '.join(paths[each.id])} have the same number", "give one another")
            unreadable.append(Unreadable(each.path, "duplicate-id", (fault,)))
        else:
            texts.append(Text(each.id, each, True))
    return tuple(texts), tuple(unreadable)


def _is_text(path: str) -> bool:
    is_elsewhere = path.startswith((AUTHORITY, STANDARDS)) or path.rpartition("/")[2] == _README
    return path.endswith(".md") and not is_elsewhere and controlled.place_of(path)[0] is None


def _policy(files: Mapping[str, bytes]) -> Policy | None:
    """The policy on disk; a library that nobody has adopted has none. Raises ConfigError where it can't be read."""
    named = {path.removeprefix(AUTHORITY): content for path, content in files.items() if path.startswith(AUTHORITY)}
    if not named:
        return None
    from qmdoc.signing import authority  # it loads the cryptography, of which a library without an authority has no use

    found = authority.read("", named)
    if isinstance(found, authority.Authority):
        return found.policy
    name, fault = found.faults[0]
    raise ConfigError(
        f"the authority can't be read: {AUTHORITY}{name}, line {fault.line}: {fault.message}", fix=fault.fix
    )


def _catalogue(source: Source, standard: str) -> Catalogue:
    known = {catalogue.id: catalogue for catalogue in source.shelf.readable}
    if standard in known:
        return known[standard]
    for broken in source.shelf.unreadable:
        if id_of(broken.path) == standard:
            fault = broken.faults[0]
            raise ConfigError(
                f"the catalogue can't be read: {broken.path}, line {fault.line}: {fault.message}", fix=fault.fix
            )
    raise ConfigError(
        f"there is no catalogue of the standard or edition `{standard}`",
        fix=_nearest(standard, known) or f"put it at {STANDARDS}{standard}.yaml",
    )


def _refuse_unknown_scope(source: Source, scope: Scope) -> None:
    fronts = [text.document.front_matter for text in source.texts]
    policy = source.policy
    for what, asked, known in (
        (
            "programme",
            scope.programme,
            {*(policy.programmes if policy else ()), *_named(each.programmes for each in fronts)},
        ),
        ("site", scope.site, {*(policy.sites if policy else ()), *_named(each.sites for each in fronts)}),
    ):
        if asked and asked not in known:
            named = f"name one of {', '.join(sorted(known))}" if known else f"no document names a {what}: leave it out"
            raise ConfigError(f"neither the policy nor a document knows the {what} `{asked}`", fix=named)


def _named(each: Iterable[Iterable[str]]) -> set[str]:
    return {name for names in each for name in names}


def _nearest(standard: str, known: Iterable[str]) -> str:
    near = get_close_matches(standard, sorted(known), 1)
    return f"write `{near[0]}` if that is meant" if near else ""
