"""What two sequences have in common, in order: as much as a bounded effort finds, and never a wrong match.

Common ends first; then the shortest edit (Myers 1986, An O(ND) difference algorithm) while it stays below `effort`
changes; else the values that stand once on either side (Cohen's patience diff) divide what is left. What remains then is
told as replaced, which is true if less terse. The cost is bounded by (n + m) × effort steps.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Hashable, Sequence

Pair = tuple[int, int]
_DIVISIONS = 8


def align(old: Sequence[Hashable], new: Sequence[Hashable], effort: int) -> list[Pair]:
    """Positions of equal values, rising on both sides."""
    pairs, open_ranges = list[Pair](), [(0, len(old), 0, len(new), 0)]
    while open_ranges:
        start, end, first, last, divisions = open_ranges.pop()
        while start < end and first < last and old[start] == new[first]:
            pairs.append((start, first))
            start, first = start + 1, first + 1
        while start < end and first < last and old[end - 1] == new[last - 1]:
            end, last = end - 1, last - 1
            pairs.append((end, last))
        if start == end or first == last:
            continue
        shortest = _shortest(old[start:end], new[first:last], effort)
        if shortest is not None:
            pairs += [(start + one, first + other) for one, other in shortest]
        elif divisions < _DIVISIONS:
            fixed = _fixed(old, new, (start, end, first, last))
            pairs += fixed
            for (one, other), (next_one, next_other) in zip(
                [(start - 1, first - 1), *fixed], [*fixed, (end, last)], strict=True
            ):
                if fixed:
                    open_ranges.append((one + 1, next_one, other + 1, next_other, divisions + 1))
    return sorted(pairs)


def _shortest(old: Sequence[Hashable], new: Sequence[Hashable], effort: int) -> list[Pair] | None:
    """The matches of a shortest edit; None where it takes more than `effort` deletions and insertions."""
    n, m = len(old), len(new)
    if abs(n - m) > effort:
        return None
    reached, trace = {1: 0}, list[dict[int, int]]()
    for changes in range(min(effort, n + m) + 1):
        trace.append(dict(reached))
        for diagonal in range(-changes, changes + 1, 2):
            below, beside = reached.get(diagonal + 1, -1), reached.get(diagonal - 1, -1)
            x = below if diagonal == -changes or (diagonal != changes and beside < below) else beside + 1
            y = x - diagonal
            while 0 <= x < n and 0 <= y < m and old[x] == new[y]:
                x, y = x + 1, y + 1
            reached[diagonal] = x
            if x >= n and y >= m:
                return _traced(trace, n, m)
    return None


def _traced(trace: list[dict[int, int]], x: int, y: int) -> list[Pair]:
    """The way back along what was reached with each number of changes."""
    pairs = list[Pair]()
    for changes in range(len(trace) - 1, -1, -1):
        reached, diagonal = trace[changes], x - y
        below, beside = reached.get(diagonal + 1, -1), reached.get(diagonal - 1, -1)
        is_down = diagonal == -changes or (diagonal != changes and beside < below)
        before = diagonal + 1 if is_down else diagonal - 1
        old_x = reached.get(before, 0)
        old_y = old_x - before
        while x > old_x and y > old_y and x > 0 and y > 0:
            x, y = x - 1, y - 1
            pairs.append((x, y))
        x, y = old_x, old_y
    return pairs


def _fixed(old: Sequence[Hashable], new: Sequence[Hashable], within: tuple[int, int, int, int]) -> list[Pair]:
    """Values that stand once on either side, the longest rising sequence of them."""
    start, end, first, last = within
    count_old, count_new = Counter(old[start:end]), Counter(new[first:last])
    place = {value: at for at, value in enumerate(new[first:last], first) if count_new[value] == 1}
    once = [(at, place[old[at]]) for at in range(start, end) if count_old[old[at]] == 1 and old[at] in place]
    tails, ends, before = list[int](), list[int](), list[int]()
    for number, (_, other) in enumerate(once):
        at = bisect_left(tails, other)
        before.append(ends[at - 1] if at else -1)
        tails[at : at + 1], ends[at : at + 1] = [other], [number]
    rising, number = list[Pair](), ends[-1] if ends else -1
    while number >= 0:
        rising.append(once[number])
        number = before[number]
    return rising[::-1]
