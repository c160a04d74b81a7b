"""Says on a terminal what is being done, in one line that goes away again."""

from __future__ import annotations

from collections.abc import Callable

from rich.console import Console


def bar() -> Callable[[str], None]:
    """A function to be told each step; an empty one ends it. Writes to standard error only."""
    status = Console(stderr=True).status("")

    def say(step: str) -> None:
        if step:
            status.update(f"{step} …")
            status.start()
        else:
            status.stop()

    return say
