"""One admin more than the quorum could sign today and in 90 days.

Serves the management of credentials (us-21cfr11 11.300(b) and 11.300(c), both confirmed). When the quorum is lost, nobody can let
anybody in any more and a new trust root is needed.

Passes: three active admins with keys that last, where the quorum is two.
Fails: two of them, or a third whose key ends next month.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from qmdoc.controlled import AUTHORITY
from qmdoc.model import Finding, Severity, Topic
from qmdoc.register import Register
from qmdoc.signing.authority import PEOPLE

ID = "authority-fragile"
SEVERITY = Severity.WARNING
TOPIC = Topic.SIGN_OFFS
CLAUSES = ("us-21cfr11 11.300(b)", "us-21cfr11 11.300(c)")
AHEAD = timedelta(days=90)


def check(register: Register) -> Iterator[Finding]:
    """One finding for the first of the two days on which too few admins could sign."""
    if not register.ledger.landings:
        return
    wanted = register.authority.policy.authority_quorum + 1
    for day in (register.as_of, min(register.as_of, date.max - AHEAD) + AHEAD):
        able = register.authority.able_admins(day)
        if len(able) < wanted:
            message = f"on {day} only {len(able)} admins could sign a change of the authority, and {wanted} should: one more than the quorum"
            fix = "have the admins list another admin, or a new key for one whose key ends, while enough can sign"
            yield Finding(ID, SEVERITY, message, fix, path=f"{AUTHORITY}{PEOPLE}", line=1, clauses=CLAUSES)
            return
