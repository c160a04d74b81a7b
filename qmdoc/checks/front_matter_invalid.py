"""Every key of a document's front matter is known, well formed, and says something that the policy knows.

Serves identification and format of controlled documents (fact-jacie-hct-8 B4.5:identifier and B4.5:format, both recalled).
One finding for each wrong key, at its line; a missing key is reported at line 1.

Passes: `version: "2.1"`, `type: sop`, `sites: [main]`, where the policy names the type `sop` and the site `main`.
Fails: `version: 1.10` without quotes, a day that does not exist, an unknown key, a type or a site that the policy does
not name.
"""

from __future__ import annotations

from collections.abc import Iterator

from qmdoc.checks import _text
from qmdoc.checks._text import JudgedText
from qmdoc.documents import Unreadable
from qmdoc.model import Fault, Finding, Severity, Topic
from qmdoc.register import Register
from qmdoc.signing.authority import Policy

ID = "front-matter-invalid"
SEVERITY = Severity.ERROR
TOPIC = Topic.DOCUMENTS
CLAUSES = ("fact-jacie-hct-8 B4.5:identifier", "fact-jacie-hct-8 B4.5:format")


def check(register: Register) -> Iterator[Finding]:
    """One finding for each wrong key, in files that can be identified and in those that can't."""
    on_main = [state.on_main for state in register.states if isinstance(state.on_main, Unreadable)]
    for file in (*on_main, *register.nameless):
        if file.check == ID:
            for fault in file.faults:
                message = f"{file.id or file.path}: {fault.message}"
                yield Finding(ID, SEVERITY, message, fault.fix, file.id, file.path, fault.line, clauses=CLAUSES)
    for text in _text.judged(register):
        for fault in (*text.document.faults, *_unknown_to_the_policy(text, register.authority.policy)):
            yield text.finding(ID, SEVERITY, fault, CLAUSES)


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
