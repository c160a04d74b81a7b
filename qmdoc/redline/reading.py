"""A Markdown text as a tree of blocks: lists hold items, tables rows of cells, boxes paragraphs; leaves hold words.

It is read by the parser of `qmdoc.markup`. Nothing that is written is left out: what that parser does not know is kept
as it was written. A pipe table and a list-table with the same cells are the same table.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any

from markdown_it.token import Token

from qmdoc import markup
from qmdoc.redline.nouns import Block, Kind, Word, WordKind
from qmdoc.redline.words import Piece, cut

LARGEST = 200_000  # characters; a longer text is read line by line, as the parser takes seconds for it
_DEEPEST = 8
_KINDS = {
    "heading_open": Kind.HEADING,
    "paragraph_open": Kind.PARAGRAPH,
    "bullet_list_open": Kind.LIST,
    "ordered_list_open": Kind.LIST,
    "list_item_open": Kind.ITEM,
    "blockquote_open": Kind.QUOTE,
    "table_open": Kind.TABLE,
    "tr_open": Kind.ROW,
    "th_open": Kind.CELL,
    "td_open": Kind.CELL,
}
_PASSED = ("thead_open", "tbody_open", "thead_close", "tbody_close")
_DIRECTIVE = re.compile(r"\{([\w-]+)\}[ \t]*(.*)")
_ROW, _UNDER_HEAD = re.compile(r"\s*\|.*\|\s*"), re.compile(r"[\s|:-]+")


def read(body: str, first_line: int = 1) -> Block:
    """The blocks of a text whose first line has the number `first_line`."""
    children = _lines(body, first_line) if len(body) > LARGEST else _Reader().blocks(body, first_line, 0)
    return _block(Kind.BODY, first_line, children=children)


def _block(kind: Kind, line: int, name: str = "", words: Sequence[Word] = (), children: Sequence[Block] = ()) -> Block:
    """A block with its digests; the number of an item is no part of what it says."""
    told = f"{kind}\x1e{'' if kind is Kind.ITEM else name}\x1e"
    same, exact = blake2b(told.encode(), digest_size=16), blake2b(told.encode(), digest_size=16)
    same.update("\x1f".join([word.key for word in words]).encode("utf-8", "surrogatepass"))
    exact.update("\x1f".join([f"{word.text}\x1e{word.style}" for word in words]).encode("utf-8", "surrogatepass"))
    for child in children:
        same.update(child.digest)
        exact.update(child.exact)
    return Block(kind, line, name, tuple(words), tuple(children), same.digest(), exact.digest())


@dataclass(slots=True)
class _Open:
    """A block of which the end has not been met."""

    kind: Kind
    line: int
    name: str = ""
    words: list[Word] = field(default_factory=list)
    children: list[Block] = field(default_factory=list)
    following: int = 1

    def closed(self) -> Block:
        return _block(self.kind, self.line, self.name, self.words, self.children)


class _Reader:
    """Reads a text and the texts nested in it; they share link definitions."""

    def __init__(self) -> None:
        self.parser = markup.parser()
        self.environment: dict[str, Any] = {}  # markdown-it's own type for it

    def blocks(self, text: str, line: int, depth: int) -> tuple[Block, ...]:
        """The blocks of a text."""
        top = _Open(Kind.BODY, line)
        stack, at, is_head = [top], line, False
        for token in self.parser.parse(text + "\n", self.environment):
            at = line + token.map[0] if token.map else at
            if token.type in _PASSED:
                is_head = token.type == "thead_open"
            elif token.nesting == 1:
                stack.append(_opened(token, at, stack[-1], is_head=is_head))
            elif token.nesting == -1:
                closed = stack.pop().closed()
                stack[-1].children.append(closed)
            elif token.type == "inline":
                stack[-1].words += _inline(token)
            elif token.type == "fence":
                stack[-1].children += self.fence(token, at, depth)
            else:
                stack[-1].children.append(_written(token, at))
        return tuple(top.children)

    def fence(self, token: Token, line: int, depth: int) -> list[Block]:
        """A directive, or a code block."""
        match = _DIRECTIVE.fullmatch(token.info.strip())
        if not match or match[1] not in markup.DIRECTIVES or depth >= _DEEPEST:
            return [_code(token.info.strip(), token.content, line + 1)]
        name, first, body, start = match[1], match[2].strip(), token.content.split("\n"), line + 1
        options: dict[str, str] = {}
        while name != "math" and body and (option := markup.OPTION.fullmatch(body[0].strip())):
            options[option["name"]] = option["value"] or ""
            body, start = body[1:], start + 1
        inside = "\n".join(body)
        if name == "math":
            return [_code("math", f"{first}\n{inside}" if first else inside, line if first else start)]
        if name in markup.ADMONITIONS:
            if first:
                inside, start = f"{first}\n{inside}", start - 1
            return [_block(Kind.BOX, line, name, (), self.blocks(inside, start, depth + 1))]
        children = self.blocks(inside, start, depth + 1)
        if name == "list-table":
            title = [word for each in self.parser.parseInline(first, self.environment) for word in _inline(each)]
            caption = [_block(Kind.CAPTION, line, "", title)] if title else []
            return [*caption, *_table(children, line, options)]
        words = [Word(first, WordKind.TARGET, True, "", first), *cut([(options.get("alt", ""), "")], is_apart=True)]
        return [_block(Kind.FIGURE, line, "", words, children)]


def _opened(token: Token, line: int, inside: _Open, *, is_head: bool) -> _Open:
    kind = _KINDS.get(token.type, Kind.OTHER)
    opened = _Open(kind, line)
    if kind is Kind.HEADING:
        opened.name = token.tag[1:]
    elif kind is Kind.LIST:
        opened.name = "ordered" if token.type.startswith("ordered") else "bullet"
        opened.following = int(token.attrs.get("start", 1))
    elif kind is Kind.ITEM and inside.name == "ordered":
        opened.name, inside.following = str(inside.following), inside.following + 1
    elif kind is Kind.ROW:
        opened.name = "head" if is_head else ""
    elif kind is Kind.OTHER:
        opened.name = token.type.removesuffix("_open")
        opened.words += cut([(str(token.meta.get("label", "")), "")])
    return opened


def _written(token: Token, line: int) -> Block:
    """A block without blocks in it, as it was written."""
    if token.type == "hr":
        return _block(Kind.RULE, line)
    return _code("" if token.type == "code_block" else token.type, token.content, line)


def _code(name: str, content: str, line: int) -> Block:
    kind = Kind.FORMULA if name == "math" else Kind.CODE
    written = content.rstrip("\n").split("\n")
    lines = [_block(Kind.LINE, line + number, "", cut([(text, "")])) for number, text in enumerate(written)]
    return _block(kind, line, name, (), lines)


def _table(children: tuple[Block, ...], line: int, options: dict[str, str]) -> list[Block]:
    """A list-table's list as a table; what is no list of lists stays as it was written."""
    if len(children) != 1 or children[0].kind is not Kind.LIST:
        return list(children)
    rows = [item.children for item in children[0].children]
    if not all(len(row) == 1 and row[0].kind is Kind.LIST for row in rows):
        return list(children)
    heads = options.get("header-rows", "0")
    last_head = int(heads) if heads.isascii() and heads.isdecimal() else 0
    made = [
        _block(
            Kind.ROW, row[0].line, "head" if number < last_head else "", (), [_cell(item) for item in row[0].children]
        )
        for number, row in enumerate(rows)
    ]
    return [_block(Kind.TABLE, line, "", (), made)]


def _cell(item: Block) -> Block:
    """A cell of one paragraph holds its words itself, as in a pipe table."""
    if len(item.children) == 1 and item.children[0].kind is Kind.PARAGRAPH:
        return _block(Kind.CELL, item.line, "", item.children[0].words)
    return _block(Kind.CELL, item.line, "", (), item.children)


def _inline(token: Token) -> list[Word]:
    """The words of a line of text; where a link leads stands after its words."""
    children = token.children or []
    if not children and token.content:
        return cut([(token.content, "")])
    words, pieces, styles, targets = list[Word](), list[Piece](), list[str](), list[str]()

    is_apart = False

    def flush() -> None:
        nonlocal is_apart
        words.extend(cut(pieces, is_apart=is_apart))
        is_apart = pieces[-1][0][-1:].isspace() if pieces and pieces[-1][0] else is_apart and not pieces
        pieces.clear()

    for child in children:
        if child.type == "link_open":
            targets.append(str(child.attrs.get("href", "")))
        elif child.type == "link_close":
            flush()
            target = targets.pop()
            words.append(Word(target, WordKind.TARGET, True, "", target))
        elif child.nesting == 1:
            styles.append(child.tag or child.type)
        elif child.nesting == -1:
            styles.pop()
        elif child.type == "image":
            flush()
            words.extend(word for each in [child] for word in _inline(each))
            source = str(child.attrs.get("src", ""))
            words.append(Word(source, WordKind.TARGET, True, "picture", source))
        elif child.type == "myst_role" and child.meta.get("name") == markup.CLAUSE:
            flush()
            clause = " ".join(child.content.split())
            words.append(Word(clause, WordKind.CLAUSE, True, "", clause))
        else:
            pieces.append((_text(child), "+".join([*styles, *(["code"] if child.type == "code_inline" else [])])))
    flush()
    return words


def _text(child: Token) -> str:
    if child.type in ("softbreak", "hardbreak"):
        return " "
    if child.type == "myst_role":
        return f"{{{child.meta.get('name', '')}}}`{child.content}`"
    return child.content or str(child.meta.get("label", ""))


def _lines(body: str, first_line: int) -> list[Block]:
    """A very long text without the parser: a paragraph for each line, tables with their rows."""
    blocks, rows = list[Block](), list[Block]()
    for number, line in enumerate(body.split("\n"), first_line):
        if _ROW.fullmatch(line):
            if not _UNDER_HEAD.fullmatch(line):
                cells = re.split(r"(?<!\\)\|", line.strip()[1:-1])
                rows.append(
                    _block(
                        Kind.ROW, number, "", (), [_block(Kind.CELL, number, "", cut([(cell, "")])) for cell in cells]
                    )
                )
            continue
        blocks += _gathered(rows)
        rows.clear()
        if line.strip():
            blocks.append(_block(Kind.PARAGRAPH, number, "", cut([(line, "")])))
    return [*blocks, *_gathered(rows)]


def _gathered(rows: Iterable[Block]) -> list[Block]:
    held = list(rows)
    return [_block(Kind.TABLE, held[0].line, "", (), held)] if held else []
