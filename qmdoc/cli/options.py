"""What commands share: options, the request that they make, and what they say of what was made."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from qmdoc.errors import OutputFailed

if TYPE_CHECKING:
    from qmdoc.audit import Request
    from qmdoc.in_place import Made


FOUND_NOTHING, FOUND_ERRORS, COULD_NOT_WORK = 0, 1, 2


_STEPS = 4  # of audit-ready: history, manual, forms, binder


class _Day(click.ParamType[date]):
    name = "date"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> date:
        if isinstance(value, date):
            return value
        try:
            day = date.fromisoformat(str(value))
        except ValueError:
            day = None
        if day is None or day.isoformat() != str(value):
            self.fail(f"`{value}` is no day; write it as YYYY-MM-DD", param, ctx)
        return day


DAY = _Day()


Command = Callable[..., Any]  # Any: click hands over whatever the options say


in_repository = click.option(
    "--repo",
    type=click.Path(path_type=Path),
    default=".",
    metavar="DIR",
    help="The programme's repository; this folder when left out.",
)


def audited(command: Command) -> Command:
    """The options of every command that reads history."""
    for option in (
        click.option(
            "--trust-root",
            metavar="ID",
            help="Full commit id to trust from, or ID:sha256:DIGEST; else QMDOC_TRUST_ROOT, else qmdoc.trustRoot in your own git settings.",
        ),
        click.option(
            "--as-of", type=DAY, metavar="DATE", help="Answer for this day (YYYY-MM-DD); today when left out."
        ),
        in_repository,
    ):
        command = option(command)
    return command


def request(
    repo: Path, as_of: date | None, trust_root: str | None, *, descends_from: str | None = None, is_strict: bool = False
) -> Request:
    """What is asked, with the clock and the environment as they are: read here and nowhere else."""
    from qmdoc.audit import Request

    return Request(
        repo, now(), os.environ, as_of=as_of, trust_root=trust_root, descends_from=descends_from, is_strict=is_strict
    )


def now() -> datetime:
    """The clock, read once for each run, here at the door."""
    return datetime.now(UTC)


def progress() -> Callable[[str], None]:
    """Says on a terminal what is being done; says nothing into a pipe."""
    if not sys.stderr.isatty():
        return lambda _: None
    from qmdoc.outputs import progress

    return progress.bar(_STEPS)


def say_standing(text: str, *, made: str, fix: str) -> None:
    """Prints what was said of a thing that is made by now and stands, whatever becomes of the output.

    Raises OutputFailed, which says that it stands: who reads only that the output failed would make it once more.
    """
    try:
        click.echo(text, nl=False)
    except (KeyboardInterrupt, OSError, UnicodeEncodeError) as error:
        raise OutputFailed(f"{made}, but the output ended before all was printed", fix=fix) from error


def say_made(made: Made) -> None:
    """Prints where each thing lies, as seen from here."""
    here = Path.cwd()
    for what, where in made:
        shown = where.relative_to(here) if isinstance(where, Path) and where.is_relative_to(here) else where
        click.echo(f"{what + ':':<16}{shown}")
