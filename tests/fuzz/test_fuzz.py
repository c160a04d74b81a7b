"""A short run of every fuzz target, so that none of them rots."""

from __future__ import annotations

import pytest
from programme import document

from fuzz import mutants, targets
from fuzz.__main__ import NAMES
from fuzz.targets import TARGETS, Target


@pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.name)
def test_every_input_is_answered(target: Target) -> None:
    assert mutants.run(target, examples=150) >= 20


@pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.name)
def test_the_seeds_themselves_are_read(target: Target) -> None:
    for start in target.seeds():
        target.check(start)


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("document", document("QM-001", **{".supersedes": "[OLD-004]"}).encode()),  # stopped the audit: AssertionError
        ("document", document("QM-001", **{"training.within": "30"}).encode()),
        ("document", document("QM-001", **{'"[key]"': "30"}).encode()),
        (
            "statement",
            targets.target("statement").seeds()[0].replace(b"QM-Time: 2026", b"QM-Time: 0802"),
        ),  # written with three digits
        ("review", '{"\u202ea": 1, "\u202ea": 1}'.encode()),  # the message turned the terminal's text round
    ],
)
def test_what_broke_once_is_answered(name: str, found: bytes) -> None:
    targets.target(name).check(found)


def test_the_runner_knows_every_target() -> None:
    assert tuple(target.name for target in TARGETS) == NAMES
