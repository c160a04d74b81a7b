"""Git objects made in memory and packed, for whole histories at once: the demonstration's and the tests'.

git's fast-import writes no signed commits; a pack handed to `git index-pack --stdin` holds whatever it is given, and a
thousand commits cost one process. The format is gitformat-pack, version 2, every object whole.
"""

from __future__ import annotations

import hashlib
import struct
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

_KINDS = {b"commit": 1, b"tree": 2, b"blob": 3}


@dataclass(frozen=True, slots=True)
class Writer:
    """Who a commit says made it, and when (seconds, UTC)."""

    name: str
    email: str
    time: int

    @property
    def line(self) -> bytes:
        """As an author or committer header writes it."""
        return f"{self.name} <{self.email}> {self.time} +0000".encode()


@dataclass
class Chronicle:
    """Objects written so far; ids are git's own, in SHA-1 unless the repository's `hash_name` is another."""

    objects: dict[str, tuple[bytes, bytes]] = field(default_factory=dict)
    hash_name: str = "sha1"

    def add(self, kind: bytes, content: bytes) -> str:
        """Keeps an object and returns its id."""
        name = hashlib.new(self.hash_name, b"%s %d\0" % (kind, len(content)) + content).hexdigest()
        self.objects.setdefault(name, (kind, content))
        return name

    def tree(self, files: Mapping[str, tuple[str, str]]) -> str:
        """The tree of a set of files: path, to mode and blob id."""
        here: dict[str, tuple[str, str]] = {}
        below: dict[str, dict[str, tuple[str, str]]] = {}
        for path, file in files.items():
            first, slash, rest = path.partition("/")
            if slash:
                below.setdefault(first, {})[rest] = file
            else:
                here[first] = file
        for name, inside in below.items():
            here[name] = ("40000", self.tree(inside))
        rows = sorted(here.items(), key=lambda row: row[0].encode() + (b"/" if row[1][0] == "40000" else b""))
        return self.add(
            b"tree", b"".join(f"{mode} {name}\0".encode() + bytes.fromhex(blob) for name, (mode, blob) in rows)
        )

    def commit(self, tree: str, parents: tuple[str, ...], writers: tuple[Writer, Writer], message: str, *,
               sign: Callable[[bytes], bytes] | None = None) -> str:  # fmt: skip
        """A commit by (author, committer); `sign` makes the armored signature over its bytes."""
        head = b"".join([b"tree %s\n" % tree.encode(), *(b"parent %s\n" % parent.encode() for parent in parents)])
        head += b"author %s\ncommitter %s\n" % (writers[0].line, writers[1].line)
        body = b"\n" + message.encode()
        if sign is not None:
            armor = sign(head + body).rstrip(b"\n").replace(b"\n", b"\n ")
            head += b"gpgsig " + armor + b"\n"
        return self.add(b"commit", head + body)

    def pack(self) -> bytes:
        """All objects, as one pack."""
        parts = [b"PACK", struct.pack(">II", 2, len(self.objects))]
        for kind, content in self.objects.values():
            parts.append(_size(_KINDS[kind], len(content)))
            parts.append(zlib.compress(content, 1))
        packed = b"".join(parts)
        return packed + hashlib.sha1(packed).digest()


def _size(kind: int, size: int) -> bytes:
    byte, size = (kind << 4) | (size & 0x0F), size >> 4
    encoded = bytearray()
    while size:
        encoded.append(byte | 0x80)
        byte, size = size & 0x7F, size >> 7
    encoded.append(byte)
    return bytes(encoded)
