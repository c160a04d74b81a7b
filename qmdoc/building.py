"""What is written into `build/` beside the manual: drafts, forms, binder, and all of them with `audit_ready`."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from qmdoc import (
    audit,
    charter,
    controlled,
    demo,
    documents,
    extras,
    git,
    in_place,
    place,
    presentation,
    press,
    proposed,
    publishing,
    read_before,
    shipped,
    work_tree,
)
from qmdoc.audit import Request
from qmdoc.demo import Demo
from qmdoc.errors import ConfigError, OutputFailed
from qmdoc.in_place import Made
from qmdoc.outputs import answers, bag, languages
from qmdoc.outputs import binder as binder_output
from qmdoc.outputs import forms as forms_output
from qmdoc.outputs import manual as manual_output
from qmdoc.outputs import preview as preview_output
from qmdoc.presentation import Presentation
from qmdoc.proposed import Change
from qmdoc.register import Audit
from qmdoc.signing.authority import POLICY


@dataclass(frozen=True, slots=True)
class Ready:
    """What `audit_ready` found and made."""

    audit: Audit
    made: Made


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
        own = {path: content for path, (_, content) in work_tree.files(top, "templates").items()}
        frame = presentation.over_shipped(own)
        pages = manual_output.draft_pages(
            texts,
            attachments=attachments,
            as_of=request.now.date(),
            templates=frame.text("templates/manual"),
            language=frame.chosen(_language_written(plain)),
        )
        return press.put(pages, frame, build, "draft", approved=None)


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
    with publishing.opened(request) as (repository, top), in_place.writing(top) as build:
        register = audit.register_on(repository, replace(request, revision=base))
        change = proposed.change(register, repository.read(head or "HEAD"), repository)
        frame = presentation.of(register.ledger, repository)
        lacking = extras.lacking("pdf")
        if not lacking:
            change = press.tried(change, register, frame)
        pages = preview_output.pages(
            change, templates=frame.text("templates/manual"), language=frame.language(register)
        )
        made = press.put(pages, frame, build, "preview", approved=None)
    untried = f"a trial print: {', '.join(lacking)} not installed (pip install 'qmdoc[pdf]')"
    return (*made, *((("preview lacks", untried),) if lacking else ())), change


def forms(
    request: Request, numbers: tuple[str, ...], *, template: str | None = None, person: str | None = None
) -> Made:
    """Fills forms of one kind into `build/forms`: for these documents, this person, or all that there are."""
    with publishing.opened(request) as (repository, top), in_place.writing(top) as build:
        found = read_before.audited(repository, request)
        kind = forms_output.wanted(template, person)
        wanted = forms_output.chosen(kind, found.register, numbers, person)
        content = presentation.of(found.register.ledger, repository).files[forms_output.template_of(kind.NAME)]
        return (("forms", in_place.put(build, "forms", forms_output.filled(wanted, kind, content))),)


def binder(request: Request) -> Made:
    """Makes the inspector's binder in `build/binder`, with the manual and the forms inside."""
    with publishing.opened(request) as (repository, top), in_place.writing(top) as build:
        found = read_before.audited(repository, request)
        frame = presentation.of(found.register.ledger, repository)
        filled = press.forms(found, frame)
        made = publishing.published(found, repository, frame, build, forms=filled)
        records = _records(found, frame)
        return (
            *made,
            ("forms", in_place.put(build, "forms", filled)),
            _binder(found, repository, filled | records, build),
        )


def audit_ready(request: Request, say: Callable[[str], None]) -> Ready:
    """Checks, and makes manual, forms and binder, whatever was found; `say` is told each step."""
    try:
        with publishing.opened(request) as (repository, top), in_place.writing(top) as build:
            say("reading and checking history")
            found = read_before.audited(repository, request)
            frame = presentation.of(found.register.ledger, repository)
            say("filling the forms")
            filled = press.forms(found, frame)
            say("building the manual")
            made = publishing.published(found, repository, frame, build, forms=filled)
            made = (*made, ("forms", in_place.put(build, "forms", filled)))
            say("making the binder")
            records = _records(found, frame)
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


def _records(found: Audit, frame: Presentation) -> dict[str, bytes]:
    """The training record of everybody who is there, for the binder."""
    kind = forms_output.personnel
    template = frame.files[forms_output.template_of(kind.NAME)]
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


def _is_document(path: str) -> bool:
    is_elsewhere = path.startswith((controlled.AUTHORITY, controlled.STANDARDS)) or path.endswith("/README.md")
    return path.endswith(".md") and not is_elsewhere
