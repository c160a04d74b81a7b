"""Every clause that binds the programme is answered by a document in force, or explained away by one.

Serves whichever standard the policy lists as binding; the finding names the clause. A claim covers that clause alone, not
its parent, its children or a namesake in another standard; a heading asks for nothing.

Passes: QM-001, in force, claims B4.5; QM-002, in force, says under `not_applicable` why CM9 does not apply.
Fails: B4.6 binds, and no document names it.
"""

from __future__ import annotations

from collections.abc import Iterator

from qmdoc import coverage
from qmdoc.coverage import Cover
from qmdoc.model import Finding, Severity, Topic
from qmdoc.register import Register

ID = "clause-uncovered"
SEVERITY = Severity.ERROR
TOPIC = Topic.COVERAGE


def check(register: Register) -> Iterator[Finding]:
    """Binding clauses that no text names."""
    for standard in coverage.of(register):
        for row in standard.gaps:
            if row.cover is Cover.UNCOVERED:
                clause = f"{row.catalogue} {row.clause.id}"
                named = f"{clause} ({row.clause.title})" if row.clause.title else clause
                yield Finding(
                    check=ID,
                    severity=SEVERITY,
                    path=standard.catalogue.path,
                    line=1,
                    message=f"no document answers {named}",
                    fix="name the clause under `standards` in the document that answers it, or under `not_applicable` with the reason",
                    clauses=(clause,),
                )
