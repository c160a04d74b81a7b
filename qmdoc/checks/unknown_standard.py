"""Every standard that a document or the policy names has a catalogue.

Serves the mapping of documents to requirements (fact-jacie-hct-8 B1.3, confirmed). A misspelt standard covers nothing, and a binding
standard without a catalogue would have no gaps that anybody could see.

Passes: `standards: {us-21cfr11: ["11.10(e)"]}` with `sops/standards/us-21cfr11.yaml`.
Fails: `standards: {us-21crf11: ["11.10(e)"]}`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from difflib import get_close_matches

from qmdoc.checks import _text
from qmdoc.model import Fault, Finding, Severity, Topic
from qmdoc.register import Register

ID = "unknown-standard"
SEVERITY = Severity.ERROR
TOPIC = Topic.COVERAGE
CLAUSES = ("fact-jacie-hct-8 B1.3",)
POLICY = "sops/authority/policy.yaml"


def check(register: Register) -> Iterator[Finding]:
    """Standards named in texts or by the policy that no catalogue holds."""
    if not register.ledger.landings:
        return
    readable = {catalogue.id for catalogue in register.catalogues}
    there = readable | {each.path.rpartition("/")[2].removesuffix(".yaml") for each in register.unreadable_standards}
    for standard in register.binding:
        if standard not in readable:
            message = f"the policy says that the standard `{standard}` binds the programme, but no catalogue of it can be read"
            yield Finding(ID, SEVERITY, message, _fix(standard, there), path=POLICY, line=1, clauses=CLAUSES)
    for text in _text.judged(register):
        for key in ("standards", "not_applicable"):
            for standard in getattr(text.document.front_matter, key):
                if standard not in there:
                    fault = Fault(
                        text.line(key), f"there is no catalogue of the standard `{standard}`", _fix(standard, there)
                    )
                    yield text.finding(ID, SEVERITY, fault, CLAUSES)


def _fix(standard: str, known: Iterable[str]) -> str:
    near = get_close_matches(standard, sorted(known), 1)
    meant = f"write `{near[0]}` if that is meant, or " if near and near[0] != standard else ""
    return f"{meant}put its catalogue at sops/standards/{standard}.yaml"
