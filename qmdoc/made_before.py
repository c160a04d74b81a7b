"""Whether an output that stands in `build/` is the one that would be made again: then it is not.

A note says what it was made from and what every byte was that came out. Both must agree: an output that somebody
touched, a note that is broken, another program, another answer or another template, and it is made anew. The note lies in
the person's own cache and never in `build/`: whoever hands on a folder could bring a forged manual, and a note to match.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path

from qmdoc import cache


def key(answer: str, files: Mapping[str, bytes]) -> str:
    """What an output is made from: the audit's answer, the files that shape it, and this very program."""
    parts = [cache.program().encode(), answer.encode()]
    for path, content in sorted(files.items()):
        parts += [path.encode(), content]
    return _digest(parts)


def stands(build: Path, names: tuple[str, ...], made_from: str, environment: Mapping[str, str]) -> bool:
    """The folders of these names hold, byte for byte, what this person's own program made from the same."""
    noted = cache.private_notes(environment, _subject(build, names))
    try:
        return bool(noted) and noted == {"from": made_from, "made": _made(build, names)}
    except (OSError, ValueError):
        return False


def note(build: Path, names: tuple[str, ...], made_from: str, environment: Mapping[str, str]) -> None:
    """Writes down what was made; a note that can't be written only costs the next run its time."""
    with suppress(OSError, ValueError):
        found = {"from": made_from, "made": _made(build, names)}
        cache.keep_private_notes(environment, _subject(build, names), found)


def _subject(build: Path, names: tuple[str, ...]) -> str:
    return f"made {build.resolve()} {' '.join(names)}"


def _made(build: Path, names: tuple[str, ...]) -> str:
    """The digest of every path and file below the folders; a link or anything odd has none. Raises ValueError then."""
    parts: list[bytes] = []
    for name in names:
        for path in _files(build / name):
            parts += [os.fsencode(path.relative_to(build).as_posix()), path.read_bytes()]
    return _digest(parts)


def _files(folder: Path) -> Iterable[Path]:
    if folder.is_symlink() or not folder.is_dir():
        raise ValueError(f"{folder} is no folder")
    for path in sorted(folder.rglob("*")):
        if path.is_symlink() or not (path.is_dir() or path.is_file()):
            raise ValueError(f"{path} is no file")
        if path.is_file():
            yield path


def _digest(parts: Iterable[bytes]) -> str:
    seen = hashlib.sha256()
    for part in parts:
        seen.update(len(part).to_bytes(8, "big") + part)
    return seen.hexdigest()
