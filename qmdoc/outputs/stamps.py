"""The day and the commit on each page of a manual: every page says of which state it is, and most say nothing else that is new.

A page is made with letters in their place that no text has: one letter for each letter of the day, and of the commit. So
a template may show a part of them, and an old page becomes one of today by putting other letters into the same places.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

_DAY, _COMMIT, _MOST = 0x10F700, 0x10F710, 0x10F7FF  # of Unicode's Private Use Area-B: no font and no keyboard has them
_RUN = re.compile(f"[{chr(_DAY)}-{chr(_MOST)}]+")

Places = Sequence[tuple[int, str]]
"""Where in a page which of these letters stand, counted in characters."""


def day(as_of: str) -> str:
    """What stands for a day."""
    return "".join(chr(_DAY + at) for at in range(len(as_of)))


def commit(name: str) -> str:
    """What stands for a commit."""
    return "".join(chr(_COMMIT + at) for at in range(len(name)))


def places(page: str) -> Places:
    """Where the letters stand in a page."""
    return [(found.start(), found[0]) for found in _RUN.finditer(page)]


def occur(texts: Iterable[str]) -> bool:
    """Whether one of these texts has such letters of its own: then they can't stand for anything."""
    return any(_RUN.search(text) for text in texts)


def stamped(page: str, at: Places, *, as_of: str, commit: str) -> str:
    """The page with this day and commit in these places; all else stays where it is."""
    shown = {_DAY + number: letter for number, letter in enumerate(as_of)}
    shown |= {_COMMIT + number: letter for number, letter in enumerate(commit)}
    parts, end = [], 0
    for start, letters in at:
        parts += [page[end:start], letters.translate(shown)]
        end = start + len(letters)
    return "".join([*parts, page[end:]])
