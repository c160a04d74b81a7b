"""What is said once a programme's repository has been made: what it holds, and the next three steps."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from pathlib import Path

from qmdoc.charter import Founder


@dataclass(frozen=True, slots=True)
class Begun:
    """What was made: how many documents, the places left open, and documents whose links to what was left out are plain now."""

    folder: Path
    commit: str
    documents: int
    places: int
    founder: Founder
    unlinked: tuple[str, ...]
    is_named: bool


def text(made: Begun) -> str:
    """Where it is, and how to go on."""
    there = shlex.quote(str(made.folder))
    lines = [
        f"Made {made.folder}: {made.documents} documents of the starter library, none approved yet; you are {made.founder.id} in it."
    ]
    if made.unlinked:
        lines.append(
            f"Links to documents that were left out are plain words now, in {len(made.unlinked)} documents: {', '.join(made.unlinked)}."
        )
    if not made.is_named:
        lines.append("The programme has no name yet: write it into sops/authority/policy.yaml with step 2.")
    decide = (
        f"Decide the {made.places} places that are left, and read every text against your own practice: cd {there} && qmdoc local"
        if made.places
        else f"Read every text against your own practice: cd {there} && qmdoc check"
    )
    lines += [
        "",
        "Next:",
        f"  1. {decide}",
        "  2. Have a deputy quality manager and a medical director make their keys (`qmdoc keys new`), put both and the owners into",
        "     sops/authority/people.yaml, commit, and sign that: qmdoc sign @authority",
        "     You committed all texts, so somebody else signs them as quality manager.",
        f"  3. Tell qmdoc on each computer what to trust: git config --global qmdoc.trustRoot {made.commit}",
        "     Then the two sign, document by document: qmdoc sign QM-001",
    ]
    return "\n".join(lines) + "\n"
