"""Commands that answer: what is in force, covered, changed and known. They write nothing into the repository."""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path

import click

from qmdoc.cli import options
from qmdoc.cli.options import FOUND_ERRORS, FOUND_NOTHING
from qmdoc.errors import ConfigError

_FORMATS = ["text", "json", "github", "gitlab", "sarif", "junit"]


@click.command()
@options.audited
@click.option("--strict", is_flag=True, help="Take warnings as errors.")
@click.option("--format", "form", type=click.Choice(_FORMATS), default="text", help="How to write the answer.")
@click.option(
    "--descends-from",
    metavar="ID",
    help="Fail unless this commit, kept from an earlier audit, still stands on the mainline.",
)
@click.option(
    "--draft",
    is_flag=True,
    help="Judge the texts in the work tree as if they were to be signed now; no history, no sign-offs.",
)
@click.option("--no-cache", is_flag=True, help="Verify everything anew, and forget which commit was audited before.")
def check(
    repo: Path,
    as_of: date | None,
    trust_root: str | None,
    strict: bool,
    form: str,
    descends_from: str | None,
    draft: bool,
    no_cache: bool,
) -> int:
    """Say what is in force, and what is wrong or missing.

    Once a long history is verified, a process stands by for 15 minutes and goes on from there at the next commit. QMDOC_STANDBY
    says for how many minutes, whatever the length; 0: none does.
    """
    if draft:
        return _check_draft(repo, form, is_strict=strict, no_cache=no_cache)
    from qmdoc import checking

    wished = checking.Wished(repo, trust_root, form, strict, as_of, descends_from)
    now = options.now()
    if not no_cache and (known := checking.known(wished, now)):
        click.echo(known.text, nl=False)
        return known.status
    from qmdoc import verifying

    found = verifying.verified(wished, now, is_anew=no_cache)
    click.echo(found.answer.text, nl=False)
    sys.stdout.flush()
    if found.minutes and sys.stderr is not None and sys.stderr.isatty():
        how_long = "1 minute" if found.minutes == 1 else f"{found.minutes} minutes"
        stands = f"A process stands by for {how_long}, so that the next check answers at once (QMDOC_STANDBY=0: none)."
        click.echo(stands, err=True)
    found.stand_by()
    return found.answer.status


def _check_draft(repo: Path, form: str, *, is_strict: bool, no_cache: bool) -> int:
    from qmdoc import audit, read_before
    from qmdoc.outputs import annotations, answers, terminal

    judge = audit.check_draft if no_cache else read_before.drafted
    found = judge(options.request(repo, None, None, is_strict=is_strict))
    written = {"text": terminal.draft_text, "json": answers.draft_text, **annotations.FORMATS}[form]
    click.echo(written(found), nl=False)
    return FOUND_ERRORS if found.has_errors else FOUND_NOTHING


@click.command("coverage")
@click.argument("standard", required=False)
@options.audited
@click.option("--programme", default="", metavar="NAME", help="Count only documents that serve this programme.")
@click.option("--site", default="", metavar="NAME", help="Count only documents that hold at this site.")
@click.option("--draft", is_flag=True, help="Take the texts in the work tree as if all were in force.")
@click.option("--from", "old", metavar="OLD", help="With --to: the edition that the documents claim now.")
@click.option("--to", "new", metavar="NEW", help="Say what to look at again when this edition takes its place.")
@click.option("--format", "form", type=click.Choice(["text", "json", "csv"]), default="text", help="How to write it.")
def covered(
    standard: str | None, repo: Path, as_of: date | None, trust_root: str | None, form: str, draft: bool, **asked: str
) -> int:
    """Say which clauses are answered, by what, and which not.

    For one standard or all that are on file. `coverage fact-iec-3 --programme iec` says what IEC accreditation needs yet.
    """
    from qmdoc import covering
    from qmdoc.coverage import Scope
    from qmdoc.outputs import matrix

    if bool(asked["old"]) != bool(asked["new"]) or (asked["old"] and standard):
        raise ConfigError("two editions are compared", fix="give --from OLD and --to NEW, and no other standard")
    if draft:
        source = covering.drafted(repo, today=options.now().date())
    else:
        from qmdoc import audit

        source = covering.in_force(audit.register_of(options.request(repo, as_of, trust_root)))
    if asked["old"]:
        click.echo(matrix.MOVE_FORMATS[form](covering.move(source, asked["old"], asked["new"])), nl=False)
        return FOUND_NOTHING
    found = covering.matrix(source, standard, Scope(asked["programme"], asked["site"]))
    click.echo(matrix.FORMATS[form](found), nl=False)
    return FOUND_ERRORS if found.gaps or found.not_read else FOUND_NOTHING


@click.command()
@click.argument("number", metavar="ID")
@click.argument("old", required=False)
@click.argument("new", required=False)
@options.audited
@click.option("--format", "form", type=click.Choice(["text", "html", "docx"]), default="text", help="How to write it.")
@click.option(
    "--output", type=click.Path(path_type=Path), metavar="FILE", help="Write it here; Word files else go to build/diff."
)
def diff(
    number: str,
    old: str | None,
    new: str | None,
    repo: Path,
    as_of: date | None,
    trust_root: str | None,
    form: str,
    output: Path | None,
) -> int:
    """Say what changed between two versions, numbers first.

    From the version before to the one in force, or from OLD to NEW; `draft` as NEW is the text in the work tree.
    """
    from qmdoc import building, comparing
    from qmdoc.outputs import redlines

    found = comparing.compare(options.request(repo, as_of, trust_root), comparing.Asked(number, old, new))
    if form == "docx":
        from qmdoc.outputs import redline_word

        content = redline_word.docx(found.redline, found.head, day=found.day)
    elif form == "html":
        content = redlines.page(found.redline, found.head, style=comparing.style(), sized=found.sized).encode()
    else:
        content = redlines.text(found.redline, found.head, found.sized).encode()
    if output is None and form != "docx":
        click.echo(content.decode(), nl=False)
        return FOUND_NOTHING
    options.say_made((("what changed", building.difference(repo, f"{found.name}.{form}", content, output)),))
    return FOUND_NOTHING


@click.command()
@options.audited
@click.option(
    "--person", metavar="ID", help="What this person knows and has still to learn, with the proof of each line."
)
@click.option("--document", metavar="ID", help="Who knows this document.")
@click.option("--format", "form", type=click.Choice(["text", "json", "csv", "xlsx"]), default="text", show_default=True)
def training(
    repo: Path, as_of: date | None, trust_root: str | None, person: str | None, document: str | None, form: str
) -> int:
    """Say who knows which version, and who is late."""
    from qmdoc import reading_up
    from qmdoc.outputs import training_report
    from qmdoc.training import of

    if form == "xlsx" and sys.stdout.isatty():
        raise click.UsageError(
            "a workbook is no text; write it to a file: qmdoc training --format xlsx > training.xlsx"
        )
    question = training_report.Question(person, document)
    found = reading_up.answer(options.request(repo, as_of, trust_root), question)
    written = {
        "text": training_report.text,
        "json": training_report.json_text,
        "csv": training_report.csv_bytes,
        "xlsx": training_report.xlsx_bytes,
    }[form]
    click.echo(written(found, question), nl=False)
    is_late = any(duty.standing.is_late and question.picks(duty) for duty in of(found).duties)
    return FOUND_ERRORS if is_late else FOUND_NOTHING


@click.command()
def schema() -> int:
    """Print the JSON Schema of the front matter."""
    from qmdoc import documents

    click.echo(documents.json_schema(), nl=False)
    return FOUND_NOTHING
