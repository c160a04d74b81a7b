"""Every key of a document's front matter is known, well formed, and says something that the policy knows.

Serves identification and format of controlled documents (fact-jacie-hct-8 B4.5:identifier and B4.5:format, both recalled).
One finding for each wrong key, at its line; a missing key is reported at line 1.

Passes: `version: "2.1"`, `type: sop`, `sites: [main]`, where the policy names the type `sop` and the site `main`.
Fails: `version: 1.10` without quotes, a day that does not exist, an unknown key, a type or a site that the policy does
not name.
"""

from __future__ import annotations

from collections.abc import Iterator

from qmdoc.checks._text import JudgedText, OneDocument
from qmdoc.documents import Unreadable
from qmdoc.model import Fault, Finding, Severity, Topic
from qmdoc.register import Register
from qmdoc.signing.authority import Policy

ID = "front-matter-invalid"
SEVERITY = Severity.ERROR
TOPIC = Topic.DOCUMENTS
CLAUSES = ("fact-jacie-hct-8 B4.5:identifier", "fact-jacie-hct-8 B4.5:format")


def check(register: Register) -> Iterator[Finding]:
    """One finding for each wrong key, in files that can't be identified."""
    for file in register.nameless:
        yield from _in_file(file)


def check_document(one: OneDocument) -> Iterator[Finding]:
    """The same in the file of a document and in its texts."""
    if isinstance(one.state.on_main, Unreadable):
        yield from _in_file(one.state.on_main)
    for text in one.texts:
        for fault in (*text.document.faults, *_unknown_to_the_policy(text, one.surroundings.authority.policy)):
            yield text.finding(ID, SEVERITY, fault, CLAUSES)


def _in_file(file: Unreadable) -> Iterator[Finding]:
    for fault in file.faults if file.check == ID else ():
        message = f"{file.id or file.path}: {fault.message}"
        yield Finding(ID, SEVERITY, message, fault.fix, file.id, file.path, fault.line, clauses=CLAUSES)


def _unknown_to_the_policy(text: JudgedText, policy: Policy) -> Iterator[Fault]:
    front_matter = text.document.front_matter
    lists = (
        ("type", (front_matter.type,) if front_matter.type else (), tuple(policy.types)),
        ("sites", front_matter.sites, tuple(policy.sites)),
        ("programmes", front_matter.programmes, tuple(policy.programmes)),
    )
    for key, written, known in lists:
        for word in written:
            if word not in known:
                fix = f"write one of {', '.join(known) or '(none is named)'}, or have the policy name `{word}`"
                yield Fault(text.line(key), f"`{key}` is `{word}`, which the policy does not name", fix, key)
