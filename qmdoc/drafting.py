"""A new document: a skeleton with the next free number, the sections of its type, and places to fill."""

from __future__ import annotations

import difflib
import os
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from qmdoc import charter, controlled, decisions, documents, git, numbers, place, shipped, work_tree
from qmdoc.documents import Document
from qmdoc.errors import ConfigError, OutputFailed
from qmdoc.markup import LOCAL_VALUE
from qmdoc.model import DOCUMENT_ID, UNPRINTABLE, add_months
from qmdoc.signing.authority import DocumentType, Policy

POLICY = f"{controlled.AUTHORITY}policy.yaml"
SKELETONS = "templates/skeletons/"
DEFAULT_DOMAIN = "QM"
_SECTION = re.compile(r"^##[ \t]+(.+?)[ \t]*$", re.MULTILINE)
_ID_IN_PATH = re.compile(rf"/({DOCUMENT_ID.pattern})(?:-[^/]*\.md|\.md|/)")
_ID_LINE = re.compile(rb"(?m)^id: *\"?([A-Z]{2,5}-[0-9]{3,4})")
_OWNER_LINE = re.compile(rb"(?m)^owner: *([a-z][a-z0-9.-]*)")


@dataclass(frozen=True, slots=True)
class Wish:
    """The document that is asked for."""

    type: str
    title: str
    domain: str = DEFAULT_DOMAIN


def draft(repository: Path, wish: Wish, environment: Mapping[str, str], *, today: date) -> Path:
    """Writes a skeleton into the work tree, at a path that was free, and returns it.

    Raises ConfigError, OutputFailed, and what reading the history raises.
    """
    top = place.find(repository)
    rows = work_tree.files(top, "sops")
    files = {path: content for path, (mode, content) in rows.items() if mode.startswith("100")}
    policy = _policy(files)
    kind = policy.types.get(wish.type)
    if kind is None:
        raise ConfigError(f"the policy names no type `{wish.type}`", fix=f"choose from {', '.join(policy.types)}")
    _prove_title(wish.title)
    folder = _folder(wish.domain, files)
    with git.Repository(top, environment) as repository_read:
        past = [change.path for changes in repository_read.read().changes.values() for change in changes]
    number = numbers.following(wish.domain, wish.type, _used([*rows, *past], files))
    path = f"{folder}/{number}-{charter.slug(wish.title) or wish.type}.md"
    body = _body(wish.type, kind, top)
    owner = _owner(wish.domain, files)
    text = _front_matter(wish, number, owner, add_months(today, kind.review_months)) + body
    found = documents.parse(path, text.encode())
    if not isinstance(found, Document) or found.faults:
        raise OutputFailed(f"the skeleton in {SKELETONS} makes no document", fix="correct it, and try again")
    put(top, path, text)
    return top / path


def _policy(files: Mapping[str, bytes]) -> Policy:
    """The programme's own policy, or the one that qmdoc ships where there is none."""
    if POLICY not in files:
        return charter.read_policy((shipped.top() / "templates/authority/policy.yaml").read_text(encoding="utf-8"))
    try:
        return charter.read_policy(files[POLICY].decode("utf-8-sig"), POLICY)
    except UnicodeDecodeError:
        raise ConfigError(f"{POLICY} is not UTF-8", fix="save it as UTF-8") from None


def _prove_title(title: str) -> None:
    if not title.strip() or "\n" in title or UNPRINTABLE.search(title) or LOCAL_VALUE.search(title):
        raise ConfigError("the title is not one line of text", fix='write it as in --title "Thaw and wash"')
    if len(title) > 200:
        raise ConfigError("the title has more than 200 letters", fix="write a shorter one")


def _folder(domain: str, files: Iterable[str]) -> str:
    """Where documents of this domain lie, here or else in the starter library."""
    if not re.fullmatch(r"[A-Z]{2,5}", domain):
        raise ConfigError(f"`{domain}` is no prefix of a number", fix="give two to five capital letters, as in QM")
    known: dict[str, Counter[str]] = {}
    for paths in (shipped.library(), files):
        fresh: dict[str, Counter[str]] = {}
        for path in paths:
            if decisions.is_document(path):
                prefix = (documents.id_in_name(path) or "").partition("-")[0]
                fresh.setdefault(prefix, Counter())[path.rpartition("/")[0]] += 1
        known |= fresh
    if domain not in known:
        near = difflib.get_close_matches(domain, sorted(known), n=1, cutoff=0.3)
        nearest = f"; the nearest is {near[0]}" if near else ""
        raise ConfigError(
            f"no document has a number that begins with {domain}{nearest}",
            fix=f"choose from {', '.join(sorted(known))}",
        )
    return min(known[domain], key=lambda folder: (-known[domain][folder], folder))


def _used(paths: Iterable[str], files: Mapping[str, bytes]) -> set[str]:
    """Every number that stands or stood in a path, or in a document's front matter now."""
    named = {match[1] for path in paths if (match := _ID_IN_PATH.search(f"/{path}"))}
    written = (_ID_LINE.search(content) for path, content in files.items() if decisions.is_document(path))
    return named | {line[1].decode() for line in written if line}


def _owner(domain: str, files: Mapping[str, bytes]) -> str:
    """The role that owns most documents of the domain."""
    own = (content for path, content in files.items() if (documents.id_in_name(path) or "").startswith(f"{domain}-"))
    owners = Counter(line[1].decode() for content in own if (line := _OWNER_LINE.search(content)))
    return min(owners, key=lambda role: (-owners[role], role), default="quality-manager")


def _front_matter(wish: Wish, number: str, owner: str, due: date) -> str:
    lines = [
        "---",
        f"id: {number}",
        f"title: {charter.scalar(wish.title.strip())}",
        f"type: {wish.type}",
        'version: "1.0"',
        f"owner: {owner}",
        f"review_date: {due}",
        "change: major",
        "change_summary: First version",
        "---",
        "",
    ]
    return "\n".join(lines) + "\n"


def _body(name: str, kind: DocumentType, top: Path) -> str:
    """The skeleton of the type, the programme's own before the shipped one, with every section that the policy asks for."""
    names = (top / SKELETONS / f"{name}.md", shipped.top() / SKELETONS / f"{name}.md", top / SKELETONS / "document.md", shipped.top() / SKELETONS / "document.md")  # fmt: skip
    skeleton = next((place for place in names if place.is_file()), None)
    if skeleton is None:
        raise OutputFailed(f"there is no skeleton in {SKELETONS}", fix="reinstall qmdoc")
    body = skeleton.read_text(encoding="utf-8-sig").replace("\r\n", "\n").rstrip("\n")
    there = {match[1].casefold() for match in _SECTION.finditer(body)}
    lacking = [section for section in kind.sections if section.casefold() not in there]
    return "\n\n".join([body, *(f"## {section}\n\n[[local: {section}]]" for section in lacking)]) + "\n"


def put(top: Path, path: str, text: str) -> None:
    """Puts the file where none is; whole or not at all."""
    target = top / path
    target.parent.mkdir(parents=True, exist_ok=True)
    if target.parent.resolve() != (top.resolve() / path).parent:
        raise OutputFailed(f"{target.parent} is a link to another place", fix="take the link out, and try again")
    part = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        part.write_text(text, encoding="utf-8", newline="\n")
        os.link(part, target)
    except FileExistsError:
        raise OutputFailed(f"{path} is there already, and is not overwritten", fix="choose another title") from None
    finally:
        part.unlink(missing_ok=True)
