"""The commit where trust begins was named from outside the repository.

Serves the integrity of the audit trail (us-21cfr11 11.10(e), confirmed). Whoever can replace the whole history could otherwise
begin it with an authority of their own.

Passes: `qmdoc check --trust-root <commit>`, or the same in QMDOC_TRUST_ROOT or the user's git settings.
Fails: none of these; the first commit that holds an authority is trusted.
"""

from __future__ import annotations

from collections.abc import Iterator

from qmdoc.model import Finding, Severity, Topic
from qmdoc.register import Register

ID = "trust-root-not-pinned"
SEVERITY = Severity.WARNING
TOPIC = Topic.INTEGRITY
CLAUSES = ("us-21cfr11 11.10(e)",)


def check(register: Register) -> Iterator[Finding]:
    """One finding when the trust root was taken from the repository itself."""
    ledger = register.ledger
    if not ledger.is_pinned:
        digest = ledger.authorities[0].authority.digest
        yield Finding(
            check=ID,
            severity=SEVERITY,
            commit=ledger.trust_root,
            message=f"the trust root was not given from outside: commit {ledger.trust_root[:12]} is trusted because it is the first with an authority",
            fix=f"compare it with a copy you trust, then: git config --global qmdoc.trustRoot {ledger.trust_root}:sha256:{digest}",
            clauses=CLAUSES,
        )
