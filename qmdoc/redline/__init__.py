"""What changed between two versions of a document, so that no digit is missed.

    redline = compare(old.body, new.body)
    redline.numbers     # every number, limit and unit that changed, appeared or disappeared: to be shown first
    redline.body        # both texts as one tree, in which every word has its fate
    size(redline)       # major or minor, with the reasons

It is a tree diff: blocks, then list items, rows and cells, then words; nothing is compared across a cell's border. From a
redline both texts can be rebuilt, word by word. For very long texts the comparison is less terse, never less true.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from qmdoc import markup
from qmdoc.documents import Document
from qmdoc.redline import moves, numbers
from qmdoc.redline.comparing import compare as compare_blocks
from qmdoc.redline.nouns import (
    AttachmentChange,
    Block,
    Change,
    FieldChange,
    Kind,
    NumberChange,
    Part,
    Reason,
    Redline,
    Run,
    Side,
    Sized,
    Word,
    WordKind,
)
from qmdoc.redline.pairing import effort
from qmdoc.redline.reading import read
from qmdoc.redline.sizing import size

__all__ = [
    "AttachmentChange", "Change", "Edition", "FieldChange", "Kind", "NumberChange", "Part", "Reason", "Redline", "Run",
    "Side", "Sized", "Word", "WordKind", "attachment_changes", "between", "compare", "field_changes", "size",
]  # fmt: skip
_ITEM = re.compile(r"^\s*(?:[-*+]|\d{1,9}[.)])\s", re.MULTILINE)
_DIGITS = re.compile(r"\d+")


@dataclass(frozen=True, slots=True)
class Edition:
    """A version of a document with its attachments: name and digest of each."""

    document: Document
    attachments: Mapping[str, str] = field(default_factory=dict)


def between(old: Edition, new: Edition) -> Redline:
    """What changed from one version of a document to another: text, attachments, and the keys that readers see."""
    return compare(
        old.document.body,
        new.document.body,
        first_lines=(old.document.body_line, new.document.body_line),
        fields=field_changes(old.document, new.document),
        attachments=attachment_changes(old.attachments, new.attachments),
    )


def compare(
    old: str,
    new: str,
    *,
    first_lines: tuple[int, int] = (1, 1),
    fields: tuple[FieldChange, ...] = (),
    attachments: tuple[AttachmentChange, ...] = (),
) -> Redline:
    """What changed from one Markdown text to another; `first_lines` are the numbers of their first lines."""
    was, now = read(old, first_lines[0]), read(new, first_lines[1])
    body = moves.marked(compare_blocks(was, now, effort(_extent(was) + _extent(now))))
    is_same = body.change is Change.SAME
    return Redline(
        body,
        numbers.changes(body),
        fields,
        attachments,
        is_layout_only=is_same and old != new,
        is_hidden_number=is_same and _digits(old) != _digits(new),
    )


def field_changes(old: Document, new: Document) -> tuple[FieldChange, ...]:
    """The keys of the front matter that readers see, where they differ; version and dates always do, and are not told."""
    pairs = [(name, _told(old, name), _told(new, name)) for name in ("title", "type", "owner", "programmes", "sites", "training", "supersedes", "standards", "not_applicable")]  # fmt: skip
    return tuple(FieldChange(name, was, now) for name, was, now in pairs if was != now)


def attachment_changes(old: Mapping[str, str], new: Mapping[str, str]) -> tuple[AttachmentChange, ...]:
    """Attachments, by name, whose digests differ; the text itself (`.`) is none."""
    names = sorted((old.keys() | new.keys()) - {"."})
    return tuple(
        AttachmentChange(name, old.get(name, ""), new.get(name, "")) for name in names if old.get(name) != new.get(name)
    )


def _told(document: Document, name: str) -> str:
    value = getattr(document.front_matter, name)
    if not value:
        return ""
    if name == "training":
        return f"{', '.join(value.roles)}; {value.kind}; within {value.within} days"
    if isinstance(value, Mapping):
        return "; ".join(f"{key}: {', '.join(value[key])}" for key in sorted(value))
    return value if isinstance(value, str) else ", ".join(value)


def _extent(block: Block) -> int:
    return 1 + len(block.words) + sum(map(_extent, block.children))


def _digits(text: str) -> list[str]:
    """All digits of a source but those that only number its lists, a list's first number excepted by its words."""
    return _DIGITS.findall(_ITEM.sub(" ", markup.without_clause_marks(text)))
