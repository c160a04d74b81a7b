"""`qmdoc draw`: Graphviz draws the charts of the work tree, each beside its source, for both to be signed together."""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from qmdoc import charts, controlled, place, work_tree
from qmdoc.checks import unsafe_markup
from qmdoc.errors import ConfigError, OutputFailed

SECONDS = 20
_GRAPHVIZ = "install Graphviz (the package `graphviz`), which brings `dot`"
_FONTS = [f"-{each}fontname=sans-serif" for each in "GNE"]


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart of the work tree, by its path in the repository, and whether its drawing was made from it as it stands."""

    path: str
    source: bytes
    is_current: bool

    @property
    def drawing(self) -> str:
        """Where its drawing lies."""
        return f"{self.path.removesuffix('.dot')}.svg"


def charts_of(repository: Path, named: tuple[str, ...]) -> tuple[Chart, ...]:
    """The charts of a work tree: all, or those of the documents and files that are named. Raises ConfigError."""
    top = place.find(repository)
    files = work_tree.files(top, "sops")
    found = []
    for path, (mode, content) in sorted(files.items()):
        if path.endswith(".dot") and mode.startswith("100") and controlled.place_of(path)[0]:
            drawn = files.get(f"{path.removesuffix('.dot')}.svg")
            found.append(Chart(path, content, charts.is_current(content, drawn[1] if drawn else None)))
    return tuple(found) if not named else _named(found, named, top)


def draw(repository: Path, chart: Chart, environment: Mapping[str, str]) -> None:
    """Draws a chart anew. Raises OutputFailed, naming file and line, where it may not or can't be drawn."""
    top = place.find(repository)
    if fault := next(iter(charts.faults(chart.source)), None):
        raise OutputFailed(f"{chart.path}, line {fault.line}: the chart holds {fault.message}", fix=fault.fix)
    made = _drawn(chart, environment)
    try:
        content = charts.drawing(made, chart.source)
    except ValueError as error:
        raise OutputFailed(f"{chart.path}: Graphviz made {error}", fix="write one `digraph { … }`") from error
    if fault := next(iter(unsafe_markup.faults_of_drawing(content)), None):
        raise OutputFailed(f"{chart.path}: its drawing {fault.message}", fix="take out what leads there")
    _put(top / chart.drawing, content)


def _named(found: list[Chart], named: tuple[str, ...], top: Path) -> tuple[Chart, ...]:
    kept = []
    for name in named:
        there = [chart for chart in found if controlled.owner_of(chart.path) == name or _is_file(name, chart, top)]
        if not there:
            raise ConfigError(
                f"there is no chart of {name}", fix="name a document or a .dot file in the folder of its number"
            )
        kept += there
    return tuple(dict.fromkeys(kept))


def _is_file(name: str, chart: Chart, top: Path) -> bool:
    return name == chart.path or Path(name).resolve() == (top / chart.path).resolve()


def _drawn(chart: Chart, environment: Mapping[str, str]) -> bytes:
    """What Graphviz makes of a chart, in an empty folder, told to open no file, and stopped when it takes too long."""
    with tempfile.TemporaryDirectory(prefix="qmdoc-chart-") as folder:
        told = {name: environment[name] for name in ("PATH", "HOME") if name in environment}
        told |= {"LC_ALL": "C.UTF-8", "SERVER_NAME": "qmdoc", "GV_FILE_PATH": folder}
        try:
            done = subprocess.run(
                ["dot", "-Tsvg", *_FONTS],
                input=chart.source,
                cwd=folder,
                env=told,
                capture_output=True,
                timeout=SECONDS,
            )
        except FileNotFoundError:
            raise OutputFailed("Graphviz is not installed, or not on the PATH", fix=_GRAPHVIZ) from None
        except OSError as error:
            raise OutputFailed(f"Graphviz could not be started: {error.strerror}", fix=_GRAPHVIZ) from error
        except subprocess.TimeoutExpired:
            raise OutputFailed(
                f"{chart.path}: Graphviz did not end within {SECONDS} seconds", fix="draw several smaller charts"
            ) from None
    if done.returncode or not done.stdout:
        said = " ".join(done.stderr.decode("utf-8", "replace").split())[:200] or "it gave no reason"
        raise OutputFailed(f"{chart.path}: Graphviz could not draw it: {said}", fix="mend the line that it names")
    return done.stdout


def _put(target: Path, content: bytes) -> None:
    """Writes beside and renames, so that a drawing is whole or the old one; a link's target is never written."""
    fresh = target.with_name(f".{target.name}.new")
    fresh.unlink(missing_ok=True)
    try:
        with open(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666), "wb") as file:
            file.write(content)
        fresh.replace(target)
    finally:
        fresh.unlink(missing_ok=True)
