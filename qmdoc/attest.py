"""Attesting for others: a bot signs, for each approver, what a forge shows of a review (SIGNOFF.md §8).

For forges that write no approvals into their merges. What is read is JSON:

    {"url": "https://forge.example/reviews/17", "head": "<full id of the commit that was reviewed>",
     "approvals": [{"email": "q.manager@programme.example", "role": "quality-manager"}]}

`role` may be left out where it is plain. Each approval becomes one commit signed with the bot's own git settings, judged
by all rules while it stands on no branch; the branch moves once, when all of them are good.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from qmdoc import audit, commits, git, place, sign, walk
from qmdoc.audit import Request
from qmdoc.errors import ConfigError, RefusedToSign
from qmdoc.model import Commit, History
from qmdoc.own_git import OwnGit
from qmdoc.sign import Wish
from qmdoc.signing import statement
from qmdoc.signing.acceptance import SignOff
from qmdoc.signing.authority import Authority
from qmdoc.signing.intent import Made
from qmdoc.signing.statement import Evidence, Statement

_STRICT = ConfigDict(extra="forbid", frozen=True, strict=True)


class Approval(BaseModel):
    """Somebody who approved on the forge, by an address that the authority lists."""

    model_config = _STRICT
    email: str
    role: str | None = None


class Review(BaseModel):
    """Where approvals were given, the commit that was reviewed there, and by whom it was approved."""

    model_config = _STRICT
    url: str
    head: Annotated[str, Field(pattern=r"^(?:[0-9a-f]{40}|[0-9a-f]{64})$")]
    approvals: Annotated[list[Approval], Field(min_length=1)]


def read(given: bytes) -> Review:
    """The review that the JSON tells of. Raises ConfigError with what is wrong with it."""
    try:
        # read twice: json knows a key that is given twice, pydantic knows the rest
        json.loads(given, object_pairs_hook=_each_key_once)
        review = Review.model_validate_json(given)
        if len({each.email.lower() for each in review.approvals}) == len(review.approvals):
            return review
        problem = "an approver is named twice"
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"]) or "the whole"
        problem = f"{place}: {first['msg']}"
    except (ValueError, RecursionError) as error:
        problem = str(error)
    raise ConfigError(
        f"standard input is not the JSON of a review: {_plain(problem)}",
        fix='write {"url": "https://…", "head": "<full commit id>", "approvals": [{"email": "…", "role": "…"}]}',
    )


def attest(request: Request, numbers: tuple[str, ...], review: Review) -> tuple[Made, ...]:
    """Signs for each approver in turn, as the bot that git's settings name; the last says what is still missing.

    Raises RefusedToSign with the approver and the rule that would be broken, and what `audit` raises; then nothing is
    on the branch.
    """
    top = place.find(request.repository)
    own = OwnGit(top, request.environment)
    with git.Repository(top, request.environment) as repository:
        history = repository.read()
        old = history.tip
        if review.head not in history.commits:
            raise RefusedToSign(
                f"the commit {review.head[:12]} that was reviewed is not part of this branch's history",
                fix="merge it first, without squash or rebase, and fetch all of it",
            )
        desk = _Desk(request, own, repository, review)
        verdicts: list[SignOff] = []
        for approval in review.approvals:
            try:
                verdict, commit = _attested(numbers, approval, desk, history)
                if verdict.signer in {each.signer for each in verdicts}:
                    raise RefusedToSign("the person is named twice", fix="name each approver once")
            except RefusedToSign as refusal:
                what = f"nothing was attested, because of the approval of <{approval.email}>: {refusal.message}"
                raise RefusedToSign(what, fix=refusal.fix) from refusal
            verdicts.append(verdict)
            history = _followed(history, commit)
        own.advance(history.tip, old)
    missing = sign.still_missing(request, Wish(numbers))
    return tuple(Made(each, missing if each is verdicts[-1] else ()) for each in verdicts)


@dataclass(frozen=True, slots=True)
class _Desk:
    """What all commits of one run share."""

    request: Request
    own: OwnGit
    repository: git.Repository
    review: Review


def _attested(numbers: tuple[str, ...], approval: Approval, desk: _Desk, history: History) -> tuple[SignOff, Commit]:
    """One approver's sign-off, made at the end of `history` and on no branch yet."""
    root = audit.trust_root(desk.request)
    stage = walk.rehearsal(history, desk.repository, now=desk.request.now, trust_root=root)
    person = _approver(approval, stage.ledger.authority)
    moment = sign.moment_to_sign(desk.request, history)
    said = sign.draw_up(Wish(numbers, approval.role), person, stage.ledger, desk.repository, moment)
    said = _on_behalf(said, desk.review, _bot(desk.own, stage.ledger.authority))
    parent = history.commits[history.tip]
    made = desk.own.sign_off(parent.id, parent.tree, statement.write(said), moment, is_signed=True)
    commit = commits.parse(made, desk.repository.commit(made))
    verdict = stage.judge(commit, before_signature=False)
    sign.prove_it_would_stand(stage, verdict, said)
    return verdict, commit


def _approver(approval: Approval, authority: Authority) -> str:
    person = authority.email_holders.get(approval.email.lower() if approval.email.isascii() else "")
    if person is None:
        raise RefusedToSign(
            "the address stands under nobody in the authority", fix="have an admin list it in people.yaml"
        )
    return person


def _bot(own: OwnGit, authority: Authority) -> str:
    _, email = own.identity()
    bot = authority.email_holders.get(email)
    if bot is None:
        raise RefusedToSign(
            f"your e-mail address <{email}> stands under nobody in the authority",
            fix="have an admin list the bot in people.yaml with `roles: []`, and its key under forges in policy.yaml",
        )
    return bot


def _on_behalf(said: Statement, review: Review, bot: str) -> Statement:
    attested = said._replace(signer=bot, on_behalf=said.signer, evidence=Evidence(review.url, review.head))
    found = statement.parse(statement.write(attested).encode())
    if isinstance(found, statement.Malformed):
        raise RefusedToSign(f"this makes no valid statement: {found.problem}", fix="correct the JSON")
    return attested


def _followed(history: History, commit: Commit) -> History:
    """The history with a sign-off at its end, which changes no file."""
    return replace(
        history,
        tip=commit.id,
        commits={**history.commits, commit.id: commit},
    )


def _plain(problem: str) -> str:
    """What is wrong, on one line; the JSON's own letters may be anything, and are shown to a person at a terminal."""
    words = " ".join(problem.split())[:300]
    return "".join(letter if letter.isprintable() else "?" for letter in words)


def _each_key_once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    keys = [key for key, _ in pairs]
    for key in keys:
        if keys.count(key) > 1:
            raise ValueError(f"the key `{key}` is given twice")
    return dict(pairs)
