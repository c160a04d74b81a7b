"""The PDFs that an earlier build made of the very same, so that they are not made and compared with their texts again.

A PDF is taken over from the manual that stands in `build/` only if its bytes are those that this person's own program
made of the same sheet, and compared with the approved text. The note of that lies outside the repository, where nobody
else can write (`qmdoc.cache`): a repository that brings along a `build/` can't bring along a note.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path

from qmdoc import cache

_LARGEST = 256 * 1024 * 1024


class PrintedBefore:
    """What was asked for while a manual is printed, and which of it was there."""

    def __init__(self, folder: Path, environment: Mapping[str, str]) -> None:
        """The PDFs below a folder of the manual that stands."""
        self._folder, self._environment = folder, environment
        self._program = cache.program()
        self._noted = cache.private_notes(environment, self._subject)
        self._made_from: dict[str, str] = {}
        self.taken: set[str] = set()

    def take(self, name: str, made_from: str) -> bytes | None:
        """The PDF of this name, if it is the one that was made from this."""
        self._made_from[name] = made = hashlib.sha256(f"{self._program} {made_from}".encode()).hexdigest()
        noted, content = self._noted.get(made), _content(self._folder / name)
        if noted is None or content is None or hashlib.sha256(content).hexdigest() != noted:
            return None
        self.taken.add(name)
        return content

    def keep(self, printed: Mapping[str, bytes]) -> None:
        """Notes what these PDFs were made from: all of them have been compared with their texts, and stand."""
        by_name = {path.rpartition("/")[2]: content for path, content in printed.items()}
        found = {made: hashlib.sha256(by_name[name]).hexdigest() for name, made in sorted(self._made_from.items())}
        cache.keep_private_notes(self._environment, self._subject, found)

    @property
    def _subject(self) -> str:
        return f"PDFs {self._folder}"


def _content(file: Path) -> bytes | None:
    try:
        is_plain = file.is_file() and not file.is_symlink() and file.stat().st_size <= _LARGEST
        return file.read_bytes() if is_plain else None
    except OSError:
        return None
