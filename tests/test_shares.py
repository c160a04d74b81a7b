"""Work that is shared out finds the same, whoever does it and whoever fails."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Sequence

import pytest

from qmdoc import shares


@pytest.fixture(autouse=True)
def processors(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "cpu_count", lambda: 3)


def where(things: Sequence[int]) -> tuple[int, list[int]]:
    return os.getpid(), [thing * thing for thing in things]


def test_each_thing_is_worked_on_once_and_each_share_in_a_process_of_its_own() -> None:
    done = shares.done(range(10), where, worth_it=2)
    found = {thing: square for share, (_, squares) in done for thing, square in zip(share, squares, strict=True)}
    assert found == {thing: thing * thing for thing in range(10)} and sum(len(share) for share, _ in done) == 10
    assert len({process for _, (process, _) in done}) == 3 and done[0][1][0] == os.getpid()


def test_no_process_is_started_for_little() -> None:
    assert shares.done(range(3), where, worth_it=2) == [(range(3), (os.getpid(), [0, 1, 4]))]
    assert shares.done((), where, worth_it=2) == [((), (os.getpid(), []))]


def _killed() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _failing() -> None:
    raise ValueError("only here")


@pytest.mark.parametrize("end", [_killed, _failing, lambda: os._exit(0)])
def test_the_share_of_a_process_that_fails_is_worked_on_here(
    end: Callable[[], None], capfd: pytest.CaptureFixture[str]
) -> None:
    here = os.getpid()

    def work(things: Sequence[int]) -> tuple[int, list[int]]:
        if os.getpid() != here:
            end()
        return where(things)

    done = shares.done(range(10), work, worth_it=2)
    assert {process for _, (process, _) in done} == {here}
    assert sorted(square for _, (_, squares) in done for square in squares) == [each * each for each in range(10)]
    assert capfd.readouterr() == ("", "")


def test_where_no_process_can_be_started_all_is_worked_on_here(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused() -> int:
        raise BlockingIOError(11, "Resource temporarily unavailable")

    monkeypatch.setattr(os, "fork", refused)
    assert {process for _, (process, _) in shares.done(range(10), where, worth_it=2)} == {os.getpid()}


def test_an_error_of_the_work_is_met_here() -> None:
    def work(things: Sequence[int]) -> None:
        if 4 in things:
            raise ValueError("the fifth")

    with pytest.raises(ValueError, match="the fifth"):
        shares.done(range(10), work, worth_it=2)


def test_no_process_is_left_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    started = []

    def fork(real: Callable[[], int] = os.fork) -> int:
        child = real()
        started.append(child)
        return child

    monkeypatch.setattr(os, "fork", fork)
    shares.done(range(10), where, worth_it=2)
    assert len(started) == 2
    for child in started:  # each by its number: others that this test run started may still be there
        with pytest.raises(ChildProcessError):
            os.waitpid(child, os.WNOHANG)
