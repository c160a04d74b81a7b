"""What is written into `build/`: manual, forms, binder, and all of them with `audit_ready`.

Everything is written beside its place and renamed when it is whole, so that whoever looks sees the old one or the new
one, never a half. One run at a time writes into a repository's `build/`.
"""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from qmdoc import audit, charter, controlled, demo, documents, git, made_before, place, proposed, shipped, work_tree
from qmdoc.audit import Request
from qmdoc.demo import Demo
from qmdoc.errors import ConfigError, OutputFailed
from qmdoc.outputs import answers, bag, downtime, faithful, languages, pdf, site
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
    with _opened(request) as (repository, top), _writing(top) as build:
        found = audit.read(repository, request)
        return _manual(found, repository, _sources(found, repository), build)


def draft(request: Request) -> Made:
    """Builds `build/draft` from the work tree, every page marked."""
    top = place.find(request.repository)
    with _writing(top) as build:
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
    with _opened(request) as (repository, top), _writing(top) as build:
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
    with _opened(request) as (repository, top), _writing(top) as build:
        found = audit.read(repository, request)
        kind = forms_output.wanted(template, person)
        wanted = forms_output.chosen(kind, found.register, numbers, person)
        content = _sources(found, repository).files[forms_output.template_of(kind.NAME)]
        return (("forms", _place(build, "forms", forms_output.filled(wanted, kind, content))),)


def binder(request: Request) -> Made:
    """Makes the inspector's binder in `build/binder`, with the manual and the forms inside."""
    with _opened(request) as (repository, top), _writing(top) as build:
        found = audit.read(repository, request)
        sources = _sources(found, repository)
        made = _manual(found, repository, sources, build)
        filled = _forms(found, sources)
        return (*made, ("forms", _place(build, "forms", filled)), _binder(found, repository, filled, build))


def audit_ready(request: Request, say: Callable[[str], None]) -> Ready:
    """Checks, and makes manual, forms and binder, whatever was found; `say` is told each step."""
    try:
        with _opened(request) as (repository, top), _writing(top) as build:
            say("reading and checking history")
            found = audit.read(repository, request)
            sources = _sources(found, repository)
            say("building the manual")
            made = _manual(found, repository, sources, build)
            say("filling the forms")
            filled = _forms(found, sources)
            made = (*made, ("forms", _place(build, "forms", filled)))
            say("making the binder")
            return Ready(found, (*made, _binder(found, repository, filled, build)))
    finally:
        say("")


def difference(repository: Path, name: str, content: bytes, target: Path | None) -> Path:
    """Writes a comparison to a file, or as `build/diff/<name>`; whole or not at all."""
    if target is not None:
        if target.is_dir() or not target.parent.is_dir():
            wrong = "is a folder" if target.is_dir() else "lies in a folder that is not there"
            raise ConfigError(f"{target} {wrong}", fix="name a file in a folder that is there")
        fresh = _fresh(target)
        try:
            fresh.write_bytes(content)
            fresh.replace(target)
        finally:
            fresh.unlink(missing_ok=True)
        return target
    with _writing(place.find(repository)) as build:
        kept = {each.name: each.read_bytes() for each in sorted((build / "diff").glob("*")) if each.is_file()}
        return _place(build, "diff", {**kept, name: content}) / name


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
    fresh = _fresh(folder)
    try:
        made = demo.make(fresh, library=shipped.top(), today=now.date(), environment=environment, is_broken=is_broken)
        _swap(fresh, folder)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
    return made.at(folder)


def _manual(found: Audit, repository: git.Repository, sources: _Sources, build: Path) -> Made:
    parts = ("manual-src", "downtime", "manual")
    made_from = made_before.key(f"{pdf.lacking()}\n{answers.json_text(found)}", sources.files)
    copy = build / "downtime" / f"{downtime.name(found.as_of)}.zip"
    if not made_before.stands(build, parts, made_from):
        sheets = _pdfs(found, repository, sources)
        pages = manual_output.pages(
            found,
            blob=repository.blob,
            templates=sources.text("templates/manual"),
            beside=sheets.keys(),
            language=sources.language(found),
        )
        _site(pages, sources, build, "manual", approved=faithful.approved(found), beside=sheets)
        _place(build, "downtime", {copy.name: _downtime_copy(found, build)})
        made_before.note(build, parts, made_from)
    return (("manual", build / "manual" / "index.html"), _told_of_pdfs(found, build), ("downtime copy", copy))


def _pdfs(found: Audit, repository: git.Repository, sources: _Sources) -> dict[str, bytes]:
    """The PDFs by their path in the manual; none without the extra `pdf`."""
    if pdf.lacking():
        return {}
    from qmdoc.outputs.pdf import printing

    printed = printing.pdfs(
        found, blob=repository.blob, templates=sources.text("templates/pdf"), language=sources.language(found)
    )
    faithful.refuse(faithful.on_paper(found, printed, sources.language(found)))
    return {f"{pdf.FOLDER}/{name}": content for name, content in printed.items()}


def _told_of_pdfs(found: Audit, build: Path) -> tuple[str, Path | str]:
    """Where the PDFs lie, or that they are missing: never silence."""
    if lacking := pdf.lacking():
        return "manual lacks", f"its PDFs: {', '.join(lacking)} not installed (pip install 'qmdoc[pdf]')"
    return (
        ("pdf", build / "manual" / pdf.FOLDER / pdf.MANUAL)
        if found.register.in_force
        else ("pdf", "none: nothing is in force")
    )


def _downtime_copy(found: Audit, build: Path) -> bytes:
    """One dated zip of the manual; those of other days go, lest somebody open an old one."""
    return downtime.render(
        _built(build, "manual"), as_of=found.as_of, programme=found.register.authority.policy.programme
    )


def _built(build: Path, name: str) -> dict[str, bytes]:
    """Every file of an output, by path."""
    folder = build / name
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()
    }


def _site(
    pages: Mapping[str, bytes],
    sources: _Sources,
    build: Path,
    name: str,
    *,
    approved: Mapping[str, str] | None,
    beside: Mapping[str, bytes] | None = None,
) -> Made:
    """Writes the staged sources and lets Sphinx build them; both take their places only when both are whole.

    `approved` are the texts that its pages must show, by page; None for a draft. `beside` has more files of the site, by
    their path in it.
    """
    is_draft = approved is None
    source, target, configuration = (_fresh(build / part) for part in (f"{name}-src", name, "configuration"))
    try:
        _write(source, pages)
        _write(
            configuration,
            {
                "conf.py": sources.files["conf.py"],
                **{path: content for path, content in sources.files.items() if path.startswith("templates/")},
            },
        )
        target.mkdir()
        warnings = site.build(source, target, configuration=configuration, is_draft=is_draft)
        if warnings and not is_draft:
            raise OutputFailed(
                f"the manual was not built, as it would show something wrong: {warnings[0]}",
                fix="mend what it names, and build again",
            )
        differing = faithful.differences(
            pages, lambda page: (target / f"{page}.html").read_text(encoding="utf-8"), approved
        )
        if is_draft:
            warnings = (*warnings, *differing)
        faithful.refuse(differing)
        _add(target, beside or {})
        _swap(source, build / f"{name}-src")
        _swap(target, build / name)
    finally:
        for folder in (source, target, configuration):
            shutil.rmtree(folder, ignore_errors=True)
    return ((name, build / name / "index.html"), *((f"{name} warns", warning) for warning in warnings))


def _forms(found: Audit, sources: _Sources) -> dict[str, bytes]:
    return forms_output.forms(found, sources.files[_FORM_TEMPLATE])


def _binder(found: Audit, repository: git.Repository, filled: Mapping[str, bytes], build: Path) -> tuple[str, Path]:
    tip = found.register.ledger.tip or found.register.ledger.trust_root
    payload = binder_output.files(
        found,
        blob=repository.blob,
        manual=_built(build, "manual"),
        forms=filled,
        bundle=repository.bundle(tip),
        answer=answers.json_text(found),
    )
    fresh = _fresh(build / "binder")
    try:
        bag.write(fresh, payload, info=binder_output.info(found), bagging_date=found.as_of)
        if problems := bag.verify(fresh):
            raise OutputFailed(f"the binder came out unsound: {problems[0]}", fix="check the disk, and make it again")
        _swap(fresh, build / "binder")
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


@contextmanager
def _writing(top: Path) -> Iterator[Path]:
    """`build/`, for one run at a time; what a killed run left beside is cleared away."""
    build = top / "build"
    _make_room(build)
    # a link under this name would have its target opened for writing
    with open(os.open(build / ".lock", os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o666), "w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise OutputFailed(f"another qmdoc is writing into {build}", fix="wait until it has ended") from None
        _clear_all(build)
        try:
            _ignore(build)
            yield build
        finally:
            _clear_all(build)


def _make_room(build: Path) -> None:
    """Makes the folder for outputs; what is replaced in there is never somebody else's."""
    if build.is_symlink():
        raise OutputFailed(
            f"{build} is a link to another place, and what lies there is not qmdoc's to replace",
            fix="take the link away; qmdoc makes a folder of that name",
        )
    if build.exists() and not build.is_dir():
        raise OutputFailed(
            f"{build} is a file, where the folder for outputs should be", fix="move it away, and do it again"
        )
    build.mkdir(exist_ok=True)


def _ignore(build: Path) -> None:
    """Keeps outputs from being committed by accident: they are made again."""
    place, content = build / ".gitignore", b"*\n"
    if place.is_symlink() or not place.is_file() or place.read_bytes() != content:
        fresh = _fresh(place)
        fresh.write_bytes(content)
        fresh.replace(place)


def _clear_all(build: Path) -> None:
    for left in sorted(build.glob(".*.new")):
        _clear(left)


def _clear(left: Path) -> None:
    """What a run left that was killed or stopped: an output that it had just moved aside goes back, all else goes."""
    target = left.parent / left.name.removeprefix(".").removesuffix(".new").removesuffix(".old")
    if left.name.endswith(".old.new") and not os.path.lexists(target):
        os.rename(left, target)
    _remove(left)


def _remove(place: Path) -> None:
    """Takes away a folder with all in it, a file, or a link but not what it leads to."""
    if place.is_dir() and not place.is_symlink():
        shutil.rmtree(place, ignore_errors=True)
    else:
        place.unlink(missing_ok=True)


def _fresh(target: Path) -> Path:
    """An empty place beside `target`, on the same disk, so that a rename can't fail half-way."""
    place = target.parent / f".{target.name}.new"
    _remove(place)
    return place


def _place(build: Path, name: str, files: Mapping[str, bytes]) -> Path:
    fresh = _fresh(build / name)
    try:
        _write(fresh, files)
        _swap(fresh, build / name)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
    return build / name


def _write(folder: Path, files: Mapping[str, bytes]) -> None:
    folder.mkdir()
    _add(folder, files)


def _add(folder: Path, files: Mapping[str, bytes]) -> None:
    for path, content in files.items():
        place = folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content)


def _swap(fresh: Path, target: Path) -> None:
    """Puts a whole folder in the place of an older one."""
    old = target.parent / f".{target.name}.old.new"
    _remove(old)
    if os.path.lexists(target):
        os.rename(target, old)
    os.rename(fresh, target)
    _remove(old)
