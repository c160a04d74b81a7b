"""Where the process that stands by for a programme is asked, and the first word to it (`qmdoc.standby`).

It is said before anything else is loaded, so that what loads next and what is asked go on at the same time. So this module
loads nothing that takes long, and what it does is plain.
"""

from __future__ import annotations

import os
import socket
import stat
import sys
from binascii import crc32
from collections.abc import Mapping, Sequence

MATTERS = ("HOME", "PATH", "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "GIT_CONFIG_GLOBAL", "QMDOC_TRUST_ROOT")
"""The variables that an answer can depend on (`cache.question`), and where git is found."""

SETTING = "QMDOC_STANDBY"
"""For how many minutes a process stands by; 0: none does, and none is asked."""

PATIENCE = 30  # seconds for an answer; the first of a day takes the longest
LONGEST = 1 << 16  # bytes of a first word
_LONGEST_ADDRESS = 90  # bytes, and ten more while it is made; the operating systems set the limit (unix(7): 108)
_HEAD = 8  # digits

_lines: list[tuple[str, socket.socket]] = []


def knock(words: Sequence[str], environment: Mapping[str, str]) -> None:
    """Says that a question will come about the repository that a command line names."""
    named = [word.partition("=")[2] for word in words if word.startswith("--repo=")]
    named += [words[at + 1] for at, word in enumerate(words[:-1]) if word == "--repo"]
    found = connected(named[-1] if named else ".", environment)
    if found:
        _lines.append(found)


def line(repository: str, environment: Mapping[str, str]) -> tuple[str, socket.socket] | None:
    """The top of a repository, and a connection to the process that stands by for it, which has been told so."""
    return _lines.pop() if _lines else connected(repository, environment)


def connected(repository: str, environment: Mapping[str, str]) -> tuple[str, socket.socket] | None:
    """The same, knocking only now."""
    if environment.get(SETTING) == "0" or not hasattr(socket, "AF_UNIX"):
        return None
    stream = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        top = _top(os.path.realpath(repository))
        place = address(top, environment)
        if place is not None and _is_own(place, stat.S_ISSOCK) and _is_own(os.path.dirname(place), stat.S_ISDIR):
            stream.settimeout(PATIENCE)
            stream.connect(place)
            said = first_word(top, environment)
            stream.sendall(b"%0*d" % (_HEAD, len(said)) + said)
            return top, stream
    except OSError:
        pass
    stream.close()
    return None


def heard(stream: socket.socket) -> bytes:
    """The first word of whoever connects. Raises OSError, ValueError."""
    return _exactly(stream, min(int(_exactly(stream, _HEAD)), LONGEST))


def first_word(top: str, environment: Mapping[str, str]) -> bytes:
    """What must be the same on both sides: the repository, and the variables that matter."""
    rows = [top, *(f"{name}={environment[name]}" for name in MATTERS if name in environment)]
    return "\0".join(rows).encode("utf-8", "surrogateescape")


def address(top: str, environment: Mapping[str, str]) -> str | None:
    """Where a programme's process is asked by this very program; None where there is no such place."""
    base = environment.get("XDG_CACHE_HOME") or f"{environment.get('HOME', '')}/.cache"
    program = f"{top}\0{os.path.dirname(__file__)}\0{sys.executable}"
    place = f"{base}/qmdoc/{crc32(program.encode('utf-8', 'surrogateescape')):08x}.standby"
    return place if os.path.isabs(base) and len(os.fsencode(place)) <= _LONGEST_ADDRESS else None


def _top(folder: str) -> str:
    """The top of the repository that a folder lies in, as `place.find` finds it; the folder itself where it lies in none."""
    place = folder
    while True:
        if os.path.exists(f"{place}/.git") or all(
            os.path.exists(f"{place}/{name}") for name in ("HEAD", "objects", "refs")
        ):
            return place
        above = os.path.dirname(place)
        if above == place:
            return folder
        place = above


def _is_own(place: str, is_kind: object) -> bool:
    """Whether it is what it should be, belongs to this person, and nobody else can read or write it."""
    assert callable(is_kind)
    found = os.lstat(place)
    return bool(is_kind(found.st_mode)) and found.st_uid == os.geteuid() and not found.st_mode & 0o077


def _exactly(stream: socket.socket, size: int) -> bytes:
    parts = bytearray()
    while len(parts) < size:
        part = stream.recv(size - len(parts))
        if not part:
            raise ValueError("it ends too soon")
        parts += part
    return bytes(parts)
