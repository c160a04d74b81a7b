"""A catalogue in NIST's OSCAL form (JSON, catalog model 1.1), read as it is into the same value as ours.

Groups with an id are headings; controls and their enhancements are clauses, a withdrawn one asks for nothing. What a
control asks is the prose of its `statement` parts. Ids are the file's own, so their confidence is `confirmed`, unless a
property `confidence` of the control says `recalled`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from qmdoc.model import Fault
from qmdoc.standards import Catalogue, Clause, Confidence, UnreadableStandard, id_of

SUFFIX = ".json"
MAX_BYTES = 32 * 1024 * 1024
_OTHER_MODELS = (
    "profile", "mapping-collection", "component-definition", "system-security-plan", "assessment-plan",
    "assessment-results", "plan-of-action-and-milestones",
)  # fmt: skip
_WRONG = {
    "missing": "is missing",
    **dict.fromkeys(("string_pattern_mismatch", "string_too_short"), "it is empty or holds a blank"),
}
_FIX = 'take a file that begins with `"catalog"`, or write the catalogue as YAML'
Filled = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Token = Annotated[str, StringConstraints(pattern=r"^\S+$")]


class _Shape(BaseModel):
    """What is read of an OSCAL object; it may hold more."""

    model_config = ConfigDict(frozen=True, extra="ignore", strict=True, defer_build=True)  # few programmes have one


class _Property(_Shape):
    name: str
    value: str


class _Link(_Shape):
    href: str
    rel: str = ""


class _Part(_Shape):
    name: str
    prose: str = ""
    props: list[_Property] = []
    parts: list[_Part] = []


class _Control(_Shape):
    id: Token
    title: Filled
    class_: Annotated[str, Field(alias="class")] = ""
    props: list[_Property] = []
    parts: list[_Part] = []
    controls: list[_Control] = []


class _Group(_Shape):
    id: Token | None = None
    title: Filled
    groups: list[_Group] = []
    controls: list[_Control] = []


class _Party(_Shape):
    uuid: str
    name: str = ""


class _Responsible(_Shape):
    role: Annotated[str, Field(alias="role-id")]
    parties: Annotated[list[str], Field(alias="party-uuids")] = []


class _Metadata(_Shape):
    title: Filled
    version: str
    links: list[_Link] = []
    parties: list[_Party] = []
    responsible: Annotated[list[_Responsible], Field(alias="responsible-parties")] = []


class _Catalog(_Shape):
    uuid: str
    metadata: _Metadata
    groups: list[_Group] = []
    controls: list[_Control] = []


class _NotRead(Exception):
    """The file is no OSCAL catalogue; `fault` says where and why."""

    def __init__(self, line: int, message: str, fix: str = _FIX) -> None:
        super().__init__(message)
        self.fault = Fault(line, message, fix)


def read(path: str, content: bytes) -> Catalogue | UnreadableStandard:
    """The catalogue in a file, or the one thing that is wrong with it."""
    try:
        text = _text(content)
        catalog = _catalog(text)
        clauses = tuple(_clauses(catalog))
        _judge(clauses, text)
    except _NotRead as error:
        return UnreadableStandard(path, (error.fault,))
    # others lead into the file itself (`#…`)
    links = {link.rel: _shown(link.href) for link in reversed(catalog.metadata.links) if link.href.startswith("http")}
    return Catalogue(
        id=id_of(path),
        title=_words(catalog.metadata.title),
        edition=_shown(catalog.metadata.version),
        publisher=_publisher(catalog.metadata),
        source_url=links.get("canonical", ""),
        superseded_by=links.get("successor-version", ""),
        clauses=clauses,
        path=path,
    )


def _text(content: bytes) -> str:
    if len(content) > MAX_BYTES:
        raise _NotRead(1, f"the file has {len(content)} bytes, over 32 MiB", "take a smaller catalogue")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _NotRead(content[: error.start].count(b"\n") + 1, "the file is not UTF-8", "save it as UTF-8") from None


def _catalog(text: str) -> _Catalog:
    """The catalogue in the text, judged key by key as far as it is read."""
    try:
        found = json.loads(text, object_pairs_hook=_once)
    except json.JSONDecodeError as error:
        raise _NotRead(
            error.lineno, f"this is not valid JSON: {error.msg}", "correct the line, or fetch the file again"
        ) from None
    except _Repeated as error:
        line = _line_of_id(text, error.around) if error.around else 1
        inside = f" (in `{_shown(error.around)}`)" if error.around else ""
        raise _NotRead(line, f"the key `{_shown(str(error))}`{inside} is given twice", "keep one of the two") from None
    except (RecursionError, ValueError):  # nested without end, or a number of more digits than Python reads
        raise _NotRead(1, "it is nested too deeply, or holds a number without end", "fetch the file again") from None
    if not isinstance(found, dict) or "catalog" not in found:
        other = next((name for name in _OTHER_MODELS if isinstance(found, dict) and name in found), None)
        raise _NotRead(1, f"it holds an OSCAL {other}, no catalogue" if other else "it is no OSCAL catalogue")
    try:
        return _Catalog.model_validate(found["catalog"])
    except ValidationError as error:
        raise _wrong(found["catalog"], error, text) from None


class _Repeated(ValueError):
    """A key given twice in the object of the id `around`: JSON readers would keep the last and say nothing."""

    def __init__(self, key: str, around: str) -> None:
        super().__init__(key)
        self.around = around


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    read: dict[str, object] = {}
    for key, value in pairs:
        if key in read:
            around = dict(pairs).get("id")
            raise _Repeated(key, around if isinstance(around, str) else "")
        read[key] = value
    return read


def _wrong(found: object, error: ValidationError, text: str) -> _NotRead:
    """The first thing wrong, told by the nearest object around it that has an id."""
    first = error.errors(include_url=False)[0]
    place, around = "catalog", ""
    for step in first["loc"]:
        place = f"{place}[{step}]" if isinstance(step, int) else f"{place}.{step}"
        try:
            found = found[step]  # type: ignore[index]  # the steps that pydantic took, as far as they lead
        except (KeyError, IndexError, TypeError):
            break
        if isinstance(found, dict) and isinstance(found.get("id"), str):
            around = found["id"]
    inside = f" (in `{_shown(around)}`)" if around else ""
    wrong = _WRONG.get(first["type"], f"{first['msg'][:1].lower()}{first['msg'][1:]}")
    what = wrong if first["type"] == "missing" else f"is not as OSCAL writes it: {wrong}"
    line = _line_of_id(text, around) if around else 1
    return _NotRead(line, f"`{place}`{inside} {what}", "correct it there, or fetch the file again")


def _clauses(catalog: _Catalog) -> Iterator[Clause]:
    yield from _of_controls(catalog.controls)
    for group in catalog.groups:
        yield from _of_group(group)


def _of_group(group: _Group) -> Iterator[Clause]:
    if group.id:
        yield Clause(id=group.id, title=_words(group.title), heading=True, confidence=Confidence.CONFIRMED)
    yield from _of_controls(group.controls)
    for inner in group.groups:
        yield from _of_group(inner)


def _of_controls(controls: Iterable[_Control]) -> Iterator[Clause]:
    for control in controls:
        told = {each.name: each.value for each in control.props}
        is_recalled = told.get("confidence") == Confidence.RECALLED
        yield Clause(
            id=control.id,
            title=_words(control.title),
            requires=" ".join(_prose(part for part in control.parts if part.name == "statement")),
            tags=(_shown(control.class_),) if control.class_ else (),
            confidence=Confidence.RECALLED if is_recalled else Confidence.CONFIRMED,
            heading=told.get("status", "").lower() == "withdrawn",
        )
        yield from _of_controls(control.controls)


def _prose(parts: Iterable[_Part]) -> Iterator[str]:
    """The sentences of parts and of those in them, each behind its label."""
    for part in parts:
        label = next((each.value for each in part.props if each.name == "label"), "")
        if part.prose:
            yield _words(f"{label} {part.prose}")
        yield from _prose(part.parts)


def _publisher(metadata: _Metadata) -> str:
    names = {party.uuid: party.name for party in metadata.parties}
    for role in ("publisher", "creator"):
        found = [names.get(uuid, "") for each in metadata.responsible if each.role == role for uuid in each.parties]
        if any(found):
            return _shown("; ".join(name for name in found if name))
    return ""


def _judge(clauses: tuple[Clause, ...], text: str) -> None:
    """Raises _NotRead where there is nothing to answer, two clauses have one id, or an id can't be seen whole."""
    if not any(not clause.heading for clause in clauses):
        raise _NotRead(1, "it holds no control", "take a catalogue with controls")
    seen: set[str] = set()
    for clause in clauses:
        if clause.id in seen:
            line = _line_of_id(text, clause.id, nth=2)
            raise _NotRead(line, f"the clause `{clause.id}` is listed twice", "keep one")
        seen.add(clause.id)
        if _shown(clause.id) != clause.id:
            line = _line_of_id(text, clause.id)
            raise _NotRead(line, f"the id `{_shown(clause.id)}` holds a hidden character", "delete it")


def _words(text: str) -> str:
    return _shown(" ".join(text.split()))


def _shown(text: str) -> str:
    """A text for people: what can't be seen or encoded stands as its code."""
    return "".join(each if each.isprintable() else ascii(each)[1:-1] for each in text)


def _line_of_id(text: str, value: str, *, nth: int = 1) -> int:
    """The line where an id stands for the nth time, or the last time where it stands less often; 1 where it never does."""
    line = 1
    written = "|".join(re.escape(json.dumps(value, ensure_ascii=is_escaped)) for is_escaped in (True, False))
    pattern = rf'"id"\s*:\s*(?:{written})'
    for number, match in enumerate(re.finditer(pattern, text), 1):
        line = text.count("\n", 0, match.start()) + 1
        if number == nth:
            break
    return line
