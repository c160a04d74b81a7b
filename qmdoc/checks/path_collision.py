"""Every path under `sops/` can be told apart from every other, by people and on every computer.

Serves legible and available records (data-integrity-guidance ALCOA:legible and ALCOA+:available, both confirmed). Windows and
macOS keep one file where two names differ by capital letters or Unicode form only; a hidden character could make two
sets of files look the same.

Passes: `quality/QM-001/flow.svg` beside `quality/QM-001/flow.dot`.
Fails: `quality/QM-001/Flow.svg` beside `quality/QM-001/flow.svg`; a line end or a backslash in a name.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from qmdoc import controlled
from qmdoc.model import Finding, Severity, Topic
from qmdoc.register import Register

ID = "path-collision"
SEVERITY = Severity.ERROR
TOPIC = Topic.DOCUMENTS
CLAUSES = ("data-integrity-guidance ALCOA:legible", "data-integrity-guidance ALCOA+:available")


def check(register: Register) -> Iterator[Finding]:
    """Names that could deceive, and names that are the same but for case or Unicode form."""
    paths = sorted(register.ledger.holdings.files)
    for path in paths:
        if not controlled.is_printable(path):
            message = f"the name {path} holds a backslash, a character that can't be seen, or bytes that are no text"
            yield _finding(path, message, "name the file with plain letters, digits, hyphens and dots")
    for spellings in _spelt_differently(paths):
        listed = " and ".join(spellings)
        message = f"{listed} differ by capital letters or the form of their letters only"
        yield _finding(spellings[0], message, "rename one of them: many computers can't keep both")


def _spelt_differently(paths: Iterable[str]) -> Iterator[list[str]]:
    """Files and folders that fold to one name; what lies in a folder with two spellings is not listed again."""
    spellings: dict[str, set[str]] = {}
    for path in paths:
        steps = path.split("/")
        for depth in range(1, len(steps) + 1):
            here = "/".join(steps[:depth])
            spellings.setdefault(controlled.folded(here), set()).add(here)
    for _, found in sorted(spellings.items()):
        if len(found) > 1 and len({path.rpartition("/")[0] for path in found}) == 1:
            yield sorted(found)


def _finding(path: str, message: str, fix: str) -> Finding:
    owner = controlled.owner_of(path)
    return Finding(ID, SEVERITY, message, fix, owner, path, 1, clauses=CLAUSES)


def paths(register: Register) -> object:
    """What it looks at: the names of all files."""
    return frozenset(register.ledger.holdings.files)
