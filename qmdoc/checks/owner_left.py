"""The owner of every document still belongs to the programme.

Serves the defined responsibilities of quality management (fact-jacie-hct-8 B4.3, recalled): somebody answers for each document on
the day.

Passes: `owner: quality-manager`, and one active person holds that role.
Fails: `owner: q.manager`, whose last day has passed; a role whose last holder has left.
"""

from __future__ import annotations

from collections.abc import Iterator

from qmdoc.checks import _roles, _text
from qmdoc.model import Fault, Finding, Severity, Topic
from qmdoc.register import Register

ID = "owner-left"
SEVERITY = Severity.ERROR
TOPIC = Topic.DOCUMENTS
CLAUSES = ("fact-jacie-hct-8 B4.3",)


def check(register: Register) -> Iterator[Finding]:
    """Texts for whose known owner nobody answers on the day."""
    for text in _text.judged(register):
        owner = text.document.owner
        if not owner or not _roles.is_known(owner, register) or _roles.is_answered_for(owner, register):
            continue
        if _roles.is_person(owner, register):
            message = f"its owner {register.authority.name(owner)} does not belong to the programme on {register.as_of}"
        else:
            message = f"nobody who is active on {register.as_of} holds the role of its owner, `{owner}`"
        fix = "name another owner in the next version, or have an admin give the role to somebody in people.yaml"
        yield text.finding(ID, SEVERITY, Fault(text.line("owner"), message, fix), CLAUSES)
