"""The second pair of hands finds what one pair finds, and what it can't prove is never believed."""

from __future__ import annotations

import mmap
import os
import signal
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from programme import NOW, Programme, document, key, path

from qmdoc import meanwhile, walk
from qmdoc.errors import ObjectDamaged, QmdocError
from qmdoc.git import Repository
from qmdoc.ledger import Ledger
from qmdoc.signing import sshsig


@pytest.fixture(autouse=True)
def worth_it(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Every history is long enough, and signatures come back one by one."""
    monkeypatch.setattr(meanwhile, "_WORTH_IT", 0)
    monkeypatch.setattr(meanwhile, "_LOT", 1)
    monkeypatch.setattr(meanwhile, "_NEAR", 0)
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    yield


def programme() -> Programme:
    made = Programme()
    for number in ("QM-001", "QM-002", "QM-003"):
        made.commit("w.writer", {path(number): document(number)})
        made.approve(number)
    made.sign("q.manager", "QM-001", role="quality-manager", signing_key=key("q.manager", 2))
    return made


def ledger(made: Programme, repository: Path) -> Ledger:
    with Repository(repository, os.environ) as opened:
        history = opened.compared("HEAD")
        with meanwhile.hands(opened, os.environ, history) as hands:
            found = walk.ledger(history, opened, now=NOW, as_of=None, trust_root=made.root, known=hands)
            hands.finish()
    return found


def test_two_pairs_find_what_one_finds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = programme()
    repository = made.repository(tmp_path / "programme", is_bare=True)
    with_help = ledger(made, repository)
    monkeypatch.setattr(os, "cpu_count", lambda: 1)
    assert with_help == ledger(made, repository)
    assert [each.code for each in with_help.sign_offs].count(None) == 6
    assert [each.code for each in with_help.sign_offs].count("unknown-key") == 1


def test_where_no_process_can_be_started_one_pair_does_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = programme()
    repository = made.repository(tmp_path / "programme", is_bare=True)
    with_help = ledger(made, repository)

    def refused() -> int:
        raise BlockingIOError(11, "Resource temporarily unavailable")

    monkeypatch.setattr(os, "fork", refused)
    assert with_help == ledger(made, repository)


def test_what_the_other_has_verified_is_not_verified_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = programme()
    repository = made.repository(tmp_path / "programme", is_bare=True)
    with Repository(repository, os.environ) as opened:
        history = opened.compared("HEAD")
        with meanwhile.hands(opened, os.environ, history) as hands:
            while not hands._is_done:
                hands._take()
            monkeypatch.setattr(sshsig, "verify", lambda *_, **__: pytest.fail("verified twice"))
            found = walk.ledger(history, opened, now=NOW, as_of=None, trust_root=made.root, known=hands)
    assert all(each.is_accepted for each in found.sign_offs[:6])


def test_what_the_walk_has_passed_is_not_proved_for_it(tmp_path: Path) -> None:
    made = programme()
    with Repository(made.repository(tmp_path / "programme", is_bare=True), os.environ) as opened:
        history = opened.read("HEAD")
        sign_offs = [each.id for each in reversed(history.commits.values()) if each.raw]
        judged = mmap.mmap(-1, 64)
        found: list[str] = []
        for told in meanwhile._ahead(opened, history, judged):
            found += [each for commits in told.verdicts.values() for each in commits]
            judged[:40] = sign_offs[4].encode()  # while the first was proved
    assert found == [sign_offs[0], *sign_offs[4:]]


def test_a_tree_that_was_overwritten_stops_the_audit(tmp_path: Path) -> None:
    made = programme()
    repository = made.repository(tmp_path / "programme", is_bare=True)
    with Repository(repository, os.environ) as opened:
        history = opened.compared("HEAD")
        bent = history.trees[:-20] + bytes.fromhex(history.commits[history.tip].tree)[:10] + bytes(10)
        with meanwhile.hands(opened, os.environ, replace(history, trees=bent)) as hands, pytest.raises(QmdocError):
            hands.finish()


def test_a_helper_that_dies_proves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Repository, "prove", lambda *_: os.kill(os.getpid(), signal.SIGKILL))
    made = programme()
    with pytest.raises(QmdocError, match="ended before its time"):
        ledger(made, made.repository(tmp_path / "programme", is_bare=True))


def test_what_the_helper_finds_damaged_is_told_as_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def damaged(_self: Repository, _history: object) -> None:
        raise ObjectDamaged("the content of the object 1 is not what its name says", fix="restore it")

    monkeypatch.setattr(Repository, "prove", damaged)
    made = programme()
    with pytest.raises(ObjectDamaged, match="object 1") as caught:
        ledger(made, made.repository(tmp_path / "programme", is_bare=True))
    assert caught.value.fix == "restore it" and caught.value.code == "object-damaged"


@pytest.mark.parametrize("stop", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_helper_that_is_told_to_stop_says_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], stop: signal.Signals) -> None:  # fmt: skip
    """Whatever the door has set up for its own signals: one line is enough, and it is not the helper's to write."""

    def loud(_number: int, _frame: object) -> None:
        raise RuntimeError("stopped")

    monkeypatch.setattr(Repository, "prove", lambda *_: os.kill(os.getpid(), stop))
    before = signal.signal(stop, loud)
    made = programme()
    try:
        with pytest.raises(QmdocError, match="ended before its time"):
            ledger(made, made.repository(tmp_path / "programme", is_bare=True))
    finally:
        signal.signal(stop, before)
    said = capfd.readouterr()
    assert said.err == "" and said.out == ""
