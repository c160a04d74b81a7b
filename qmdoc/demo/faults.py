"""Six faults that a visitor can be shown, each a finding that anybody understands."""

from __future__ import annotations

from dataclasses import dataclass

from qmdoc.demo.cast import BY_ID
from qmdoc.demo.history import History, Occasion, Saying
from qmdoc.demo.story import FORGOTTEN
from qmdoc.demo.texts import Library

AGO = 3


@dataclass(frozen=True, slots=True)
class Fault:
    """What was done wrongly, and the check that finds it."""

    check: str
    document: str
    story: str


ALL = (
    Fault(
        "changed-after-approval",
        "CLN-003",
        "the Nurse Educator changed an approved text and left its version as it was",
    ),
    Fault("review-overdue", FORGOTTEN, "the periodic review was forgotten"),
    Fault("sign-off-unsigned", "TEC-001", "the Medical Director approved the proposal without a signature"),
    Fault("unknown-clause", "CLN-005", "the draft claims a clause that the standard does not have"),
    Fault("effective-document-deleted", "CLN-101", "somebody deleted the file of a form in force"),
    Fault("duplicate-id", "FIN-001", "a copy of a procedure was saved beside it under the same number"),
)


def plant(history: History, library: Library) -> None:
    """Commits the faults on main; the forgotten review is left out by the play."""
    worse = "or the patient gets worse within {} of treatment."
    _write(history, "Wording", library.paths["CLN-003"], (worse.format("one hour"), worse.format("four hours")))
    history.sign(Occasion(BY_ID["m.director"], AGO), ("TEC-001",), Saying("medical-director"), key=None)
    _write(
        history,
        "Name the clause",
        library.paths["CLN-005"],
        ("programmes: [iec]\n", "programmes: [iec]\nstandards:\n  fact-iec-3: [B4.55]\n"),
    )
    history.commit(Occasion(BY_ID["n.educator"], AGO), "Tidy up", {library.paths["CLN-101"]: None})
    path = library.paths["FIN-001"]
    history.commit(
        Occasion(BY_ID["f.coordinator"], AGO),
        "Copy",
        {f"{path.rpartition('/')[0]}/FIN-001-prior-authorisation-copy.md": history.text(path)},
    )


def _write(history: History, message: str, path: str, change: tuple[str, str]) -> None:
    text = history.text(path)
    assert text.count(change[0]) == 1, path
    history.commit(Occasion(BY_ID["n.educator"], AGO), message, {path: text.replace(*change)})
