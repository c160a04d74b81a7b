"""What a reader finds on the sheets of a PDF: its text page by page, in reading order.

Left out is what typst marks as artifact (ISO 32000-1, 14.8.2.2): the head and the foot of each sheet, the head of a
table where it comes again on the next one, and the number or address behind a link, which is for paper alone.
"""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
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
    for at in range(found.count_chars()):
        drawn = raw.FPDFText_GetTextObject(found.raw, at)
        place = ctypes.cast(drawn, ctypes.c_void_p).value
        if place not in artifacts:
            artifacts[place] = not is_whole and "Artifact" in _marks(drawn)
        if not artifacts[place]:
            letter = raw.FPDFText_GetUnicode(found.raw, at)
            yield _HYPHENS.get(letter) or chr(letter)


def _marks(drawn: Any) -> Iterator[str]:
    from pypdfium2 import raw

    for at in range(raw.FPDFPageObj_CountMarks(drawn)):
        name, length = (ctypes.c_ushort * 64)(), ctypes.c_ulong()
        raw.FPDFPageObjMark_GetName(raw.FPDFPageObj_GetMark(drawn, at), name, ctypes.sizeof(name), length)
        yield bytes(name)[: max(0, length.value - 2)].decode("utf-16-le")
