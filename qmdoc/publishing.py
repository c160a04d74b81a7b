"""The manual that is published in `build/`: made where something is new (`press`), else left as it stands.

Most builds find nothing new, so what makes the outputs is loaded only when it is needed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from qmdoc import collector, extras, git, in_place, made_before, place, presentation, read_before
from qmdoc.audit import Request
from qmdoc.in_place import Made
from qmdoc.made_before import MadeBefore
from qmdoc.outputs import answers, downtime, pdf
from qmdoc.presentation import Presentation
from qmdoc.register import Audit


def manual(request: Request) -> Made:
    """Builds `build/manual` from the approved texts."""
    with opened(request) as (repository, top), in_place.writing(top) as build:
        found = read_before.audited(repository, request)
        frame = presentation.of(found.register.ledger, repository)
        lacking = extras.lacking("word")
        made = published(found, repository, frame, build, forms={} if lacking else None)
    if not lacking:
        return made
    return (
        *made,
        ("manual lacks", f"its paper forms: {', '.join(lacking)} not installed (pip install 'qmdoc[word]')"),
    )


def published(
    found: Audit,
    repository: git.Repository,
    frame: Presentation,
    build: Path,
    *,
    forms: Mapping[str, bytes] | None,
) -> Made:
    """The manual, its sheets and its downtime copy. `forms` are those in it; None: they are filled where they are needed."""
    lacking = (extras.lacking("pdf"), extras.lacking("word"))
    made_from = made_before.key(f"{lacking}\n{answers.json_text(found)}", frame.files)
    before = MadeBefore(build, "manual", ("manual-src", downtime.NAME), repository.environment)
    if not before.stands(made_from, found.register.ledger.now):
        from qmdoc import press

        with collector.seldom():
            filled = press.forms(found, frame) if forms is None else forms
            press.manual(found, repository, frame, build, before, forms=filled)
        before.keep(made_from, found.register.ledger.now)
    copy = build / downtime.NAME / f"{downtime.name(found.as_of)}.zip"
    return (("manual", build / "manual" / "index.html"), _told_of_pdfs(found, build), ("downtime copy", copy))


@contextmanager
def opened(request: Request) -> Iterator[tuple[git.Repository, Path]]:
    """The repository that is asked for, and its top folder."""
    top = place.find(request.repository)
    with git.Repository(top, request.environment) as repository:
        yield repository, top


def _told_of_pdfs(found: Audit, build: Path) -> tuple[str, Path | str]:
    """Where the PDFs lie, or that they are missing: never silence."""
    if lacking := extras.lacking("pdf"):
        return "manual lacks", f"its PDFs: {', '.join(lacking)} not installed (pip install 'qmdoc[pdf]')"
    return (
        ("pdf", build / "manual" / pdf.FOLDER / pdf.MANUAL)
        if found.register.in_force
        else ("pdf", "none: nothing is in force")
    )
