"""Two trees of blocks as one, in which every word has its fate: blocks, then items, rows and cells, then words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import groupby, pairwise

from qmdoc.redline.aligning import Pair, align
from qmdoc.redline.nouns import Block, Change, Kind, Part, Run, Word, WordKind
from qmdoc.redline.pairing import Effort, paired

# Between two changes, words that carry nothing alone are shown as changed with them: a redline of single words is no reading.
_JOINING = frozenset(
    ("a", "an", "the", "of", "to", "in", "on", "at", "by", "for", "with", "and", "is", "are", "be", "it", "as")
)


def compare(old: Block, new: Block, limit: Effort) -> Part:
    """A block that stands in both texts."""
    if old.exact == new.exact and old.name == new.name:
        return _whole(old, new)
    if old.kind is Kind.TABLE and new.kind is Kind.TABLE:
        children = _tables(old, new, limit)
    else:
        children = tuple(_sequence(old.children, new.children, limit))
    return _joined(old, new, runs(old.words, new.words, limit.changes), children)


def alone(block: Block, change: Change) -> Part:
    """A block that stands in one text only."""
    children = tuple(alone(child, change) for child in block.children)
    if change is Change.INSERTED:
        made = (Run(change, (), block.words),) if block.words else ()
        return Part(block.kind, change, None, block.line, "", block.name, made, children, "", block.digest)
    made = (Run(change, block.words, ()),) if block.words else ()
    return Part(block.kind, change, block.line, None, block.name, "", made, children, "", block.digest)


def runs(old: Sequence[Word], new: Sequence[Word], effort: int) -> tuple[Run, ...]:
    """Two sequences of words as runs: the same, deleted, inserted, or only written otherwise."""
    made = list[Run]()
    pairs = align([word.key for word in old], [word.key for word in new], effort)
    for (one, other), (next_one, next_other) in pairwise([(-1, -1), *pairs, (len(old), len(new))]):
        deleted, inserted = old[one + 1 : next_one], new[other + 1 : next_other]
        made += [Run(Change.DELETED, tuple(deleted), ())] if deleted else []
        made += [Run(Change.INSERTED, (), tuple(inserted))] if inserted else []
        if next_one < len(old) and next_other < len(new):
            was, now = old[next_one], new[next_other]
            is_same = (was.text, was.style) == (now.text, now.style)
            made.append(Run(Change.SAME if is_same else Change.RESTYLED, (was,), (now,)))
    return tuple(_readable(made))


def _readable(made: list[Run]) -> Iterator[Run]:
    """Neighbours with one fate joined; a joining word between two changes is shown as changed with them."""
    groups = [
        Run(change, *(tuple(word for run in each for word in side(run)) for side in (_old, _new)))
        for change, together in groupby(made, key=lambda run: run.change)
        for each in [list(together)]
    ]
    deleted, inserted = (), ()  # type: tuple[Word, ...], tuple[Word, ...]
    for at, run in enumerate(groups):
        if run.change is Change.DELETED:
            deleted += run.old
        elif run.change is Change.INSERTED:
            inserted += run.new
        elif run.change is Change.SAME and deleted and inserted and _is_island(groups, at):
            deleted, inserted = deleted + run.old, inserted + run.new
        else:
            yield from _replaced(deleted, inserted)
            deleted, inserted = (), ()
            yield run
    yield from _replaced(deleted, inserted)


def _old(run: Run) -> tuple[Word, ...]:
    return run.old


def _new(run: Run) -> tuple[Word, ...]:
    return run.new


def _replaced(deleted: tuple[Word, ...], inserted: tuple[Word, ...]) -> Iterator[Run]:
    if deleted:
        yield Run(Change.DELETED, deleted, ())
    if inserted:
        yield Run(Change.INSERTED, (), inserted)


def _is_island(groups: list[Run], at: int) -> bool:
    """Whether a run of joining words stands before another replacement."""
    around = groups[max(at - 2, 0) : at + 3]
    following = [run.change for run in groups[at + 1 : at + 3]]
    if following != [Change.DELETED, Change.INSERTED] or not all(word.key in _JOINING for word in groups[at].new):
        return False
    return all(word.kind is WordKind.WORD for run in around for word in run.words)  # each number keeps its own place


def _whole(old: Block, new: Block) -> Part:
    """A block in which nothing is changed; numbers of steps inside may be others."""
    children = tuple(compare(one, other, _NONE) for one, other in zip(old.children, new.children, strict=True))
    return _joined(old, new, (Run(Change.SAME, old.words, new.words),) if old.words else (), children)


_NONE = Effort(0, 0)


def _joined(old: Block, new: Block, made: tuple[Run, ...], children: tuple[Part, ...]) -> Part:
    is_other = old.name != new.name and old.kind is not Kind.ITEM
    is_same = all(run.change is Change.SAME for run in made) and all(each.change is Change.SAME for each in children)
    change = Change.SAME if is_same and not is_other else Change.CHANGED
    return Part(new.kind, change, old.line, new.line, old.name, new.name, made, children, "", new.digest)


def _sequence(old: Sequence[Block], new: Sequence[Block], limit: Effort) -> Iterator[Part]:
    """Blocks one after the other; in each gap what is gone stands before what is new."""
    pairs = paired(old, new, limit)
    for (one, other), (next_one, next_other) in pairwise([(-1, -1), *pairs, (len(old), len(new))]):
        yield from (alone(block, Change.DELETED) for block in old[one + 1 : next_one])
        yield from (alone(block, Change.INSERTED) for block in new[other + 1 : next_other])
        if next_one < len(old) and next_other < len(new):
            yield compare(old[next_one], new[next_other], limit)


def _tables(old: Block, new: Block, limit: Effort) -> tuple[Part, ...]:
    """Rows by the cells of the columns that both tables have; a column of one only is inserted or deleted whole."""
    columns = _columns(old, new, limit)
    kept_old, kept_new = {a for a, _ in columns}, {b for _, b in columns}
    cut_old, cut_new = _cut(old.children, kept_old), _cut(new.children, kept_new)
    made = list[Part]()
    pairs = paired(cut_old, cut_new, limit)
    for (one, other), (next_one, next_other) in pairwise([(-1, -1), *pairs, (len(cut_old), len(cut_new))]):
        made += [alone(block, Change.DELETED) for block in old.children[one + 1 : next_one]]
        made += [alone(block, Change.INSERTED) for block in new.children[other + 1 : next_other]]
        if next_one < len(cut_old) and next_other < len(cut_new):
            made.append(_row(old.children[next_one], new.children[next_other], columns, limit))
    return tuple(made)


def _cut(rows: tuple[Block, ...], kept: set[int]) -> list[Block]:
    """The rows with the kept columns only, for pairing."""
    if all(len(row.children) == len(kept) for row in rows):
        return list(rows)
    made = list[Block]()
    for row in rows:
        cells = tuple(cell for at, cell in enumerate(row.children) if at in kept)
        digest = b"".join(cell.digest for cell in cells) + row.name.encode()
        made.append(replace(row, children=cells, digest=digest))
    return made


def _columns(old: Block, new: Block, limit: Effort) -> list[Pair]:
    """Which column became which: by their heads, then, between those, by what stands below, then by their places."""
    width_old, width_new = (max((len(row.children) for row in each.children), default=0) for each in (old, new))
    columns_old, columns_new = _upright(old, width_old), _upright(new, width_new)
    heads_old, heads_new = (
        [column[0].digest if column else b"" for column in each] for each in (columns_old, columns_new)
    )
    fixed = align(heads_old, heads_new, 200)
    if not fixed and width_old == width_new:
        return [(at, at) for at in range(width_old)]
    pairs = list[Pair]()
    for (one, other), (next_one, next_other) in pairwise([(-1, -1), *fixed, (width_old, width_new)]):
        gap_old, gap_new = range(one + 1, next_one), range(other + 1, next_other)
        if len(gap_old) == len(gap_new):
            pairs += zip(gap_old, gap_new, strict=True)
        else:
            pairs += _alike(columns_old, columns_new, gap_old, gap_new)
        pairs.append((next_one, next_other))
    return pairs[:-1]


def _alike(old: list[list[Block]], new: list[list[Block]], gap_old: range, gap_new: range) -> list[Pair]:
    """Columns that share the most cells, from left to right."""
    pairs, after = list[Pair](), gap_new.start
    for a in gap_old:
        cells = {cell.digest for cell in old[a][1:]}
        shared = [(len(cells & {cell.digest for cell in new[b][1:]}), -b) for b in gap_new if b >= after]
        most, place = max(shared, default=(0, 0))
        if most * 2 >= len(cells) and most:
            pairs.append((a, -place))
            after = -place + 1
    return pairs


def _upright(table: Block, width: int) -> list[list[Block]]:
    return [[row.children[at] for row in table.children if at < len(row.children)] for at in range(width)]


def _row(old: Block, new: Block, columns: list[Pair], limit: Effort) -> Part:
    """A row of both tables, cell under cell."""
    cells = list[Part]()
    there = [(a, b) for a, b in columns if a < len(old.children) and b < len(new.children)]
    for (one, other), (next_one, next_other) in pairwise([(-1, -1), *there, (len(old.children), len(new.children))]):
        cells += [alone(cell, Change.DELETED) for cell in old.children[one + 1 : next_one]]
        cells += [alone(cell, Change.INSERTED) for cell in new.children[other + 1 : next_other]]
        if next_one < len(old.children) and next_other < len(new.children):
            cells.append(compare(old.children[next_one], new.children[next_other], limit))
    return _joined(old, new, (), tuple(cells))
