"""Templates and configuration of the programme's own are signed like everything else that staff read.

Serves the integrity of documents that are shown (us-21cfr11 11.10(d), confirmed). The approved text is read from signed bytes, but
`conf.py` and the files under `templates/` stand around it on every page: whoever can change them can change what staff
read. The admins sign them by their digest, in the policy.

Passes: the files that qmdoc ships; one's own with `templates: sha256:<digest>` in policy.yaml.
Fails: one's own `templates/manual/home.html`, without that line or with the digest of an earlier state.
"""

from __future__ import annotations

from collections.abc import Iterator

from qmdoc.model import Finding, Severity, Topic
from qmdoc.register import Register

ID = "manual-restyled"
SEVERITY = Severity.WARNING
TOPIC = Topic.INTEGRITY
CLAUSES = ("us-21cfr11 11.10(d)",)
_NAMED = 3


def check(register: Register) -> Iterator[Finding]:
    """One finding when what frames the manual is the programme's own, and no authority in force names it."""
    found = register.restyling
    if found is None or register.authority.policy.templates == f"sha256:{found.digest}":
        return
    more = f" and {len(found.paths) - _NAMED} more" if len(found.paths) > _NAMED else ""
    yield Finding(
        check=ID,
        severity=SEVERITY,
        path=found.paths[0],
        line=1,
        message=f"the manual is made with files of the programme's own that nobody has signed: {', '.join(found.paths[:_NAMED])}{more}",
        fix=f"look through them, then have the admins sign `templates: sha256:{found.digest}` in policy.yaml; or take them out",
        clauses=CLAUSES,
    )
