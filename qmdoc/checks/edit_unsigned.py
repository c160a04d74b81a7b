"""Where the policy says `edits: signed` or `edits: forge`, every edit of a document carries a signature.

Serves attributable records (us-21cfr11 11.10(e), data-integrity-guidance ALCOA:attributable, both confirmed). Who typed an
edit that nobody signed is only what its commit claims.

Passes: any edit that landed while the policy in force said `edits: recorded`, whatever it says later; one that its author
signed; under `edits: forge` also one that a forge of the policy signed and committed itself, as it knew who was logged in.
Fails: an edit without such a signature; also one that was made before and landed when the policy asked for it.
"""

from __future__ import annotations

from collections.abc import Iterator

from qmdoc.checks import _irregular
from qmdoc.model import Finding, Severity, Topic
from qmdoc.register import Register

ID = "edit-unsigned"
SEVERITY = Severity.ERROR
TOPIC = Topic.SIGN_OFFS
CLAUSES = ("us-21cfr11 11.10(e)", "data-integrity-guidance ALCOA:attributable")


def check(register: Register) -> Iterator[Finding]:
    """Edits that lack the signature which the policy asks for."""
    return _irregular.findings(register, ID, SEVERITY, CLAUSES)
