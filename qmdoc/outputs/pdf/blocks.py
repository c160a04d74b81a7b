"""An approved text as a tree of blocks: the same tokens and the same directives that its page in the manual shows."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.token import Token

from qmdoc import markup
from qmdoc.markup import Markup
from qmdoc.outputs.pdf.lines import Around, picture, pieces
from qmdoc.outputs.pdf.nodes import Node

_NESTED = {"blockquote_open": "quote", "bullet_list_open": "bullets", "list_item_open": "item"}


@dataclass(frozen=True, slots=True)
class Source:
    """A text with what was read in it, its document's number and the files that were approved with it."""

    number: str
    body: str
    read: Markup
    attachments: Mapping[str, bytes] = field(default_factory=dict)


def tree(source: Source, pages: Mapping[str, str]) -> tuple[Node, ...]:
    """The blocks of a text; `pages` has where a link leads to each document in force. What is unsafe in it is shown as a block of code, as on its page."""
    text, read = source.body, source.read
    if read.unsafe:
        text = markup.neutralised(source.body)
        read = markup.read(text)
    anchors = [heading.anchor for heading in read.headings]
    around = Around(source.number, pages, frozenset(filter(None, anchors)), source.attachments)
    return tuple(_Writer(around, iter(anchors)).blocks(text))


class _Writer:
    """Reads a text and the texts nested in it, in the order of `markup.read`: they share link definitions."""

    def __init__(self, around: Around, anchors: Iterator[str]) -> None:
        self.around = around
        self.anchors = anchors
        self.markdown: MarkdownIt = markup.parser()
        self.environment: dict[str, Any] = {}  # markdown-it's own type for it

    def blocks(self, text: str) -> list[Node]:
        return list(self.until(iter(self.markdown.parse(text + "\n", self.environment)), ""))

    def until(self, tokens: Iterator[Token], close: str) -> Iterator[Node]:
        for token in tokens:
            if token.type == close:
                return
            yield from self.block(token, tokens)

    def block(self, token: Token, tokens: Iterator[Token]) -> Iterator[Node]:
        """The node of a block that begins with this token; its other tokens are taken."""
        if token.type in ("paragraph_open", "heading_open"):
            yield self.line(token, tokens)
        elif token.type == "ordered_list_open":
            yield self.steps(token, list(self.items(tokens, "ordered_list_close")))
        elif token.type in _NESTED:
            close = token.type.replace("_open", "_close")
            yield Node(_NESTED[token.type], children=tuple(self.until(tokens, close)))
        elif token.type == "table_open":
            yield self.table(tokens)
        elif token.type == "fence":
            yield self.fence(token)
        elif token.type == "code_block":
            yield Node("block", token.content)
        elif token.type == "hr":
            yield Node("rule")
        elif token.content:
            yield Node("block", token.content)

    def line(self, token: Token, tokens: Iterator[Token]) -> Node:
        inside = pieces(next(tokens).children, self.around)
        next(tokens)
        if token.type == "paragraph_open":
            return Node("paragraph", children=inside)
        anchor = next(self.anchors, "")
        label = f"{self.around.number}#{anchor}" if anchor else ""
        return Node("heading", children=inside, told={"level": int(token.tag[1]), "label": label})

    def items(self, tokens: Iterator[Token], close: str) -> Iterator[tuple[Token, Node]]:
        for token in tokens:
            if token.type == close:
                return
            yield token, Node("item", children=tuple(self.until(tokens, "list_item_close")))

    def steps(self, token: Token, items: list[tuple[Token, Node]]) -> Node:
        """Numbers as they were typed where they rise; CommonMark's own count where all say `1.`."""
        typed = [int(each.info) for each, _ in items]
        first = int(token.attrs.get("start", 1))
        rising = all(one < two for one, two in pairwise(typed))
        numbers = typed if rising else range(first, first + len(items))
        return Node(
            "steps",
            children=tuple(
                Node("item", children=node.children, told={"number": number, "mark": each.markup})
                for number, (each, node) in zip(numbers, items, strict=True)
            ),
        )

    def table(self, tokens: Iterator[Token]) -> Node:
        rows: list[list[Node]] = []
        for token in tokens:
            if token.type == "table_close":
                break
            if token.type == "tr_open":
                rows.append([])
            elif token.type in ("th_open", "td_open"):
                align = str(token.attrs.get("style", "")).removeprefix("text-align:") or "left"
                rows[-1].append(Node("cell", children=pieces(next(tokens).children, self.around), told=_align(align)))
        return _table(rows, heads=1)

    def fence(self, token: Token) -> Node:
        """A block of code, or a directive as `markup.read` takes it apart."""
        name, _, first = token.info.strip().partition(" ")
        if not (name.startswith("{") and name.endswith("}")) or name[1:-1] not in markup.DIRECTIVES:
            return Node("block", token.content)
        body = token.content.splitlines()
        options: dict[str, str] = {}
        while body and body[0].lstrip().startswith(":") and (match := markup.OPTION.fullmatch(body[0])):
            options[match["name"]] = match["value"] or ""
            body.pop(0)
        return self.directive(name[1:-1], first.strip(), options, "".join(f"{line}\n" for line in body))

    def directive(self, name: str, first: str, options: Mapping[str, str], body: str) -> Node:
        if name == "math":
            return Node("formula", "\n".join(part for part in (first, body.strip("\n")) if part))
        if name in markup.ADMONITIONS:
            text = f"{first}\n{body}" if first else body
            return Node("box", children=tuple(self.blocks(text)), told={"name": name})
        if name == "list-table":
            return self.list_table(first, options, body)
        shown = picture(first, options.get("alt", ""), self.around, **_size(options))
        return Node("figure", children=(shown, *(self.blocks(body) if name == "figure" else ())))

    def list_table(self, title: str, options: Mapping[str, str], body: str) -> Node:
        """A table written as a list of lists; `markup.read` has seen that it is rectangular."""
        inline = self.markdown.parseInline(title, self.environment)
        lists = self.blocks(body)
        rows = [
            [Node("cell", children=cell.children, told=_align(options.get("align", "left"))) for cell in row.children]
            for item in (lists[0].children if lists else ())
            for row in item.children
        ]
        widths = re.split("[ ,]+", options.get("widths", "auto"))
        table = _table(rows, heads=int(options.get("header-rows") or 0), stubs=int(options.get("stub-columns") or 0))
        caption = [piece for token in inline for piece in pieces(token.children, self.around)]
        told = {**table.told, "widths": [] if widths == ["auto"] else [int(width) for width in widths]}
        return Node("table", children=(*table.children, Node("caption", children=tuple(caption))), told=told)


def _table(rows: Sequence[Sequence[Node]], *, heads: int, stubs: int = 0) -> Node:
    return Node(
        "table",
        children=tuple(Node("row", children=tuple(row)) for row in rows),
        told={"heads": heads, "stubs": stubs, "columns": max(map(len, rows), default=0), "widths": []},
    )


def _align(written: str) -> Mapping[str, object]:
    return {"align": written if written in ("left", "center", "right") else "left"}


def _size(options: Mapping[str, str]) -> dict[str, object]:
    """A width in percent of the line, or in CSS pixels (1/96 of an inch)."""
    width = options.get("width", "")
    percent = float(width.removesuffix("%")) if width.endswith("%") else 0.0
    points = float(width.removesuffix("px")) * 0.75 if width and not percent else 0.0
    return {"percent": percent, "points": points, "align": options.get("align", "left")}
