"""What lies under `sops/` in one tree: authority, catalogues, documents with their attachments, and strays.

SIGNOFF.md §1 says which file is what, and how a document's digest is made. A `Holdings` is the state of one commit;
the next commit's is made from it by the trees that differ, so that a long history costs what it changed.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from immutables import Map

from qmdoc.documents import id_in_name
from qmdoc.errors import FileTooLarge, ObjectDamaged
from qmdoc.model import DOCUMENT_ID, UNPRINTABLE, Change, File, Objects, TreeEntry, shown

TOP = "sops/"
AUTHORITY = "sops/authority/"
STANDARDS = "sops/standards/"
# The outermost such folder: what lies in `QM-001/QM-002/` is attached to QM-001.
_FOLDER_OF_DOCUMENT = re.compile(rf"(.*?/({DOCUMENT_ID.pattern}))/[^/].*", re.DOTALL)
_DIRECTORY = "040000"
_DECEPTIVE = re.compile(rf"{UNPRINTABLE.pattern}|[\t\n\\]")


class Holdings(NamedTuple):
    """Every file under `sops/` of one tree, found by path and by document number; `root` is that tree.

    `documents` has, for each number, the paths of the Markdown files whose names begin with it; more than one is the
    finding `duplicate-id`. `attachments` has the files below each folder that is named like a document, `authority` those
    of the authority, by path, `contents` what each document consists of that exactly one file holds. The maps share what
    they have in common with those that they were made from.
    """

    root: str
    files: Map[str, File]
    documents: Map[str, tuple[str, ...]]
    attachments: Map[str, tuple[str, ...]]
    authority: tuple[File, ...]
    contents: Map[str, Content]

    def under(self, folder: str) -> list[File]:
        """The files below a folder (`sops/authority/`), by path."""
        return [self.files[path] for path in sorted(self.files) if path.startswith(folder)]

    def document(self, number: str) -> File | None:
        """The one file that holds a document; None when there is none, or more than one."""
        paths = self.documents.get(number, ())
        return self.files[paths[0]] if len(paths) == 1 else None

    def content(self, number: str) -> Content | None:
        """What a document consists of; None when no file holds it, or more than one."""
        return self.contents.get(number)

    def attached(self, document_path: str) -> list[File]:
        """A document's attachments: the files under the folder of its number, beside it."""
        folder = attachments_folder(document_path)
        return [self.files[path] for path in self.attachments.get(folder, ())] if folder else []


EMPTY = Holdings("", Map(), Map(), Map(), (), Map())


class Content(NamedTuple):
    """The exact content of a document at one commit: its text first (by the name `.`), then attachments by name.

    Two contents are equal where the digests are. `is_signable` is false where a file is no plain file or has a name
    that could deceive: such a document has no digest (SIGNOFF.md §1).
    """

    id: str
    names: tuple[tuple[str, str], ...]
    is_signable: bool

    @property
    def blob(self) -> str:
        """The blob that holds the text."""
        return self.names[0][1]


@lru_cache(maxsize=4096)
def _content(number: str, file: File, attached: tuple[File, ...]) -> Content:
    skip = len(f"{attachments_folder(file.path)}/")
    names = ((".", file.blob), *((other.path[skip:], other.blob) for other in attached))
    is_signable = all(each.is_plain and is_printable(each.path) for each in (file, *attached))
    return Content(number, names, is_signable and len({folded(name) for name, _ in names}) == len(names))


@lru_cache(maxsize=1 << 14)
def attachments_folder(document_path: str) -> str | None:
    """The folder for a document's attachments (`sops/quality/QM-001`), without a slash at the end."""
    number = id_in_name(document_path)
    return f"{document_path.rpartition('/')[0]}/{number}" if number else None


def owner_of(path: str) -> str | None:
    """The number of the document to which a path belongs, as its text or as an attachment."""
    return place_of(path)[1]


@lru_cache(maxsize=1 << 16)
def place_of(path: str) -> tuple[str | None, str | None]:
    """The folder of attachments in which a path lies, if it does, and the document to which it belongs."""
    if path.startswith((AUTHORITY, STANDARDS)) or not path.startswith(TOP):
        return None, None
    folder = _FOLDER_OF_DOCUMENT.match(path)
    return (folder[1], folder[2]) if folder else (None, id_in_name(path))


def holdings(objects: Objects, root: str, *, since: Holdings = EMPTY) -> Holdings:
    """What a tree holds under `sops/`, made from another state by what differs between the two."""
    if root == since.root:
        return since
    old, new = (folder_at(objects, tree, "sops") for tree in (since.root, root))
    return _moved(since, root, differences(objects, old, new, TOP) if old != new else ())


def landed(before: Holdings, root: str, changes: Sequence[Change]) -> Holdings:
    """What a commit's tree `root` holds, made from what its first parent held by what it changed.

    Raises ObjectDamaged where the two do not fit: a tree has a name twice, or git compared something else.
    """
    if not changes:
        return before if root == before.root else before._replace(root=root)
    return _moved(before, root, (_fitting(before, each) for each in changes if each.path.startswith(TOP)))


def _fitting(before: Holdings, change: Change) -> tuple[str, File | None]:
    was = before.files.get(change.path)
    if (was.blob if was else None) != change.old_blob:
        raise ObjectDamaged(
            f"git's comparison does not fit what was at {change.path} before",
            fix="restore the repository from a good copy",
        )
    return change.path, change.file


def _moved(since: Holdings, root: str, rows: Iterable[tuple[str, File | None]]) -> Holdings:
    files, documents, attachments = since.files, since.documents, since.attachments
    has_new_authority = False
    changed: set[str] = set()
    for path, file in rows:
        folder, number = place_of(path)
        if number:
            changed.add(number)
        if folder:
            attachments = _indexed(attachments, folder, path, is_there=file is not None)
        elif number:
            documents = _indexed(documents, number, path, is_there=file is not None)
        files = files.set(path, file) if file else files.delete(path)
        has_new_authority |= path.startswith(AUTHORITY)
    authority = since.authority
    if has_new_authority:
        authority = tuple(files[path] for path in sorted(files) if path.startswith(AUTHORITY))
    moved = Holdings(root, files, documents, attachments, authority, since.contents)
    return moved._replace(contents=_contents(moved, changed)) if changed else moved


def _contents(moved: Holdings, changed: Iterable[str]) -> Map[str, Content]:
    """What documents consist of after these have changed."""
    contents = moved.contents
    for number in changed:
        file = moved.document(number)
        if file:
            contents = contents.set(number, _content(number, file, tuple(moved.attached(file.path))))
        elif number in contents:
            contents = contents.delete(number)
    return contents


def _indexed(index: Map[str, tuple[str, ...]], key: str, path: str, *, is_there: bool) -> Map[str, tuple[str, ...]]:
    before = index.get(key, ())
    paths = tuple(sorted({*before, path} if is_there else {*before} - {path}))
    if paths == before:
        return index
    return index.set(key, paths) if paths else index.delete(key)


def differences(objects: Objects, old: str, new: str, prefix: str) -> Iterator[tuple[str, File | None]]:
    """Each path that differs between two trees, with the new file, or None where it is gone."""
    return ((change.path, change.file) for change in compared(objects, old, new, prefix))


def compared(
    objects: Objects, old: str, new: str, prefix: str, tops: frozenset[bytes] | None = None
) -> Iterator[Change]:
    """Each path that differs between two trees, as git's comparison has it; `tops` are the names to look at, or all."""
    before, after = (objects.tree(tree) if tree else () for tree in (old, new))
    gone, come = set(before), set(after)
    gone, come = gone - come, come - gone
    was_there = {entry.name: entry for entry in gone}
    is_there = {entry.name: entry for entry in come}
    folders = {entry.name for entry in (*gone, *come) if entry.mode == _DIRECTORY}
    for name in sorted(was_there.keys() | is_there.keys(), key=lambda name: name + b"/" * (name in folders)):  # as git
        if tops is not None and name not in tops:
            continue
        was, now = was_there.get(name), is_there.get(name)
        path = prefix + shown(name)
        old_folder = was.id if was and was.mode == _DIRECTORY else ""
        new_folder = now.id if now and now.mode == _DIRECTORY else ""
        if was and not old_folder and (not now or new_folder):
            yield Change(path, was.id, None)
        if old_folder or new_folder:
            yield from compared(objects, old_folder, new_folder, f"{path}/")
        if now and not new_folder:
            yield Change(path, was.id if was and not old_folder else None, now.id, now.mode)


def every_file(objects: Objects, root: str, top: str) -> list[File]:
    """Every file below a folder at the top of a tree (`records`), by path."""
    return [file for _, file in differences(objects, "", folder_at(objects, root, top), f"{top}/") if file]


def file_at(objects: Objects, root: str, path: str) -> File | None:
    """The file at a path of a tree, if one is there."""
    *folders, name = path.split("/")
    for folder in folders:
        root = folder_at(objects, root, folder)
    entry = entry_at(objects, root, name) if root else None
    return File(path, entry.mode, entry.id) if entry and entry.mode != _DIRECTORY else None


def folder_at(objects: Objects, root: str, name: str) -> str:
    """The id of a folder at the top of a tree; empty where there is none."""
    entry = entry_at(objects, root, name) if root else None
    return entry.id if entry and entry.mode == _DIRECTORY else ""


def entry_at(objects: Objects, root: str, name: str) -> TreeEntry | None:
    """The row of a name at the top of a tree."""
    return next((entry for entry in objects.tree(root) if entry.name == name.encode()), None)


def is_printable(path: str) -> bool:
    """Whether a path can be told apart from every other by looking at it; a backslash may stand for hidden bytes."""
    return _DECEPTIVE.search(path) is None


def folded(path: str) -> str:
    """What two paths have in common that differ by case or Unicode form only."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", path).casefold())


class Digests:
    """SHA-256 digests of documents and of the authority (SIGNOFF.md §1), each file hashed once."""

    def __init__(self, objects: Objects, known: Callable[[str], str | None] = lambda blob: None) -> None:
        """`known` tells digests of files that were found already."""
        self._file = lru_cache(maxsize=1 << 14)(
            lambda blob: known(blob) or hashlib.sha256(objects.blob(blob)).hexdigest()
        )
        self.document: Callable[[Content], str | None] = lru_cache(maxsize=1 << 14)(self._document)
        self._authority: Callable[[tuple[File, ...]], str | None] = lru_cache(maxsize=256)(self._of_authority)

    def _of_authority(self, files: tuple[File, ...]) -> str | None:
        if not files or not all(file.is_plain and is_printable(file.path) for file in files):
            return None
        return self._over((file.path.removeprefix(AUTHORITY), file.blob) for file in files)

    def _document(self, content: Content) -> str | None:
        """A document's digest; None where it can't have one."""
        try:
            return self._over(content.names) if content.is_signable else None
        except FileTooLarge:
            return None

    def authority(self, holdings: Holdings) -> str | None:
        """The authority's digest; None where there is none, or a file of it is not plain."""
        return self._authority(holdings.authority)

    def of_files(self, files: Iterable[File]) -> str:
        """The digest of any set of files, by their paths from the top."""
        return self._over((file.path, file.blob) for file in files)

    def _over(self, named: Iterable[tuple[str, str]]) -> str:
        lines = sorted(f"{self._file(blob)} {name}\n".encode() for name, blob in named)
        return hashlib.sha256(b"".join(lines)).hexdigest()
