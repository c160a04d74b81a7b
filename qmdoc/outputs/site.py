"""The manual as a site: runs Sphinx over the manual's source. The same source makes the same bytes."""

from __future__ import annotations

import io
import re
import shutil
import tempfile
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

from qmdoc.errors import OutputFailed
from qmdoc.outputs import kept_pages, search_index
from qmdoc.outputs.kept_pages import NOTHING, Before, NewSite
from qmdoc.outputs.manual_pages import reaching, source, wording

NAME = "site"
_WARNING = re.compile(r"(?:(?P<path>.+?\.md)(?::(?P<line>\d+))?: )?(?:WARNING|ERROR|CRITICAL|SEVERE): (?P<message>.*)")
_OF_THE_COMPUTER = re.compile(r"\[Errno \d+\]|\b\w*Error\(\d+, ")  # as Sphinx tells an OSError, in a mere warning
_RELATIVE = re.compile(r'(\s(?:href|src|action)=)"(?![a-z]+:|[#/])', re.IGNORECASE)
_FAILURES = ("image.not_readable", "download.not_readable", "qmdoc.")
# Made by Sphinx for itself; the first names its own settings, the second is for other projects.
_NOT_OURS = (".buildinfo", ".buildinfo.bak", "objects.inv", ".doctrees", "_sources")


@dataclass(frozen=True, slots=True)
class Complaint:
    """A warning of Sphinx: what it says, and of which page and line."""

    page: str
    line: int | None
    message: str

    @property
    def is_failure(self) -> bool:
        """Something that was approved would not be shown."""
        return any(f"[{kind}" in self.message for kind in _FAILURES)


def build(
    source_folder: Path, target: Path, *, configuration: Path, is_draft: bool, before: Before = NOTHING
) -> tuple[str, ...]:
    """Builds the site into a new folder and returns Sphinx's warnings; what stands as `before` made it is taken over.

    Raises OutputFailed, naming document and line, when the site could not be made, or would lack a picture or an
    attachment of an approved text; a draft is shown as it is. Raises OSError where the computer refused to write.
    """
    if target.exists() and any(target.iterdir()):
        raise OutputFailed(f"{target} is not empty", fix="build into a new folder")
    described = source.read(_manual(source_folder))
    made_from = {} if is_draft else kept_pages.digests(described, source_folder, configuration)
    kept, index = kept_pages.taken(described, made_from, before)
    settings: dict[str, object] = {"language": described.language, "qmdoc_stamps": bool(made_from)}
    if kept:
        settings |= {"qmdoc_kept": frozenset(kept), "qmdoc_index": index, "include_patterns": _texts(described, kept)}
    output = io.StringIO()
    with tempfile.TemporaryDirectory(prefix="qmdoc-doctrees-") as doctrees:
        _run(source_folder, target, configuration, Path(doctrees), output, settings)
    found = tuple(_complaints(output.getvalue(), source_folder))
    if unwritten := next((complaint for complaint in found if _OF_THE_COMPUTER.search(complaint.message)), None):
        raise OutputFailed(
            f"the site could not be written: {unwritten.message}", fix="make room on the disk, and build again"
        )
    complaints = [_told(complaint, described) for complaint in found if not _is_past(complaint, described)]
    failure = next((sentence for sentence, is_failure in complaints if is_failure), None)
    if failure and not is_draft:
        raise OutputFailed(failure, fix="correct the document, have it approved, and build again")
    _tidy(target)
    _root(target / f"{source.ABSENT}.html", reaching.absent_prefix(described.manual_url))
    made = NewSite(target, described, made_from, before)
    made.stamp()
    made.put(kept, source_folder)
    if not is_draft:
        search_index.make(target, described, made_from, before)
    return tuple(sentence for sentence, _ in complaints)


def _texts(described: source.Source, kept: Collection[str]) -> list[str]:
    """The texts that Sphinx is to read."""
    return [f"{page.name}.md" for page in described.pages if page.has_text and page.name not in kept]


def _is_past(complaint: Complaint, described: source.Source) -> bool:
    """It is about the text of an earlier version: nobody can mend that any more, and it may bar no new manual."""
    page = described.page(complaint.page)
    return page is not None and page.filters.get("status") == str(wording.EARLIER)


def _root(absent: Path, prefix: str) -> None:
    """Has the page for missing addresses link from the site's top: a server shows it at any depth."""
    if absent.exists():
        written = absent.read_text(encoding="utf-8")
        absent.write_text(_RELATIVE.sub(rf'\1"{prefix}', written), encoding="utf-8")


def _manual(folder: Path) -> bytes:
    try:
        return (folder / source.NAME).read_bytes()
    except OSError as error:
        raise OutputFailed(
            f"{folder / source.NAME} can't be read: {error.strerror}", fix="make the manual's source first"
        ) from error


def _run(
    folder: Path, target: Path, configuration: Path, doctrees: Path, output: io.StringIO, settings: dict[str, object]
) -> None:
    """Runs Sphinx in this process; the clock does not enter what it writes."""
    from sphinx import locale
    from sphinx.application import Sphinx
    from sphinx.errors import SphinxError
    from sphinx.util.docutils import docutils_namespace, patch_docutils

    locale.translators.clear()  # else a second build in this process would speak the language of the first
    try:
        with patch_docutils(str(configuration)), docutils_namespace():
            app = Sphinx(
                folder.resolve(),
                configuration.resolve(),
                target,
                doctrees,
                "html",
                status=None,
                warning=output,
                freshenv=True,
                confoverrides=settings,
            )
            app.build(force_all=True)
            status = app.statuscode
    except SphinxError as error:
        if isinstance(refused := error.__cause__, OSError) and refused.errno:  # a template that is not there has none
            raise refused from error
        raise OutputFailed(f"the manual could not be built: {_without_places(error, folder, configuration)}") from error
    if status:
        raise OutputFailed(f"the manual could not be built: {' '.join(output.getvalue().split())[:500]}")


def _without_places(error: Exception, *folders: Path) -> str:
    """What Sphinx says in one line, without the places of this computer."""
    said = re.sub(r" (?:not found )?in (?:search path: )?\[.*?\]", " not found", " ".join(str(error).split()))
    for folder in folders:
        said = said.replace(f"{folder.resolve()}/", "")
    return said


def _complaints(text: str, folder: Path) -> Iterator[Complaint]:
    """Sphinx's warnings, without the colours of a terminal and without this machine's paths."""
    plain = re.sub(r"\x1b\[[0-9;]*m", "", text).replace(f"{folder.resolve()}/", "")
    for line in plain.splitlines():
        if match := _WARNING.fullmatch(line.strip()):
            number = int(match["line"]) if match["line"] else None
            yield Complaint((match["path"] or "").removesuffix(".md"), number, match["message"])


def _told(complaint: Complaint, described: source.Source) -> tuple[str, bool]:
    """The complaint in one sentence, in terms of the file that a person wrote; and whether it is a failure."""
    page = described.page(complaint.page)
    if page is None or not page.path:
        return f"{complaint.page or 'the manual'}: {complaint.message}", complaint.is_failure
    line = f", line {complaint.line + page.first_line - 1}" if complaint.line else ""
    return f"{page.number} ({page.path}{line}): {complaint.message}", complaint.is_failure


def _tidy(target: Path) -> None:
    for name in _NOT_OURS:
        path = target / name
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
