"""Every procedure in force as a PDF, and the whole manual as one: made of the same text as the pages, by typst."""

from __future__ import annotations

from importlib.util import find_spec

from qmdoc.model import Version

NAME = "pdf"
FOLDER = "pdf"
MANUAL = "manual.pdf"
TEMPLATE = "procedure.typ"
_LIBRARIES = ("pypdfium2", "segno", "typst", "ziafont", "ziamath")


def name(number: str, version: Version | str) -> str:
    """The file of a document's version: `QM-001-2.1.pdf`."""
    return f"{number}-{version}.pdf"


def lacking() -> tuple[str, ...]:
    """The libraries of the extra `pdf` that are not installed; without them no PDF is made."""
    return tuple(library for library in _LIBRARIES if find_spec(library) is None)
