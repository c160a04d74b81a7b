"""The coverage matrix, and the step from one edition to the next, as text, JSON and CSV: totals first, worst first."""

from __future__ import annotations

import csv
import io
import json
import textwrap
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from qmdoc.coverage import Answer, CatalogueCover, ClauseCover, Cover, Matrix
from qmdoc.editions import Fate, Move, Step
from qmdoc.standards import Catalogue, Clause, Confidence

_WIDTH = 110
_ORDER = (Cover.UNCOVERED, Cover.DRAFT_ONLY, Cover.NOT_APPLICABLE, Cover.COVERED)
_TOTALS = (
    "standard", "clauses", *(str(cover) for cover in reversed(_ORDER)), "confirmed", "recalled", "binding", "gaps",
)  # fmt: skip
_COLUMNS = (
    "standard", "clause", "title", "cover", "binding", "answered by", "drafts", "not applicable", "answered elsewhere",
    "confidence", "seen",
)  # fmt: skip
_STEPS = ("fate", "old clauses", "new clause", "title", "why", "claimed by", "answered by")
# A cell that begins like this is a formula to spreadsheet programs.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def text(matrix: Matrix) -> str:
    """For people: the totals of every standard, what could not be read, then clause by clause."""
    totals = [_TOTALS, *(tuple(str(each) for each in _numbers(cover)) for cover in matrix.covers)]
    shown = len(_TOTALS) if matrix.is_bound else _TOTALS.index("binding")
    lines = [_headline(matrix), "", *_table([row[:shown] for row in totals])]
    lines += [*_not_read(matrix), *(line for each in matrix.covers for line in _catalogue(each))]
    return "\n".join(lines) + "\n"


def json_text(matrix: Matrix) -> str:
    """For programs."""
    return _json(
        {
            "schema": 1,
            "as_of": str(matrix.as_of),
            "draft": matrix.is_draft,
            "programme": matrix.scope.programme or None,
            "site": matrix.scope.site or None,
            "documents": matrix.texts,
            "unreadable": [path for path, _ in matrix.not_read],
            "totals": [dict(zip(_TOTALS, _numbers(each), strict=True)) for each in matrix.covers],
            "clauses": [_row(row) for each in matrix.covers for row in each.demands],
        }
    )


def csv_text(matrix: Matrix) -> str:
    """For spreadsheets: a row for each clause."""
    return _csv(_COLUMNS, (_cells(row) for each in matrix.covers for row in each.demands))


FORMATS: Mapping[str, Callable[[Matrix], str]] = {"text": text, "json": json_text, "csv": csv_text}


def confidence(clause: Clause) -> str:
    """How surely the clause's number is known, and what was seen of it."""
    seen = ", ".join(each for each in (clause.seen and f"{clause.seen} seen", clause.seen_edition) if each)
    return f"{clause.confidence} ({seen})" if seen else str(clause.confidence)


def _headline(matrix: Matrix) -> str:
    scope = matrix.scope
    of = (
        "the work tree's texts, as if all were in force"
        if matrix.is_draft
        else f"the documents in force on {matrix.as_of}"
    )
    narrowed = "".join(
        f", {what} {asked}" for what, asked in (("programme", scope.programme), ("site", scope.site)) if asked
    )
    bound = "" if matrix.is_bound else "; no policy says which clauses bind"
    gaps = f"{_count(len(matrix.gaps), 'clause')} {'lack' if len(matrix.gaps) != 1 else 'lacks'} an answer"
    verdict = gaps if matrix.is_about_one else f"of those that bind, {gaps}" if matrix.is_bound else ""
    return f"Coverage by {of}{narrowed}: {_count(matrix.texts, 'document')}{bound}{f'; {verdict}' if verdict else ''}"


def _not_read(matrix: Matrix) -> Iterator[str]:
    if matrix.not_read:
        yield from ("", "Could not be read, so that nothing is known of what it covers:")
    for path, fault in matrix.not_read:
        yield f"  {path}:{fault.line}: {fault.message}; {fault.fix}"


def _numbers(cover: CatalogueCover) -> tuple[str | int, ...]:
    kinds = Counter(row.cover for row in cover.demands)
    sure = Counter(row.clause.confidence for row in cover.demands)
    return (
        cover.catalogue.id, len(cover.demands), *(kinds[each] for each in reversed(_ORDER)),
        sure[Confidence.CONFIRMED], sure[Confidence.RECALLED], len(cover.asking), len(cover.gaps),
    )  # fmt: skip


def _catalogue(cover: CatalogueCover) -> Iterator[str]:
    yield from ("", *_title(cover.catalogue))
    is_bound = bool(cover.asking)
    for kind in _ORDER:
        rows = [row for row in cover.demands if row.cover is kind]
        if rows:
            yield from ("", f"  {str(kind).capitalize()} ({len(rows)})")
        for row in rows:
            binds = "; does not bind" if is_bound and not row.is_binding else ""
            yield from _folded(f"{row.clause.id}  {row.clause.title} [{confidence(row.clause)}{binds}]", 4)
            for line in _answers(row):
                yield from _folded(line, 8)


def _title(catalogue: Catalogue) -> Iterator[str]:
    yield from _folded(f"{catalogue.id}: {catalogue.title}", 0)
    if catalogue.edition:
        yield from _folded(f"Edition: {catalogue.edition}", 2)
    if catalogue.superseded_by:
        yield from _folded(f"Superseded by: {catalogue.superseded_by}", 2)


def _answers(row: ClauseCover) -> Iterator[str]:
    if row.answers:
        yield f"by {_joined(row.answers)}"
    for reason in row.reasons:
        signed = f"signed by {'; '.join(reason.signed_by)}" if reason.signed_by else "not signed"
        yield f"{reason.document} {reason.version}: does not apply: {reason.reason} ({signed})"
    if row.drafted:
        yield f"drafted in {_joined(row.drafted)}"
    if row.elsewhere and not row.answers:
        yield f"for another programme or site by {_joined(row.elsewhere)}"


def _named(answer: Answer) -> str:
    sections = ", ".join(dict.fromkeys(each.title for each in answer.sections if each.title))
    return f"{answer.document} {answer.version}{f', section {sections}' if sections else ''}"


def _row(row: ClauseCover) -> dict[str, object]:
    return {
        "standard": row.catalogue,
        "clause": row.clause.id,
        "title": row.clause.title,
        "cover": str(row.cover),
        "binding": row.is_binding,
        "documents": [_answer(each) for each in row.answers],
        "drafts": [_answer(each) for each in row.drafted],
        "reasons": [
            {
                "document": each.document,
                "version": each.version,
                "reason": each.reason,
                "signed_by": list(each.signed_by),
            }
            for each in row.reasons
        ],
        "elsewhere": [_answer(each) for each in row.elsewhere],
        "confidence": str(row.clause.confidence),
        "seen": row.clause.seen,
        "seen_edition": row.clause.seen_edition,
    }


def _answer(answer: Answer) -> dict[str, object]:
    sections = [{"title": each.title, "anchor": each.anchor} for each in answer.sections]
    return {"document": answer.document, "version": answer.version, "sections": sections}


def _cells(row: ClauseCover) -> tuple[str, ...]:
    reasons = (
        f"{each.document} {each.version}: {each.reason} ({'; '.join(each.signed_by) or 'not signed'})"
        for each in row.reasons
    )
    return (
        row.catalogue, row.clause.id, row.clause.title, str(row.cover), "yes" if row.is_binding else "no",
        _joined(row.answers), _joined(row.drafted), "; ".join(reasons), _joined(row.elsewhere),
        str(row.clause.confidence), "; ".join(each for each in (row.clause.seen, row.clause.seen_edition) if each),
    )  # fmt: skip


def move_text(move: Move) -> str:
    """For people: what became of the old edition's clauses, and which documents to open."""
    old, new = move.old.id, move.new.id
    counted = [(str(fate), str(len(move.of(fate))), str(_claimed(move.of(fate)))) for fate in Fate]
    lines = [
        f"From {old} to {new}: {_count(sum(step.is_to_be_looked_at for step in move.steps), 'clause')} to look at again",
        "",
        *_table([("clauses", "number", "of these claimed"), *counted]),
    ]
    if not move.is_declared:
        said = f"The catalogue {new} does not say `supersedes: {old}`, so clauses are matched by their numbers alone."
        lines += ["", said]
    for fate in Fate:
        steps = move.of(fate)
        lines += ["", f"{str(fate).capitalize()} ({len(steps)})"] if steps else []
        lines += [line for step in steps for line in _step(step)]
    return "\n".join(lines) + "\n"


def move_json(move: Move) -> str:
    """For programs."""
    return _json(
        {
            "schema": 1,
            "from": move.old.id,
            "to": move.new.id,
            "declared": move.is_declared,
            "totals": {str(fate): len(move.of(fate)) for fate in Fate},
            "clauses": [
                {
                    "fate": str(step.fate),
                    "old": [each.id for each in step.old],
                    "new": step.new.id if step.new else None,
                    "why": step.why,
                    "claimed": [_answer(each) for each in step.claimed],
                    "answered": [_answer(each) for each in step.answered],
                }
                for step in move.steps
            ],
        }
    )


def move_csv(move: Move) -> str:
    """For spreadsheets: a row for each clause."""
    return _csv(
        _STEPS,
        (
            (
                str(step.fate), " ".join(each.id for each in step.old), step.new.id if step.new else "",
                (step.new or step.old[0]).title, step.why, _joined(step.claimed), _joined(step.answered),
            )
            for step in move.steps
        ),
    )  # fmt: skip


MOVE_FORMATS: Mapping[str, Callable[[Move], str]] = {"text": move_text, "json": move_json, "csv": move_csv}


def _claimed(steps: Iterable[Step]) -> int:
    return sum(bool(step.claimed) for step in steps)


def _step(step: Step) -> Iterator[str]:
    olds, clause = ", ".join(each.id for each in step.old), step.new or step.old[0]
    came = f" (was {olds})" if step.new and olds and olds != step.new.id else ""
    why = f": {step.why}" if step.why and step.new else ""
    yield from _folded(f"{clause.id}{came}  {clause.title}{why}", 2)
    if step.claimed:
        yield from _folded(f"claimed by {_joined(step.claimed)}", 6)
    if step.answered:
        yield from _folded(f"answered already by {_joined(step.answered)}", 6)


def _joined(answers: Iterable[Answer]) -> str:
    return "; ".join(_named(answer) for answer in answers)


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _folded(line: str, indent: int) -> list[str]:
    if len(line) + indent <= _WIDTH:
        return [f"{' ' * indent}{line}"]
    return textwrap.wrap(
        line, _WIDTH, initial_indent=" " * indent, subsequent_indent=" " * (indent + 4), break_long_words=False
    )


def _table(rows: Sequence[Sequence[str]]) -> list[str]:
    """Rows below each other, words to the left and numbers to the right."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return [
        "  ".join(
            cell.ljust(width) if not at else cell.rjust(width)
            for at, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        for row in rows
    ]


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2) + "\n"


def _csv(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """As RFC 4180 says, with the mark by which Excel knows UTF-8; no cell is a formula (`qmdoc.outputs.spreadsheet`)."""
    written = io.StringIO()
    writer = csv.writer(written, lineterminator="\r\n")
    writer.writerow(head)
    writer.writerows([f"'{cell}" if cell.lstrip(" \n").startswith(_FORMULA) else cell for cell in row] for row in rows)
    return f"\ufeff{written.getvalue()}"
