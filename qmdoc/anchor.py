"""Anchoring: a time stamp of a third party over a mainline commit, judged as an audit would, then committed.

It is made by plumbing on top of the commit that is checked out: what is staged or half edited stays as it is.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from qmdoc import audit, git, place, tsa, walk
from qmdoc.audit import Request
from qmdoc.errors import NotAnchored
from qmdoc.model import History, Objects
from qmdoc.own_git import OwnGit
from qmdoc.signing import anchors
from qmdoc.signing.acceptance import LEEWAY
from qmdoc.signing.anchors import Refused, Stamped


@dataclass(frozen=True, slots=True)
class Made:
    """A time anchor that was committed: over which commit, when, by whose word, and the commit that holds it."""

    stamped: str
    time: datetime
    authority: str
    commit: str
    path: str


def ask(request: Request, url: str) -> Made:
    """Has the newest commit stamped by the time-stamping authority at an address, and commits the token.

    Raises NotAnchored, GitFailed, and what `audit` raises.
    """
    return _anchor(request, url=url)


def take(request: Request, token: Path) -> Made:
    """Commits a token that was made elsewhere over any commit of the mainline. Raises what `ask` raises."""
    try:
        content = token.read_bytes()
    except OSError as error:
        raise NotAnchored(f"{token} can't be read: {error.strerror or error}", fix="name the token's file") from error
    return _anchor(request, token=content)


def _anchor(request: Request, *, url: str = "", token: bytes = b"") -> Made:
    top = place.find(request.repository)
    own = OwnGit(top, request.environment)
    own.identity()
    own.prove_unlocked()
    with git.Repository(top, request.environment) as repository:
        history = repository.read()
        stage = walk.rehearsal(history, repository, now=request.now, trust_root=audit.trust_root(request))
        _show_the_last(own, history.tip)
        if not stage.ledger.authority.policy.time_stamps:
            raise NotAnchored(
                "the policy lists no time-stamping authority",
                fix="list one under `time_stamps` in policy.yaml, with its root certificate, and have the admins sign that",
            )
        if url:
            commit, token = history.tip, _answer(url, repository.commit(history.tip))
        else:
            commit = _commit_stamped(token, [landing.commit for landing in stage.ledger.landings], repository)
        path = anchors.path(commit)
        if any(known.commit == commit for known in stage.ledger.anchors):
            raise NotAnchored(f"commit {commit[:12]} has a time stamp already ({path})", fix="stamp a later commit")
        verdict = stage.anchor(token, commit)
        if isinstance(verdict, Refused):
            raise NotAnchored(
                f"the time stamp would not count: {verdict.reason}", fix="use an authority that the policy lists"
            )
        made = _commit(own, history, path, token, _message(commit, verdict), request.now)
    return Made(commit, verdict.time, verdict.authority, made, path)


def _show_the_last(own: OwnGit, tip: str) -> None:
    """Puts the newest commit's anchor into index and work tree, where the run that made it was killed before it could."""
    for path, blob in own.added(tip, anchors.FOLDER).items():
        own.show_again(path, blob)


def _answer(url: str, raw_commit: bytes) -> bytes:
    query, nonce = anchors.request(raw_commit)
    answer = anchors.answer_to(tsa.ask(url, query), nonce)
    if isinstance(answer, Refused):
        raise NotAnchored(
            f"the time-stamping authority {url} gave no time stamp: {answer.reason}",
            fix="check the address, or make the token elsewhere and give it with --token",
        )
    return answer


def _commit_stamped(token: bytes, mainline: list[str], objects: Objects) -> str:
    """The mainline commit that a token stamps; the newest are the likeliest."""
    stamped = anchors.imprint_in(token)
    if isinstance(stamped, Refused):
        raise NotAnchored(
            f"the file is no use as a time stamp: {stamped.reason}", fix="give the answer as the authority sent it"
        )
    for commit in reversed(mainline):
        if anchors.imprint(objects.commit(commit)) == stamped:
            return commit
    raise NotAnchored(
        "the token stamps no commit of this branch's main line",
        fix="have it made for one: git cat-file commit HEAD | openssl ts -query -data /dev/stdin -sha256 -cert",
    )


def _message(commit: str, stamped: Stamped) -> str:
    return f"Time anchor over {commit[:12]}\n\n{stamped.authority} stamped commit {commit} at {stamped.time:%Y-%m-%d %H:%M:%S} UTC.\n"


def _commit(own: OwnGit, history: History, path: str, token: bytes, message: str, now: datetime) -> str:
    own.is_free(path, token)
    tip = history.commits[history.tip]
    blob, tree = own.tree_with(tip.id, path, token)
    moment = max(now.astimezone(UTC).replace(microsecond=0), min(tip.committer.moment, now + LEEWAY))
    made = own.sign_off(tip.id, tree, message, moment, is_signed=own.signs_commits())
    own.advance(made, tip.id, by="qmdoc anchor")
    own.show(path, blob)
    return made
