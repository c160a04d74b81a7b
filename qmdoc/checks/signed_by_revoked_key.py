"""No document is in force by the signature of a key that was stolen or already revoked.

Serves the loss management of credentials (us-21cfr11 11.300(c), confirmed). A sign-off is doubted when its key is revoked from a day
on or before its landing, or when the reason of the revocation says that the key was stolen, leaked, misused or
compromised (in English or German), for then nobody knows since when. A key that was merely lost, replaced or retired
later leaves what it signed alone.

Passes: QM-001 in force by a key revoked a year later with `reason: replaced`.
Fails: QM-001 in force by a key since revoked with `reason: stolen`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from qmdoc.checks import _text
from qmdoc.model import Finding, Severity, Topic
from qmdoc.register import Register
from qmdoc.signing.acceptance import SignOff
from qmdoc.signing.authority import Key

ID = "signed-by-revoked-key"
SEVERITY = Severity.ERROR
TOPIC = Topic.SIGN_OFFS
CLAUSES = ("us-21cfr11 11.300(c)",)
_IN_OTHER_HANDS = re.compile(
    r"stole|steal|theft|thief|compromis|misus|abuse|leak|gestohlen|diebstahl|entwendet|kompromitt|missbrauch",
    re.IGNORECASE,
)


def check(register: Register) -> Iterator[Finding]:
    """Approved versions with a filling sign-off by a doubtful key."""
    keys = _revoked_keys(register)
    for state in register.states if keys else ():
        for approval in state.standing:
            for sign_off in approval.sign_offs:
                key = keys.get(sign_off.key or "")
                if key is None or not _is_doubtful(sign_off, key):
                    continue
                why = f" ({key.reason})" if key.reason else ""
                yield Finding(
                    check=ID,
                    severity=SEVERITY,
                    document=state.id,
                    path=state.path,
                    line=1,
                    commit=sign_off.commit,
                    message=f"{_text.name(state)}: version {approval.version} counts on the sign-off in commit {sign_off.commit[:12]} by {sign_off.name}, whose key is revoked since {key.revoked}{why}",
                    fix="withdraw the document, or raise its version and have it signed again with other keys",
                    clauses=CLAUSES,
                )


def _revoked_keys(register: Register) -> dict[str, Key]:
    """Every key that an authority in force at some time marks as revoked; what was said last counts."""
    keys = {}
    for period in register.ledger.authorities:
        for _, key in period.authority.key_holders.values():
            if key.revoked:
                keys[key.key.fingerprint] = key
    return keys


def _is_doubtful(sign_off: SignOff, key: Key) -> bool:
    return key.is_revoked(sign_off.day) or bool(_IN_OTHER_HANDS.search(key.reason or ""))
