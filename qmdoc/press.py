"""Makes the manual: its pages, its PDFs and its downtime copy; and any site that Sphinx makes of pages."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path

from qmdoc import extras, git, in_place
from qmdoc.documents import Document
from qmdoc.errors import OutputFailed
from qmdoc.in_place import Made
from qmdoc.made_before import MadeBefore
from qmdoc.outputs import downtime, faithful, kept_pages, pdf, site
from qmdoc.outputs import forms as forms_output
from qmdoc.outputs import manual as manual_output
from qmdoc.presentation import Presentation
from qmdoc.proposed import Change
from qmdoc.register import Audit, Register

_FORM_TEMPLATE = "templates/training-attestation.docx"


def manual(
    found: Audit,
    repository: git.Repository,
    frame: Presentation,
    build: Path,
    before: MadeBefore,
    *,
    forms: Mapping[str, bytes],
) -> None:
    """Makes `build/manual`, with PDFs and forms in it, and the downtime copy; `before` has what an earlier build made."""
    sheets = _pdfs(found, repository, frame, before) | {f"forms/{name}": content for name, content in forms.items()}
    for path, content in sheets.items():
        before.wrote(path, content)
    pages = manual_output.pages(
        found,
        blob=repository.blob,
        templates=frame.text("templates/manual"),
        beside=sheets.keys(),
        language=frame.language(found.register),
    )
    put(
        pages,
        frame,
        build,
        "manual",
        approved=faithful.approved(found, repository.blob),
        beside=sheets,
        before=before,
    )
    in_place.put(build, downtime.NAME, {f"{downtime.name(found.as_of)}.zip": _downtime_copy(found, frame, build)})


def forms(found: Audit, frame: Presentation) -> dict[str, bytes]:
    """The attestation forms of everything in force."""
    return forms_output.forms(found, frame.files[_FORM_TEMPLATE])


def tried(change: Change, register: Register, frame: Presentation) -> Change:
    """The change, with what can't be printed of it: each text is set as its sheets would be, and compared with them."""
    from qmdoc.outputs.pdf import printing, sheets

    language = frame.language(register)
    texts = {each.id: each.new for each in change.documents if isinstance(each.new, Document)}
    told = [
        sheets.proposed(texts[each.id], each.attachments, register, language)
        for each in change.documents
        if each.id in texts
    ]
    troubles: dict[str, str] = {}
    for sheet, printed in printing.tried(
        told, printing.frame(register, register.as_of, frame.text("templates/pdf"), language)
    ):
        if isinstance(printed, OutputFailed):
            troubles[sheet.number] = str(printed)
        else:
            differing = faithful.of_print(sheet.number, texts[sheet.number], printed, language)
            troubles[sheet.number] = next(differing, "")
    documents = (replace(each, not_printed=troubles.get(each.id, "")) for each in change.documents)
    return replace(change, documents=tuple(documents))


def _pdfs(found: Audit, repository: git.Repository, frame: Presentation, before: MadeBefore) -> dict[str, bytes]:
    """The PDFs by their path in the manual, those of before where nothing of them changed; none without the extra `pdf`."""
    if extras.lacking("pdf"):
        return {}
    from qmdoc.outputs.pdf import printing

    printed = printing.pdfs(
        found,
        blob=repository.blob,
        templates=frame.text("templates/pdf"),
        language=frame.language(found.register),
        before=partial(_printed_before, before),
    )
    faithful.refuse(
        faithful.on_paper(found, printed, frame.language(found.register), known=_names(before, f"{pdf.FOLDER}/"))
    )
    return {f"{pdf.FOLDER}/{name}": content for name, content in printed.items()}


def _printed_before(before: MadeBefore, name: str, made_from: str) -> bytes | None:
    """The PDF of this name, if it stands as it was made from this; what stands there next will be noted as made from it."""
    path = f"{pdf.FOLDER}/{name}"
    before.made(path, made_from)
    kept = before.take(path, made_from)
    return kept.content if kept else None


def _names(before: MadeBefore, folder: str = "") -> set[str]:
    """The names in a folder of the site of all that was taken over from an earlier build, which compared it with its text."""
    return {path.removeprefix(folder) for path in before.taken if path.startswith(folder)}


def _downtime_copy(found: Audit, frame: Presentation, build: Path) -> bytes:
    """One dated zip of the manual; those of other days go, lest somebody open an old one."""
    return downtime.render(
        in_place.files(build, "manual"),
        as_of=found.as_of,
        programme=found.register.authority.policy.programme,
        language=frame.language(found.register),
    )


def put(
    pages: Mapping[str, bytes],
    frame: Presentation,
    build: Path,
    name: str,
    *,
    approved: Mapping[str, str] | None,
    beside: Mapping[str, bytes] | None = None,
    before: MadeBefore | None = None,
) -> Made:
    """Writes the staged sources and lets Sphinx build them; both take their places only when both are whole.

    `approved` are the texts that its pages must show, by page; None for a draft. `beside` has more files of the site, by
    their path in it, `before` what an earlier build made and compared.
    """
    is_draft = approved is None
    source, target, configuration = (in_place.fresh(build / part) for part in (f"{name}-src", name, "configuration"))
    try:
        in_place.write(source, pages)
        in_place.write(
            configuration,
            {
                "conf.py": frame.files["conf.py"],
                **{path: content for path, content in frame.files.items() if path.startswith("templates/")},
            },
        )
        target.mkdir()
        warnings = site.build(
            source, target, configuration=configuration, is_draft=is_draft, before=before or kept_pages.NOTHING
        )
        if warnings and not is_draft:
            raise OutputFailed(
                f"the manual was not built, as it would show something wrong: {warnings[0]}",
                fix="mend what it names, and build again",
            )
        differing = faithful.differences(
            pages,
            lambda page: (target / f"{page}.html").read_text(encoding="utf-8"),
            approved,
            known={path.removesuffix(".html") for path in before.taken} if before else (),
        )
        if is_draft:
            warnings = (*warnings, *differing)
        faithful.refuse(differing)
        in_place.add(target, beside or {})
        in_place.swap(source, build / f"{name}-src")
        in_place.swap(target, build / name)
    finally:
        for folder in (source, target, configuration):
            shutil.rmtree(folder, ignore_errors=True)
    return ((name, build / name / "index.html"), *((f"{name} warns", warning) for warning in warnings))
