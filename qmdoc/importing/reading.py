"""The text of a Word file as blocks: paragraphs with their labels, tables made rectangular, boxes, notes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import zip_longest
from xml.etree.ElementTree import Element

from qmdoc.importing import around, runs
from qmdoc.importing.around import inside
from qmdoc.importing.nouns import ABOVE, LEFT, Block, Box, Cell, Content, Note, Paragraph, Span, Table, Told
from qmdoc.importing.numbering import Label, Numbering
from qmdoc.importing.package import Package
from qmdoc.importing.state import State
from qmdoc.importing.styles import Styles, at, is_on, kinds_in, value

_PARTS = {"footnote": "footnotes", "endnote": "endnotes"}
_TYPED_NUMBER = re.compile(r"(\d{1,2}(?:\.\d{1,2})*)[.)]?\s+\S")
_STYLED_NUMBER = re.compile(r"(\d{1,2}(?:\.\d{1,2})*)[.)]?")
_TOP_SECTIONS = frozenset(
    re.findall(
        r"\S+",
        "purpose scope responsibilities definitions procedure references equipment materials background introduction records",
    )
)


def read(package: Package) -> Content:
    """Everything that a Word file holds. Raises ImportFailed."""
    styles = Styles(around.part(package, "styles"))
    state = State(package, styles)
    reader = _Reader(state, Numbering(around.part(package, "numbering"), styles))
    tree = package.tree(package.main)
    body = tree.find("w:body") if tree is not None else None
    assert tree is not None and body is not None  # package.read has seen it
    blocks = tuple(reader.blocks(body))
    if state.fields:
        state.tell(Told.LOST, "a field begins and never ends: what stands after its beginning may be hidden")
    if not any(isinstance(block, Paragraph) and block.heading for block in blocks):
        blocks = tuple(reader.headings_by_look(blocks))
    return Content(
        tuple(_captioned(blocks)),
        notes=tuple(reader.notes()),
        told=(*state.told, *around.comments(package, state)),
        counts=dict(state.counts),
        frames=tuple(around.frames(package)),
        properties=around.properties(package),
        left_out=frozenset(state.left_out),
        open_changes=state.open_changes,
    )


class _Reader:
    """Reads blocks in the order of the text, and counts them."""

    def __init__(self, state: State, numbering: Numbering) -> None:
        self.state = state
        self.numbering = numbering
        self.paragraphs = 0
        self.tables = 0
        self.waiting: list[Span] = []  # of a paragraph whose end was deleted

    def blocks(self, element: Element, *, is_nested: bool = False) -> Iterator[Block]:
        """The blocks in a body, a cell or a box."""
        for child in element:
            match child.tag:
                case "w:p":
                    yield from self.paragraph(child, is_nested=is_nested)
                case "w:tbl":
                    yield from self.table(child, is_nested=is_nested)
                case "w:sdt" if value(at(child, "w:sdtPr", "w:docPartObj"), "w:docPartGallery") == "Table of Contents":
                    self.contents(child)
                case "w:sdt" | "w:sdtContent" | "w:customXml" | "w:ins" | "w:moveTo" | "w:smartTag":
                    runs.tell_control(child, self.state)
                    yield from self.blocks(child, is_nested=is_nested)
                case "w:del" | "w:moveFrom":
                    runs.tell_change(child, self.state)
                case "mc:AlternateContent":
                    if (chosen := runs.choice(child)) is not None:
                        yield from self.blocks(chosen, is_nested=is_nested)
                case "m:oMathPara" | "m:oMath":
                    wrapped = Element("w:p")
                    wrapped.append(child)
                    yield from self.paragraph(wrapped, is_nested=is_nested)
                case "w:altChunk":
                    self.state.tell(Told.LOST, "another file that is embedded as text (altChunk)")
                case tag if tag not in runs.SILENT:
                    self.state.tell(Told.LOST, f"element {tag.rpartition('}')[2]}, unknown to qmdoc")

    def contents(self, control: Element) -> None:
        """A table of contents: a manual makes its own."""
        lines = ["".join(text.text or "" for text in each.iter("w:t")) for each in control.iter("w:p")]
        self.state.tell(Told.LEFT, f"table of contents, {len(lines)} lines: {' / '.join(filter(None, lines))}")
        self.state.leave_out(control)

    def paragraph(self, paragraph: Element, *, is_nested: bool) -> Iterator[Block]:
        """A paragraph, and the text boxes that hang on it."""
        state = self.state
        properties = paragraph.find("w:pPr")
        was_in_contents = state.is_in_contents
        if not is_nested:
            self.paragraphs += 1
            state.where = [f"paragraph {self.paragraphs}"]
        state.count("tracked changes of the look alone (not listed)", int(at(properties, "w:pPrChange") is not None))
        state.style = state.styles.style_of(paragraph)
        found = [*self.waiting, *runs.spans(paragraph, state)]
        self.waiting = []
        style = state.styles.name(state.style)
        if (was_in_contents or state.is_in_contents or re.fullmatch(r"toc \d", style, re.IGNORECASE)) and not is_nested:
            text = "".join(span.text for span in found)
            state.tell(Told.LEFT, f"line of the table of contents: {text}")
            state.leave_out(paragraph)
            return
        if kinds_in(properties, "w:rPr") & {"w:del", "w:moveFrom"}:
            self.waiting = found
            state.tell(Told.CHANGE, "the end of this paragraph was deleted: it runs on into the next")
            return
        label = self.numbering.label(paragraph)
        level = 0 if is_nested else state.styles.heading(paragraph)
        spans = tuple(span for span in found if span.text or span.picture or span.note)
        made = Paragraph(spans, label, level, _is_indented(properties), style)
        is_empty = not made.text.strip() and not any(span.picture or span.note for span in spans)
        if is_empty:
            made = replace(made, label=None if label is None or label.is_bullet else label, heading=0)
            state.count("empty paragraphs (not carried over)", int(made.label is None))
        elif level:
            state.heading = f"under “{_start(made)}”"
        self._tell_label(label)
        if not is_empty or made.label:
            yield made
        yield from self.boxes()

    def _tell_label(self, label: Label | None) -> None:
        if label and label.unknown:
            self.state.tell(
                Told.LOST, f"way of numbering `{label.unknown}`, unknown to qmdoc: {label.text} was written"
            )

    def boxes(self) -> Iterator[Block]:
        """The text boxes that hang on what was just read."""
        waiting, self.state.boxes = self.state.boxes, []
        for box in waiting:
            self.state.count("text boxes")
            self.state.tell(Told.CHANGED, "text box, put after its paragraph as a note that says so")
            yield Box(tuple(self.blocks(box, is_nested=True)), is_floating=True)

    def table(self, table: Element, *, is_nested: bool) -> Iterator[Block]:
        """A table; one of a single cell is a box."""
        state, place = self.state, self.state.where
        self.tables += not is_nested
        here = [f"table {self.tables}"] if not is_nested else [*place, "nested table"]
        state.count("nested tables" if is_nested else "tables")
        state.where = here
        if is_nested:
            state.tell(Told.CHANGED, "nested table, kept inside its cell")
        rows: list[tuple[Cell, ...]] = []
        heads = 0
        for row in _rows(table):
            if "w:del" in kinds_in(row, "w:trPr"):
                runs.tell_change(_renamed(row), state)
                continue
            if "w:ins" in kinds_in(row, "w:trPr"):
                state.tell(Told.CHANGE, f"row inserted by {_author(row)}")
            heads += is_on(row.find("w:trPr"), "w:tblHeader") is True and heads == len(rows)
            rows.append(tuple(self.cells(row, rows[-1] if rows else (), here, len(rows) + 1)))
        state.where = here
        if not rows:
            return
        state.count("rows", len(rows))
        state.count("cells", sum(not cell.covered for row in rows for cell in row))
        width = max(map(len, rows))
        square = tuple((*row, *[Cell()] * (width - len(row))) for row in rows)
        if len(square) == width == 1:
            state.tell(Told.CHANGED, "table of a single cell, written as a box")
            state.count("tables of a single cell (boxes)")
            yield Box(square[0][0].blocks, is_floating=False)
            return
        merged = sum(bool(cell.covered) for row in square for cell in row)
        if merged:
            state.tell(
                Told.CHANGED, f"merged cells were parted; cells that now say {ABOVE}, {LEFT} or nothing: {merged}"
            )
        yield Table(square, heads or self._first_row_is_head(table, square))

    def _first_row_is_head(self, table: Element, rows: tuple[tuple[Cell, ...], ...]) -> int:
        look = at(table, "w:tblPr", "w:tblLook")
        said = look is not None and (
            look.get("w:firstRow") == "1"
            or (look.get("w:firstRow") is None and re.fullmatch("..[2367abefABEF].", look.get("w:val", "")) is not None)
        )
        letters = [
            span
            for cell in rows[0]
            for block in cell.blocks
            if isinstance(block, Paragraph)
            for span in block.spans
            if span.text.strip()
        ]
        is_bold = bool(letters) and all(span.is_bold for span in letters)
        if len(rows) > 1 and (said or is_bold):
            return 1
        self.state.tell(Told.CHANGED, "table without a header row, kept without one")
        return 0

    def cells(self, row: Element, above: tuple[Cell, ...], here: list[str], number: int) -> Iterator[Cell]:
        """The cells of a row, one for each column of the grid."""
        state, column = self.state, 0
        for _ in range(_span(row.find("w:trPr"), "w:gridBefore", 0)):
            column += 1
            yield Cell()
        cells = list(inside(row, "w:tc"))
        for cell in cells:
            properties = cell.find("w:tcPr")
            span = _span(properties, "w:gridSpan", 1)
            merge = properties.find("w:vMerge") if properties is not None else None
            state.where = [*here, f"row {number}", f"column {column + 1}"]
            blocks = tuple(self.blocks(cell, is_nested=True))
            is_below = merge is not None and merge.get("w:val", "continue") != "restart" and column < len(above)
            if is_below and any(isinstance(block, (Table, Box)) or block.text.strip() for block in blocks):
                is_below = False
                state.tell(Told.CHANGED, "merged cell with letters of its own below: they stay in their row")
            yield Cell(() if is_below else blocks, ABOVE if is_below else "")
            for _ in range(span - 1):
                yield Cell(covered=ABOVE if is_below else LEFT if len(cells) > 1 else " ")
            column += span

    def notes(self) -> Iterator[tuple[Block, ...]]:
        """The footnotes and endnotes, in the order in which the text names them."""
        state = self.state
        state.where, state.heading = [], "in the notes"
        trees = {
            kind: (found, state.package.tree(found))
            for kind, part in _PARTS.items()
            for found in state.package.related(part)[:1]
        }
        for kind, identity in list(state.notes):
            part, tree = trees.get(kind, ("", None))
            rows = tree.iter(f"w:{kind}") if tree is not None else ()
            note = next((row for row in rows if row.get("w:id") == identity), None)
            state.count("footnotes and endnotes")
            if note is None:
                state.tell(Told.LOST, f"{kind} {identity}, which the file does not hold")
                yield ()
                continue
            state.part, state.relations = part, state.package.relations(part)
            yield tuple(self.blocks(note, is_nested=True))
        state.part = state.package.main

    def headings_by_look(self, blocks: tuple[Block, ...]) -> Iterator[Block]:
        """The blocks, in which bold numbered paragraphs are headings, for no style says so."""
        for block in blocks:
            level = _level_by_look(block)
            if level and isinstance(block, Paragraph):
                self.state.told.append(Note(Told.HEADING, f"level {level}: {_start(block)}", "in the text"))
                yield replace(block, heading=level)
            else:
                yield block


def _captioned(blocks: tuple[Block, ...]) -> Iterator[Block]:
    """The blocks, in which a picture without a description is described by the caption below it."""
    for block, below in zip_longest(blocks, blocks[1:]):
        has_caption = isinstance(below, Paragraph) and below.style.lower() == "caption" and below.text.strip()
        if isinstance(block, Paragraph) and has_caption and isinstance(below, Paragraph):
            words = " ".join(below.text.split())
            yield replace(block, spans=tuple(_described(span, words) for span in block.spans))
        else:
            yield block


def _described(span: Span, words: str) -> Span:
    is_bare = span.picture is not None and re.fullmatch(r"Picture \d+", span.picture.alt)
    return replace(span, picture=replace(span.picture, alt=words)) if span.picture and is_bare else span


def _level_by_look(block: Block) -> int:
    """The level of heading that a paragraph looks like; 0 when it looks like text."""
    if (
        not isinstance(block, Paragraph)
        or not 0 < len(block.text.strip()) <= 100
        or block.text.rstrip().endswith((".", ";", ","))
    ):
        return 0
    if not all(span.is_bold for span in block.spans if span.text.strip()) or "\n" in block.text.strip():
        return 0
    if block.label and not block.label.is_bullet:
        numbered = _STYLED_NUMBER.fullmatch(block.label.text)
        return min(len(numbered[1].split(".")), 5) if numbered else 0
    if typed := _TYPED_NUMBER.match(block.text.strip()):
        return min(len(typed[1].split(".")), 5)
    return int(block.text.split()[0].strip(":").casefold() in _TOP_SECTIONS and len(block.text.split()) <= 4)


def _rows(table: Element) -> Iterator[Element]:
    return inside(table, "w:tr")


def _renamed(row: Element) -> Element:
    """A deleted row as a deletion, to be told."""
    deletion = at(row, "w:trPr", "w:del")
    named = Element("w:del", dict(deletion.attrib) if deletion is not None else {})
    named.extend(list(row))
    return named


def _author(row: Element) -> str:
    insertion = at(row, "w:trPr", "w:ins")
    return insertion.get("w:author", "somebody") if insertion is not None else "somebody"


def _span(properties: Element | None, name: str, otherwise: int) -> int:
    written = value(properties, name)
    return min(int(written), 63) if written.isdigit() else otherwise


def _is_indented(properties: Element | None) -> bool:
    indent = properties.find("w:ind") if properties is not None else None
    written = (indent.get("w:left") or indent.get("w:start") or "0") if indent is not None else "0"
    return written.isdigit() and int(written) > 0


def _start(block: Paragraph) -> str:
    text = " ".join(f"{block.label.text if block.label else ''} {block.text}".split())
    return text if len(text) <= 70 else text[:69] + "…"
