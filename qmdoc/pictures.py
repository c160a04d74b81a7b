"""The kinds of pictures that a page and a PDF can show, by the end of a file's name, and how such a file begins."""

from __future__ import annotations

DRAWING = "svg"
_PNG, _JPEG, _GIF, _WEBP = b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF8", b"RIFF"
_BEGINS = {"png": _PNG, "jpg": _JPEG, "jpeg": _JPEG, "gif": _GIF, "webp": _WEBP}
_POINTER = b"version https://git-lfs"
LONGEST = 64  # bytes of a picture that tell its kind


def kind(name: str) -> str | None:
    """The kind that a file's name tells, one word for each: `jpg` for JPEG. None where it tells no picture."""
    ending = _ending(name)
    return "jpg" if ending == "jpeg" else ending if ending in (*_BEGINS, DRAWING) else None


def trouble(name: str, begins: bytes) -> str:
    """Why a file of such a name and such first bytes can't be shown; empty where nothing is known against it."""
    if begins.startswith(_POINTER):
        return "is a pointer of Git LFS, and the picture itself is not in the repository"
    ending = _ending(name)
    if begins.startswith(_BEGINS.get(ending, b"")):
        return ""
    found = next((each for each, begin in _BEGINS.items() if begins.startswith(begin)), None)
    return f"is no {ending.upper()}, but a {found.upper()}" if found else f"is no {ending.upper()}"


def _ending(name: str) -> str:
    return name.rpartition("/")[2].partition(".")[2].rpartition(".")[2].lower()
