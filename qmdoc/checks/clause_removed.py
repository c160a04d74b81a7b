"""A clause does not vanish from the catalogue of an edition.

Serves honest coverage (fact-jacie-hct-8 B1.3, confirmed): taking a clause out of the catalogue would close a gap that is still
there. A new edition may have other clauses.

Passes: the catalogue of a new edition without a clause of the old one.
Fails: B4.6 taken out of fact-jacie-hct-8.yaml, its `edition` unchanged.
"""

from __future__ import annotations

from collections.abc import Iterator

from qmdoc.model import Finding, Severity, Topic
from qmdoc.register import Register

ID = "clause-removed"
SEVERITY = Severity.WARNING
TOPIC = Topic.COVERAGE
CLAUSES = ("fact-jacie-hct-8 B1.3",)


def check(register: Register) -> Iterator[Finding]:
    """One finding for each clause that an earlier catalogue of the same edition held."""
    now = {catalogue.path: catalogue for catalogue in register.catalogues}
    for path, earlier in sorted(register.earlier_catalogues.items()):
        catalogue = now.get(path)
        if catalogue is None:
            continue
        same_edition = [each for each in earlier if (each.id, each.edition) == (catalogue.id, catalogue.edition)]
        gone = {
            clause.id: clause.title
            for each in same_edition
            for clause in each.clauses
            if catalogue.clause(clause.id) is None
        }
        for clause, title in sorted(gone.items()):
            named = f"{clause} ({title})" if title else clause
            message = f"{catalogue.id}: the clause {named} was taken out of the catalogue, and the edition is the same"
            fix = "put the clause back, or begin a new catalogue for the new edition"
            yield Finding(ID, SEVERITY, message, fix, path=path, line=1, clauses=CLAUSES)
