"""Commands that sign, and those about keys and time stamps."""

from __future__ import annotations

import os
import sys
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from qmdoc.cli import options
from qmdoc.cli.options import DAY, FOUND_ERRORS, FOUND_NOTHING
from qmdoc.errors import ConfigError

if TYPE_CHECKING:
    from qmdoc.signing.intent import Intent


_CHECK = "do not sign again; `qmdoc check` says what is missing"
_COMMIT_BOTH = "do not sign again; commit it as it is, with the signature beside it"


_MEANINGS = ["review", "approval", "periodic-review", "withdraw", "revoke", "training", "authority"]


@click.command()
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
@options.in_repository
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

    made = signing.sign(options.request(repo, None, trust_root), wish, agree)
    if made is None:
        click.echo("Nothing was signed.")
        return FOUND_ERRORS
    if made.files:
        options.say_standing(terminal.made_text(made), made=f"the sign-off is made and stands in {made.files[0]}", fix=_COMMIT_BOTH)  # fmt: skip
    else:
        options.say_standing(terminal.made_text(made), made="the sign-off is made and stands on the branch", fix=_CHECK)
    return FOUND_NOTHING


@click.command()
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


@click.command()
@click.option("--tsa", metavar="URL", help="Ask this time-stamping authority (RFC 3161) to stamp the newest commit.")
@click.option(
    "--token",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Take a token that was made elsewhere over a commit of the main line.",
)
@click.option("--trust-root", metavar="ID", help="Full commit id to trust from.")
@options.in_repository
def anchor(repo: Path, trust_root: str | None, tsa: str | None, token: Path | None) -> int:
    """Commit an outside time stamp of the history so far.

    All that the stamped commit contains existed by then; what follows the time stamp came later.
    """
    from qmdoc import anchor as anchoring

    if (tsa is None) == (token is None):
        raise ConfigError("a time stamp comes from --tsa URL or from --token FILE", fix="give one of the two")
    request = options.request(repo, None, trust_root)
    made = anchoring.ask(request, tsa) if tsa is not None else anchoring.take(request, token or Path())
    options.say_standing(
        f"Anchored: commit {made.stamped[:12]} existed at {made.time:%Y-%m-%d %H:%M:%S} UTC, says {made.authority}; "
        f"kept as {made.path} in commit {made.commit[:12]}\n",
        made=f"the time stamp is made and stands on the branch as {made.path}",
        fix="nothing is to be done again",
    )
    return FOUND_NOTHING


@click.command("attest-forge")
@click.option(
    "--document", "numbers", multiple=True, required=True, metavar="ID", help="What was approved; may be repeated."
)
@click.option("--trust-root", metavar="ID", help="Full commit id to trust from.")
@options.in_repository
def attest_forge(numbers: tuple[str, ...], repo: Path, trust_root: str | None) -> int:
    """Sign, as a forge's bot, for those who approved there.

    Reads {"url": "…", "head": "<commit reviewed>", "approvals": [{"email": "…", "role": "…"}]} from standard input;
    the role may be left out where it is plain. One signed commit for each approver, or none at all.
    """
    from qmdoc import attest
    from qmdoc.outputs import terminal

    review = attest.read(sys.stdin.buffer.read())
    made = attest.attest(options.request(repo, None, trust_root), numbers, review)
    told = "".join(terminal.made_text(each) for each in made)
    options.say_standing(told, made="the sign-offs are made and stand on the branch", fix=_CHECK)
    return FOUND_NOTHING


@click.group()
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
    today = options.now().date()
    made = enrolment.new(place, person, os.environ, day=today, is_security_key=security_key)
    click.echo(enrolment.words(made), nl=False)
    return FOUND_NOTHING


@keys.command("allowed-signers")
@options.audited
def allowed_signers(repo: Path, as_of: date | None, trust_root: str | None) -> int:
    """Print who may sign, as git and ssh-keygen read it.

    For `git config gpg.ssh.allowedSignersFile` and `ssh-keygen -Y verify`; needs OpenSSH 9.1.
    """
    from qmdoc import audit
    from qmdoc.outputs import proof

    found = audit.register_of(options.request(repo, as_of, trust_root))
    click.echo(proof.allowed_signers(found.ledger), nl=False)
    return FOUND_NOTHING
