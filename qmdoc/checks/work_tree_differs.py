"""What lies in the working folder is what is committed.

Serves the protection from unauthorised change (fact-jacie-hct-8 B4.5:protection, recalled). The audit is about what is committed; a
change on somebody's disk alone is seen by nobody else.

Passes: a clean folder.
Fails: `QM-001-document-control.md` edited and not committed. Over 20 such files, the rest is summed up.
"""

from __future__ import annotations

from collections.abc import Iterator

from qmdoc import controlled
from qmdoc.model import Finding, Severity, Topic
from qmdoc.register import Register

ID = "work-tree-differs"
SEVERITY = Severity.WARNING
TOPIC = Topic.INTEGRITY
CLAUSES = ("fact-jacie-hct-8 B4.5:protection",)
AT_MOST = 20
_FIX = "commit the change, or put the committed file back; this audit is about what is committed"


def check(register: Register) -> Iterator[Finding]:
    """One finding for each differing file, and one that sums up those beyond twenty."""
    rows = sorted(register.work_tree, key=lambda row: (row.path, row.difference))
    for row in rows[:AT_MOST]:
        message = f"{row.path} is {row.difference}"
        yield Finding(ID, SEVERITY, message, _FIX, controlled.owner_of(row.path), row.path, 1, clauses=CLAUSES)
    if len(rows) > AT_MOST:
        yield Finding(
            ID, SEVERITY, f"{len(rows) - AT_MOST} more files differ from what is committed", _FIX, clauses=CLAUSES
        )
