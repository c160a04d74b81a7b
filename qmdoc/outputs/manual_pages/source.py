"""What lies in `build/manual-src`: written by `qmdoc.outputs.manual`, read by the Sphinx extension.

A document's approved text stands alone in its Markdown file. Titles, control blocks and lists stand in `manual.json`, as
HTML that was escaped when it was made, and reach the page without ever being read as Markdown: so nothing in a title,
a name or a reason can be markup, and nothing in a text can call what only qmdoc may write.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from functools import lru_cache
from hashlib import sha256
from posixpath import dirname, relpath
from typing import Any
from urllib.parse import quote

from qmdoc.errors import OutputFailed

NAME = "manual.json"
HOME = "index"
DOCUMENTS = "documents"
TEMPLATES = "_templates"
STATIC = "_static"
DOWNLOADS = f"{STATIC}/lists"
ABSENT = "404"
IN_FORCE = "In force"


@dataclass(frozen=True, slots=True)
class Page:
    """A page: its title, HTML above and below the text, and the text itself in Markdown that was made harmless.

    `label` is what the sidebar calls it (empty: it is not there), `parent` the page below which it hangs, `number` the
    document that it shows, `path` and `first_line` where its text lies in the repository. `attachments` is the folder
    beside the page that holds what its text shows (empty: that of its number). `scripts` and `styles` are names of
    files in `_static`. A search finds the page by the words that it shows, and by `filters`; without any it is left out.
    A page of a text that staff may not follow any more has a `watermark`.
    """

    name: str
    title: str
    label: str = ""
    parent: str = HOME
    above: str = ""
    below: str = ""
    text: str = field(default="", compare=False)
    number: str = ""
    path: str = ""
    first_line: int = 1
    attachments: str = ""
    scripts: Sequence[str] = ()
    styles: Sequence[str] = ()
    filters: Mapping[str, str] = field(default_factory=dict)
    watermark: str = ""

    def parts(self) -> dict[str, Any]:
        """All but its text, by name."""
        return {name: getattr(self, name) for name in _PARTS_OF_A_PAGE}

    @property
    def has_text(self) -> bool:
        """It shows a text in Markdown, which Sphinx must read; Sphinx can't do without a first page."""
        return bool(self.path) or self.name == HOME


_PARTS_OF_A_PAGE = tuple(each.name for each in fields(Page) if each.name != "text")


@dataclass(frozen=True, slots=True)
class Source:
    """The whole source of a manual; `numbers` has the page of each document that a link may lead to.

    `matrices` has the page of each catalogue that has one, `manual_url` is where staff read the manual.
    `words` has what the frame around pages says in another language than English.
    """

    programme: str
    as_of: str
    commit: str
    is_draft: bool
    pages: tuple[Page, ...]
    numbers: Mapping[str, str]
    matrices: Mapping[str, str] = field(default_factory=dict)
    manual_url: str = ""
    language: str = "en"
    words: Mapping[str, str] = field(default_factory=dict)
    _named: dict[str, Page] = field(init=False, repr=False, compare=False, default_factory=dict)
    _below: dict[str, list[Page]] = field(init=False, repr=False, compare=False, default_factory=dict)

    def __post_init__(self) -> None:
        """Pages are asked for by name and by parent, once or more for each page."""
        for page in self.pages:
            self._named.setdefault(page.name, page)
            if page.name != HOME:
                self._below.setdefault(page.parent, []).append(page)

    def say(self, message: str, /, **values: str) -> str:
        """A message of the frame in the manual's language."""
        return self.words.get(message, message) % values

    def page(self, name: str) -> Page | None:
        """The page of a name."""
        return self._named.get(name)

    def children(self, name: str) -> tuple[Page, ...]:
        """The pages that hang below a page, in their order."""
        return tuple(self._below.get(name, ()))

    def parts(self) -> dict[str, Any]:
        """All that it is made of, by name."""
        return {each.name: getattr(self, each.name) for each in fields(self) if each.init}

    def files(self) -> dict[str, bytes]:
        """Every file of it."""
        written = self.parts() | {"pages": [page.parts() for page in self.pages]}
        texts = {f"{page.name}.md": page.text.encode() for page in self.pages if page.has_text}
        return {**texts, NAME: (json.dumps(written, ensure_ascii=False, indent=1) + "\n").encode()}


@lru_cache(maxsize=2)  # several ask for the one that is being built
def read(content: bytes) -> Source:
    """The source that `manual.json` describes, without the texts. Raises OutputFailed when it is no such file."""
    try:
        found = json.loads(content)
        pages = tuple(Page(**page) for page in found.pop("pages"))
        return Source(**found, pages=pages)
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise OutputFailed(
            f"{NAME} was not written by this qmdoc: {error}", fix="make the manual's source again with `qmdoc build`"
        ) from error


def href(page: str, target: str) -> str:
    """The address of a page as another page writes it."""
    return beside(page, f"{target}.html")


def beside(page: str, target: str) -> str:
    """The address of a file of the site as a page writes it."""
    return _from(dirname(page) or ".", target)


@lru_cache(maxsize=1 << 16)  # a manual has few folders, and each of its pages leads to many others
def _from(folder: str, target: str) -> str:
    return quote(relpath(target, folder))


def picture(path: str) -> str:
    """The name in the site's folder of pictures of one that lies at a path of the source: no other file has it."""
    return f"{sha256(path.encode()).hexdigest()[:12]}-{path.rpartition('/')[2]}"


def anchor(clause: str) -> str:
    """The id of a clause's row within its catalogue's matrix."""
    return f"row-{clause}"


def part(anchor: str) -> str:
    """The end of an address that leads to an id on a page."""
    return f"#{quote(anchor)}"


def script(name: str, variable: str, value: object) -> dict[str, bytes]:
    """A script file of one assignment, which can be read where no server answers (`file://`)."""
    written = (
        json.dumps(value, ensure_ascii=False, separators=(",", ":"))
        .replace("\u2028", "\\u2028")
        .replace("\u2029", "\\u2029")
    )
    return {f"{STATIC}/{name}": f"window.{variable} = {written};\n".encode()}
