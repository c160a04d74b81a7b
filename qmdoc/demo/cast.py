"""The people of the demonstration, named by role only, and their keys.

Every key follows from a fixed sentence that anybody can read, so that the demonstration is the same on every machine:
these keys prove nothing about anybody and must never sign a real record.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from qmdoc.chronicle import Writer

SEED = "qmdoc demonstration only; never sign a real record with this key"


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody of the demonstration; `joins` and `leaves` count the changes of the authority (0: from the start)."""

    id: str
    name: str
    roles: tuple[str, ...] = ()
    has_key: bool = True
    joins: int = 0
    leaves: int | None = None
    renews: int | None = None

    @property
    def email(self) -> str:
        """An address under a domain that belongs to nobody (RFC 2606)."""
        return f"{self.id}@programme.example"

    def is_listed(self, change: int) -> bool:
        """Whether the person is there after so many changes of the authority."""
        return self.joins <= change and (self.leaves is None or change < self.leaves)

    def key(self, number: int = 1) -> Ed25519PrivateKey:
        """The person's first or second key."""
        return Ed25519PrivateKey.from_private_bytes(hashlib.sha256(f"{SEED}: {self.id} {number}".encode()).digest())

    def public_key(self, number: int = 1) -> str:
        """A key's public line."""
        return self.key(number).public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode()

    def writer(self, time: int) -> Writer:
        """The person as author or committer."""
        return Writer(self.name, self.email, time)


@dataclass(frozen=True, slots=True)
class Turns:
    """The days on which the authority changed, the trust root's first, and the last day of a key that is renewed."""

    days: tuple[date, ...]
    old_key_ends: date
    leaver_ends: date


DEPUTY_JOINS, KEY_RENEWED, OFFICER_LEAVES = 1, 2, 3

PEOPLE = (
    Person("q.manager", "Quality Manager", ("quality-manager", "admin", "root")),
    Person("d.quality", "Deputy Quality Manager", ("quality-manager", "admin")),
    Person("m.director", "Medical Director", ("medical-director", "admin", "root"), renews=KEY_RENEWED),
    Person("d.director", "Deputy Medical Director", ("medical-director",), joins=DEPUTY_JOINS),
    Person("a.lead", "Apheresis Nurse Lead", ("apheresis-nurse",)),
    Person("l.manager", "Processing Laboratory Manager", ("laboratory-manager",)),
    Person("c.director", "Collection Director", ("collection-director",)),
    Person("p.director", "Processing Director", ("processing-director",)),
    Person("p.lead", "Pharmacist", ("pharmacist",)),
    Person("data.manager", "Data Manager", ("data-manager", "admin")),
    Person("i.coordinator", "Intake Coordinator", ("intake-coordinator",)),
    Person("t.coordinator", "Transplant Coordinator", ("transplant-coordinator",)),
    Person("it.lead", "Information Technology Lead", ("information-technology-lead",)),
    Person("f.coordinator", "Finance Coordinator", ("finance-coordinator",)),
    Person("n.educator", "Nurse Educator", ("nurse-educator",)),
    Person("q.officer", "Quality Officer", ("quality-officer",), leaves=OFFICER_LEAVES),
    Person("format.bot", "Formatting Bot", has_key=False),
)
READERS = (
    Person("ward.nurse.1", "Ward nurse 1", ("ward-nurse",)),
    Person("ward.nurse.2", "Ward nurse 2", ("ward-nurse",)),
    Person("ward.nurse.3", "Ward nurse 3", ("ward-nurse",)),
    Person("ward.nurse.4", "Ward nurse 4", ("ward-nurse",), joins=OFFICER_LEAVES),
    Person("physician.1", "Physician 1", ("physician",), has_key=False),
    Person("physician.2", "Physician 2", ("physician",)),
    Person("technologist.1", "Processing technologist 1", ("processing-technologist",)),
    Person("technologist.2", "Processing technologist 2", ("processing-technologist",), has_key=False),
    Person("apheresis.nurse.1", "Apheresis nurse 1", ("apheresis-nurse",)),
    Person("apheresis.nurse.2", "Apheresis nurse 2", ("apheresis-nurse",)),
    Person("social.worker.1", "Social worker 1", ("social-worker",)),
)
BY_ID = {person.id: person for person in (*PEOPLE, *READERS)}


def people_yaml(change: int, turns: Turns) -> str:
    """The file `people.yaml` after so many changes of the authority."""
    head = (
        "# DEMONSTRATION with invented data: nobody here exists, and the keys follow from a public sentence.\n"
        "# People are named by role. Keys, e-mails and ids are never used again for somebody else.\n"
        "people:\n"
    )
    staff = "  # Staff who read, and sign that they have read; records/staff.csv lists all who read.\n"
    groups = (
        "".join(_entry(person, change, turns) for person in group if person.joins <= change)
        for group in (PEOPLE, READERS)
    )
    return head + staff.join(groups)


def staff_csv(change: int, turns: Turns) -> str:
    """The file `records/staff.csv`: everybody who reads procedures and has no office in the programme."""
    rows = [
        _row(each.id, each.name, each.roles[0], f"{turns.days[each.joins]},")
        for each in READERS
        if each.joins <= change
    ]
    rows.append(_row("pharmacy.technician.1", "Pharmacy technician 1", "pharmacy-technician", f"{turns.days[0]},"))
    return "\n".join(["id,name,email,roles,sites,from,to", *rows]) + "\n"


def _row(number: str, name: str, role: str, days: str) -> str:
    return f"{number},{name},{number}@programme.example,{role},main,{days}"


def _entry(person: Person, change: int, turns: Turns) -> str:
    lines = [
        f"  {person.id}:",
        f"    name: {person.name}",
        f"    emails: [{person.email}]",
        f"    roles: [{', '.join(person.roles)}]",
    ]
    first = turns.days[person.joins]
    if person.has_key:
        end = f", to: {turns.old_key_ends}" if person.renews is not None else ""
        lines += ["    keys:", f'      - {{key: "{person.public_key()}", from: {first}{end}}}']
        if person.renews is not None and person.renews <= change:
            lines.append(f'      - {{key: "{person.public_key(2)}", from: {turns.days[person.renews]}}}')
    lines.append(f"    from: {first}")
    if person.leaves is not None and person.leaves <= change:
        lines.append(f"    to: {turns.leaver_ends}")
    return "\n".join(lines) + "\n"
