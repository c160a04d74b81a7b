"""A version that calls its change minor changes nothing that staff must be told again.

Serves training in revised procedures (fact-jacie-hct-8 B5.5, recalled). The redline decides: who attested the version before is asked
again all the same. An author may call a small change major; calling a large one minor is this finding.

Passes: `change: minor`, and a spelling mended.
Fails: `change: minor`, and a dose changed or a step added.
"""

from __future__ import annotations

from collections.abc import Iterator

from qmdoc.documents import ChangeSize, Document
from qmdoc.model import Finding, Severity, Topic
from qmdoc.register import Register, State
from qmdoc.training import sizes

ID = "change-understated"
SEVERITY = Severity.WARNING
TOPIC = Topic.TRAINING
CLAUSES = ("fact-jacie-hct-8 B5.5",)


def check(register: Register) -> Iterator[Finding]:
    """One finding for each version in force, waiting or proposed whose `change: minor` the redline contradicts."""
    for state in register.states:
        for old, new in _steps(state, register):
            size = sizes.between(old, new)
            if size.size is ChangeSize.MAJOR:
                yield Finding(
                    check=ID,
                    severity=SEVERITY,
                    document=state.id,
                    path=new.path,
                    line=new.line("change"),
                    message=f"version {new.version} calls its change minor, but since {old.version} {'; '.join(size.reasons[:3])}",
                    fix="write `change: major` in the next version; whoever attested the one before is asked again meanwhile",
                    clauses=CLAUSES,
                )


def _steps(state: State, register: Register) -> Iterator[tuple[Document, Document]]:
    """Versions that call their change minor, each with the approved one before it."""
    earlier = register.personnel.earlier
    approved = [earlier.get(each.digest) for each in state.approvals]
    shown = {each.digest for each in (state.effective, state.waiting) if each}
    for approval, old, new in zip(state.approvals[1:], approved, approved[1:], strict=False):
        if approval.digest in shown and old and new and new.front_matter.change is ChangeSize.MINOR:
            yield old, new
    proposed = state.proposed.document if state.proposed else None
    if isinstance(proposed, Document) and state.text and proposed.front_matter.change is ChangeSize.MINOR:
        yield state.text, proposed
