"""A change of people or policy waits until enough admins have signed it.

Serves authority checks (us-21cfr11 11.10(g), confirmed). Until then it has no force, and the one approved before decides.

Passes: a new people.yaml that two admins signed, where the quorum is two.
Fails: a new people.yaml that one admin signed; one that gives a former person's id to another, which can't come into force.
"""

from __future__ import annotations

from collections.abc import Iterator

from qmdoc.controlled import AUTHORITY
from qmdoc.model import Finding, Severity, Topic
from qmdoc.register import Register
from qmdoc.signing.authority import PEOPLE, Authority

ID = "authority-pending"
SEVERITY = Severity.WARNING
TOPIC = Topic.SIGN_OFFS
CLAUSES = ("us-21cfr11 11.10(g)",)


def check(register: Register) -> Iterator[Finding]:
    """A readable authority on main that is not in force, with who has signed it."""
    pending = register.ledger.pending
    if pending is None or not isinstance(pending.authority, Authority):
        return
    path = f"{AUTHORITY}{PEOPLE}"
    for problem in pending.problems:
        message = f"the changed authority on main can't come into force: {problem}"
        yield Finding(
            ID,
            SEVERITY,
            message,
            "use new ids and new keys, and have admins sign that",
            path=path,
            line=1,
            clauses=CLAUSES,
        )
    if not pending.problems:
        names = ", ".join(register.authority.name(person) for person in pending.signed_by) or "nobody"
        message = f"the changed authority on main has no force yet: {len(pending.signed_by)} of {pending.quorum} admins have signed it ({names})"
        fix = "have admins whose entries do not change sign it (qmdoc sign @authority --role admin --meaning authority), or put the files back"
        yield Finding(ID, SEVERITY, message, fix, path=path, line=1, clauses=CLAUSES)
