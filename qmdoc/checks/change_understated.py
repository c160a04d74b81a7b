"""A version that calls its change minor changes nothing that staff must be told again.

Serves training in revised procedures (fact-jacie-hct-8 B5.5, recalled). The redline decides: who attested the version before is asked
again all the same. An author may call a small change major; calling a large one minor is this finding.

Passes: `change: minor`, and a spelling mended.
Fails: `change: minor`, and a dose changed or a step added.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from qmdoc import training
from qmdoc.checks._text import OneDocument
from qmdoc.documents import ChangeSize, Document
from qmdoc.model import Finding, Severity, Topic
from qmdoc.register import State
from qmdoc.training import sizes
from qmdoc.training.sizes import Text

ID = "change-understated"
SEVERITY = Severity.WARNING
TOPIC = Topic.TRAINING
CLAUSES = ("fact-jacie-hct-8 B5.5",)


def check_document(one: OneDocument) -> Iterator[Finding]:
    """One finding for each version in force, waiting or proposed whose `change: minor` the redline contradicts."""
    state = one.state
    if _may_understate(state):
        for old, new in _steps(state, training.texts_of(state, one.earlier)):
            size = sizes.between(old, new)
            if size.size is ChangeSize.MAJOR:
                yield Finding(
                    check=ID,
                    severity=SEVERITY,
                    document=state.id,
                    path=new.document.path,
                    line=new.document.line("change"),
                    message=f"version {new.document.version} calls its change minor, but since {old.document.version} {'; '.join(size.reasons[:3])}",
                    fix="write `change: major` in the next version; whoever attested the one before is asked again meanwhile",
                    clauses=CLAUSES,
                )


def _may_understate(state: State) -> bool:
    shown = (state.text, state.proposed.document if state.proposed else None)
    return state.waiting is not None or any(
        isinstance(each, Document) and each.front_matter.change is ChangeSize.MINOR for each in shown
    )


def _steps(state: State, texts: Mapping[str, Text]) -> Iterator[tuple[Text, Text]]:
    """Versions that call their change minor, each with the approved one before it."""
    approved = [texts.get(each.digest) for each in state.approvals]
    shown = {each.digest for each in state.standing}
    for approval, old, new in zip(state.approvals[1:], approved, approved[1:], strict=False):
        if approval.digest in shown and old and new and _says_minor(new.document):
            yield old, new
    proposed = state.proposed.document if state.proposed else None
    in_force = texts.get(state.effective.digest) if state.effective else None
    if state.proposed and isinstance(proposed, Document) and in_force and _says_minor(proposed):
        yield in_force, Text(proposed, dict(state.proposed.content.names[1:]))


def _says_minor(document: Document) -> bool:
    return document.front_matter.change is ChangeSize.MINOR
