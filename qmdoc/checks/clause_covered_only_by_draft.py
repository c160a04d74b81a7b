"""Every clause that binds the programme is answered by a document in force, not by a draft alone.

Serves whichever standard the policy lists as binding; the finding names the clause. A version whose day has not come
covers nothing yet.

Passes: QM-001, in force, claims B4.5.
Fails: B4.5 is claimed by the draft QM-003 only.
"""

from __future__ import annotations

from collections.abc import Iterator

from qmdoc import coverage
from qmdoc.coverage import Cover
from qmdoc.model import Finding, Severity, Topic
from qmdoc.register import Register

ID = "clause-covered-only-by-draft"
SEVERITY = Severity.ERROR
TOPIC = Topic.COVERAGE


def check(register: Register) -> Iterator[Finding]:
    """Binding clauses that only texts without force name."""
    for standard in coverage.of(register):
        for row in standard.gaps:
            if row.cover is Cover.DRAFT_ONLY:
                clause = f"{row.catalogue} {row.clause.id}"
                named = f"{clause} ({row.clause.title})" if row.clause.title else clause
                yield Finding(
                    check=ID,
                    severity=SEVERITY,
                    path=standard.catalogue.path,
                    line=1,
                    message=f"{named} is answered only by {', '.join(dict.fromkeys(row.drafts))}, which is not in force",
                    fix=f"have {row.drafts[0]} approved",
                    clauses=(clause,),
                )
