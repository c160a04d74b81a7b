"""Every procedure in force as a PDF, and the whole manual as one: made of the same text as the pages, by typst."""

from __future__ import annotations

from qmdoc.model import Version

NAME = "pdf"
FOLDER = "pdf"
MANUAL = "manual.pdf"
TEMPLATE = "procedure.typ"


def name(number: str, version: Version | str) -> str:
    """The file of a document's version: `QM-001-2.1.pdf`."""
    return f"{number}-{version}.pdf"
