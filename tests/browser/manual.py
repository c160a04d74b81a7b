"""The manual that the browser is shown: a small programme with one of everything that a page can hold.

Its documents are those of the library that are hardest to show (forms to fill, thirteen columns, boxes of danger), one of
our own with formulas, a figure, a long table and words without a break, and one that was revised, so that there is
something to compare, to read again and to be late with.
"""

from __future__ import annotations

import os
import re
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from programme import NOW, PEOPLE, POLICY, Programme, document, entry, people

from qmdoc import building
from qmdoc.audit import Request
from qmdoc.model import Meaning, Outcome

LIBRARY = Path(__file__).parents[2] / "sops"
TAKEN = (
    "ACC-102",
    "CLN-002",
    "CLN-003",
    "CLN-004",
    "CLN-102",
    "COL-101",
    "PRC-102",
    "QM-001",
    "QM-006",
    "QM-101",
    "PHA-101",
)
CATALOGUES = ("us-21cfr11", "fact-iec-3")
WITHDRAWN, OVERDUE, WAITING, PROPOSED, NEVER, DECIDED = "QM-201", "QM-202", "QM-203", "QM-101", "QM-204", "QM-205"
HARD, REVISED = "QM-206", "QM-207"
_TYPES = "types: {sop: {review_months: 24}, plan: {review_months: 12}, form: {review_months: 24}}"
_ASKED = re.compile(r"\[\[\s*local\s*:[^\]]*\]\]")
_FIGURE = """\
<svg xmlns="http://www.w3.org/2000/svg" width="900" height="220" viewBox="0 0 900 220" role="img">
<title>Receipt, thaw, infusion</title>
<rect x="10" y="60" width="240" height="100" fill="#ffffff" stroke="#000000"/><text x="40" y="118" font-size="28">1. Receipt</text>
<rect x="330" y="60" width="240" height="100" fill="#ffffff" stroke="#000000"/><text x="370" y="118" font-size="28">2. Thaw</text>
<rect x="650" y="60" width="240" height="100" fill="#ffffff" stroke="#000000"/><text x="680" y="118" font-size="28">3. Infusion</text>
<path d="M250 110h80M570 110h80" stroke="#000000" stroke-width="3"/>
</svg>
"""
_HARD_BODY = (
    """\
## Purpose

Shows what is hard to show: −80 °C, 5 × 10⁶ cells/kg, ≤ 37 °C, 0.9 % NaCl, α β γ.

## Procedure

```{danger}
STOP if the label and the wristband differ by one sign.
```

1. Take the bag **out** of the vapour phase.
2. Compare the [record](QM-101) with the label.
   1. Number of the donation.
   2. Day of birth.
      - as the patient says it
      - as the wristband says it
3. Run this:

   ```text
   run check --limit 5 --with-a-long-option=this-line-is-far-longer-than-a-telephone-is-wide-and-has-no-break
   ```

```{warning}
The water bath holds 37 °C, never above.
```

```{important}
Two persons look.
```

```{tip}
Begin early.
```

```{note}
See [Document control](QM-001) and the [chart](QM-206/flow.svg).
```

> The physician decides.

```{figure} QM-206/flow.svg
:alt: Receipt, then thaw, then infusion

From receipt to infusion. In words: receipt, then thaw, then infusion.
```

![Receipt, then thaw, then infusion](QM-206/flow.svg)

### Dose

The limit is

```{math}
\\text{rate} = \\frac{\\text{body weight in kg} \\times 5\\ \\text{mL}}{60\\ \\text{min}} + \\sum_{i=1}^{n} \\frac{a_i x_i^2 + b_i x_i + c_i}{d_i x_i + e_i} + \\text{a word that makes the line far longer than a telephone}
```

```{list-table} Limits
:header-rows: 1
:stub-columns: 1

* - Item
  - Lower
  - Upper
* - Viability
  - 70 %
  - –
```

## A long table

| Day | Signature | Weight | Volume given | Donor number | Note |
| ---: | --- | --- | --- | --- | --- |
"""
    + "".join(f"| {day} | | {50 + day} kg | {day * 7} mL | W0000 26 {100000 + day} | row {day} of the long table |\n" for day in range(1, 91))
    + """
## Words without a break

Donaudampfschifffahrtselektrizitaetenhauptbetriebswerkbauunterbeamtengesellschaft and <https://programme.example/a/very/long/address/that/goes/on/and/on/and/has/no/place/to/break/at/all.html>.

## Many columns

| """
    + " | ".join(f"Column {number}" for number in range(1, 15))
    + " |\n|"
    + " --- |" * 14
    + "\n"
    + "".join("| " + " | ".join(f"value {row}.{number}" for number in range(1, 15)) + " |\n" for row in range(1, 4))
)  # fmt: skip

_OLD_BODY = """\
## Purpose

Keeps the freezer at −150 °C.

## Procedure

```{warning}
Never above −120 °C for more than 15 min.
```

1. Put on gloves.
2. Read the display.
3. Write the temperature into the record.
   - within 2 h
4. Close the lid **slowly**.

| Alarm | Lower | Upper |
| --- | ---: | ---: |
| Vapour | −150 °C | −120 °C |
| Room | 18 °C | 24 °C |
| Oxygen | 19.5 % | – |

```{math}
T \\le -120\\ \\text{°C}
```
"""
_NEW_BODY = """\
## Purpose

Keeps the freezer at −155 °C.

## Procedure

```{danger}
STOP if it is above −130 °C for more than 10 min.
```

1. Read the display.
2. Put on gloves and goggles.
3. Write the temperature into the [record](QM-101).
   - within 1 h
4. Close the lid slowly.
5. Tell the supervisor.

| Alarm | Lower | Upper |
| --- | ---: | ---: |
| Vapour | −155 °C | −130 °C |
| Oxygen | 19.5 % | 23.5 % |
| Level | 20 cm | 80 cm |

```{math}
T \\le -130\\ \\text{°C}
```
"""
_STAFF = """\
id,name,email,roles,sites,from,to
w.nurse,Nurse of the ward,w.nurse@programme.example,ward-nurse,main,,
l.nurse,Nurse of the laboratory,l.nurse@programme.example,ward-nurse;laboratory-technologist,,,
"""
_MORE = """\
manual_url: https://manual.example/
emergency_numbers: [{name: Resuscitation team, number: "2222"}, {name: On-call haematologist, number: "+44 20 7946 0000"}]
forge: {kind: github, url: "https://forge.example/programme/sops"}
"""


def make(folder: Path) -> Path:
    """The folder of a manual, as qmdoc makes it of a programme in `folder`; beside it binder, draft and preview."""
    made, before = _programme()
    place = made.repository(folder / "p")
    request = Request(place, NOW, dict(os.environ), trust_root=made.root)
    building.binder(request)
    building.draft(request)
    building.preview(request, f"{before}..HEAD")
    return place / "build" / "manual"


def _programme() -> tuple[Programme, str]:
    """The programme, and the commit before its newest changes."""
    staff = {
        person: entry(person, name, [*roles, "physician"] if person == "m.director" else roles)
        for person, (name, roles) in PEOPLE.items()
    }
    standards = f"standards: [{', '.join(CATALOGUES)}]"
    made = Programme(policy=POLICY.replace("standards: []", standards) + _MORE, people=people(staff))
    long_ago = datetime(2026, 1, 8, 9, tzinfo=UTC)
    made.commit("w.writer", _library() | {f"sops/standards/{name}.yaml": (LIBRARY / "standards" / f"{name}.yaml").read_text() for name in CATALOGUES}, at=long_ago)  # fmt: skip
    old = {
        _path(WITHDRAWN): document(WITHDRAWN, title="Thawing at the bedside"),
        _path(OVERDUE): document(OVERDUE, title="Cleaning of the water bath", review_date="2026-06-30"),
        _path(WAITING): document(WAITING, title="Labels"),
        _path(DECIDED): document(DECIDED, title="Handling of alarms"),
        _path(HARD): document(HARD, title="What is hard to show", body=_HARD_BODY, supersedes=f"[{WITHDRAWN}]"),
        f"sops/quality/{HARD}/flow.svg": _FIGURE,
        _path(REVISED): _revised("1.0", _OLD_BODY),
        "records/staff.csv": _STAFF,
    }
    made.commit("w.writer", old)
    made.approve(*TAKEN, WITHDRAWN, OVERDUE, WAITING, DECIDED, HARD, REVISED)
    made.sign("q.manager", DECIDED, role="quality-manager", meaning=Meaning.PERIODIC_REVIEW, outcome=Outcome.REVISE)
    for person, role in (("q.manager", "quality-manager"), ("m.director", "medical-director")):
        made.sign(person, WITHDRAWN, role=role, meaning=Meaning.WITHDRAW, reason=f"Replaced by {HARD}")
    made.sign("n.nurse", REVISED, role="ward-nurse", meaning=Meaning.TRAINING)
    before = made.tips["main"]
    made.clock = NOW - timedelta(days=20)
    made.commit("w.writer", {_path(REVISED): _revised("2.0", _NEW_BODY)})
    made.approve(REVISED)
    made.clock = NOW - timedelta(days=5)
    day = date(2026, 12, 31)
    made.commit("w.writer", {_path(WAITING): document(WAITING, "2.0", title="Labels", effective_date=str(day))})
    made.approve(WAITING)
    proposal = made.trees[made.tips["main"]][_library_path(PROPOSED)][1]
    text = made.chronicle.objects[proposal][1].decode().replace('version: "1.0"', 'version: "2.0"')
    made.commit("w.writer", {_library_path(PROPOSED): text, _path(NEVER): document(NEVER, title="Never approved")})
    made.sign("q.manager", PROPOSED, role="quality-manager")
    return made, before


def _revised(version: str, body: str) -> str:
    training = "{roles: [ward-nurse], kind: read-and-understood, within: 14}"
    why = "Limits of the vapour phase are tighter."
    return document(REVISED, version, title="Freezer alarms", body=body, training=training, change_summary=why)


def _library() -> dict[str, str]:
    """The texts that were taken, each local value decided, with their attachments."""
    texts = {_library_path(number): _ASKED.sub("as the programme decided", _found(number).read_text()) for number in TAKEN}  # fmt: skip
    attached = [file for number in TAKEN for file in sorted((_found(number).parent / number).rglob("*")) if file.is_file()]  # fmt: skip
    return texts | {f"sops/{file.relative_to(LIBRARY).as_posix()}": file.read_text() for file in attached}


def _found(number: str) -> Path:
    return next(iter(sorted(LIBRARY.rglob(f"{number}-*.md"))))


def _library_path(number: str) -> str:
    return f"sops/{_found(number).relative_to(LIBRARY).as_posix()}"


def _path(number: str) -> str:
    return f"sops/quality/{number}-title.md"
