"""The letters of a Word file, read a second time: from the raw XML, without blocks, to be compared with the document."""

from __future__ import annotations

import re
from xml.etree.ElementTree import Element

from qmdoc.importing import symbols
from qmdoc.importing.nouns import UNKNOWN_SIGN, Content
from qmdoc.importing.numbering import Numbering
from qmdoc.importing.package import Package
from qmdoc.importing.runs import GRAPHICS, choice, equation
from qmdoc.importing.styles import Styles, at, kinds_in
from qmdoc.model import is_unprintable

_GONE = ("w:del", "w:moveFrom", "w:pPr", "w:rPr", "w:instrText", "w:delText", "w:sdtPr", "w:trPr", "w:tcPr", "w:tblPr")


def text_of(package: Package, content: Content, numbering: Numbering, styles: Styles) -> str:
    """The text that a Word file shows once all changes are accepted, without what was left out on purpose."""
    reader = _Text(numbering, styles, content.left_out)
    tree = package.tree(package.main)
    reader.read(tree if tree is not None else Element("w:body"))
    trees = [package.tree(part) for kind in ("footnotes", "endnotes") for part in package.related(kind)[:1]]
    kinds = {tag: tree for tree in trees if tree is not None for tag in {each.tag for each in tree}}
    for number, (tag, identity) in enumerate(list(reader.notes), start=1):
        before = len(reader.lines)
        for note in kinds.get(f"w:{tag}", ()):
            if note.get("w:id") == identity:
                reader.read(note)
        if before < len(reader.lines):
            reader.lines[before] = f"{number}. {reader.lines[before].lstrip()}"
        else:
            reader.lines.append(f"{number}. ")
    return "\n".join(reader.lines)


class _Text:
    """Walks XML from front to back and takes the letters."""

    def __init__(self, numbering: Numbering, styles: Styles, left_out: frozenset[int]) -> None:
        self.numbering, self.styles, self.left_out = numbering, styles, left_out
        self.lines: list[str] = []
        self.line = ""
        self.fields: list[bool] = []
        self.notes: dict[tuple[str, str], None] = {}
        self.boxes: list[Element] = []
        self.style = ""

    def read(self, element: Element) -> None:
        """Everything below an element."""
        for child in element:
            if id(child) in self.left_out:
                self.fields_of(child)
            elif child.tag == "w:p":
                self.paragraph(child)
            elif child.tag == "w:tr" and at(child, "w:trPr", "w:del") is not None:
                continue
            elif child.tag == "mc:AlternateContent":
                if (chosen := choice(child)) is not None:
                    self.read(chosen)
            elif child.tag in ("m:oMath", "m:oMathPara"):
                self.line += equation(child)
                self.lines.append(self.line)
                self.line = ""
            elif child.tag not in _GONE:
                self.read(child)

    def fields_of(self, element: Element) -> None:
        for char in element.iter("w:fldChar"):
            self.field(char)

    def paragraph(self, paragraph: Element) -> None:
        is_joined = bool(kinds_in(paragraph, "w:pPr", "w:rPr") & {"w:del", "w:moveFrom"})
        self.style = self.styles.style_of(paragraph)
        before, self.line = self.line, ""
        self.letters(paragraph)
        self.line = before + self.line
        if is_joined:
            return
        label = self.numbering.label(paragraph)
        if label and not label.is_bullet:
            self.line = f"{label.text} {self.line}"
        self.lines.append(self.line)
        self.line = ""
        boxes, self.boxes = self.boxes, []
        for box in boxes:
            self.read(box)

    def letters(self, element: Element) -> None:
        for child in element:
            if id(child) in self.left_out:
                self.fields_of(child)
            elif child.tag in _GONE:
                continue
            elif child.tag == "w:r":
                self.run(child)
            elif child.tag in ("m:oMath", "m:oMathPara"):
                self.line += equation(child)
            elif child.tag == "mc:AlternateContent":
                if (chosen := choice(child)) is not None:
                    self.letters(chosen)
            else:
                self.letters(child)

    def run(self, run: Element) -> None:
        before, self.line = self.line, ""
        font = self.styles.font(run, self.style)
        self.pieces(run, font)
        height = self.styles.height(run)
        moved = {"superscript": symbols.raised, "subscript": symbols.lowered}.get(height, str)
        self.line = before + moved(self.line)

    def pieces(self, element: Element, font: str) -> None:
        for child in element:
            if child.tag == "w:fldChar":
                self.field(child)
            elif any(self.fields):
                continue
            elif child.tag == "w:t":
                self.line += self.written(child.text or "", font)
            elif child.tag == "w:sym":
                self.line += self.sign(child.get("w:font", ""), _code(child.get("w:char", "0")))
            elif child.tag in ("w:tab", "w:ptab", "w:br", "w:cr"):
                self.line += " "
            elif child.tag == "w:noBreakHyphen":
                self.line += "\u2011"
            elif child.tag in ("w:footnoteReference", "w:endnoteReference"):
                self.notes[child.tag[2:].removesuffix("Reference"), child.get("w:id", "")] = None
                self.line += " "
            elif child.tag in GRAPHICS:
                self.graphics(child)
            elif child.tag == "mc:AlternateContent":
                if (chosen := choice(child)) is not None:
                    self.pieces(chosen, font)
            elif child.tag in ("w:ruby", "w:rubyBase", "w:r"):
                self.pieces(child, font)

    def graphics(self, element: Element) -> None:
        for child in element:
            if child.tag == "w:txbxContent":
                self.boxes.append(child)
            elif child.tag == "mc:AlternateContent":
                if (chosen := choice(child)) is not None:
                    self.graphics(chosen)
            else:
                self.graphics(child)

    def field(self, char: Element) -> None:
        kind = char.get("w:fldCharType")
        if kind == "begin":
            self.fields.append(True)
            box = at(char, "w:ffData", "w:checkBox")
            if box is not None:
                state = box.find("w:checked") if box.find("w:checked") is not None else box.find("w:default")
                self.line += "☒" if state is not None and state.get("w:val", "1") not in ("0", "false") else "☐"
        elif kind == "separate" and self.fields:
            self.fields[-1] = False
        elif kind == "end" and self.fields:
            self.fields.pop()

    def written(self, text: str, font: str) -> str:
        shown = ""
        for letter in text:
            is_own = "\uf000" <= letter <= "\uf0ff" or (symbols.has_own_codes(font) and not letter.isspace())
            if is_own:
                shown += self.sign(font if symbols.has_own_codes(font) else "Symbol", ord(letter))
            elif letter in "\t\n\u2028\u2029":
                shown += " "
            elif not is_unprintable(letter):
                shown += letter
        return shown

    @staticmethod
    def sign(font: str, code: int) -> str:
        if not symbols.has_own_codes(font) and not 0xE000 <= code <= 0xF8FF and code >= 0x20:
            return chr(code)
        return symbols.sign(font, code) or UNKNOWN_SIGN.format(font="?", code="?")


def _code(written: str) -> int:
    return int(written, 16) if re.fullmatch(r"[0-9A-Fa-f]{1,5}", written) else 0
