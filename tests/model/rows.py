"""A history as plain rows: who did what, in what order. The model reads these, and never a repository.

Each row is a commit: its parents (by row number), who wrote it, the whole of what the tree then holds, the authority
files, and, where its message is a statement, what it says and which key made the signature.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import date, datetime

from programme import POLICY, document, public

from model import clock
from qmdoc.model import Meaning, Outcome

SENTENCE = "sentence"
FORGE = "noreply@forge.example"


@dataclass(frozen=True)
class Sheet:
    """A document as a commit holds it: what its front matter says, which text, and the picture beside it."""

    number: str
    version: tuple[int, int]
    letter: str = "A"
    type: str = "sop"
    effective: date | None = None
    picture: str = ""
    is_local: bool = False
    is_broken: bool = False

    @property
    def text(self) -> str:
        """The bytes of the file."""
        body = f"## Purpose\n\nText {self.letter}.\n" + ("\nCall [[local: whom]].\n" if self.is_local else "")
        keys = {"type": self.type, "effective_date": self.effective.isoformat() if self.effective else ""}
        version = "one" if self.is_broken else f"{self.version[0]}.{self.version[1]}"
        return document(self.number, version, body=body, **keys)

    @property
    def files(self) -> dict[str, str]:
        """The names that its digest covers, each with its content (SIGNOFF.md §1)."""
        return {".": self.text} | ({"scale.txt": self.picture} if self.picture else {})

    @property
    def digest(self) -> str:
        """SIGNOFF.md §1, *Document digest*."""
        return digest(self.files)

    @property
    def blob(self) -> str:
        """git's own id for the file."""
        content = self.text.encode()
        return hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()

    def __str__(self) -> str:
        marks = [f"from {self.effective}"] if self.effective else []
        marks += [f"picture {self.picture.strip()}"] if self.picture else []
        marks += [word for word, said in (("local", self.is_local), ("broken", self.is_broken)) if said]
        return f"{self.number} {self.version[0]}.{self.version[1]}{self.letter}" + (
            f" ({', '.join(marks)})" if marks else ""
        )


@dataclass(frozen=True)
class Key:
    """A key on a person's entry; the seed says which key it is, whoever lists it."""

    seed: tuple[str, int]
    first: date | None = None
    last: date | None = None
    revoked: date | None = None

    @property
    def yaml(self) -> str:
        rows = {"from": self.first, "to": self.last, "revoked": self.revoked}
        return f'{{key: "{public(*self.seed)}"' + "".join(f", {name}: {day}" for name, day in rows.items() if day) + "}"


@dataclass(frozen=True)
class Person:
    """An entry in people.yaml."""

    id: str
    emails: tuple[str, ...]
    roles: tuple[str, ...]
    keys: tuple[Key, ...]
    first: date | None = None
    last: date | None = None

    def is_active(self, day: date) -> bool:
        """Whether a day lies between `from` and `to`."""
        return (not self.first or day >= self.first) and (not self.last or day <= self.last)

    @property
    def yaml(self) -> str:
        lines = [
            f"  {self.id}:",
            f"    name: {self.id.title()}",
            f"    emails: [{', '.join(self.emails)}]",
            f"    roles: [{', '.join(self.roles)}]",
        ]
        lines.append(f"    keys: [{', '.join(key.yaml for key in self.keys)}]")
        lines += [f"    from: {self.first}"] if self.first else []
        lines += [f"    to: {self.last}"] if self.last else []
        return "\n".join(lines) + "\n"


@dataclass(frozen=True)
class Seat:
    """A signature that the policy asks for."""

    role: str
    meaning: Meaning = Meaning.APPROVAL
    count: int = 1
    is_independent: bool = True


@dataclass(frozen=True)
class Office:
    """The authority files of a commit."""

    people: tuple[Person, ...]
    quorum: int
    assurance: str
    seats: tuple[tuple[str, tuple[Seat, ...]], ...]
    is_broken: bool = False

    def person(self, number: str) -> Person | None:
        return next((person for person in self.people if person.id == number), None)

    def rule(self, type_: str) -> tuple[Seat, ...]:
        rules = dict(self.seats)
        return rules.get(type_, rules["default"])

    @property
    def files(self) -> dict[str, str]:
        head = POLICY.partition("sign_off:")[0].replace("authority_quorum: 2", f"authority_quorum: {self.quorum}")
        head = head.replace("assurance: signed", f"assurance: {self.assurance}")
        rules = ""
        for name, seats in self.seats:
            rules += f"  {name}:\n"
            for seat in seats:
                rules += f"    - {{role: {seat.role}, meaning: {seat.meaning}, count: {seat.count}, independent: {str(seat.is_independent).lower()}}}\n"
        forges = f'forges: {{forge: {{keys: ["{public("forge")}"], committers: [{FORGE}]}}}}\n'
        people = "people: [\n" if self.is_broken else "people:\n" + "".join(person.yaml for person in self.people)
        return {"policy.yaml": f"{head}sign_off:\n{rules}{forges}{clock.listed()}", "people.yaml": people}

    @property
    def digest(self) -> str:
        """SIGNOFF.md §1, *Authority digest*."""
        return digest(self.files)

    def __str__(self) -> str:
        def shown(person: Person) -> str:
            keys = ", ".join(
                f"{key.seed[0]}/{key.seed[1]}"
                + "".join(
                    f" {word} {day}"
                    for word, day in (("from", key.first), ("to", key.last), ("revoked", key.revoked))
                    if day
                )
                for key in person.keys
            )
            return f"{person.id} [{' '.join(person.roles)}] keys {keys}" + (
                f" until {person.last}" if person.last else ""
            )

        rules = "; ".join(
            f"{name}: "
            + ", ".join(
                f"{s.role} {s.meaning} x{s.count}{'' if s.is_independent else ' (not independent)'}" for s in seats
            )
            for name, seats in self.seats
        )
        return (
            f"{self.digest[:8]} quorum {self.quorum}, {self.assurance}{', BROKEN' if self.is_broken else ''}\n      {rules}\n      "
            + "\n      ".join(map(shown, self.people))
        )


@dataclass(frozen=True)
class Subject:
    """A subject line; a document's, or the authority's (number `@authority`)."""

    number: str
    version: tuple[int, int] | None
    blob: str
    digest: str

    @classmethod
    def of(cls, sheet: Sheet) -> Subject:
        return cls(sheet.number, sheet.version, sheet.blob, sheet.digest)

    def __str__(self) -> str:
        return f"{self.number} {'.'.join(map(str, self.version)) if self.version else ''} {self.digest[:8]}"


@dataclass(frozen=True)
class Said:
    """What a sign-off's message says."""

    signer: str
    role: str
    meaning: Meaning
    authority: str
    time: datetime
    subjects: tuple[Subject, ...]
    reason: str | None = None
    outcome: Outcome | None = None
    next_review: date | None = None
    is_sentence_right: bool = True
    is_well_formed: bool = True


@dataclass(frozen=True)
class Slip:
    """A portable sign-off: a statement and its signature as two files (SIGNOFF.md §8)."""

    said: Said
    key: tuple[str, int]
    signature: str = "good"

    @property
    def path(self) -> str:
        """Where the statement lies."""
        said = self.said
        return f"records/sign-offs/{said.subjects[0].digest[:12]}/{said.signer}.{said.role}.{said.meaning}.txt"

    def __str__(self) -> str:
        said = self.said
        subjects = "; ".join(map(str, said.subjects))
        return f"{self.path} at {said.time:%m-%d %H:%M} under {said.authority[:8]}, key {self.key[0]}/{self.key[1]} {self.signature}: {subjects}"


@dataclass(frozen=True)
class Stamp:
    """A file named as a time stamp over a row; `by` the authority of the house, a foreign one, or nobody (`broken`), or `other`:
    the house, over something else.
    """

    over: int
    time: datetime
    by: str = "house"

    def __str__(self) -> str:
        return f"time stamp over {self.over} of {self.time:%Y-%m-%d %H:%M} by {self.by}"


@dataclass(frozen=True)
class Row:
    """A commit."""

    what: str
    parents: tuple[int, ...]
    author: str
    committer: str
    time: datetime
    sheets: tuple[tuple[str, Sheet], ...] = ()
    office: Office | None = None
    co_authors: tuple[str, ...] = ()
    said: Said | None = None
    key: tuple[str, int] | None = None
    signature: str = "good"
    slips: tuple[Slip, ...] = ()
    approvers: tuple[str, ...] = ()
    stamps: tuple[Stamp, ...] = ()

    @property
    def tree(self) -> tuple[object, ...]:
        """What git's tree would tell apart."""
        return (self.sheets, self.office, self.slips, self.stamps)

    def holds(self, number: str) -> list[Sheet]:
        """Every file that bears a document's number."""
        return [sheet for _, sheet in self.sheets if sheet.number == number]


@dataclass(frozen=True)
class History:
    """Rows in the order in which they were made, the end of each branch, and what the audit starts from."""

    rows: tuple[Row, ...]
    tips: dict[str, int] = field(default_factory=dict)
    trust_root: int = 0

    def __str__(self) -> str:
        lines: list[str] = [""]
        offices: list[Office | None] = []
        for number, row in enumerate(self.rows):
            who = row.author + (f" / {row.committer}" if row.committer != row.author else "")
            who += "".join(f" + {other}" for other in row.co_authors)
            who += f" approved by {' '.join(row.approvers)}" if row.approvers else ""
            key = f" key {row.key[0]}/{row.key[1]} {row.signature}" if row.key else ""
            lines.append(
                f"{number:3} <- {','.join(map(str, row.parents)) or '-':6} {row.time:%Y-%m-%d %H:%M} {who}{key}: {row.what}"
            )
            if row.said:
                said = row.said
                lines.append(
                    f"      says {said.signer} ({said.role}) {said.meaning} under {said.authority[:8]} at {said.time:%m-%d %H:%M}: {'; '.join(map(str, said.subjects))} {said.outcome or ''}{said.next_review or ''}"
                )
            elif len(row.parents) != 1 or self.rows[row.parents[0]].sheets != row.sheets:
                lines += [f"      {path}: {sheet} {sheet.digest[:8]}" for path, sheet in row.sheets]
            before = self.rows[row.parents[0]].slips if row.parents else ()
            lines += [f"      + {slip}" for slip in row.slips if slip not in before]
            lines += [f"      - {slip}" for slip in before if slip not in row.slips]
            stamped = self.rows[row.parents[0]].stamps if row.parents else ()
            lines += [f"      + {stamp}" for stamp in row.stamps if stamp not in stamped]
            lines += [f"      - {stamp}" for stamp in stamped if stamp not in row.stamps]
            if row.office not in offices:
                offices.append(row.office)
                lines.append(f"      authority {row.office}")
            elif row.parents and self.rows[row.parents[0]].office != row.office:
                lines.append(f"      authority {row.office.digest[:8] if row.office else 'deleted'} again")
        return "\n".join([*lines, f"ends: {self.tips}, trust root {self.trust_root}"])


def digest(files: dict[str, str]) -> str:
    """SIGNOFF.md §1: SHA-256 over the sorted lines `<sha256 of file> <name>`."""
    lines = sorted(f"{hashlib.sha256(text.encode()).hexdigest()} {name}\n" for name, text in files.items())
    return hashlib.sha256("".join(lines).encode()).hexdigest()
