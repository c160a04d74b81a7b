"""What a text says, read from its Markdown: the side that was signed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from markdown_it.token import Token

from qmdoc import markup
from qmdoc.fidelity import formula
from qmdoc.fidelity.facts import Cell, Fact, Kind, plain

BULLET = "•"


def expected(body: str, first_line: int = 1) -> tuple[Fact, ...]:
    """All that `body` says, in reading order; its first line has the number `first_line`.

    The text is one that `markup.read` finds nothing unsafe in, or what `markup.neutralised` made of another: a page
    shows what a text may not hold as a block of code.
    """
    reader = _Reader()
    reader.read(body, first_line)
    return tuple(reader.facts)


class _Reader:
    """Notes facts while it goes through the tokens of a text and of the texts nested in it."""

    def __init__(self) -> None:
        self.facts: list[Fact] = []
        self.parser = markup.parser()
        self.environment: dict[str, Any] = {}  # markdown-it's own type for it
        self.depth = 0
        self.tables = 0
        self.cell: Cell | None = None
        self.section = ""

    def note(self, kind: Kind, text: str, line: int, written: str = "") -> None:
        self.facts.append(Fact(kind, text, self.depth, self.cell, line, self.section, written or text))

    def read(self, text: str, line: int) -> None:
        self.walk(self.tokens(text), line)

    def tokens(self, text: str) -> list[Token]:
        return self.parser.parse(f"{text}\n", self.environment)

    def walk(self, tokens: Sequence[Token], line: int) -> None:
        """`line` is the number of the line that the tokens count from."""
        counters: list[int | None] = []
        kind, at, row, column = Kind.WORDS, line, 0, 0
        for token in tokens:
            name = token.type
            at = line + token.map[0] if token.map else at
            if name == "inline":
                self.inline(token, kind, at)
            elif name == "heading_open":
                kind = Kind.HEADING
            elif name == "heading_close":
                kind = Kind.WORDS
            elif name in ("ordered_list_open", "bullet_list_open"):
                counters.append(_first(token) if name == "ordered_list_open" else None)
                self.depth += 1
            elif name in ("ordered_list_close", "bullet_list_close"):
                counters.pop()
                self.depth -= 1
            elif name == "list_item_open":
                self.item(counters, at)
            elif name in ("blockquote_open", "blockquote_close"):
                self.depth += token.nesting
            elif name == "table_open":
                self.tables, row = self.tables + 1, 0
            elif name == "tr_open":
                row, column = row + 1, 0
            elif name in ("th_open", "td_open"):
                column += 1
                self.in_cell(Cell(self.tables, row, column), at)
            elif name in ("th_close", "td_close"):
                self.cell = None
            elif name == "code_block":
                self.note(Kind.CODE, plain(token.content), at, token.content)
            elif name == "fence":
                self.fence(token, at)

    def item(self, counters: list[int | None], line: int) -> None:
        """The mark of a list's item: CommonMark counts on from the list's first number."""
        number = counters[-1]
        self.note(Kind.ITEM, BULLET if number is None else f"{number}.", line)
        counters[-1] = None if number is None else number + 1

    def in_cell(self, cell: Cell, line: int) -> None:
        self.cell = cell
        self.note(Kind.CELL, "", line)

    def inline(self, token: Token, kind: Kind, line: int) -> None:
        children = token.children or []
        for child in children:
            if child.type == "image":
                self.note(Kind.PICTURE, plain(_words(child.children or [])), line)
        written = _words(child for child in children if child.type != "image")
        if text := plain(written):
            if kind is Kind.HEADING:
                self.section = text
            self.note(kind, text, line, written)
            if links := tuple(_links(children)):
                self.facts[-1] = replace(self.facts[-1], links=links)

    def fence(self, token: Token, line: int) -> None:
        words = token.info.strip().split(maxsplit=1)
        name, first = words[0] if words else "", words[1] if len(words) > 1 else ""
        if not (name.startswith("{") and name[1:-1] in markup.DIRECTIVES):
            self.note(Kind.CODE, plain(token.content), line, token.content)
            return
        lines = token.content.splitlines()
        count, options = _options(lines)
        body, start = "\n".join(lines[count:]), line + 1 + count
        name = name[1:-1]
        if name in markup.ADMONITIONS:
            self.box(name, f"{first}\n{body}" if first else body, start - 1 if first else start)
        elif name == "math":
            self.formula(f"{first}\n{body}", line + 1)
        elif name == "list-table":
            self.table(first, body, line, start)
        else:
            self.note(Kind.PICTURE, plain(options.get("alt", "")), line)
            self.read(body, start)

    def box(self, name: str, body: str, line: int) -> None:
        self.depth += 1
        self.note(Kind.LABEL, name.capitalize(), line - 1)
        self.read(body, line)
        self.depth -= 1

    def formula(self, tex: str, line: int) -> None:
        try:
            text = formula.linear(tex)
        except formula.Unclear:
            text = plain(tex)
        self.note(Kind.FORMULA, text, line, tex)

    def table(self, title: str, body: str, line: int, start: int) -> None:
        """A list-table: a list of rows, each a list of cells."""
        self.tables += 1
        number, row, column = self.tables, 0, 0
        if title:
            self.walk(self.tokens(title), line)
        cell: list[Token] = []
        for token in self.tokens(body):
            if token.level == 1 and token.type == "list_item_open":
                row, column = row + 1, 0
            elif token.level == 3 and token.type == "list_item_open":
                column, cell = column + 1, []
                self.in_cell(Cell(number, row, column), start + (token.map[0] if token.map else 0))
            elif token.level == 3 and token.type == "list_item_close":
                self.walk(cell, start)
                self.cell = None
            else:
                cell.append(token)


def _first(token: Token) -> int:
    start = token.attrGet("start")
    return 1 if start is None else int(start)


def _words(children: Any) -> str:
    """The letters of a line of text, without clause marks; a line of the source on a line of its own."""
    made = ""
    for child in children:
        if child.type in ("softbreak", "hardbreak"):
            made += "\n"
        elif child.type == "image":
            made += _words(child.children or [])
        elif child.type in ("text", "text_special", "code_inline"):
            made += child.content
    return made


def _links(children: Sequence[Token]) -> Iterator[tuple[str, str]]:
    """For each link: the text up to its end, and where it leads."""
    targets: list[str] = []
    for number, child in enumerate(children):
        if child.type == "link_open":
            targets.append(str(child.attrs["href"]))
        elif child.type == "link_close" and targets:
            yield _words(each for each in children[:number] if each.type != "image"), targets.pop()


def _options(lines: Sequence[str]) -> tuple[int, dict[str, str]]:
    """How many lines at the start are a directive's options, and what they say."""
    options: dict[str, str] = {}
    for count, line in enumerate(lines):
        match = markup.OPTION.fullmatch(line)
        if match is None:
            return count, options
        options[match["name"]] = match["value"] or ""
    return len(lines), options
