"""How much a version changes."""

from __future__ import annotations

from qmdoc.documents import ChangeSize
from qmdoc.redline.nouns import Redline, Sized


def size(redline: Redline) -> Sized:
    """Major or minor."""
    return Sized(ChangeSize.MAJOR if redline.numbers else ChangeSize.MINOR, ())
