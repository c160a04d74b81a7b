"""What forms and pages print of a duty: who is asked, by when, what shows it, and what changed for this reader."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from qmdoc.documents import TrainingKind
from qmdoc.model import Version
from qmdoc.saying import Said, counted, joined, said
from qmdoc.signing.acceptance import SignOff
from qmdoc.training.nouns import Attested, Duty, Standing

_SHOWN = 5
"""So many changes are told in a line; the redline has all of them."""


@dataclass(frozen=True, slots=True)
class Attestation:
    """One person's duty to know one approved version; `sign_off` is the signed attestation, where there is one.

    `changed` is what changed since the version that this person knows, empty where they know this one or none.
    """

    person: str
    name: str
    roles: tuple[str, ...]
    document: str
    version: Version
    digest: str
    kind: TrainingKind
    due: date
    sign_off: SignOff | None
    standing: Standing
    by: Attested | None
    changed: str

    @property
    def is_met(self) -> bool:
        """The person knows what is asked, whether they signed or a record says so."""
        return self.standing.is_met


def of_duty(duty: Duty) -> Attestation:
    """A duty as forms print it."""
    is_this = duty.by is not None and duty.by.digest == duty.edition.digest
    signed = duty.by.sign_off if duty.by and is_this and duty.standing.is_met else None
    return Attestation(
        duty.person.id,
        duty.person.name,
        duty.roles,
        duty.edition.document,
        duty.edition.version,
        duty.edition.digest,
        duty.asking.kind,
        duty.due,
        signed,
        duty.standing,
        duty.by,
        changed(duty),
    )


def changed(duty: Duty) -> Said | str:
    """What a reader of an earlier version is to look at, in one line; empty where nothing is asked of them again."""
    if duty.standing.is_met or duty.asked_again is None or duty.by is None or not duty.asked_again.reasons:
        return ""
    told = lines(duty.asked_again.reasons)
    return said("since version %(version)s: %(changes)s", version=duty.by.version, changes=told)


def lines(reasons: tuple[str, ...]) -> str:
    """Changes in one line, the weightiest first; how many are left out is said."""
    more = len(reasons) - _SHOWN
    told = joined(reasons[:_SHOWN])
    if more <= 0:
        return told
    return counted(
        "%(told)s; and %(count)s more change, see the redline",
        "%(told)s; and %(count)s more changes, see the redline",
        more,
        told=told,
    )


def deadline(approved: date, since: date, within: int) -> str:
    """By when a version is asked of whoever was there at its approval, in words."""
    if approved < since:
        return said("before it comes into force: by %(day)s", day=since - timedelta(days=1))
    if not within:
        return said("on the day of its approval, %(day)s", day=approved)
    return counted(
        "within %(count)s day of its approval: by %(day)s",
        "within %(count)s days of its approval: by %(day)s",
        within,
        day=approved + timedelta(days=within),
    )
