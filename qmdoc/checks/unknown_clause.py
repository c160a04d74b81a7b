"""Every clause that a document or the policy names stands in the catalogue.

Serves the mapping of documents to requirements (fact-jacie-hct-8 B1.3, confirmed). Clause ids are compared exactly and belong to one
edition; the nearest id is named, as most are slips.

Passes: `fact-jacie-hct-8: [B4.5]`.
Fails: `fact-jacie-hct-8: [B4.55]`; a policy that binds the programme from a clause on that does not exist.
"""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches

from qmdoc.checks import _text
from qmdoc.checks._text import JudgedText
from qmdoc.checks.unknown_standard import POLICY
from qmdoc.model import Fault, Finding, Severity, Topic
from qmdoc.register import Register
from qmdoc.standards import Catalogue, is_under

ID = "unknown-clause"
SEVERITY = Severity.ERROR
TOPIC = Topic.COVERAGE
CLAUSES = ("fact-jacie-hct-8 B1.3",)


def check(register: Register) -> Iterator[Finding]:
    """Clauses named in texts or by the policy that their catalogue does not hold."""
    catalogues = {catalogue.id: catalogue for catalogue in register.catalogues}
    for standard, starts in register.binding.items():
        catalogue = catalogues.get(standard)
        for start in starts if catalogue else ():
            if catalogue and not any(is_under(clause.id, start) for clause in catalogue.clauses):
                message = f"the policy says that `{standard}` binds the programme from clause {start} on, which its catalogue does not hold"
                yield Finding(ID, SEVERITY, message, _fix(start, catalogue), path=POLICY, line=1, clauses=CLAUSES)
    for text in _text.judged(register):
        for key, standard, clause in _named(text):
            catalogue = catalogues.get(standard)
            if catalogue and catalogue.clause(clause) is None:
                fault = Fault(
                    text.line(key), f"the standard `{standard}` has no clause {clause}", _fix(clause, catalogue)
                )
                yield text.finding(ID, SEVERITY, fault, CLAUSES)


def _named(text: JudgedText) -> Iterator[tuple[str, str, str]]:
    front_matter = text.document.front_matter
    for standard, clauses in front_matter.standards.items():
        yield from (("standards", standard, clause) for clause in dict.fromkeys(clauses))
    for standard, reasons in front_matter.not_applicable.items():
        yield from (("not_applicable", standard, clause) for clause in reasons)


def _fix(clause: str, catalogue: Catalogue) -> str:
    known = [each.id for each in catalogue.clauses]
    near = get_close_matches(clause, known, 1) or get_close_matches(clause, known, 1, cutoff=0.0)
    return (
        f"the nearest clause is {near[0]}: correct the id, or take it out" if near else "correct the id, or take it out"
    )
