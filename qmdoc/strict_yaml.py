"""YAML read as what stands there: every scalar a string with its line, nothing guessed, nothing run.

YAML 1.1 turns `1.10` into 1.1, `012` into 10 and `no` into False; here nothing is turned into anything. Aliases,
anchors, tags and nesting over 20 are refused, a key given twice is kept as a fault. The judging of the strings is
pydantic's, in `judge`, which gives every complaint its line.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, TypeVar

import yaml
from pydantic import BaseModel, BeforeValidator, ValidationError
from pydantic_core import ErrorDetails, PydanticCustomError

from qmdoc.model import Fault

MAX_DEPTH = 20
MAX_KEYS = 2000  # in one list of keys: looking them up costs their number squared, and nobody writes so many
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True, slots=True)
class Scalar:
    """A single value, as it is written."""

    text: str
    line: int
    is_quoted: bool


@dataclass(frozen=True, slots=True)
class Listing:
    """A list of values."""

    items: tuple[Node, ...]
    line: int


@dataclass(frozen=True, slots=True)
class Mapping:
    """Keys and values in the order of the file; `repeated` holds a fault for each key given twice."""

    pairs: tuple[tuple[Scalar, Node], ...]
    line: int
    repeated: tuple[Fault, ...]

    def key(self, name: str) -> Scalar | None:
        """The key as it stands in the text."""
        return next((key for key, _ in self.pairs if key.text == name), None)

    def value(self, name: str) -> Node | None:
        """The value of a key."""
        return next((value for key, value in self.pairs if key.text == name), None)


Node = Scalar | Listing | Mapping


class NotReadable(Exception):
    """The text is no YAML of the kind allowed here; `fault` says where and why."""

    def __init__(self, line: int, message: str, fix: str) -> None:
        super().__init__(message)
        self.fault = Fault(line, message, fix)


def read(text: str, *, first_line: int = 1) -> Node:
    """The one YAML document in `text`; lines are counted from `first_line`.

    Raises NotReadable for syntax errors, aliases, anchors, tags, several documents, emptiness and deep nesting.
    """
    try:
        events = [event for event in yaml.parse(text, Loader=_LOADER) if not isinstance(event, _SILENT)]
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        problem = getattr(error, "problem", None) or str(error).splitlines()[0]
        line = first_line + (mark.line if mark else 0)
        raise NotReadable(
            line, f"this is not valid YAML: {problem}", "correct the line, or put the text in quotes"
        ) from None
    if not events:
        raise NotReadable(first_line, "nothing is written here", "write `key: value` lines")
    reader = _Reader(events, first_line)
    node = reader.node(1)
    if reader.position < len(events):
        raise NotReadable(first_line, "there is more than one YAML document", "keep one")
    return node


_SILENT = (yaml.StreamStartEvent, yaml.StreamEndEvent, yaml.DocumentStartEvent, yaml.DocumentEndEvent)


class _Reader:
    """Walks the parser's events; PyYAML's own composer would follow aliases and lose the place of keys."""

    def __init__(self, events: Sequence[yaml.Event], first_line: int) -> None:
        self.events = events
        self.first_line = first_line
        self.position = 0

    def node(self, depth: int) -> Node:
        event = self.events[self.position]
        self.position += 1
        line = self.first_line + (event.start_mark.line if event.start_mark else 0)
        self._refuse(event, line, depth)
        if isinstance(event, yaml.ScalarEvent):
            return Scalar(event.value, line, bool(event.style))
        if isinstance(event, yaml.SequenceStartEvent):
            return Listing(tuple(self._until(yaml.SequenceEndEvent, depth)), line)
        children = list(self._until(yaml.MappingEndEvent, depth))
        if len(children) > 2 * MAX_KEYS:
            raise NotReadable(line, f"there are more than {MAX_KEYS} keys here", "keep what belongs here")
        pairs: list[tuple[Scalar, Node]] = []
        repeated: list[Fault] = []
        for key, value in zip(children[::2], children[1::2], strict=True):
            if not isinstance(key, Scalar):
                raise NotReadable(key.line, "a key must be a word", "write `word: value`")
            if any(key.text == known.text for known, _ in pairs):
                repeated.append(
                    Fault(key.line, f"the key `{key.text}` is given twice", "keep one of the two lines", key.text)
                )
                continue
            pairs.append((key, value))
        return Mapping(tuple(pairs), line, tuple(repeated))

    def _until(self, end: type[yaml.Event], depth: int) -> Iterator[Node]:
        while not isinstance(self.events[self.position], end):
            yield self.node(depth + 1)
        self.position += 1

    def _refuse(self, event: yaml.Event, line: int, depth: int) -> None:
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise NotReadable(
                line, "anchors (&) and aliases (*) are not read here", "write the value out, or put it in quotes"
            )
        if tag := getattr(event, "tag", None):
            raise NotReadable(line, f"the tag `{tag}` is not read here", "take out the word that begins with `!`")
        if depth > MAX_DEPTH:
            raise NotReadable(line, f"the lists and keys are nested more than {MAX_DEPTH} deep", "write it flatter")


def plain(node: Node) -> Any:  # Any: text, lists and dicts of text, as pydantic takes them
    """The node as nested lists and dicts of strings."""
    if isinstance(node, Scalar):
        return node.text
    if isinstance(node, Listing):
        return [plain(item) for item in node.items]
    return {key.text: plain(value) for key, value in node.pairs}


def repeated_keys(node: Node) -> Iterator[Fault]:
    """A fault for every key that is given twice, at any depth."""
    if isinstance(node, Listing):
        for item in node.items:
            yield from repeated_keys(item)
    elif isinstance(node, Mapping):
        yield from node.repeated
        for _, value in node.pairs:
            yield from repeated_keys(value)


def line_of(node: Node, place: Sequence[int | str]) -> int:
    """The line of the key or value that a path of keys and positions leads to; the nearest one that exists."""
    line = node.line
    for step in place:
        if isinstance(node, Mapping) and isinstance(step, str) and (key := node.key(step)):
            value = node.value(step)
            line = key.line
            if value is None:
                return line
            node = value
        elif isinstance(node, Listing) and isinstance(step, int) and step < len(node.items):
            node = node.items[step]
            line = node.line
    return line


Judged = TypeVar("Judged", bound=BaseModel)


def judge(shape: type[Judged], node: Node) -> tuple[Judged | None, tuple[Fault, ...]]:
    """What the text says, judged by `shape`; or None and one fault for each thing wrong, with its line."""
    try:
        return shape.model_validate(plain(node)), ()
    except ValidationError as error:
        faults = tuple(_fault(shape, node, details) for details in error.errors(include_url=False))
        return None, tuple(dict.fromkeys(faults))


def wrong(read_as: object, expected: str) -> PydanticCustomError:
    """The complaint of a validator: what was read, and what to write."""
    return PydanticCustomError("qmdoc", "{read}|{expected}", {"read": str(read_as), "expected": expected})


def _fault(shape: type[BaseModel], node: Node, details: ErrorDetails) -> Fault:
    place = [step for step in details["loc"] if step != "[key]"]
    key = ".".join(str(step) for step in place)
    line = line_of(node, place)
    found = details["input"]
    if details["type"] == "qmdoc":
        context = details["ctx"]
        return Fault(line, f"`{key}` is {_shown(context['read'])}", f"write {context['expected']}", key)
    if details["type"] == "missing":
        return Fault(line, f"the key `{key}` is missing", f"add a line `{place[-1]}: …`", key)
    if details["type"] == "extra_forbidden":
        known = ", ".join(shape.model_fields) if len(place) == 1 else "the keys that the documentation names"
        return Fault(line, f"the key `{key}` is unknown", f"take it out or correct its name ({known})", key)
    return Fault(line, f"`{key}` is {_shown(found)}", f"write {_expected(details)}", key)


def _shown(found: object) -> str:
    if found is None or found == "":
        return "empty"
    text = (
        found
        if isinstance(found, str)
        else "a list"
        if isinstance(found, list)
        else "a set of keys"
        if isinstance(found, dict)
        else str(found)
    )
    return f"`{text}`" if isinstance(found, str) else text


def _expected(details: ErrorDetails) -> str:
    kinds = {
        "string_type": "one word or sentence",
        "list_type": "a list, as in `[first, second]`",
        "tuple_type": "a list, as in `[first, second]`",
        "dict_type": "keys and values, as in `key: value`",
        "model_type": "keys and values, as in `key: value`",
        "model_attributes_type": "keys and values, as in `key: value`",
        "int_parsing": "a whole number",
        "int_type": "a whole number",
        "bool_parsing": "true or false",
        "bool_type": "true or false",
        "too_short": "at least one",
    }
    context = details.get("ctx", {})
    if "expected" in context:
        return f"one of {context['expected']}"
    for bound, words in (("ge", "a number of at least"), ("le", "a number of at most")):
        if bound in context:
            return f"{words} {context[bound]}"
    return kinds.get(details["type"], details["msg"])


def day(text: str) -> date | None:
    """The calendar day that a text writes as YYYY-MM-DD; None where there is no such day from 1900 to 2999."""
    try:
        found = date.fromisoformat(text) if len(text) == 10 else None
    except ValueError:
        return None
    return found if found and 1900 <= found.year <= 2999 else None


def _day(value: object) -> object:
    if not isinstance(value, str):
        return value
    found = day(value)
    if found is None:
        raise wrong(value, "a day that exists, as YYYY-MM-DD")
    return found


def _line(value: object) -> object:
    if isinstance(value, str) and (not value.strip() or "\n" in value):
        raise wrong(value, "one line of text")
    return value


Day = Annotated[date, BeforeValidator(_day, json_schema_input_type=str)]
"""A calendar day, written YYYY-MM-DD."""

OneLine = Annotated[str, BeforeValidator(_line)]
"""Text that is not empty and stands on one line."""
