"""Words that qmdoc itself says: English, and known by their message to the catalogue of any other language."""

from __future__ import annotations

from collections.abc import Iterable, Mapping


class Said(str):
    """A sentence in English that remembers its message and the values in it, so that it can be said in another language.

    Whatever takes it for a plain string (a spreadsheet, a terminal) has the English one.
    """

    __slots__ = ("many", "message", "number", "values")
    message: str
    many: str
    number: int
    values: Mapping[str, object]

    def __new__(cls, message: str, many: str, count: int, values: Mapping[str, object]) -> Said:
        """The message in English, `many` of it where the count asks for that, with the values put in."""
        made = super().__new__(cls, (many if many and count != 1 else message) % values)
        made.message, made.many, made.number, made.values = message, many, count, values
        return made

    def __reduce__(self) -> tuple[type[Said], tuple[str, str, int, Mapping[str, object]]]:
        """A copy is made of the message, not of the English words."""
        return Said, (self.message, self.many, self.number, self.values)


def said(message: str, /, **values: object) -> Said:
    """A message with values for its `%(name)s`; a percent sign of its own is written `%%`."""
    return Said(message, "", 1, values)


def joined(rows: Iterable[str]) -> str:
    """Rows in one line, each in the language in which the line is said."""
    told = ""
    for row in rows:
        told = said("%(told)s; %(row)s", told=told, row=row) if told else row
    return told


def counted(one: str, many: str, count: int, /, **values: object) -> Said:
    """A message for one and for many; the count itself is `%(count)s` in it."""
    return Said(one, many, count, {"count": count, **values})
