"""The index by which staff search the texts, made by pagefind: no server, no request that leaves the site.

There are two, since pagefind's own filters are written in another order each time: one of what is in force, one of all
that has a page. They are made of copies of the pages, so that each holds what it is asked to and nothing else.
"""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path

from qmdoc.errors import OutputFailed
from qmdoc.outputs.kept_pages import Before
from qmdoc.outputs.manual_pages.source import IN_FORCE, Source

NAME = "pagefind"
FOLDERS = {"pagefind": True, "pagefind-all": False}
# Made for pages of pagefind's own look, and for languages that the manual is not written in.
_NOT_OURS = ("pagefind-*.css", "pagefind-*.js", "wasm.unknown.pagefind")
_OF_OURS = "pagefind-worker.js"
_SECONDS = 600


def make(site: Path, described: Source, made_from: Mapping[str, str], before: Before) -> None:
    """Writes both indexes into a site that is built, or puts in those that were made `before` of the same pages.

    `made_from` tells what each page is made of. Raises OutputFailed where pagefind is missing or fails.
    """
    for folder, is_in_force in FOLDERS.items():
        names = [
            page.name
            for page in described.pages
            if page.filters and (not is_in_force or page.filters.get("status") == IN_FORCE)
        ]
        made_of = " ".join([folder, *(f"{name} {made_from.get(name, '')}" for name in names)])
        digest = hashlib.sha256(made_of.encode()).hexdigest() if made_from else ""
        before.made(f"{folder}/", digest)
        if kept := before.take_all(folder, digest):
            for path, content in kept.items():
                (site / path).parent.mkdir(parents=True, exist_ok=True)
                (site / path).write_bytes(content)
        elif names:
            _make(site, site / folder, names)


def _make(site: Path, target: Path, names: Iterable[str]) -> None:
    with tempfile.TemporaryDirectory(prefix="qmdoc-search-") as place:
        for name in names:
            copy = Path(place) / f"{name}.html"
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(site / f"{name}.html", copy)
        _run(Path(place), target)
    for pattern in _NOT_OURS:
        for file in target.glob(pattern):
            if file.name != _OF_OURS:
                file.unlink()


def _run(place: Path, target: Path) -> None:
    try:
        from pagefind_bin import get_executable
    except ImportError as error:
        raise OutputFailed("pagefind is not installed, which makes the search index", fix="run `make setup`") from error
    command = [str(get_executable()), "--site", str(place), "--output-path", str(target), "--force-language", "en"]
    try:
        done = subprocess.run(
            [*command, "--silent"], cwd=place, capture_output=True, timeout=_SECONDS, check=False, env={}
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise OutputFailed(f"the search index could not be made: {error}", fix="run `make setup` again") from error
    if done.returncode:
        said = " ".join((done.stderr or done.stdout).decode("utf-8", "replace").split())[-300:]
        raise OutputFailed(f"the search index could not be made: {said}", fix="make room on the disk, and build again")
