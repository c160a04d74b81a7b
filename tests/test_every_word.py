"""A manual in another language: whatever a person reads on any page came through the catalogue, or is the programme's own.

The programme below writes in Greek letters alone, and the catalogue answers in Cyrillic ones. Words in Latin letters were
put there by the program, past the catalogue.
"""

from __future__ import annotations

import io
import json
import os
import re
from datetime import UTC, date, datetime
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import catalogue
import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import write_po
from programme import NOW, PEOPLE, Programme, document, entry, people
from sphinx import locale

from qmdoc import publishing
from qmdoc.audit import Request
from qmdoc.git import Repository
from qmdoc.model import Meaning, Outcome
from qmdoc.outputs import manual
from qmdoc.place import find
from qmdoc.register import Register

ROOT = catalogue.ROOT
TEMPLATES = {
    file.relative_to(ROOT / "templates" / "manual").as_posix(): file.read_text(encoding="utf-8")
    for file in sorted((ROOT / "templates" / "manual").rglob("*"))
    if file.is_file()
}
POLICY = """\
programme: Πρόγραμμα
language: el
sites: {main: Κτίριο}
programmes: {hct: Μεταμόσχευση, iec: Κύτταρα}
types: {sop: {review_months: 24}, plan: {review_months: 12}, form: {review_months: 24}}
standards: [ab-1, cd-2]
assurance: signed
authority_quorum: 2
notice_days: 60
manual_url: https://m.example/
emergency_numbers: [{name: Ανάνηψη, number: "2222"}, {name: Ιατρός, number: "4010"}]
meanings: {training: "Διάβασα τα παρακάτω."}
sign_off:
  default:
    - {role: quality-manager, meaning: approval, count: 1, independent: true}
    - {role: medical-director, meaning: approval, count: 1, independent: true}
"""
NAMES = dict(zip(PEOPLE, ("Ποιότητα", "Διεύθυνση", "Αναπλήρωση", "Διοίκηση", "Συγγραφή", "Νοσηλεία"), strict=True))
STANDARD = """\
id: ab-1
title: Πρότυπο
edition: Πρώτη
publisher: Εκδότης
clauses:
- {id: '1', title: Κεφάλαιο, heading: true, confidence: confirmed, seen: heading}
- {id: '1.1', title: Έγγραφα, requires: Να υπάρχουν, confidence: confirmed, seen: text}
- {id: '1.2', title: Κενό, requires: Να υπάρχουν, confidence: recalled}
- {id: '1.3', title: Σχέδιο, requires: Να υπάρχουν, confidence: recalled}
- {id: '1.4', title: Άσχετο, requires: Να υπάρχουν, confidence: confirmed}
"""
OTHER = STANDARD.replace("ab-1", "ef-3").replace("Πρότυπο", "Άλλο")
STAFF = """\
id,name,email,roles,sites,from,to
w.one,Πρώτη,w.one@p.example,ward-nurse,main,,
w.two,Δεύτερη,w.two@p.example,ward-nurse;physician,,2026-11-01,
"""
MODULES = "modules:\n  basic: {title: Βασικά, documents: [QM-001, QM-002], roles: [ward-nurse], sites: [main]}\n"
BODY = """\
## Σκοπός {clause}`ab-1 1.1`

Θέρμανση σε 37 °C για 5 h. Δείτε [δύο](QM-002), [κανένα](QM-009), [εικόνα](QM-001/flow.svg), [αλλού](other.txt).

```{danger}
Σταματήστε.
```

```{warning}
Προσοχή 1.
```

```{important}
Δύο άτομα.
```

```{tip}
Νωρίς.
```

```{note}
Σημείωση.
```

1. Πρώτο βήμα.
2. Δεύτερο βήμα.

![Εικόνα](QM-001/flow.svg)

| Όνομα | Όριο |
| --- | ---: |
| Άζωτο | 5 |

```{math}
x = \\frac{1}{2}
```
"""
FLOW = "<svg xmlns='http://www.w3.org/2000/svg' id='a{}'/>\n"
TRAINING = "{roles: [ward-nurse], kind: read-and-understood, within: 14}"
COMPETENCY = "{roles: [physician], kind: competency, within: 30}"
# What is the same in every language: signs of units and measures, names of formats, zones and programs.
EVERYWHERE = {"UTC", "SHA", "XLSX", "CSV", "ICS", "PDF", "QR", "QM", "ab", "cm", "Word", "qmdoc", "YOUR", "ID", "YYYY", "MM", "DD"}  # fmt: skip
_CYRILLIC = {ord("A") + at: 0x410 + at for at in range(26)} | {ord("a") + at: 0x430 + at for at in range(26)}
_SAY = re.compile(r'\bsay\(\s*("(?:[^"\\\n]|\\.)*")')
_READ = ("aria-label", "title", "alt", "placeholder", "data-qm-one", "data-qm-many", "data-qm-words")
_LATIN = re.compile(r"[A-Za-z]{2,}")
_NAMES = re.compile(
    r"\b[0-9a-f]{12,64}\b|^YOUR-ID,.*$|\[[a-z-]+\]|Ward Nurse|https?://\S+|[\w.]+@[\w.]+|\b[A-Z]{2,5}-\d+(?:[-.]\d+)*\b|\b(?:ab|cd|ef)-\d\b|\b\S+\.(?:md|svg|txt|csv|yaml|pdf|docx|html)\b",
    re.MULTILINE,
)


def at(month: int, day: int) -> datetime:
    return datetime(2026, month, day, 9, tzinfo=UTC)


def greek() -> Programme:
    """Everything that a page can show: each status, each state of a signature, of training and of a clause."""
    listed = {
        person: entry(person, NAMES[person], [*roles, "physician"] if person == "m.director" else roles)
        for person, (_, roles) in PEOPLE.items()
    }
    made = Programme(policy=POLICY, people=people(listed))
    titles = {f"QM-{number:03}": f"Θέμα {number}" for number in range(1, 14)} | {"QM-101": "Έντυπο"}

    def text(number: str, version: str = "1.0", **keys: str) -> str:
        return document(number, version, **{"title": titles[number], "body": "## Σκοπός\n\nΚείμενο.\n", **keys})

    def put(number: str, version: str = "1.0", *, when: datetime, signed: bool = True, **keys: str) -> None:
        made.commit("w.writer", {f"sops/quality/{number}-x.md": text(number, version, **keys)}, at=when)
        if signed:
            made.approve(number, at=when)

    standards = {f"sops/standards/{name}.yaml": written for name, written in {"ab-1": STANDARD, "ef-3": OTHER}.items()}
    records = {"records/staff.csv": STAFF, "records/modules.yaml": MODULES, "templates/languages/el.po": spoken()}
    made.commit("w.writer", standards | records, at=at(1, 6))
    made.commit("w.writer", {"sops/quality/QM-001/flow.svg": FLOW.format(1)}, at=at(1, 6))
    put("QM-101", type="form", when=at(1, 7))
    put("QM-001", body=f"{BODY}\n[Έντυπο](QM-101)\n", training=TRAINING, when=at(1, 7))
    put("QM-002", review_date="2026-06-01", supersedes="[OLD-004]", training=COMPETENCY, when=at(1, 8))
    put("QM-003", when=at(1, 8), training=TRAINING, body="## Σκοπός\n\n1. Δίνετε 5 φορές.\n2. Κλείστε.\n\nΛέξη.\n")
    put("QM-004", when=at(1, 8))
    put("QM-005", owner="n.nurse", when=at(1, 8))
    put("QM-006", review_date="2026-12-10", when=at(1, 8))
    put("QM-012", review_date="2026-11-22", when=at(1, 8))
    made.sign(
        "q.manager",
        "QM-005",
        role="quality-manager",
        meaning=Meaning.PERIODIC_REVIEW,
        outcome=Outcome.REVISE,
        at=at(3, 1),
    )
    made.sign(
        "q.manager",
        "QM-006",
        role="quality-manager",
        meaning=Meaning.PERIODIC_REVIEW,
        outcome=Outcome.CONTINUE,
        next_review=date(2026, 12, 10),
        at=at(3, 1),
    )
    made.sign(
        "q.manager",
        "QM-012",
        role="quality-manager",
        meaning=Meaning.PERIODIC_REVIEW,
        outcome=Outcome.RETIRE,
        at=at(3, 1),
    )
    made.sign("n.nurse", "QM-001", role="ward-nurse", meaning=Meaning.TRAINING, at=at(2, 2))
    made.sign("n.nurse", "QM-003", role="ward-nurse", meaning=Meaning.TRAINING, at=at(2, 2))
    for person, role in (("q.manager", "quality-manager"), ("m.director", "medical-director")):
        made.sign(person, "QM-004", role=role, meaning=Meaning.WITHDRAW, reason="Τέλος", at=at(4, 1))
    made.commit("w.writer", {"sops/quality/QM-001/flow.svg": FLOW.format(2)}, at=at(5, 1))
    changed = BODY.replace("37", "38").replace("για 5 h", "για λίγο").replace("1. Πρώτο βήμα.\n2. Δεύτερο βήμα.", "1. Δεύτερο βήμα.\n2. Πρώτο βήμα.\n3. Τρίτο.").replace("```{tip}\nΝωρίς.\n```\n", "").replace("| Άζωτο | 5 |", "| Άζωτο | 6 |\n| Νερό | 7 |")  # fmt: skip
    put("QM-001", "1.1", body=changed, training=TRAINING, change_summary="Θερμότερο", when=at(5, 2))
    put(
        "QM-003",
        "2.0",
        when=at(11, 2),
        training=TRAINING,
        change="major",
        change_summary="Νέο",
        body="## Σκοπός\n\n1. Δίνετε 7 φορές.\n2. Ανοίξτε.\n\nΛέξεις.\n",
    )
    put(
        "QM-003",
        "3.0",
        when=at(11, 3),
        training=TRAINING,
        effective_date="2026-12-24",
        body="## Σκοπός\n\n1. Δίνετε 9 φορές.\n\nΆλλο.\n",
    )
    put("QM-007", when=at(11, 4), effective_date="2026-12-20", training=TRAINING)
    put("QM-008", when=at(11, 5), signed=False, standards="{ab-1: [1.3]}")
    put("QM-002", "2.0", when=at(11, 6), signed=False)
    made.sign("q.manager", "QM-002", role="quality-manager", at=at(11, 7))
    made.sign("n.nurse", "QM-002", role="ward-nurse", at=at(11, 7))
    made.sign("d.manager", "QM-002", role="quality-manager", at=at(11, 8), unsigned=True)
    made.sign("q.manager", "QM-002", role="quality-manager", meaning=Meaning.REVOKE, reason="Λάθος", at=at(11, 9))
    put("QM-005", "1.0", when=at(11, 10), signed=False, owner="n.nurse", body="## Σκοπός\n\nΑλλαγή.\n")
    made.commit(
        "w.writer",
        {"sops/quality/QM-010-x.md": "---\nid: QM-010\n---\n\nΚάτι\n", "sops/quality/y.md": "Κάτι\n"},
        at=at(11, 11),
    )
    made.commit(
        "a.admin", {"sops/authority/policy.yaml": POLICY.replace("notice_days: 60", "notice_days: 90")}, at=at(11, 12)
    )
    made.sign_authority("q.manager", at=at(11, 13))
    return made


def cyrillic(message: str) -> str:
    """A message in Cyrillic letters; its values, tags and signs stay as they are."""
    parts = re.split(r"(<[^<>]*>|&\w+;|%\(\w+\)s)", message)
    return "".join(part if at % 2 else part.translate(_CYRILLIC) for at, part in enumerate(parts))


def spoken() -> str:
    """A catalogue whose every answer shows that a message went through it, and that a value in it did not."""
    made = Catalog(locale="el")
    for message in catalogue.messages():
        answer = cyrillic(message) if isinstance(message, str) else tuple(map(cyrillic, message))
        made.add(message, answer)
    out = io.BytesIO()
    write_po(out, made, width=0)
    return out.getvalue().decode()


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Register]:
    """The folder of the manual, and what an audit found."""
    made = greek()
    place = made.repository(tmp_path_factory.mktemp("greek") / "p")
    locale.translators.clear()  # Sphinx adds a language to those that were built before in this process
    publishing.manual(Request(place, NOW, dict(os.environ), trust_root=made.root))
    return place / "build" / "manual", made.audit(place).register


class Reader(HTMLParser):
    """What a person reads of a page: its text, what is spoken or shown of elements, what stands in the margins of sheets."""

    def __init__(self) -> None:
        super().__init__()
        self.parts: list[str] = []
        self._inside: list[str] = []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        if tag not in ("meta", "link", "input", "br", "img", "hr"):
            self._inside.append(tag)
        for name, value in attributes:
            if name in _READ and value and not (tag == "code" or value.startswith("SHA-256 ")):
                self.parts.append(f"\n{value}\n")
            if name == "href" and value and value.startswith("mailto:"):
                asked = parse_qs(urlsplit(value).query)
                self.parts += ["\n", *asked["subject"], "\n", *asked["body"], "\n"]
        self.parts.append(" ") if tag in ("p", "li", "td", "th", "dd", "dt", "div", "h1", "h2", "h3", "br") else None

    def handle_endtag(self, tag: str) -> None:
        while self._inside and self._inside.pop() != tag:
            pass

    def handle_data(self, data: str) -> None:
        if "style" in self._inside:
            self.parts += [f"\n{each}\n" for each in re.findall(r'content: "([^"]*)"', data)]
        elif not {"script", "code", "svg"} & set(self._inside):
            self.parts.append(data)


def latin(text: str) -> list[str]:
    """Words in Latin letters that are no names, addresses or signs."""
    return [word for word in _LATIN.findall(_NAMES.sub(" ", text)) if word not in EVERYWHERE]


def refusals(register: Register) -> list[str]:
    """What acceptance says of a refused sign-off and of its remedy: English at the terminal and on the status of sign-offs."""
    return [
        re.sub(r"`([^`]+)`", r"“\1”", prose)
        for each in register.sign_offs
        for prose in (each.explanation, each.fix)
        if prose
    ]


def test_whatever_a_person_reads_came_through_the_catalogue(built: tuple[Path, Register]) -> None:
    place, register = built
    names = [file.relative_to(place).as_posix() for file in sorted(place.rglob("*.html"))]
    found = {}
    for name in [each for each in names if not each.startswith("_static/") and each != "genindex.html"]:
        reader = Reader()
        reader.feed((place / name).read_text(encoding="utf-8"))
        text = "".join(reader.parts)
        for prose in sorted(refusals(register), key=len, reverse=True) if name == "sign-offs.html" else ():
            text = text.replace(prose, " ")
        if words := latin(text):
            found[name] = " ".join(words)
    assert not found, "\n".join(f"{name}: {words}" for name, words in found.items())


def test_every_kind_of_page_is_among_them(tmp_path: Path) -> None:
    """A template of which no page is made here would be looked at by nobody."""
    used = {
        name for name in TEMPLATES if name.endswith(".html") and not name.startswith(("theme/", "draft-", "preview-"))
    }
    marked = {
        name: f"<!-- made of {name} -->{text}" if name in used - {"macros.html"} else text
        for name, text in TEMPLATES.items()
    }
    audit = greek().audit(tmp_path / "p")
    with Repository(find(tmp_path / "p"), {"PATH": "/usr/bin:/bin"}) as repository:
        made = manual.pages(audit, blob=repository.blob, templates=marked)["manual.json"].decode()
    assert used - {"macros.html"} == set(re.findall(r"<!-- made of ([\w.-]+) -->", made))


def test_what_scripts_say_is_in_the_words_of_the_manual(built: tuple[Path, Register]) -> None:
    words = (built[0] / "_static" / "words.js").read_text(encoding="utf-8")
    known = json.loads(words.partition(" = ")[2].rstrip().removesuffix(";"))
    messages = {
        json.loads(found)
        for name, text in TEMPLATES.items()
        if name.startswith("scripts/")
        for found in _SAY.findall(text)
    }
    assert messages and messages <= set(known)
    assert all(known[each] == cyrillic(each) for each in messages)
