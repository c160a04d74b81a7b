"""What stands around the text of a Word file: comments, headers, footers, properties."""

from __future__ import annotations

from collections.abc import Iterator
from xml.etree.ElementTree import Element

from qmdoc.importing.nouns import Note, Told
from qmdoc.importing.package import Package
from qmdoc.importing.state import State


def part(package: Package, kind: str) -> Element | None:
    """The XML of the part that the text is related to as `kind`."""
    found = package.related(kind)
    return package.tree(found[0]) if found else None


def inside(element: Element, tag: str) -> Iterator[Element]:
    """Children of a kind, also those inside content controls."""
    for child in element:
        if child.tag == tag:
            yield child
        elif child.tag in ("w:sdt", "w:sdtContent", "w:customXml", "w:ins", "w:moveTo"):
            yield from inside(child, tag)


def comments(package: Package, state: State) -> Iterator[Note]:
    """The comments, each with its author and the words it is about."""
    tree, text = part(package, "comments"), package.tree(package.main)
    about: dict[str, list[str]] = {}
    opened: list[str] = []
    for element in text.iter() if text is not None else ():
        if element.tag == "w:commentRangeStart":
            opened.append(element.get("w:id", ""))
        elif element.tag == "w:commentRangeEnd" and element.get("w:id", "") in opened:
            opened.remove(element.get("w:id", ""))
        elif element.tag == "w:t":
            for each in opened:
                about.setdefault(each, []).append(element.text or "")
    for comment in tree.iter("w:comment") if tree is not None else ():
        words = " / ".join("".join(each.text or "" for each in line.iter("w:t")) for line in comment.iter("w:p"))
        who = f"{comment.get('w:author', 'somebody')}, {comment.get('w:date', 'undated')[:10]}"
        state.counts["comments"] = state.counts.get("comments", 0) + 1
        place = "".join(about.get(comment.get("w:id", ""), [])).strip()
        yield Note(Told.COMMENT, f"{who}: {words}", f"at “{place[:80]}”" if place else "in the text")


def frames(package: Package) -> Iterator[str]:
    """The lines of headers and footers; the cells of a row are parted by tabs."""
    for kind in ("header", "footer"):
        for part in package.related(kind):
            tree = package.tree(part)
            for line in _lines(tree) if tree is not None else ():
                yield f"{kind}: {line}"


def _lines(element: Element) -> Iterator[str]:
    for child in element:
        if child.tag == "w:tr":
            cells = [" ".join(_lines(cell)) for cell in inside(child, "w:tc")]
            yield "\t".join(cells)
        elif child.tag == "w:p":
            pieces = {"w:tab": "\t", "w:ptab": "\t", "w:br": "\n"}
            text = "".join(
                each.text or "" if each.tag == "w:t" else pieces.get(each.tag, "") for each in _visible(child)
            )
            yield from filter(None, (line.strip() for line in text.split("\n")))
        else:
            yield from _lines(child)


def _visible(element: Element) -> Iterator[Element]:
    for child in element:
        if child.tag not in ("w:del", "w:moveFrom", "mc:Fallback", "w:instrText", "w:pPr"):
            yield child
            yield from _visible(child)


def properties(package: Package) -> dict[str, str]:
    """The file's own properties that say anything, by name."""
    rows = [row.target for row in package.relations("").values() if row.kind == "core-properties"]
    tree = package.tree(rows[0]) if rows else None
    return {
        each.tag.rpartition(":")[2]: " ".join((each.text or "").split())
        for each in (tree if tree is not None else ())
        if (each.text or "").strip()
    }
