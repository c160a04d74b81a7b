"""Where the reader of a Word file stands: the place in the text, open fields, what was told and counted so far."""

from __future__ import annotations

from collections.abc import Iterable
from xml.etree.ElementTree import Element

from qmdoc.importing.nouns import Counts, Note, Picture, Told
from qmdoc.importing.package import Package, Relation
from qmdoc.importing.styles import Styles

_SUFFIXES = {
    b"\x89PNG": ".png",
    b"\xff\xd8\xff": ".jpg",
    b"GIF8": ".gif",
    b"RIFF": ".webp",
    b"\x01\x00\x00\x00": ".emf",
    b"\xd7\xcd\xc6\x9a": ".wmf",
    b"II*\x00": ".tiff",
    b"MM\x00*": ".tiff",
    b"BM": ".bmp",
}
SHOWN = (".png", ".jpg", ".gif", ".webp")


class State:
    """One for each file; the part that is being read changes with the notes."""

    def __init__(self, package: Package, styles: Styles) -> None:
        self.package = package
        self.styles = styles
        self.part = package.main
        self.relations: dict[str, Relation] = package.relations(package.main)
        self.style = ""
        self.heading = "before the first heading"
        self.where: list[str] = []
        self.told: list[Note] = []
        self.counts = Counts()
        self.left_out: set[int] = set()
        self.notes: list[tuple[str, str]] = []
        self.boxes: list[Element] = []
        self.open_changes = 0
        self.fields: list[list[str | bool]] = []

    @property
    def place(self) -> str:
        """The place in the Word file, in words."""
        return ", ".join((self.heading, *self.where))

    def tell(self, about: Told, text: str) -> None:
        """Tells one thing, at the place where the reader stands."""
        self.open_changes += about is Told.CHANGE
        self.told.append(Note(about, " ".join(text.split()), self.place))

    def count(self, what: str, times: int = 1) -> None:
        """Counts a thing."""
        if times:
            self.counts[what] += times

    def leave_out(self, *elements: Element) -> None:
        """Notes elements whose text isn't carried over, on purpose."""
        self.left_out.update(map(id, elements))

    # -- fields: code, link, and whether the result has begun

    def begin_field(self) -> None:
        """A field begins with its code, which nobody sees."""
        self.fields.append(["", "", False])

    def instruct(self, code: str) -> None:
        """More of the innermost field's code."""
        if self.fields:
            self.fields[-1][0] = f"{self.fields[-1][0]}{code}"

    def separate_field(self) -> str:
        """The innermost field's result begins; its code."""
        if not self.fields:
            return ""
        self.fields[-1][2] = True
        return str(self.fields[-1][0])

    def end_field(self) -> str:
        """The innermost field ends; its code."""
        return str(self.fields.pop()[0]) if self.fields else ""

    def set_link(self, link: str) -> None:
        """What the innermost field shows leads there."""
        if self.fields:
            self.fields[-1][1] = link

    @property
    def link(self) -> str:
        """Where the letters of the open fields lead."""
        return next((str(link) for _, link, _ in reversed(self.fields) if link), "")

    @property
    def is_hidden_by_field(self) -> bool:
        """Whether letters here are the code of a field."""
        return any(not has_result for _, _, has_result in self.fields)

    @property
    def is_in_contents(self) -> bool:
        """Whether a table of contents is open."""
        return any(str(code).split()[:1] == ["TOC"] for code, _, _ in self.fields)

    def note_number(self, kind: str, identity: str) -> int:
        """The number that a footnote or an endnote has in this text."""
        if self.part != self.package.main:
            return 0
        if (kind, identity) not in self.notes:
            self.notes.append((kind, identity))
        return self.notes.index((kind, identity)) + 1

    # -- graphics

    def graphics(self, element: Element) -> tuple[Picture, ...]:
        """The pictures in a drawing; text boxes are kept for later, everything else is told."""
        found: list[Picture] = []
        described = [each for each in element.iter() if each.tag in ("wp:docPr", "v:shape", "v:imagedata")]
        alt = next(
            (text for each in described for key in ("descr", "alt", "title", "o:title") if (text := each.get(key))), ""
        )
        self._scan(element, " ".join(alt.split()), found)
        return tuple(found)

    def _scan(self, element: Element, alt: str, found: list[Picture]) -> None:
        for child in element:
            match child.tag:
                case "w:txbxContent":
                    self.boxes.append(child)
                    continue
                case "mc:AlternateContent":
                    for way in [each for each in child if each.tag in ("mc:Choice", "mc:Fallback") and len(each)][:1]:
                        self._scan(way, alt, found)
                    continue
                case "a:blip" | "v:imagedata":
                    found.extend(self._picture(child, alt))
                case "wps:wsp" | "v:line" | "v:rect" | "v:oval" | "v:roundrect":
                    if not any(each.tag == "w:txbxContent" or each.tag == "a:blip" for each in child.iter()):
                        self.tell(Told.LOST, "drawn shape or line without text")
                        self.count("drawn shapes without text")
                case "v:textpath":
                    self.tell(Told.LOST, f"WordArt: {child.get('string', '')}")
                case "c:chart":
                    self.tell(Told.LOST, "chart: put its numbers into a table, or a picture of it beside the text")
                case "dgm:relIds":
                    self._smart_art(child)
                case "o:OLEObject":
                    kind = child.get("ProgID", "of unknown kind")
                    self.tell(Told.LOST, f"embedded object {kind}: only its picture, where it has one")
                    self.count("embedded objects")
            self._scan(child, alt, found)

    def _picture(self, blip: Element, alt: str) -> Iterable[Picture]:
        relation = self.relations.get(blip.get("r:embed") or blip.get("r:id") or blip.get("r:link") or "")
        if relation is None or relation.is_external or relation.target not in self.package.parts:
            target = relation.target if relation else "nothing"
            self.tell(Told.LOST, f"picture that lies outside the file ({target}); it was not fetched")
            return
        content = self.package.parts[relation.target]
        suffix = next((suffix for start, suffix in _SUFFIXES.items() if content.startswith(start)), ".bin")
        self.count("images")
        if not alt:
            self.tell(Told.CHANGED, f"picture {self.counts['images']} has no description in the Word file: write one")
        yield Picture(content, suffix, alt or f"Picture {self.counts['images']}")

    def _smart_art(self, ids: Element) -> None:
        relation = self.relations.get(ids.get("r:dm", ""))
        tree = self.package.tree(relation.target) if relation else None
        texts = ["".join(each.itertext()).strip() for each in tree.iter("dgm:t")] if tree is not None else []
        words = "; ".join(text for text in texts if text)
        self.tell(Told.LOST, f"SmartArt graphic, whose words are: {words or '(none)'}")
        self.count("SmartArt graphics")
