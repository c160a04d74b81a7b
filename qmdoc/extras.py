"""The libraries that come only with an extra (`pip install 'qmdoc[pdf]'`): which of them are not installed."""

from __future__ import annotations

from importlib.util import find_spec

LIBRARIES = {
    "pdf": ("pypdfium2", "segno", "typst", "ziafont", "ziamath"),
    "word": ("docx", "docxtpl", "segno"),
}
"""What must be there for PDFs to be made, and for forms to be filled."""


def lacking(extra: str) -> tuple[str, ...]:
    """The libraries of an extra that are not installed; nothing is loaded to find out."""
    return tuple(library for library in LIBRARIES[extra] if find_spec(library) is None)
