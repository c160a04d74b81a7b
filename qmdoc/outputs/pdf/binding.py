"""Binds PDFs into one, with their tags, bookmarks and links: setting 500 pages at once takes typst 1.6 GB of memory.

It reads what typst writes (plain objects, one table of offsets) and nothing else; anything it does not know is refused.
Objects are numbered on; the roots of pages, bookmarks, tags and named places are made anew. A link to a bound document's
page leads to its first sheet.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from itertools import pairwise

from qmdoc.errors import OutputFailed

_LEAF = rb"(?:[^()\\]|\\.)"
_STRING = rb"\((?:" + _LEAF + rb"|\((?:" + _LEAF + rb"|\((?:" + _LEAF + rb"|\(" + _LEAF + rb"*\))*\))*\))*\)"
_PARTS = re.compile(
    rb"/ID(?P<id>" + _STRING + rb")|(?P<headers>/Headers\[[^\]]*\])|(?P<key>/StructParents?) (?P<parents>\d+)"
    rb"|/S/URI/URI(?P<uri>" + _STRING + rb")|(?P<string>" + _STRING + rb"|<[0-9A-Fa-f]*>)|(?P<ref>\d+) 0 R\b",
    re.DOTALL,
)


_CATALOGUE, _PAGES, _BOOKMARKS, _TAGS, _FIRST = 1, 2, 3, 4, 5  # numbers of the objects made anew; then those taken


@dataclass(frozen=True, slots=True)
class _Part:
    """A PDF that is bound: its objects (head, and stream if any) by number, and what places them behind the others."""

    objects: Mapping[int, tuple[bytes, bytes]]
    root: int
    info: int
    offset: int = 0
    first_key: int = 0
    prefix: bytes = b""

    def named(self, key: bytes) -> int:
        """The number of an object that the catalogue names. Raises OutputFailed where it names none."""
        if match := re.search(re.escape(key) + rb" (\d+) 0 R", self.objects[self.root][0]):
            return int(match[1])
        raise OutputFailed(f"the manual can't be bound: a PDF names no {key.decode()}")

    def head(self, key: bytes) -> bytes:
        """The object itself."""
        return self.objects[self.named(key)][0]

    @property
    def pages(self) -> list[int]:
        """Its pages in order."""
        return [int(each) for each in re.findall(rb"(\d+) 0 R", _between(self.head(b"/Pages"), b"/Kids[", b"]"))]

    @property
    def keys(self) -> int:
        """How many keys its table of tags uses."""
        return int(_found(rb"/ParentTreeNextKey (\d+)", self.head(b"/StructTreeRoot")))

    @property
    def places(self) -> dict[int, int]:
        """Each object's number in the bound file."""
        made_anew = {self.named(b"/Outlines"): _BOOKMARKS, self.named(b"/StructTreeRoot"): _TAGS}
        return {number: made_anew.get(number, number + self.offset) for number in self.objects}

    def moved(self, number: int) -> int:
        """An object's number in the bound file, but for those that are made anew."""
        return number + self.offset


def page_count(content: bytes) -> int:
    """How many pages a PDF of typst has."""
    return int(_found(rb"/Type/Pages/Count (\d+)", content))


def bound(front: bytes, others: Mapping[str, bytes]) -> bytes:
    """The front and the others behind it, by where links lead to them, as one PDF that keeps the front's title and date."""
    parts = list(_placed([front, *others.values()]))
    firsts = {b"(%b)" % name.encode(): part.moved(part.pages[0]) for name, part in zip(others, parts[1:], strict=True)}
    written: dict[int, bytes] = {}
    for part in parts:
        written |= dict(_renumbered(part, firsts))
    _chain(parts, written)
    described = parts[0].moved(parts[0].named(b"/Metadata"))
    written[described] = _described(written[described], sum(len(part.pages) for part in parts))
    written[_CATALOGUE] = _catalogue(parts)
    written[_PAGES] = _pages(parts)
    written[_BOOKMARKS] = _bookmarks(parts)
    written[_TAGS] = _tags(parts)
    return _file(written, parts[0])


def _read(content: bytes) -> _Part:
    """The objects of a PDF, by its table of offsets."""
    start = int(_found(rb"startxref\s+(\d+)", content[-64:]))
    table = content[start : content.rindex(b"trailer")].splitlines()[2:]
    places = {number: int(line[:10]) for number, line in enumerate(table) if line.rstrip().endswith(b"n")}
    ends = [*sorted(places.values()), start]
    objects = {
        number: _parted(content[place : ends[bisect_right(ends, place)]], number) for number, place in places.items()
    }
    trailer = content[content.rindex(b"trailer") :]
    return _Part(objects, int(_found(rb"/Root (\d+)", trailer)), int(_found(rb"/Info (\d+)", trailer)))


def _parted(written: bytes, number: int) -> tuple[bytes, bytes]:
    head, tail = b"%d 0 obj\n" % number, b"\nendobj"
    inside = written.rstrip()
    if not inside.startswith(head) or not inside.endswith(tail):
        raise OutputFailed(f"the manual can't be bound: object {number} of a PDF is not as typst writes it")
    before, mark, stream = inside.removeprefix(head).removesuffix(tail).partition(b">>\nstream\n")
    return (before + b">>", b"\nstream\n" + stream) if mark else (before, b"")


def _placed(contents: Iterable[bytes]) -> Iterator[_Part]:
    offset, key = _FIRST, 0
    for at, content in enumerate(contents):
        part = replace(_read(content), offset=offset, first_key=key, prefix=b"%d-" % at)
        yield part
        offset, key = offset + max(part.objects), key + part.keys


def _renumbered(part: _Part, firsts: Mapping[bytes, int]) -> Iterator[tuple[int, bytes]]:
    """Its objects under their new numbers, without those that are made anew."""
    moved = part.places

    def new(match: re.Match[bytes]) -> bytes:
        if match["ref"]:
            return b"%d 0 R" % moved[int(match["ref"])]
        if match["key"]:
            return b"%b %d" % (match["key"], int(match["parents"]) + part.first_key)
        if match["id"]:
            return b"/ID(" + part.prefix + match["id"][1:]
        if match["headers"]:
            return match["headers"].replace(b"(", b"(" + part.prefix)
        if match["uri"] in firsts:
            return b"/S/GoTo/D[%d 0 R/Fit]" % firsts[match["uri"]]
        return match[0]

    dropped = {part.root, part.named(b"/Metadata"), part.named(b"/Outlines"), part.named(b"/StructTreeRoot"), part.info}
    if part.first_key == 0:
        dropped -= {part.named(b"/Metadata"), part.info}
    pages = part.named(b"/Pages")
    for number, (head, stream) in part.objects.items():
        if number not in dropped:
            head = _PARTS.sub(new, head)
            if number == pages:
                head = head.replace(b"/Type/Pages", b"/Type/Pages/Parent %d 0 R" % _PAGES, 1)
            yield moved[number], head + stream


def _described(written: bytes, pages: int) -> bytes:
    """The front's description (XMP, not compressed), which tells how many pages there are."""
    head, mark, stream = written.partition(b"\nstream\n")
    told = re.sub(rb"(<xmpTPg:NPages>)\d+", rb"\g<1>%d" % pages, stream)
    longer = len(told) - len(stream)
    return re.sub(rb"/Length (\d+)", lambda found: b"/Length %d" % (int(found[1]) + longer), head) + mark + told


def _chain(parts: Sequence[_Part], written: dict[int, bytes]) -> None:
    """The last bookmark of each part is followed by the first of the next."""
    for one, two in pairwise(parts):
        last, first = _bookmark(one, b"/Last"), _bookmark(two, b"/First")
        written[last] = written[last].removesuffix(b">>") + b"/Next %d 0 R>>" % first
        written[first] = written[first].removesuffix(b">>") + b"/Prev %d 0 R>>" % last


def _bookmark(part: _Part, key: bytes) -> int:
    return part.moved(int(_found(key + rb" (\d+) 0 R", part.head(b"/Outlines"))))


def _catalogue(parts: Sequence[_Part]) -> bytes:
    front = parts[0]
    language = _found(rb"/Lang(" + _STRING + rb")", front.objects[front.root][0])
    places = sorted(
        (name, part.moved(int(number)))
        for part in parts
        for name, number in re.findall(rb"(" + _STRING + rb")(\d+) 0 R", _destinations(part))
    )
    return (
        b"<</Type/Catalog/Pages %d 0 R/Metadata %d 0 R/OutputIntents %d 0 R/Lang%b/StructTreeRoot %d 0 R"
        b"/MarkInfo<</Marked true/Suspects false>>/ViewerPreferences<</DisplayDocTitle true/Direction/L2R>>"
        b"/PageMode/UseOutlines/Outlines %d 0 R/Names<</Dests<</Names[%b]>>>>>>"
        % (
            _PAGES,
            front.moved(front.named(b"/Metadata")),
            front.moved(front.named(b"/OutputIntents")),
            language,
            _TAGS,
            _BOOKMARKS,
            b"".join(b"%b%d 0 R" % place for place in places),
        )
    )


def _destinations(part: _Part) -> bytes:
    root = part.objects[part.root][0]
    return _between(root, b"/Dests<</Names[", b"]>>") if b"/Dests<<" in root else b""


def _pages(parts: Sequence[_Part]) -> bytes:
    kids = b" ".join(b"%d 0 R" % part.moved(part.named(b"/Pages")) for part in parts)
    return b"<</Type/Pages/Count %d/Kids[%b]>>" % (sum(len(part.pages) for part in parts), kids)


def _bookmarks(parts: Sequence[_Part]) -> bytes:
    first, last = _bookmark(parts[0], b"/First"), _bookmark(parts[-1], b"/Last")
    return b"<</Type/Outlines/First %d 0 R/Last %d 0 R/Count %d>>" % (first, last, len(parts))


def _tags(parts: Sequence[_Part]) -> bytes:
    """One root over the tags of all parts; its table says which tags stand on which page."""
    roots = [part.head(b"/StructTreeRoot") for part in parts]
    kids, numbers, names = list[bytes](), list[bytes](), list[tuple[bytes, int]]()
    for part, root in zip(parts, roots, strict=True):
        tops = re.findall(rb"(\d+) 0 R", _between(root, b"/K[", b"]"))
        kids += [b"%d 0 R" % part.moved(int(number)) for number in tops]
        for key, number in re.findall(rb"(\d+) (\d+) 0 R", _between(root, b"/ParentTree<</Nums[", b"]")):
            numbers.append(b"%d %d 0 R" % (int(key) + part.first_key, part.moved(int(number))))
        if b"/IDTree" in root:
            found = re.findall(rb"\((.*?)\)(\d+) 0 R", _between(root, b"/IDTree<</Names[", b"]"))
            names += [(part.prefix + name, part.moved(int(number))) for name, number in found]
    return b"<</Type/StructTreeRoot%b/K[%b]/ParentTree<</Nums[%b]>>/IDTree<</Names[%b]>>/ParentTreeNextKey %d>>" % (
        _found(rb"(/RoleMap<<.*?>>)", roots[0]),
        b" ".join(kids),
        b" ".join(numbers),
        b"".join(b"(%b)%d 0 R" % name for name in sorted(names)),
        len(numbers),
    )


def _file(written: Mapping[int, bytes], front: _Part) -> bytes:
    """The objects with their table of offsets; a number without an object is free."""
    body, offsets = bytearray(b"%PDF-1.7\n%\x80\x80\x80\x80\n\n"), dict[int, int]()
    for number, content in sorted(written.items()):
        offsets[number] = len(body)
        body += b"%d 0 obj\n%b\nendobj\n\n" % (number, content)
    start, size = len(body), max(written) + 1
    name = sha256(body).hexdigest()[:32].encode()
    body += b"xref\n0 %d\n" % size
    for number in range(size):
        body += b"%010d %05d %b\r\n" % ((offsets[number], 0, b"n") if number in offsets else (0, 65535, b"f"))
    body += b"trailer\n<</Size %d/Root %d 0 R/Info %d 0 R" % (size, _CATALOGUE, front.moved(front.info))
    return bytes(body + b"/ID[<%b><%b>]>>\nstartxref\n%d\n%%%%EOF" % (name, name, start))


def _found(pattern: bytes, written: bytes) -> bytes:
    if match := re.search(pattern, written, re.DOTALL):
        return bytes(match[1])
    raise OutputFailed(f"the manual can't be bound: a PDF lacks {pattern.decode()}")


def _between(written: bytes, start: bytes, end: bytes) -> bytes:
    _, mark, rest = written.partition(start)
    inside, close, _ = rest.partition(end)
    if not mark or not close:
        raise OutputFailed(f"the manual can't be bound: a PDF lacks {start.decode()}")
    return inside
