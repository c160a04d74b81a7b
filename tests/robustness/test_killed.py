"""A small share of `python -m robustness`: what a kill at any moment leaves is sound, and the next run is right."""

from __future__ import annotations

from pathlib import Path

from robustness import kills, scene


def test_a_kill_at_any_moment_leaves_nothing_broken_and_the_next_run_is_right(tmp_path: Path) -> None:
    found = list(kills.Killer(scene.make(tmp_path), seed=11).rounds(8))
    assert {killed.command for killed in found} == set(kills.COMMANDS)
    assert not [f"{killed}: {each}" for killed in found for each in killed.broken]
