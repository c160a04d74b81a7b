"""The editions that a programme works by are the current ones.

Serves abiding by current requirements (fact-jacie-hct-8 B1.3, confirmed). One warning for each catalogue that the policy binds or a
document claims and that says `superseded_by`.

Passes: a catalogue without `superseded_by`, or one that nobody claims.
Fails: documents claim fact-jacie-hct-8, whose catalogue names a ninth edition.
"""

from __future__ import annotations

from collections.abc import Iterator

from qmdoc.checks import _clauses
from qmdoc.model import Finding, Severity, Topic
from qmdoc.register import Register

ID = "edition-superseded"
SEVERITY = Severity.WARNING
TOPIC = Topic.COVERAGE
CLAUSES = ("fact-jacie-hct-8 B1.3",)


def check(register: Register) -> Iterator[Finding]:
    """Superseded catalogues that bind the programme or are claimed by a document."""
    used = {standard for standard, _ in _clauses.claimed(register).every} | set(register.binding)
    known = {catalogue.id for catalogue in register.catalogues}
    for catalogue in register.catalogues:
        if catalogue.superseded_by and catalogue.id in used:
            yield Finding(
                check=ID,
                severity=SEVERITY,
                path=catalogue.path,
                line=1,
                message=f"{catalogue.id} was superseded: {catalogue.superseded_by}",
                fix=f"see what to look at again with `qmdoc coverage --from {catalogue.id} --to {catalogue.successor}`, and let the documents claim the new clauses"
                if catalogue.successor in known
                else "add the catalogue of the new edition, compare its clauses, and let the documents claim those",
                clauses=CLAUSES,
            )
