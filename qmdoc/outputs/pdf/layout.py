"""What the template must know to lay a tree out: levels of headings, widths to measure, the files of pictures."""

from __future__ import annotations

import hashlib
import io
import re
import warnings
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import segno

from qmdoc import pictures
from qmdoc.errors import OutputFailed
from qmdoc.outputs.pdf.blocks import tree
from qmdoc.outputs.pdf.nodes import Node, words
from qmdoc.outputs.pdf.sheets import Sheet

LONGEST = 24  # letters of a word in a cell that stay together
SHORTEST = 6  # where the sheet has no room for whole words; a number is never parted
_JOINS, _OF_NUMBER = frozenset("/-_.@,:;=&?"), frozenset("0123456789.,")
_WIDE, _NARROW = frozenset("mwMW@%"), frozenset("fijlrtI.,:;'|!()[] ")
_WIDEST = 4  # of a column's words and lines are measured: the longest by letters
Value = dict[str, Any]  # JSON


class Files:
    """The files that lie beside the sheets, each under a name made of its bytes."""

    def __init__(self) -> None:
        """None yet."""
        self.content: dict[str, bytes] = {}

    def add(self, content: bytes, suffix: str) -> str:
        """The name under which the template finds it."""
        name = f"{hashlib.sha256(content).hexdigest()[:32]}.{suffix}"
        self.content[name] = content
        return name


def sheet(told: Sheet, pages: Mapping[str, str], files: Files) -> tuple[Value, list[str]]:
    """A document's sheets as the template reads them, and the labels of its headings; `pages` has where a link leads to each in force.

    Raises OutputFailed for a picture or a formula that can't be shown.
    """
    blocks = [node.value() for node in tree(told.source, pages)]
    level, labels = 1, list[str]()
    for value in _every(blocks):
        if value["kind"] == "heading":
            level = value["shown-level"] = max(2, min(int(value["level"]), level + 1))
            labels += filter(None, [value["label"]])
        elif value["kind"] == "table":
            _measure(value)
        elif value["kind"] == "bullets":
            value["tight"] = all(len(item["children"]) <= 1 for item in value["children"])
        elif value["kind"] == "picture":
            value["file"] = _picture(value, told, files)
        elif value["kind"] == "formula":
            drawn, value["points"] = _formula(value["text"], told)
            value["file"] = files.add(drawn, "svg")
    return told.value() | {"blocks": blocks, "qr": files.add(_square(told.qr), "svg")}, labels


def _every(values: Iterable[Value]) -> Iterable[Value]:
    for value in values:
        yield value
        yield from _every(value["children"])


def _measure(table: Value) -> None:
    """Notes the longest words and lines of each column, and which rows are blank to be written in by hand."""
    rows = [row for row in table["children"] if row["kind"] == "row"]
    columns: list[Value] = [
        {"words": [], "heads": [], "lines": [], "pieces": [], "bold-pieces": [], "is-blank": False}
        for _ in range(table["columns"])
    ]
    body = rows[table["heads"] :]
    for at, row in enumerate(rows):
        for column, cell in enumerate(row["children"]):
            shown = _shown(cell)
            cell["letters"] = len(shown)
            is_bold = at < table["heads"] or column < table["stubs"]
            columns[column]["heads" if is_bold else "words"] += [word[:LONGEST] for word in shown.split()]
            columns[column]["lines"] += shown.split("\n")
            columns[column]["bold-pieces" if is_bold else "pieces"] += [
                piece for word in shown.split() for piece in _pieces(word)
            ]
    for measured in columns:
        for name in ("words", "heads", "lines"):
            found = measured[name]
            measured[name] = sorted(set(found), key=lambda each: (-len(each), each))[:_WIDEST]
        for name in ("pieces", "bold-pieces"):
            measured[name] = sorted(set(measured[name]), key=lambda each: (-_width(each), each))[:_WIDEST]
    for link in _every(rows[: table["heads"]]):
        link["to"] = ""  # a head that comes again on the next sheet may not hold a link (PDF/UA-1)
    table["measured"], table["longest"], table["shortest"] = columns, LONGEST, SHORTEST
    blank = [[not cell["letters"] for cell in row["children"]] for row in body]
    table["is-form"] = any(map(any, blank))
    for measured, cells in zip(columns, zip(*blank, strict=True), strict=False):
        measured["is-blank"] = all(cells)


def _pieces(word: str) -> Iterator[str]:
    """The pieces in which the template sets a word that has no room."""
    piece = ""
    for letter, follows in zip(word, f"{word[1:]} ", strict=True):
        piece += letter
        is_number = letter in _OF_NUMBER and follows in _OF_NUMBER
        if (letter in _JOINS or len(piece) >= SHORTEST) and not is_number:
            yield piece
            piece = ""
    if piece:
        yield piece


def _width(letters: str) -> float:
    """About how wide letters are, to know which pieces are worth measuring."""
    return sum(1.6 if each in _WIDE else 0.6 if each in _NARROW else 1.2 if each.isupper() else 1 for each in letters)


def _shown(value: Value) -> str:
    return words((_node(value),)) if value["children"] else str(value["text"])


def _node(value: Value) -> Node:
    told = {name: each for name, each in value.items() if name in ("number", "mark")}
    return Node(value["kind"], value["text"], tuple(_node(child) for child in value["children"]), told)


def _picture(value: Value, told: Sheet, files: Files) -> str:
    name = str(value["name"])
    suffix = pictures.kind(name)
    if suffix is None:
        raise OutputFailed(
            f"{told.where(name)}: the picture {name} is of a kind that no PDF holds",
            fix="make it a PNG, JPEG or SVG, and have the document approved",
        )
    return files.add(told.source.attachments[name.partition("/")[2]], suffix)


def _formula(source: str, told: Sheet) -> tuple[bytes, float]:
    """A formula drawn as curves, and its width in points; the source stays with it for screen readers."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of ziamath, about how it finds its own font
        import ziamath
    try:
        drawn = ziamath.Latex(source, size=15).svg()
    except Exception as error:  # ziamath and latex2mathml raise whatever they stumble over, assertions too
        where, why = told.where(source.strip().split("\n")[0]), str(error) or type(error).__name__
        raise OutputFailed(
            f"{where}: the formula `{' '.join(source.split())}` can't be drawn: {why}",
            fix="write it with plain commands and matching braces, and have the document approved",
        ) from error
    width = re.search(r'\bwidth="([0-9.]+)"', drawn)
    return drawn.encode(), min(float(width[1]) * 0.75 if width else 200.0, 470.0)


def _square(content: str) -> bytes:
    made = io.BytesIO()
    segno.make(content or "-", error="m", micro=False).save(made, kind="svg", border=2, xmldecl=False, svgns=True)
    return made.getvalue()
