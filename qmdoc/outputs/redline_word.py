"""A redline as a Word file with real tracked changes: accepting all gives the new text, rejecting all the old one.

The author of the changes is always the same words, their day is an argument: same redline, same bytes. What was moved
is deleted in one place and inserted in the other, as readers other than Word know no more.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from qmdoc.model import UNPRINTABLE
from qmdoc.outputs.redline_text import Head, is_now, says, target, was
from qmdoc.redline import Change, Kind, Part, Redline, Run, Word, WordKind

AUTHOR = "qmdoc comparison"
_GONE = (Change.DELETED, Change.MOVED_AWAY)
_NEW = (Change.INSERTED, Change.MOVED_HERE)
_INDENT = 360  # twentieths of a point for each level of a list


def docx(redline: Redline, head: Head, *, day: date) -> bytes:
    """The Word file; `day` is the date that the changes bear."""
    import docx as word  # heavy, and needed here only

    document = word.Document()
    properties = document.core_properties
    properties.title, properties.author, properties.last_modified_by = str(head), "qmdoc", "qmdoc"
    properties.created = properties.modified = datetime(day.year, day.month, day.day)  # noqa: DTZ001 (python-docx takes no zone)
    document.add_heading(f"{head.number} {head.title}", 0)
    document.add_paragraph(f"What changed from {head.old} to {head.new}. Uncontrolled when printed.")
    _add_numbers(document, redline)
    if redline.body.change is Change.SAME:
        document.add_paragraph(says(redline))
    writer = _Writer(document, day)
    for part in redline.body.children:
        writer.part(part, 0)
    return _settled(document)


def _add_numbers(document: Any, redline: Redline) -> None:  # Any: python-docx's own type
    rows = [(was(each), is_now(each), each.unit, each.subject, each.section) for each in redline.numbers]
    _add_table(document, "Numbers changed", ("Was", "Is now", "Unit", "What", "Section"), rows)
    beside = [(each.name.replace("_", " "), each.was or "none", each.is_ or "none") for each in redline.fields]
    beside += [
        (f"attachment {each.name}", each.was[:12] or "not there", each.is_[:12] or "not there")
        for each in redline.attachments
    ]
    _add_table(document, "Also changed", ("What", "Was", "Is now"), beside)


def _add_table(document: Any, title: str, heads: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> None:
    held = list(rows)
    if not held:
        return
    document.add_heading(title, 2)
    table = document.add_table(rows=0, cols=len(heads), style="Table Grid")
    for row in (heads, *held):
        made = table.add_row()
        _keep_whole(made, is_head=row is heads)
        for cell, words in zip(made.cells, row, strict=True):
            cell.text = UNPRINTABLE.sub("\ufffd", words)
    for paragraph in (paragraph for cell in table.rows[0].cells for paragraph in cell.paragraphs):
        for run in paragraph.runs:
            run.bold = True
    document.add_paragraph()


def _keep_whole(row: Any, *, is_head: bool) -> None:
    """No row is cut by the end of a sheet, and the head stands on each: else a limit loses its column."""
    from docx.oxml import OxmlElement

    properties = row._tr.get_or_add_trPr()
    properties.append(OxmlElement("w:cantSplit"))
    if is_head:
        properties.append(OxmlElement("w:tblHeader"))


class _Writer:
    """Writes parts into a Word document, and numbers the tracked changes."""

    def __init__(self, document: Any, day: date) -> None:  # Any: python-docx's own types, here and below
        from docx.oxml import OxmlElement
        from docx.oxml.ns import qn

        self.document, self.element, self.name = document, OxmlElement, qn
        self.when, self.changes = f"{day}T00:00:00Z", 0

    def part(self, part: Part, depth: int, place: Any = None) -> None:
        """A part and what lies in it, into the document or a cell (`place`)."""
        place = place if place is not None else self.document
        if part.kind is Kind.TABLE and part.children:
            self.table(part, place)
            return
        if part.kind is Kind.BOX:
            self.box_title(part, depth, place)
        children = list(part.children)
        first = children.pop(0) if part.kind is Kind.ITEM and children and children[0].kind is Kind.PARAGRAPH else None
        if part.runs or first or part.kind is Kind.ITEM:
            self.paragraph(part, first.runs if first else part.runs, depth, place)
        deeper = depth + (part.kind in (Kind.LIST, Kind.BOX, Kind.QUOTE, Kind.FIGURE))
        for child in children:
            self.part(child, deeper, place)

    def paragraph(self, part: Part, runs: tuple[Run, ...], depth: int, place: Any) -> None:
        style = f"Heading {min(9, int(part.name))}" if part.kind is Kind.HEADING else None
        paragraph = place.add_paragraph(style=style)
        if depth:
            paragraph.paragraph_format.left_indent = _INDENT * 635 * depth
        if part.change in (*_GONE, *_NEW):
            self.track_mark(paragraph, part.change)
        if part.kind is Kind.ITEM:
            self.item_number(paragraph, part)
        self.runs(paragraph, runs)

    def item_number(self, paragraph: Any, part: Part) -> None:
        """A step's number is text, so that both numbers of a renumbered step are there."""
        old, new = (f"{name}. " if name else "• " for name in (part.name_old, part.name_new))
        if part.line_old is not None and part.line_new is not None and old == new:
            self.text(paragraph, new, "", None)
            return
        if part.line_old is not None:
            self.text(paragraph, old, "", Change.DELETED)
        if part.line_new is not None:
            self.text(paragraph, new, "", Change.INSERTED)

    def box_title(self, part: Part, depth: int, place: Any) -> None:
        paragraph = place.add_paragraph()
        if depth:
            paragraph.paragraph_format.left_indent = _INDENT * 635 * depth
        if part.change in (*_GONE, *_NEW):
            self.track_mark(paragraph, part.change)
        if part.line_old is not None and part.line_new is not None and part.name_old == part.name_new:
            self.text(paragraph, part.name.upper(), "strong", None)
            return
        if part.line_old is not None:
            self.text(paragraph, part.name_old.upper(), "strong", Change.DELETED)
        if part.line_new is not None:
            self.text(
                paragraph,
                f" {part.name_new.upper()}" if part.line_old else part.name_new.upper(),
                "strong",
                Change.INSERTED,
            )

    def table(self, part: Part, place: Any) -> None:
        """Cell under cell; a cell of one text only stays in its column, and a row of one text only is tracked whole."""
        rows = [(row, _cells(row, _layout(part))) for row in part.children]
        width = max(len(cells) for _, cells in rows)
        if not width:
            return
        table = place.add_table(0, width) if place is self.document else place.add_table(rows=0, cols=width)
        if place is self.document:
            table.style = "Table Grid"
        for row, cells in rows:
            made = table.add_row()
            _keep_whole(made, is_head=row.name == "head")
            if row.change in (*_GONE, *_NEW):
                self.mark(made._tr.get_or_add_trPr(), row.change)
            for cell, held in zip(made.cells, cells, strict=False):
                if held is not None:
                    self.cell(cell, held)
        place.add_paragraph()

    def cell(self, cell: Any, held: Part) -> None:
        self.runs(cell.paragraphs[0], held.runs)
        for child in held.children:
            self.part(child, 0, cell)

    def runs(self, paragraph: Any, runs: tuple[Run, ...]) -> None:
        is_first, is_after_change = True, False
        for run in runs:
            change = run.change if run.change in (Change.INSERTED, Change.DELETED) else None
            for number, word in enumerate(run.words):
                is_gap = word.is_apart or (number == 0 and change is not None and is_after_change)
                self.text(paragraph, (" " if is_gap and not is_first else "") + _shown(word), word.style, change)
                is_first = False
            is_after_change = change is not None

    def text(self, paragraph: Any, words: str, style: str, change: Change | None) -> None:
        run = paragraph.add_run(UNPRINTABLE.sub("\ufffd", words))
        styles = set(style.replace("|", "+").split("+"))
        run.bold, run.italic = "strong" in styles or None, "em" in styles or None
        if "code" in styles:
            run.font.name = "Courier New"
        if change is None:
            return
        wrapper = self.wrapper(change)
        run._r.addprevious(wrapper)
        wrapper.append(run._r)
        if change is Change.DELETED:
            for text in run._r.findall(self.name("w:t")):
                text.tag = self.name("w:delText")

    def wrapper(self, change: Change) -> Any:
        made = self.element("w:del" if change in _GONE else "w:ins")
        self.changes += 1
        made.set(self.name("w:id"), str(self.changes))
        made.set(self.name("w:author"), AUTHOR)
        made.set(self.name("w:date"), self.when)
        return made

    def mark(self, properties: Any, change: Change) -> None:
        properties.append(self.wrapper(change))

    def track_mark(self, paragraph: Any, change: Change) -> None:
        """The end of a paragraph is tracked too, so that accepting or rejecting leaves no empty one."""
        properties = paragraph._p.get_or_add_pPr()
        marks = self.element("w:rPr")
        marks.append(self.wrapper(change))
        properties.append(marks)


def _layout(table: Part) -> list[Change]:
    """The columns of both texts, as the row with the most of them has them."""
    both = [row for row in table.children if row.change in (Change.SAME, Change.CHANGED)]
    widest = max(both, key=lambda row: len(row.children), default=None)
    return [cell.change for cell in widest.children] if widest else []


def _cells(row: Part, layout: list[Change]) -> list[Part | None]:
    """The cells of a row in the columns of both texts; a row of one text only has none in the other's columns."""
    if row.change in (Change.SAME, Change.CHANGED) or not layout:
        return list(row.children)
    missing = Change.INSERTED if row.change in _GONE else Change.DELETED
    held, made = list(row.children), list[Part | None]()
    for change in layout:
        made.append(None if change is missing or not held else held.pop(0))
    return [*made, *held]


def _shown(word: Word) -> str:
    return target(word) if word.kind in (WordKind.TARGET, WordKind.CLAUSE) else word.text


def _settled(document: Any) -> bytes:
    """The file without clock or machine in it."""
    written, made = io.BytesIO(), io.BytesIO()
    document.save(written)
    with zipfile.ZipFile(written) as source, zipfile.ZipFile(made, "w") as archive:
        for name in sorted(source.namelist(), key=lambda name: (name != "[Content_Types].xml", name)):
            row = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            row.create_system, row.external_attr, row.compress_type = 3, 0o600 << 16, zipfile.ZIP_DEFLATED
            archive.writestr(row, source.read(name))
    return made.getvalue()
