"""The number that a form prints: twelve letters that lead back to the day, the subject and the rows of exactly that form.

Three letters are the day, eight a hash of what the form is about and of its rows in their order, the last one checks the
rest. So nothing needs to be kept when a form is printed: the form is found by making the forms of that day again, and one
whose rows are others has another number. The check letter finds every single wrong letter and every two that changed
places (a polynomial over GF(32), as a cyclic code does).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from datetime import date, timedelta

_LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Base 32 after Crockford: without I, L, O and U, which are misread."""
_MISREAD = str.maketrans("ILO", "110")
_FIRST = date(2000, 1, 1)
_DAY, _HASHED = 3, 8
PATTERN = re.compile(r"\b[0-9A-HJKMNP-TV-Z]{4}(?:-[0-9A-HJKMNP-TV-Z]{4}){2}\b")


def made(day: date, *parts: Sequence[str]) -> str:
    """The number of a form of a day, from 2000-01-01 to 2089-09-18, with these parts in this order."""
    days = (day - _FIRST).days
    if not 0 <= days < 32**_DAY:
        raise ValueError(f"no form is numbered for {day}")
    lines = "\x1e".join("\x1f".join(part) for part in parts)
    hashed = int.from_bytes(hashlib.sha256(lines.encode("utf-8", "surrogatepass")).digest()[: _HASHED * 5 // 8], "big")
    values = [*_digits(days, _DAY), *_digits(hashed, _HASHED)]
    letters = "".join(_LETTERS[value] for value in [*values, _twice(_remainder(values))])
    return "-".join(letters[place : place + 4] for place in range(0, len(letters), 4))


def clean(written: str) -> str | None:
    """The number as forms print it, however it was typed; None where it has not twelve letters of our alphabet."""
    letters = re.sub(r"[\s-]+", "", written).upper().translate(_MISREAD)
    if len(letters) != _DAY + _HASHED + 1 or any(letter not in _LETTERS for letter in letters):
        return None
    return "-".join(letters[place : place + 4] for place in range(0, len(letters), 4))


def is_whole(number: str) -> bool:
    """Whether the check letter of a clean number fits the others."""
    return _remainder([_LETTERS.index(letter) for letter in number.replace("-", "")]) == 0


def day_of(number: str) -> date:
    """The day that a whole number's form tells about."""
    days = 0
    for letter in number[:_DAY]:
        days = days * 32 + _LETTERS.index(letter)
    return _FIRST + timedelta(days=days)


def _digits(value: int, count: int) -> list[int]:
    return [value >> 5 * place & 31 for place in range(count - 1, -1, -1)]


def _twice(value: int) -> int:
    """A value times x in GF(32), made by x^5 + x^2 + 1."""
    return value << 1 ^ (37 if value & 16 else 0)


def _remainder(values: Sequence[int]) -> int:
    total = 0
    for value in values:
        total = _twice(total) ^ value
    return total
