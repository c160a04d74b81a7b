"""Filled forms come back: judged against history, shown, and put under `records/training/` with the form as evidence.

Nothing is written before all of it is judged, nothing is overwritten, and nothing is committed: that is the act of the
person who enters it, with their own signature.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

from qmdoc import audit, controlled, git, place, shipped, work_tree
from qmdoc.audit import Request
from qmdoc.documents import TrainingKind
from qmdoc.errors import FormRefused, OutputFailed
from qmdoc.outputs import forms as forms_output
from qmdoc.outputs.filed import Entry, Filing, records_csv
from qmdoc.outputs.forms import judging, matching, reading, tracing
from qmdoc.outputs.forms import number as form_number
from qmdoc.outputs.forms.form import Form, fill
from qmdoc.outputs.forms.matching import Tick
from qmdoc.own_git import OwnGit
from qmdoc.records import training as training_records
from qmdoc.register import Register

FOLDER, EVIDENCE = "records/training/", "records/training/evidence/"
_LARGEST = 32 << 20
_SCANS = {b"%PDF-": ".pdf", b"\x89PNG\r\n\x1a\n": ".png", b"\xff\xd8\xff": ".jpg", b"II*\0": ".tif", b"MM\0*": ".tif"}
Agree = Callable[[Sequence[Filing], str], bool]
"""Asks whether these are to be recorded, entered by this person."""


@dataclass(frozen=True, slots=True)
class ScanWish:
    """A scan of a form on paper: its number, the rows that are signed, as printed, and the day that they carry.

    Without a day it is the day of entry: that late, at the latest, the form was signed. A competency assessment is one
    row, and names who observed it.
    """

    scan: Path
    number: str
    rows: str
    day: date | None = None
    assessor: str | None = None
    is_passed: bool = True


def read(request: Request, files: Sequence[Path], agree: Agree) -> tuple[Path, ...]:
    """Records the ticked rows of forms that were filled in Word or LibreOffice; the files written, none after a no.

    Raises FormRefused and OutputFailed, and then nothing is recorded.
    """
    papers = [_Paper(file.name, _content(file), ".docx") for file in files]
    with _desk(request) as desk:
        filings = [desk.judged(paper, *desk.ticked(paper)) for paper in papers]
        return desk.file(filings, papers, agree)


def file(request: Request, wish: ScanWish, agree: Agree) -> tuple[Path, ...]:
    """Records rows of a form that was signed on paper and scanned, as `read` does. Raises FormRefused."""
    content, number = _content(wish.scan), tracing.whole(wish.number)
    suffix = next((suffix for begin, suffix in _SCANS.items() if content.startswith(begin)), "")
    if not suffix:
        raise FormRefused(
            f"{wish.scan.name} is no scan: neither PDF, PNG, JPEG nor TIFF",
            fix="scan the signed form; one that was filled in Word is read with `qmdoc forms read`",
        )
    with _desk(request) as desk:
        form = desk.form(number)
        day = wish.day or desk.now.as_of
        ticks = judging.rows(form, wish.rows, day)
        seen = judging.assessment(form, wish.assessor, day, desk.now, is_passed=wish.is_passed)
        paper = _Paper(wish.scan.name, content, suffix)
        return desk.file([replace(desk.judged(paper, form, ticks), assessment=seen)], [paper], agree)


@dataclass(frozen=True, slots=True)
class Checked:
    """What is wrong with templates, one sentence each, and how many were looked at."""

    faults: tuple[str, ...]
    templates: int


def check(folder: Path, files: Sequence[Path]) -> Checked:
    """Judges the tags of these templates, or of all forms in the work tree. Raises FormRefused where there is none."""
    if files:
        named = {file.name: _content(file) for file in files}
    else:
        found = work_tree.files(place.find(folder), "templates")
        paths = [forms_output.template_of(kind.NAME) for kind in forms_output.KINDS]
        named = {path: found[path][1] for path in paths if path in found}
    if not named:
        raise FormRefused("templates/ of this repository holds no form", fix="name the files to check")
    return Checked(tuple(line for name, content in named.items() for line in _faults(name, content)), len(named))


def _faults(name: str, content: bytes) -> Iterator[str]:
    kind = forms_output.kind(Path(name).stem)
    if kind is None:
        yield f"{name}: its name is that of no form; name it {', '.join(f'{each.NAME}.docx' for each in forms_output.KINDS)}"
        return
    try:
        yield from (f"{name}: {fault}" for fault in forms_output.unknown_tags(content, kind))
    except OutputFailed as error:
        yield str(error)


@dataclass(frozen=True, slots=True)
class _Paper:
    """What is kept as evidence."""

    name: str
    content: bytes
    suffix: str

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.content).hexdigest()

    @property
    def path(self) -> str:
        """Where it is kept: the digest's beginning and its own name, without what a file system may not take."""
        stem = re.sub(r"[^A-Za-z0-9._-]+", "-", Path(self.name).stem).strip("-.")[:80] or "form"
        return f"{EVIDENCE}{self.sha256[:12]}-{stem}{self.suffix}"


@contextmanager
def _desk(request: Request) -> Iterator[_Desk]:
    top = place.find(request.repository)
    if not (top / ".git").exists():
        raise FormRefused("this repository has no work tree to put records into", fix="do it in an ordinary clone")
    with git.Repository(top, request.environment) as repository:
        today = request.now.date()
        now = audit.register_on(repository, replace(request, as_of=today))
        clerk = _clerk(OwnGit(top, request.environment), now)
        records = work_tree.files(top, FOLDER.rstrip("/"))
        yield _Desk(request, repository, top, now, clerk, _recorded(records), _kept(records), {today: now})


@dataclass(frozen=True, slots=True)
class _Desk:
    """Where forms are judged: by today's register and those of the days that forms tell about.

    `recorded` says which file has what, `kept` which evidence has a digest.
    """

    request: Request
    repository: git.Repository
    top: Path
    now: Register
    entered_by: str
    recorded: dict[judging.Key, str]
    kept: dict[str, str]
    registers: dict[date, Register] = field(default_factory=dict)

    def ticked(self, paper: _Paper) -> tuple[Form, tuple[Tick, ...]]:
        """The form that a file is, and its ticked rows; its print is compared with the form made again."""
        self.refuse_filed(paper)  # what it recorded may show on the form made again, and is no change of the file
        printed = reading.read(paper.name, paper.content)
        number = tracing.printed_on(paper.name, printed, self.now.as_of)
        day = form_number.day_of(number)
        form = tracing.form(number, self._register(day))
        if form is None:
            raise tracing.why_unknown(paper.name, printed, day, self.now)
        if any(row.kind is TrainingKind.COMPETENCY for row in form.rows):
            raise FormRefused(
                f"{paper.name} is a competency assessment, which two people sign on paper",
                fix="scan it, and record it with `qmdoc forms file`",
            )
        ticks = matching.ticks(paper.name, printed, self._blank(form), form)
        if not ticks:
            raise FormRefused(
                f"no box of {paper.name} is ticked", fix="tick boxes and write the days, then read it again"
            )
        return form, ticks

    def form(self, number: str) -> Form:
        """The form that a number leads to. Raises FormRefused."""
        day = form_number.day_of(number)
        found = tracing.form(number, self._register(day)) if day <= self.now.as_of else None
        if found is None:
            raise FormRefused(
                f"form {number} is none that this programme's history makes for {day}",
                fix="compare the number with the form; if its people or documents changed later that day, print it anew",
            )
        return found

    def judged(self, paper: _Paper, form: Form, ticks: Sequence[Tick]) -> Filing:
        """What a form comes to; no row counts twice, also not in the same run. Raises FormRefused."""
        self.refuse_filed(paper)
        self.kept[paper.sha256] = paper.name
        records = f"{FOLDER}{self.now.as_of.year}/{self.now.as_of}-{form.number}-{paper.sha256[:12]}.csv"
        entries: list[Entry] = []
        for tick in ticks:
            where = f"{paper.name}, row {tick.place}"
            entries.append(judging.entry(where, tick, self.now, self.recorded))
            self.recorded[judging.key_of(tick)] = records
        return Filing(paper.name, form.number, tuple(entries), paper.path, paper.sha256, records, self.entered_by)

    def refuse_filed(self, paper: _Paper) -> None:
        """Raises FormRefused for a file that is evidence already."""
        if other := self.kept.get(paper.sha256):
            raise FormRefused(f"{paper.name} was filed before: the same file is {other}", fix="nothing is to be done")

    def file(self, filings: Sequence[Filing], papers: Sequence[_Paper], agree: Agree) -> tuple[Path, ...]:
        """Writes records and evidence, all or nothing; nothing where `agree` says no."""
        if not agree(filings, self.now.authority.name(self.entered_by)):
            return ()
        files = {paper.path: paper.content for paper in papers}
        files |= {filing.records: records_csv(filing) for filing in filings}
        return work_tree.add(self.top, files)

    def _register(self, day: date) -> Register:
        if day not in self.registers:
            self.registers[day] = audit.register_on(self.repository, replace(self.request, as_of=day))
        return self.registers[day]

    def _blank(self, form: Form) -> reading.Printed:
        """The form as it was printed, made again with the template of its day; who had signed by then may differ."""
        kind, path = forms_output.kind(form.template), forms_output.template_of(form.template)
        assert kind
        root = self.registers[form.as_of].ledger.root
        own = {file.path: file for file in controlled.every_file(self.repository, root, "templates")} if root else {}
        template = self.repository.blob(own[path].blob) if path in own else shipped.presentation()[path]
        return reading.read(path, fill(forms_output.read(kind, template), form))


def _content(file: Path) -> bytes:
    try:
        if not file.is_file():
            raise FormRefused(f"there is no file {file}", fix="check the name")
        if file.stat().st_size > _LARGEST:
            raise FormRefused(f"{file.name} is larger than {_LARGEST >> 20} MiB", fix="scan it with less resolution")
        return file.read_bytes()
    except OSError as error:
        raise FormRefused(f"{file} can't be read: {error.strerror or error}", fix="check the file's rights") from error


def _clerk(own: OwnGit, now: Register) -> str:
    """The person who enters it, by their git settings. Raises RefusedToSign and FormRefused."""
    _, email = own.identity()
    person = now.authority.email_holders.get(email)
    if person is None or not now.authority.people[person].is_active(now.as_of):
        raise FormRefused(
            f"your e-mail address <{email}> stands under nobody in the authority who is here today",
            fix="set git's user.email to the address that people.yaml has, or have an admin list you",
        )
    return person


def _recorded(files: Mapping[str, tuple[str, bytes]]) -> dict[judging.Key, str]:
    """Which file records that a person knows a version. Raises FormRefused where one can't be read: who could tell then?"""
    known: dict[judging.Key, str] = {}
    for path, (mode, content) in files.items():
        if not path.endswith(".csv") or not mode.startswith("100"):
            continue
        table = training_records.parse(path, content)
        if table.faults:
            raise FormRefused(
                f"{path}, line {table.faults[0].line}: {table.faults[0].message}, so nobody can tell what is recorded already",
                fix=table.faults[0].fix,
            )
        for each in table.records:
            known[judging.key(each.person, each.document, each.digest, each.kind, str(each.day))] = path
    return known


def _kept(files: Mapping[str, tuple[str, bytes]]) -> dict[str, str]:
    """Which evidence has a digest."""
    return {
        hashlib.sha256(content).hexdigest(): path for path, (_, content) in files.items() if path.startswith(EVIDENCE)
    }
