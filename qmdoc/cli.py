"""The command line: a door. It asks, prints and sets the exit status, and decides nothing.

Exit status: 0 nothing of severity error was found, 1 something was, 2 the work could not be done. Each command imports
what it needs when it runs, so that `qmdoc --help` answers at once.
"""

from __future__ import annotations

import errno
import os
import signal
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, NoReturn

import click

from qmdoc import __version__
from qmdoc.errors import ConfigError, QmdocError

if TYPE_CHECKING:
    from qmdoc import cache
    from qmdoc.audit import Request
    from qmdoc.building import Made
    from qmdoc.signing.intent import Intent

FOUND_NOTHING, FOUND_ERRORS, COULD_NOT_WORK = 0, 1, 2
_REMEDIES = {
    **dict.fromkeys((errno.ENOSPC, errno.EDQUOT, errno.EFBIG), "make room on the disk, and do it again"),
    **dict.fromkeys(
        (errno.EACCES, errno.EPERM, errno.EROFS), "have the right to write there given to you, and do it again"
    ),
}
# Findings after which an answer is not kept: what lies ahead of the clock now may not in an hour, a time stamp that is
# ignored may count then, and a history that was replaced must be said again.
_PASSING = ("time-in-future", "sign-off-time-in-future", "anchor-ignored", "history-rewritten")
_STEPS = 4  # of audit-ready: history, manual, forms, binder
_FORMATS = ["text", "json", "github", "gitlab", "sarif", "junit"]
_MEANINGS = ["review", "approval", "periodic-review", "withdraw", "revoke", "training", "authority"]


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


_in_repository = click.option(
    "--repo",
    type=click.Path(path_type=Path),
    default=".",
    metavar="DIR",
    help="The programme's repository; this folder when left out.",
)


def _audited(command: Command) -> Command:
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
        _in_repository,
    ):
        command = option(command)
    return command


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 120})
@click.version_option(__version__, prog_name="qmdoc")
def cli() -> None:
    """Document control for cellular-therapy programmes, proved from git history."""


@cli.command()
@_audited
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
    """Say what is in force, and what is wrong or missing."""
    if draft:
        return _check_draft(repo, form, is_strict=strict)
    from qmdoc import cache

    options = {"as of": str(as_of), "strict": str(strict), "format": form, "descends from": str(descends_from)}

    def ask(now: datetime) -> cache.Question | None:
        return cache.question(repo, os.environ, now, trust_root=trust_root, options=options)

    now = _now()
    asked = ask(now)
    if asked and not no_cache and (known := cache.recall(asked)):
        click.echo(known.text, nl=False)
        return known.status
    notes = cache.notes(asked) if asked and not no_cache else {}
    found = _verified(
        Path(repo), as_of, trust_root, form, now, descends_from=descends_from, is_strict=strict,
        last=asked.last if asked and not no_cache else None, notes=notes,
    )  # fmt: skip
    if asked and found.notes is not None:
        cache.keep_notes(asked, found.notes)
    if asked and found.trust_root and (again := ask(now)) and again.asked == asked.asked:
        cache.keep(asked, found.answer)
        cache.note_tip(asked, found.trust_root)
    click.echo(found.answer.text, nl=False)
    return found.answer.status


class _Verified(NamedTuple):
    """An answer; the trust root, empty where the answer may not hold for the rest of the day; new notes on texts."""

    answer: cache.Answer
    trust_root: str
    notes: dict[str, object] | None


def _verified(
    repo: Path,
    as_of: date | None,
    trust_root: str | None,
    form: str,
    now: datetime,
    *,
    notes: Mapping[str, object],
    **more: Any,
) -> _Verified:
    from qmdoc import audit, cache, remembered
    from qmdoc.outputs import annotations, answers, terminal

    texts = remembered.texts(notes)
    found = audit.audit(audit.Request(repo, now, os.environ, as_of=as_of, trust_root=trust_root, texts=texts, **more))
    written = {"text": terminal.findings_text, "json": answers.json_text, **annotations.FORMATS}[form]
    is_lasting = not any(each.check in _PASSING for each in found.findings)
    return _Verified(
        cache.Answer(written(found), FOUND_ERRORS if found.has_errors else FOUND_NOTHING),
        found.register.ledger.trust_root if is_lasting else "",
        remembered.written(texts) if texts.has_new else None,
    )


def _check_draft(repo: Path, form: str, *, is_strict: bool) -> int:
    from qmdoc import audit
    from qmdoc.outputs import annotations, answers, terminal

    found = audit.check_draft(_request(repo, None, None, is_strict=is_strict))
    written = {"text": terminal.draft_text, "json": answers.draft_text, **annotations.FORMATS}[form]
    click.echo(written(found), nl=False)
    return FOUND_ERRORS if found.has_errors else FOUND_NOTHING


@cli.command()
@click.argument("numbers", nargs=-1, required=True, metavar="ID...")
@click.option("--role", help="The role in which you sign; worked out where it is plain.")
@click.option(
    "--meaning", type=click.Choice(_MEANINGS), default="approval", show_default=True, help="What your signature says."
)
@click.option("--reason", metavar="TEXT", help="One line; needed to withdraw or revoke.")
@click.option("--outcome", type=click.Choice(["continue", "revise", "retire"]), help="What a periodic review decided.")
@click.option("--next-review", type=DAY, metavar="DATE", help="When the next periodic review is due.")
@click.option("--portable", is_flag=True, help="Write two files to commit instead, for a forge that only squashes.")
@click.option("--yes", is_flag=True, help="Do not ask whether to sign.")
@click.option("--trust-root", metavar="ID", help="Full commit id to trust from.")
@_in_repository
def sign(numbers: tuple[str, ...], repo: Path, trust_root: str | None, yes: bool, **wished: Any) -> int:
    """Sign documents off, after showing what is signed.

    `@authority` instead of a number signs the authority: the people and the policy.
    """
    from qmdoc import sign as signing
    from qmdoc.model import Meaning, Outcome
    from qmdoc.outputs import terminal

    outcome = Outcome(wished["outcome"]) if wished["outcome"] else None
    wish = signing.Wish(
        numbers,
        wished["role"],
        Meaning(wished["meaning"]),
        wished["reason"],
        outcome,
        wished["next_review"],
        is_portable=wished["portable"],
    )

    def agree(intent: Intent) -> bool:
        click.echo(terminal.intent_text(intent), nl=False)
        is_asked = not yes and sys.stdin.isatty()
        return click.confirm("Sign this?", default=False) if is_asked else True

    made = signing.sign(_request(repo, None, trust_root), wish, agree)
    if made is None:
        click.echo("Nothing was signed.")
        return FOUND_ERRORS
    click.echo(terminal.made_text(made), nl=False)
    return FOUND_NOTHING


@cli.command()
@click.argument("numbers", nargs=-1, required=True, metavar="ID...")
@click.option("--role", help="The role in which you read; worked out where it is plain.")
@click.option("--portable", is_flag=True, help="Write two files to commit instead, for a forge that only squashes.")
@click.option("--yes", is_flag=True, help="Do not ask whether to sign.")
@click.option("--trust-root", metavar="ID", help="Full commit id to trust from.")
@click.pass_context
def attest(context: click.Context, /, **given: Any) -> int:
    """Say, signed, that you have read documents.

    The same as `qmdoc sign --meaning training`: your own word, with your own key, for the version as main holds it.
    """
    rest = {"meaning": "training", "reason": None, "outcome": None, "next_review": None}
    return int(context.invoke(sign, **given, **rest) or FOUND_NOTHING)


@cli.command()
@click.option("--tsa", metavar="URL", help="Ask this time-stamping authority (RFC 3161) to stamp the newest commit.")
@click.option(
    "--token",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Take a token that was made elsewhere over a commit of the main line.",
)
@click.option("--trust-root", metavar="ID", help="Full commit id to trust from.")
@_in_repository
def anchor(repo: Path, trust_root: str | None, tsa: str | None, token: Path | None) -> int:
    """Commit an outside time stamp of the history so far.

    All that the stamped commit contains existed by then; what follows the time stamp came later.
    """
    from qmdoc import anchor as anchoring

    if (tsa is None) == (token is None):
        raise ConfigError("a time stamp comes from --tsa URL or from --token FILE", fix="give one of the two")
    request = _request(repo, None, trust_root)
    made = anchoring.ask(request, tsa) if tsa is not None else anchoring.take(request, token or Path())
    click.echo(
        f"Anchored: commit {made.stamped[:12]} existed at {made.time:%Y-%m-%d %H:%M:%S} UTC, says {made.authority}; "
        f"kept as {made.path} in commit {made.commit[:12]}"
    )
    return FOUND_NOTHING


@cli.command("attest-forge")
@click.option(
    "--document", "numbers", multiple=True, required=True, metavar="ID", help="What was approved; may be repeated."
)
@click.option("--trust-root", metavar="ID", help="Full commit id to trust from.")
@_in_repository
def attest_forge(numbers: tuple[str, ...], repo: Path, trust_root: str | None) -> int:
    """Sign, as a forge's bot, for those who approved there.

    Reads {"url": "…", "head": "<commit reviewed>", "approvals": [{"email": "…", "role": "…"}]} from standard input;
    the role may be left out where it is plain. One signed commit for each approver, or none at all.
    """
    from qmdoc import attest
    from qmdoc.outputs import terminal

    review = attest.read(sys.stdin.buffer.read())
    for made in attest.attest(_request(repo, None, trust_root), numbers, review):
        click.echo(terminal.made_text(made), nl=False)
    return FOUND_NOTHING


@cli.command()
@_audited
@click.option("--draft", is_flag=True, help="Build the texts in the work tree, every page marked DRAFT.")
def build(repo: Path, as_of: date | None, trust_root: str | None, draft: bool) -> int:
    """Build the manual from approved texts, in build/manual."""
    from qmdoc import building

    request = _request(repo, as_of, trust_root)
    made = building.draft(request) if draft else building.manual(request)
    _say_made(made)
    return FOUND_NOTHING


class _Forms(click.Group):
    """`qmdoc forms [ID]...` fills; `read`, `file` and `check` are words of their own."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        is_filling = not args or (args[0] not in self.commands and args[0] not in ctx.help_option_names)
        return super().parse_args(ctx, ["fill", *args] if is_filling else args)


@cli.group(cls=_Forms)
def forms() -> None:
    """Fill the Word forms, in build/forms; read them back.

    `qmdoc forms [ID]...` fills, as `qmdoc forms fill` does.
    """


@forms.command("fill")
@_audited
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

    _say_made(building.forms(_request(repo, as_of, trust_root), numbers, template=template, person=person))
    return FOUND_NOTHING


@forms.command("read")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="FILE.docx...")
@click.option("--yes", is_flag=True, help="Do not ask whether to record.")
@click.option("--trust-root", metavar="ID", help="Full commit id to trust from.")
@_in_repository
def read_forms(files: tuple[Path, ...], repo: Path, trust_root: str | None, yes: bool) -> int:
    """Record what was ticked in filled forms.

    A form that was changed, is of another version or programme, or was read before is refused, and nothing is recorded.
    """
    from qmdoc import filing

    return _filed(filing.read(_request(repo, None, trust_root), files, _agreeing(yes)), repo)


@forms.command("file")
@click.argument("scan", type=click.Path(path_type=Path), metavar="SCAN.pdf")
@click.option("--form", "number", required=True, metavar="NUMBER", help="The number that the form prints at its top.")
@click.option("--read", "rows", required=True, metavar="ROWS", help="The rows that are signed, as in 1,2,5.")
@click.option("--date", "day", type=DAY, metavar="DATE", help="The day that they carry; today when left out.")
@click.option("--assessor", metavar="ID", help="Who observed a competency; its assessment is row 1.")
@click.option("--failed", is_flag=True, help="The competency was observed, and not passed.")
@click.option("--yes", is_flag=True, help="Do not ask whether to record.")
@click.option("--trust-root", metavar="ID", help="Full commit id to trust from.")
@_in_repository
def file_scan(scan: Path, number: str, rows: str, repo: Path, trust_root: str | None, yes: bool, **more: Any) -> int:
    """Record the signed rows of a form on paper, with its scan."""
    from qmdoc import filing

    wish = filing.ScanWish(scan, number, rows, more["day"], more["assessor"], is_passed=not more["failed"])
    return _filed(filing.file(_request(repo, None, trust_root), wish, _agreeing(yes)), repo)


@forms.command("check")
@click.argument("files", nargs=-1, type=click.Path(path_type=Path), metavar="[FILE.docx]...")
@_in_repository
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


@cli.command()
@_audited
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
    found = reading_up.answer(_request(repo, as_of, trust_root), question)
    written = {
        "text": training_report.text,
        "json": training_report.json_text,
        "csv": training_report.csv_bytes,
        "xlsx": training_report.xlsx_bytes,
    }[form]
    click.echo(written(found, question), nl=False)
    is_late = any(duty.standing.is_late and question.picks(duty) for duty in of(found.register).duties)
    return FOUND_ERRORS if is_late else FOUND_NOTHING


@cli.command()
@_audited
def binder(repo: Path, as_of: date | None, trust_root: str | None) -> int:
    """Make the inspector's binder, in build/binder."""
    from qmdoc import building

    _say_made(building.binder(_request(repo, as_of, trust_root)))
    return FOUND_NOTHING


@cli.command()
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


@cli.command("coverage")
@click.argument("standard", required=False)
@_audited
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
        source = covering.drafted(repo, today=_now().date())
    else:
        from qmdoc import audit

        source = covering.in_force(audit.audit(_request(repo, as_of, trust_root)).register)
    if asked["old"]:
        click.echo(matrix.MOVE_FORMATS[form](covering.move(source, asked["old"], asked["new"])), nl=False)
        return FOUND_NOTHING
    found = covering.matrix(source, standard, Scope(asked["programme"], asked["site"]))
    click.echo(matrix.FORMATS[form](found), nl=False)
    return FOUND_ERRORS if found.gaps or found.not_read else FOUND_NOTHING


@cli.command("audit-ready")
@_audited
@click.option("--strict", is_flag=True, help="Take warnings as errors.")
def audit_ready(repo: Path, as_of: date | None, trust_root: str | None, strict: bool) -> int:
    """Check, make manual, forms and binder; say if ready."""
    from qmdoc import building
    from qmdoc.outputs import terminal

    ready = building.audit_ready(_request(repo, as_of, trust_root, is_strict=strict), _progress())
    click.echo(terminal.readiness_text(ready.audit), nl=False)
    _say_made(ready.made)
    return FOUND_ERRORS if ready.audit.has_errors else FOUND_NOTHING


@cli.command()
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

    made = building.demonstration(into, now=_now(), environment=os.environ, is_broken=broken)
    ready = building.audit_ready(_request(made.repository, None, made.trust_root), _progress())
    click.echo(terminal.readiness_text(ready.audit), nl=False)
    _say_made(ready.made)
    click.echo(words.demonstration_text(made), nl=False)
    return FOUND_ERRORS if ready.audit.has_errors else FOUND_NOTHING


@cli.command()
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
    click.echo(begun.text(founding.found(wish, os.environ, today=_now().date())), nl=False)
    return FOUND_NOTHING


@cli.command("new")
@click.argument("document_type", metavar="TYPE")
@click.option("--title", required=True, metavar="TEXT", help="The document's title; the file is named after it.")
@click.option("--domain", metavar="PREFIX", default="QM", show_default=True, help="What its number begins with.")
@_in_repository
def new_document(document_type: str, title: str, domain: str, repo: Path) -> int:
    """Begin a document, with the next free number.

    TYPE is one that the policy names, as in sop, plan or form; the sections are those that it asks for.
    """
    from qmdoc import drafting

    made = drafting.draft(repo, drafting.Wish(document_type, title, domain), os.environ, today=_now().date())
    _say_made((("new document", made),))
    return FOUND_NOTHING


@cli.command()
@click.argument("numbers", nargs=-1, metavar="[ID]...")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", help="How to write the answer.")
@click.option("--answers", is_flag=True, help="Write a file of the questions, to fill for `qmdoc init --answers`.")
@click.option("--library", is_flag=True, help="Look at the library that qmdoc ships, not at a repository.")
@_in_repository
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


@cli.group()
def keys() -> None:
    """Make a signing key; list the keys that may sign."""


@keys.command()
@click.option("--security-key", is_flag=True, help="Keep it in a security key (FIDO2) that asks for PIN and touch.")
@click.option("--person", metavar="ID", help="Your id in people.yaml.")
@click.option(
    "--file",
    "place",
    type=click.Path(path_type=Path),
    metavar="PATH",
    help="Where to keep it; ~/.ssh/id_ed25519_qmdoc when left out.",
)
def new(security_key: bool, person: str | None, place: Path | None) -> int:
    """Make a key to sign with.

    ssh-keygen asks for a passphrase; nothing is overwritten. Then it says what to set, and what to hand to an administrator.
    """
    from qmdoc import enrolment

    if not sys.stdin.isatty():
        raise ConfigError(
            "a key is made at a terminal, where ssh-keygen can ask for its passphrase",
            fix="run it yourself in a terminal window",
        )
    today = _now().date()
    made = enrolment.new(place, person, os.environ, day=today, is_security_key=security_key)
    click.echo(enrolment.words(made), nl=False)
    return FOUND_NOTHING


@keys.command("allowed-signers")
@_audited
def allowed_signers(repo: Path, as_of: date | None, trust_root: str | None) -> int:
    """Print who may sign, as git and ssh-keygen read it.

    For `git config gpg.ssh.allowedSignersFile` and `ssh-keygen -Y verify`; needs OpenSSH 9.1.
    """
    from qmdoc import audit
    from qmdoc.outputs import proof

    found = audit.audit(_request(repo, as_of, trust_root))
    click.echo(proof.allowed_signers(found.register.ledger), nl=False)
    return FOUND_NOTHING


@cli.command("import")
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

    wish = front.wish(_now().date(), kind, prefix, _asking() if sys.stdin.isatty() else None)
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


@cli.command()
def schema() -> int:
    """Print the JSON Schema of the front matter."""
    from qmdoc import documents

    click.echo(documents.json_schema(), nl=False)
    return FOUND_NOTHING


def main(arguments: list[str] | None = None) -> NoReturn:
    """Runs a command and ends the process with its exit status; nothing ever shows a traceback."""
    arguments = sys.argv[1:] if arguments is None else arguments
    status = COULD_NOT_WORK
    try:
        with _stopped_in_order():
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


def _request(
    repo: Path, as_of: date | None, trust_root: str | None, *, descends_from: str | None = None, is_strict: bool = False
) -> Request:
    from qmdoc.audit import Request

    return Request(
        repo, _now(), os.environ, as_of=as_of, trust_root=trust_root, descends_from=descends_from, is_strict=is_strict
    )


def _now() -> datetime:
    """The clock, read once for each run, here at the door."""
    return datetime.now(UTC)


def _progress() -> Callable[[str], None]:
    """Says on a terminal what is being done; says nothing into a pipe."""
    if not sys.stderr.isatty():
        return lambda _: None
    from qmdoc.outputs import progress

    return progress.bar(_STEPS)


def _say_made(made: Made) -> None:
    here = Path.cwd()
    for what, where in made:
        shown = where.relative_to(here) if isinstance(where, Path) and where.is_relative_to(here) else where
        click.echo(f"{what + ':':<16}{shown}")
