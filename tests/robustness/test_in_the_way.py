"""A lock, a closed folder, a file where a folder should be, Ctrl-C: one sentence with its remedy, and nothing is lost."""

from __future__ import annotations

import ctypes
import os
import random
import signal
import stat
import time
from pathlib import Path

import pytest

from robustness import kills, scene
from robustness.scene import Scene

LOCKS = ("index.lock", "HEAD.lock", "refs/heads/main.lock")
NO_NEW_RIGHTS, DROP, OVERRIDES, READS = 38, 24, 1, 2  # prctl(2), capabilities(7)


def without_rights() -> None:
    """In a child: root without the power to go past a file's mode, so that a closed folder is closed in a container too."""
    libc = ctypes.CDLL(None, use_errno=True)
    if os.geteuid() == 0:
        assert libc.prctl(DROP, OVERRIDES, 0, 0, 0) == 0 and libc.prctl(DROP, READS, 0, 0, 0) == 0


@pytest.mark.parametrize("command", ["sign", "anchor"])
@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_that_a_killed_git_left_is_named_with_its_remedy(tmp_path: Path, command: str, name: str) -> None:
    stage = scene.make(tmp_path)
    lock = stage.place / ".git" / name
    lock.touch()
    done = stage.run(stage.command(command))
    if (command, name) == ("sign", "index.lock"):
        assert done.returncode == 0, "signing touches no index"
        return
    assert not scene.one_sentence(done) and f"{lock} is in the way" in done.stderr and "delete" in done.stderr, done
    assert stage.head() == stage.start and lock.exists()
    lock.unlink()
    assert not stage.git("status", "--porcelain")
    assert stage.run(stage.command(command)).returncode == 0


def test_the_lock_of_a_linked_work_tree_is_found_where_it_lies(tmp_path: Path) -> None:
    stage = scene.make(tmp_path)
    stage.git("worktree", "add", "--quiet", "-b", "other", str(tmp_path / "linked"))
    lock = stage.place / ".git" / "worktrees" / "linked" / "HEAD.lock"
    lock.touch()
    stage.place = tmp_path / "linked"
    done = stage.run(stage.command("sign"))
    assert not scene.one_sentence(done) and f"{lock} is in the way" in done.stderr, done


@pytest.mark.parametrize("is_staged", [True, False])
def test_an_anchor_that_was_killed_before_it_was_shown_is_shown_by_the_next(tmp_path: Path, is_staged: bool) -> None:
    stage = scene.make(tmp_path)
    assert stage.run(stage.command("anchor")).returncode == 0
    token = stage.place / "records" / "anchors" / f"{stage.start}.tsr"
    token.unlink()
    if not is_staged:
        stage.git("rm", "--quiet", "--cached", str(token))
    done = stage.run(stage.command("anchor"))
    assert "has a time stamp already" in done.stderr, done
    assert token.exists() and not stage.git("status", "--porcelain")


@pytest.mark.parametrize("command", scene.WRITTEN)
def test_a_file_or_a_link_in_place_of_build_is_left_alone(tmp_path: Path, command: str) -> None:
    stage = scene.make(tmp_path)
    build, elsewhere = stage.place / "build", tmp_path / "elsewhere"
    build.write_text("notes")
    done = stage.run(stage.command(command))
    assert not scene.one_sentence(done) and "build is a file" in done.stderr, done
    assert build.read_text() == "notes"
    build.unlink()
    (elsewhere / "manual").mkdir(parents=True)
    (elsewhere / "manual" / "thesis.txt").write_text("years of work")
    build.symlink_to(elsewhere)
    done = stage.run(stage.command(command))
    assert not scene.one_sentence(done) and "build is a link" in done.stderr, done
    assert scene.contents(elsewhere) == {"manual/thesis.txt": b"years of work"}


@pytest.mark.parametrize("times", [2])
def test_a_file_or_a_link_in_place_of_an_output_gives_way_and_what_it_leads_to_does_not(
    tmp_path: Path, times: int
) -> None:
    stage = scene.make(tmp_path)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "thesis.txt").write_text("years of work")
    build = stage.place / "build"
    build.mkdir()
    (build / "manual").symlink_to(elsewhere)
    (build / "forms").write_text("notes")
    (build / ".gitignore").symlink_to(elsewhere / "thesis.txt")
    for _ in range(times):
        done = stage.run(stage.command("binder"))
        assert done.returncode == 0, done
    assert all(stage.outputs().values()) and not (build / "manual").is_symlink()
    assert scene.contents(elsewhere) == {"thesis.txt": b"years of work"}
    assert sorted(place.name for place in build.iterdir() if place.name.startswith(".")) == [".gitignore", ".lock"]


def test_the_lock_of_build_is_never_a_link(tmp_path: Path) -> None:
    stage = scene.make(tmp_path)
    (tmp_path / "thesis.txt").write_text("years of work")
    (stage.place / "build").mkdir()
    (stage.place / "build" / ".lock").symlink_to(tmp_path / "thesis.txt")
    done = stage.run(stage.command("build"))
    assert not scene.one_sentence(done), done
    assert (tmp_path / "thesis.txt").read_text() == "years of work"


@pytest.mark.parametrize("command", scene.WRITTEN)
def test_a_closed_build_folder_is_one_sentence(tmp_path: Path, command: str) -> None:
    stage = scene.make(tmp_path)
    assert stage.run(stage.command("binder")).returncode == 0
    before = stage.outputs()
    (stage.place / "build").chmod(0o500)
    done = stage.run(stage.command(command, day=scene.DAYS[1]), preexec_fn=without_rights)
    (stage.place / "build").chmod(0o700)
    assert not scene.one_sentence(done) and "build" in done.stderr, done
    assert stage.outputs() == before


def test_a_closed_repository_can_be_checked_and_says_why_it_can_not_be_signed_in(tmp_path: Path) -> None:
    stage = scene.make(tmp_path)
    open_answer = stage.answer()
    before = {path: path.stat().st_mtime_ns for path in stage.place.rglob("*")}
    _set_writable(stage.place, is_writable=False)
    try:
        done = stage.run(stage.command("check"), preexec_fn=without_rights)
        assert done.returncode in (0, 1) and not done.stderr, done
        assert stage.answer() == open_answer
        for command in ("sign", "anchor", "build"):
            refused = stage.run(stage.command(command), preexec_fn=without_rights)
            assert not scene.one_sentence(refused) and "right to write there" in refused.stderr, refused
        assert {path: path.stat().st_mtime_ns for path in stage.place.rglob("*")} == before
    finally:
        _set_writable(stage.place, is_writable=True)
    assert stage.run(stage.command("sign")).returncode == 0


def _set_writable(folder: Path, *, is_writable: bool) -> None:
    for place in (folder, *folder.rglob("*")):
        mode = stat.S_IMODE(place.stat().st_mode)
        place.chmod(mode | stat.S_IWUSR if is_writable else mode & ~0o222)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=lambda number: number.name)
@pytest.mark.parametrize(
    ("command", "is_alone"),
    [("sign", False), ("sign", True), ("anchor", False), ("binder", False), ("binder", True)],
    ids=lambda value: {True: "alone", False: "terminal"}.get(value, value),
)
def test_stopped_in_the_midst(tmp_path: Path, command: str, number: signal.Signals, is_alone: bool) -> None:
    """At a terminal Ctrl-C reaches the children too; `kill` reaches qmdoc alone."""
    stage = scene.make(tmp_path)
    usual = _usual(stage, command)
    before = stage.outputs()
    moments = random.Random(f"{command} {number} {is_alone}")
    for _ in range(2):
        process = stage.start_process(stage.command(command, day=scene.DAYS[1]))
        time.sleep(moments.uniform(0.5 * usual if command != "binder" else 0.3 * usual, usual))
        if is_alone:
            process.send_signal(number)
        else:
            os.killpg(process.pid, number)
        said, complained = process.communicate()
        _all_ended(process.pid)
        done = scene.Done(["qmdoc", command], process.returncode, said, complained)
        is_outside = done.returncode == -number and not done.stderr  # before our own program began, or after it ended
        assert done.returncode == 0 or is_outside or not scene.one_sentence(done), done
        assert not stage.is_sound() and not stage.locks()
        if done.returncode == 2 and "stands on the branch" not in done.stderr:
            assert "nothing half-written was left" in done.stderr, done
        _nothing_half(stage, command, before)
        stage.reset()


def _usual(stage: Scene, command: str) -> float:
    begun = time.monotonic()
    assert stage.run(stage.command(command)).returncode == 0
    usual = time.monotonic() - begun
    stage.reset()
    return usual


def _all_ended(group: int) -> None:
    ends = time.monotonic() + 5
    while left := kills.members(group):
        assert time.monotonic() < ends, left
        time.sleep(0.01)


def _nothing_half(stage: Scene, command: str, before: dict[str, scene.Contents]) -> None:
    if command == "binder":
        assert all(stage.outputs().values()), "an older output is put back"
        left = [place.name for place in (stage.place / "build").iterdir() if place.name.endswith(".new")]
        assert not left and set(stage.outputs()) == set(before)
