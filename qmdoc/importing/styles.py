"""The styles of a Word file: what a paragraph or a run has by its style, and what is set on itself."""

from __future__ import annotations

import re
from xml.etree.ElementTree import Element

_HEADING = re.compile(r"heading ?([1-9])", re.IGNORECASE)


def value(element: Element | None, name: str) -> str:
    """The value of a child such as `<w:start w:val="1"/>`; empty when there is none."""
    child = element.find(name) if element is not None else None
    return child.get("w:val", "") if child is not None else ""


def at(element: Element | None, *names: str) -> Element | None:
    """The first child of that name, of its first child of the next name, and so on."""
    for name in names:
        element = element.find(name) if element is not None else None
    return element


def kinds_in(element: Element | None, *names: str) -> frozenset[str]:
    """The tags of the children of what `at` finds."""
    found = at(element, *names)
    return frozenset(child.tag for child in found) if found is not None else frozenset()


def is_on(properties: Element | None, name: str) -> bool | None:
    """Whether a switch such as `<w:b/>` is set on or off; None when it isn't set here."""
    child = properties.find(name) if properties is not None else None
    return None if child is None else child.get("w:val", "1") not in ("0", "false", "off", "none")


class Styles:
    """The styles by id, each with those that it is based on."""

    def __init__(self, tree: Element | None) -> None:
        self.by_id = {row.get("w:styleId", ""): row for row in tree.iter("w:style")} if tree is not None else {}
        self.standard = next(
            (
                key
                for key, row in self.by_id.items()
                if row.get("w:type") == "paragraph" and row.get("w:default") in ("1", "true")
            ),
            "",
        )
        self.chains: dict[str, tuple[Element, ...]] = {}

    def style_of(self, paragraph: Element) -> str:
        """The id of a paragraph's style."""
        return value(paragraph.find("w:pPr"), "w:pStyle") or self.standard

    def chain(self, style: str) -> tuple[Element, ...]:
        """A style and those it is based on, nearest first."""
        if style not in self.chains:
            rows: list[Element] = []
            name = style
            while name in self.by_id and self.by_id[name] not in rows:
                rows.append(self.by_id[name])
                name = value(rows[-1], "w:basedOn")
            self.chains[style] = tuple(rows)
        return self.chains[style]

    def name(self, style: str) -> str:
        """A style's name as Word knows it in every language."""
        return value(self.by_id.get(style), "w:name") or style

    def heading(self, paragraph: Element) -> int:
        """The outline level of a paragraph, 1 to 9; 0 for plain text."""
        own = value(paragraph.find("w:pPr"), "w:outlineLvl")
        style = self.style_of(paragraph)
        if own:
            return _outline(own)
        for row in self.chain(style):
            if match := _HEADING.fullmatch(value(row, "w:name")):
                return int(match[1])
            if level := value(row.find("w:pPr"), "w:outlineLvl"):
                return _outline(level)
        return int(match[1]) if not self.chain(style) and (match := _HEADING.fullmatch(style)) else 0

    def list_of(self, paragraph: Element) -> tuple[str, int | None]:
        """The number of the list to which a paragraph belongs, and its level where it is said."""
        own = at(paragraph, "w:pPr", "w:numPr")
        number, level = value(own, "w:numId"), value(own, "w:ilvl")
        by_style = self.list_of_style(self.style_of(paragraph))
        if number:
            return number, int(level) if level.isdigit() else by_style[1] if by_style[0] == number else 0
        return by_style[0], int(level) if level.isdigit() else by_style[1]

    def list_of_style(self, style: str) -> tuple[str, int | None]:
        """The same for a style."""
        level = None
        for row in self.chain(style):
            properties = at(row, "w:pPr", "w:numPr")
            if level is None and (written := value(properties, "w:ilvl")).isdigit():
                level = int(written)
            if number := value(properties, "w:numId"):
                return number, level
        return "", None

    def run(self, run: Element, paragraph_style: str, name: str) -> bool:
        """Whether a switch is on for a run: set on itself, by its style, or by its paragraph's."""
        own = run.find("w:rPr")
        if (found := is_on(own, name)) is not None:
            return found
        for style in (value(own, "w:rStyle"), paragraph_style):
            for row in self.chain(style) if style else ():
                if (found := is_on(row.find("w:rPr"), name)) is not None:
                    return found
        return False

    def font(self, run: Element, paragraph_style: str) -> str:
        """The font of a run's plain letters; empty where only the theme says."""
        own = run.find("w:rPr")
        styles = [row for name in (value(own, "w:rStyle"), paragraph_style) if name for row in self.chain(name)]
        for properties in (own, *(row.find("w:rPr") for row in styles)):
            fonts = properties.find("w:rFonts") if properties is not None else None
            if fonts is not None and (font := fonts.get("w:ascii") or fonts.get("w:hAnsi")):
                return font
        return ""

    def height(self, run: Element) -> str:
        """`superscript`, `subscript` or empty: whether a run stands above or below the line."""
        own = run.find("w:rPr")
        rows = (own, *(row.find("w:rPr") for row in self.chain(value(own, "w:rStyle"))))
        for properties in rows:
            if written := value(properties, "w:vertAlign"):
                return written if written != "baseline" else ""
            moved = value(properties, "w:position")
            if moved.lstrip("-").isdigit() and abs(int(moved)) >= 4:
                return "superscript" if int(moved) > 0 else "subscript"
        return ""


def _outline(level: str) -> int:
    return int(level) + 1 if level.isdigit() and int(level) < 9 else 0
