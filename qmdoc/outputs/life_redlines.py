"""The binder's redlines to read: each pair of versions of a document, numbers first."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from qmdoc import documents
from qmdoc import redline as comparison
from qmdoc.documents import Document
from qmdoc.outputs import redlines
from qmdoc.outputs.life import Life, VersionLife
from qmdoc.redline import Edition
from qmdoc.redline.nouns import Sized


@dataclass(frozen=True, slots=True)
class RedlinePage:
    """A page: where it lies, its head, what changed as a safe fragment, and how much that is."""

    path: str
    head: redlines.Head
    fragment: str
    sized: Sized


def pages(found: tuple[Life, ...], roles: Collection[str]) -> Iterator[RedlinePage]:
    """A page for each pair of neighbouring approved versions that can be read."""
    for life in found:
        for each in life.redlines:
            old, new = _edition(each.old), _edition(each.new)
            if old is None or new is None:
                continue
            made = comparison.between(old, new)
            labels = [f"version {version.approval.version}" for version in (each.old, each.new)]
            head = redlines.Head(each.new.approval.id, new.document.title, *labels)
            yield RedlinePage(each.page, head, redlines.html(made), comparison.size(made, roles=roles))


def _edition(version: VersionLife) -> Edition | None:
    source = next(file for file in version.files if file.name == ".")
    document = documents.parse(version.approval.path, source.content)
    if not isinstance(document, Document):
        return None
    return Edition(document, {file.name: file.sha256 for file in version.files if file.name != "."})
