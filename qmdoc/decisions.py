"""What a programme has still to decide: the places marked `[[local: question]]`, and answers to their questions."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from qmdoc import controlled, documents, strict_yaml
from qmdoc.documents import Document
from qmdoc.errors import ConfigError
from qmdoc.markup import LOCAL_VALUE
from qmdoc.model import UNPRINTABLE

FRONT_MATTER = "front matter"
_HEADING = re.compile(r"^#{2,3}[ \t]+(.+?)[ \t]*#*$", re.MULTILINE)
_CELL = re.compile(r"(?<!\\)\|")


@dataclass(frozen=True, slots=True)
class Place:
    """One place that the programme must fill before the document can be signed."""

    document: str
    path: str
    section: str
    line: int
    question: str


@dataclass(frozen=True, slots=True)
class Undecided:
    """The places left open in some documents, and the documents that could not be read for them."""

    places: tuple[Place, ...]
    unreadable: tuple[str, ...]
    documents: int

    @property
    def is_all_decided(self) -> bool:
        """Nothing is left, and everything could be read."""
        return not self.places and not self.unreadable


def undecided(files: Mapping[str, bytes]) -> Undecided:
    """The open places of the documents among files, by path and line."""
    texts = {path: content for path, content in sorted(files.items()) if is_document(path)}
    places: list[Place] = []
    unreadable: list[str] = []
    for path, content in texts.items():
        found = documents.parse(path, content)
        if isinstance(found, Document):
            places.extend(_places(found, content.decode("utf-8-sig").replace("\r\n", "\n")))
        else:
            unreadable.append(path)
    return Undecided(tuple(places), tuple(unreadable), len(texts))


def is_document(path: str) -> bool:
    """Whether a path is that of a document's text, not of an attachment."""
    return path.endswith(".md") and documents.id_in_name(path) is not None and controlled.owner_of(path) == documents.id_in_name(path)  # fmt: skip


def questions(text: str) -> Iterator[str]:
    """The questions of a text's open places, in its order."""
    return (match[1].strip() for match in LOCAL_VALUE.finditer(text))


def answered(text: str, answers: Mapping[str, str]) -> str:
    """The text with its places filled where there is an answer; within a table's row a bar is written as text."""

    def fill(match: re.Match[str]) -> str:
        answer = answers.get(match[1].strip())
        if not answer:
            return match[0]
        row = text[text.rfind("\n", 0, match.start()) + 1 : match.start()]
        return _CELL.sub(r"\\|", answer) if row.lstrip().startswith("|") else answer

    return LOCAL_VALUE.sub(fill, text)


def read_answers(text: str, name: str, known: Iterable[str]) -> dict[str, str]:
    """The answers in a file: a question's exact text, and one line for it; an empty one is not decided yet.

    Raises ConfigError for what is no such list, and for a question that no document asks.
    """
    try:
        node = strict_yaml.read(text)
    except strict_yaml.NotReadable as error:
        raise ConfigError(f"{name}, line {error.fault.line}: {error.fault.message}", fix=error.fault.fix) from None
    if not isinstance(node, strict_yaml.Mapping):
        raise ConfigError(f"{name} is no list of answers", fix='write lines of the form "question": "answer"')
    for fault in strict_yaml.repeated_keys(node):
        raise ConfigError(f"{name}, line {fault.line}: {fault.message}", fix=fault.fix)
    questions_known = sorted(set(known))
    answers = {}
    for key, value in node.pairs:
        where = f"{name}, line {key.line}"
        if key.text not in questions_known:
            raise ConfigError(f"{where}: no document asks `{key.text}`", fix=_nearest(key.text, questions_known))
        if not isinstance(value, strict_yaml.Scalar) or "\n" in value.text or UNPRINTABLE.search(value.text):
            raise ConfigError(
                f"{where}: the answer to `{key.text}` is not one line of text", fix="write it on one line, in quotes"
            )
        if LOCAL_VALUE.search(value.text):
            raise ConfigError(
                f"{where}: the answer to `{key.text}` is itself a place to fill",
                fix="write the answer, or leave it empty",
            )
        answers[key.text] = value.text.strip()
    return answers


def _nearest(question: str, known: list[str]) -> str:
    near = difflib.get_close_matches(question, known, n=1, cutoff=0.4)
    if near:
        return f"the nearest question is `{near[0]}`; use its exact text, or take the line out"
    return "take the line out; `qmdoc local --library` lists the questions"


def _places(document: Document, text: str) -> Iterator[Place]:
    """The places of the whole file, front matter too, each with the heading above it."""
    headings = [(match.start(), match[1]) for match in _HEADING.finditer(text)]
    lines = text.split("\n")
    offset = 0
    for number, line in enumerate(lines, 1):
        for match in LOCAL_VALUE.finditer(line):
            above = [title for at, title in headings if at <= offset]
            section = FRONT_MATTER if number < document.body_line else above[-1] if above else ""
            yield Place(document.id, document.path, section, number, match[1].strip())
        offset += len(line) + 1
