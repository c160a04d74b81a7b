"""The history that was audited last is part of the history now.

Serves the protection of the audit trail (us-21cfr11 11.10(e), confirmed). The manual prints the commit it was made from; handed to
`--descends-from`, it shows whether anybody has replaced the history since.

Passes: the commit of the last audit is on the mainline.
Fails: it is gone: a force-push, or a copy from elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterator

from qmdoc.model import Finding, Severity, Topic
from qmdoc.register import Register

ID = "history-rewritten"
SEVERITY = Severity.ERROR
TOPIC = Topic.INTEGRITY
CLAUSES = ("us-21cfr11 11.10(e)",)


def check(register: Register) -> Iterator[Finding]:
    """One finding when the earlier end of the mainline has left it."""
    if register.lost_tip is not None:
        yield Finding(
            check=ID,
            severity=SEVERITY,
            commit=register.lost_tip,
            message=f"commit {register.lost_tip[:12]}, which was audited before, is no longer part of this programme's history",
            fix="find out who replaced the history and restore it from a copy that holds this commit",
            clauses=CLAUSES,
        )
