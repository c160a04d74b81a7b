"""When it was signed: the claimed time against parents, clock, QM-Time and time anchors (SIGNOFF.md §3, §6)."""

from __future__ import annotations

from datetime import date, datetime

from qmdoc.model import Commit
from qmdoc.signing.standing import LEEWAY, SIGN_AGAIN, SIGN_PORTABLE_AGAIN, RuleFails, Standing
from qmdoc.signing.statement import Statement


def prove_commit_time(commit: Commit, said: Statement, standing: Standing) -> None:
    """The commit's own time can be, and QM-Time agrees with it."""
    time = commit.committer.moment
    prove_possible(commit, standing)
    if abs(said.time - time) > LEEWAY:
        raise RuleFails(
            "time-mismatch",
            f"QM-Time says {said.time:%Y-%m-%d %H:%M} and the commit {time:%Y-%m-%d %H:%M} UTC",
            SIGN_AGAIN,
        )


def prove_possible(commit: Commit, standing: Standing) -> None:
    """The committer time lies neither before a parent nor ahead."""
    time, seconds = commit.committer.moment, commit.committer.time
    if time <= standing.now and all(parent.committer.time <= seconds for parent in standing.parents):
        return  # as nearly always
    for parent in standing.parents:
        if parent.committer.moment <= standing.now + LEEWAY and time < parent.committer.moment - LEEWAY:
            raise RuleFails(
                "time-before-parent",
                f"it claims {time:%Y-%m-%d %H:%M} UTC, before the commit that it follows",
                "set the computer's clock and sign again",
            )
    if time > standing.now + LEEWAY:
        raise RuleFails(
            "time-in-future",
            f"it claims {time:%Y-%m-%d %H:%M} UTC, which lies ahead",
            "set the computer's clock and sign again",
        )


def prove_file_time(said: Statement, standing: Standing) -> None:
    """QM-Time is all that a file says of its time: it lies neither ahead, nor before the text that it signs was there.

    Where text and signature land together the text's own landing says nothing: a branch is signed before it is merged.
    """
    if said.time > standing.now + LEEWAY:
        raise RuleFails(
            "time-in-future",
            f"it claims {said.time:%Y-%m-%d %H:%M} UTC, which lies ahead",
            "set the computer's clock and sign again",
        )
    for subject in said.subjects:
        there = standing.landed(subject)
        if there is not None and said.time < there - LEEWAY:
            raise RuleFails(
                "time-before-parent",
                f"it claims {said.time:%Y-%m-%d %H:%M} UTC, before {subject} was there to be signed ({there:%Y-%m-%d %H:%M})",
                SIGN_PORTABLE_AGAIN,
            )


def prove_anchored(time: datetime, standing: Standing) -> None:
    """The claimed time lies inside its time-stamp bracket."""
    bracket = standing.bracket.widened(LEEWAY)
    proved = ""
    if bracket.not_before and time < bracket.not_before:
        proved = f"was made after {_utc(standing.bracket.not_before)}"
    elif bracket.not_after and time > bracket.not_after:
        proved = f"existed by {_utc(standing.bracket.not_after)}"
    if proved:
        raise RuleFails(
            "outside-anchor",
            f"it claims {_utc(time)}, and a time stamp shows that it {proved}",
            "set the computer's clock and sign again",
        )


def outside(first: date | None, last: date | None, standing: Standing) -> str:
    """What time anchors say against a period; empty where they say nothing."""
    bracket = standing.bracket.widened(LEEWAY)
    if last and bracket.landed_after and bracket.landed_after.date() > last:
        return (
            f"it ended on {last}, and a time stamp shows that this landed after {_utc(standing.bracket.landed_after)}"
        )
    if first and bracket.not_after and bracket.not_after.date() < first:
        return f"it began on {first}, and a time stamp shows that this existed by {_utc(standing.bracket.not_after)}"
    return ""


def _utc(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"
