"""Where imported documents go: beside those that are there, never over them; each whole or not at all."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from qmdoc import documents
from qmdoc.errors import ImportFailed, QmdocError
from qmdoc.importing import Imported, Wish, convert

MAX_FILE = 128 << 20
_SKIPPED = {".git", ".venv", "build", "node_modules"}


@dataclass(frozen=True, slots=True)
class Placed:
    """What became of one Word file: a document and its report, or the reason why there is none."""

    source: Path
    imported: Imported | None = None
    document: Path | None = None
    report: Path | None = None
    failure: QmdocError | None = None

    @property
    def is_different(self) -> bool:
        """Whether words or numbers differ from the Word file."""
        return self.imported is not None and bool(self.imported.differences)

    @property
    def line(self) -> str:
        """What became of it, in one line."""
        if self.imported is None:
            return f"{self.source}: not imported: {self.failure}"
        what = f"{self.source}: {self.document}, report {self.report}"
        if self.imported.differences:
            more = len(self.imported.differences) - 1
            rest = f" (and {more} more, in the report)" if more else ""
            return f"{what}; WORDS OR NUMBERS DIFFER: {self.imported.differences[0]}{rest}"
        places = self.imported.open_places
        return f"{what}; {places} place{'' if places == 1 else 's'} to settle" if places else what


def place_all(sources: Sequence[Path], into: Path, wish: Wish) -> Iterator[Placed]:
    """Imports each Word file by itself; one that fails stops no other."""
    top = _top(into)
    taken = _taken(top)
    for source in sources:
        try:
            content = _content(source)
            imported = convert(source.name, content, replace(wish, taken=frozenset(taken)))
            if imported.number in taken:
                raise ImportFailed(
                    f"{source.name} is {imported.number}, and so is {taken[imported.number]}",
                    fix="give one of them another number; nothing was overwritten",
                )
            document, report = _place(imported, into, top)
            taken[imported.number] = document
            yield Placed(source, imported, document, report)
        except QmdocError as error:
            yield Placed(source, failure=error)
        except OSError as error:
            reason = ImportFailed(
                f"the computer refused: {error.strerror or error}", fix="look at the file and the folder"
            )
            yield Placed(source, failure=reason)


def _content(source: Path) -> bytes:
    if not source.is_file():
        raise ImportFailed(f"{source.name} is no file that can be read", fix="check its name and folder")
    if source.stat().st_size > MAX_FILE:
        raise ImportFailed(f"{source.name} has more than {MAX_FILE >> 20} MiB", fix="take large pictures out of it")
    return source.read_bytes()


def _top(into: Path) -> Path:
    """The programme's folder around `into`, as far as there is one."""
    place = into.absolute()
    return next(
        (each for each in (place, *place.parents) if (each / ".git").exists() or (each / "sops").is_dir()), place
    )


def _taken(top: Path) -> dict[str, Path]:
    """The numbers that are given already, and to which file."""
    found: dict[str, Path] = {}
    for folder, below, names in os.walk(top):
        below[:] = sorted(set(below) - _SKIPPED)
        for name in sorted(names):
            if number := documents.id_in_name(name):
                found.setdefault(number, Path(folder, name).relative_to(top))
    return found


def _place(imported: Imported, into: Path, top: Path) -> tuple[Path, Path]:
    """Writes everything beside, then renames it into place, the document last."""
    is_library = into.absolute().is_relative_to(top / "sops") and into.absolute() != top
    reports = top / "records" / "imports" if is_library else into  # under sops/ it would be a stray file
    document, report = into / imported.name, reports / f"{imported.number}-import.txt"
    attachments = into / imported.number
    for place in (document, report, attachments):
        if os.path.lexists(place):
            raise ImportFailed(
                f"{place} is there already, and nothing is ever overwritten", fix="move it away, or import elsewhere"
            )
    into.mkdir(parents=True, exist_ok=True)
    reports.mkdir(parents=True, exist_ok=True)
    pictures = {path: content for path, content in imported.files.items() if path != imported.name}
    moves = [(reports / f".{report.name}.new", report), (into / f".{imported.name}.new", document)]
    if pictures:
        moves.insert(0, (into / f".{imported.number}.new", attachments))
    done: list[Path] = []
    try:
        for path, content in pictures.items():
            place = moves[0][0] / path.partition("/")[2]
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(content)
        moves[-2][0].write_text(imported.report, encoding="utf-8")
        moves[-1][0].write_bytes(imported.files[imported.name])
        for fresh, target in moves:
            os.rename(fresh, target)
            done.append(target)
    except BaseException:
        for left in (*done, *(fresh for fresh, _ in moves)):
            _remove(left)
        raise
    return document, report


def _remove(place: Path) -> None:
    if place.is_dir() and not place.is_symlink():
        shutil.rmtree(place, ignore_errors=True)
    else:
        place.unlink(missing_ok=True)
