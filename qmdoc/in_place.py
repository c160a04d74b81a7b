"""Safe writing into `build/`.

Everything is written beside its place and renamed when it is whole, so that whoever looks sees the old one or the new
one, never a half. One run at a time writes into a repository's `build/`.
"""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from qmdoc.errors import OutputFailed

Made = tuple[tuple[str, Path | str], ...]
"""What was made: what it is, and where it lies or why it is not there."""


@contextmanager
def writing(top: Path) -> Iterator[Path]:
    """`build/`, for one run at a time; what a killed run left beside is cleared away."""
    build = top / "build"
    _make_room(build)
    # a link under this name would have its target opened for writing
    with open(os.open(build / ".lock", os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o666), "w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise OutputFailed(f"another qmdoc is writing into {build}", fix="wait until it has ended") from None
        _clear_all(build)
        try:
            _ignore(build)
            yield build
        finally:
            _clear_all(build)


def fresh(target: Path) -> Path:
    """An empty place beside `target`, on the same disk, so that a rename can't fail half-way."""
    place = target.parent / f".{target.name}.new"
    _remove(place)
    return place


def swap(begun: Path, target: Path) -> None:
    """Puts a whole folder in the place of an older one."""
    old = target.parent / f".{target.name}.old.new"
    _remove(old)
    if os.path.lexists(target):
        os.rename(target, old)
    os.rename(begun, target)
    _remove(old)


def put(build: Path, name: str, content: Mapping[str, bytes]) -> Path:
    """Writes an output anew, all of it or nothing; `content` is by path below it."""
    target = build / name
    begun = fresh(target)
    try:
        write(begun, content)
        swap(begun, target)
    finally:
        shutil.rmtree(begun, ignore_errors=True)
    return target


def write(folder: Path, content: Mapping[str, bytes]) -> None:
    """Makes a folder of these files."""
    folder.mkdir()
    add(folder, content)


def add(folder: Path, content: Mapping[str, bytes]) -> None:
    """Puts files into a folder that is there."""
    for path, each in content.items():
        place = folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(each)


def files(build: Path, name: str) -> dict[str, bytes]:
    """Every file of an output, by path."""
    folder = build / name
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()
    }


def _make_room(build: Path) -> None:
    """Makes the folder for outputs; what is replaced in there is never somebody else's."""
    if build.is_symlink():
        raise OutputFailed(
            f"{build} is a link to another place, and what lies there is not qmdoc's to replace",
            fix="take the link away; qmdoc makes a folder of that name",
        )
    if build.exists() and not build.is_dir():
        raise OutputFailed(
            f"{build} is a file, where the folder for outputs should be", fix="move it away, and do it again"
        )
    build.mkdir(exist_ok=True)


def _ignore(build: Path) -> None:
    """Keeps outputs from being committed by accident: they are made again."""
    place, content = build / ".gitignore", b"*\n"
    if place.is_symlink() or not place.is_file() or place.read_bytes() != content:
        begun = fresh(place)
        begun.write_bytes(content)
        begun.replace(place)


def _clear_all(build: Path) -> None:
    for left in sorted(build.glob(".*.new")):
        _clear(left)


def _clear(left: Path) -> None:
    """What a run left that was killed or stopped: an output that it had just moved aside goes back, all else goes."""
    target = left.parent / left.name.removeprefix(".").removesuffix(".new").removesuffix(".old")
    if left.name.endswith(".old.new") and not os.path.lexists(target):
        os.rename(left, target)
    _remove(left)


def _remove(place: Path) -> None:
    """Takes away a folder with all in it, a file, or a link but not what it leads to."""
    if place.is_dir() and not place.is_symlink():
        shutil.rmtree(place, ignore_errors=True)
    else:
        place.unlink(missing_ok=True)
