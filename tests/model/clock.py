"""The time-stamping authority of random histories: a real one, whose tokens are made in process."""

from __future__ import annotations

import shutil
import tempfile
from functools import cache
from pathlib import Path

from stamping import Press, Tsa


def is_there() -> bool:
    """Whether tokens can be made here: openssl makes the first."""
    return shutil.which("openssl") is not None


@cache
def press(name: str) -> Press:
    """The authority that every policy lists (`house`), or one that none does."""
    with tempfile.TemporaryDirectory(prefix=name) as folder:
        return Press(Tsa(Path(folder)))


def listed() -> str:
    """What a policy says of the house's authority."""
    return "time_stamps:\n" + press("house").listed if is_there() else ""
