"""Which block of the old text became which of the new one, where they are not equal.

Blocks of one kind that share enough words are one block that changed. Long stretches are first aligned by what they say
without their numbers, then by how they begin, so that a table of ten thousand rows with new limits is still compared
row by row; what is left of a very long stretch is paired by position.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from itertools import islice, pairwise

from qmdoc.redline.aligning import Pair, align
from qmdoc.redline.nouns import Block, Kind, WordKind
from qmdoc.redline.words import parted

_LIKE = {Kind.PARAGRAPH: 0.3, Kind.ITEM: 0.3, Kind.HEADING: 0.3, Kind.ROW: 0.3, Kind.LINE: 0.3, Kind.CAPTION: 0.2}
_LIKE_OTHERS = 0.15
_SHORT = 8  # words of a block that is compared with the only other in its place, however unlike
_GLANCED = 300  # words by which a block is judged


@dataclass(frozen=True, slots=True)
class Effort:
    """How long to look: changes for an alignment, and pairs of blocks in a stretch to weigh against each other."""

    changes: int
    pairs: int


def effort(size: int) -> Effort:
    """For texts of `size` blocks and words together."""
    return Effort(max(12, min(400, 4_000_000 // (size + 1))), 1600 if size < 30_000 else 64)


def paired(old: Sequence[Block], new: Sequence[Block], limit: Effort) -> list[Pair]:
    """Positions of the blocks that are the same or became each other, rising on both sides."""
    pairs = list[Pair]()
    ends = (len(old), len(new))
    for (one, other), (next_one, next_other) in pairwise(
        [(-1, -1), *align([each.digest for each in old], [each.digest for each in new], limit.changes), ends]
    ):
        pairs += [
            (one + 1 + a, other + 1 + b)
            for a, b in _changed(old[one + 1 : next_one], new[other + 1 : next_other], limit)
        ]
        pairs.append((next_one, next_other))
    return pairs[:-1]


def _changed(old: Sequence[Block], new: Sequence[Block], limit: Effort) -> list[Pair]:
    """Pairs in a stretch in which no two blocks are equal."""
    if not old or not new:
        return []
    if len(old) == len(new) == 1 and old[0].kind is new[0].kind and _is_short(old[0]) and _is_short(new[0]):
        return [(0, 0)]
    if len(old) * len(new) <= limit.pairs:
        return _weighed(old, new)
    for name in (_without_numbers, _beginning):
        pairs = align([name(each) for each in old], [name(each) for each in new], limit.changes)
        if pairs:
            found = list[Pair]()
            for (one, other), (next_one, next_other) in pairwise([(-1, -1), *pairs, (len(old), len(new))]):
                rest_old, rest_new = old[one + 1 : next_one], new[other + 1 : next_other]
                small = len(rest_old) * len(rest_new) <= limit.pairs
                rest = _weighed(rest_old, rest_new) if small else _by_position(rest_old, rest_new)
                found += [(one + 1 + a, other + 1 + b) for a, b in rest]
                found.append((next_one, next_other))
            return found[:-1]
    return _by_position(old, new)


def _by_position(old: Sequence[Block], new: Sequence[Block]) -> list[Pair]:
    return [(at, at) for at, (one, other) in enumerate(zip(old, new, strict=False)) if one.kind is other.kind]


def _weighed(old: Sequence[Block], new: Sequence[Block]) -> list[Pair]:
    """The pairs, rising on both sides, that share the most words."""
    if not old or not new:
        return []
    bags = [_bag(each) for each in new]
    likeness = [[_likeness(one, bag, other, other_bag) for other, other_bag in zip(new, bags, strict=True)]
                for one, bag in ((each, _bag(each)) for each in old)]  # fmt: skip
    best = [[0.0] * (len(new) + 1) for _ in range(len(old) + 1)]
    for a in range(len(old) - 1, -1, -1):
        for b in range(len(new) - 1, -1, -1):
            here = likeness[a][b] + best[a + 1][b + 1] if likeness[a][b] else 0.0
            best[a][b] = max(best[a + 1][b], best[a][b + 1], here)
    pairs, a, b = list[Pair](), 0, 0
    while a < len(old) and b < len(new):
        if likeness[a][b] and best[a][b] == likeness[a][b] + best[a + 1][b + 1]:
            pairs.append((a, b))
            a, b = a + 1, b + 1
        elif best[a][b] == best[a + 1][b]:
            a += 1
        else:
            b += 1
    return pairs


def _likeness(one: Block, bag: Counter[str], other: Block, other_bag: Counter[str]) -> float:
    """From 0, not the same block, to a little over 1."""
    if one.kind is not other.kind or (one.kind is Kind.ROW and one.name != other.name):
        return 0.0
    total = bag.total() + other_bag.total()
    if not total:
        return 1.0
    shared = 2 * (bag & other_bag).total() / total
    if one.kind is Kind.ROW and one.children and other.children and one.children[0].digest == other.children[0].digest:
        shared = max(shared, 0.4) if one.children[0].words else shared
    is_short = total <= 8 and one.kind is not Kind.ROW
    least = _LIKE.get(one.kind, _LIKE_OTHERS)
    return shared + 0.01 * (one.name == other.name) if shared >= (0.25 if is_short else least) else 0.0


def _is_short(block: Block) -> bool:
    return sum(1 for _ in islice(block.every_word(), _SHORT + 1)) <= _SHORT


def _bag(block: Block) -> Counter[str]:
    """The words of a block without points; a number counts by its unit too."""
    bag = Counter[str]()
    for number, word in enumerate(block.every_word()):
        if number > _GLANCED:
            break
        if word.kind is not WordKind.POINT:
            bag[word.key.casefold()] += 1
        if word.kind is WordKind.NUMBER:
            bag[f"# {parted(word.text)[1]}"] += 1
    return bag


def _without_numbers(block: Block) -> Hashable:
    return (block.kind, *(word.key for word in block.every_word() if word.kind not in (WordKind.NUMBER, WordKind.NAME)))


def _beginning(block: Block) -> Hashable:
    words = block.children[0].every_word() if block.kind is Kind.ROW and block.children else block.every_word()
    return (block.kind, *(word.key for word, _ in zip(words, range(4), strict=False)))
