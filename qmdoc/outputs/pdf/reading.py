"""What a reader finds on the sheets of a PDF: its text page by page, in reading order.

Left out is what typst marks as artifact (ISO 32000-1, 14.8.2.2): the head and the foot of each sheet, the head of a
table where it comes again on the next one, and the number or address behind a link, which is for paper alone.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

_HYPHENS = {0x02: "-", 0xFFFE: "-"}  # how pdfium tells a hyphen at a line's end; typst is told to put in none itself


def pages(content: bytes, *, is_whole: bool = False) -> tuple[str, ...]:
    """The text of each page; `is_whole`: with artifacts."""
    import pypdfium2

    document = pypdfium2.PdfDocument(content)
    try:
        return tuple(_texts(document, is_whole=is_whole))
    finally:
        document.close()


def text(content: bytes) -> str:
    """The text of the sheets, a page's end as a line's end."""
    return "\n".join(pages(content))


def _texts(document: Any, *, is_whole: bool) -> Iterator[str]:  # Any: pypdfium2 has no types
    for page in document:
        found = page.get_textpage()
        shown = "".join(_letters(found, is_whole=is_whole)).replace("\r\n", "\n")
        yield "\n".join(filter(None, (line.strip() for line in shown.split("\n"))))
        found.close()
        page.close()


def _letters(found: Any, *, is_whole: bool) -> Iterator[str]:
    """The letters in order; a blank or a line's end that pdfium puts in belongs to no object of the page."""
    from pypdfium2 import raw

    artifacts: dict[int | None, bool] = {None: False}
    object_of, letter_of, page = _object_of(), raw.FPDFText_GetUnicode, found.raw
    for at in range(found.count_chars()):
        place = object_of(page, at)
        if place not in artifacts:
            artifacts[place] = not is_whole and "Artifact" in _marks(raw.FPDFText_GetTextObject(page, at))
        if not artifacts[place]:
            letter = letter_of(page, at)
            yield _HYPHENS.get(letter) or chr(letter)


@cache
def _object_of() -> Callable[[Any, int], int | None]:
    """pdfium's function that tells where the object of a letter lies, as a number: it is asked for each letter."""
    from pypdfium2 import raw

    where = ctypes.cast(raw.FPDFText_GetTextObject, ctypes.c_void_p).value
    assert where
    return ctypes.CFUNCTYPE(ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int)(where)


def _marks(drawn: Any) -> Iterator[str]:
    from pypdfium2 import raw

    for at in range(raw.FPDFPageObj_CountMarks(drawn)):
        name, length = (ctypes.c_ushort * 64)(), ctypes.c_ulong()
        raw.FPDFPageObjMark_GetName(raw.FPDFPageObj_GetMark(drawn, at), name, ctypes.sizeof(name), length)
        yield bytes(name)[: max(0, length.value - 2)].decode("utf-16-le")
