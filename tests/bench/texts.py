"""The texts of a corpus: documents of two to four printed pages, the authority's files, and two small catalogues."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from random import Random
from typing import TypeVar

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from bench.cast import Person, Revision, Sop
from bench.plan import REVIEW_MONTHS, SEATS
from bench.words import DUTIES, NOUNS, SENTENCES, STEPS, VERBS

SECTIONS = ("Purpose", "Scope", "Responsibilities", "Procedure", "Records", "References")
CATALOGUES = {
    "bench-quality": ("Bench standard for quality management", tuple(f"{part}.{row}" for part in range(4, 9) for row in range(1, 4))),
    "bench-records": ("Bench standard for records", tuple(f"R{row}" for row in range(1, 10))),
}  # fmt: skip
CLAUSES = tuple((catalogue, clause) for catalogue, (_, clauses) in CATALOGUES.items() for clause in clauses)
README = "# Quality manual\n\nThe procedures are in `sops/`.\n"
T = TypeVar("T")


class Text:
    """A document's text, revision by revision, as a row of paragraphs; the first is the front matter."""

    def __init__(self, number: int, sops: Sequence[Sop], seed: int) -> None:
        self._random = Random(f"{seed}/sop/{number}")
        self._sop = sops[number]
        self._standards = _claims(number, self._random)
        self._body = self._first(number, sops)

    def paragraphs(self, revision: Revision) -> list[bytes]:
        """The text as it stands, under the front matter of a revision."""
        sop = self._sop
        front = (
            f'---\nid: {sop.id}\ntitle: {sop.title}\ntype: sop\nversion: "{revision.version}"\nowner: {sop.owner}\n'
            f"review_date: {revision.review_date}\n{self._standards}---\n\n"
        )
        return [front.encode(), *self._body]

    def edit(self) -> None:
        """Changes one paragraph in place: adds, replaces or drops a sentence."""
        random = self._random.random
        prose = [at for at, each in enumerate(self._body[:-1]) if each[:1] not in b"#|>`-1" and each[:6] != b"It is "]
        at = _pick(self._random, prose)
        was, roll = self._body[at], random()
        while self._body[at] == was:  # the same sentence may be drawn again, and every revision differs
            sentences = was.decode().rstrip().split(". ")
            if roll < 0.5 or len(sentences) < 3:
                sentences.append(_fill(self._random, SENTENCES))
            elif roll < 0.85:
                sentences[int(random() * len(sentences))] = _fill(self._random, SENTENCES)
            else:
                sentences.pop(int(random() * len(sentences)))
            self._body[at] = (". ".join(each.rstrip(".") for each in sentences) + ".\n\n").encode()

    def _first(self, number: int, sops: Sequence[Sop]) -> list[bytes]:
        random = self._random.random
        drawn = {int(random() * number) for _ in range(2 + int(random() * 4)) if number}
        others = [sops[each] for each in sorted(drawn)]
        body = ["## Purpose\n\n", self._prose(3), "## Scope\n\n", self._prose(3)]
        body += [f"It is read together with {_link(other)}.\n\n" for other in others[:1]]
        body += ["## Definitions\n\n", self._table("Term | Meaning", self._words(3 + int(random() * 4)))]
        body += ["## Responsibilities\n\n", self._table("Role | Duty", DUTIES[: 3 + int(random() * 3)])]
        body += ["## Procedure\n\n", self._prose(2)]
        for part in range(3 + int(random() * 4)):
            body += self._part(part, others)
        rows = [
            f"| {noun} | {int(random() * 50)} | {50 + int(random() * 50)} | {_pick(self._random, ('mg', 'mL', '°C', '%'))} |\n"
            for noun in self._words(4 + int(random() * 5))
        ]
        body += ["## Acceptance criteria\n\n", "| Item | Lower | Upper | Unit |\n| --- | ---: | ---: | --- |\n" + "".join(rows) + "\n"]  # fmt: skip
        kept = [f"- {noun.capitalize()}, kept {1 + int(random() * 15)} years\n" for noun in self._words(4)]
        body += ["## Records\n\n", "".join(kept) + "\n"]
        named = [f"- {_link(other)}, {other.title}\n" for other in others] or ["- None.\n"]
        body += ["## References\n\n", "".join(named)]
        return [paragraph.encode() for paragraph in body]

    def _part(self, part: int, others: Sequence[Sop]) -> list[str]:
        """A part of the procedure: prose, steps, and at times a note or what a computer prints."""
        random = self._random.random
        noun = _pick(self._random, NOUNS)[4:]
        paragraphs = [
            f"### {_pick(self._random, VERBS)} of {noun}, part {part + 1}\n\n",
            self._prose(2 + int(random() * 3)),
        ]
        steps = [f"{step + 1}. {_fill(self._random, STEPS)}\n" for step in range(4 + int(random() * 5))]
        if random() < 0.5:
            steps.insert(3, f"   - {_fill(self._random, STEPS)}\n   - {_fill(self._random, STEPS)}\n")
        paragraphs.append("".join(steps) + "\n")
        if random() < 0.3 and others:
            paragraphs.append(
                f"> **Note:** {_fill(self._random, SENTENCES)} See {_link(_pick(self._random, others))}.\n\n"
            )
        if random() < 0.15:
            paragraphs.append(f"```text\nrun check --limit {1 + int(random() * 9)}\nresult: pass\n```\n\n")
        return paragraphs

    def _prose(self, sentences: int) -> str:
        return " ".join(_fill(self._random, SENTENCES) for _ in range(sentences)) + "\n\n"

    def _words(self, count: int) -> list[str]:
        return [_pick(self._random, NOUNS)[4:] for _ in range(count)]

    def _table(self, heads: str, names: Sequence[str]) -> str:
        rows = [f"| {name} | {_fill(self._random, SENTENCES)} |\n" for name in names]
        return f"| {heads} |\n| --- | --- |\n" + "".join(rows) + "\n"


def key(person: Person, seed: int) -> Ed25519PrivateKey:
    """A person's key: derived from seed and name, for measuring only."""
    return Ed25519PrivateKey.from_private_bytes(hashlib.sha256(f"qmdoc bench key {seed} {person.id}".encode()).digest())


def people(listed: Sequence[Person], seed: int) -> str:
    """people.yaml."""
    return "people:\n" + "".join(_entry(person, seed) for person in listed)


def policy() -> str:
    """policy.yaml: two independent seats for an approval, one for a periodic review."""
    seats = "".join(f"    - {{role: {role}, meaning: approval, count: 1, independent: true}}\n" for role in SEATS)
    return (
        "programme: Bench Cellular Therapy Programme\nsites: {main: Main hospital}\n"
        f"types: {{sop: {{review_months: {REVIEW_MONTHS}, sections: [{', '.join(SECTIONS)}]}}}}\n"
        f"assurance: signed\nauthority_quorum: 2\nnotice_days: 60\nsign_off:\n  default:\n{seats}"
        f"    - {{role: {SEATS[0]}, meaning: periodic-review, count: 1, independent: false}}\n"
    )


def catalogue(name: str) -> str:
    """A standard's catalogue."""
    title, clauses = CATALOGUES[name]
    rows = "".join(
        f"- id: '{clause}'\n  title: Clause {clause}\n  requires: Do what clause {clause} says.\n  confidence: confirmed\n"
        for clause in clauses
    )
    return f"id: {name}\ntitle: {title}\nedition: '1'\npublisher: Bench\nclauses:\n{rows}"


def _entry(person: Person, seed: int) -> str:
    public = key(person, seed).public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode()
    since = f"    from: {person.since}\n" if person.since else ""
    return (
        f"  {person.id}:\n    name: {person.name}\n    emails: [{person.email}]\n    roles: [{', '.join(person.roles)}]\n"
        f'    keys: [{{key: "{public}"}}]\n{since}'
    )


def _claims(number: int, random: Random) -> str:
    """The clauses that a document answers: each clause has its turn, and some more by chance."""
    few = sorted({number % len(CLAUSES)} | {int(random.random() * len(CLAUSES)) for _ in range(3)})
    rows: dict[str, list[str]] = {}
    for name, clause in (CLAUSES[each] for each in few):
        rows.setdefault(name, []).append(f'"{clause}"')
    return "standards:\n" + "".join(f"  {name}: [{', '.join(clauses)}]\n" for name, clauses in rows.items())


def _link(other: Sop) -> str:
    return f"[{other.title}]({other.id})"


def _fill(random: Random, patterns: Sequence[str]) -> str:
    """One of the patterns, its slots filled."""
    number = 1 + int(random.random() * 9)
    return _pick(random, patterns).format(a=_pick(random, NOUNS), b=_pick(random, NOUNS), n=number)


def _pick(random: Random, choices: Sequence[T]) -> T:
    return choices[int(random.random() * len(choices))]
