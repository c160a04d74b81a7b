"""The sign-off statement: three paragraphs in a commit message, read from raw bytes by a strict grammar (SIGNOFF.md §2).

git's own trailers are never asked: their answer depends on configuration and guesses.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import NamedTuple

from qmdoc.model import DOCUMENT_ID, UNPRINTABLE, Meaning, Outcome, Version

MARK = "QM-Signoff:"
AUTHORITY_SUBJECT = "@authority"
MAX_BYTES = 1024 * 1024
_HEX = r"(?:[0-9a-f]{40}|[0-9a-f]{64})"
_SUBJECT = re.compile(rf"({DOCUMENT_ID.pattern}) ([0-9.]+) git:({_HEX}) sha256:([0-9a-f]{{64}})")
_AUTHORITY = re.compile(rf"{AUTHORITY_SUBJECT} sha256:([0-9a-f]{{64}})")
_DIGEST = re.compile(r"sha256:([0-9a-f]{64})")
_NAME = re.compile(r"[a-z][a-z0-9]*(?:[-._][a-z0-9]+)*")
_TIME = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})T([0-9]{2}):([0-9]{2}):([0-9]{2})Z")
_KEY = re.compile(r"QM-[A-Z][A-Za-z]*(?:-[A-Z][A-Za-z]*)*")
_REQUIRED = ("QM-Signoff", "QM-Signer", "QM-Role", "QM-Meaning", "QM-Authority", "QM-Time", "QM-Subject")
_KNOWN = frozenset((*_REQUIRED, "QM-Next-Review", "QM-Outcome", "QM-Reason", "QM-On-Behalf", "QM-Evidence"))
_USUAL = re.compile(
    rf"([^\n]+)\n\n([^\n]+)\n\nQM-Signoff: 1\nQM-Signer: ({_NAME.pattern})\nQM-Role: ({_NAME.pattern})\nQM-Meaning: (approval|review)\n"
    rf"QM-Authority: sha256:([0-9a-f]{{64}})\nQM-Time: ({_TIME.pattern})\n"
    rf"QM-Subject: ({DOCUMENT_ID.pattern}) ([0-9.]+) git:({_HEX}) sha256:([0-9a-f]{{64}})\n"
)
_MEANINGS: dict[str, Meaning] = {str(each): each for each in Meaning}
_EVIDENCE = re.compile(rf"(https?://[!-~]+) ({_HEX})")
_PLAIN = b"\n" + bytes(range(0x20, 0x7F))
_REASONED = (Meaning.WITHDRAW, Meaning.REVOKE)


class Subject(NamedTuple):
    """What is signed: a document's version by blob and digest, or the authority (`id` is then `@authority`)."""

    id: str
    version: Version | None
    blob: str
    digest: str

    def __str__(self) -> str:
        """As people name it."""
        return f"{self.id} {self.version}" if self.version else self.id

    @property
    def line(self) -> str:
        """As the statement writes it."""
        return (
            f"{self.id} {self.version} git:{self.blob} sha256:{self.digest}"
            if self.version
            else f"{self.id} sha256:{self.digest}"
        )


@dataclass(frozen=True, slots=True)
class Evidence:
    """Where an approval that a bot attests was given, and the commit that was reviewed there."""

    url: str
    head: str


class Statement(NamedTuple):
    """A well-formed statement; whether it is true is for others to find out. `time` is UTC.

    `on_behalf` and `evidence` stand together: then the signer is a bot, and the approval is that person's.
    """

    title: str
    sentence: str
    signer: str
    role: str
    meaning: Meaning
    authority: str
    time: datetime
    subjects: tuple[Subject, ...]
    next_review: date | None = None
    outcome: Outcome | None = None
    reason: str | None = None
    on_behalf: str | None = None
    evidence: Evidence | None = None

    @property
    def person(self) -> str:
        """Whose sign-off it is: the signer's own, or that of the person for whom a bot signs."""
        return self.on_behalf or self.signer


@dataclass(frozen=True, slots=True)
class Malformed:
    """A message that tries to be a statement and is none; `block` holds its QM- lines as far as they could be read."""

    problem: str
    block: tuple[str, ...] = ()


class _Bad(Exception):
    """One rule of the grammar is broken."""


def parse(message: bytes) -> Statement | Malformed:
    """The statement in a message that has a line beginning with `QM-Signoff:`."""
    try:
        return _usual(message) or _parsed(message)
    except _Bad as problem:
        return Malformed(str(problem), block(message))


def block(message: bytes) -> tuple[str, ...]:
    """The QM- lines of a message, however they stand in it: the same in a commit and in its squashed copy."""
    text = message[:MAX_BYTES].decode("utf-8", "backslashreplace")
    if "QM-" not in text:
        return ()
    return tuple(row for line in text.splitlines() if (row := line.strip()).startswith("QM-"))


def subject_in(line: str) -> Subject | None:
    """The subject that a single line of a block names, if it can be read."""
    try:
        return _subject(line.removeprefix("QM-Subject: ")) if line.startswith("QM-Subject: ") else None
    except _Bad:
        return None


def write(statement: Statement) -> str:
    """The message of a statement, which `parse` reads back as the same."""
    rows = [
        ("QM-Signoff", "1"),
        ("QM-Signer", statement.signer),
        ("QM-Role", statement.role),
        ("QM-Meaning", str(statement.meaning)),
        ("QM-Authority", f"sha256:{statement.authority}"),
        ("QM-Time", statement.time.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="seconds") + "Z"),
        ("QM-Next-Review", statement.next_review and statement.next_review.isoformat()),
        ("QM-Outcome", statement.outcome and str(statement.outcome)),
        ("QM-Reason", statement.reason),
        ("QM-On-Behalf", statement.on_behalf),
        ("QM-Evidence", statement.evidence and f"{statement.evidence.url} {statement.evidence.head}"),
        *(("QM-Subject", subject.line) for subject in statement.subjects),
    ]
    lines = "\n".join(f"{key}: {value}" for key, value in rows if value)
    return f"{statement.title}\n\n{statement.sentence}\n\n{lines}\n"


def title(subjects: tuple[Subject, ...], meaning: Meaning, name: str, role: str) -> str:
    """The first line of a sign-off commit: what, which meaning, who, in which role."""
    named = ", ".join(str(subject) for subject in subjects[:3]) + (
        f" and {len(subjects) - 3} more" if len(subjects) > 3 else ""
    )
    return f"{named}: {meaning} by {name} ({role})"


def _usual(message: bytes) -> Statement | None:
    """Most statements: one subject, nothing but the required keys in the order in which `write` has them.

    None for any other, and for whatever `_parsed` might refuse: the grammar is there.
    """
    if len(message) > MAX_BYTES or message.translate(None, _PLAIN):
        return None
    found = _USUAL.fullmatch(message.decode("ascii"))
    if found is None:
        return None
    (heading, sentence, signer, role, meaning, authority, _, year, month, day, hour, minute, second, number, version,
     blob, digest) = found.groups()  # fmt: skip
    named = _version(version)
    if role == "admin" or heading.startswith(MARK) or sentence.startswith(MARK) or named is None:
        return None
    try:
        moment = datetime(int(year), int(month), int(day), int(hour), int(minute), int(second), tzinfo=UTC)
    except ValueError:
        return None
    subject = Subject(number, named, blob, digest)
    return Statement(heading, sentence, signer, role, _MEANINGS[meaning], authority, moment, (subject,))


_version = lru_cache(maxsize=1024)(Version.parse)


def _parsed(message: bytes) -> Statement:
    paragraphs = _paragraphs(message)
    if len(paragraphs) != 3:
        raise _Bad(f"the message has {len(paragraphs)} paragraphs instead of three")
    heading, sentence, lines = paragraphs
    if "\n" in heading or "\n" in sentence:
        raise _Bad("the title and the sentence must stand on one line each")
    if heading.startswith(MARK) or sentence.startswith(MARK):
        raise _Bad(f"`{MARK}` stands outside the third paragraph")
    keys, subjects = _keys(lines.split("\n"))
    meaning = _meaning(keys)
    _check_subjects(subjects, meaning, keys["QM-Role"])
    return Statement(
        title=heading,
        sentence=sentence,
        signer=_matched(_NAME, keys, "QM-Signer"),
        role=_matched(_NAME, keys, "QM-Role"),
        meaning=meaning,
        authority=_matched(_DIGEST, keys, "QM-Authority").removeprefix("sha256:"),
        time=_time(keys),
        subjects=subjects,
        next_review=_next_review(keys, meaning),
        outcome=_outcome(keys, meaning),
        reason=_reason(keys, meaning),
        on_behalf=_on_behalf(keys, meaning),
        evidence=_evidence(keys),
    )


def _paragraphs(message: bytes) -> list[str]:
    if len(message) > MAX_BYTES:
        raise _Bad("the message is over 1 MiB")
    try:
        text = message.decode("utf-8")
    except UnicodeDecodeError:
        raise _Bad("the message is not UTF-8") from None
    if "\r" in text:
        raise _Bad("the message has line ends as Windows writes them, and it counts only as it was made")
    is_plain = not message.translate(None, _PLAIN)  # most are, and this is four times as fast
    if not is_plain and (UNPRINTABLE.search(text) or "\t" in text):
        raise _Bad("the message holds a control character or one that turns the direction of text")
    if not text.endswith("\n") or text.endswith("\n\n"):
        raise _Bad("the message must end with one line end")
    return text[:-1].split("\n\n")


def _keys(lines: list[str]) -> tuple[dict[str, str], tuple[Subject, ...]]:
    keys: dict[str, str] = {}
    subjects: list[Subject] = []
    for line in lines:
        key, _, value = line.partition(": ")
        if key not in _KNOWN or not value or value[0].isspace() or value[-1].isspace():
            raise _Bad(_odd_line(line, key, value))
        if key == "QM-Subject":
            subjects.append(_subject(value))
        elif key in keys:
            raise _Bad(f"the key {key} is given twice")
        keys[key] = value
    for key in _REQUIRED:
        if key not in keys:
            raise _Bad(f"the key {key} is missing")
    if lines[0] != f"{MARK} 1":
        raise _Bad(f"the third paragraph must begin with `{MARK} 1`")
    return keys, tuple(subjects)


def _odd_line(line: str, key: str, value: str) -> str:
    if _KEY.fullmatch(key) and value and value == value.strip():
        return f"the key {key} is unknown"
    return f"the line `{line[:80]}` is not of the form `QM-Key: value`"


def _subject(value: str) -> Subject:
    if match := _AUTHORITY.fullmatch(value):
        return Subject(AUTHORITY_SUBJECT, None, "", match[1])
    match = _SUBJECT.fullmatch(value)
    version = Version.parse(match[2]) if match else None
    if not match or not version:
        raise _Bad(f"the subject `{value[:80]}` is not `ID version git:<blob> sha256:<digest>`")
    return Subject(match[1], version, match[3], match[4])


def _check_subjects(subjects: tuple[Subject, ...], meaning: Meaning, role: str) -> None:
    if len({(subject.id, subject.version) for subject in subjects}) != len(subjects):
        raise _Bad("a subject is listed twice")
    of_authority = any(subject.id == AUTHORITY_SUBJECT for subject in subjects)
    if of_authority != (meaning is Meaning.AUTHORITY) or (of_authority and len(subjects) != 1):
        raise _Bad(
            f"the meaning `{Meaning.AUTHORITY}` goes with the one subject {AUTHORITY_SUBJECT}, and no other does"
        )
    if (role == "admin") != (meaning is Meaning.AUTHORITY):
        raise _Bad("the role `admin` signs the authority and nothing else, and no other role signs it")


def _meaning(keys: dict[str, str]) -> Meaning:
    try:
        return Meaning(keys["QM-Meaning"])
    except ValueError:
        raise _Bad(f"the meaning `{keys['QM-Meaning']}` is unknown") from None


def _matched(pattern: re.Pattern[str], keys: dict[str, str], key: str) -> str:
    if not pattern.fullmatch(keys[key]):
        raise _Bad(f"{key} is `{keys[key][:80]}`, which it can't be")
    return keys[key]


def _time(keys: dict[str, str]) -> datetime:
    match = _TIME.fullmatch(keys["QM-Time"])
    if not match:
        raise _Bad(f"QM-Time is `{keys['QM-Time'][:80]}`, which it can't be")
    year, month, day, hour, minute, second = map(int, match.groups())
    try:
        return datetime(year, month, day, hour, minute, second, tzinfo=UTC)
    except ValueError:
        raise _Bad(f"QM-Time is `{keys['QM-Time']}`, which is no time") from None


def _next_review(keys: dict[str, str], meaning: Meaning) -> date | None:
    value = keys.get("QM-Next-Review")
    if value is None:
        return None
    if meaning is not Meaning.PERIODIC_REVIEW:
        raise _Bad(f"QM-Next-Review does not go with the meaning `{meaning}`")
    try:
        day = date.fromisoformat(value)
    except ValueError:
        raise _Bad(f"QM-Next-Review is `{value}`, which is no day") from None
    if day.isoformat() != value:
        raise _Bad(f"QM-Next-Review is `{value}`, not YYYY-MM-DD")
    return day


def _outcome(keys: dict[str, str], meaning: Meaning) -> Outcome | None:
    value = keys.get("QM-Outcome")
    if value is None:
        return None
    if meaning is not Meaning.PERIODIC_REVIEW or value not in list(Outcome):
        raise _Bad(f"QM-Outcome `{value}` does not go with the meaning `{meaning}`")
    return Outcome(value)


def _reason(keys: dict[str, str], meaning: Meaning) -> str | None:
    if meaning in _REASONED and "QM-Reason" not in keys:
        raise _Bad(f"the meaning `{meaning}` needs a QM-Reason")
    return keys.get("QM-Reason")


def _on_behalf(keys: dict[str, str], meaning: Meaning) -> str | None:
    """A bot attests what was said on a forge; there a person approves, and says nothing else that counts."""
    if ("QM-On-Behalf" in keys) != ("QM-Evidence" in keys):
        raise _Bad("QM-On-Behalf and QM-Evidence stand together, or neither does")
    if "QM-On-Behalf" not in keys:
        return None
    if meaning is not Meaning.APPROVAL:
        raise _Bad(f"QM-On-Behalf does not go with the meaning `{meaning}`")
    return _matched(_NAME, keys, "QM-On-Behalf")


def _evidence(keys: dict[str, str]) -> Evidence | None:
    value = keys.get("QM-Evidence")
    if value is None:
        return None
    match = _EVIDENCE.fullmatch(value)
    if not match:
        raise _Bad(f"QM-Evidence is `{value[:80]}`, not `<address> <full commit id>`")
    return Evidence(match[1], match[2])
