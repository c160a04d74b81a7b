"""The answer as text, for people: what to do, worst first, in the field's words."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable
from functools import lru_cache
from itertools import groupby

from qmdoc import checks, coverage, training
from qmdoc.coverage import Cover
from qmdoc.model import Finding, Severity, Topic
from qmdoc.outputs.answers import looked_at
from qmdoc.register import Audit, Register
from qmdoc.signing.intent import Intent, Made

_WIDTH = 110
_SHOWN_CHANGES = 60
_HEADINGS = {
    Severity.ERROR: "Must be put right",
    Severity.WARNING: "Needs attention soon",
    Severity.NOTE: "For your information",
}


def findings_text(audit: Audit) -> str:
    """All findings, grouped by what a person must do, and what was looked at."""
    lines = [_headline(audit), *_groups(audit.findings), "", _looked_at(audit.register)]
    return "\n".join(lines) + "\n"


def draft_text(audit: Audit) -> str:
    """Findings about the work tree's text."""
    errors = sum(finding.severity is Severity.ERROR for finding in audit.findings)
    verdict = (
        f"{_count(errors, 'error')} in the texts of the work tree"
        if errors
        else "the texts of the work tree could be signed"
    )
    lines = [
        f"Draft of {audit.as_of}: {verdict}",
        *_groups(audit.findings),
        "",
        f"Looked at {_count(len(audit.register.states) + len(audit.register.nameless), 'document')} in the work tree; no history, no sign-offs.",
    ]
    return "\n".join(lines) + "\n"


def readiness_text(audit: Audit) -> str:
    """The readiness table by subject, then what to do."""
    verdict = "NOT READY" if audit.has_errors else "READY"
    programme = audit.register.authority.policy.programme
    rows = [("Subject", "State", "Totals"), *_readiness(audit)]
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    table = [f"  {row[0]:<{widths[0]}}  {row[1]:<{widths[1]}}  {row[2]}" for row in rows]
    table.insert(1, f"  {'-' * widths[0]}  {'-' * widths[1]}  {'-' * widths[2]}")
    lines = [
        f"{programme}: {verdict} on {audit.as_of}",
        "",
        *table,
        *_groups(audit.findings),
        "",
        _looked_at(audit.register),
        "",
    ]
    return "\n".join(lines) + "\n"


def intent_text(intent: Intent) -> str:
    """What is about to be signed: title, version, change summary, and what changed since the version in force."""
    said = intent.statement
    lines = [f"{intent.name}, as {said.role}, {said.time:%Y-%m-%d %H:%M} UTC:", f'  "{said.sentence}"', ""]
    lines.extend(f"  CAUTION: {caution}" for caution in intent.cautions)
    for shown in intent.subjects:
        lines.append(f"  {shown.subject}  {shown.title}")
        lines.append(f"    digest sha256:{shown.subject.digest}")
        if shown.change_summary:
            lines.append(f"    change: {shown.change_summary}")
        lines.extend(f"    CAUTION: {caution}" for caution in shown.cautions)
        lines.extend(_changes(shown.effective_version, shown.changes))
    extras = (("reason", said.reason), ("outcome", said.outcome), ("next review", said.next_review))
    lines.extend(f"  {name}: {value}" for name, value in extras if value)
    return "\n".join(lines) + "\n"


def made_text(made: Made) -> str:
    """That it was signed, and what is still missing."""
    if made.files:
        return _portable_text(made)
    what = f"Attested for {made.sign_off.name}" if made.sign_off.attested_by else "Signed"
    lines = [
        f"{what}: {', '.join(str(subject) for subject in made.sign_off.subjects)} ({made.sign_off.meaning}, {made.sign_off.assurance}), commit {made.sign_off.commit[:12]}"
    ]
    for number, missing in made.missing:
        lines.append(
            f"  {number} still waits for: {', '.join(missing)}" if missing else f"  {number}: no signature is missing"
        )
    return "\n".join(lines) + "\n"


def _portable_text(made: Made) -> str:
    signed = ", ".join(str(subject) for subject in made.sign_off.subjects)
    lines = [
        f"Signed: {signed} ({made.sign_off.meaning}, {made.sign_off.assurance}), in two files that are not committed yet:",
        *(f"  {path}" for path in made.files),
        "Commit both as they are; the signature counts from the day on which they land together on the main branch:",
        f"  git add {' '.join(made.files)}",
        f'  git commit -m "Sign-off of {signed}"',
        "Let them be in a change of their own, or have an author of the text commit them: a squash names everybody who",
        "committed to a branch as an author of the whole, and an author can't fill an independent seat.",
    ]
    return "\n".join(lines) + "\n"


def _changes(version: str | None, changes: tuple[str, ...]) -> Iterable[str]:
    if version is None:
        return ["    no version is in force yet"]
    if not changes:
        return [f"    the same text as version {version}, which is in force"]
    shown = [f"      {line}" for line in changes[:_SHOWN_CHANGES]]
    more = len(changes) - _SHOWN_CHANGES
    return [
        f"    changed since version {version}, which is in force:",
        *shown,
        *([f"      … and {more} more lines"] if more > 0 else []),
    ]


def _headline(audit: Audit) -> str:
    counts = [(sum(finding.severity is severity for finding in audit.findings), severity) for severity in Severity]
    said = ", ".join(_count(number, str(severity)) for number, severity in counts)
    commit = audit.register.ledger.tip[:12] or "before the first commit"
    return f"{audit.register.authority.policy.programme}, {audit.as_of}, {commit}: {said}"


def _groups(findings: tuple[Finding, ...]) -> list[str]:
    """Findings with one remedy stand together under it; the worst come first, as `checks.run` has sorted them."""
    lines: list[str] = []
    for severity, of_severity in groupby(findings, key=lambda finding: finding.severity):
        lines += ["", f"{_HEADINGS[severity]}:"]
        by_remedy: dict[tuple[str, str], list[Finding]] = {}
        for finding in of_severity:
            by_remedy.setdefault((finding.check, finding.fix), []).append(finding)
        for (check, fix), group in by_remedy.items():
            lines += _wrapped(f"- {fix[:1].upper()}{fix[1:]}  [{check}]", "  ")
            for finding in group:
                lines += _wrapped(f"    {finding.message}{_place(finding)}", "      ")
    return lines


def _place(finding: Finding) -> str:
    if finding.path:
        return f"  ({finding.path}:{finding.line})" if finding.line else f"  ({finding.path})"
    return f"  (commit {finding.commit[:12]})" if finding.commit else ""


@lru_cache(maxsize=1 << 13)  # nearly all of what is found today was found before
def _wrapped(text: str, indent: str) -> tuple[str, ...]:
    start = len(text) - len(text.lstrip())
    lines = textwrap.wrap(
        text.lstrip(),
        _WIDTH,
        initial_indent=" " * start,
        subsequent_indent=" " * start + "  ",
        break_long_words=False,
        break_on_hyphens=False,
    )
    return tuple(lines) or (indent,)


def _readiness(audit: Audit) -> list[tuple[str, str, str]]:
    register = audit.register
    totals = {
        Topic.DOCUMENTS: _documents(register),
        Topic.SIGN_OFFS: _sign_offs(register),
        Topic.REVIEWS: _reviews(register),
        Topic.COVERAGE: _coverage(register),
        Topic.TRAINING: _training(register),
        Topic.INTEGRITY: _integrity(register),
    }
    return [(subject, _state(subject, audit), words) for subject, words in totals.items()]


def _state(subject: Topic, audit: Audit) -> str:
    """The worst that the checks of a subject found."""
    found = {finding.severity for finding in audit.findings if checks.topic(finding.check) == subject}
    if Severity.ERROR in found:
        return "BLOCKED"
    return "attention" if Severity.WARNING in found else "in order"


def _documents(register: Register) -> str:
    counts: dict[str, int] = {}
    for state in register.states:
        counts[str(state.status)] = counts.get(str(state.status), 0) + 1
    rest = [
        f"{number} {status}"
        for status, number in sorted(counts.items())
        if status not in ("effective", "review-overdue")
    ]
    proposed = sum(state.proposed is not None and state.status.is_in_force for state in register.states)
    return ", ".join(
        [f"{len(register.in_force)} in force", *rest, *([f"{proposed} with a new version waiting"] if proposed else [])]
    )


def _sign_offs(register: Register) -> str:
    accepted = sum(each.is_accepted for each in register.sign_offs)
    return f"{accepted} accepted, {len(register.sign_offs) - accepted} refused"


def _reviews(register: Register) -> str:
    overdue = sum(str(state.status) == "review-overdue" for state in register.states)
    notice = register.authority.policy.notice_days
    soon = sum(
        state.review is not None and 0 <= (state.review.due - register.as_of).days <= notice
        for state in register.in_force
    )
    return f"{overdue} overdue, {soon} due within {notice} days"


def _coverage(register: Register) -> str:
    rows = [row for catalogue in coverage.of(register) for row in catalogue.asking]
    answered = sum(row.cover is Cover.COVERED for row in rows)
    excused = sum(row.cover is Cover.NOT_APPLICABLE for row in rows)
    return f"{answered} of {len(rows)} binding clauses answered, {excused} not applicable, {len(rows) - answered - excused} open"


def _training(register: Register) -> str:
    rows = training.required(register)
    met, signed = sum(row.is_met for row in rows), sum(row.sign_off is not None for row in rows)
    late = sum(row.standing.is_late for row in rows)
    return f"{met} of {len(rows)} attested ({signed} signed by the reader, {met - signed} by records or a minor change), {late} late"


def _integrity(register: Register) -> str:
    ledger = register.ledger
    trust = "trust root pinned from outside" if ledger.is_pinned else "trust root not pinned"
    anchors = f", {_count(len(ledger.anchors), 'time anchor')}" if ledger.anchors else ", no time anchor"
    return f"{_count(len(ledger.landings), 'step')} of history re-read, each object hashed as it was read, {trust}{anchors}"


def _looked_at(register: Register) -> str:
    seen = looked_at(register)
    tip = register.ledger.tip or "the time before the first commit"
    return f"Looked at {_count(seen['documents'], 'document')}, {_count(seen['clauses'], 'clause')} and {_count(seen['sign_offs'], 'sign-off')}, as of {register.as_of}, up to commit {tip}."


def _count(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"
