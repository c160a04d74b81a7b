"""Every document has an owner whom the programme knows: a role or a person's id.

Serves the defined responsibilities of quality management (fact-jacie-hct-8 B4.3, recalled). A name typed by hand is no owner.

Passes: `owner: quality-manager`, a role that people.yaml gives to somebody or the policy names; `owner: q.manager`, a person's id.
Fails: `owner: qualty-manager`.
"""

from __future__ import annotations

from collections.abc import Iterator

from qmdoc.checks import _roles
from qmdoc.checks._text import OneDocument
from qmdoc.model import Fault, Finding, Severity, Topic

ID = "unknown-owner"
SEVERITY = Severity.ERROR
TOPIC = Topic.DOCUMENTS
CLAUSES = ("fact-jacie-hct-8 B4.3",)


def check_document(one: OneDocument) -> Iterator[Finding]:
    """Texts whose owner is neither a role nor a person that the programme knows."""
    for text in one.texts:
        owner = text.document.owner
        if owner and not _roles.is_known(owner, one.surroundings):
            fix = "write a role that somebody holds, or a person's id from people.yaml"
            fault = Fault(
                text.line("owner"), f"the owner `{owner}` is neither a role that somebody holds nor a person's id", fix
            )
            yield text.finding(ID, SEVERITY, fault, CLAUSES)
