"""A commit's raw bytes become values here: headers, claimed people and times, the signature and what it covers.

The format is git's own (gitformat-commit, gitformat-signature): header lines, a folded `gpgsig` header, an empty line,
the message. Nothing is decoded that does not have to be, and no answer depends on git's configuration.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from qmdoc.model import Commit, Stamp

# Between the first `<` and the last `>`: where there are more, tools differ on which is meant, so it is nobody's address.
_STAMP = re.compile(rb"([^\n<]*?) ?<([^\n]*)> (-?[0-9]{1,40}) [+-][0-9]{1,9}")
_CO_AUTHOR = re.compile(rb"(?:^|\r)[ \t]*co-authored-by[ \t]*:([^\r\n]*)", re.IGNORECASE | re.MULTILINE)
_ADDRESS = re.compile(rb"<([^<>]*)>")
_HEX = re.compile(rb"[0-9a-f]+")
_STATEMENT = re.compile(rb"^QM-Signoff:", re.MULTILINE)
_APPROVAL = re.compile(rb"(?:^|\r)[ \t]*(?:approved|reviewed)-by[ \t]*:", re.IGNORECASE | re.MULTILINE)
_LATEST = 253402300799  # the last second of the year 9999: later ones have no calendar day
_SIGNATURES = (b"gpgsig", b"gpgsig-sha256")


class NotACommit(Exception):
    """The bytes are no commit that git could have made."""


@dataclass(frozen=True, slots=True)
class RawCommit:
    """A commit taken apart: header names in order, each value, the signatures, and the message's bytes."""

    headers: tuple[tuple[bytes, bytes], ...]
    message: bytes

    def values(self, name: bytes) -> list[bytes]:
        """All values of the headers of that name, continuation lines joined."""
        return [value for header, value in self.headers if header == name]


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
    parts = split(raw)
    trees = parts.values(b"tree")
    authors, committers = parts.values(b"author"), parts.values(b"committer")
    parents = parts.values(b"parent")
    if [name for name, _ in parts.headers][: 3 + len(parents)] != [
        b"tree",
        *[b"parent"] * len(parents),
        b"author",
        b"committer",
    ]:
        raise NotACommit("its headers are not a tree, the parents, an author and a committer, in this order")
    if not all(len(each) == len(commit_id) and _HEX.fullmatch(each) for each in (trees[0], *parents)):
        raise NotACommit("it names a tree or a parent by something that is no full id")
    return Commit(
        id=commit_id,
        tree=trees[0].decode("ascii"),
        parents=tuple(parent.decode("ascii") for parent in parents),
        author=_stamp(authors[0]),
        committer=_stamp(committers[0]),
        co_authors=tuple(email for line in _CO_AUTHOR.findall(parts.message) for email in _co_authors(line)),
        is_signed=any(parts.values(name) for name in _SIGNATURES),
        raw=raw if _STATEMENT.search(parts.message) else None,
        has_approvals=_APPROVAL.search(parts.message) is not None,
    )


def _stamp(value: bytes) -> Stamp:
    match = _STAMP.fullmatch(value)
    if not match:
        raise NotACommit(f"its author or committer line cannot be read: {_text(value)!r}")
    return Stamp(_text(match[1]), _email(match[2]), min(max(int(match[3]), 0), _LATEST))


def _co_authors(line: bytes) -> list[str]:
    """Every e-mail address on a co-author's line; where there is none the words stand for it, so that nobody is overlooked."""
    return [_email(address) for address in _ADDRESS.findall(line) or [line]]


def _email(value: bytes) -> str:
    """An address in lower case: ASCII's only, as some letters beyond it turn into ASCII ones (the Kelvin sign into k)."""
    return _text(value.strip(b" \t").lower())


def _text(value: bytes) -> str:
    return value.decode("utf-8", "backslashreplace")
