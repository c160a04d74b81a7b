"""Portable sign-offs as they land: which pairs of files under `records/sign-offs/` are new attempts (SIGNOFF.md §8).

Only what the mainline holds counts, and it counts once: at the first mainline commit where statement and signature stand
with these bytes. Deleting the files undoes nothing, putting them back or moving them does nothing; a changed file is a
new attempt. What stood in the trust root's own tree, or before it, landed before trust began, and is never judged.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date

from qmdoc import controlled
from qmdoc.errors import FileTooLarge
from qmdoc.ledger import Landing
from qmdoc.model import Change, File, Objects
from qmdoc.signing import portable
from qmdoc.signing.portable import PortableFile

_BEFORE = Landing("", date.min)
_PLAIN = "100644"
_README = f"{portable.TOP}README.md"


@dataclass(frozen=True, slots=True)
class Unfinished:
    """A file whose other half never came, with the mainline commit that brought it in."""

    number: int
    landing: Landing
    file: PortableFile


@dataclass
class SignOffFiles:
    """Every file that ever stood under `records/sign-offs/` on the mainline."""

    objects: Objects
    _now: dict[str, File] = field(default_factory=dict)
    _seen: set[tuple[str, File | None, File | None]] = field(default_factory=set)
    _judged: set[tuple[str, str]] = field(default_factory=set)
    _accepted: set[bytes] = field(default_factory=set)
    _old: set[str] = field(default_factory=set)
    _whole: set[File] = field(default_factory=set)
    _alone: dict[File, tuple[int, Landing]] = field(default_factory=dict)

    def begin(self, tree: str) -> None:
        """What the trust root holds is old: it is no attempt, and none when it is put back."""
        held = controlled.every_file(self.objects, tree, "records")
        changes = [Change(file.path, None, file.blob, file.mode) for file in held]
        for file in self.land(0, _BEFORE, changes):
            self._accepted.add(file.text or b"")
        self._alone.clear()

    def note_before(self, changes: Iterable[Change]) -> None:
        """Notes the statements that lay with a signature before the trust root: they are as old as what it holds itself."""
        rows = list(changes)
        signed = {change.path.removesuffix(portable.SIGNATURE) for change in rows if _is_signature(change.path)}
        self._old = {change.new_blob for change in rows if change.new_blob and change.path in signed}

    def land(self, number: int, landing: Landing, changes: Sequence[Change]) -> list[PortableFile]:
        """The attempts that the changes of a mainline commit bring, by path."""
        attempts: list[PortableFile] = []
        for path in self._touched(changes):
            text, signature = self._now.get(path), self._now.get(f"{path}{portable.SIGNATURE}")
            if not path.endswith(portable.TEXT):
                text, signature = self._now.get(path), None
            if (text is None and signature is None) or (path, text, signature) in self._seen:
                continue
            if path.endswith(portable.TEXT) and (text is None or signature is None):
                for file in (text, signature):
                    if file:
                        self._alone.setdefault(file, (number, landing))
                continue
            self._seen.add((path, text, signature))
            if text and text.blob in self._old:
                continue
            self._whole.update(file for file in (text, signature) if file)
            attempt = self._read(path, text, signature)
            if not self._was_moved(attempt, text, signature):
                attempts.append(attempt)
        return attempts

    def is_repeated(self, file: PortableFile) -> bool:
        """Whether this statement has counted already: from some signatures anybody can make a second that is as good."""
        return (file.text or b"") in self._accepted

    def accepted(self, file: PortableFile) -> None:
        """Notes that a statement counts."""
        self._accepted.add(file.text or b"")

    def unfinished(self) -> list[Unfinished]:
        """Statements without a signature and signatures without a statement, by path."""
        rows = sorted((file for file in self._alone if file not in self._whole), key=lambda file: file)
        return [Unfinished(*self._alone[file], self._half(file)) for file in rows]

    def _touched(self, changes: Sequence[Change]) -> list[str]:
        """Paths that the mainline commit changes; a signature is named by its statement's path.

        Where a link or a file stands in place of the folder, it is a path of its own.
        """
        paths = set()
        for change in changes:
            path = change.path
            if path == _README or not f"{controlled.folded(path)}/".startswith(portable.TOP):
                continue  # a folder that is spelt with other letters is the same one on many computers
            paths.add(path.removesuffix(portable.SIGNATURE) if _is_signature(path) else path)
            if file := change.file:
                # whether it may be run says nothing: a change of that is no new attempt
                self._now[path] = file._replace(mode=_PLAIN) if file.is_plain else file
            else:
                self._now.pop(path, None)
        return sorted(paths)

    def _read(self, path: str, text: File | None, signature: File | None) -> PortableFile:
        if not path.endswith(portable.TEXT):
            return PortableFile(path, None, None, f"{path} is no sign-off, and nothing else may lie here")
        files = [file for file in (text, signature) if file]
        if odd := next((file for file in files if not file.is_plain), None):
            return PortableFile(path, None, None, f"{odd.path} is a link, and no plain file")
        try:
            contents = {file: self.objects.blob(file.blob) for file in files}
        except FileTooLarge:
            return PortableFile(path, None, None, "one of its files is over 64 MiB")
        return PortableFile(path, contents[text] if text else None, contents[signature] if signature else None)

    def _half(self, file: File) -> PortableFile:
        if _is_signature(file.path):
            return self._read(file.path.removesuffix(portable.SIGNATURE), None, file)
        return self._read(file.path, file, None)

    def _was_moved(self, attempt: PortableFile, text: File | None, signature: File | None) -> bool:
        """Whether a pair that was judged in its own place now lies elsewhere and no longer there; a copy is an attempt."""
        if text is None or signature is None or attempt.text is None:
            return False
        pair, own = (text.blob, signature.blob), portable.own_path(attempt.text)
        if own == attempt.path:
            self._judged.add(pair)
        if own is None or own == attempt.path or pair not in self._judged:
            return False
        there = self._now.get(own), self._now.get(f"{own}{portable.SIGNATURE}")
        return tuple(file.blob if file else "" for file in there) != pair


def _is_signature(path: str) -> bool:
    return path.endswith(f"{portable.TEXT}{portable.SIGNATURE}")
