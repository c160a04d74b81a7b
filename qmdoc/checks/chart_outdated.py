"""Every flow chart shows what its source says.

Serves the protection of controlled documents (fact-jacie-hct-8 B4.5:protection, recalled): staff see the drawing, reviewers read
the source, and both were signed. `qmdoc draw` writes the digest of the source into the drawing.

Passes: `flow.dot` beside the `flow.svg` that `qmdoc draw` made from it.
Fails: `flow.dot` changed afterwards, or without `flow.svg`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from qmdoc import controlled
from qmdoc.model import Finding, Severity, Topic
from qmdoc.register import Register

ID = "chart-outdated"
SEVERITY = Severity.ERROR
TOPIC = Topic.DOCUMENTS
CLAUSES = ("fact-jacie-hct-8 B4.5:protection",)


def check(register: Register) -> Iterator[Finding]:
    """Charts without a drawing, and drawings of another source."""
    for path, source in sorted(register.attachments.items()):
        if not path.endswith(".dot"):
            continue
        drawn = register.attachments.get(f"{path.removesuffix('.dot')}.svg")
        name, number = path.rpartition("/")[2], controlled.owner_of(path)
        if drawn is None:
            message = f"{number}: the chart {name} has no drawing beside it"
        elif f"sha256:{hashlib.sha256(source).hexdigest()}".encode() not in drawn:
            message = f"{number}: the drawing of the chart {name} was not made from the chart as it stands"
        else:
            continue
        fix = f"run `qmdoc draw {number}` and commit both files"
        yield Finding(ID, SEVERITY, message, fix, number, path, 1, clauses=CLAUSES)
