"""Every clause that a document or the policy names stands in the catalogue.

Serves the mapping of documents to requirements (fact-jacie-hct-8 B1.3, confirmed). Clause ids are compared exactly and belong to one
edition; the nearest id is named, as most are slips.

Passes: `fact-jacie-hct-8: [B4.5]`; the mark {clause}`fact-jacie-hct-8 B4.5` at the end of a heading or a paragraph.
Fails: `fact-jacie-hct-8: [B4.55]`; a mark that names such a clause; a policy that binds the programme from a clause on that does not
exist; a new edition's clause that `supersedes` one that the old edition does not hold.
"""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches

from qmdoc.checks._text import JudgedText, OneDocument
from qmdoc.checks.unknown_standard import POLICY
from qmdoc.coverage import Claim
from qmdoc.model import Fault, Finding, Severity, Topic
from qmdoc.register import Register
from qmdoc.standards import Catalogue, is_under

ID = "unknown-clause"
SEVERITY = Severity.ERROR
TOPIC = Topic.COVERAGE
CLAUSES = ("fact-jacie-hct-8 B1.3",)


def check(register: Register) -> Iterator[Finding]:
    """Clauses named by the policy or by another edition that their catalogue does not hold."""
    catalogues = {catalogue.id: catalogue for catalogue in register.catalogues}
    for standard, starts in register.binding.items():
        catalogue = catalogues.get(standard)
        for start in starts if catalogue else ():
            if catalogue and not any(is_under(clause.id, start) for clause in catalogue.clauses):
                message = f"the policy says that `{standard}` binds the programme from clause {start} on, which its catalogue does not hold"
                yield Finding(ID, SEVERITY, message, _fix(start, catalogue), path=POLICY, line=1, clauses=CLAUSES)
    for catalogue in register.catalogues:
        old = catalogues.get(catalogue.supersedes)
        for clause in catalogue.clauses if old else ():
            for name in clause.supersedes or ():
                if old and old.clause(name) is None:
                    message = (
                        f"{catalogue.id}: the clause {clause.id} supersedes {name}, which `{old.id}` does not hold"
                    )
                    yield Finding(
                        ID, SEVERITY, message, _fix(name, old), path=catalogue.path, line=clause.line, clauses=CLAUSES
                    )


def check_document(one: OneDocument) -> Iterator[Finding]:
    """Clauses named in texts that their catalogue does not hold."""
    catalogues = {catalogue.id: catalogue for catalogue in one.surroundings.catalogues}
    for text in one.texts:
        for claim in _named(text):
            catalogue = catalogues.get(claim.catalogue)
            if catalogue and catalogue.clause(claim.clause) is None:
                message = f"the standard `{claim.catalogue}` has no clause {claim.clause}"
                fault = Fault(claim.line, message, _fix(claim.clause, catalogue))
                yield text.finding(ID, SEVERITY, fault, CLAUSES)


def _named(text: JudgedText) -> Iterator[Claim]:
    yield from text.claims
    line = text.line("not_applicable")
    for standard, reasons in text.document.front_matter.not_applicable.items():
        yield from (Claim(standard, clause, line) for clause in reasons)


def _fix(clause: str, catalogue: Catalogue) -> str:
    known = [each.id for each in catalogue.clauses]
    near = get_close_matches(clause, known, 1) or get_close_matches(clause, known, 1, cutoff=0.0)
    return (
        f"the nearest clause is {near[0]}: correct the id, or take it out" if near else "correct the id, or take it out"
    )
