"""No room left at one step or another: one sentence, what was there is as before, and with room the next run is right."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from robustness import room, scene
from robustness.room import Disk
from robustness.scene import DAYS, OUTPUTS, WRITTEN, Scene

PAGE = 4096


@pytest.fixture
def small(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Iterator[Disk]:
    with room.disk(tmp_path / "disk") as made:
        if made.how == "limit":
            with capsys.disabled():
                print("\nno tmpfs can be mounted here: RLIMIT_FSIZE stands for the full disk")
        yield made


def on(disk: Disk, tmp_path: Path, *, is_temporary_too: bool = True) -> Scene:
    """The scene on the small disk, be it with the temporary folder."""
    stage = scene.make(tmp_path)
    shutil.move(stage.place, disk.folder / "p")
    stage.place = disk.folder / "p"
    if disk.prefix:
        stage.prefix = (*disk.prefix, f"--wd={stage.place}")
    if is_temporary_too:
        (disk.folder / "tmp").mkdir()
        stage.extra = {"TMPDIR": str(disk.inside / "tmp")}
    return stage


@pytest.mark.parametrize("command", ["sign", "anchor"])
@pytest.mark.parametrize("is_temporary_too", [True, False], ids=["with-tmp", "repository-alone"])
def test_a_commit_without_room_is_none_and_lands_when_there_is(
    small: Disk, tmp_path: Path, command: str, is_temporary_too: bool
) -> None:
    stage = on(small, tmp_path, is_temporary_too=is_temporary_too)
    failed = 0
    for pages in (0, 1, 3):
        with small.left(pages * PAGE if small.how != "limit" else pages * 100) as before_start:
            done = stage.run(stage.command(command), preexec_fn=before_start)
        assert not stage.is_sound() and not stage.locks()
        if done.returncode:
            failed += 1
            assert not scene.one_sentence(done), done
            assert "disk is full" in done.stderr or "make room" in done.stderr, done
            print(done.stderr)
            if stage.head() == stage.start:
                assert not stage.git("status", "--porcelain")
                again = stage.run(stage.command(command))
                assert again.returncode == 0, again
            elif command == "anchor":
                assert "is committed" in done.stderr, done
                stage.run(stage.command(command))
            else:
                assert "stands on the branch" in done.stderr, done
        assert len(stage.git("rev-list", f"{stage.start}..HEAD").split()) == 1
        assert not stage.git("status", "--porcelain") and not stage.is_sound()
        stage.reset()
    assert failed


@pytest.mark.parametrize(
    ("command", "moments"), [("build", ("first", "midst")), ("binder", ("midst", "last")), ("audit-ready", ("last",))]
)
def test_an_output_without_room_leaves_the_older_one(
    small: Disk, tmp_path: Path, command: str, moments: tuple[str, ...]
) -> None:
    """It fails at the first write, in the midst of the manual, or where only the binder is still to come."""
    stage = on(small, tmp_path)
    right, rooms = {}, {}
    for day in DAYS:
        free = small.free()
        assert stage.run(stage.command("binder", day=day)).returncode == 0
        right[day] = stage.outputs()
        rooms = rooms or _rooms(free - small.free(), stage)
    for moment in moments:
        if moment == "last":  # all is new, so the binder is what has no room
            shutil.rmtree(stage.place / "build")
        day, before = DAYS[0], stage.outputs()  # not the day that stands there: what stands is not made again
        with small.left(rooms[moment] if small.how != "limit" else _LIMITS[moment]) as before_start:
            done = stage.run(stage.command(command, day=day), preexec_fn=before_start)
        assert done.returncode and not scene.one_sentence(done) and "room" in done.stderr, done
        assert not stage.is_sound() and stage.head() == stage.start
        after = stage.outputs()
        assert all(after[name] in (before[name], right[day][name]) for name in OUTPUTS), moment
        assert small.how == "limit" or [after[name] != before[name] for name in OUTPUTS] == [moment == "last"] * 2 + [
            False
        ]
        assert not [place for place in (stage.place / "build").iterdir() if place.name.endswith((".new", ".part"))]
    assert stage.run(stage.command(command)).returncode == 0
    assert all(stage.outputs()[name] == right[DAYS[0]][name] for name in WRITTEN[command])


_LIMITS = {"first": 0, "midst": 20_000, "last": 40_000}


def _rooms(need: int, stage: Scene) -> dict[str, int]:
    """The room to leave for each moment, where so much is needed by all together."""
    files = [place for place in (stage.place / "build" / "binder").rglob("*") if place.is_file()]
    binder = sum(-(-place.stat().st_size // PAGE) * PAGE for place in files)
    return {"first": 0, "midst": binder // 2, "last": need - binder // 4}


def test_a_draft_without_room_is_no_half_of_a_draft(small: Disk, tmp_path: Path) -> None:
    stage = on(small, tmp_path)
    words = [scene.QMDOC, "build", "--draft"]
    free = small.free()
    assert stage.run(words).returncode == 0
    draft, need = stage.place / "build" / "draft", free - small.free()
    before = scene.contents(draft)
    for share in (0.2, 0.6):
        bytes_left = int(share * need) if small.how != "limit" else int(share * 20_000)
        with small.left(bytes_left) as before_start:
            done = stage.run(words, preexec_fn=before_start)
        assert done.returncode == 0 or (not scene.one_sentence(done) and "room" in done.stderr), done
        print(done.stderr)
        assert scene.contents(draft) == before
    assert stage.run(words).returncode == 0


def test_a_portable_sign_off_without_room_leaves_no_part_of_a_file(small: Disk, tmp_path: Path) -> None:
    stage = on(small, tmp_path, is_temporary_too=False)
    words = [*stage.command("sign"), "--portable"]
    with small.left(0) as before_start:
        done = stage.run(words, preexec_fn=before_start)
    assert not scene.one_sentence(done) and "make room" in done.stderr, done
    assert not stage.git("status", "--porcelain")
    assert stage.run(words).returncode == 0
