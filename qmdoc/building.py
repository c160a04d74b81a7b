"""What is written into `build/`: manual, forms, binder, and all of them with `audit_ready`."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from pathlib import Path

from qmdoc import (
    audit,
    charter,
    controlled,
    demo,
    documents,
    git,
    in_place,
    made_before,
    place,
    proposed,
    read_before,
    shipped,
    work_tree,
)
from qmdoc.audit import Request
from qmdoc.demo import Demo
from qmdoc.errors import ConfigError, OutputFailed
from qmdoc.made_before import MadeBefore
from qmdoc.outputs import answers, bag, downtime, faithful, kept_pages, languages, pdf, site
from qmdoc.outputs import binder as binder_output
from qmdoc.outputs import forms as forms_output
from qmdoc.outputs import manual as manual_output
from qmdoc.outputs import preview as preview_output
from qmdoc.outputs.languages import Language
from qmdoc.proposed import Change
from qmdoc.register import Audit
from qmdoc.signing.authority import POLICY

Made = tuple[tuple[str, Path | str], ...]
_FORM_TEMPLATE = "templates/training-attestation.docx"


@dataclass(frozen=True, slots=True)
class Ready:
    """What `audit_ready` found and made."""

    audit: Audit
    made: Made


@dataclass(frozen=True, slots=True)
class _Sources:
    """What the programme may restyle: its own files of the audited commit, else those that qmdoc ships."""

    files: Mapping[str, bytes]

    def text(self, folder: str) -> dict[str, str]:
        """The text files below a folder, by their path below it."""
        prefix = f"{folder}/"
        return {
            path.removeprefix(prefix): content.decode("utf-8")
            for path, content in self.files.items()
            if path.startswith(prefix) and _is_text(path)
        }

    def language(self, found: Audit) -> Language:
        """The language that the policy chooses."""
        return self.chosen(found.register.authority.policy.language)

    def chosen(self, code: str) -> Language:
        """The language of a code, from the catalogues under `templates/languages`."""
        return languages.chosen(code, self.text(languages.FOLDER))


def manual(request: Request) -> Made:
    """Builds `build/manual` from the approved texts."""
    with _opened(request) as (repository, top), in_place.writing(top) as build:
        found = read_before.audited(repository, request)
        sources = _sources(found, repository)
        if lacking := forms_output.lacking():
            made = _manual(found, repository, sources, build, forms=dict)
            return (
                *made,
                ("manual lacks", f"its paper forms: {', '.join(lacking)} not installed (pip install 'qmdoc[word]')"),
            )
        return _manual(found, repository, sources, build, forms=partial(_forms, found, sources))


def draft(request: Request) -> Made:
    """Builds `build/draft` from the work tree, every page marked."""
    top = place.find(request.repository)
    with in_place.writing(top) as build:
        files = work_tree.files(top, "sops")
        plain = {path: content for path, (mode, content) in files.items() if mode.startswith("100")}
        texts = [documents.parse(path, content) for path, content in sorted(plain.items()) if _is_document(path)]
        attachments = {
            path: content for path, content in plain.items() if controlled.owner_of(path) and not path.endswith(".md")
        }
        sources = _Sources(
            shipped.presentation() | {path: content for path, (_, content) in work_tree.files(top, "templates").items()}
        )
        pages = manual_output.draft_pages(
            texts,
            attachments=attachments,
            as_of=request.now.date(),
            templates=sources.text("templates/manual"),
            language=sources.chosen(_language_written(plain)),
        )
        return _site(pages, sources, build, "draft", approved=None)


def _language_written(files: Mapping[str, bytes]) -> str:
    """The language of the work tree's policy; English while that policy is missing or broken: a draft is shown all the same."""
    try:
        return charter.read_policy(files[f"{controlled.AUTHORITY}{POLICY}"].decode("utf-8")).language
    except (KeyError, UnicodeDecodeError, OutputFailed):
        return languages.SOURCE


def preview(request: Request, asked: str) -> tuple[Made, Change]:
    """Builds `build/preview`: what a range of commits (`BASE..HEAD`) would change, every page marked."""
    base, dots, head = asked.partition("..")
    if not base or not dots or head.startswith("."):
        raise ConfigError(
            f"`{asked}` names no change", fix="write BASE..HEAD: two commits or branches, as in main..HEAD"
        )
    with _opened(request) as (repository, top), in_place.writing(top) as build:
        found = audit.read(repository, replace(request, revision=base))
        change = proposed.change(found.register, repository.read(head or "HEAD"), repository)
        sources = _sources(found, repository)
        pages = preview_output.pages(
            change, templates=sources.text("templates/manual"), language=sources.language(found)
        )
        return _site(pages, sources, build, "preview", approved=None), change


def forms(
    request: Request, numbers: tuple[str, ...], *, template: str | None = None, person: str | None = None
) -> Made:
    """Fills forms of one kind into `build/forms`: for these documents, this person, or all that there are."""
    with _opened(request) as (repository, top), in_place.writing(top) as build:
        found = read_before.audited(repository, request)
        kind = forms_output.wanted(template, person)
        wanted = forms_output.chosen(kind, found.register, numbers, person)
        content = _sources(found, repository).files[forms_output.template_of(kind.NAME)]
        return (("forms", in_place.put(build, "forms", forms_output.filled(wanted, kind, content))),)


def binder(request: Request) -> Made:
    """Makes the inspector's binder in `build/binder`, with the manual and the forms inside."""
    with _opened(request) as (repository, top), in_place.writing(top) as build:
        found = read_before.audited(repository, request)
        sources = _sources(found, repository)
        filled = _forms(found, sources)
        made = _manual(found, repository, sources, build, forms=lambda: filled)
        records = _records(found, sources)
        return (
            *made,
            ("forms", in_place.put(build, "forms", filled)),
            _binder(found, repository, filled | records, build),
        )


def audit_ready(request: Request, say: Callable[[str], None]) -> Ready:
    """Checks, and makes manual, forms and binder, whatever was found; `say` is told each step."""
    try:
        with _opened(request) as (repository, top), in_place.writing(top) as build:
            say("reading and checking history")
            found = read_before.audited(repository, request)
            sources = _sources(found, repository)
            say("filling the forms")
            filled = _forms(found, sources)
            say("building the manual")
            made = _manual(found, repository, sources, build, forms=lambda: filled)
            made = (*made, ("forms", in_place.put(build, "forms", filled)))
            say("making the binder")
            records = _records(found, sources)
            return Ready(found, (*made, _binder(found, repository, filled | records, build)))
    finally:
        say("")


def difference(repository: Path, name: str, content: bytes, target: Path | None) -> Path:
    """Writes a comparison to a file, or as `build/diff/<name>`; whole or not at all."""
    if target is not None:
        if target.is_dir() or not target.parent.is_dir():
            wrong = "is a folder" if target.is_dir() else "lies in a folder that is not there"
            raise ConfigError(f"{target} {wrong}", fix="name a file in a folder that is there")
        fresh = in_place.fresh(target)
        try:
            fresh.write_bytes(content)
            fresh.replace(target)
        finally:
            fresh.unlink(missing_ok=True)
        return target
    with in_place.writing(place.find(repository)) as build:
        kept = {each.name: each.read_bytes() for each in sorted((build / "diff").glob("*")) if each.is_file()}
        return in_place.put(build, "diff", {**kept, name: content}) / name


def verify(folder: Path, environment: Mapping[str, str]) -> tuple[str, ...]:
    """What is wrong with a binder: its files, and the history inside. Raises QmdocError where it is no binder."""
    problems = bag.verify(folder)
    if problems:
        return problems
    return git.bundle_problems(folder / "data" / "history.bundle", bag.named_commit(folder), environment)


def demonstration(folder: Path, *, now: datetime, environment: Mapping[str, str], is_broken: bool) -> Demo:
    """Makes the demonstration programme's repository in place of an earlier one."""
    marker = folder / ".git" / "demonstration-people"
    if folder.exists() and any(folder.iterdir()) and not marker.exists():
        raise ConfigError(f"{folder} is there and is no demonstration programme", fix="name another folder with --into")
    folder.parent.mkdir(parents=True, exist_ok=True)
    fresh = in_place.fresh(folder)
    try:
        made = demo.make(fresh, library=shipped.top(), today=now.date(), environment=environment, is_broken=is_broken)
        in_place.swap(fresh, folder)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
    return made.at(folder)


def _manual(
    found: Audit,
    repository: git.Repository,
    sources: _Sources,
    build: Path,
    *,
    forms: Callable[[], Mapping[str, bytes]],
) -> Made:
    """The manual, its sheets and its downtime copy; `forms` are filled when they are needed."""
    lacking = (pdf.lacking(), forms_output.lacking())
    made_from = made_before.key(f"{lacking}\n{answers.json_text(found)}", sources.files)
    copy = build / "downtime" / f"{downtime.name(found.as_of)}.zip"
    before = MadeBefore(build, "manual", ("manual-src", "downtime"), repository.environment)
    if not before.stands(made_from):
        printed = _pdfs(found, repository, sources, before)
        sheets = printed | {f"forms/{name}": content for name, content in forms().items()}
        for path, content in sheets.items():
            before.wrote(path, content)
        pages = manual_output.pages(
            found,
            blob=repository.blob,
            templates=sources.text("templates/manual"),
            beside=sheets.keys(),
            language=sources.language(found),
        )
        _site(
            pages,
            sources,
            build,
            "manual",
            approved=faithful.approved(found, repository.blob),
            beside=sheets,
            before=before,
        )
        in_place.put(build, "downtime", {copy.name: _downtime_copy(found, sources, build)})
        before.keep(made_from)
    return (("manual", build / "manual" / "index.html"), _told_of_pdfs(found, build), ("downtime copy", copy))


def _pdfs(found: Audit, repository: git.Repository, sources: _Sources, before: MadeBefore) -> dict[str, bytes]:
    """The PDFs by their path in the manual, those of before where nothing of them changed; none without the extra `pdf`."""
    if pdf.lacking():
        return {}
    from qmdoc.outputs.pdf import printing

    printed = printing.pdfs(
        found,
        blob=repository.blob,
        templates=sources.text("templates/pdf"),
        language=sources.language(found),
        before=partial(_printed_before, before),
    )
    faithful.refuse(faithful.on_paper(found, printed, sources.language(found), known=_names(before, f"{pdf.FOLDER}/")))
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


def _told_of_pdfs(found: Audit, build: Path) -> tuple[str, Path | str]:
    """Where the PDFs lie, or that they are missing: never silence."""
    if lacking := pdf.lacking():
        return "manual lacks", f"its PDFs: {', '.join(lacking)} not installed (pip install 'qmdoc[pdf]')"
    return (
        ("pdf", build / "manual" / pdf.FOLDER / pdf.MANUAL)
        if found.register.in_force
        else ("pdf", "none: nothing is in force")
    )


def _downtime_copy(found: Audit, sources: _Sources, build: Path) -> bytes:
    """One dated zip of the manual; those of other days go, lest somebody open an old one."""
    return downtime.render(
        in_place.files(build, "manual"),
        as_of=found.as_of,
        programme=found.register.authority.policy.programme,
        language=sources.language(found),
    )


def _site(
    pages: Mapping[str, bytes],
    sources: _Sources,
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
                "conf.py": sources.files["conf.py"],
                **{path: content for path, content in sources.files.items() if path.startswith("templates/")},
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


def _forms(found: Audit, sources: _Sources) -> dict[str, bytes]:
    return forms_output.forms(found, sources.files[_FORM_TEMPLATE])


def _records(found: Audit, sources: _Sources) -> dict[str, bytes]:
    """The training record of everybody who is there, for the binder."""
    kind = forms_output.personnel
    template = sources.files[forms_output.template_of(kind.NAME)]
    return forms_output.filled(kind.forms(found.register), kind, template)


def _binder(found: Audit, repository: git.Repository, filled: Mapping[str, bytes], build: Path) -> tuple[str, Path]:
    tip = found.register.ledger.tip or found.register.ledger.trust_root
    payload = binder_output.files(
        found,
        blob=repository.blob,
        manual=in_place.files(build, "manual"),
        forms=filled,
        bundle=repository.bundle(tip),
        answer=answers.json_text(found),
    )
    fresh = in_place.fresh(build / "binder")
    try:
        bag.write(fresh, payload, info=binder_output.info(found), bagging_date=found.as_of)
        if problems := bag.verify(fresh):
            raise OutputFailed(f"the binder came out unsound: {problems[0]}", fix="check the disk, and make it again")
        in_place.swap(fresh, build / "binder")
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
    return ("binder", build / "binder")


def _sources(found: Audit, repository: git.Repository) -> _Sources:
    """The programme's own templates and configuration as committed, over those that qmdoc ships."""
    root = found.register.ledger.root
    if not root:
        return _Sources(shipped.presentation())
    own = {
        file.path: repository.blob(file.blob)
        for file in controlled.every_file(repository, root, "templates")
        if file.is_plain
    }
    entry = controlled.entry_at(repository, root, "conf.py")
    if entry and entry.mode.startswith("100"):
        own["conf.py"] = repository.blob(entry.id)
    return _Sources(shipped.presentation() | own)


def _is_text(path: str) -> bool:
    return not path.endswith((".docx", ".png", ".ico", ".woff2"))


def _is_document(path: str) -> bool:
    is_elsewhere = path.startswith((controlled.AUTHORITY, controlled.STANDARDS)) or path.endswith("/README.md")
    return path.endswith(".md") and not is_elsewhere


@contextmanager
def _opened(request: Request) -> Iterator[tuple[git.Repository, Path]]:
    top = place.find(request.repository)
    with git.Repository(top, request.environment) as repository:
        yield repository, top
