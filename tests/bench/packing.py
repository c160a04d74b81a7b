"""A pack written straight to disk, with deltas against what came before it: a history of any length in little memory.

`qmdoc.chronicle` keeps every object whole and in memory, which is right for a thousand commits and wrong for a million
objects. Here the writer says what changed since the last version, so a delta costs no search. The format is
gitformat-pack, version 2. `Tree` is a folder that is never edited: a change makes a new one that shares the rest.
"""

from __future__ import annotations

import hashlib
import os
import struct
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import IO, NamedTuple

_KINDS = {b"commit": 1, b"tree": 2, b"blob": 3}
_DELTA = 6
_DEEPEST = 50  # as git's own packs
_LONGEST_COPY = 0xFFFFFF
_FOLDER, _FILE = b"40000", b"100644"


class Stored(NamedTuple):
    """An object in the pack: its id, where it begins, how many deltas it stands on, and its size."""

    id: bytes
    offset: int
    depth: int
    size: int


class Splice(NamedTuple):
    """The bytes from `start` to `end` of an old content are replaced by `new`."""

    start: int
    end: int
    new: bytes


class Pack:
    """A pack under construction; use it as a context manager, and let git index it afterwards."""

    def __init__(self, path: Path) -> None:
        self.count = 0
        self._offset = 12
        self._path = path
        self._file: IO[bytes] = path.open("wb")
        self._file.write(bytes(12))

    def __enter__(self) -> Pack:
        return self

    def __exit__(self, *_error: object) -> None:
        """Writes what can only be known at the end: the number of objects, and the hash over all."""
        self._file.seek(0)
        self._file.write(b"PACK" + struct.pack(">II", 2, self.count))
        self._file.close()
        with self._path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha1").digest()
        with self._path.open("ab") as file:
            file.write(digest)
            os.fsync(file.fileno())

    def add(self, kind: bytes, content: bytes) -> Stored:
        """Writes an object whole."""
        name = object_id(kind, content)
        return self._write(name, _size(_KINDS[kind], len(content)), content, 0, len(content))

    def add_changed(self, kind: bytes, content: bytes, old: Stored, splices: Sequence[Splice]) -> Stored:
        """Writes an object as what changed since an old one, or whole where the chain has become too deep."""
        if old.depth >= _DEEPEST:
            return self.add(kind, content)
        delta = _delta(old.size, len(content), splices)
        head = _size(_DELTA, len(delta)) + _distance(self._offset - old.offset)
        return self._write(object_id(kind, content), head, delta, old.depth + 1, len(content))

    def _write(self, name: bytes, head: bytes, body: bytes, depth: int, size: int) -> Stored:
        stored = Stored(name, self._offset, depth, size)
        packed = head + zlib.compress(body)
        self._file.write(packed)
        self._offset += len(packed)
        self.count += 1
        return stored


def object_id(kind: bytes, content: bytes) -> bytes:
    """git's own name of an object (SHA-1)."""
    return hashlib.sha1(b"%s %d\0" % (kind, len(content)) + content).digest()


def spliced(old: bytes, splices: Iterable[Splice]) -> bytes:
    """An old content with its changes made; they stand in order and do not overlap."""
    parts, at = [], 0
    for start, end, new in splices:
        parts += [old[at:start], new]
        at = end
    return b"".join([*parts, old[at:]])


@dataclass(slots=True)
class Tree:
    """A folder: its bytes as git writes them, the folders in it, and where the pack holds it."""

    raw: bytes
    folders: Mapping[bytes, Tree]
    stored: Stored


class Forest:
    """Makes trees, and writes each into the pack once."""

    def __init__(self, pack: Pack) -> None:
        self._pack = pack
        self._written: dict[bytes, Stored] = {}

    def changed(self, old: Tree | None, files: Mapping[tuple[bytes, ...], bytes]) -> Tree:
        """A folder with these files (path, to blob id) put in; every folder on the way is written once."""
        here: dict[bytes, tuple[bytes, bytes]] = {}
        below: dict[bytes, dict[tuple[bytes, ...], bytes]] = {}
        for (name, *rest), blob in files.items():
            if rest:
                below.setdefault(name, {})[tuple(rest)] = blob
            else:
                here[name] = (_FILE, blob)
        folders = dict(old.folders) if old else {}
        for name, inside in below.items():
            folders[name] = self.changed(folders.get(name), inside)
            here[name] = (_FOLDER, folders[name].stored.id)
        before = old.raw if old else b""
        splices = _joined(sorted(_splice(before, mode, name, entry) for name, (mode, entry) in here.items()))
        raw = spliced(before, splices)
        return Tree(raw, folders, self._store(raw, old, splices))

    def _store(self, raw: bytes, old: Tree | None, splices: Sequence[Splice]) -> Stored:
        name = object_id(b"tree", raw)
        if name not in self._written:
            stored = self._pack.add_changed(b"tree", raw, old.stored, splices) if old else self._pack.add(b"tree", raw)
            self._written[name] = stored
        return self._written[name]


def _splice(raw: bytes, mode: bytes, name: bytes, entry: bytes) -> Splice:
    """Where in a tree an entry stands, or where it belongs: git sorts folders as if their names ended in a slash."""
    row = b"%s %s\0" % (mode, name)
    found = raw.find(row)
    if found >= 0:
        start = found + len(row)
        return Splice(start, start + 20, entry)
    wanted, at = _rank(mode, name), 0
    while at < len(raw):
        space, end = raw.index(b" ", at), raw.index(b"\0", at)
        if _rank(raw[at:space], raw[space + 1 : end]) > wanted:
            break
        at = end + 21
    return Splice(at, at, row + entry)


def _rank(mode: bytes, name: bytes) -> bytes:
    return name + b"/" if mode == _FOLDER else name


def _joined(splices: list[Splice]) -> list[Splice]:
    """New entries that belong at one place, in the order in which git wants them."""
    rows: dict[tuple[int, int], list[bytes]] = {}
    for start, end, new in splices:
        rows.setdefault((start, end), []).append(new)
    return [Splice(start, end, b"".join(sorted(new, key=_row_rank))) for (start, end), new in rows.items()]


def _row_rank(row: bytes) -> bytes:
    mode, _, rest = row.partition(b" ")
    return _rank(mode, rest.partition(b"\0")[0])


def _delta(old_size: int, new_size: int, splices: Sequence[Splice]) -> bytes:
    out = bytearray(_number(old_size) + _number(new_size))
    edges = [Splice(0, 0, b""), *splices, Splice(old_size, old_size, b"")]
    for before, after in pairwise(edges):
        for start in range(0, len(before.new), 127):
            piece = before.new[start : start + 127]
            out += bytes([len(piece)]) + piece
        out += _copy(before.end, after.start - before.end)
    return bytes(out)


def _copy(offset: int, size: int) -> bytes:
    assert size <= _LONGEST_COPY
    if not size:
        return b""
    places = [*offset.to_bytes(4, "little"), *size.to_bytes(3, "little")]
    flags = sum(1 << bit for bit, octet in enumerate(places) if octet)
    return bytes([0x80 | flags, *(octet for octet in places if octet)])


def _number(value: int) -> bytes:
    encoded = bytearray()
    while value > 0x7F:
        encoded.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*encoded, value])


def _size(kind: int, size: int) -> bytes:
    first, rest = (kind << 4) | (size & 0x0F), size >> 4
    return bytes([first | 0x80]) + _number(rest) if rest else bytes([first])


def _distance(offset: int) -> bytes:
    encoded = [offset & 0x7F]
    while offset := offset >> 7:
        offset -= 1
        encoded.append(offset & 0x7F | 0x80)
    return bytes(reversed(encoded))
