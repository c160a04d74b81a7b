"""A commit's raw bytes become values here: headers, claimed people and times, the signature and what it covers.

The format is git's own (gitformat-commit, gitformat-signature): header lines, a folded `gpgsig` header, an empty line,
the message. Nothing is decoded that does not have to be, and no answer depends on git's configuration.
"""

from __future__ import annotations

import re
from functools import lru_cache
from sys import intern
from typing import NamedTuple

from qmdoc.model import Commit, Stamp

# Between the first `<` and the last `>`: where there are more, tools differ on which is meant, so it is nobody's address.
_STAMP = rb"([^\n<]*?) ?<([^\n]*)> (-?[0-9]{1,40}) [+-][0-9]{1,9}"
_ID = rb"(?:[0-9a-f]{64}|[0-9a-f]{40})"
_HEAD = re.compile(rb"tree (%s)\n((?:parent %s\n)*)author %s\ncommitter %s\n" % (_ID, _ID, _STAMP, _STAMP))
_CO_AUTHOR = re.compile(rb"(?:^|\r)[ \t]*co-authored-by[ \t]*:([^\r\n]*)", re.IGNORECASE | re.MULTILINE)
_ADDRESS = re.compile(rb"<([^<>]*)>")
_STATEMENT = re.compile(rb"^QM-Signoff:", re.MULTILINE)
_APPROVAL = re.compile(rb"(?:^|\r)[ \t]*(?:approved|reviewed)-by[ \t]*:", re.IGNORECASE | re.MULTILINE)
_LATEST = 253402300799  # the last second of the year 9999: later ones have no calendar day
_SIGNATURES = (b"gpgsig", b"gpgsig-sha256")
_PARENT = re.compile(rb"^parent( |$)", re.MULTILINE)
_SIGNATURE = re.compile(rb"^gpgsig(-sha256)?( |$)", re.MULTILINE)


class NotACommit(Exception):
    """The bytes are no commit that git could have made."""


class RawCommit(NamedTuple):
    """A commit taken apart: header names in order, each value, the signatures, and the message's bytes."""

    headers: tuple[tuple[bytes, bytes], ...]
    message: bytes

    def values(self, name: bytes) -> list[bytes]:
        """All values of the headers of that name, continuation lines joined."""
        return [value for header, value in self.headers if header == name]


@lru_cache(maxsize=4)  # each rule about one sign-off looks at it
def split(raw: bytes) -> RawCommit:
    """A commit's headers and message. Raises NotACommit when there is no empty line between them."""
    head, separator, message = raw.partition(b"\n\n")
    if not separator:
        if not raw.endswith(b"\n"):
            raise NotACommit("its headers do not end")
        head = raw[:-1]
    headers: list[tuple[bytes, bytes]] = []
    for line in head.split(b"\n"):
        if line.startswith(b" ") and headers:
            name, value = headers[-1]
            headers[-1] = (name, value + b"\n" + line[1:])
        else:
            name, _, value = line.partition(b" ")
            headers.append((name, value))
    return RawCommit(tuple(headers), message)


def message(raw: bytes) -> bytes:
    """A commit's message, without taking its headers apart."""
    return raw.partition(b"\n\n")[2]


def signed_bytes(raw: bytes) -> bytes:
    """What a signature in the commit covers: its bytes without the signature headers (gitformat-signature)."""
    head, separator, message = raw.partition(b"\n\n")
    kept: list[bytes] = []
    in_signature = False
    for line in head.split(b"\n"):
        in_signature = in_signature if line.startswith(b" ") else line.split(b" ", 1)[0] in _SIGNATURES
        if not in_signature:
            kept.append(line)
    return b"\n".join(kept) + separator + message


def parse(commit_id: str, raw: bytes) -> Commit:
    """The commit that the bytes tell of. Raises NotACommit."""
    head = _HEAD.match(raw)
    if head is None:
        raise NotACommit("its headers are not a tree, the parents, an author and a committer, in this order")
    tree, parents, *stamps = head.groups()
    size = len(commit_id)
    if len(tree) != size or len(parents) != parents.count(b"\n") * (len("parent \n") + size):
        raise NotACommit("it names a tree or a parent by something that is no full id")
    signatures, message = _after(raw, head.end())
    by = message.lower()
    has_trailers = b"-by" in by  # one quick look spares most messages the slow ones
    author = Stamp(*_person(stamps[0], stamps[1]), _time(stamps[2]))
    is_alone = stamps[:3] == stamps[3:]  # as nearly always
    return Commit(
        id=commit_id,
        tree=intern(tree.decode("ascii")),
        parents=tuple([intern(name) for name in parents.decode("ascii").split()[1::2]]),
        author=author,
        committer=author if is_alone else Stamp(*_person(stamps[3], stamps[4]), _time(stamps[5])),
        co_authors=tuple(email for line in _CO_AUTHOR.findall(message) for email in _co_authors(line))
        if has_trailers
        else (),
        is_signed=signatures,
        raw=raw if _STATEMENT.search(message) else None,
        has_approvals=has_trailers and _APPROVAL.search(message) is not None,
    )


def _after(raw: bytes, at: int) -> tuple[bool, bytes]:
    """Whether a signature stands among the headers after the committer, and the message."""
    if raw.startswith(b"\n", at):
        return False, raw[at + 1 :]
    end = raw.find(b"\n\n", at)
    if (end < 0 and not raw.endswith(b"\n")) or raw.startswith(b" ", at):
        raise NotACommit("its headers do not end, or its committer line goes on")
    end = len(raw) if end < 0 else end
    if _PARENT.search(raw, at, end):
        raise NotACommit("its headers are not a tree, the parents, an author and a committer, in this order")
    return _SIGNATURE.search(raw, at, end) is not None, raw[end + 2 :]


@lru_cache(maxsize=4096)
def _person(name: bytes, email: bytes) -> tuple[str, str]:
    return _text(name), _email(email)


def _time(seconds: bytes) -> int:
    return min(max(int(seconds), 0), _LATEST)


def _co_authors(line: bytes) -> list[str]:
    """Every e-mail address on a co-author's line; where there is none the words stand for it, so that nobody is overlooked."""
    return [_email(address) for address in _ADDRESS.findall(line) or [line]]


def _email(value: bytes) -> str:
    """An address in lower case: ASCII's only, as some letters beyond it turn into ASCII ones (the Kelvin sign into k)."""
    return _text(value.strip(b" \t").lower())


def _text(value: bytes) -> str:
    return value.decode("utf-8", "backslashreplace")
