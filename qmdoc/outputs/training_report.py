"""Who knows what on a day: for people, programs and spreadsheets; the inspector's question answered a line for each document."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from qmdoc import training
from qmdoc.outputs import spreadsheet
from qmdoc.outputs.spreadsheet import Table
from qmdoc.register import Register
from qmdoc.training import Duty, Entry, Standing, report

_DUTIES = ("Person", "Name", "Roles", "Document", "Title", "Version", "SHA-256 digest", "Kind", "Due", "Standing", "Attested version", "Attested on", "Proof", "Changed since")  # fmt: skip
_SHARES = ("What", "Name", "Met", "Asked", "Per cent", "Late")


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked: everything, or one person's or one document's part of it."""

    person: str | None = None
    document: str | None = None

    def picks(self, duty: Duty) -> bool:
        """Whether a duty is part of the answer."""
        return self.person in (None, duty.person.id) and self.document in (None, duty.edition.document)


def text(register: Register, question: Question) -> str:
    """For people: shares and who is late; for one person or document a line for each duty, with its proof."""
    found = training.of(register)
    duties = [duty for duty in found.duties if question.picks(duty)]
    ahead = [duty for duty in found.ahead if question.picks(duty)]
    lines = [_headline(register, question, duties)]
    if question == Question():
        lines += [*_shares(register), *_late(register)]
    else:
        lines += ["", *(_line(duty, register) for duty in duties)] if duties else []
        lines += _modules(register, question)
    if ahead:
        lines += ["", "Approved, not in force yet:", *(_line(duty, register) for duty in ahead)]
    return "\n".join(lines) + "\n"


def json_text(register: Register, question: Question) -> str:
    """For programs."""
    found = training.of(register)
    rows = [*found.duties, *found.ahead]
    answer = {
        "schema": 1,
        "as_of": str(register.as_of),
        "commit": register.ledger.tip,
        "duties": [
            {**dict(zip(map(_key, _DUTIES), _row(duty, register), strict=True)), "in_force": at < len(found.duties)}
            for at, duty in enumerate(rows)
            if question.picks(duty)
        ],
        "shares": [dict(zip(map(_key, _SHARES), row, strict=True)) for row in _share_rows(register)],
        "modules": [
            {"module": each.module, "person": each.person.id, "next": each.next, "steps": dict(each.steps)}
            for each in report.progress(register)
            if question.person in (None, each.person.id)
        ],
    }
    return json.dumps(answer, ensure_ascii=False, indent=1) + "\n"


def csv_bytes(register: Register, question: Question) -> bytes:
    """For spreadsheets: a row for each duty."""
    return spreadsheet.csv(_duty_table(register, question))


def xlsx_bytes(register: Register, question: Question) -> bytes:
    """A workbook: duties, shares, people and roles against documents in words, modules, and the e-mails to send."""
    return spreadsheet.xlsx(tables(register, question), as_of=register.as_of)


def tables(register: Register, question: Question | None = None) -> tuple[Table, ...]:
    """All of it as tables; the first has a row for each duty."""
    asked = question or Question()
    found = training.of(register)
    duties = tuple(duty for duty in found.duties if asked.picks(duty))
    late = [rows for person, rows in report.late(found).items() if asked.person in (None, person)]
    return (
        _duty_table(register, asked),
        Table("Shares", _SHARES, tuple(tuple(map(str, row)) for row in _share_rows(register))),
        matrix("People", "Person", ((duty.person.name, duty) for duty in duties)),
        matrix("Roles", "Role", ((role, duty) for duty in duties for role in duty.roles)),
        Table("Modules", ("Module", "Person", "Known", "Of", "Next"), tuple(_module_row(each) for each in report.progress(register) if asked.person in (None, each.person.id))),
        Table("Late", ("Person", "E-mail text"), tuple((rows[0].person.name, report.reminder(register, rows)) for rows in late)),
    )  # fmt: skip


def matrix(name: str, heading: str, rows: Iterable[tuple[str, Duty]]) -> Table:
    """Groups of duties against documents, in words: where a group stands as its worst does, and how many of it are met."""
    cells: dict[str, dict[str, list[Duty]]] = {}
    for group, duty in rows:
        cells.setdefault(group, {}).setdefault(duty.edition.document, []).append(duty)
    numbers = sorted({number for row in cells.values() for number in row})
    return Table(
        name,
        (heading, *numbers),
        tuple((group, *(_cell(row.get(number, [])) for number in numbers)) for group, row in sorted(cells.items())),
    )


def _cell(duties: list[Duty]) -> str:
    if not duties:
        return ""
    if len(duties) == 1:
        [duty] = duties
        return f"{duty.standing}, due {duty.due}" if duty.standing is Standing.OPEN else str(duty.standing)
    return f"{report.total(duties)}: {report.worst(duties)}"


def _headline(register: Register, question: Question, duties: list[Duty]) -> str:
    share = report.total(duties)
    day = f"Training on {register.as_of}"
    who = _who(register, question.person) if question.person else ""
    about = " and ".join(part for part in (who, question.document or "") if part)
    if not duties:
        return f"{day}{', ' * bool(about)}{about}: nothing in force asks {'them' if about else 'anybody'}."
    late = f", {share.late} late" if share.late else ", none late"
    return f"{day}{', ' * bool(about)}{about}: {share} of what is asked is attested{late}."


def _who(register: Register, person: str) -> str:
    people = training.of(register).people
    entry = people.entry(person, register.as_of)
    if entry:
        return f"{entry.name} ({person}, {', '.join(entry.roles) or 'no role'})"
    last = people.last_entry(person)
    return f"{last.name if last else person} ({person}, not there on that day)"


def _line(duty: Duty, register: Register) -> str:
    state = register.state(duty.edition.document)
    what = f"{duty.person.name}: {duty.edition.document} {duty.edition.version} {state.title if state else ''}"
    if duty.standing.is_met:
        old = _attested_version(duty)
        version = f" (version {old})" if duty.standing is Standing.MINOR_CHANGE else ""
        return f"{what}: {duty.standing}{version}: {report.proof(duty.by)}"
    return f"{what}: {duty.standing}, due {duty.due}: {report.what(duty)}"


def _attested_version(duty: Duty) -> str:
    return str(duty.by.version or "") if duty.by else ""


def _shares(register: Register) -> list[str]:
    found = training.of(register)
    groups: Mapping[str, tuple[report.Share, ...]] = {
        "By document": report.by_document(found),
        "By role": report.by_role(found),
        "By site": report.by_site(found),
        "By module": report.by_module(register),
    }
    lines: list[str] = []
    for heading, shares in groups.items():
        if shares:
            wide = max(len(each.name) for each in shares)
            lines += ["", f"{heading}:"]
            lines += [f"  {each.name:{wide}}  {each}{f', {each.late} late' if each.late else ''}" for each in shares]
    return lines


def _late(register: Register) -> list[str]:
    lines: list[str] = []
    for rows in report.late(training.of(register)).values():
        lines += ["", "-" * 40, report.reminder(register, rows)]
    return lines


def _modules(register: Register, question: Question) -> list[str]:
    if question.person is None:
        return []
    rows = [each for each in report.progress(register) if each.person.id == question.person]
    return [
        f"Module {each.title}: {sum(known for _, known in each.steps)} of {len(each.steps)}"
        + (f", next {each.next}" if each.next else ", complete")
        for each in rows
    ]


def _module_row(each: report.Progress) -> tuple[str, ...]:
    return (each.module, each.person.name, str(sum(known for _, known in each.steps)), str(len(each.steps)), each.next)


def _share_rows(register: Register) -> list[tuple[str, str, int, int, int, int]]:
    found = training.of(register)
    groups = (
        ("all", (report.total(found.duties, "all"),)),
        ("document", report.by_document(found)),
        ("role", report.by_role(found)),
        ("site", report.by_site(found)),
        ("module", report.by_module(register)),
    )
    return [
        (what, each.name, each.met, each.asked, each.percent, each.late) for what, shares in groups for each in shares
    ]


def _duty_table(register: Register, question: Question) -> Table:
    found = training.of(register)
    rows = (duty for duty in (*found.duties, *found.ahead) if question.picks(duty))
    return Table("Training", _DUTIES, tuple(_row(duty, register) for duty in rows))


def _row(duty: Duty, register: Register) -> tuple[str, ...]:
    state, by = register.state(duty.edition.document), duty.by
    return (
        duty.person.id, duty.person.name, ", ".join(duty.roles), duty.edition.document, state.title if state else "", str(duty.edition.version),
        duty.edition.digest, str(duty.asking.kind), str(duty.due), str(duty.standing), _attested_version(duty), str(by.day) if by else "",
        report.proof(by), "; ".join(duty.asked_again.reasons) if duty.asked_again else "",
    )  # fmt: skip


def _key(heading: str) -> str:
    return heading.lower().replace(" ", "_").replace("-", "_")


def person_names(register: Register) -> Mapping[str, Entry]:
    """Everybody who was ever listed, as they were last."""
    people = training.of(register).people
    return {number: entry for number in people.ids if (entry := people.last_entry(number))}
