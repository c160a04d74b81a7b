"""Sign-off sheet: who must sign a proposal, with room to sign by hand where the policy takes signatures on paper."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from qmdoc.documents import Document
from qmdoc.model import Assurance
from qmdoc.outputs.forms.form import COMMON, Form, draw_up
from qmdoc.outputs.manual_pages import wording
from qmdoc.register import Register

NAME = "sign-off-sheet"
TITLE = "Sign-off sheet"
PURPOSE = "For each document that waits for signatures: the seats that are empty."
TAGS: Mapping[str, str] = {
    **COMMON,
    "number": "The document's number.",
    "title": "The title of the proposed version.",
    "version": "The proposed version.",
    "digest": "The SHA-256 digest of the proposed version, all 64 characters.",
    "digest_short": "The first 12 characters of the digest.",
    "owner": "The role or the person that answers for the document.",
    "in_force": "The version in force; empty where there is none.",
    "change_summary": "What the version changes, in one line; empty when the document does not say.",
    "authors": "The people who wrote the proposed version: they fill no independent seat.",
    "is_by_hand": "For conditions: true when the policy takes signatures that are only recorded.",
    "seats": "The signatures that are missing, for a loop: {%tr for seat in seats %} … {%tr endfor %}.",
    "seats.role": "In the loop: the role in which somebody signs.",
    "seats.meaning": "In the loop: what the signature says, in a word or two.",
    "seats.sentence": "In the loop: the sentence that the signer puts their name to, as the policy writes it.",
    "seats.independent": "In the loop: `nobody who wrote this version`, or empty.",
}


@dataclass(frozen=True, slots=True)
class _Seat:
    role: str
    meaning: str
    sentence: str
    independent: str


def forms(register: Register) -> Iterator[Form]:
    """The sheets of all proposals that can be signed and lack signatures."""
    authority = register.authority
    for state in register.states:
        proposal = state.proposed
        if proposal is None or not isinstance(proposal.document, Document) or proposal.digest is None:
            continue
        seats = tuple(
            _Seat(
                wording.plain(each.seat.role),
                wording.MEANING_WITHIN[each.seat.meaning],
                authority.policy.sentence(each.seat.meaning),
                "nobody who wrote this version" if each.seat.independent else "",
            )
            for each in proposal.empty_seats
            for _ in range(each.seat.count - each.filled)
        )
        if not seats:
            continue
        document, keys = proposal.document, proposal.document.front_matter
        values = {
            "number": state.id,
            "title": document.title,
            "version": document.version,
            "digest": proposal.digest,
            "digest_short": proposal.digest[:12],
            "owner": wording.owner(keys.owner, authority),
            "in_force": state.effective.version if state.effective else "",
            "change_summary": keys.change_summary or "",
            "authors": ", ".join(authority.name(person) for person in proposal.authors),
            "is_by_hand": authority.policy.assurance is Assurance.RECORDED,
            "seats": seats,
        }
        subject = (state.id, str(document.version))
        yield draw_up(
            NAME, f"{TITLE} {state.id} {document.version}", subject, values, register, more=(proposal.digest,)
        )
