"""Every seat that a document must have signed can be filled on the day.

Serves authority checks (us-21cfr11 11.10(g), confirmed) and personnel requirements (fact-jacie-hct-8 B4.4, recalled): while a seat is
vacant no document of that type can be approved.

Passes: a seat for one medical director, and one active person with that role.
Fails: the same after the only medical director's last day.
"""

from __future__ import annotations

from collections.abc import Iterator

from qmdoc.controlled import AUTHORITY
from qmdoc.model import Finding, Severity, Topic
from qmdoc.register import Register
from qmdoc.signing.authority import PEOPLE

ID = "seat-vacant"
SEVERITY = Severity.WARNING
TOPIC = Topic.SIGN_OFFS
CLAUSES = ("us-21cfr11 11.10(g)", "fact-jacie-hct-8 B4.4")


def check(register: Register) -> Iterator[Finding]:
    """Seats for more people than hold their role on the day."""
    if not register.ledger.landings:
        return
    rules = register.authority.policy.sign_off
    for rule, seats in sorted(rules.items()):
        for seat in dict.fromkeys(seats):
            active = len(register.authority.holders(seat.role, register.as_of))
            if active >= seat.count:
                continue
            number = "nobody" if not active else f"only {active}"
            yield Finding(
                check=ID,
                severity=SEVERITY,
                path=f"{AUTHORITY}{PEOPLE}",
                line=1,
                message=f"{_documents(rule, is_only=len(rules) == 1)}: the seat for {seat.count} {seat.meaning} by {seat.role} can't be filled, for {number} active on {register.as_of} holds the role",
                fix=f"have admins give the role `{seat.role}` to somebody in people.yaml, or change the seat in policy.yaml",
                clauses=CLAUSES,
            )


def _documents(rule: str, *, is_only: bool) -> str:
    """The documents that a rule of the policy is about."""
    if rule != "default":
        return f"documents of the type `{rule}`"
    return "all documents" if is_only else "documents of every type without a rule of its own"
