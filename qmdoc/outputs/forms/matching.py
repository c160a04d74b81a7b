"""A filled form against the form as it was printed: whoever changed a printed word changed what was signed.

The form is made again from the history and compared line by line. Words may be added where the print leaves room: in an
empty cell, and behind a colon at the end of one. Every other difference refuses the whole form.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import zip_longest

from qmdoc.errors import FormRefused
from qmdoc.outputs.forms import reading
from qmdoc.outputs.forms.form import Form, Row
from qmdoc.outputs.forms.reading import Cell, Line, Printed

_AGAIN = (
    "print the form anew with `qmdoc forms`, and fill that one (what is recorded later on the day of the print changes it "
    "too)"
)


@dataclass(frozen=True, slots=True)
class Tick:
    """A row of a form that somebody ticked and dated; `place` is its printed number."""

    place: int
    row: Row
    day: date


def ticks(name: str, printed: Printed, blank: Printed, form: Form) -> tuple[Tick, ...]:
    """The ticked rows of a form whose print is as `blank`, the same form unfilled. Raises FormRefused."""
    for found, expected in zip_longest(printed.lines, blank.lines, fillvalue=()):
        _refuse_changed(name, found, expected)
    pairs = [(found, expected) for found, expected in zip(printed.lines, blank.lines, strict=True) if _boxes(expected)]
    if len(pairs) != len(form.rows):
        raise FormRefused(
            f"{name} has {len(pairs)} rows to tick instead of {len(form.rows)}",
            fix="the template must print one box for each row: check it with `qmdoc forms check`",
        )
    rows = enumerate(zip(form.rows, pairs, strict=True), 1)
    return tuple(
        Tick(place, row, day)
        for place, (row, (found, expected)) in rows
        if (day := _ticked(f"{name}, row {place}", found, expected)) is not None
    )


def _refuse_changed(name: str, found: Line, expected: Line) -> None:
    if not expected:
        raise FormRefused(f"{name} was changed: somebody added the line “{_shown(found)}”", fix=_AGAIN)
    if not found:
        raise FormRefused(f"{name} was changed: the line “{_shown(expected)}” is missing", fix=_AGAIN)
    is_same = len(found) == len(expected) and all(
        _is_same(mine, printed) for mine, printed in zip(found, expected, strict=True)
    )
    if not is_same:
        raise FormRefused(
            f"{name} was changed: it says “{_shown(found)}” where “{_shown(expected)}” was printed", fix=_AGAIN
        )


def _is_same(found: Cell, printed: Cell) -> bool:
    if found.text == printed.text:
        return True
    has_room = not printed.text and not printed.boxes and not printed.days
    return has_room or (printed.text.endswith(":") and found.text.startswith(printed.text))


def _shown(line: Line) -> str:
    text = " | ".join(cell.text for cell in line if cell.text)
    return text if len(text) <= 120 else f"{text[:120]}…"


def _boxes(line: Line) -> int:
    return sum(len(cell.boxes) for cell in line)


def _ticked(where: str, found: Line, expected: Line) -> date | None:
    """The day of a row that is ticked; None where it is left open. Raises FormRefused."""
    _refuse_moved(where, found, expected)
    boxes, days = [box for cell in found for box in cell.boxes], [day for cell in found for day in cell.days]
    [box] = boxes
    if box.is_shown is not box.is_ticked:
        raise FormRefused(
            f"{where}: the box is {_state(box.is_ticked)} for Word, but does not print so",
            fix="click into the box once or twice, and save",
        )
    try:
        day = reading.day(days[0]) if days else None
    except ValueError as error:
        raise FormRefused(f"{where}: {error}", fix="write the day as YYYY-MM-DD") from error
    if box.is_ticked and day is None:
        raise FormRefused(f"{where}: the box is ticked, but no day is written", fix="write the day, or clear the box")
    if not box.is_ticked and day is not None:
        raise FormRefused(f"{where}: a day is written, but the box is empty", fix="tick the box, or clear the day")
    return day


def _state(is_ticked: bool) -> str:
    return "ticked" if is_ticked else "empty"


def _refuse_moved(where: str, found: Line, expected: Line) -> None:
    """Each box and day lies where it was printed, and was not copied from another row or form."""
    for mine, printed in zip(found, expected, strict=True):
        if (len(mine.boxes), len(mine.days)) != (len(printed.boxes), len(printed.days)):
            raise FormRefused(f"{where}: its box or its day is no longer there, or is there twice", fix=_AGAIN)
        for tag, own in _tags(mine, printed):
            if tag and tag != own:
                raise FormRefused(f"{where}: its box or its day was copied from another row or form", fix=_AGAIN)


def _tags(mine: Cell, printed: Cell) -> Iterator[tuple[str, str]]:
    yield from ((each.tag, own.tag) for each, own in zip(mine.boxes, printed.boxes, strict=True))
    yield from ((each.tag, own.tag) for each, own in zip(mine.days, printed.days, strict=True))
