"""What a filled form says: its printed lines, and the boxes and days in them, as Word or LibreOffice saved it.

LibreOffice drops the tags of content controls and their numbers, and parts the text anew, but keeps every box, every day
and every line in its place; so a row is known by what is printed in it, and a tag that is still there must agree. Fields
such as a page number, and what lies deleted in tracked changes, are no text.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from qmdoc.errors import OutputFailed
from qmdoc.outputs import _word_file
from qmdoc.outputs._word_file import WORD, WORD14
from qmdoc.outputs.forms import number as form_number

_BODY = "document.main+xml"
_TICKED, _EMPTY = "☒☑✓✔✗✘xX", "☐□"
_WRAPS = {f"{WORD}{name}" for name in ("sdt", "sdtContent", "ins", "customXml", "smartTag")}
_UNWRITTEN = re.compile(r"[_\s./-]*")
_OLD_WORD = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


@dataclass(frozen=True, slots=True)
class Box:
    """A box to tick; `is_ticked` is what its control says, `is_shown` what is printed: a reader must see no other."""

    tag: str
    is_ticked: bool
    is_shown: bool | None


@dataclass(frozen=True, slots=True)
class Day:
    """A day to fill in: as the control keeps it and as it is printed; both empty while nobody wrote."""

    tag: str
    kept: str
    printed: str


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell, or a paragraph outside of tables: its text without boxes and days, and these."""

    text: str
    boxes: tuple[Box, ...] = ()
    days: tuple[Day, ...] = ()


Line = tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Printed:
    """A form as somebody sees it; `facts` are its locked fields by their titles."""

    lines: tuple[Line, ...]
    facts: dict[str, str] = field(default_factory=dict)
    numbers: tuple[str, ...] = ()


def read(name: str, content: bytes) -> Printed:
    """What a form says. Raises OutputFailed for what is no plain Word document, runs code or reaches outside."""
    if content.startswith(_OLD_WORD):
        raise OutputFailed(
            f"{name} is an old Word document (.doc), or one with a password",
            fix="open it in Word, and save it as Word Document (.docx) without a password",
        )
    parts = _word_file.parts(name, content)
    _word_file.refuse_active(name, parts)
    lines: dict[str, tuple[Line, ...]] = {}
    facts: dict[str, str] = {}
    for page in _word_file.pages(name, parts):
        tree = _word_file.xml(parts[page], _word_file.no_word_file(name))
        lines[page] = tuple(_lines(tree))
        facts |= _facts(tree)
    if "word/document.xml" not in lines:
        raise _word_file.no_word_file(name)
    everything = " ".join(cell.text for each in lines.values() for line in each for cell in line)
    return Printed(lines["word/document.xml"], facts, tuple(dict.fromkeys(form_number.PATTERN.findall(everything))))


def day(written: Day) -> date | None:
    """The day that is filled in; None where nobody wrote one. Raises ValueError where it is no day, or two."""
    kept, printed = _iso(written.kept[:10]), _iso(written.printed)
    if kept is None and printed is None:
        if _UNWRITTEN.fullmatch(written.printed):
            return None
        raise ValueError(f"“{written.printed}” is no day")
    if kept and printed and kept != printed:
        raise ValueError(f"it shows {printed} and keeps {kept}")
    return printed or kept


def _iso(written: str) -> date | None:
    try:
        return date.fromisoformat(written) if re.fullmatch(r"\d{4}-\d{2}-\d{2}", written) else None
    except ValueError:
        return None


def _lines(tree: Any) -> Iterator[Line]:  # lxml has no types
    """The rows of tables, and the paragraphs outside of them that say something, from above to below."""
    for element in _parts(tree[0] if tree.tag == f"{WORD}document" else tree, (f"{WORD}p", f"{WORD}tbl")):
        if element.tag == f"{WORD}p":
            cell = _cell(element)
            if cell != Cell(""):
                yield (cell,)
        else:
            for row in _parts(element, (f"{WORD}tr",)):
                yield tuple(_cell(each) for each in _parts(row, (f"{WORD}tc",)))


def _parts(element: Any, tags: tuple[str, ...]) -> Iterator[Any]:
    """What lies directly inside, also where a content control or a tracked insertion wraps it."""
    for child in element:
        if child.tag in tags:
            yield child
        elif child.tag in _WRAPS:
            yield from _parts(child, tags)


def _cell(element: Any) -> Cell:
    """A cell or paragraph; a box or a day may also be a control that wraps the whole of it."""
    content = element.getparent()
    if content.tag == f"{WORD}sdtContent" and _is_control(content.getparent()):
        element = content.getparent()
    texts: list[str] = []
    boxes: list[Box] = []
    days: list[Day] = []
    _gather(element, texts, boxes, days, "", _State())
    return Cell(_plain("".join(texts)), tuple(boxes), tuple(days))


@dataclass(slots=True)
class _State:
    """How deep the text is in fields' results, which are no text of the form's own."""

    codes: list[bool] = field(default_factory=list)

    def meet(self, kind: str) -> None:
        if kind == "begin":
            self.codes.append(True)
        elif kind == "end" and self.codes:
            self.codes.pop()


def _gather(element: Any, texts: list[str], boxes: list[Box], days: list[Day], tag: str, state: _State) -> None:
    """Text, boxes and days below an element, in order; `tag` is that of the nearest control around."""
    kind = element.tag
    if kind in (f"{WORD}del", f"{WORD}moveFrom", f"{WORD}fldSimple", f"{WORD}sdtPr", f"{WORD}pPr", f"{WORD}rPr"):
        return
    if kind == f"{WORD}sdt":
        properties = element.find(f"{WORD}sdtPr")
        own = _value(properties, f"{WORD}tag") or tag
        if _is_control(element):
            inner: list[str] = []
            for child in element:
                _gather(child, inner, [], [], own, state)
            shown = _plain("".join(inner))
            if (box := properties.find(f"{WORD14}checkbox")) is not None:
                boxes.append(_box(box, own, shown))
            else:
                days.append(_day(properties, own, shown))
            return
        tag = own
    if kind == f"{WORD}fldChar":
        state.meet(element.get(f"{WORD}fldCharType", ""))
    elif kind == f"{WORD}t" and not state.codes:
        texts.append(element.text or "")
    elif kind in (f"{WORD}tab", f"{WORD}br", f"{WORD}cr", f"{WORD}p"):
        texts.append(" ")
    elif kind == f"{WORD}noBreakHyphen":
        texts.append("-")
    for child in element:
        _gather(child, texts, boxes, days, tag, state)


def _is_control(element: Any) -> bool:
    """Whether it is a box or a day."""
    properties = element.find(f"{WORD}sdtPr") if element.tag == f"{WORD}sdt" else None
    return properties is not None and (
        properties.find(f"{WORD14}checkbox") is not None or properties.find(f"{WORD}date") is not None
    )


def _box(box: Any, tag: str, shown: str) -> Box:
    checked = box.find(f"{WORD14}checked")
    value = checked.get(f"{WORD14}val", "1") if checked is not None else "0"
    mark = shown[:1]
    return Box(
        tag, value in ("1", "true", "on"), True if mark and mark in _TICKED else False if mark in _EMPTY else None
    )


def _day(properties: Any, tag: str, shown: str) -> Day:
    """Word leaves an earlier day in a control that was emptied again: what is a placeholder was not written."""
    is_placeholder = (found := properties.find(f"{WORD}showingPlcHdr")) is not None and found.get(f"{WORD}val", "1") in ("1", "true", "on")  # fmt: skip
    kept = "" if is_placeholder else properties.find(f"{WORD}date").get(f"{WORD}fullDate", "")
    return Day(tag, kept, "" if is_placeholder and not _iso(shown) else shown)


def _facts(tree: Any) -> dict[str, str]:
    found: dict[str, str] = {}
    for control in tree.iter(f"{WORD}sdt"):
        title = _value(control.find(f"{WORD}sdtPr"), f"{WORD}alias")
        content = control.find(f"{WORD}sdtContent")
        if title and content is not None and not _is_control(control):
            found.setdefault(title, _plain("".join(each.text or "" for each in content.iter(f"{WORD}t"))))
    return found


def _value(properties: Any, tag: str) -> str:
    found = properties.find(tag) if properties is not None else None
    return str(found.get(f"{WORD}val", "")) if found is not None else ""


def _plain(text: str) -> str:
    """Text as a person compares it: one space for any, composed letters."""
    return " ".join(unicodedata.normalize("NFC", text).split())
