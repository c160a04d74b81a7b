"""Every picture in a text can be shown, on screen and on paper.

Serves documents that staff can follow as they were approved (fact-jacie-hct-8 B5.3:steps, recalled). Asked before the text is
signed: where a picture can't be shown, no manual is made, and the approved text has to be changed and approved again.

Passes: `![Flow](QM-001/flow.svg)`; a photograph as PNG, JPEG, GIF or WebP.
Fails: `![Flow](QM-001/flow.bmp)`; a file `flow.png` that is a JPEG, a page of text or a pointer of Git LFS.
"""

from __future__ import annotations

from collections.abc import Iterator

from qmdoc import controlled, pictures
from qmdoc.checks._text import JudgedText, OneDocument
from qmdoc.model import Fault, Finding, Severity, Topic

ID = "picture-not-shown"
SEVERITY = Severity.ERROR
TOPIC = Topic.DOCUMENTS
CLAUSES = ("fact-jacie-hct-8 B5.3:steps",)
_SAVE_AGAIN = "save it as PNG, JPEG or SVG, under a name that ends so, and commit the file itself"


def check_document(one: OneDocument) -> Iterator[Finding]:
    """Pictures that a page or a print could not show."""
    for text in one.texts:
        for fault in _faults(text, one):
            yield text.finding(ID, SEVERITY, fault, CLAUSES)


def _faults(text: JudgedText, one: OneDocument) -> Iterator[Fault]:
    """What is wrong with the pictures among a text's attachments; others are no pictures of it (`broken-reference`)."""
    folder = controlled.attachments_folder(text.state.path or "")
    for reference in text.markup.references:
        name = reference.target.removeprefix(f"{text.id}/")
        if not reference.is_image or name == reference.target or name not in text.attachments:
            continue
        begins = one.pictures.get(f"{folder}/{name}")
        if pictures.kind(name) is None:
            trouble = "is of a kind that no page or print can hold"
        else:  # main may hold it no more, or as a link
            trouble = "" if begins is None else pictures.trouble(name, begins)
        if trouble:
            yield Fault(reference.line, f"the picture {reference.target} {trouble}", _SAVE_AGAIN)
