"""Inputs by Hypothesis: a seed with a few changes, for machines without atheris and for the test suite."""

from __future__ import annotations

import time

from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st

from fuzz.targets import SECONDS, TOKENS, Target

_change = st.tuples(
    st.sampled_from(("insert", "insert", "replace", "delete", "double", "cut")),
    st.floats(0, 1),
    st.one_of(st.sampled_from(TOKENS), st.binary(max_size=4)),
    st.integers(1, 40),
)


def changed(start: bytes, changes: list[tuple[str, float, bytes, int]], *, most: int) -> bytes:
    """A seed after some changes: kind, where (from 0 to 1), what, how much."""
    data = start[:most]
    for kind, where, what, size in changes:
        at = int(where * len(data))
        if kind == "insert":
            data = data[:at] + what + data[at:]
        elif kind == "replace":
            data = data[:at] + what + data[at + len(what) :]
        elif kind == "delete":
            data = data[:at] + data[at + size :]
        elif kind == "double":
            data = data[:at] + data[at : at + size] * (size % 7 + 2) + data[at + size :]
        else:
            data = data[:at]
    return data[:most]


def run(target: Target, *, examples: int, number: int | None = None) -> int:
    """How many inputs were tried; raises what an input broke. Without a number it is the same inputs every time."""
    count = 0
    seeds = target.seeds()

    @settings(
        max_examples=examples,
        derandomize=number is None,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(st.sampled_from(seeds), st.lists(_change, max_size=6))
    def every_input_is_answered(start: bytes, changes: list[tuple[str, float, bytes, int]]) -> None:
        nonlocal count
        count += 1
        data = changed(start, changes, most=target.most)
        began = time.perf_counter()
        target.check(data)
        took = time.perf_counter() - began
        assert took < SECONDS, f"{took:.1f} s for {data[:200]!r}"

    (seed(number)(every_input_is_answered) if number is not None else every_input_is_answered)()
    return count
