"""One form before it is filled: its number, its file name, what its tags print, and the rows that can be ticked."""

from __future__ import annotations

import hashlib
import re
import struct
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from qmdoc.documents import TrainingKind
from qmdoc.errors import OutputFailed
from qmdoc.model import Version
from qmdoc.outputs import _word
from qmdoc.outputs.forms import number as form_number
from qmdoc.register import Register

SUFFIX = ".docx"
COMMON: Mapping[str, str] = {
    "programme": "The programme's name, as the policy writes it.",
    "as_of": "The day that the form tells about.",
    "commit": "The record (the commit on the mainline) that the form was made from.",
    "form_number": "The form's number, twelve letters; a picture whose alternative text holds this tag becomes its QR code.",
}
"""The tags that every template knows."""
_NAMEABLE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@-]{,99}")
_SCALE, _QUIET = 6, 4
_TAG_LENGTH = 64
"""Word opens no file with a longer tag."""


@dataclass(frozen=True, slots=True)
class Row:
    """A line that a person puts their name to: one version of one document."""

    person: str
    document: str
    version: Version
    digest: str
    kind: TrainingKind = TrainingKind.READ_AND_UNDERSTOOD

    @property
    def words(self) -> tuple[str, ...]:
        """What of it goes into the form's number."""
        return self.person, self.document, str(self.version), self.digest, self.kind


@dataclass(frozen=True, slots=True)
class Form:
    """A form to fill; `rows` are those that can be ticked, in their printed order, and none where nothing is ticked."""

    template: str
    subject: tuple[str, ...]
    number: str
    title: str
    values: Mapping[str, object]
    as_of: date
    rows: tuple[Row, ...] = ()

    @property
    def file(self) -> str:
        """The name of its file; a person's id that no file system may take is hashed."""
        words = (each if _NAMEABLE.fullmatch(each) else f"~{_hashed(each)}" for each in self.subject)
        return f"{'-'.join((*words, self.template))}{SUFFIX}"

    @property
    def documents(self) -> frozenset[str]:
        """The documents that it is about."""
        return frozenset({row.document for row in self.rows} | set(self.subject))

    @property
    def people(self) -> frozenset[str]:
        """The people that it is about."""
        return frozenset({row.person for row in self.rows} | set(self.subject))


def draw_up(
    template: str,
    title: str,
    subject: tuple[str, ...],
    values: Mapping[str, object],
    register: Register,
    *,
    rows: tuple[Row, ...] = (),
    more: tuple[str, ...] = (),
) -> Form:
    """A form with its number, which stands for the programme, the subject, `more` and the rows. Raises OutputFailed."""
    programme = register.authority.policy.programme
    try:
        number = form_number.made(register.as_of, (template, programme, *subject, *more), *(row.words for row in rows))
    except ValueError as error:
        raise OutputFailed(str(error), fix="give a later day") from error
    common = {
        "programme": programme,
        "as_of": register.as_of,
        "commit": register.ledger.tip,
        "form_number": number,
    }
    return Form(template, subject, number, title, {**common, **values}, register.as_of, rows)


def fill(blank: _word.Blank, form: Form) -> bytes:
    """The Word file of a form; the same form and template, the same bytes. Raises OutputFailed."""
    return _word.fill(blank, form.values, title=form.title, as_of=form.as_of, picture=lambda: _code(form.number))


def control_tag(kind: str, row: Row) -> str:
    """The tag of a row's content control; `kind` is `read` or `date`. A person's id that has no room is hashed."""
    front = f"{kind}:{row.document}:{row.version}:{row.digest[:12]}:"
    person = row.person
    if not re.fullmatch(r"[A-Za-z0-9._@-]+", person) or len(front + person) > _TAG_LENGTH:
        person = f"~{_hashed(person)}"
    return front + person


def _hashed(written: str) -> str:
    return hashlib.sha256(written.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def _code(number: str) -> bytes:
    """The number as a QR code, four squares of quiet all round (ISO/IEC 18004)."""
    try:
        import segno
    except ImportError as error:
        raise OutputFailed("the QR code of a form needs segno, which is not installed", fix="pip install 'qmdoc[word]'") from error  # fmt: skip
    # a given mask spares the search for the best of eight, a third of a form's time; a reader takes any of them
    return _drawn(segno.make(number, error="m", micro=False, mask=3).matrix)


def _drawn(matrix: Sequence[bytearray]) -> bytes:
    """A PNG of one bit a dot (ISO/IEC 15948), which takes a third of the time of a writer for any kind of code."""
    quiet, wide = "1" * _QUIET, (len(matrix) + 2 * _QUIET) * _SCALE
    modules = [quiet + "".join("01"[not dark] for dark in row) + quiet for row in matrix]
    blank = ["1" * (len(matrix) + 2 * _QUIET)] * _QUIET
    padded = -wide % 8
    rows = (
        int("".join(dot * _SCALE for dot in row) + "0" * padded, 2).to_bytes((wide + padded) // 8, "big")
        for row in (*blank, *modules, *blank)
    )
    head = struct.pack(">IIBBBBB", wide, wide, 1, 0, 0, 0, 0)
    dots = zlib.compress(b"".join((b"\0" + row) * _SCALE for row in rows))
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", head) + _chunk(b"IDAT", dots) + _chunk(b"IEND", b"")


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
