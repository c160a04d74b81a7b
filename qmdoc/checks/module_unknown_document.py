"""A module of training names documents that are in force.

Serves training by role (fact-jacie-hct-8 B5.5, recalled). A document that is not there can't be learned, so nobody would ever be done.

Passes: a module that names QM-001, in force.
Fails: one that names QM-999, or a document that was withdrawn.
"""

from __future__ import annotations

from collections.abc import Iterator

from qmdoc.model import Finding, Severity, Topic
from qmdoc.records.modules import PATH
from qmdoc.register import Register

ID = "module-unknown-document"
SEVERITY = Severity.ERROR
TOPIC = Topic.TRAINING
CLAUSES = ("fact-jacie-hct-8 B5.5",)


def check(register: Register) -> Iterator[Finding]:
    """One finding for each document of a module that is not in force."""
    modules = register.personnel.modules
    in_force = {state.id for state in register.in_force} if modules.modules else set[str]()
    known = {state.id for state in register.states} if modules.modules else set[str]()
    for name, module in modules.modules.items():
        for number in module.documents:
            if number not in in_force:
                why = "is not in force" if number in known else "does not exist"
                yield Finding(
                    check=ID,
                    severity=SEVERITY,
                    path=PATH,
                    line=modules.lines.get(name, 1),
                    document=number if number in known else None,
                    message=f"the module `{name}` names {number}, which {why}",
                    fix="name the document that replaces it, or take it out of the module",
                    clauses=CLAUSES,
                )
