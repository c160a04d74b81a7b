"""The owner of every document still belongs to the programme.

Serves the defined responsibilities of quality management (fact-jacie-hct-8 B4.3, recalled): somebody answers for each document on
the day.

Passes: `owner: quality-manager`, and one active person holds that role.
Fails: `owner: q.manager`, whose last day has passed; a role whose last holder has left.
"""

from __future__ import annotations

from collections.abc import Iterator

from qmdoc.checks import _roles
from qmdoc.checks._text import OneDocument
from qmdoc.model import Fault, Finding, Severity, Topic

ID = "owner-left"
SEVERITY = Severity.ERROR
TOPIC = Topic.DOCUMENTS
CLAUSES = ("fact-jacie-hct-8 B4.3",)


def check_document(one: OneDocument) -> Iterator[Finding]:
    """Texts for whose known owner nobody answers on the day."""
    around = one.surroundings
    for text in one.texts:
        owner = text.document.owner
        if not owner or not _roles.is_known(owner, around) or _roles.is_answered_for(owner, around):
            continue
        if _roles.is_person(owner, around):
            message = f"its owner {around.authority.name(owner)} does not belong to the programme on {around.as_of}"
        else:
            message = f"nobody who is active on {around.as_of} holds the role of its owner, `{owner}`"
        fix = "name another owner in the next version, or have an admin give the role to somebody in people.yaml"
        yield text.finding(ID, SEVERITY, Fault(text.line("owner"), message, fix), CLAUSES)
