"""A text as a tree that the template of the sheets walks: values only, nothing in it can run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Node:
    """A block or a piece of a line: what it is, its own letters, what it holds, and what else is told about it."""

    kind: str
    text: str = ""
    children: tuple[Node, ...] = ()
    told: Mapping[str, object] = field(default_factory=dict)

    def value(self) -> dict[str, object]:
        """As the template reads it."""
        return {
            "kind": self.kind,
            "text": self.text,
            "children": [child.value() for child in self.children],
            **self.told,
        }

    def walk(self) -> Iterator[Node]:
        """The node and all below it, in reading order."""
        yield self
        for child in self.children:
            yield from child.walk()


def words(nodes: tuple[Node, ...]) -> str:
    """What a reader sees of them: letters, step numbers and cells, in reading order; a formula as it was written."""
    return " ".join(_words(nodes)).strip()


def _words(nodes: tuple[Node, ...]) -> Iterator[str]:
    for node in nodes:
        if node.kind in ("paragraph", "heading", "cell"):
            yield "".join(each.text if each.kind != "break" else "\n" for each in node.walk() if not _is_silent(each))
            continue
        if node.kind == "item" and "number" in node.told:
            yield f"{node.told['number']}{node.told['mark']}"
        if node.text and not _is_silent(node):
            yield node.text
        yield from _words(node.children)


def _is_silent(node: Node) -> bool:
    """A picture's text stands in for it where it can't be seen; an address is for paper alone."""
    return node.kind in ("picture", "formula", "address")
