"""Word forms: filled, read back, filed with their scan, and their templates checked."""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from qmdoc.cli import options
from qmdoc.cli.options import DAY, FOUND_ERRORS, FOUND_NOTHING

if TYPE_CHECKING:
    pass


class _Forms(click.Group):
    """`qmdoc forms [ID]...` fills; `read`, `file` and `check` are words of their own."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        is_filling = not args or (args[0] not in self.commands and args[0] not in ctx.help_option_names)
        return super().parse_args(ctx, ["fill", *args] if is_filling else args)


@click.group(cls=_Forms)
def forms() -> None:
    """Fill the Word forms, in build/forms; read them back.

    `qmdoc forms [ID]...` fills, as `qmdoc forms fill` does.
    """


@forms.command("fill")
@options.audited
@click.argument("numbers", nargs=-1, metavar="[ID]...")
@click.option("--template", metavar="NAME", help="Which form; training-attestation when left out.")
@click.option("--person", metavar="ID", help="Only for this person; by itself: all that they have to attest.")
def fill_forms(
    numbers: tuple[str, ...],
    repo: Path,
    as_of: date | None,
    trust_root: str | None,
    template: str | None,
    person: str | None,
) -> int:
    """Fill the Word forms, in build/forms.

    For these documents, or for all in force that ask for training. What `templates/` holds under a form's name is used.
    """
    from qmdoc import building

    options.say_made(
        building.forms(options.request(repo, as_of, trust_root), numbers, template=template, person=person)
    )
    return FOUND_NOTHING


@forms.command("read")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="FILE.docx...")
@click.option("--yes", is_flag=True, help="Do not ask whether to record.")
@click.option("--trust-root", metavar="ID", help="Full commit id to trust from.")
@options.in_repository
def read_forms(files: tuple[Path, ...], repo: Path, trust_root: str | None, yes: bool) -> int:
    """Record what was ticked in filled forms.

    A form that was changed, is of another version or programme, or was read before is refused, and nothing is recorded.
    """
    from qmdoc import filing

    return _filed(filing.read(options.request(repo, None, trust_root), files, _agreeing(yes)), repo)


@forms.command("file")
@click.argument("scan", type=click.Path(path_type=Path), metavar="SCAN.pdf")
@click.option("--form", "number", required=True, metavar="NUMBER", help="The number that the form prints at its top.")
@click.option("--read", "rows", required=True, metavar="ROWS", help="The rows that are signed, as in 1,2,5.")
@click.option("--date", "day", type=DAY, metavar="DATE", help="The day that they carry; today when left out.")
@click.option("--assessor", metavar="ID", help="Who observed a competency; its assessment is row 1.")
@click.option("--failed", is_flag=True, help="The competency was observed, and not passed.")
@click.option("--yes", is_flag=True, help="Do not ask whether to record.")
@click.option("--trust-root", metavar="ID", help="Full commit id to trust from.")
@options.in_repository
def file_scan(scan: Path, number: str, rows: str, repo: Path, trust_root: str | None, yes: bool, **more: Any) -> int:
    """Record the signed rows of a form on paper, with its scan."""
    from qmdoc import filing

    wish = filing.ScanWish(scan, number, rows, more["day"], more["assessor"], is_passed=not more["failed"])
    return _filed(filing.file(options.request(repo, None, trust_root), wish, _agreeing(yes)), repo)


@forms.command("check")
@click.argument("files", nargs=-1, type=click.Path(path_type=Path), metavar="[FILE.docx]...")
@options.in_repository
def check_forms(files: tuple[Path, ...], repo: Path) -> int:
    """Name the tags in templates that are unknown.

    In these files, or in all forms under templates/ of the work tree. A file's name says which form it is.
    """
    from qmdoc import filing

    found = filing.check(repo, files)
    for line in found.faults:
        click.echo(f"- {line}")
    click.echo(f"{found.templates} looked at: {'tags to mend' if found.faults else 'every tag is known'}.")
    return FOUND_ERRORS if found.faults else FOUND_NOTHING


def _agreeing(yes: bool) -> Callable[[Any, str], bool]:
    """Shows what is to be recorded and asks, where somebody is there to answer."""

    def agree(filings: Any, name: str) -> bool:
        from qmdoc.outputs import filed

        click.echo(filed.preview_text(filings, name), nl=False)
        return click.confirm("Record this?", default=False) if not yes and sys.stdin.isatty() else True

    return agree


def _filed(written: tuple[Path, ...], repo: Path) -> int:
    from qmdoc import place
    from qmdoc.outputs import filed

    if not written:
        click.echo("Nothing was recorded.")
        return FOUND_ERRORS
    click.echo(filed.filed_text(written, place.find(repo)), nl=False)
    return FOUND_NOTHING
