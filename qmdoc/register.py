"""The document register (master list) as it stood on a day: each document's state, drawn from the ledger."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import lru_cache, partial
from typing import Any, NamedTuple, TypeVar

from qmdoc import catalogues, controlled, documents, pictures
from qmdoc import personnel as personnel_room
from qmdoc.catalogues import Shelf
from qmdoc.controlled import AUTHORITY, STANDARDS
from qmdoc.documents import ChangeSize, Document, Unreadable
from qmdoc.ledger import Approval, Ledger, PeriodicReview, Proposal, Withdrawal, ahead, in_force
from qmdoc.model import (
    File,
    Finding,
    Objects,
    Outcome,
    Restyling,
    Severity,
    Status,
    Version,
    WorkTreeFile,
    add_months,
)
from qmdoc.personnel import Personnel
from qmdoc.records.staff import Staff
from qmdoc.remembered import Texts
from qmdoc.signing.acceptance import SignOff
from qmdoc.signing.authority import Authority
from qmdoc.standards import Catalogue, UnreadableStandard

Part = TypeVar("Part")

_DEVIATIONS = "records/deviations/"


@dataclass(frozen=True, slots=True)
class Period:
    """Days on which a version was in force; `until` is the last of them, None while it lasts."""

    version: Version
    approval: Approval
    since: date
    until: date | None


@dataclass(frozen=True, slots=True)
class ReviewCalendar:
    """When the next periodic review falls due; `asked` is what was written where the policy's interval cut it short."""

    due: date
    latest: date
    asked: date
    last: PeriodicReview | None
    open_outcome: PeriodicReview | None

    @property
    def is_too_long(self) -> bool:
        """Somebody wrote a day beyond the interval; the interval's end counts."""
        return self.asked > self.latest


@dataclass(frozen=True, slots=True)
class State:
    """A document on a day. `effective` is what staff follow, `proposed` what main holds unapproved: two fields.

    `ahead` are the approved versions that will come into force, in the order of their days.
    `text` is the approved text in force (or approved and waiting), read from its blob; `on_main` is what main holds.
    """

    id: str
    status: Status
    effective: Approval | None
    ahead: tuple[Approval, ...]
    proposed: Proposal | None
    text: Document | None
    on_main: Document | Unreadable | None
    history: tuple[Period, ...]
    approvals: tuple[Approval, ...]
    reviews: tuple[PeriodicReview, ...]
    review: ReviewCalendar | None
    withdrawal: Withdrawal | None

    @property
    def standing(self) -> tuple[Approval, ...]:
        """The approved versions that staff follow or will: the one in force, and those ahead."""
        return (*([self.effective] if self.effective else []), *self.ahead)

    @property
    def waiting(self) -> Approval | None:
        """The highest approved version whose day has not come: the last of those ahead."""
        return self.ahead[-1] if self.ahead else None

    @property
    def next(self) -> Approval | None:
        """The approved version that comes into force next."""
        return self.ahead[0] if self.ahead else None

    @property
    def document(self) -> Document | None:
        """The text in force; where there is none, the one on main if it can be read."""
        return self.text or (self.on_main if isinstance(self.on_main, Document) else None)

    @property
    def title(self) -> str:
        """The title staff know it by."""
        return self.document.title if self.document else (self.approvals[-1].title if self.approvals else self.id)

    @property
    def path(self) -> str:
        """Where main holds it, or where it lay when it was approved."""
        if self.on_main is not None:
            return self.on_main.path
        return self.approvals[-1].path if self.approvals else ""

    @property
    def texts(self) -> tuple[Document, ...]:
        """The text in force and the readable text on main, each once: both are judged."""
        on_main = self.on_main if isinstance(self.on_main, Document) else None
        is_same = (
            self.text is not None
            and on_main is not None
            and self.proposed is None
            and on_main.version == self.text.version
        )
        return tuple(text for text in (self.text, None if is_same else on_main) if text is not None)


@dataclass(frozen=True, slots=True)
class Register:
    """Everything that is true of the programme's documents on a day; checks and outputs read nothing else.

    `attachments` are the charts and drawings that main holds, `pictures` the first bytes of each picture.

    `kept` has what a room has worked out from it once, and is asked again; it is empty in every register made from another.
    """

    as_of: date
    ledger: Ledger
    states: tuple[State, ...]
    nameless: tuple[Unreadable, ...]
    catalogues: tuple[Catalogue, ...]
    unreadable_standards: tuple[UnreadableStandard, ...]
    earlier_catalogues: Mapping[str, tuple[Catalogue, ...]]
    strays: tuple[File, ...]
    staff: Staff
    deviations: Mapping[str, str]
    attachments: Mapping[str, bytes]
    pictures: Mapping[str, bytes]
    work_tree: tuple[WorkTreeFile, ...] = ()
    lost_tip: str | None = None
    restyling: Restyling | None = None
    personnel: Personnel = field(default_factory=Personnel)
    kept: dict[str, object] = field(init=False, default_factory=dict, compare=False, repr=False)
    texts: Texts = field(default_factory=Texts, compare=False)

    @property
    def authority(self) -> Authority:
        """The authority in force."""
        return self.ledger.authority

    @property
    def binding(self) -> Mapping[str, tuple[str, ...]]:
        """The catalogues that bind this programme, each with the clauses to begin from; no clause means the whole."""
        return self.authority.policy.binding(catalogue.id for catalogue in self.catalogues)

    def state(self, number: str) -> State | None:
        """The state of a document."""
        found = self.kept.get(__name__)
        if not isinstance(found, dict):
            found = self.kept[__name__] = {state.id: state for state in self.states}
        state = found.get(number)
        return state if isinstance(state, State) else None

    @property
    def in_force(self) -> tuple[State, ...]:
        """The documents that staff follow on the day."""
        return tuple(state for state in self.states if state.status.is_in_force)

    @property
    def sign_offs(self) -> tuple[SignOff, ...]:
        """All sign-offs, accepted and refused, as they landed."""
        return self.ledger.sign_offs


@dataclass(frozen=True, slots=True)
class Audit:
    """The answer: the register on a day, and what the checks found. Every output is a function of it."""

    register: Register
    findings: tuple[Finding, ...]

    @property
    def as_of(self) -> date:
        """The day that the answer is for."""
        return self.register.as_of

    @property
    def has_errors(self) -> bool:
        """Something blocks."""
        return any(finding.severity is Severity.ERROR for finding in self.findings)


class Drawn:
    """What an earlier register was drawn from: a part is taken again while all that it was made of is the same."""

    def __init__(self) -> None:
        self._parts: dict[str, tuple[object, Any]] = {}
        self._texts: dict[tuple[str, str], Document | Unreadable] = {}

    def part(self, name: str, made_of: object, draw: Callable[[], Part]) -> Part:
        """A part of a register, drawn anew where it was made of something else, or never."""
        known = self._parts.get(name)
        if known is None or known[0] != made_of:
            known = self._parts[name] = made_of, draw()
        part: Part = known[1]
        return part

    def text(self, objects: Objects, path: str, blob: str) -> Document | Unreadable:
        """A file as a document."""
        if (path, blob) not in self._texts:
            self._texts[path, blob] = documents.read(objects, path, blob)
        return self._texts[path, blob]


class _Standards(NamedTuple):
    shelf: Shelf
    earlier: Mapping[str, tuple[Catalogue, ...]]


class _Records(NamedTuple):
    personnel: Personnel
    deviations: Mapping[str, str]


class _Others(NamedTuple):
    """What is made of files under `sops/` that are no document's text."""

    nameless: tuple[Unreadable, ...]
    strays: tuple[File, ...]
    attachments: Mapping[str, bytes]
    pictures: Mapping[str, bytes]


def on(
    day: date,
    *,
    ledger: Ledger,
    objects: Objects,
    work_tree: tuple[WorkTreeFile, ...] = (),
    lost_tip: str | None = None,
    drawn: Drawn | None = None,
) -> Register:
    """The register as it stood on a day that the ledger reaches; `drawn` is brought up to it."""
    drawn = drawn or Drawn()
    read = partial(drawn.text, objects)
    holdings = ledger.holdings
    files = sorted(file for path, file in holdings.files.items() if not _is_text(path))
    on_shelf = [file for file in files if file.path.startswith(STANDARDS)]
    standards = drawn.part(
        "standards", (on_shelf, [*ledger.catalogue_history.items()]), lambda: _standards(on_shelf, ledger, objects)
    )
    folder = controlled.folder_at(objects, ledger.root, "records")
    records = drawn.part("records", (folder, ledger.record_log), lambda: _records(ledger, objects))
    owners = [holdings.documents.get(owner) for file in files if (owner := _owner(file))]
    others = drawn.part("others", (files, owners), lambda: _others(files, ledger, objects))
    about = _about_each(day, ledger, drawn, read)
    return Register(
        as_of=day,
        ledger=ledger,
        states=tuple(state for state, _ in about),
        nameless=others.nameless,
        catalogues=standards.shelf.readable,
        unreadable_standards=standards.shelf.unreadable,
        earlier_catalogues=standards.earlier,
        strays=others.strays,
        staff=records.personnel.staff,
        deviations=records.deviations,
        attachments=others.attachments,
        pictures=others.pictures,
        work_tree=work_tree,
        lost_tip=lost_tip,
        personnel=replace(
            records.personnel,
            earlier={digest: text for _, texts in about if texts for digest, text in texts.items()},
        ),
    )


def _about_each(
    day: date, ledger: Ledger, drawn: Drawn, read: Callable[[str, str], Document | Unreadable]
) -> list[tuple[State, Mapping[str, Document]]]:
    """Every document that main holds or that was ever approved, by number."""
    about: list[tuple[State, Mapping[str, Document]]] = []
    for number in sorted({*ledger.holdings.documents, *ledger.approvals}):
        made_of = (
            day,
            ledger.authority.policy,
            ledger.approvals.get(number),
            ledger.withdrawals.get(number),
            ledger.reviews.get(number),
            ledger.proposals.get(number),
            ledger.holdings.document(number),
        )
        about.append(drawn.part(number, made_of, partial(_about, number, day, ledger, read)))
    return about


def _standards(on_shelf: list[File], ledger: Ledger, objects: Objects) -> _Standards:
    files = [file for file in on_shelf if file.is_plain and not _is_stray(file, ledger) and not is_readme(file.path)]
    earlier = {path: _earlier(path, blobs, ledger, objects) for path, blobs in ledger.catalogue_history.items()}
    return _Standards(catalogues.shelved((file.path, objects.blob(file.blob)) for file in files), earlier)


def _records(ledger: Ledger, objects: Objects) -> _Records:
    files = {file.path: file for file in controlled.every_file(objects, ledger.root, "records")} if ledger.root else {}
    deviations = {
        path: _text(objects, file) for path, file in files.items() if path.startswith(_DEVIATIONS) and file.is_plain
    }
    return _Records(personnel_room.read(ledger, files, objects), deviations)


def _others(files: list[File], ledger: Ledger, objects: Objects) -> _Others:
    own = [file for file in files if file.is_plain and _owner(file)]
    charts = [file for file in own if file.path.lower().endswith((".dot", ".svg"))]
    shown = [file for file in own if pictures.kind(file.path)]
    return _Others(
        nameless=tuple(_nameless(files, objects)),
        strays=tuple(file for file in files if _is_stray(file, ledger)),
        attachments={file.path: objects.blob(file.blob) for file in charts},
        pictures={file.path: objects.blob(file.blob)[: pictures.LONGEST] for file in shown},
    )


def _about(
    number: str, day: date, ledger: Ledger, read: Callable[[str, str], Document | Unreadable]
) -> tuple[State, Mapping[str, Document]]:
    """A document on a day, with its other approved versions by digest, if it asks for training or calls a change minor.

    Readers may know any of them, and what changed since is measured.
    """
    state = _state(number, day, ledger, read)
    if len(state.approvals) < 2 or not _past_matters(state, ledger.authority):
        return state, {}
    found = {each.digest: read(each.path, each.content.blob) for each in state.approvals}
    return state, {digest: text for digest, text in found.items() if isinstance(text, Document)}


def _past_matters(state: State, authority: Authority) -> bool:
    if state.text is None or state.waiting:
        return state.text is not None
    rule, keys = authority.policy.types.get(state.text.type), state.text.front_matter
    return bool(keys.training or keys.change is ChangeSize.MINOR or (rule and rule.training))


def is_readme(path: str) -> bool:
    """A folder's README says what is in it and is under no control."""
    return path.rpartition("/")[2] == "README.md"


def _state(number: str, day: date, ledger: Ledger, read: Callable[[str, str], Document | Unreadable]) -> State:
    approvals, withdrawals = ledger.approvals.get(number, ()), ledger.withdrawals.get(number, ())
    effective, coming = in_force(approvals, withdrawals, day), ahead(approvals, withdrawals, day)
    shown = effective or (coming[-1] if coming else None)
    text = read(shown.path, shown.content.blob) if shown else None
    file = ledger.holdings.document(number)
    on_main = read(file.path, file.blob) if file and file.is_plain else None
    review = _review(effective, ledger, number) if effective else None
    is_withdrawn = bool(withdrawals) and not effective and not coming
    return State(
        id=number,
        status=_status(effective, review, day, is_withdrawn=is_withdrawn, is_ahead=bool(coming)),
        effective=effective,
        ahead=coming,
        proposed=ledger.proposals.get(number),
        text=text if isinstance(text, Document) else None,
        on_main=on_main,
        history=tuple(_history(approvals, withdrawals, day)),
        approvals=approvals,
        reviews=ledger.reviews.get(number, ()),
        review=review,
        withdrawal=withdrawals[-1] if is_withdrawn else None,
    )


def _status(
    effective: Approval | None, review: ReviewCalendar | None, day: date, *, is_withdrawn: bool, is_ahead: bool
) -> Status:
    if effective and review:
        return Status.REVIEW_OVERDUE if day > review.due else Status.EFFECTIVE
    if is_withdrawn:
        return Status.WITHDRAWN
    return Status.APPROVED if is_ahead else Status.DRAFT


def _review(effective: Approval, ledger: Ledger, number: str) -> ReviewCalendar:
    """The first review is due by the date in the front matter, later ones by what the last review said."""
    rule = ledger.authority.policy.types.get(effective.type)
    reviews = [review for review in ledger.reviews.get(number, ()) if review.digest == effective.digest]
    moving = [review for review in reviews if review.outcome is Outcome.CONTINUE]
    start = moving[-1].day if moving else effective.since
    latest = add_months(start, rule.review_months) if rule else None
    asked = moving[-1].next_review if moving else effective.review_date
    asked = asked or latest or start
    latest = latest or asked
    last = reviews[-1] if reviews else None
    is_open = last is not None and last.outcome is not Outcome.CONTINUE
    return ReviewCalendar(min(asked, latest), latest, asked, last, last if is_open else None)


def _history(approvals: tuple[Approval, ...], withdrawals: tuple[Withdrawal, ...], day: date) -> list[Period]:
    """Which version was in force when, up to a day."""
    turns = sorted({each.since for each in approvals} | {each.day for each in withdrawals})
    periods: list[Period] = []
    for turn in [turn for turn in turns if turn <= day]:
        known = tuple(each for each in approvals if each.day <= turn)
        ended = tuple(each for each in withdrawals if each.day <= turn)
        now = in_force(known, ended, turn)
        before = periods[-1] if periods and periods[-1].until is None else None
        if before and now is before.approval:
            continue
        if before:
            last_day = max(before.since, turn - timedelta(days=1))
            periods[-1] = Period(before.version, before.approval, before.since, last_day)
        if now:
            periods.append(Period(now.version, now, turn, None))
    return periods


def _nameless(files: list[File], objects: Objects) -> list[Unreadable]:
    """Markdown files that no document number leads to: kept and reported, never skipped."""
    rows = []
    for file in sorted(files):
        is_elsewhere = file.path.startswith((AUTHORITY, STANDARDS)) or is_readme(file.path) or _owner(file)
        if file.path.endswith(".md") and not is_elsewhere and file.is_plain:
            found = documents.read(objects, file.path, file.blob)
            if isinstance(found, Unreadable):
                rows.append(found)
    return rows


def _owner(file: File) -> str | None:
    return controlled.owner_of(file.path)


@lru_cache(maxsize=1 << 14)
def _is_text(path: str) -> bool:
    """Whether it is named like the text of a document, and lies where one may lie."""
    number = documents.id_in_name(path)
    return number is not None and controlled.place_of(path) == (None, number)


def _is_stray(file: File, ledger: Ledger) -> bool:
    """Neither authority, catalogue, document, attachment nor README."""
    if file.path.startswith(AUTHORITY) or is_readme(file.path):
        return False
    if file.path.startswith(STANDARDS):
        return not file.path.endswith(catalogues.SUFFIXES) or "/" in file.path.removeprefix(STANDARDS)
    owner = _owner(file)
    if owner is None:
        return not file.path.endswith(".md")
    if documents.id_in_name(file.path) == owner and f"/{owner}/" not in file.path:
        return False
    folders = {controlled.attachments_folder(path) for path in ledger.holdings.documents.get(owner, ())}
    is_attached = any(folder and file.path.startswith(f"{folder}/") for folder in folders)
    return not is_attached or file.path.endswith(".md")


def _earlier(path: str, blobs: tuple[str, ...], ledger: Ledger, objects: Objects) -> tuple[Catalogue, ...]:
    """The catalogue as main held it before, as far as it could be read."""
    now = ledger.holdings.files.get(path)
    found = [catalogues.read(path, objects.blob(blob)) for blob in blobs if not now or blob != now.blob]
    return tuple(each for each in found if isinstance(each, Catalogue))


def _text(objects: Objects, file: File) -> str:
    return objects.blob(file.blob).decode("utf-8", "replace")
