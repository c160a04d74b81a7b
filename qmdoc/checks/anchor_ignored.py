"""Every time stamp under records/anchors/ is one that the policy's authorities vouch for.

Serves computer-generated, time-stamped audit trails (us-21cfr11 11.10(e), confirmed). A time stamp over another commit, by
a time-stamping authority that the policy does not list, or damaged, proves nothing: it is left out and named as long as it
lies there.

Passes: a time stamp made with `qmdoc anchor`.
Fails: a token copied under another commit's name, one by a foreign authority, or a text in a token's place.
"""

from __future__ import annotations

from collections.abc import Iterator

from qmdoc.checks import _irregular
from qmdoc.model import Finding, Severity, Topic
from qmdoc.register import Register

ID = "anchor-ignored"
SEVERITY = Severity.WARNING
TOPIC = Topic.INTEGRITY
CLAUSES = ("us-21cfr11 11.10(e)",)


def check(register: Register) -> Iterator[Finding]:
    """Time stamps that count for nothing."""
    return _irregular.findings(register, ID, SEVERITY, CLAUSES)
