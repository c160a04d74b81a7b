"""Every standard that a document or the policy names has a catalogue.

Serves the mapping of documents to requirements (fact-jacie-hct-8 B1.3, confirmed). A misspelt standard covers nothing, and a binding
standard without a catalogue would have no gaps that anybody could see.

Passes: `standards: {us-21cfr11: ["11.10(e)"]}` with `sops/standards/us-21cfr11.yaml`.
Fails: `standards: {us-21crf11: ["11.10(e)"]}`; the mark {clause}`us-21crf11 11.10(e)`; a catalogue with `supersedes: fact-hct-7` or
`superseded_by: fact-hct-9` where none of that id is on file (a sentence after `superseded_by` is only shown).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from difflib import get_close_matches

from qmdoc import standards
from qmdoc.checks._text import OneDocument
from qmdoc.model import Fault, Finding, Severity, Topic
from qmdoc.register import Register
from qmdoc.standards import Catalogue, UnreadableStandard

ID = "unknown-standard"
SEVERITY = Severity.ERROR
TOPIC = Topic.COVERAGE
CLAUSES = ("fact-jacie-hct-8 B1.3",)
POLICY = "sops/authority/policy.yaml"


def check(register: Register) -> Iterator[Finding]:
    """Standards named by the policy or by another edition that no catalogue holds."""
    if not register.ledger.landings:
        return
    readable = {catalogue.id for catalogue in register.catalogues}
    there = _there(register.catalogues, register.unreadable_standards)
    for standard in register.binding:
        if standard not in readable:
            message = f"the policy says that the standard `{standard}` binds the programme, but no catalogue of it can be read"
            yield Finding(ID, SEVERITY, message, _fix(standard, there), path=POLICY, line=1, clauses=CLAUSES)
    for catalogue in register.catalogues:
        for key, edition in (("supersedes", catalogue.supersedes), ("superseded_by", catalogue.successor)):
            if edition and edition not in there:
                message = f"{catalogue.id}: `{key}` names the edition `{edition}`, of which there is no catalogue"
                line = catalogue.line(key)
                yield Finding(
                    ID, SEVERITY, message, _fix(edition, there), path=catalogue.path, line=line, clauses=CLAUSES
                )


def check_document(one: OneDocument) -> Iterator[Finding]:
    """Standards named in texts that no catalogue holds."""
    there = _there(one.surroundings.catalogues, one.surroundings.unreadable_standards)
    for text in one.texts:
        excused = [(each, text.line("not_applicable")) for each in text.document.front_matter.not_applicable]
        claimed = [(each, text.line("standards")) for each in text.document.front_matter.standards]
        marked = [(each.catalogue, each.line) for each in text.claims if each.section]
        for standard, line in dict.fromkeys((*claimed, *excused, *marked)):
            if standard not in there:
                fault = Fault(line, f"there is no catalogue of the standard `{standard}`", _fix(standard, there))
                yield text.finding(ID, SEVERITY, fault, CLAUSES)


def _there(readable: Iterable[Catalogue], unreadable: Iterable[UnreadableStandard]) -> set[str]:
    return {each.id for each in readable} | {standards.id_of(each.path) for each in unreadable}


def _fix(standard: str, known: Iterable[str]) -> str:
    near = get_close_matches(standard, sorted(known), 1)
    meant = f"write `{near[0]}` if that is meant, or " if near and near[0] != standard else ""
    return f"{meant}put its catalogue at sops/standards/{standard}.yaml"
