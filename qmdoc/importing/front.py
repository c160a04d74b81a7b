"""The front matter of an imported document: what the Word file says where it can be said, else a place to settle."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date

from qmdoc import numbers
from qmdoc.errors import ConfigError
from qmdoc.importing import head
from qmdoc.importing.head import Found, Head
from qmdoc.model import DOCUMENT_ID, Version, is_unprintable
from qmdoc.strict_yaml import day as plain_day

Ask = Callable[[str, str], str]
"""Asks a question, offering an answer; what comes back is what the person wrote."""
_WORD = re.compile(r"[a-z][a-z0-9]*([-.][a-z0-9]+)*")
_OWNER = "quality-manager"
_REVIEW_YEARS = 2


@dataclass(frozen=True, slots=True)
class Wish:
    """What the person asked for, the day it is, and the numbers that are given already."""

    today: date
    type: str = "sop"
    prefix: str = "QM"
    taken: frozenset[str] = frozenset()
    ask: Ask | None = None


def wish(today: date, kind: str, prefix: str, ask: Ask | None) -> Wish:
    """A wish as the command line has it. Raises ConfigError for what could be no document's type or number."""
    if not re.fullmatch(r"[A-Z]{2,5}", prefix):
        raise ConfigError(f"`{prefix}` begins no number", fix="write two to five capital letters, as in --prefix QM")
    if not _WORD.fullmatch(kind):
        raise ConfigError(f"`{kind}` is no type of document", fix="write small letters and hyphens, as in --type sop")
    return Wish(today, kind, prefix, ask=ask)


@dataclass(slots=True)
class Front:
    """The keys as they are written, what the report tells of them, and what is left to settle."""

    keys: dict[str, str] = field(default_factory=dict)
    settled: list[str] = field(default_factory=list)
    open: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        """The front matter with its fences."""
        return "\n".join(("---", *(f"{key}: {value}" for key, value in self.keys.items()), "---", ""))


def draw_up(found: Head, wish: Wish) -> Front:
    """The front matter, key by key in the order in which documents have them."""
    front = Front()
    number = _number(found.found.get("id"), wish, front)
    title = found.found.get("title") or _asked("title", "Title of the document", "", wish) or Found("", "")
    front.keys["title"] = _scalar(title.value or f"[[local: the title of {number}]]")
    front.settled.append(f"title: {title.value} (from {title.source})" if title.value else "title: not found")
    front.keys["type"] = wish.type
    front.settled.append(f"type: {wish.type} (from --type)")
    _version(found.found.get("version"), wish, front)
    _owner(found.found.get("owner"), wish, front)
    begins = _effective(found.found.get("effective_date"), wish, front)
    _review(found.found.get("review_date"), begins, wish, front)
    front.settled.extend(f"two values for {other}" for other in found.others)
    front.open.extend(
        f"the Word file has two values for {other}" for other in found.others if head.PROPERTIES not in other
    )
    return front


def _number(found: Found | None, wish: Wish, front: Front) -> str:
    number = head.number(found.value) if found else None
    if number is None:
        free = numbers.following(wish.prefix, wish.type, wish.taken)
        answer = _asked("id", "Number of the document", free, wish)
        number = answer.value if answer and DOCUMENT_ID.fullmatch(answer.value) else free
        old = f"the Word file has {found.value}, which is no number here" if found else "the Word file has none"
        front.settled.append(f"id: {number} (the next free one; {old})")
        if found:
            front.open.append(f"is {number} the number you want; {old}")
    elif found:
        was = f", written {found.value} there" if found.value != number else ""
        front.settled.append(f"id: {number} (from {found.source}{was})")
    front.keys["id"] = number
    return number


def _version(found: Found | None, wish: Wish, front: Front) -> None:
    version = head.version(found.value) if found else None
    if version is None:
        answer = _asked("version", "Version, as in 2.1", "1.0", wish)
        version = Version.parse(answer.value) if answer else None
        why = f"the Word file has {found.value}" if found else "the Word file names none"
        if version is None:
            front.open.append(f"is 1.0 the version; {why}")
        front.settled.append(f"version: {version or '1.0'} ({why})")
    elif found:
        front.settled.append(f"version: {version} (from {found.source}, written {found.value} there)")
    front.keys["version"] = f'"{version or "1.0"}"'


def _owner(found: Found | None, wish: Wish, front: Front) -> None:
    owner = head.owner(found.value) if found else None
    if owner is None:
        answer = _asked("owner", "Owner: a role or a person's id", _OWNER, wish)
        owner = answer.value if answer and _WORD.fullmatch(answer.value) else None
        why = f"the Word file names {found.value}, and a name is no role" if found else "the Word file names nobody"
        if owner is None:
            front.open.append(f"which role owns this document; {why}, so {_OWNER} stands there")
        front.settled.append(f"owner: {owner or _OWNER} ({why})")
    elif found:
        front.settled.append(f"owner: {owner} (from {found.source}, written {found.value} there)")
    front.keys["owner"] = owner or _OWNER


def _effective(found: Found | None, wish: Wish, front: Front) -> date | None:
    if found is None:
        front.settled.append("effective_date: left out; the Word file names none")
        return None
    begins = head.day(found.value)
    if begins is None:
        front.settled.append(f"effective_date: left out; {found.value} ({found.source}) is no day, or could be two")
        front.open.append(f"from which day is it to be in force; the Word file has {found.value}")
    elif begins < wish.today:
        front.settled.append(
            f"effective_date: left out; {found.value} ({found.source}) was the day of the Word file, and a document is never in force before its approval"
        )
    else:
        front.keys["effective_date"] = begins.isoformat()
        front.settled.append(f"effective_date: {begins} (from {found.source}, written {found.value} there)")
    return begins


def _review(found: Found | None, begins: date | None, wish: Wish, front: Front) -> None:
    review = head.day(found.value) if found else None
    if review is not None and found and review > wish.today:
        front.keys["review_date"] = review.isoformat()
        front.settled.append(f"review_date: {review} (from {found.source}, written {found.value} there)")
        return
    supposed = _later(wish.today)
    answer = _asked("review_date", "First periodic review by", supposed.isoformat(), wish)
    chosen = plain_day(answer.value) if answer else None
    why = f"the Word file has {found.value}" if found else "the Word file names none"
    why += ", which is past" if review else ", which is no day, or could be two" if found else ""
    if chosen is None:
        front.open.append(f"by which day is the first review due; {why}, so {supposed} stands there")
    front.keys["review_date"] = (chosen or supposed).isoformat()
    front.settled.append(f"review_date: {chosen or supposed} ({why})")


def _later(today: date) -> date:
    year = today.year + _REVIEW_YEARS
    return date(year, today.month, min(today.day, 28))


def _asked(key: str, question: str, offered: str, wish: Wish) -> Found | None:
    answer = wish.ask(question, offered).strip() if wish.ask else ""
    return Found(answer, f"your answer for {key}") if answer else None


def _scalar(text: str) -> str:
    """A line of text as YAML: in quotes unless nothing in it could mean anything else."""
    line = "".join(letter for letter in " ".join(text.split()) if not is_unprintable(letter))
    is_plain = re.fullmatch(r"[A-Za-z][A-Za-z0-9 ,()/-]*[A-Za-z0-9)]", line)
    return (
        line
        if is_plain and line.lower() not in ("yes", "no", "true", "false", "null", "on", "off")
        else json.dumps(line, ensure_ascii=False)
    )
