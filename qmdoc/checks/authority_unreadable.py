"""The files under `sops/authority/` can be read.

Serves authority checks (us-21cfr11 11.10(g), confirmed). Deleting them or making them unreadable changes nothing: the authority
approved before stays in force, and this says so.

Passes: policy.yaml and people.yaml with known keys, and a holder for every seat.
Fails: people.yaml deleted; an e-mail under two people; a seat for a role that nobody holds.
"""

from __future__ import annotations

from collections.abc import Iterator

from qmdoc.controlled import AUTHORITY
from qmdoc.model import Finding, Severity, Topic
from qmdoc.register import Register
from qmdoc.signing.authority import UnreadableAuthority

ID = "authority-unreadable"
SEVERITY = Severity.ERROR
TOPIC = Topic.SIGN_OFFS
CLAUSES = ("us-21cfr11 11.10(g)",)


def check(register: Register) -> Iterator[Finding]:
    """One finding for each thing that keeps the authority on main from being read."""
    pending = register.ledger.pending
    if pending is None or not isinstance(pending.authority, UnreadableAuthority):
        return
    for name, fault in pending.authority.faults:
        message = (
            f"the authority on main can't be read, and the one approved before stays in force: {name}: {fault.message}"
        )
        yield Finding(ID, SEVERITY, message, fault.fix, path=f"{AUTHORITY}{name}", line=fault.line, clauses=CLAUSES)
