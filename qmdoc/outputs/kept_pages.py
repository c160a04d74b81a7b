"""The pages of a manual that an earlier build made of the very same: they are put in their place, with today's day and commit.

What a page is made of is digested: its title, text and attachments, what stands above and below, the sidebar as it shows
it, where its links can lead, templates and settings. Of two manuals a page with the same digest differs in the day and
the commit alone, which `qmdoc.outputs.stamps` knows to find. Whose pages they are, and that nobody touched them since, is
for `Before` to know.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from hashlib import md5, sha256
from pathlib import Path
from posixpath import dirname
from typing import Protocol
from urllib.parse import quote

from qmdoc.outputs import stamps
from qmdoc.outputs.manual_pages import navigation, source
from qmdoc.outputs.manual_pages.source import Page, Source
from qmdoc.outputs.stamps import Places

INDEX = "searchindex.js"
_OF_EACH_PAGE = ("pages", "as_of", "commit")  # the rest of a source is of all its pages
_PICTURES, _DOWNLOADS = "_images", "_downloads"


class Kept(Protocol):
    """A file of the site as it stands."""

    @property
    def content(self) -> bytes:
        """Its bytes."""

    @property
    def places(self) -> Places:
        """Where the day and the commit stand in it."""


class Before(Protocol):
    """What an earlier build of the same site left; paths are those in the site."""

    def take(self, path: str, made_from: str) -> Kept | None:
        """A file that was made from this, if it stands as it was made; it will stand so again."""

    def take_all(self, folder: str, made_from: str) -> Mapping[str, bytes]:
        """The files of a folder that was made from this, by their paths; none if one of them is not as it was."""

    def made(self, path: str, made_from: str, places: Places = ()) -> None:
        """Has it noted what a file, or a folder, was made from, and where the day and the commit stand in it."""

    def wrote(self, path: str, content: bytes) -> None:
        """Has the bytes of a file noted."""


class Nothing:
    """No build was before this one, and none comes after."""

    def take(self, path: str, made_from: str) -> Kept | None:
        return None

    def take_all(self, folder: str, made_from: str) -> Mapping[str, bytes]:
        return {}

    def made(self, path: str, made_from: str, places: Places = ()) -> None:
        return

    def wrote(self, path: str, content: bytes) -> None:
        return


NOTHING = Nothing()


def digests(described: Source, folder: Path, configuration: Path) -> dict[str, str]:
    """What each page is made of, by its name; nothing where a text or a template has letters that stamps are made of."""
    texts = {
        page.name: (folder / f"{page.name}.md").read_text(encoding="utf-8") for page in described.pages if page.has_text
    }
    frame = {path.relative_to(configuration).as_posix(): path.read_bytes() for path in _files(configuration)}
    of_all = {name: value for name, value in described.parts().items() if name not in _OF_EACH_PAGE}
    written = [_written(part) for part in (of_all, *(page.parts() for page in described.pages))]
    if stamps.occur([*written, *texts.values(), *(content.decode("utf-8", "replace") for content in frame.values())]):
        return {}
    shared = _digest(_written({path: sha256(content).hexdigest() for path, content in frame.items()}), written[0])
    labels = {page.name: _digest(_written(navigation.labels(page.name, described))) for page in described.pages}
    return {
        page.name: _digest(
            shared,
            row,
            _written(page.name in texts),
            texts.get(page.name, ""),
            *(f"{file.relative_to(folder).as_posix()} {_of_file(file)}" for file in _attached(page, folder)),
            *(labels.get(each, "") for each in navigation.branches(page.name, described)),
        )
        for page, row in zip(described.pages, written[1:], strict=True)
        if described.page(page.name) is page
    }


def taken(described: Source, made_from: Mapping[str, str], before: Before) -> tuple[dict[str, Kept], str]:
    """The pages that stand, by name, and the search index that knows their words; the first page is always made anew."""
    index = before.take(INDEX, INDEX)
    names = [name for name in made_from if name != source.HOME] if index else []
    found = {name: before.take(f"{name}.html", made_from[name]) for name in names}
    return {name: page for name, page in found.items() if page}, index.content.decode() if index else ""


@dataclass(frozen=True, slots=True)
class NewSite:
    """A site that is being built: what it shows, of what each page is made, and where that is noted."""

    folder: Path
    described: Source
    made_from: Mapping[str, str]
    before: Before

    def stamp(self) -> None:
        """Puts day and commit into the pages that were made."""
        if not self.made_from:
            return
        self.before.made(INDEX, INDEX)
        for file in sorted(self.folder.rglob("*.html")):
            page = file.read_text(encoding="utf-8")
            self._write(file.relative_to(self.folder).as_posix(), page, stamps.places(page))

    def put(self, kept: Mapping[str, Kept], source_folder: Path) -> None:
        """Puts in pages that stand, with their pictures and attachments from the source."""
        for name, page in kept.items():
            shown = page.content.decode()
            self._write(f"{name}.html", shown, page.places)
            known = self.described.page(name)
            for file in _attached(known, source_folder) if known else ():
                for place in _in_the_site(file.relative_to(source_folder).as_posix()):
                    if quote(place) in shown:  # as Sphinx writes it
                        (self.folder / place).parent.mkdir(parents=True, exist_ok=True)
                        (self.folder / place).write_bytes(file.read_bytes())

    def _write(self, path: str, page: str, places: Places) -> None:
        shown = stamps.stamped(page, places, as_of=self.described.as_of, commit=self.described.commit)
        content = shown.encode()
        (self.folder / path).parent.mkdir(parents=True, exist_ok=True)
        (self.folder / path).write_bytes(content)
        self.before.made(path, self.made_from.get(path.removesuffix(".html"), ""), places)
        self.before.wrote(path, content)


def _attached(page: Page, folder: Path) -> Iterator[Path]:
    """The files of the source that a page's text may show."""
    if name := page.attachments or page.number:
        yield from _files(folder / dirname(page.name) / name)


def _in_the_site(path: str) -> tuple[str, str]:
    """Where a file of the source lies in the site, as a picture and as a file to download (Sphinx's naming)."""
    named = md5(path.encode(), usedforsecurity=False).hexdigest()
    return f"{_PICTURES}/{source.picture(path)}", f"{_DOWNLOADS}/{named}/{path.rpartition('/')[2]}"


def _files(folder: Path) -> Iterable[Path]:
    return [path for path in sorted(folder.rglob("*")) if path.is_file()] if folder.is_dir() else []


def _written(value: object) -> str:
    return json.dumps(value, sort_keys=True, ensure_ascii=False)


def _of_file(file: Path) -> str:
    return sha256(file.read_bytes()).hexdigest()


def _digest(*parts: str) -> str:
    seen = sha256()
    for part in parts:
        content = part.encode("utf-8", "surrogatepass")
        seen.update(b"%d " % len(content) + content)
    return seen.hexdigest()
