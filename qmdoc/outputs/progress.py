"""A progress bar on a terminal: one line that says what is being done, and goes away again."""

from __future__ import annotations

from collections.abc import Callable

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn


def bar(steps: int) -> Callable[[str], None]:
    """A function to be told each of so many steps; an empty one ends it. Writes to standard error only."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    progress = Progress(*columns, console=Console(stderr=True), transient=True)
    task = progress.add_task("", total=steps)

    def say(step: str) -> None:
        progress.start()
        if step and progress.tasks[0].description:
            progress.advance(task)
        progress.update(task, description=step)
        if not step:
            progress.stop()

    return say
