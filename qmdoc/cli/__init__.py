"""The command line: a door. It asks, prints and sets the exit status, and decides nothing.

Exit status: 0 nothing of severity error was found, 1 something was, 2 the work could not be done. Each command imports
what it needs when it runs, so that `qmdoc --help` answers at once.
"""

from __future__ import annotations

import errno
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import NoReturn

import click

from qmdoc import __version__
from qmdoc.cli import answers, beginning, forms, making, signing
from qmdoc.cli.options import COULD_NOT_WORK, FOUND_NOTHING
from qmdoc.errors import ConfigError, QmdocError

_REMEDIES = {
    **dict.fromkeys((errno.ENOSPC, errno.EDQUOT, errno.EFBIG), "make room on the disk, and do it again"),
    **dict.fromkeys(
        (errno.EACCES, errno.EPERM, errno.EROFS), "have the right to write there given to you, and do it again"
    ),
}


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 120})
@click.version_option(__version__, prog_name="qmdoc")
def cli() -> None:
    """Document control for cellular-therapy programmes, proved from git history."""


for _command in (
    signing.anchor, signing.attest, signing.attest_forge, making.audit_ready, making.binder, making.build, answers.check,
    answers.covered, making.demo, answers.diff, making.draw, forms.forms, beginning.import_, beginning.init, signing.keys,
    beginning.local, beginning.new_document, making.preview, answers.schema, making.serve, signing.sign, answers.training,
    making.verify,
):  # fmt: skip
    cli.add_command(_command)


def main(arguments: list[str] | None = None) -> NoReturn:
    """Runs a command and ends the process with its exit status; nothing ever shows a traceback."""
    arguments = sys.argv[1:] if arguments is None else arguments
    status = COULD_NOT_WORK
    try:
        with _stopped_in_order():
            if sys.stdout is None:  # it was closed, and the next file that is opened would take its place
                raise BrokenPipeError
            status = _run(arguments)
            sys.stdout.flush()
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.format_message(), err=True)
    except click.ClickException as error:
        hint = f" (see `{error.ctx.command_path} --help`)" if isinstance(error, click.UsageError) and error.ctx else ""
        _complain(ConfigError(f"{error.format_message().rstrip('.')}{hint}"), arguments)
    except QmdocError as error:
        _complain(error, arguments)
    except _Stopped as stop:
        _complain(
            QmdocError(f"stopped by the system ({stop}); nothing half-written was left", code="stopped"), arguments
        )
    except (KeyboardInterrupt, click.Abort):
        _complain(QmdocError("stopped by Ctrl-C; nothing half-written was left", code="stopped"), arguments)
    except BrokenPipeError:
        _complain(QmdocError("the output was closed before all was written", code="output-closed"), [])
    except OSError as error:
        _complain(
            QmdocError(
                f"the computer refused: {error.strerror or error}" + (f" ({error.filename})" if error.filename else ""),
                fix=_remedy(error),
                code="system",
            ),
            arguments,
        )
    except Exception as error:  # the border: whatever escaped is our fault, and said in one line
        if os.environ.get("QMDOC_DEBUG"):
            raise
        _complain(
            QmdocError(
                f"a fault in qmdoc itself: {type(error).__name__}: {error}",
                fix="please report it; QMDOC_DEBUG=1 shows where",
                code="internal",
            ),
            arguments,
        )
    with suppress(OSError):
        if sys.stdout is not None:
            sys.stdout.flush()
        sys.exit(status)
    os._exit(status)  # the output takes nothing more; the interpreter would complain about it once more at its end


def _remedy(error: OSError) -> str:
    if "temporary directory" in str(error):  # Python tried each and tells only that none would do (tempfile.gettempdir)
        return "make room on the disk, or set TMPDIR to a folder that can be written to"
    return _REMEDIES.get(error.errno or 0, "look at the folder and the disk, and do it again")


class _Stopped(KeyboardInterrupt):
    """The system asks the program to end; whatever cleans up after Ctrl-C cleans up after this."""


@contextmanager
def _stopped_in_order() -> Iterator[None]:
    """Ends as Ctrl-C does when the terminal is closed or the computer shuts down, which would end it without cleaning up."""

    def stop(number: int, _frame: object) -> NoReturn:
        raise _Stopped(signal.Signals(number).name)

    both = (signal.SIGTERM, signal.SIGHUP)
    heard = [number for number in both if signal.getsignal(number) is signal.SIG_DFL]  # `nohup` means what it says
    for number in heard:
        signal.signal(number, stop)
    try:
        yield
    finally:
        for number in heard:
            signal.signal(number, signal.SIG_DFL)


def _run(arguments: list[str]) -> int:
    """Runs a command and returns its exit status. click's own `main` would swallow a closed pipe."""
    try:
        with cli.make_context("qmdoc", list(arguments)) as context:
            return cli.invoke(context) or FOUND_NOTHING
    except click.exceptions.Exit as end:
        return end.exit_code


def _complain(error: QmdocError, arguments: list[str]) -> None:
    """One line for people on standard error; for programs that asked for JSON, the error on standard output."""
    if _wants_json(arguments):
        from qmdoc.outputs import answers

        with suppress(OSError):
            click.echo(answers.error_text(error), nl=False)
    click.echo(f"qmdoc: {' '.join(str(error).split())}", err=True)


def _wants_json(arguments: list[str]) -> bool:
    return any(
        word == "--format=json" or (word == "json" and before == "--format")
        for before, word in zip(["", *arguments], arguments, strict=False)
    )
