"""The work tree: what lies on disk, compared with what is committed. No git is run, as git would run filters."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from qmdoc import cache
from qmdoc.errors import OutputFailed
from qmdoc.model import File, WorkTreeFile, shown
from qmdoc.plumbing import LARGEST


class Copies:
    """Copies on disk that were compared before; one that looks as it did is not read again.

    `on_disk` is how all of them look now (`cache.Question`); without it the folders are looked through. A copy that was
    changed just before `now` is read each time.
    """

    def __init__(self) -> None:
        self.on_disk: Sequence[cache.OnDisk] | None = None
        self.now = datetime.min.replace(tzinfo=UTC)
        self._same: dict[str, tuple[str, File]] = {}

    def holds(self, top: Path, found: cache.OnDisk, file: File) -> bool:
        """Whether the copy of a committed file holds its bytes."""
        if self._same.get(found.path) == (found.look, file):
            return True
        is_same = _holds(top / found.path, file)
        if is_same and cache.is_still(found.changed, self.now):
            self._same[found.path] = found.look, file
        return is_same


def differences(top: Path, files: Iterable[File], copies: Copies | None = None) -> tuple[WorkTreeFile, ...]:
    """Files under control whose copy on disk is not the committed one; CRLF for LF is no difference.

    Compares by hash: `git status` would run filters that the repository brings along.
    """
    if not (top / ".git").exists():
        return ()
    copies = copies or Copies()
    committed = {file.path: file for file in files}
    on_disk = copies.on_disk if copies.on_disk is not None else cache.looked_at(top, cache.CONTROLLED)
    rows: list[WorkTreeFile] = []
    there: set[str] = set()
    for found in on_disk:
        if found.is_folder:
            continue
        path = found.path
        name = path if path.isascii() and "\\" not in path else shown(os.fsencode(path))
        there.add(name)
        if name not in committed:
            rows.append(WorkTreeFile(name, "not committed"))
        elif not copies.holds(top, found, committed[name]):
            rows.append(WorkTreeFile(name, "changed and not committed"))
    rows += [WorkTreeFile(path, "missing in the work tree") for path in committed.keys() - there]
    return tuple(sorted(rows, key=lambda row: row.path))


def files(top: Path, folder: str) -> dict[str, tuple[str, bytes]]:
    """The files below a folder of a work tree, with git's mode and their content; links are kept as links."""
    return {path: (_mode(place), _content(place)) for path, place in _on_disk(top, (folder,), ())}


def add(top: Path, new: Mapping[str, bytes]) -> tuple[Path, ...]:
    """Puts new files into a work tree, all or none, and overwrites nothing. Raises OutputFailed."""
    parts: list[Path] = []
    made: list[Path] = []
    folders: list[Path] = []
    try:
        for path, content in new.items():
            target = top / path
            _make_folders(top, target.parent, folders)
            part = target.with_name(f"{target.name}.part")
            parts.append(part)
            part.write_bytes(content)
        for part, path in zip(parts, new, strict=True):
            os.link(part, top / path)  # fails where a file is, which a rename would replace
            made.append(top / path)
    except BaseException as error:
        for place in made:
            place.unlink(missing_ok=True)
        if isinstance(error, FileExistsError):
            raise OutputFailed(f"{error.filename2 or error.filename} is there already", fix="nothing was written") from error  # fmt: skip
        if isinstance(error, OSError):
            raise OutputFailed(
                f"{error.filename2 or error.filename or top} can't be written: {error.strerror or error}",
                fix="make room or give leave, and do it again; nothing was written",
            ) from error
        raise
    finally:
        for part in parts:
            part.unlink(missing_ok=True)
        for folder in reversed(folders if len(made) < len(new) else []):
            with suppress(OSError):
                folder.rmdir()
    return tuple(made)


def _make_folders(top: Path, folder: Path, made: list[Path]) -> None:
    """Makes a folder below the top and notes what was missing. Raises OutputFailed for a link on the way."""
    place = top
    for name in folder.relative_to(top).parts:
        place /= name
        if place.is_symlink():
            raise OutputFailed(f"{place} is a link to another place", fix="take the link out, and do it again")
        if not place.exists():
            place.mkdir()
            made.append(place)


def _on_disk(top: Path, folders: Iterable[str], names: Iterable[str]) -> Iterator[tuple[str, Path]]:
    for name in names:
        if (top / name).is_symlink() or (top / name).exists():
            yield name, top / name
    for folder in folders:
        for where, inner, inside in os.walk(top / folder):
            linked = [name for name in inner if (Path(where) / name).is_symlink()]
            for name in sorted([*inside, *linked]):
                place = Path(where) / name
                yield shown(os.fsencode(place.relative_to(top))), place


def _mode(place: Path) -> str:
    mode = place.lstat().st_mode
    if stat.S_ISREG(mode):
        return "100755" if mode & stat.S_IXUSR else "100644"
    return "120000" if stat.S_ISLNK(mode) else "160000"


def _content(place: Path) -> bytes:
    kind = _mode(place)
    if kind == "120000":
        return os.fsencode(os.readlink(place))
    return place.read_bytes() if kind.startswith("100") else b""


def _holds(place: Path, file: File) -> bool:
    kind = _mode(place)
    if kind.startswith("100") != file.is_plain or kind == "160000" or place.lstat().st_size > LARGEST:
        return False
    content = _content(place)
    return file.blob in (blob_id(content, file.blob), blob_id(content.replace(b"\r\n", b"\n"), file.blob))


def blob_id(content: bytes, like: str) -> str:
    """The name that git gives to a content, in the hash of another name."""
    hasher = hashlib.sha1 if len(like) == 40 else hashlib.sha256
    return hasher(b"blob %d\0" % len(content) + content).hexdigest()
