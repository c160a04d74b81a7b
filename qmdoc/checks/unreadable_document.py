"""Every Markdown file under `sops/` can be read as a controlled document.

Serves the standard format of controlled documents (fact-jacie-hct-8 B4.5:format, recalled). A file that can't be read is
kept and reported, never skipped; the version in force stays in force meanwhile.

Passes: a UTF-8 file that begins with `---`, front matter and `---`.
Fails: a file without front matter, with a merge conflict left in it, or with an invisible character.
"""

from __future__ import annotations

from collections.abc import Iterator

from qmdoc.checks._text import OneDocument
from qmdoc.documents import Unreadable
from qmdoc.model import Finding, Severity, Topic
from qmdoc.register import Register

ID = "unreadable-document"
SEVERITY = Severity.ERROR
TOPIC = Topic.DOCUMENTS
CLAUSES = ("fact-jacie-hct-8 B4.5:format",)


def check(register: Register) -> Iterator[Finding]:
    """One finding for each thing that keeps a file from being read that no number leads to."""
    for file in register.nameless:
        yield from _in_file(file)


def check_document(one: OneDocument) -> Iterator[Finding]:
    """The same of the file that main holds of a document."""
    if isinstance(one.state.on_main, Unreadable):
        yield from _in_file(one.state.on_main)


def _in_file(file: Unreadable) -> Iterator[Finding]:
    for fault in file.faults if file.check == ID else ():
        yield Finding(
            check=ID,
            severity=SEVERITY,
            document=file.id,
            path=file.path,
            line=fault.line,
            message=f"{file.id or file.path} can't be read: {fault.message}",
            fix=fault.fix,
            clauses=CLAUSES,
        )
