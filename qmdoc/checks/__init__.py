"""Checks: one rule a file. Each looks at the register and yields findings; none touches anything.

A check's module has a docstring (its page in the manual), `ID`, `SEVERITY`, `TOPIC` and `check`, and is named like its id. Where one
rule yields findings under several ids, `IDS` maps each of them to its severity (`sign_off`: one id for each code). The
modules whose names begin with `_` are nouns that several checks share.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache
from typing import Any, Protocol

from qmdoc import shares
from qmdoc.checks import (
    _text,
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
from qmdoc.model import Finding, Severity, Topic
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

    def check(self, register: Register) -> Iterator[Finding]:
        """What it finds."""


ALL: Sequence[Check] = (
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


def read_texts(register: Register) -> None:
    """Finds what is in the texts under judgement and was not noted: with all processors where they are many."""
    names = [look.name for look in LOOKS]
    texts = dict.fromkeys(judged.text for judged in _text.judged(register))
    unknown = [text for text in texts if not text.knows(names)]
    for share, notes in shares.done(unknown, _noted, worth_it=_WORTH_A_PROCESS):
        for text, note in zip(share, notes, strict=True):
            text.take(note)


def _noted(texts: Sequence[Text]) -> list[Mapping[str, object]]:
    for text in texts:
        look_at(text)
    return [text.note for text in texts]


def run(register: Register, *, is_strict: bool) -> tuple[Finding, ...]:
    """All findings, worst first; `is_strict` turns warnings into errors, never notes."""
    read_texts(register)
    findings = [
        _weighed(_printable(finding), is_strict=is_strict) for check in ALL for finding in check.check(register)
    ]
    return tuple(sorted(set(findings), key=_rank))


def _printable(finding: Finding) -> Finding:
    """The finding on one line, whatever a file is called: a name could otherwise write lines of its own into a report."""
    path = finding.path and _text.printable(finding.path)
    return replace(finding, message=_text.printable(finding.message), fix=_text.printable(finding.fix), path=path)


def _weighed(finding: Finding, *, is_strict: bool) -> Finding:
    return replace(finding, severity=Severity.ERROR) if is_strict and finding.severity is Severity.WARNING else finding


def _rank(finding: Finding) -> tuple[int, str, str, str, int, str, str]:
    place = (finding.document or "", finding.path or "", finding.line or 0)
    return (_ORDER.index(finding.severity), finding.check, *place, finding.message, finding.commit or "")
