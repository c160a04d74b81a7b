"""Commands that make: manual, preview, drawings, binder, and all that an inspector asks for."""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from qmdoc.cli import options
from qmdoc.cli.options import FOUND_ERRORS, FOUND_NOTHING

if TYPE_CHECKING:
    pass


@click.command()
@options.audited
@click.option("--draft", is_flag=True, help="Build the texts in the work tree, every page marked DRAFT.")
def build(repo: Path, as_of: date | None, trust_root: str | None, draft: bool) -> int:
    """Build the manual from approved texts, in build/manual."""
    request = options.request(repo, as_of, trust_root)
    if draft:
        from qmdoc import building

        options.say_made(building.draft(request))
    else:
        from qmdoc import publishing

        options.say_made(publishing.manual(request))
    return FOUND_NOTHING


@click.command()
@click.argument("change", metavar="BASE..HEAD")
@click.option("--summary", is_flag=True, help="Print only the Markdown summary, for a comment.")
@options.audited
def preview(change: str, repo: Path, as_of: date | None, trust_root: str | None, summary: bool) -> int:
    """Build what a pull request would change, in build/preview.

    Draft pages with redlines, what the change will ask of whom, what could not be printed, and a summary in Markdown.
    """
    from qmdoc import building
    from qmdoc.outputs import preview as written

    made, found = building.preview(options.request(repo, as_of, trust_root), change)
    click.echo(written.summary(found), nl=False)
    if not summary:
        options.say_made(made)
    is_refused = any(each.not_printed for each in found.documents)
    return FOUND_ERRORS if is_refused or any(each.severity == "error" for each in found.findings) else FOUND_NOTHING


@click.command()
@click.argument("named", nargs=-1, metavar="[ID|FILE]...")
@click.option("--check", "is_check", is_flag=True, help="Only say which drawings are missing or outdated.")
@options.in_repository
def draw(named: tuple[str, ...], repo: Path, is_check: bool) -> int:
    """Draw the flow charts (.dot) whose drawing is outdated.

    Needs Graphviz. The drawing (.svg) is put beside the chart, to be committed and signed with it.
    """
    from qmdoc import drawing

    found = drawing.charts_of(repo, named)
    old = [chart for chart in found if not chart.is_current]
    for chart in old:
        if not is_check:
            drawing.draw(repo, chart, os.environ)
        click.echo(f"{'outdated' if is_check else 'drawn'}: {chart.drawing}")
    click.echo(f"{len(found)} charts, {len(old)} {'to be drawn' if is_check else 'drawn'}.")
    return FOUND_ERRORS if old and is_check else FOUND_NOTHING


@click.command()
@options.audited
def binder(repo: Path, as_of: date | None, trust_root: str | None) -> int:
    """Make the inspector's binder, in build/binder."""
    from qmdoc import building

    options.say_made(building.binder(options.request(repo, as_of, trust_root)))
    return FOUND_NOTHING


@click.command()
@click.option("--port", type=click.IntRange(1, 65535), default=8000, show_default=True, help="Where to serve it.")
@options.in_repository
def serve(repo: Path, port: int) -> int:
    """Show the texts as you write them, in a browser on this computer."""
    from qmdoc import serving

    serving.serve(options.request(repo, None, None), port)
    return FOUND_NOTHING


@click.command()
@click.argument("bag", type=click.Path(path_type=Path))
def verify(bag: Path) -> int:
    """Check a binder again: files and history."""
    from qmdoc import building

    problems = building.verify(bag, os.environ)
    for problem in problems:
        click.echo(f"- {problem}")
    click.echo(
        "The binder is not as it was made."
        if problems
        else f"The binder {bag} is complete and unchanged, and its history opens."
    )
    return FOUND_ERRORS if problems else FOUND_NOTHING


@click.command("audit-ready")
@options.audited
@click.option("--strict", is_flag=True, help="Take warnings as errors.")
def audit_ready(repo: Path, as_of: date | None, trust_root: str | None, strict: bool) -> int:
    """Check, make manual, forms and binder; say if ready."""
    from qmdoc import building
    from qmdoc.outputs import terminal

    ready = building.audit_ready(options.request(repo, as_of, trust_root, is_strict=strict), options.progress())
    click.echo(terminal.readiness_text(ready.audit), nl=False)
    options.say_made(ready.made)
    return FOUND_ERRORS if ready.audit.has_errors else FOUND_NOTHING


@click.command()
@click.option("--broken", is_flag=True, help="Plant six faults and show how each is named.")
@click.option(
    "--into",
    type=click.Path(path_type=Path),
    default="build/demo",
    show_default=True,
    metavar="DIR",
    help="Where to make the programme's repository.",
)
def demo(broken: bool, into: Path) -> int:
    """Make a programme to look at, and run audit-ready in it."""
    from qmdoc import building
    from qmdoc.demo import words
    from qmdoc.outputs import terminal

    made = building.demonstration(into, now=options.now(), environment=os.environ, is_broken=broken)
    ready = building.audit_ready(options.request(made.repository, None, made.trust_root), options.progress())
    click.echo(terminal.readiness_text(ready.audit), nl=False)
    options.say_made(ready.made)
    click.echo(words.demonstration_text(made), nl=False)
    return FOUND_ERRORS if ready.audit.has_errors else FOUND_NOTHING
