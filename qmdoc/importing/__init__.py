"""Word procedures become documents: text, pictures, front matter, and a report of whatever did not come along as it was.

No converter was found that keeps Word's numbers, signs and text boxes and says what it drops
(docs/decisions/0006-word-files-are-read-by-ourselves.md), so this reads the file itself, with the standard library alone.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from qmdoc import documents, markup
from qmdoc.errors import ImportFailed
from qmdoc.importing import comparing, front, head, package, reading, report, rereading
from qmdoc.importing.front import Wish
from qmdoc.importing.markdown import Writer
from qmdoc.importing.nouns import Content, Note, Paragraph, Picture, Table, Told
from qmdoc.importing.numbering import Numbering
from qmdoc.importing.state import SHOWN
from qmdoc.importing.styles import Styles

__all__ = ["Imported", "Wish", "convert"]

_NOTES = "## Notes of the Word file"


@dataclass(frozen=True, slots=True)
class Imported:
    """A document made from a Word file: its number, its files by name, its report, what is wrong and what is open."""

    number: str
    name: str
    files: Mapping[str, bytes]
    report: str
    differences: tuple[str, ...]
    open_places: int


@dataclass(slots=True)
class _Pictures:
    """Where pictures are kept: one file for each content, named by what it shows."""

    number: str
    names: dict[str, str] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)

    def place(self, picture: Picture) -> str:
        """The path of a picture below the document's folder."""
        digest = hashlib.sha256(picture.content).hexdigest()
        if digest not in self.names:
            words = "-".join(head.slug(picture.alt).split("-")[:6])[:50].strip("-")
            count = len(self.names) + 1
            name = f"picture-{count}" if not words or words == f"picture-{count}" else f"picture-{count}-{words}"
            self.names[digest] = f"{self.number}/{name}{picture.suffix}"
            self.files[self.names[digest]] = picture.content
        return self.names[digest]


def convert(file_name: str, content: bytes, wish: Wish) -> Imported:
    """The document that a Word file becomes. Same file, same wish, same bytes. Raises ImportFailed."""
    word = package.read(file_name, content)
    read = reading.read(word)
    found = head.read(read, file_name)
    made = front.draw_up(found, wish)
    number = made.keys["id"]
    name = (
        f"{number}-{head.slug(found.found['title'].value)[:60].strip('-') if 'title' in found.found else ''}".rstrip(
            "-"
        )
        + ".md"
    )
    pictures = _Pictures(number)
    writer = Writer(pictures.place)
    body, comparable = _body(read, found.taken, writer, Writer(pictures.place))
    comparison = comparing.compare(_text_of(word, read), comparable)
    unshown = [path for path in pictures.files if not path.endswith(SHOWN)]
    places = (*made.open, *_places(read, comparison.differences, unshown))
    text = f"{made.text}\n{_preface(file_name, places)}{body}\n"
    _refuse_unsafe(file_name, text, name)
    told = (
        *read.told,
        *_taken(read, found.taken),
        *(Note(Told.FRAME, line, "") for line in read.frames),
        *_unshown(unshown),
    )
    counted = _counted(read, writer, found.taken)
    written = report.text((file_name, name), made.settled, told, counted, comparison)
    files = {name: text.encode(), **pictures.files}
    return Imported(number, name, files, written, comparison.differences, len(markup.read(text).local_values))


def _text_of(word: package.Package, read: Content) -> str:
    """The Word file's text, by the second reading."""
    parts = {kind: word.tree(found[0]) for kind in ("styles", "numbering") if (found := word.related(kind))}
    styles = Styles(parts.get("styles"))
    return rereading.text_of(word, read, Numbering(parts.get("numbering"), styles), styles)


def _body(read: Content, taken: Sequence[int], writer: Writer, other: Writer) -> tuple[str, str]:
    """The text of the document; and the same with what was taken from its top and without headings of our own."""
    top = max(taken, default=-1) + 1
    kept = [block for position, block in enumerate(read.blocks[:top]) if position not in taken]
    first, rest = writer.write(kept), writer.write(read.blocks[top:])
    notes = "\n".join(_notes(read, writer))
    body = "\n\n".join(filter(None, (first, rest, f"{_NOTES}\n\n{notes}" if notes else "")))
    comparable = "\n\n".join(filter(None, (other.write(read.blocks[:top]), rest)))
    return body, f"{comparable}\n\n***\n\n{notes}"


def _notes(read: Content, writer: Writer) -> Iterator[str]:
    for number, blocks in enumerate(read.notes, start=1):
        mark = f"{number}. "
        text = writer.write(blocks)
        yield mark + text.replace("\n", "\n" + " " * len(mark)) if text else mark.strip()


def _places(read: Content, differences: Sequence[str], unshown: Sequence[str]) -> Iterator[str]:
    """What must be settled before anybody may sign, beside the front matter."""
    if differences:
        yield "words or numbers differ from the Word file, as the report of the import says; compare both word for word"
    if read.open_changes:
        yield f"{read.open_changes} tracked changes were open in the Word file and were taken as accepted; see the report"
    lost = sum(note.about is Told.LOST for note in read.told)
    if lost:
        yield f"{lost} things of the Word file could not be carried over; see the report"
    for path in unshown:
        yield f"no browser shows the picture {path}; save it as PNG and name it in the text"


def _preface(file_name: str, places: Sequence[str]) -> str:
    """A box at the top with what is to be settled; a document with such places can't be signed."""
    if not places:
        return ""
    rows = "\n".join(f"- [[local: {' '.join(_harmless(place).split())}]]" for place in places)
    return f"```{{important}}\nImported from a Word file. Settle these places, then delete this box.\n\n{rows}\n```\n\n"


def _harmless(text: str) -> str:
    """Words of a Word file as they may stand inside a place to settle."""
    kept = "".join(letter if letter.isalnum() or letter in " .,;:/()-_%°±≥≤" else " " for letter in text)
    return kept.replace("_", r"\_")


def _refuse_unsafe(file_name: str, text: str, name: str) -> None:
    """Raises ImportFailed where the document could not stand among the others; it never should."""
    parsed = documents.parse(name, text.encode())
    faults = parsed.faults if isinstance(parsed, documents.Unreadable) else (*parsed.faults, *parsed.markup().unsafe)
    if faults:
        first = faults[0]
        raise ImportFailed(
            f"{file_name} can't become a document: line {first.line} of it would hold {first.message}",
            fix=f"in Word, {first.fix}" if first.fix else "simplify this place in Word",
        )


def _taken(read: Content, taken: Sequence[int]) -> Iterator[Note]:
    for position in taken:
        block = read.blocks[position]
        if isinstance(block, Paragraph):
            yield Note(Told.LEFT, f"title, now in the front matter: {' '.join(block.text.split())}", "")
        elif isinstance(block, Table):
            for row in block.rows:
                cells = [" ".join(cell.text.split()) for cell in row if not cell.covered]
                yield Note(Told.LEFT, f"row of the control table: {' | '.join(cells)}", "")


def _unshown(paths: Sequence[str]) -> Iterator[Note]:
    return (Note(Told.LOST, f"picture {path}: kept as a file, but no browser shows its format", "") for path in paths)


def _counted(read: Content, writer: Writer, taken: Sequence[int]) -> dict[str, tuple[int | None, int | None]]:
    """What was counted on both sides; a table that was taken into the front matter counts as carried over."""
    tables = [block for position in taken if isinstance(block := read.blocks[position], Table)]
    counts = dict(read.counts)
    boxes = counts.get("tables of a single cell (boxes)", 0)
    given = {
        "tables": counts.pop("tables", 0) + counts.pop("nested tables", 0),
        "rows": counts.pop("rows", 0),
        "cells": counts.pop("cells", 0),
        "images": counts.pop("images", 0),
        "text boxes": counts.pop("text boxes", 0),
        "footnotes and endnotes": counts.pop("footnotes and endnotes", 0),
    }
    made = {
        "tables": writer.tables + boxes + len(tables),
        "rows": writer.rows + boxes + sum(len(table.rows) for table in tables),
        "cells": writer.cells + boxes + sum(not cell.covered for table in tables for row in table.rows for cell in row),
        "images": writer.pictures,
        "text boxes": writer.boxes,
        "footnotes and endnotes": len(read.notes),
    }
    once = {
        "comments": (counts.pop("comments", 0), 0),
        "tracked changes": (counts.pop("tracked changes", 0), 0),
    }
    return {
        **once,
        **{name: (given[name], made[name]) for name in given},
        **{name: (counts[name], None) for name in sorted(counts)},
    }
