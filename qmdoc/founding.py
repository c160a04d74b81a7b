"""Founding: a new programme's repository from the starter library, with its first commit made by the founder's own git.

Everything is made beside its place and renamed when it is whole. The documents are unsigned: an outside procedure is
verified locally before it is approved (21 CFR 1271.180(d)).
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from qmdoc import charter, controlled, decisions, documents, shipped
from qmdoc.charter import Founder, Shape
from qmdoc.documents import Document
from qmdoc.errors import ConfigError, OutputFailed
from qmdoc.model import UNPRINTABLE, add_months
from qmdoc.outputs.begun import Begun
from qmdoc.own_git import OwnGit
from qmdoc.own_ssh import public_text
from qmdoc.signing import authority as authorities
from qmdoc.signing import sshsig
from qmdoc.signing.authority import Authority

_PROGRAMME_FILES = ("templates/programme/README.md", "templates/programme/Makefile")
_AUTHORITY = "templates/authority/"
_STAFF = "id,name,email,roles,sites,from,to\n"
_LINK = re.compile(r"(?<!!)\[([^\]]+)\]\(([A-Z]{2,5}-[0-9]{3,4})(?:#[^)\s]*)?\)")


@dataclass(frozen=True, slots=True)
class Wish:
    """What the founder asks for; an empty choice of programmes or sites is all, or what the template names."""

    folder: Path
    answers: Path | None = None
    programmes: tuple[str, ...] = ()
    sites: Mapping[str, str] | None = None
    name: str = ""


def scopes(text: str | None) -> tuple[str, ...]:
    """The programmes in a list such as `hct,iec`."""
    if text is None:
        return ()
    names = tuple(dict.fromkeys(name.strip() for name in text.split(",") if name.strip()))
    if not names:
        raise ConfigError("--programmes names none", fix="write it as in --programmes hct,iec, or leave it out")
    return names


def sites(text: str | None) -> dict[str, str] | None:
    """The sites in a list such as `main=Main hospital,north=North clinic`."""
    if text is None:
        return None
    rows: dict[str, str] = {}
    for part in text.split(","):
        short, equals, printed = (word.strip() for word in part.partition("="))
        if not re.fullmatch(r"[a-z][a-z0-9]*([-.][a-z0-9]+)*", short) or not equals or not printed or short in rows:
            raise ConfigError(f"`{part.strip()}` is no site, or stands there twice", fix='write the sites as in --sites "main=Main hospital,north=North clinic"')  # fmt: skip
        rows[short] = printed
    return rows


def named(text: str | None) -> str:
    """A programme's name; empty where none is given."""
    if text is not None and (not text.strip() or UNPRINTABLE.search(text) or "\n" in text):
        raise ConfigError("the name is not one line of text", fix='write it as in --name "Cellular Therapy Programme"')
    return (text or "").strip()


def found(wish: Wish, environment: Mapping[str, str], *, today: date) -> Begun:
    """Makes the repository. Raises ConfigError, GitFailed, RefusedToSign or OutputFailed, and then has made nothing."""
    target = _free(wish.folder)
    library = shipped.library()
    shape = _shape(wish, library)
    answers = _answers(wish.answers, library)
    fresh = target.parent / f".{target.name}.{os.getpid()}.new"
    fresh.mkdir()
    try:
        founder = _founder(OwnGit(fresh, environment), environment, today)
        files, unlinked = _files(library, shape, answers, founder)
        _prove(files)
        for path, content in files.items():
            place = fresh / path
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(content)
        commit = OwnGit(fresh, environment).begin(
            f"Begin {shape.name}: {_count(files)} documents of the starter library, not approved yet\n",
            name=founder.name,
            email=founder.email,
        )
        os.rename(fresh, target)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
    places = decisions.undecided(files).places
    return Begun(wish.folder, commit, _count(files), len(places), founder, unlinked, bool(wish.name))


def _free(folder: Path) -> Path:
    """The place for the new repository, as a full path. Raises ConfigError where something is in the way."""
    target = folder.absolute()
    if target.is_symlink() or (target.exists() and not target.is_dir()):
        raise ConfigError(f"{folder} is there and is no folder", fix="name a new folder")
    if target.exists() and any(target.iterdir()):
        raise ConfigError(f"{folder} is not empty", fix="name a new folder, or an empty one")
    if target.exists() and target.samefile(Path.cwd()):
        raise ConfigError("this is the folder you are in", fix="go to the folder above, and name this one")
    if not target.parent.is_dir():
        raise ConfigError(f"there is no folder {folder.parent}", fix="make it first, or name another place")
    return target


def _shape(wish: Wish, library: Mapping[str, bytes]) -> Shape:
    policy = library[f"{_AUTHORITY}policy.yaml"].decode()
    known = charter.read_policy(policy)
    for name in wish.programmes:
        if name not in known.programmes:
            raise ConfigError(
                f"the library knows no programme `{name}`", fix=f"choose from {', '.join(known.programmes)}"
            )
    chosen = tuple(name for name in known.programmes if not wish.programmes or name in wish.programmes)
    return Shape(
        policy=policy,
        name=wish.name or known.programme,
        programmes={name: known.programmes[name] for name in chosen},
        sites=dict(wish.sites or known.sites),
        months={name: kind.review_months for name, kind in known.types.items()},
    )


def _answers(place: Path | None, library: Mapping[str, bytes]) -> dict[str, str]:
    if place is None:
        return {}
    try:
        text = place.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise ConfigError(
            f"{place} can't be read: {error.strerror}",
            fix="name a file of answers, as `qmdoc local --library --answers` begins one",
        ) from error
    except UnicodeDecodeError:
        raise ConfigError(f"{place} is not UTF-8", fix="save it as UTF-8") from None
    known = (
        question
        for path, content in library.items()
        if decisions.is_document(path)
        for question in decisions.questions(content.decode())
    )
    return decisions.read_answers(text, str(place), known)


def _founder(own: OwnGit, environment: Mapping[str, str], today: date) -> Founder:
    """Who founds the programme, from their own git settings. Raises ConfigError where something is missing there."""
    name, email = (own.setting(setting) for setting in ("user.name", "user.email"))
    if not name or not email:
        missing = "user.email" if name else "user.name"
        raise ConfigError(
            f"git does not know who you are: your setting {missing} is empty",
            fix="git config --global user.name 'Your Name' and git config --global user.email you@your.programme",
        )
    key = sshsig.public_key(_key_line(own, environment))
    if key is None:
        raise ConfigError(
            "there is no SSH key of yours to list: git's user.signingKey names none, and qmdoc has made none",
            fix="run `qmdoc keys new`, and do this again",
        )
    if weakness := sshsig.weakness(key):
        raise ConfigError(f"your key would not be taken: {weakness}", fix="run `qmdoc keys new`, and do this again")
    return Founder(charter.person_id(email), name, email.lower(), key.text, today)


def _key_line(own: OwnGit, environment: Mapping[str, str]) -> str:
    """The public key with which the founder's git signs; where it signs with none, the one that `qmdoc keys new` made."""
    home = environment.get("HOME") or environment.get("USERPROFILE")
    if own.signs_with_ssh() and (used := own.signing_key()):
        return public_text(used, home) or ""
    form, named = own.setting("gpg.format"), own.setting("user.signingKey", kind="path")
    return (public_text(named, home) if named and not form else None) or public_text("", home) or ""


def _files(
    library: Mapping[str, bytes], shape: Shape, answers: Mapping[str, str], founder: Founder
) -> tuple[dict[str, bytes], tuple[str, ...]]:
    """Every file of the new repository, and the documents in which a link was made plain."""
    parsed = {path: documents.parse(path, content) for path, content in library.items() if decisions.is_document(path)}
    chosen = {
        path: document
        for path, document in parsed.items()
        if isinstance(document, Document) and _serves(document, shape)
    }
    numbers = {document.id for document in chosen.values()}
    files: dict[str, bytes] = {}
    unlinked = []
    for path, document in chosen.items():
        text = _adapted(library[path].decode(), document, shape, founder.since)
        linked = _LINK.sub(lambda match: match[0] if match[2] in numbers else match[1], text)
        unlinked += [document.id] if linked != text else []
        files[path] = decisions.answered(linked, answers).encode()
    for path, content in library.items():
        is_attached = path not in parsed and controlled.owner_of(path) in numbers
        if is_attached or path.startswith(controlled.STANDARDS) or path == "sops/README.md":
            files[path] = content
    owners = {document.owner for document in chosen.values() if document.owner}
    people = library[f"{_AUTHORITY}people.yaml"].decode()
    files["sops/authority/policy.yaml"] = charter.policy_yaml(shape).encode()
    files["sops/authority/people.yaml"] = charter.people_yaml(people, founder, owners).encode()
    files["records/staff.csv"] = _STAFF.encode()
    files[".gitignore"] = b"/build/\n"
    for path in _PROGRAMME_FILES:
        files[path.rpartition("/")[2]] = library[path].replace(b"PROGRAMME", shape.name.encode())
    return files, tuple(unlinked)


def _serves(document: Document, shape: Shape) -> bool:
    own = document.front_matter.programmes
    return not own or any(name in shape.programmes for name in own)


def _adapted(text: str, document: Document, shape: Shape, today: date) -> str:
    """A library document as this programme begins with it: its own scopes, and the first review as the policy says."""
    head, body = text[: text.index("\n---", 4)], text[text.index("\n---", 4) :]
    if document.front_matter.programmes:
        kept = ", ".join(name for name in document.front_matter.programmes if name in shape.programmes)
        head = re.sub(r"(?m)^programmes: .*$", f"programmes: [{kept}]", head)
    due = add_months(today, shape.months.get(document.type, 12))
    return re.sub(r"(?m)^review_date: .*$", f"review_date: {due}", head) + body


def _prove(files: Mapping[str, bytes]) -> None:
    """Proves that the authority can be read, as it must stand from the first commit on. Raises ConfigError."""
    held = {path: files[f"{controlled.AUTHORITY}{path}"] for path in (authorities.POLICY, authorities.PEOPLE)}
    result = authorities.read("0" * 64, held)
    if not isinstance(result, Authority):
        name, fault = result.faults[0]
        raise ConfigError(f"{name} would not be readable: {fault.message}", fix=f"{fault.fix}, in what you gave or in git's settings")  # fmt: skip
    for path, content in files.items():
        if decisions.is_document(path) and not isinstance(documents.parse(path, content), Document):
            raise OutputFailed(f"{path} of the starter library can't be read", fix="reinstall qmdoc")


def _count(files: Iterable[str]) -> int:
    return sum(decisions.is_document(path) for path in files)
