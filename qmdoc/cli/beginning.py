"""Commands that begin: a programme, a document, a document that was a Word file."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from qmdoc.cli import options
from qmdoc.cli.options import COULD_NOT_WORK, FOUND_ERRORS, FOUND_NOTHING

if TYPE_CHECKING:
    pass


@click.command()
@click.argument("folder", type=click.Path(path_type=Path), metavar="DIR")
@click.option(
    "--answers",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Fill the places marked [[local: …]] from this file, which `qmdoc local --library --answers` begins.",
)
@click.option("--programmes", metavar="LIST", help="Take the documents of these programmes, as in hct,iec; all when left out.")  # fmt: skip
@click.option("--sites", metavar="LIST", help='Your sites, as in "main=Main hospital,north=North clinic".')
@click.option("--name", metavar="TEXT", help="The programme's name.")
def init(folder: Path, answers: Path | None, programmes: str | None, sites: str | None, name: str | None) -> int:
    """Make a new programme's repository from the library.

    You become its quality manager and administrator, by the name, address and key in your git settings.
    """
    from qmdoc import founding
    from qmdoc.outputs import begun

    wish = founding.Wish(folder, answers, founding.scopes(programmes), founding.sites(sites), founding.named(name))
    click.echo(begun.text(founding.found(wish, os.environ, today=options.now().date())), nl=False)
    return FOUND_NOTHING


@click.command("new")
@click.argument("document_type", metavar="TYPE")
@click.option("--title", required=True, metavar="TEXT", help="The document's title; the file is named after it.")
@click.option("--domain", metavar="PREFIX", default="QM", show_default=True, help="What its number begins with.")
@options.in_repository
def new_document(document_type: str, title: str, domain: str, repo: Path) -> int:
    """Begin a document, with the next free number.

    TYPE is one that the policy names, as in sop, plan or form; the sections are those that it asks for.
    """
    from qmdoc import drafting

    made = drafting.draft(repo, drafting.Wish(document_type, title, domain), os.environ, today=options.now().date())
    options.say_made((("new document", made),))
    return FOUND_NOTHING


@click.command()
@click.argument("numbers", nargs=-1, metavar="[ID]...")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", help="How to write the answer.")
@click.option("--answers", is_flag=True, help="Write a file of the questions, to fill for `qmdoc init --answers`.")
@click.option("--library", is_flag=True, help="Look at the library that qmdoc ships, not at a repository.")
@options.in_repository
def local(numbers: tuple[str, ...], form: str, answers: bool, library: bool, repo: Path) -> int:
    """List what the programme has still to decide.

    The places marked [[local: …]] in the work tree, of these documents or of all. Exit status 1 while some are left.
    """
    from qmdoc import asking
    from qmdoc.outputs import places

    found = asking.undecided(None if library else repo, numbers)
    written = places.answers_yaml if answers else {"text": places.text, "json": places.json_text}[form]
    click.echo(written(found), nl=False)
    return FOUND_NOTHING if found.is_all_decided else FOUND_ERRORS


@click.command("import")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="FILE.docx...")
@click.option(
    "--into",
    type=click.Path(path_type=Path, file_okay=False),
    default=".",
    metavar="DIR",
    help="The folder for the documents; this folder when left out.",
)
@click.option("--type", "kind", default="sop", show_default=True, metavar="TYPE", help="The type of these documents.")
@click.option("--prefix", default="QM", show_default=True, metavar="QM", help="Series for files without a number.")
def import_(files: tuple[Path, ...], into: Path, kind: str, prefix: str) -> int:
    """Make documents of Word procedures, and say what differs.

    Each becomes <ID>-<title>.md with its pictures beside it, and a report of all that Word held and Markdown can't say.
    Nothing is overwritten. Exit status 1: words or numbers differ from the Word file; 2: a file could not be imported.
    """
    from qmdoc.importing import front, placing

    wish = front.wish(options.now().date(), kind, prefix, _asking() if sys.stdin.isatty() else None)
    status = FOUND_NOTHING
    for placed in placing.place_all(files, into, wish):
        click.echo(placed.line, err=placed.failure is not None)
        status = max(
            status, COULD_NOT_WORK if placed.failure else FOUND_ERRORS if placed.is_different else FOUND_NOTHING
        )
    return status


def _asking() -> Callable[[str, str], str]:
    """Asks at the terminal; an empty answer leaves the place to be settled later."""
    return lambda question, offered: str(
        click.prompt(f"{question} [{offered or 'later'}]", default="", show_default=False, err=True)
    )
