"""Blocks as the Markdown of a document: CommonMark, pipe tables and the permitted directives, everything else escaped.

Every paragraph is read back as it is written: where emphasis would change a letter, the letters win.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from markdown_it import MarkdownIt

from qmdoc.importing.nouns import BOX, STRUCK, Block, Box, Cell, Paragraph, Picture, Span, Table
from qmdoc.importing.numbering import Label

MAX_HEADING = 6
_ESCAPED = re.compile(r"([\\`*<\[\]|{~]|(?<![^\W_])_|_(?![^\W_])|&(?=#?\w+;))")
_SENTENCE = re.compile(r"(?<=[a-z)\]]{3}[.!?]) (?=[A-Z])")
_INLINE = MarkdownIt("commonmark")


class Writer:
    """Writes blocks; `place` says where a picture is kept."""

    def __init__(self, place: Callable[[Picture], str]) -> None:
        self.place = place
        self.tables = self.rows = self.cells = self.boxes = self.pictures = 0

    def write(self, blocks: Sequence[Block]) -> str:
        """The blocks, parted by blank lines; lists keep Word's numbers."""
        out: list[str] = []
        listed: list[_Item] = []
        last = ""  # the mark of the list item that was written last at the outermost level
        position = 0
        while position < len(blocks):
            block = blocks[position]
            end = _end_of_aside(blocks, position, listed[0]) if listed else position
            if end > position:
                out.append(_shifted(self.write(blocks[position:end]), listed[0].inner))
                del listed[1:]
                listed[0].child = ""
                position = end
                continue
            position += 1
            if isinstance(block, Paragraph) and block.label and not block.heading:
                out.append(self._item(block, listed, last))
                last = listed[-1].mark if listed else ""
            elif isinstance(block, Paragraph) and block.is_indented and not block.heading and listed:
                out.append(_shifted(self.paragraph(block), listed[-1].inner))
            else:
                listed.clear()
                if text := self.block(block):
                    out.append(text)
                    last = ""
        return _joined(out)

    def block(self, block: Block) -> str:
        """A block that stands in no list."""
        if isinstance(block, Table):
            return self.table(block)
        if isinstance(block, Box):
            return self.box(block)
        if block.heading:
            return self.heading(block)
        return self.paragraph(block)

    def heading(self, block: Paragraph) -> str:
        """A heading; the title is the only one of the first level, so each is one lower than in Word."""
        label = f"{block.label.text} " if block.label and not block.label.is_bullet else ""
        plain = [replace(span, is_bold=False, is_italic=False) for span in block.spans]
        text = " ".join(self.inline(plain, first=label, on_one_line=True).split())
        if block.heading + 1 > MAX_HEADING:
            return f"**{text}**"
        return f"{'#' * (block.heading + 1)} {_heading_end(text)}"

    def paragraph(self, block: Paragraph) -> str:
        """A paragraph, one sentence a line."""
        label = f"{block.label.text} " if block.label and not block.label.is_bullet else ""
        return _SENTENCE.sub("\n", self.inline(block.spans, first=label))

    def box(self, box: Box) -> str:
        """A box as a note; a text box says that it is one."""
        self.boxes += box.is_floating
        inside = self.write(box.blocks)
        text = (
            f"{BOX} {inside}"
            if box.is_floating and box.blocks and _is_plain(box.blocks[0])
            else (f"{BOX}\n\n{inside}" if box.is_floating else inside)
        )
        return _fenced("{note}", "", text) if text.strip() else ""

    def table(self, table: Table) -> str:
        """A pipe table where each cell is one line, else a list-table."""
        self.tables += 1
        self.rows += len(table.rows)
        self.cells += sum(not cell.covered for row in table.rows for cell in row)
        if table.heads == 1 and all(_is_one_line(cell) for row in table.rows for cell in row):
            return self._pipes(table)
        return self._list_table(table)

    def _pipes(self, table: Table) -> str:
        rows = [[self._cell_line(cell, row) for cell in row] for row in table.rows]
        lines = [f"| {' | '.join(row)} |" for row in rows]
        return "\n".join((lines[0], "|" + " --- |" * len(rows[0]), *lines[1:]))

    def _cell_line(self, cell: Cell, row: Sequence[Cell]) -> str:
        """A cell of a pipe table."""
        if cell.covered:
            return _covered(cell, row)
        return " ".join(" ".join(self._flat(block) for block in cell.blocks).split())

    def _flat(self, block: Block) -> str:
        if isinstance(block, Paragraph):
            label = f"{block.label.text} " if block.label and not block.label.is_bullet else ""
            return self.inline(block.spans, first=label, on_one_line=True)
        if isinstance(block, Box):
            self.boxes += block.is_floating
            return " ".join([BOX] * block.is_floating + [self._flat(each) for each in block.blocks])
        return self.table(block)

    def _list_table(self, table: Table) -> str:
        lines: list[str] = []
        for row in table.rows:
            for number, cell in enumerate(row):
                mark = "* - " if number == 0 else "  - "
                text = _covered(cell, row) if cell.covered else self._cell_blocks(cell)
                lines.append(mark + _shifted(text, 4).lstrip(" ") if text else mark.rstrip())
        options = f":header-rows: {table.heads}\n\n" if table.heads and table.heads < len(table.rows) else "\n"
        return _fenced("{list-table}", options, "\n".join(lines))

    def _cell_blocks(self, cell: Cell) -> str:
        """The blocks of a cell; a nested table stays a pipe table, for fences don't nest without end."""
        blocks: list[str] = []
        plain: list[Block] = []
        for block in cell.blocks:
            if isinstance(block, Paragraph):
                plain.append(block)
                continue
            blocks += [self.write(plain)] if plain else []
            plain = []
            if isinstance(block, Table):
                self.tables += 1
                self.rows += len(block.rows)
                self.cells += sum(not each.covered for row in block.rows for each in row)
                blocks.append(self._pipes(_flattened(block)))
            else:
                blocks.append(self._flat(block))
        blocks += [self.write(plain)] if plain else []
        return "\n\n".join(filter(None, blocks))

    def _item(self, block: Paragraph, listed: list[_Item], last: str) -> str:
        """A paragraph of a list; a label that CommonMark has no list for is written out."""
        label = block.label
        assert label
        while listed and (listed[-1].level >= label.level or not _hangs_on(listed[-1], label)):
            ended = listed.pop()
            last = last if listed else ended.mark
        indent = listed[-1].inner if listed else 0
        if not label.is_bullet and label.number is None:
            return _shifted(self.paragraph(block), indent)
        before = listed[-1].child if listed else last
        if label.number not in (None, 1) and before != f"{(label.number or 0) - 1}{before[-1:]}":
            return _shifted(self.paragraph(block), indent)  # a list that does not begin at 1 would be taken for a gap
        mark = self._mark(block, before)
        item = _Item(label.level, label.list, mark, indent + len(mark) + 1)
        if listed:
            listed[-1].child = mark
        listed.append(item)
        text = _SENTENCE.sub("\n", self.inline(block.spans))
        return " " * indent + f"{mark} {_shifted(text, item.inner).lstrip(' ')}".rstrip()

    def _mark(self, block: Paragraph, before: str) -> str:
        """The mark of an item: its number and `.`, or `)` where it would else go on from the item before."""
        label = block.label
        assert label
        if label.is_bullet:
            return "-"
        number = label.number or 0
        end = ")" if label.text.endswith(")") else "."
        if before and before[-1] in ".)":
            goes_on = int(before[:-1]) + 1 == number
            end = before[-1] if goes_on else ")" if before[-1] == "." else "."
        return f"{number}{end}"

    def inline(self, spans: Iterable[Span], *, first: str = "", on_one_line: bool = False) -> str:
        """Letters with emphasis, links and pictures; read back, and without emphasis where that would change them."""
        joined = _alike(spans)
        if on_one_line:
            joined = [replace(span, text=span.text.replace("\n", " ")) for span in joined]
        plain = "".join(span.text for span in joined if not span.picture and not span.note)
        for looks in (True, False):
            text = _escape(first) + "".join(self._span(span, looks=looks) for span in joined)
            text = _safe_starts(text.strip(" "))
            if not looks or _read_back(text) == _read_back_plain(first + plain, joined):
                break
        self.pictures += sum(span.picture is not None for span in joined)
        return text

    def _span(self, span: Span, *, looks: bool) -> str:
        if span.picture:
            return f"![{_escape(span.picture.alt)}]({self.place(span.picture)})"
        if span.note:
            return f" (note {span.note})"
        text = _escape(span.text)
        bare = text.strip()
        if looks and bare and "\n" not in bare:
            mark = "**" * span.is_bold + "*" * span.is_italic
            text = text.replace(bare, f"{mark}{bare}{mark[::-1]}", 1)
        if span.link and bare:
            inner = text.strip()
            text = text.replace(inner, f"[{inner}](<{span.link}>)", 1)
        if span.is_struck and bare:
            text = f"{text.rstrip()} {STRUCK}{' ' if text != text.rstrip() else ''}"
        return text.replace("\n", "\\\n")


@dataclass(slots=True)
class _Item:
    """An item to which deeper ones may belong; `child` is the mark of the last of them."""

    level: int
    list: str
    mark: str
    inner: int
    child: str = ""


def _end_of_aside(blocks: Sequence[Block], position: int, item: _Item) -> int:
    """Where what stands between this step and the next one ends; `position` when nothing does, or no step follows."""
    for end in range(position, len(blocks)):
        block = blocks[end]
        if isinstance(block, Paragraph) and block.heading:
            break
        label = block.label if isinstance(block, Paragraph) else None
        if label and label.list == item.list and label.level <= item.level:
            is_next = label.level == item.level and item.mark[:-1] == str((label.number or 0) - 1)
            return end if is_next else position
    return position


def _hangs_on(item: _Item, label: Label) -> bool:
    """Whether a deeper item belongs to this one: one of the same list, or bullets of another."""
    return item.list == label.list or label.is_bullet


def _is_plain(block: Block) -> bool:
    return isinstance(block, Paragraph) and not block.heading and not block.label


def _alike(spans: Iterable[Span]) -> list[Span]:
    """Spans, those that look alike joined, so that emphasis does not begin and end within a word."""
    joined: list[Span] = []
    for span in spans:
        is_blank = not span.text.strip() and not span.picture and not span.note
        before = joined[-1] if joined else None
        if (
            before
            and not before.picture
            and not before.note
            and not span.picture
            and not span.note
            and (
                replace(before, text=span.text) == span
                or (is_blank and not span.link and not before.is_struck and not before.link)
            )
        ):
            joined[-1] = replace(before, text=before.text + span.text)
        elif span.text or span.picture or span.note:
            joined.append(span)
    return joined


def _escape(text: str) -> str:
    return _ESCAPED.sub(r"\\\1", text)


def _safe_starts(text: str) -> str:
    """No line begins with what CommonMark takes for a list, a heading, a quotation or a rule."""
    text = re.sub(r"^\(([^)\n]*)\)=", r"\\(\1)=", text, flags=re.MULTILINE)
    lines = []
    for line in text.split("\n"):
        line = line.lstrip(" ")
        if match := re.match(r"(\d{1,9})([.)])(\s|$)", line):
            line = f"{match[1]}\\{line[len(match[1]) :]}"
        elif re.match(r"(#{1,6}(\s|$)|>|[-+](\s|$)|-{2,}|=+\s*$|%|\+\+\+|:)", line):
            line = "\\" + line
        lines.append(line)
    return "\n".join(lines)


def _heading_end(text: str) -> str:
    return re.sub(r"#+$", lambda match: "\\" + match[0], text)


def _read_back(text: str) -> str:
    """What a reader sees of a paragraph's Markdown, without the spaces."""
    tokens = _INLINE.parseInline(text)[0].children or []
    return "".join(
        "".join(token.content for token in tokens if token.type in ("text", "text_special", "code_inline")).split()
    )


def _read_back_plain(plain: str, spans: list[Span]) -> str:
    """What a reader should see."""
    shown = plain if not any(span.note or span.is_struck for span in spans) else ""
    if not shown:
        text = plain[: len(plain) - len("".join(span.text for span in spans if not span.picture and not span.note))]
        for span in spans:
            text += f" (note {span.note})" if span.note else "" if span.picture else span.text
            text += STRUCK if span.is_struck and span.text.strip() else ""
        shown = text
    return "".join(shown.split())


def _covered(cell: Cell, row: Sequence[Cell]) -> str:
    """What a cell says that is part of another; a row that is one cell from end to end says nothing twice."""
    is_whole_row = all(each.covered for each in row[1:])
    return "" if is_whole_row or not cell.covered.strip() else cell.covered


def _is_one_line(cell: Cell) -> bool:
    if len(cell.blocks) > 1:
        return False
    return all(
        isinstance(block, Paragraph)
        and (block.label is None or not block.label.is_bullet)
        and "\n" not in block.text.strip()
        for block in cell.blocks
    )


def _flattened(table: Table) -> Table:
    return replace(table, heads=1)


def _shifted(text: str, indent: int) -> str:
    return "\n".join(" " * indent + line if line else line for line in text.split("\n"))


def _fenced(name: str, options: str, text: str) -> str:
    fence = "`" * max(3, 1 + max(map(len, re.findall("`+", text)), default=0))
    options = options if options.strip() else ""
    return f"{fence}{name}\n{options}{text}\n{fence}"


def _joined(blocks: list[str]) -> str:
    """Blocks parted by blank lines; items of one list follow each other closely."""
    out: list[str] = []
    item = re.compile(r" *(-|\d{1,9}[.)]) ")
    for block in filter(None, blocks):
        is_close = bool(out) and item.match(block) and item.match(out[-1].rpartition("\n\n")[2])
        if out:
            out.append("\n" if is_close else "\n\n")
        out.append(block)
    return "".join(out)
