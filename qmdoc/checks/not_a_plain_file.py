"""Everything under `sops/` is a plain file.

Serves the protection of controlled documents (fact-jacie-hct-8 B4.5:protection, recalled; us-21cfr11 11.10(c), confirmed). A link
shows text that lies elsewhere and that no signature covers, so a document with one can't be signed.

Passes: a Markdown file, a picture.
Fails: a symbolic link in a document's place, or a submodule.
"""

from __future__ import annotations

from collections.abc import Iterator

from qmdoc import controlled
from qmdoc.model import Finding, Severity, Topic
from qmdoc.register import Register

ID = "not-a-plain-file"
SEVERITY = Severity.ERROR
TOPIC = Topic.DOCUMENTS
CLAUSES = ("fact-jacie-hct-8 B4.5:protection", "us-21cfr11 11.10(c)")
_KINDS = {"120000": "a link to another file", "160000": "another repository (a submodule)"}


def check(register: Register) -> Iterator[Finding]:
    """Links, submodules and whatever else is no plain file."""
    odd = [(path, file) for path, file in register.ledger.holdings.files.items() if not file.is_plain]
    for path, file in sorted(odd):
        yield Finding(
            check=ID,
            severity=SEVERITY,
            document=controlled.owner_of(path),
            path=path,
            line=1,
            message=f"{path} is {_KINDS.get(file.mode, 'of an unknown kind')}, not a plain file",
            fix="put the file itself there",
            clauses=CLAUSES,
        )
