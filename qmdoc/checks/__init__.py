"""Checks: one rule a file. Each looks at the register or at one document and yields findings; none touches anything.

A check's module has a docstring (its page in the manual), `ID`, `SEVERITY`, `TOPIC`, and `check_document` (it judges each
document by itself) or `check` (it judges the whole register), or both, and is named like its id. Where one rule yields
findings under several ids, `IDS` maps each of them to its severity (`sign_off`: one id for each code). The modules whose
names begin with `_` are nouns that several checks share.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache
from itertools import groupby
from operator import attrgetter
from typing import Any, NamedTuple, Protocol

from qmdoc import shares
from qmdoc.checks import (
    _clauses,
    _text,
    _training,
    anchor_ignored,
    assessor_not_competent,
    attestation_before_approval,
    attestation_by_non_holder,
    attestation_for_other_bytes,
    attestation_unproved,
    authority_fragile,
    authority_pending,
    authority_unreadable,
    awaiting_sign_off,
    block_not_closed,
    broken_reference,
    change_understated,
    changed_after_approval,
    chart_outdated,
    clause_covered_only_by_draft,
    clause_recalled,
    clause_removed,
    clause_uncovered,
    competency_overdue,
    duplicate_id,
    edit_unsigned,
    edition_superseded,
    effective_before_approval,
    effective_document_deleted,
    form_absent,
    front_matter_invalid,
    history_rewritten,
    id_changed,
    limit_without_unit,
    limits_disagree,
    list_gap,
    local_value_missing,
    manual_restyled,
    missing_section,
    module_unknown_document,
    never_approved,
    not_a_plain_file,
    nothing_in_force,
    owner_left,
    path_collision,
    picture_not_shown,
    reference_without_year,
    review_action_open,
    review_due_soon,
    review_interval_too_long,
    review_overdue,
    seat_vacant,
    second_title,
    sign_not_shown,
    sign_off,
    signed_by_revoked_key,
    step_not_imperative,
    stray_file,
    time_in_future,
    training_missing,
    training_outdated,
    trust_root_not_pinned,
    unknown_clause,
    unknown_editor,
    unknown_owner,
    unknown_standard,
    unreadable_document,
    unreadable_leave,
    unreadable_modules,
    unreadable_staff,
    unreadable_standard,
    unreadable_training,
    unsafe_markup,
    version_not_raised,
    withdrawn_document_changed,
    work_tree_differs,
)
from qmdoc.checks._text import JudgedText, Made, OneDocument, Surroundings
from qmdoc.model import Finding, Severity, Status, Topic
from qmdoc.register import Register
from qmdoc.remembered import Text


class Check(Protocol):
    """What a check's module offers."""

    @property
    def ID(self) -> str:
        """Its stable id."""

    @property
    def SEVERITY(self) -> Severity:
        """How much its findings weigh."""

    @property
    def TOPIC(self) -> Topic:
        """The row of the readiness table that it belongs to."""


class CheckOfAll(Check, Protocol):
    """A check of the whole register."""

    def check(self, register: Register) -> Iterator[Finding]:
        """What it finds."""


class CheckOfOne(Check, Protocol):
    """A check that judges each document by itself."""

    def check_document(self, one: OneDocument) -> Iterator[Finding]:
        """What it finds in a document."""


OF_ONE: Sequence[CheckOfOne] = (
    awaiting_sign_off,
    block_not_closed,
    broken_reference,
    change_understated,
    changed_after_approval,
    effective_before_approval,
    effective_document_deleted,
    form_absent,
    front_matter_invalid,
    limit_without_unit,
    list_gap,
    local_value_missing,
    missing_section,
    never_approved,
    owner_left,
    picture_not_shown,
    reference_without_year,
    review_action_open,
    review_due_soon,
    review_interval_too_long,
    review_overdue,
    second_title,
    sign_not_shown,
    step_not_imperative,
    unknown_clause,
    unknown_owner,
    unknown_standard,
    unreadable_document,
    unsafe_markup,
    version_not_raised,
    withdrawn_document_changed,
)
"""The checks that judge each document by itself."""

OF_ALL: Sequence[CheckOfAll] = (
    anchor_ignored,
    assessor_not_competent,
    attestation_before_approval,
    attestation_by_non_holder,
    attestation_for_other_bytes,
    attestation_unproved,
    authority_fragile,
    authority_pending,
    authority_unreadable,
    chart_outdated,
    clause_covered_only_by_draft,
    clause_recalled,
    clause_removed,
    clause_uncovered,
    competency_overdue,
    duplicate_id,
    edit_unsigned,
    edition_superseded,
    front_matter_invalid,
    history_rewritten,
    id_changed,
    limits_disagree,
    manual_restyled,
    module_unknown_document,
    not_a_plain_file,
    nothing_in_force,
    path_collision,
    seat_vacant,
    sign_off,
    signed_by_revoked_key,
    stray_file,
    time_in_future,
    training_missing,
    training_outdated,
    trust_root_not_pinned,
    unknown_clause,
    unknown_editor,
    unknown_standard,
    unreadable_document,
    unreadable_leave,
    unreadable_modules,
    unreadable_staff,
    unreadable_standard,
    unreadable_training,
    unsafe_markup,
    work_tree_differs,
)
"""The checks of the whole register."""

ALL: Sequence[Check] = tuple(
    sorted({check.ID: check for check in (*OF_ONE, *OF_ALL)}.values(), key=lambda check: check.ID)
)
"""All of them; some are both."""

_ATTACHMENTS = (chart_outdated, unsafe_markup)
_TRAINING = (
    assessor_not_competent,
    attestation_before_approval,
    attestation_by_non_holder,
    attestation_for_other_bytes,
    attestation_unproved,
    competency_overdue,
    training_missing,
    training_outdated,
)

MADE_OF: Mapping[str, Callable[[Register], object]] = {
    **dict.fromkeys((clause_covered_only_by_draft.ID, clause_uncovered.ID), _clauses.answered),
    **dict.fromkeys((clause_recalled.ID, edition_superseded.ID), _clauses.clauses),
    **dict.fromkeys((check.ID for check in _ATTACHMENTS), attrgetter("attachments")),
    **dict.fromkeys((check.ID for check in _TRAINING), _training.made_of),
    path_collision.ID: path_collision.paths,
}
"""What some checks of the whole register look at, by their ids: what they found stands while that is the same."""

LOOKS: Sequence[_text.Look[Any]] = tuple(check.LOOK for check in ALL if hasattr(check, "LOOK"))
"""What checks see in a text alone."""

ABOUT_THE_AUTHORITY = frozenset(
    check.ID
    for check in (
        authority_fragile,
        authority_pending,
        authority_unreadable,
        owner_left,
        seat_vacant,
        trust_root_not_pinned,
        unknown_owner,
    )
)
"""Ids of findings that say nothing where there is no authority, as in a library that nobody has adopted yet."""

_ORDER = list(Severity)
_WORTH_A_PROCESS = 40  # texts: to start one takes as long as to look at some ten


def ids() -> Mapping[str, Severity]:
    """Every id that a finding can have, with its severity."""
    rows: dict[str, Severity] = {}
    for check in ALL:
        rows.update(getattr(check, "IDS", {check.ID: check.SEVERITY}))
    return rows


def topic(check_id: str) -> Topic:
    """The row of the readiness table that a finding belongs to."""
    return next(check.TOPIC for check in ALL if check_id in getattr(check, "IDS", {check.ID: check.SEVERITY}))


@cache
def promise(check_id: str) -> str:
    """What holds where a check finds nothing: the first sentence of its page, or the id of one that has none."""
    found = next((each for each in ALL if check_id in getattr(each, "IDS", {each.ID: each.SEVERITY})), None)
    return " ".join((found.__doc__ or "").split("\n\n")[0].split()).rstrip(".") if found else check_id


def look_at(text: Text) -> None:
    """Looks at a text for all checks at once, so that its layout is read once and not kept."""
    text.read()
    for look in LOOKS:
        _text.seen(text, look)


def read_texts(texts: Iterable[JudgedText]) -> None:
    """Finds what is in texts under judgement and was not noted: with all processors where they are many."""
    names = [look.name for look in LOOKS]
    unknown = [text for text in dict.fromkeys(judged.text for judged in texts) if not text.knows(names)]
    for share, notes in shares.done(unknown, _noted, worth_it=_WORTH_A_PROCESS):
        for text, note in zip(share, notes, strict=True):
            text.take(note)


def _noted(texts: Sequence[Text]) -> list[Mapping[str, object]]:
    for text in texts:
        look_at(text)
    return [text.note for text in texts]


class _Ranked(NamedTuple):
    """A finding, with its place among all."""

    rank: tuple[int, str, str, str, int, str, str]
    finding: Finding


class _Judgement(NamedTuple):
    """What was found in a document, which other documents were asked for, and its texts."""

    made: Made
    asked: frozenset[str]
    texts: tuple[JudgedText, ...]
    ranked: tuple[_Ranked, ...]


class Judged:
    """What was judged before: a judgement stands while all that it was made of is the same."""

    def __init__(self) -> None:
        self._of_all: dict[str, tuple[object, tuple[_Ranked, ...]]] = {}
        self._surroundings: Surroundings | None = None
        self._statuses: Mapping[str, Status] = {}
        self._judgements: dict[str, _Judgement] = {}

    def findings(self, register: Register) -> list[_Ranked]:
        """All that is found in a register."""
        judgements = self._of_each(register)
        _text.keep_judged(register, [text for each in judgements for text in each.texts])
        rows = [ranked for each in judgements for ranked in each.ranked]
        made_of = {look: look(register) for look in {*MADE_OF.values()}}
        for check in OF_ALL:
            look = MADE_OF.get(check.ID)
            known = self._of_all.get(check.ID) if look else None
            if look is None:
                rows += map(_ranked, check.check(register))
            elif known and known[0] == made_of[look]:
                rows += known[1]
            else:
                found = tuple(map(_ranked, check.check(register)))
                self._of_all[check.ID] = made_of[look], found
                rows += found
        return rows

    def _of_each(self, register: Register) -> list[_Judgement]:
        """The judgement on each document of a register."""
        surroundings = _text.surroundings(register)
        before = self._judgements if surroundings == self._surroundings else {}
        statuses = {state.id: state.status for state in register.states}
        changed = {number for number, _ in self._statuses.items() ^ statuses.items()}
        new: list[OneDocument] = []
        for state in register.states:
            made, known = _text.made(state, register), before.get(state.id)
            if known is None or known.made != made or not changed.isdisjoint(known.asked):
                new.append(OneDocument(made, surroundings, statuses, register.texts))
        read_texts(text for one in new for text in one.texts)
        judgements = before | {one.state.id: _judged(one) for one in new}
        # what is not there now is forgotten: what it asked about may change before it comes back
        self._judgements = {state.id: judgements[state.id] for state in register.states}
        self._surroundings, self._statuses = surroundings, statuses
        return list(self._judgements.values())


def _judged(one: OneDocument) -> _Judgement:
    ranked = tuple(_ranked(finding) for check in OF_ONE for finding in check.check_document(one))
    return _Judgement(one.made, frozenset(one.asked), one.texts, ranked)


def run(register: Register, *, is_strict: bool, judged: Judged | None = None) -> tuple[Finding, ...]:
    """All findings, worst first; `is_strict` turns warnings into errors, never notes.

    `judged` has documents that were judged in an earlier register, and is brought up to this one.
    """
    rows = (judged or Judged()).findings(register)
    if is_strict:
        rows = [_ranked(_strict(row.finding)) for row in rows]
    rows.sort(key=lambda row: row.rank)
    findings: list[Finding] = []
    for _, group in groupby(rows, key=lambda row: row.rank):
        one, *others = [row.finding for row in group]
        findings += dict.fromkeys([one, *others]) if others else [one]
    return tuple(findings)


def _ranked(finding: Finding) -> _Ranked:
    found = _printable(finding)
    return _Ranked(_rank(found), found)


def _printable(finding: Finding) -> Finding:
    """The finding on one line, whatever a file is called: a name could otherwise write lines of its own into a report."""
    path = finding.path and _text.printable(finding.path)
    return replace(finding, message=_text.printable(finding.message), fix=_text.printable(finding.fix), path=path)


def _strict(finding: Finding) -> Finding:
    return replace(finding, severity=Severity.ERROR) if finding.severity is Severity.WARNING else finding


def _rank(finding: Finding) -> tuple[int, str, str, str, int, str, str]:
    place = (finding.document or "", finding.path or "", finding.line or 0)
    return (_ORDER.index(finding.severity), finding.check, *place, finding.message, finding.commit or "")
