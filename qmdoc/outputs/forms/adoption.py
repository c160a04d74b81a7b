"""Adoption record: a procedure of another house, checked and verified here before it is used (21 CFR 1271.180(d), recalled)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from qmdoc.documents import Document
from qmdoc.outputs.forms.form import COMMON, Form, draw_up
from qmdoc.outputs.manual_pages import wording
from qmdoc.register import Register

NAME = "adoption-record"
TITLE = "Adoption record"
PURPOSE = "For each document, in force or proposed: where it comes from, and how it was verified here."
TAGS: Mapping[str, str] = {
    **COMMON,
    "number": "The document's number.",
    "title": "The document's title.",
    "version": "The proposed version, or the one in force where nothing is proposed.",
    "digest": "The SHA-256 digest of that version, all 64 characters.",
    "digest_short": "The first 12 characters of the digest.",
    "owner": "The role or the person that answers for the document.",
    "type": "The type of document.",
    "is_proposed": "For conditions: true when that version waits for its signatures.",
    "clauses": "The clauses that the document claims to answer, by catalogue; empty where it claims none.",
}


def forms(register: Register) -> Iterator[Form]:
    """The records of all documents that can be read, for the version that somebody would adopt now."""
    for state in register.states:
        proposal = state.proposed
        document = proposal.document if proposal else state.text
        digest = proposal.digest if proposal else state.effective.digest if state.effective else None
        if not isinstance(document, Document) or digest is None:
            continue
        keys = document.front_matter
        claims = sorted((keys.standards or {}).items())
        values = {
            "number": state.id,
            "title": document.title,
            "version": document.version,
            "digest": digest,
            "digest_short": digest[:12],
            "owner": wording.owner(keys.owner, register.authority),
            "type": wording.plain(document.type),
            "is_proposed": proposal is not None,
            "clauses": "; ".join(f"{catalogue} {', '.join(clauses)}" for catalogue, clauses in claims),
        }
        subject = (state.id, str(document.version))
        yield draw_up(NAME, f"{TITLE} {state.id} {document.version}", subject, values, register, more=(digest,))
