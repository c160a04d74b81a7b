"""What an earlier build left in `build/`, as far as it would be made the same again: that is not made again.

A note says of each file which bytes it had and, where that is known, what it was made from. A file that somebody changed,
a note that is broken, another program, and it is made anew. Files that were read then and look untouched since, by name,
size, times and inode, are not opened again, as git does with a work tree. The notes lie in the person's own cache
(`qmdoc.cache`) and never in `build/`: whoever hands on a folder could bring a forged manual, and a note to match.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from types import MappingProxyType

from qmdoc import cache

Places = Sequence[tuple[int, str]]
"""Where in a file something stands that may be another at the next build, and what was put in its place."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A file that stands as it was made."""

    content: bytes
    places: Places


class MadeBefore:
    """A site in `build/` and the outputs beside it: what stands, what was taken over, and what is to be noted of it."""

    def __init__(self, build: Path, site: str, beside: tuple[str, ...], environment: Mapping[str, str]) -> None:
        """Reads the note; without one nothing was made before. Paths are those in the site."""
        self._build, self._site, self._names = build, site, (*beside, site)
        self._environment = environment
        self._noted = _Note.read(cache.private_notes(environment, self._subject))
        self._made: dict[str, tuple[str, Places]] = {}
        self._written: dict[str, str] = {}
        self.taken: set[str] = set()

    def stands(self, made_from: str, now: datetime) -> bool:
        """The outputs are, byte for byte, what this person's own program made from the same."""
        noted = self._noted
        if noted.made_from != made_from:
            return False
        try:
            looks = cache.looks(self._build, self._names, now)
            known = {path: noted.digests.get(path, "") for path, look in looks.items() if noted.looks.get(path) == look}
            stands = noted.digests == dict(self._digests(known))
            if stands and looks != noted.looks:
                self._keep(replace(noted, looks=looks))
        except (OSError, ValueError):
            return False
        return stands

    def take(self, path: str, made_from: str) -> Kept | None:
        """The file at this path, if it stands as it was made from this; it will be noted so again."""
        return self._take(path) if made_from and self._noted.sources.get(path) == made_from else None

    def take_all(self, folder: str, made_from: str) -> dict[str, bytes]:
        """All files of a folder, by path, if each of them stands as it was made from this; else none."""
        if not made_from or self._noted.sources.get(f"{folder}/") != made_from:
            return {}
        whole = f"{self._site}/{folder}/"
        rows = [path.removeprefix(f"{self._site}/") for path in self._noted.digests if path.startswith(whole)]
        found = {path: self._take(path) for path in rows}
        return {path: kept.content for path, kept in found.items() if kept} if all(found.values()) else {}

    def made(self, path: str, made_from: str, places: Places = ()) -> None:
        """Has it noted what a file, or a folder (`name/`), was made from, and what stands where in it."""
        self._made[path] = (made_from, places)

    def wrote(self, path: str, content: bytes) -> None:
        """Has these bytes noted of a file, and not those that may lie there when all is made."""
        self._written[f"{self._site}/{path}"] = _digest([content])

    def keep(self, made_from: str, now: datetime) -> None:
        """Notes what stands now, made from this; a note that can't be written only costs the next run its time."""
        with suppress(OSError, ValueError):
            sources = {path: made_from for path, (made_from, _) in self._made.items() if made_from}
            places = {path: rows for path, (_, rows) in self._made.items() if rows}
            looks = cache.looks(self._build, self._names, now)
            lying = dict(self._digests())
            digests = {path: self._written.get(path, digest) for path, digest in lying.items()}
            looks = {path: look for path, look in looks.items() if digests[path] == lying[path]}
            self._keep(_Note(made_from, digests, sources, places, looks))

    def _keep(self, note: _Note) -> None:
        cache.keep_private_notes(self._environment, self._subject, note.written())

    @property
    def _subject(self) -> str:
        return f"made {self._build.resolve()} {' '.join(self._names)}"

    def _take(self, path: str) -> Kept | None:
        try:
            file = self._build / self._site / path
            content = b"" if file.is_symlink() else file.read_bytes()
        except OSError:
            return None
        if _digest([content]) != self._noted.digests.get(f"{self._site}/{path}"):
            return None
        self.taken.add(path)
        kept = Kept(content, self._noted.places.get(path, []))
        self.made(path, self._noted.sources.get(path, ""), kept.places)  # its bytes may soon be those of another day
        return kept

    def _digests(self, known: Mapping[str, str] = MappingProxyType({})) -> Iterator[tuple[str, str]]:
        """Every file and its digest; a link or anything odd has none. Raises ValueError then."""
        for name in self._names:
            for path in _files(self._build, name):
                yield path, known.get(path) or _digest([(self._build / path).read_bytes()])


@dataclass(frozen=True, slots=True)
class _Note:
    """What is noted of files by their paths: their digests, what they were made from, and where something stands in them.

    `looks` says how a file looked just before its bytes were found to be those of its digest.
    """

    made_from: str
    digests: Mapping[str, str]
    sources: Mapping[str, str]
    places: Mapping[str, Places]
    looks: Mapping[str, str]

    def written(self) -> dict[str, object]:
        """The note as it is kept, for this very program alone."""
        return {
            "program": cache.program(),
            "from": self.made_from,
            "digests": self.digests,
            "sources": self.sources,
            "places": self.places,
            "looks": self.looks,
        }

    @classmethod
    def read(cls, kept: Mapping[str, object]) -> _Note:
        """The note that is kept; one that holds nothing where there is none, or none of ours."""
        nothing = cls("", {}, {}, {}, {})
        whole, *parts = (kept.get(name) for name in ("from", "digests", "sources", "places", "looks"))
        if kept.get("program") != cache.program() or not isinstance(whole, str):
            return nothing
        digests, sources, places, looks = (part if isinstance(part, dict) else {} for part in parts)
        try:
            found = {path: [(int(at), str(letters)) for at, letters in rows] for path, rows in places.items()}
        except (TypeError, ValueError):
            return nothing
        return cls(whole, digests, sources, found, looks)


def key(answer: str, files: Mapping[str, bytes]) -> str:
    """What an output is made from: the audit's answer and the files that shape it."""
    parts = [answer.encode()]
    for path, content in sorted(files.items()):
        parts += [path.encode(), content]
    return _digest(parts)


def _files(top: Path, folder: str) -> Iterator[str]:
    """The path of every file in a folder. Raises ValueError where there is anything else."""
    if (top / folder).is_symlink() or not (top / folder).is_dir():
        raise ValueError(f"{folder} is no folder")
    with os.scandir(top / folder) as entries:
        rows = sorted(entries, key=lambda entry: entry.name)
    for entry in rows:
        path = f"{folder}/{entry.name}"
        if entry.is_dir(follow_symlinks=False):
            yield from _files(top, path)
        elif entry.is_file(follow_symlinks=False):
            yield path
        else:
            raise ValueError(f"{path} is no file")


def _digest(parts: Iterable[bytes]) -> str:
    seen = hashlib.sha256()
    for part in parts:
        seen.update(len(part).to_bytes(8, "big") + part)
    return seen.hexdigest()
