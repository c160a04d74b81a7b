"""Two people at once on one branch: both land, or one is told what to do and leaves nothing; then the history is right."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from robustness import scene
from robustness.scene import Done, Scene

TIMES = 4


def at_once(stage: Scene, *runs: tuple[str, str]) -> list[Done]:
    """Commands of several persons, started together."""
    running = [(stage.command(name), stage.start_process(stage.command(name), person=person)) for name, person in runs]
    ended = [(words, process, *process.communicate()) for words, process in running]
    return [Done(words, process.returncode, said, complained) for words, process, said, complained in ended]


def landed_or_told(stage: Scene, runs: list[Done]) -> int:
    """How many landed; who did not was told to do it again, and nothing of theirs is on the branch."""
    told = [done for done in runs if done.returncode]
    for done in told:
        assert not scene.one_sentence(done), done
        assert "moved" in done.stderr or "in the way" in done.stderr, done
    count = len(runs) - len(told)
    assert len(stage.git("rev-list", f"{stage.start}..HEAD").split()) == count >= 1, runs
    assert not stage.is_sound() and not stage.locks()
    assert not stage.git("status", "--porcelain")
    return count


def test_two_signatures_at_once(tmp_path: Path) -> None:
    stage = scene.make(tmp_path)
    people = ("q.manager", "m.director")
    for _ in range(TIMES):
        runs = at_once(stage, *(("sign", person) for person in people))
        landed_or_told(stage, runs)
        for person, done in zip(people, runs, strict=True):
            if done.returncode:
                assert stage.run(stage.command("sign"), person=person).returncode == 0
        assert sorted(stage.signers("QM-002")) == [("m.director", True), ("q.manager", True)]
        stage.reset()


def test_a_signature_beside_an_anchor(tmp_path: Path) -> None:
    stage = scene.make(tmp_path)
    for _ in range(TIMES):
        signed, anchored = at_once(stage, ("sign", "q.manager"), ("anchor", "m.director"))
        landed_or_told(stage, [signed, anchored])
        for name, person, done in (("sign", "q.manager", signed), ("anchor", "m.director", anchored)):
            if done.returncode:
                again = stage.run(stage.command(name), person=person)
                assert again.returncode == 0, again
        assert stage.signers("QM-002") == [("q.manager", True)]
        assert stage.git("ls-files", "records") == f"records/anchors/{stage.start}.tsr"
        assert not stage.git("status", "--porcelain")
        stage.reset()


def test_two_builds_at_once(tmp_path: Path) -> None:
    """One at a time: the second is told so, or comes after the first; what stands there is whole."""
    stage = scene.make(tmp_path)
    assert stage.run(stage.command("audit-ready")).returncode == 0
    right = stage.outputs()
    for done in at_once(stage, ("audit-ready", "q.manager"), ("binder", "m.director")):
        assert done.returncode == 0 or not scene.one_sentence(done), done
    assert stage.outputs() == right


@pytest.mark.parametrize("length", [0.2, 1.0])
def test_an_index_that_another_git_holds_is_left_to_it(tmp_path: Path, length: float) -> None:
    """Whatever else works in the repository for a while: an anchor lands, or says what to do."""
    stage = scene.make(tmp_path)
    lock = stage.place / ".git" / "index.lock"
    hold = f"import os, time; os.close(os.open({str(lock)!r}, os.O_CREAT | os.O_EXCL)); time.sleep({length}); os.unlink({str(lock)!r})"
    with subprocess.Popen([sys.executable, "-c", hold]) as holder:
        done = stage.run(stage.command("anchor"))
        holder.wait()
    assert done.returncode == 0 or not scene.one_sentence(done), done
    if done.returncode and stage.head() != stage.start:
        stage.run(stage.command("anchor"))
    assert not stage.git("status", "--porcelain") and not stage.is_sound()
