"""Everybody who edits a document is known to the authority.

Serves attributable records (us-21cfr11 11.10(e), data-integrity-guidance ALCOA:attributable, both confirmed): whoever is in no
authority can't be shown to be independent of the approver.

Passes: an edit under an e-mail address that people.yaml lists, with `roles: []` if its holder signs nothing.
Fails: an edit by `somebody@elsewhere.example`, whom no authority ever listed.
"""

from __future__ import annotations

from collections.abc import Iterator

from qmdoc.checks import _irregular
from qmdoc.model import Finding, Severity, Topic
from qmdoc.register import Register

ID = "unknown-editor"
SEVERITY = Severity.ERROR
TOPIC = Topic.SIGN_OFFS
CLAUSES = ("us-21cfr11 11.10(e)", "data-integrity-guidance ALCOA:attributable")


def check(register: Register) -> Iterator[Finding]:
    """Documents that main holds in a form some unknown person gave them."""
    return _irregular.findings(register, ID, SEVERITY, CLAUSES)
