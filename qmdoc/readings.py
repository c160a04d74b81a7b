"""What judging sign-offs must know of a text, and no more: history holds many versions, and most are never shown."""

from __future__ import annotations

import re
from datetime import date
from typing import NamedTuple

from qmdoc import documents
from qmdoc.documents import Document
from qmdoc.markup import LOCAL_VALUE
from qmdoc.model import DOCUMENT_ID, Objects, Version
from qmdoc.saying import said

_TARGET = re.compile(r"\](?:\(|:)\s*<?([^\s()<>]*)")
_TAG = re.compile(r"<[A-Za-z!/?]")
_OPENING = re.compile(rb"\[\[")  # in half the time of `in`
_NOT_PLAIN = re.compile(r"[\\&%]")


class Reading(NamedTuple):
    """A text that can be identified; `obstacles` say what in it bars an approval, whatever is signed."""

    id: str
    version: Version
    title: str
    type: str
    effective_date: date | None
    review_date: date | None
    obstacles: tuple[str, ...]


def read(objects: Objects, number: str, blob: str) -> Reading | None:
    """A blob as the text of a document's number, wherever it lies; None where it is none."""
    document = documents.read(objects, f"{number}-.md", blob)
    return of(document, objects.blob(blob)) if isinstance(document, Document) else None


def of(document: Document, content: bytes) -> Reading:
    """What there is to know of a document; `content` are the bytes that it was read from."""
    obstacles: list[str] = (
        [said("it still holds a place marked [[local: …]]")] if _has_open_place(document, content) else []
    )
    obstacles += [
        said("it refers to %(target)s, which is not among its attachments", target=target)
        for target in _foreign_files(document)
    ]
    return Reading(
        document.id,
        document.version,
        document.title,
        document.type,
        document.effective_date,
        document.review_date,
        tuple(obstacles),
    )


def _has_open_place(document: Document, content: bytes) -> bool:
    """Whether a place marked `[[local: …]]` is left. A backslash may stand between its brackets, or hide one in YAML."""
    if _OPENING.search(content) is None and b"\\" not in content:
        return False
    is_in_text = LOCAL_VALUE.search(content.decode("utf-8", "replace")) is not None
    return is_in_text or LOCAL_VALUE.search(str(document.front_matter)) is not None


def _foreign_files(document: Document) -> list[str]:
    """Targets that are files, and not the document's own attachments."""
    if _refers_plainly(document):
        return []
    return sorted({each.target for each in document.markup().references if not _is_own(each.target, document.id)})


def _is_own(target: str, number: str) -> bool:
    """Whether a target is no file, or one of the document's own attachments."""
    if target.startswith(("#", "http://", "https://", "mailto:")) or DOCUMENT_ID.fullmatch(target):
        return True
    return target.startswith(f"{number}/") and ".." not in target.split("/")


def _refers_plainly(document: Document) -> bool:
    """Whether no reading of the text could find a foreign file in it: reading markup is dear, and this is asked of every
    version there ever was. Whatever could begin a target is looked at; where one is not plain, the markup is read.
    """
    body = document.body
    if ("<" in body and _TAG.search(body)) or ("{" in body and ("{image}" in body or "{figure}" in body)):
        return False
    return all(
        target and _NOT_PLAIN.search(target) is None and _is_own(target, document.id)
        for target in _TARGET.findall(body)
    )
