"""The nouns of training: who is there, which version asks whom, what somebody attested, and where a duty stands."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from qmdoc.documents import ChangeSize, TrainingKind
from qmdoc.model import Version
from qmdoc.records.training import Record
from qmdoc.signing.acceptance import SignOff

COMPETENCY_MONTHS = 12  # FACT asks for competency each year (recalled); the policy may say otherwise


@dataclass(frozen=True, slots=True)
class Entry:
    """A person as an authority or a staff list writes them; first and last day are inclusive."""

    id: str
    name: str
    emails: tuple[str, ...]
    roles: tuple[str, ...]
    sites: tuple[str, ...]
    first_day: date | None
    last_day: date | None

    def is_active(self, day: date) -> bool:
        """Whether the person belongs to the programme on a day."""
        return (self.first_day is None or self.first_day <= day) and (self.last_day is None or day <= self.last_day)


@dataclass(frozen=True, slots=True)
class Roll:
    """The people whom a list names from a day on, by id: an authority or a staff list, until the next one."""

    day: date
    entries: Mapping[str, Entry]


@dataclass(frozen=True, slots=True)
class Asking:
    """What a version asks: of whom, what, how many days they have, and after how many months it is asked again."""

    roles: tuple[str, ...]
    kind: TrainingKind = TrainingKind.READ_AND_UNDERSTOOD
    within: int = 30
    months: int = COMPETENCY_MONTHS


@dataclass(frozen=True, slots=True)
class Edition:
    """An approved version, as far as training goes: `approved` is its approval's day, `since` its first day in force."""

    document: str
    version: Version
    digest: str
    approved: date
    since: date
    asking: Asking | None
    sites: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Curriculum:
    """A document's approved versions in the order of their approval, since it was last withdrawn.

    `in_force` is the one that staff follow, `ahead` those that are approved and wait for their days.
    """

    document: str
    editions: tuple[Edition, ...]
    in_force: Edition | None
    ahead: tuple[Edition, ...]


@dataclass(frozen=True, slots=True)
class Attested:
    """What counts: a person knows a version since a day, by their own sign-off or by a record; a competency may be failed."""

    person: str
    document: str
    digest: str
    day: date
    kind: TrainingKind
    is_passed: bool = True
    sign_off: SignOff | None = None
    record: Record | None = None
    entry: str = ""

    @property
    def version(self) -> Version | None:
        """The version attested, as its record or sign-off writes it."""
        if self.record:
            return self.record.version
        subjects = self.sign_off.subjects if self.sign_off else ()
        return next((each.version for each in subjects if (each.id, each.digest) == (self.document, self.digest)), None)


@dataclass(frozen=True, slots=True)
class Size:
    """How much changed between two versions, with what shows it, one line each."""

    size: ChangeSize
    reasons: tuple[str, ...] = ()


Sizes = Callable[[Edition, Edition], Size]
"""How much changed from one version to a later one; asked only where somebody attested the first and not the second."""


class Standing(StrEnum):
    """Where a duty stands on a day."""

    ATTESTED = "attested"
    MINOR_CHANGE = "attested, minor change since"
    OPEN = "open"
    AWAY = "away"
    MISSING = "missing"
    OUTDATED = "outdated"
    COMPETENCY_OVERDUE = "competency overdue"

    @property
    def is_met(self) -> bool:
        """The person knows what is asked."""
        return self in (Standing.ATTESTED, Standing.MINOR_CHANGE)

    @property
    def is_late(self) -> bool:
        """Its day has passed."""
        return self in (Standing.MISSING, Standing.OUTDATED, Standing.COMPETENCY_OVERDUE)


@dataclass(frozen=True, slots=True)
class Duty:
    """What one version asks of one person on a day; `by` is what meets it or met it before, `asked_again` why it no longer does."""

    person: Entry
    roles: tuple[str, ...]
    edition: Edition
    asking: Asking
    due: date
    standing: Standing
    by: Attested | None = None
    asked_again: Size | None = None
