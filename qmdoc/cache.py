"""Answers that were found before, kept for one person outside the repository (SIGNOFF.md §7).

An answer is given again only to the very same question: the same program, trust root, commit, day, options and files on
disk. Whatever is not exactly so, or is not this person's alone, is left aside and everything is verified anew. Beside
the answers stands, for the main branch, the last commit that was audited: when it has left the mainline, that is the
finding `history-rewritten`. This module is loaded before nearly all others and loads next to nothing itself.

What it does not prove: whoever can write files as this person can write this cache, as they can change the program.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import stat
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from qmdoc import __version__, place
from qmdoc.errors import QmdocError

_FORM = "qmdoc answer 1"
_MOST = 24  # answers kept for one programme
_LARGEST = 64 * 1024 * 1024
_STILL = 2_000_000_000  # nanoseconds: a file changed so shortly before may change again within one tick of the clock
_MAIN = ("refs/heads/main", "refs/heads/master")
CONTROLLED = ("sops", "templates", "conf.py")
"""What lies in a work tree under control, whatever else does."""


class OnDisk(NamedTuple):
    """A file, link or folder by its path (as Python has it), how it looks unopened, and when it was last changed."""

    path: str
    look: str
    changed: int
    is_folder: bool


class Question(NamedTuple):
    """All that an answer depends on; `asked` names it, `now` is the moment of asking, `on_disk` what lies there under control."""

    asked: Mapping[str, str]
    now: datetime
    folder: Path
    programme: str
    tip: str
    branch: str
    is_settled: bool
    on_disk: tuple[OnDisk, ...] = ()

    @property
    def last(self) -> tuple[str, str] | None:
        """The commit of the main branch that was audited last, and the trust root then; None where nothing is known."""
        kept = _read(self._tip_file) if self.branch else None
        if kept is None or kept.get("of") != self._tip_of:
            return None
        tip, root = kept.get("tip"), kept.get("root")
        return (tip, root) if isinstance(tip, str) and isinstance(root, str) else None

    @property
    def _tip_of(self) -> str:
        return f"{self.programme} {self.branch}"

    @property
    def _tip_file(self) -> Path:
        return self.folder / f"{short_name(self._tip_of)}.tip"

    @property
    def _answer_file(self) -> Path:
        return self.folder / f"{self.programme[:16]}-{short_name(json.dumps(self.asked, sort_keys=True))}.answer"


class Answer(NamedTuple):
    """What was printed, and the exit status."""

    text: str
    status: int


def question(
    repository: Path,
    environment: Mapping[str, str],
    now: datetime,
    *,
    trust_root: str | None,
    options: Mapping[str, str],
) -> Question | None:
    """The question as it stands now; None where nothing can be kept or found, so that all is verified anew."""
    folder = own_folder(environment)
    if folder is None:
        return None
    try:
        top = place.find(repository)
        given = trust_root or environment.get("QMDOC_TRUST_ROOT") or ""
        settings = _settings(environment)
        if not all(each.stat().st_uid == os.geteuid() for each in (top, place.git_folder(top))) or (
            settings is None and not given
        ):
            return None
        tip, branch = place.head(top, environment)
        on_disk = tuple(looked_at(top, CONTROLLED)) if (top / ".git").exists() else ()
        programme = short_name(f"{top} {_inode(place.git_folder(top))} {given}")
        asked = {
            "program": program(),
            "programme": programme,
            "trust root": given,
            "settings": settings or "",
            "tip": tip,
            "day": now.date().isoformat(),
            "work tree": _digest(on_disk) if (top / ".git").exists() else "none",
            **options,
        }
    except (QmdocError, OSError):
        return None  # the audit meets it again, and says what is wrong
    main = place.main_branch(top, environment) if branch not in _MAIN else branch
    is_settled = is_still(max((each.changed for each in on_disk), default=0), now)
    return Question(asked, now, folder, programme, tip, branch if branch == main else "", is_settled, on_disk)


def recall(asked: Question) -> Answer | None:
    """The answer that was given to this question before, if it is whole and this person's own.

    On the main branch only at the end that was audited last: an earlier end that comes back has lost what followed it,
    and that must be seen.
    """
    if asked.branch and (asked.last is None or asked.last[0] != asked.tip):
        return None
    kept = _read(asked._answer_file)
    if kept is None or kept.get("asked") != asked.asked:
        return None
    text, status, moment = kept.get("text"), kept.get("status"), kept.get("now")
    if not isinstance(text, str) or status not in (0, 1) or not isinstance(moment, str):
        return None
    return Answer(text, status) if datetime.fromisoformat(moment) <= asked.now else None


def keep(asked: Question, answer: Answer) -> None:
    """Keeps an answer where that can be done; where it can't, the next time takes longer and that is all."""
    if not asked.is_settled:
        return
    with suppress(OSError):
        _write(asked._answer_file, {"asked": asked.asked, "now": asked.now.isoformat(), **answer._asdict()})
        kept = sorted(asked.folder.glob(f"{asked.programme[:16]}-*.answer"), key=lambda file: file.stat().st_mtime_ns)
        for old in kept[:-_MOST]:
            old.unlink()


def private_notes(environment: Mapping[str, str], subject: str) -> Mapping[str, object]:
    """What this person's own program noted of a subject; empty where nothing was, or where others can read it."""
    folder = own_folder(environment)
    return (_read(folder / f"{short_name(subject)}.notes") if folder else None) or {}


def keep_private_notes(environment: Mapping[str, str], subject: str, found: Mapping[str, object]) -> None:
    """Notes it where that can be done; where it can't, the next time takes longer and that is all."""
    if folder := own_folder(environment):
        with suppress(OSError):
            _write(folder / f"{short_name(subject)}.notes", found)


def note_tip(asked: Question, trust_root: str) -> None:
    """Notes that the main branch was audited up to its present end, from this trust root."""
    if asked.branch:
        with suppress(OSError):
            _write(asked._tip_file, {"of": asked._tip_of, "tip": asked.tip, "root": trust_root})


def own_folder(environment: Mapping[str, str]) -> Path | None:
    """The person's own folder for caches (XDG Base Directory Specification); made where it is missing."""
    base = environment.get("XDG_CACHE_HOME") or (f"{environment['HOME']}/.cache" if environment.get("HOME") else "")
    if not base or not os.path.isabs(base):
        return None
    folder = Path(base) / "qmdoc"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return folder if is_own(folder.lstat(), stat.S_ISDIR) else None
    except OSError:
        return None


def is_own(found: os.stat_result, is_kind: object) -> bool:
    """Whether it is what it should be, belongs to this person, and nobody else can read or write it."""
    assert callable(is_kind)
    return bool(is_kind(found.st_mode)) and found.st_uid == os.geteuid() and not found.st_mode & 0o077


def _read(file: Path) -> dict[str, object] | None:
    """What a file of this person holds, if its bytes are those that were written."""
    try:
        handle = os.open(file, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
        with open(handle, "rb") as stream:
            found = os.fstat(stream.fileno())
            if not is_own(found, stat.S_ISREG) or found.st_size > _LARGEST:
                return None
            head, _, body = stream.read().partition(b"\n")
    except OSError:
        return None
    if head.decode("ascii", "replace") != f"{_FORM} {hashlib.sha256(body).hexdigest()}":
        return None
    try:
        kept = json.loads(body)
    except ValueError:
        return None
    return kept if isinstance(kept, dict) else None


def _write(file: Path, kept: Mapping[str, object]) -> None:
    """Written beside and renamed, for this person's eyes only."""
    body = json.dumps(kept, ensure_ascii=False).encode()
    if len(body) > _LARGEST:
        return
    part = file.with_name(f"{file.name}.{secrets.token_hex(6)}.part")
    handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        with open(handle, "wb") as stream:
            stream.write(f"{_FORM} {hashlib.sha256(body).hexdigest()}\n".encode() + body)
        part.replace(file)
    except BaseException:
        part.unlink(missing_ok=True)
        raise


def _digest(on_disk: Sequence[OnDisk]) -> str:
    """What all of it looks like."""
    seen = hashlib.sha256()
    for each in on_disk:
        seen.update(f"{each.path!r} {each.look}\n".encode("utf-8", "surrogateescape"))
    return seen.hexdigest()


def looked_at(top: Path, names: Sequence[str]) -> Iterator[OnDisk]:
    """Everything at or below these names, unopened."""
    for path, found in _stats(top, names):
        yield OnDisk(path, _look(found), _changed(found), stat.S_ISDIR(found.st_mode))


def looks(top: Path, names: Sequence[str], now: datetime) -> dict[str, str]:
    """How each plain file at or below these names looks, unopened, by path; none that was changed just now.

    Writing into a file moves its time of change (ctime), which can't be set back without setting the computer's clock.
    """
    rows = [(path, found) for path, found in _stats(top, names) if stat.S_ISREG(found.st_mode)]
    # it is later by now than any of these: a time of writing (mtime) tells nothing, as anybody can set it
    moment = max([now.timestamp() * 1e9, *(found.st_ctime_ns for _, found in rows)])
    return {path: _look(found) for path, found in rows if _changed(found) + _STILL < moment}


def _changed(found: os.stat_result) -> int:
    return max(found.st_ctime_ns, found.st_mtime_ns)


def _look(found: os.stat_result) -> str:
    row = (found.st_mode, found.st_size, found.st_mtime_ns, found.st_ctime_ns, found.st_ino, found.st_uid)
    return " ".join(map(str, row))


def is_still(changed: int, now: datetime) -> bool:
    """Whether a time of change does not lie so near that another change might look the same."""
    return changed + _STILL < now.timestamp() * 1e9


def _stats(top: Path, names: Sequence[str]) -> Iterator[tuple[str, os.stat_result]]:
    """Every file and link at or below these names, in order."""
    for name in names:
        place_of_it = f"{top}/{name}"
        with suppress(FileNotFoundError):
            found = os.lstat(place_of_it)
            yield name, found
            if stat.S_ISDIR(found.st_mode):
                yield from _below(place_of_it, name)


def _below(folder: str, shown: str) -> Iterator[tuple[str, os.stat_result]]:
    with os.scandir(folder) as entries:
        rows = sorted(entries, key=lambda entry: entry.name)
    for entry in rows:
        path = f"{shown}/{entry.name}"
        if entry.is_dir(follow_symlinks=False):
            yield from _below(entry.path, path)
        else:
            yield path, entry.stat(follow_symlinks=False)


def program() -> str:
    """This very program: its version, its files, what it runs on, and when a package beside it last changed."""
    home = Path(__file__).parent
    seen = hashlib.sha256(f"{__version__} {sys.version} {os.name}".encode())
    for folder in (home, home.parent / "templates"):
        for path, found in _stats(folder, (".",)) if folder.is_dir() else ():
            if not path.endswith(".pyc") and not stat.S_ISDIR(found.st_mode):
                seen.update(f"{path} {found.st_size} {found.st_mtime_ns}\n".encode("utf-8", "surrogateescape"))
    for beside in sys.path:
        if beside.endswith("site-packages"):
            with suppress(OSError):
                seen.update(f"{beside} {os.stat(beside).st_mtime_ns}\n".encode("utf-8", "surrogateescape"))
    return seen.hexdigest()


def _settings(environment: Mapping[str, str]) -> str | None:
    """The person's own git settings, from which the trust root may come; None where they lead on to other files."""
    seen = hashlib.sha256()
    for file in place.settings_files(environment):
        content = Path(file).read_bytes()
        if b"include" in content.lower():
            return None
        seen.update(f"{file}\n".encode("utf-8", "surrogateescape") + content)
    return seen.hexdigest()


def _inode(folder: Path) -> str:
    found = folder.stat()
    return f"{found.st_dev} {found.st_ino}"


def short_name(text: str) -> str:
    """A file's name that stands for a text."""
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()[:40]
