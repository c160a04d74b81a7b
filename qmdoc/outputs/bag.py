"""The binder as a BagIt bag (RFC 8493): written so that the same payload gives the same bytes, and checked again whole.

Writing is ours: the bagit library declares version 0.97, changes the process's working directory and leaves names as it
finds them. Checking is the library's, which inspectors have too; what it lets pass (links, files outside the bag that a
manifest names, tag files under no checksum) is asked here as well.
"""

from __future__ import annotations

import hashlib
import logging
import os
import re
import stat
import unicodedata
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path, PurePosixPath

import bagit

from qmdoc import __version__
from qmdoc.errors import ConfigError, OutputFailed

_DECLARATION = "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"
_FIRST = "Open data/index.html in a web browser.\nTo check this binder without qmdoc, follow data/how-to-verify.txt.\n"
_MANIFEST = "manifest-sha256.txt"
_TAG_MANIFEST = "tagmanifest-sha256.txt"
_TAG_FILES = ("READ-ME-FIRST.txt", "bag-info.txt", "bagit.txt", _MANIFEST)
_COMMIT = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_LINE = re.compile(r"[0-9a-f]{64}  [^ ].*")
# RFC 8493 §2.1.3: these, and only these, are percent-encoded in a manifest.
_ENCODED = {"%": "%25", "\r": "%0D", "\n": "%0A"}

# The library tells its log what it also raises; without a handler Python would print it on the terminal.
logging.getLogger("bagit").addHandler(logging.NullHandler())


def write(folder: Path, payload: Mapping[str, bytes], *, info: Mapping[str, str], bagging_date: date) -> None:
    """Writes a bag into a fresh folder. Raises OutputFailed for a name that no bag can hold, and for a full disk."""
    named = _named(payload)
    tags = {
        "READ-ME-FIRST.txt": _FIRST.encode(),
        "bag-info.txt": _bag_info(named, info, bagging_date),
        "bagit.txt": _DECLARATION.encode(),
        _MANIFEST: _manifest({f"data/{name}": content for name, content in named.items()}),
    }
    tags[_TAG_MANIFEST] = _manifest(tags)
    try:
        (folder / "data").mkdir(parents=True, exist_ok=True)
        for name, content in {**tags, **{f"data/{name}": content for name, content in named.items()}}.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(content)
    except OSError as error:
        raise OutputFailed(f"the binder can't be written: {error}", fix="make room, or name another folder") from error


def verify(folder: Path) -> tuple[str, ...]:
    """What is wrong with a binder, in plain sentences; none: every file is there, and is what its manifest says.

    Raises ConfigError (`not-a-bag`) where there is no bag to check.
    """
    _is_a_bag(folder)
    if odd := tuple(_not_plain(folder)):
        return odd
    try:
        bag = bagit.Bag(str(folder))
        bag.entries = {_decoded(name): sums for name, sums in bag.entries.items()}
        bag.normalized_manifest_names = {bagit.normalize_unicode(name): name for name in bag.entries}
        if outside := [name for name in bag.entries if _leads_outside(name)]:
            return tuple(f"the manifest names `{name}`, which lies outside the binder" for name in sorted(outside))
        return tuple(sorted(set(_faults(bag, folder))))
    except (bagit.BagError, ValueError, LookupError, OSError) as error:
        return (f"the binder's own lists can't be read: {error}",)


def named_commit(folder: Path) -> str:
    """The mainline commit that a binder says it was made from. Raises ConfigError (`not-a-bag`)."""
    _is_a_bag(folder)
    try:
        named = bagit.Bag(str(folder)).info.get("External-Identifier", "")
    except (bagit.BagError, ValueError, LookupError, OSError) as error:
        raise _not_a_bag(f"{folder} is no binder that can be read: {error}") from error
    if not isinstance(named, str) or not _COMMIT.fullmatch(named):
        raise _not_a_bag(f"{folder} does not say which commit it was made from (External-Identifier in bag-info.txt)")
    return named


def _named(payload: Mapping[str, bytes]) -> dict[str, bytes]:
    """The payload by the names it has in the bag, in order: Unicode NFC, so that every system finds them again."""
    named: dict[str, bytes] = {}
    folded: dict[str, str] = {}
    for name in sorted(payload):
        kept = unicodedata.normalize("NFC", name)
        # A memory stick's file system knows no case: two such names would become one file.
        other = folded.setdefault(unicodedata.normalize("NFC", kept.casefold()), name)
        if other != name:
            raise OutputFailed(
                f"the files `{other}` and `{name}` would become one in the binder", fix="rename one of the two"
            )
        parts = PurePosixPath(kept).parts
        if (
            not kept
            or kept != "/".join(parts)
            or kept.startswith("/")
            or ".." in parts
            or "\0" in kept
            or kept != kept.strip()
        ):
            raise OutputFailed(f"`{name}` is no name for a file in the binder", fix="rename the file")
        named[kept] = payload[name]
    return dict(sorted(named.items()))


def _bag_info(named: Mapping[str, bytes], info: Mapping[str, str], bagging_date: date) -> bytes:
    size = sum(len(content) for content in named.values())
    rows = {
        "Bag-Software-Agent": f"qmdoc {__version__}",
        **info,
        "Bagging-Date": bagging_date.isoformat(),
        "Payload-Oxum": f"{size}.{len(named)}",
    }
    return "".join(f"{label}: {' '.join(value.split())}\n" for label, value in sorted(rows.items())).encode()


def _manifest(files: Mapping[str, bytes]) -> bytes:
    """As `sha256sum` prints and reads it."""
    return "".join(f"{hashlib.sha256(files[name]).hexdigest()}  {_encoded(name)}\n" for name in sorted(files)).encode()


def _encoded(name: str) -> str:
    return "".join(_ENCODED.get(character, character) for character in name)


def _decoded(name: str) -> str:
    """The library undoes the percent-encoding of line ends, not that of the percent sign (bagit 1.9)."""
    return name.replace("%25", "%")


def _is_a_bag(folder: Path) -> None:
    if not folder.is_dir():
        raise _not_a_bag(f"there is no folder {folder}")
    if not (folder / "bagit.txt").is_file():
        raise _not_a_bag(f"{folder} is no binder: it holds no bagit.txt")


def _not_a_bag(message: str) -> ConfigError:
    return ConfigError(message, fix="name the folder that holds bagit.txt", code="not-a-bag")


def _not_plain(folder: Path) -> Iterator[str]:
    """Links and devices: what they lead to is not in the bag, whatever its checksum."""
    for where, folders, files in os.walk(folder):
        for name in sorted((*folders, *files)):
            place = Path(where) / name
            mode = place.lstat().st_mode
            if not stat.S_ISDIR(mode) and not stat.S_ISREG(mode):
                yield f"`{place.relative_to(folder).as_posix()}` is a link or a device, not a file"


def _leads_outside(name: str) -> bool:
    return name.startswith(("/", "~")) or ".." in PurePosixPath(name).parts


def _faults(bag: bagit.Bag, folder: Path) -> Iterator[str]:
    if bag.version_info != (1, 0):
        yield f"bagit.txt declares version {bag.tags['BagIt-Version']}, and a binder is 1.0"
    on_top = {place.name for place in folder.iterdir()}
    for name in sorted({"data", *_TAG_FILES, _TAG_MANIFEST} - on_top):
        yield f"`{name}` is missing"
    for name in sorted(on_top - {"data", *_TAG_FILES, _TAG_MANIFEST}):
        yield f"`{name}` is not part of the binder"
    for name in sorted((on_top & set(_TAG_FILES)) - set(bag.entries)):
        yield f"`{name}` stands under no checksum"
    yield from _malformed(folder)
    missing, extra = bag.compare_manifests_with_fs()
    for name in missing:
        yield f"`{name}` is missing"
    for name in extra:
        yield f"`{name}` is not part of the binder"
    for name, sums in bag.entries.items():
        if (folder / name).is_file() and sums.get("sha256", "").lower() != _sum_of(folder / name):
            yield f"`{name}` is not the file that the manifest describes: its bytes have changed"
    if bag.info.get("Payload-Oxum") != _oxum(folder / "data"):
        yield "the number of files or bytes in bag-info.txt (Payload-Oxum) is not what is there"
    yield from _other_complaints(bag)


def _malformed(folder: Path) -> Iterator[str]:
    """The library skips a line that it can't read."""
    for manifest in (_MANIFEST, _TAG_MANIFEST):
        if not (folder / manifest).is_file():
            continue
        for number, line in enumerate((folder / manifest).read_text(encoding="utf-8").splitlines(), 1):
            if not _LINE.fullmatch(line):
                yield f"line {number} of {manifest} is not a checksum and a name"


def _other_complaints(bag: bagit.Bag) -> Iterator[str]:
    """What the library finds beyond files and their bytes: a wrong structure, a list of files to be fetched."""
    bag.info.pop("Payload-Oxum", None)
    try:
        bag.validate()
    except bagit.BagValidationError as error:
        if not error.details:
            yield f"the bag is not valid: {error}"


def _oxum(payload: Path) -> str:
    sizes = [place.stat().st_size for place in payload.rglob("*") if place.is_file()]
    return f"{sum(sizes)}.{len(sizes)}"


def _sum_of(place: Path) -> str:
    with place.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
