"""The commit that was audited last stands on the main line now.

Serves the protection of the audit trail (us-21cfr11 11.10(e), confirmed). The manual prints the commit it was made from; handed to
`--descends-from`, it shows whether anybody has replaced the history since.

Passes: the commit of the last audit is on the mainline.
Fails: it is gone: a force-push, a copy from elsewhere, or a merge the wrong way round, which made another line the main one.
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
            message=f"commit {register.lost_tip[:12]}, which was audited before, no longer stands on the main line",
            fix="find out who replaced the history, or merged it the wrong way round, and put the main branch back to a copy whose main line holds this commit",
            clauses=CLAUSES,
        )
