"""The mainline: where trust begins, that nothing is missing after it, and on which day each commit landed (SIGNOFF.md §6)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from qmdoc import controlled
from qmdoc.errors import HistoryIncomplete, NoAuthority, TrustRootInvalid
from qmdoc.ledger import Landing
from qmdoc.model import History, Objects, day_of
from qmdoc.signing.acceptance import LEEWAY

TRUST_ROOT = re.compile(r"([0-9a-f]{40}|[0-9a-f]{64})(?::sha256:([0-9a-f]{64}))?")
"""A full commit id, and perhaps the digest of the authority that it holds."""


def start(chain: list[str], history: History, objects: Objects, trust_root: str | None) -> str:
    """The trust root: as given, or the first mainline commit that holds an authority."""
    if trust_root is None:
        _prove_whole(chain, history)
        for commit_id in chain:
            tree = history.commits[commit_id].tree
            if controlled.folder_at(objects, tree, "sops") and controlled.holdings(objects, tree).authority:
                return commit_id
        raise NoAuthority("this repository has no authority (no sops/authority/), so nobody may sign here",
                          fix="see the promise work with `make demo`, or begin a programme of your own with `qmdoc init DIR`")  # fmt: skip
    match = TRUST_ROOT.fullmatch(trust_root)
    if not match:
        raise TrustRootInvalid(
            f"the trust root `{trust_root}` is no full commit id",
            fix="give all 40 digits, as the first audit printed them",
        )
    if match[1] not in chain:
        _prove_whole(chain, history)
        raise TrustRootInvalid(
            f"the trust root {match[1]} is not on this mainline",
            fix="check that this is the programme's repository, and that its history was not replaced",
        )
    return match[1]


def prove_closed(history: History, start: str) -> None:
    """Every parent that is named has been read, but for what lies before the trust root."""
    if not history.missing:
        return
    before = set(reachable([start], history, set()))
    _prove_whole([each for each in history.commits if each not in before], history)


def _prove_whole(commits: Iterable[str], history: History) -> None:
    """Every parent that these commits name has been read."""
    for commit in (history.commits[each] for each in commits):
        for parent in commit.parents:
            if parent in history.missing:
                raise HistoryIncomplete(f"commit {commit.id[:12]} follows {parent[:12]}, which is not here: this is a shallow or damaged copy",
                                        fix="fetch the whole history: git fetch --unshallow")  # fmt: skip


def reachable(tips: Iterable[str], history: History, seen: set[str]) -> list[str]:
    """Commits reachable from `tips` and not in `seen`, parents before children; they are added to `seen`."""
    tips = tuple(tips)
    if len(tips) == 1 and tips[0] in history.commits and seen.issuperset(history.commits[tips[0]].parents):
        new = [tip for tip in tips if tip not in seen]  # as most commits land: alone, after what is known
        seen.update(new)
        return new
    order: list[str] = []
    stack = [(tip, False) for tip in tips]
    while stack:
        commit_id, is_done = stack.pop()
        if is_done:
            order.append(commit_id)
        elif commit_id not in seen and commit_id in history.commits:
            seen.add(commit_id)
            stack.append((commit_id, True))
            stack.extend((parent, False) for parent in reversed(history.commits[commit_id].parents))
    return order


def following(tip: str, new: History) -> list[str] | None:
    """The mainline commits that came after `tip`, oldest first; None where the mainline does not go on from it."""
    line: list[str] = []
    commit_id = new.tip
    while commit_id != tip:
        if commit_id not in new.commits or not new.commits[commit_id].parents:
            return None
        line.append(commit_id)
        commit_id = new.commits[commit_id].parents[0]
    return line[::-1]


def arrivals(landings: Sequence[Landing], order: list[str], at: int | None = None) -> Iterator[list[str]]:
    """For each landing what lands with it; `order` is all that the last of them reaches, as `reachable` has it.

    A first parent comes before whatever else its child follows, so that each landing ends a stretch of the order. What
    lies before the first landing landed before trust began; where trust began earlier, `at` says where the first of
    those stretches begins.
    """
    if at is None:
        at = order.index(landings[0].commit) if landings else 0
    for landing in landings:
        end = order.index(landing.commit, at) + 1
        yield order[at:end]
        at = end


def landings(mainline: list[str], history: History, now: datetime, after: Landing | None = None) -> list[Landing]:
    """Each mainline commit's landing day: its own, or its predecessor's where its own runs back or lies ahead.

    `after` is the landing before the first of them.
    """
    latest = int((now + LEEWAY).timestamp())
    rows: list[Landing] = []
    before = after.day if after else None
    for commit_id in mainline:
        time = history.commits[commit_id].committer.time
        day = day_of(time)
        if time > latest:
            day = before or now.date()
        before = max(day, before) if before else day
        rows.append(Landing(commit_id, before))
    return rows
