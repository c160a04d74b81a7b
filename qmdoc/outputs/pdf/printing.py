"""The PDFs of a manual: each document's sheets set by a few processes, then bound into one file.

The sheets of a document say nothing of the day or the commit: what they are made of is what `made_from` digests, and as
long as that stays the same so do their bytes. The day and the commit stand at the front of the manual.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from itertools import accumulate
from pathlib import Path

from qmdoc.errors import OutputFailed
from qmdoc.model import DOCUMENT_ID
from qmdoc.outputs import pdf
from qmdoc.outputs.languages import ENGLISH, Language
from qmdoc.outputs.manual_pages import document, source
from qmdoc.outputs.pdf import binding, layout, press, sheets
from qmdoc.outputs.pdf.sheets import Sheet
from qmdoc.register import Audit, Register
from qmdoc.saying import said

_MOST_PROCESSES = 4
_GLYPH = re.compile(r'the text `"(?P<text>.+?)"` could not be displayed', re.DOTALL)
_TOO_WIDE = re.compile(r'too wide: (?P<words>[^"\n]+)')
_ESCAPED = re.compile(r"\\u\{([0-9a-f]+)\}")
_NUMBER = re.compile(rf"(?=({DOCUMENT_ID.pattern}))")  # wherever one begins, also within what looks like another
_PLACE = re.compile(rf"{re.escape(press.TEMPLATE)}:(\d+)")
# A template that names a package would have typst ask for it in the network: there is nobody at this address.
_NO_NETWORK = dict.fromkeys(("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"), "http://127.0.0.1:1")


Before = Callable[[str, str], bytes | None]


@dataclass(frozen=True, slots=True)
class Frame:
    """What all sheets of one printing share; `files` has the PDF of each document in force.

    The day and the commit stand on the title page of the manual alone.
    """

    template: str
    programme: str
    as_of: date
    commit: str
    files: Mapping[str, str]
    language: Language = ENGLISH
    paper: str = "a4"
    pages: Mapping[str, str] = field(init=False)

    def __post_init__(self) -> None:
        """A link to a document leads to its page in the manual, which stays when its next version comes."""
        pages = {each: source.beside(f"{pdf.FOLDER}/", source.href("", document.name_of(each))) for each in self.files}
        object.__setattr__(self, "pages", pages)  # the class is frozen


def _nothing(name: str, made_from: str) -> None:
    """No PDF was made before."""


def pdfs(
    audit: Audit,
    *,
    blob: Callable[[str], bytes],
    templates: Mapping[str, str],
    language: Language = ENGLISH,
    before: Before = _nothing,
) -> dict[str, bytes]:
    """The PDF of every document in force, and of the whole manual, by file name.

    `before` gives a document's PDF that was made of the same, by its file name and what it is made from, or None.
    Raises OutputFailed, naming document and line, for a letter that no font has, a picture or a formula that can't be
    shown, and a template that can't be used.
    """
    register = audit.register
    told = tuple(sheets.of(state, register, blob, language) for state in register.in_force)
    return printed(told, frame(register, audit.as_of, templates, language), before) if told else {}


def frame(register: Register, as_of: date, templates: Mapping[str, str], language: Language = ENGLISH) -> Frame:
    """What the sheets of a register share. Raises OutputFailed where there is no template."""
    if pdf.TEMPLATE not in templates:
        raise OutputFailed(f"templates/pdf holds no {pdf.TEMPLATE}", fix="put back the template that came with qmdoc")
    return Frame(
        template=templates[pdf.TEMPLATE],
        programme=register.authority.policy.programme,
        as_of=as_of,
        commit=register.ledger.tip,
        files={
            state.id: pdf.name(state.id, str(state.effective.version)) for state in register.in_force if state.effective
        },
        language=language,
    )


def tried(told: Sequence[Sheet], frame: Frame) -> Iterator[tuple[Sheet, bytes | OutputFailed]]:
    """Each of the sheets as a PDF, or why it can't be printed."""
    refused: dict[Path, OutputFailed] = {}
    with tempfile.TemporaryDirectory(prefix="qmdoc-press-") as folder:
        jobs = [(sheet, Path(folder) / str(number)) for number, sheet in enumerate(told)]
        for sheet, job in jobs:
            try:
                _lay_out(job, sheet, frame)
            except OutputFailed as error:
                refused[job] = error
        with _presses(min(_MOST_PROCESSES, os.cpu_count() or 1, len(jobs) - len(refused))) as hand_over:
            for _, job in jobs:
                if job not in refused:
                    hand_over(job)
        for sheet, job in jobs:
            try:
                yield sheet, refused.get(job) or _taken(job, sheet)
            except OutputFailed as error:
                yield sheet, error


def printed(told: Sequence[Sheet], frame: Frame, before: Before = _nothing) -> dict[str, bytes]:
    """The sheets as PDFs by file name, with the manual that binds them."""
    found = [before(frame.files[sheet.number], made_from(sheet, frame)) for sheet in told]
    with tempfile.TemporaryDirectory(prefix="qmdoc-press-") as folder:
        jobs = [(sheet, Path(folder) / sheet.number) for sheet, kept in zip(told, found, strict=True) if kept is None]
        with _presses(min(_MOST_PROCESSES, os.cpu_count() or 1, len(jobs))) as hand_over:
            for sheet, job in jobs:
                _lay_out(job, sheet, frame)
                hand_over(job)
        new = {sheet.number: _taken(job, sheet) for sheet, job in jobs}
        each = zip(told, found, strict=True)
        made = {frame.files[sheet.number]: new[sheet.number] if kept is None else kept for sheet, kept in each}
        counts = [binding.page_count(content) for content in made.values()]
        front = _front(Path(folder), told, counts, frame)
        return {**made, pdf.MANUAL: binding.bound(front, dict(zip(frame.pages.values(), made.values(), strict=True)))}


def made_from(sheet: Sheet, frame: Frame) -> str:
    """The digest of all that the PDF of a document is made of, but for the program that makes it."""
    attached = {name: hashlib.sha256(content).hexdigest() for name, content in sheet.source.attachments.items()}
    whole = [
        frame.template, frame.programme, frame.language.code, dict(frame.language.words), frame.paper, sheet.value(), sheet.qr, sheet.source.number,
        sheet.source.body, attached, _linked(sheet.source.body, frame.pages),
    ]  # fmt: skip
    return hashlib.sha256(json.dumps(whole, sort_keys=True).encode()).hexdigest()


def _linked(body: str, pages: Mapping[str, str]) -> dict[str, str]:
    """The pages that a text may lead to: those whose number it writes, or all where it may write a number in code."""
    if any(mark in body for mark in "%&\\"):
        return dict(pages)
    written = set(_NUMBER.findall(body))
    return {number: name for number, name in pages.items() if number in written}


def _front(folder: Path, told: Sequence[Sheet], counts: Sequence[int], frame: Frame) -> bytes:
    """Title page and contents, set twice: only then it is known how many pages they take themselves."""
    first, made = 1, b""
    for attempt in ("once", "again"):
        job = folder / f"front-{attempt}"
        _lay_out_front(job, told, counts, first, frame)
        with _presses(1) as hand_over:
            hand_over(job)
        made = _taken(job, None)
        first = 1 + binding.page_count(made)
    return made


def _lay_out(job: Path, sheet: Sheet, frame: Frame) -> None:
    files = layout.Files()
    value, labels = layout.sheet(sheet, frame.pages, files)
    title = f"{sheet.number} {sheet.title}"
    told = _shared(frame, title, date.fromisoformat(sheet.since))
    _write(job, {**told, "sheet": value, "labels": labels, "contents": []}, files, frame)


def _lay_out_front(job: Path, told: Sequence[Sheet], counts: Sequence[int], first: int, frame: Frame) -> None:
    begins = accumulate(counts, initial=first)
    rows = [
        {"number": sheet.number, "title": sheet.title, "version": sheet.version, "since": sheet.since,
         "address": frame.pages[sheet.number], "begins": begin, "pages": count}
        for sheet, begin, count in zip(told, begins, counts, strict=False)
    ]  # fmt: skip
    shared = _shared(frame, frame.language.text(said("Manual")), frame.as_of)
    ours = {"as-of": str(frame.as_of), "commit": frame.commit, "sheet": None, "labels": [], "contents": rows}
    _write(job, {**shared, **ours}, layout.Files(), frame)


def _shared(frame: Frame, title: str, day: date) -> dict[str, object]:
    return {
        "title": title,
        "programme": frame.programme,
        "date": {"year": day.year, "month": day.month, "day": day.day},
        "language": frame.language.code.partition("_")[0],
        "words": dict(frame.language.words),
        "paper": frame.paper,
    }


def _write(job: Path, told: Mapping[str, object], files: layout.Files, frame: Frame) -> None:
    job.mkdir()
    for name, content in files.content.items():
        (job / name).write_bytes(content)
    (job / press.SHEETS).write_text(json.dumps(told, ensure_ascii=False), encoding="utf-8")
    (job / press.TEMPLATE).write_text(frame.template, encoding="utf-8")


@contextmanager
def _presses(count: int) -> Iterator[Callable[[Path], None]]:
    """Processes that take jobs in turn. All are done when it ends; on an error they are ended."""
    import ziafont

    fonts = str(Path(ziafont.__file__).parent / "fonts")
    environment = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
    command = [sys.executable, "-I", "-m", press.__name__, fonts]
    running = [
        subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
            env=environment | _NO_NETWORK,
        )
        for _ in range(count)
    ]  # fmt: skip
    handed = 0

    def hand_over(job: Path) -> None:
        nonlocal handed
        taker = running[handed % count].stdin
        assert taker
        taker.write(f"{job}\n")
        taker.flush()
        handed += 1

    try:
        yield hand_over
        for process in running:
            _, said = process.communicate()
            if process.returncode:
                last = said.strip().splitlines()[-1] if said.strip() else f"exit status {process.returncode}"
                raise OutputFailed(f"the PDFs could not be made: {last}", fix="make room in memory and on the disk")
    except BrokenPipeError:
        raise OutputFailed("the PDFs could not be made: typst ended early", fix="make room in memory") from None
    finally:
        for process in running:
            process.kill()
            process.wait()
            for stream in (process.stdin, process.stderr):
                if stream and not stream.closed:
                    _close(stream.close)


def _close(close: Callable[[], None]) -> None:
    try:
        close()
    except BrokenPipeError:
        return


def _taken(job: Path, sheet: Sheet | None) -> bytes:
    """What typst made. Raises OutputFailed where it made nothing, or warned."""
    trouble = job / press.TROUBLE
    if trouble.exists():
        found = json.loads(trouble.read_text(encoding="utf-8"))
        raise _told(found.get("message", "nothing was made"), found.get("diagnostic", ""), sheet)
    return (job / press.MADE).read_bytes()


def _told(message: str, diagnostic: str, sheet: Sheet | None) -> OutputFailed:
    """What typst says, in terms of the file that a person wrote."""
    where = sheet.where() if sheet else "the front of the manual"
    if match := _GLYPH.search(message):
        letter = _ESCAPED.sub(lambda found: chr(int(found[1], 16)), match["text"])[0]
        code = f"`{letter}` (U+{ord(letter):04X})"
        return OutputFailed(
            f"{_line(letter, sheet)}: no font of the PDF has the character {code}",
            fix="write it in other letters, or show it as a picture, and have the document approved",
        )
    if match := _TOO_WIDE.search(message):
        return OutputFailed(
            f"{sheet.where(match['words']) if sheet else where}: no sheet has room for all columns of the table with `{match['words']}`",
            fix="make two tables of it, or write shorter words, and have the document approved",
        )
    line = _PLACE.search(diagnostic)
    template = f"templates/pdf/{pdf.TEMPLATE}" + (f", line {line[1]}" if line else "")
    return OutputFailed(
        f"{where}: the PDF can't be made: {' '.join(message.split())} ({template})",
        fix="mend the picture that it names, or put back the template that came with qmdoc",
    )


def _line(letter: str, sheet: Sheet | None) -> str:
    where = sheet.where(letter) if sheet else "the front of the manual"
    return where if ", line " in where else f"{where}, its title, names, summaries or pictures"
