"""`make bench-manual`, or `python -m bench.manual 500 2000`: building the manual beside bare Sphinx with the same texts.

Bare Sphinx has the same theme and parser, the same texts under their titles, a page for each domain and for the list of
all, and nothing of qmdoc. Each runs in a process of its own; seconds are those of the processor, of the process and of
all that it starts, without Python's start. The texts are those of the library, over and over under new numbers.

The first table has bare Sphinx's builds (`bare`, and again where one text has changed), the pages that qmdoc makes of
the same documents with all that belongs to them (`HTML`: templates, Sphinx, search index, comparison with the texts) and
the ratio of both, the PDFs with their comparison, and four whole builds with audit, PDFs and downtime copy: a first one,
the next day, after one text was revised, and where nothing has changed. The second says where these spend their time.
"""

from __future__ import annotations

import json
import math
import os
import re
import resource
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from programme import NOW, POLICY, Programme

LIBRARY = Path(__file__).parents[2] / "sops"
REPORT = Path("build/bench-manual.txt")
DOMAINS = ("strategy", "operations", "access", "pharmacy", "finance", "technology", "quality", "outreach")
_BARE = (
    'project = "Manual"\nextensions = ["myst_parser"]\nhtml_theme = "furo"\nhighlight_language = "none"\n'
    'myst_heading_anchors = 3\nsuppress_warnings = ["myst"]\nhtml_copy_source = False\nhtml_show_sourcelink = False\n'
)
_CONTENTS = "```{toctree}\n:titlesonly:\n\n"
_HEADS = ["documents", "bare", "HTML", "ratio", "PDFs", "first", "next day", "one", "bare, one", "nothing"]
_AT_ONCE = 250  # documents that are signed together: a statement has its limits
BUILDS = ("first", "next day", "one", "nothing")
HTML = ("pages", "workbooks and calendars", "read", "write", "take over", "search index", "compare HTML")
PDFS = ("PDFs", "compare PDFs")


@dataclass(frozen=True, slots=True)
class Row:
    """What was measured of one number of documents: seconds of bare Sphinx's builds, and of each part of ours."""

    documents: int
    bare: Mapping[str, float]
    ours: Mapping[str, Mapping[str, float]]

    @property
    def html(self) -> float:
        """Seconds of a first build's pages."""
        return sum(self.ours["first"].get(part, 0) for part in HTML)

    @property
    def cells(self) -> list[str]:
        """The row as the first table shows it."""
        pdfs = sum(self.ours["first"].get(part, 0) for part in PDFS)
        whole = {build: sum(parts.values()) for build, parts in self.ours.items()}
        return [
            str(self.documents),
            f"{self.bare['first']:.2f}s",
            f"{self.html:.2f}s",
            f"{self.html / self.bare['first']:.2f}x",
            f"{pdfs:.2f}s",
            *(f"{whole[build]:.2f}s" for build in BUILDS[:3]),
            f"{self.bare['one']:.2f}s",
            f"{whole['nothing']:.2f}s",
        ]

    @property
    def parts(self) -> list[list[str]]:
        """The rows of the second table."""
        names = [*dict.fromkeys(name for build in BUILDS for name in self.ours[build])]
        return [
            [str(self.documents), name, *(f"{self.ours[build].get(name, 0):.2f}s" for build in BUILDS)]
            for name in names
        ]


def texts(count: int) -> dict[str, str]:
    """So many documents by their paths: the library's, the letters of each number followed by one for the round."""
    found = [file for file in sorted(LIBRARY.rglob("*-*.md")) if re.match(r"[A-Z]{2,5}-\d{3}-", file.name)]
    made: dict[str, str] = {}
    for place in range(count):
        file, turn = found[place % len(found)], place // len(found)
        letter = chr(ord("A") + turn)  # QM-001 becomes QMA-001, then QMB-001: a number has four digits at most
        text = re.sub(r"\b([A-Z]{3}|QM)-(\d{3})\b(?!-)", rf"\1{letter}-\2", file.read_text(encoding="utf-8"))
        text = re.sub(r"\[\[\s*local\s*:[^\]]*\]\]", "as decided", text)
        name = re.sub(r"^([A-Z]+)-(\d{3})", rf"\1{letter}-\2", file.name)
        folder = f"sops/{file.parent.relative_to(LIBRARY).as_posix()}"
        made[f"{folder}/{name}"] = text
        for attached in sorted((file.parent / "-".join(file.name.split("-")[:2])).glob("*.svg")):
            made[f"{folder}/{number(name)}/{attached.name}"] = attached.read_text(encoding="utf-8")
    return made


def bare(documents: Mapping[str, str], folder: Path) -> None:
    """Writes a Sphinx project with these texts."""
    domains: dict[str, list[str]] = {domain: [] for domain in DOMAINS}
    numbers = {number(path) for path in documents if path.endswith(".md")}
    files = {"conf.py": _BARE}
    for path, text in documents.items():
        if not path.endswith(".md"):
            files["/".join(["documents", *path.split("/")[-2:]])] = text
            continue
        _, front, body = text.split("---\n", 2)
        title = re.search(r"^title: (.*)$", front, re.MULTILINE)
        body = re.sub(r"\]\(([A-Z]+-\d+)\)", lambda match: f"]({match[1]}.md)" if match[1] in numbers else "]", body)
        files[f"documents/{number(path)}.md"] = f"# {number(path)} {title[1] if title else ''}\n\n{body}"
        domains[path.split("/")[1]].append(number(path))
    for domain, names in domains.items():
        rows = "".join(f"/documents/{name}\n" for name in names)
        files[f"domains/{domain}.md"] = f"# {domain}\n\n{_CONTENTS}{rows}```\n"
    files["list.md"] = "# All\n\n" + "".join(f"- [{name}](documents/{name}.md)\n" for name in sorted(numbers))
    rows = "".join(f"domains/{domain}\n" for domain in DOMAINS)
    files["index.md"] = f"# Manual\n\n{_CONTENTS}{rows}list\n```\n"
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(content, encoding="utf-8")


def number(path: str) -> str:
    """The number of a document."""
    return "-".join(path.rpartition("/")[2].split("-")[:2])


def programme(documents: Mapping[str, str]) -> Programme:
    """A programme in which these texts are in force."""
    made = Programme(policy=POLICY.replace("form:", "guideline: {review_months: 24}, form:"))
    made.commit("w.writer", documents)
    numbers = [number(path) for path in documents if path.endswith(".md")]
    for at in range(0, len(numbers), _AT_ONCE):
        made.approve(*numbers[at : at + _AT_ONCE])
    return made


def measured(count: int) -> Row:
    """The times for so many documents."""
    ours = _run("ours", count)
    return Row(count, _run("bare", count)["bare"], ours)


def _run(which: str, count: int) -> dict[str, dict[str, float]]:
    command = [sys.executable, "-m", "bench.manual", which, str(count)]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    found: dict[str, dict[str, float]] = json.loads(done.stdout.splitlines()[-1])
    return found


def _ours(count: int, top: Path) -> dict[str, dict[str, float]]:
    """The seconds of each part of each build."""
    from qmdoc import publishing
    from qmdoc.audit import Request

    documents = texts(count)
    made = programme(documents)
    made.repository(top / "p")
    clock = Clock()
    _watch(clock)

    def build(days: int) -> dict[str, float]:
        clock.restart()
        request = Request(top / "p", NOW + timedelta(days), {**os.environ, "HOME": str(top)}, trust_root=made.root)
        publishing.manual(request)
        times = clock.stopped()
        print(f"{count} documents: {times}", file=sys.stderr)  # a machine that is busy takes long to the end
        return times

    times = {"first": build(0), "next day": build(1)}
    printed = len(list((top / "p" / "build/manual/pdf").glob("*-*.pdf")))
    assert printed == sum(path.endswith(".md") for path in documents), f"only {printed} documents are in force"
    path, text = next((path, text) for path, text in documents.items() if path.endswith(".md"))
    text = re.sub(r"^version: .*$", 'version: "9.0"', text, count=1, flags=re.MULTILINE)
    made.commit("w.writer", {path: f"{text}\nOne more sentence.\n"})
    made.approve(number(path))
    made.repository(top / "p")
    return times | {"one": build(1), "nothing": build(1)}


class Clock:
    """The processor's seconds of each part; a part within another is taken off it."""

    def __init__(self) -> None:
        self.restart()

    def restart(self) -> None:
        """Forgets all, and begins with what belongs to no part."""
        self.seconds: Counter[str] = Counter()
        self._running, self._since = ["other"], _seconds()

    def stopped(self) -> dict[str, float]:
        """The seconds of each part."""
        self._note()
        return dict(self.seconds)

    def timed(self, name: str, done: Callable[..., Any]) -> Callable[..., Any]:  # Any: whatever a part takes and gives
        """The same, timed; an iterator is gone through at once."""

        def run(*args: Any, **keywords: Any) -> Any:
            self._note()
            self._running.append(name)
            try:
                given = done(*args, **keywords)
                return iter(list(given)) if isinstance(given, Iterator) else given
            finally:
                self._note()
                self._running.pop()

        return run

    def _note(self) -> None:
        now = _seconds()
        self.seconds[self._running[-1]] += now - self._since
        self._since = now


def _seconds() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in used)


def _watch(clock: Clock) -> None:
    from sphinx.builders import Builder

    from qmdoc import audit, made_before
    from qmdoc.made_before import MadeBefore
    from qmdoc.outputs import downtime, faithful, kept_pages, manual, search_index, site
    from qmdoc.outputs.manual_pages import downloads
    from qmdoc.outputs.pdf import printing

    rooms: tuple[tuple[str, Any, str], ...] = (
        ("audit", audit, "read"), ("PDFs", printing, "pdfs"), ("compare PDFs", faithful, "on_paper"),
        ("pages", manual, "pages"), ("workbooks and calendars", downloads, "files"), ("write", site, "_run"), ("read", Builder, "read"),
        ("search index", search_index, "make"), ("compare HTML", faithful, "differences"),
        ("downtime copy", downtime, "render"), ("digest", made_before, "key"), ("digest", MadeBefore, "stands"),
        ("digest", MadeBefore, "keep"), ("take over", kept_pages, "digests"), ("take over", kept_pages, "taken"),
        ("take over", kept_pages.NewSite, "put"), ("take over", kept_pages.NewSite, "stamp"),
    )  # fmt: skip
    for name, room, function in rooms:
        setattr(room, function, clock.timed(name, getattr(room, function)))


def _bare(count: int, top: Path) -> dict[str, dict[str, float]]:
    (top / "bare").mkdir()
    bare(texts(count), top / "bare")
    times = {}
    for part in ("first", "nothing", "one"):
        if part == "one":
            file = sorted((top / "bare" / "documents").glob("*.md"))[0]
            file.write_text(file.read_text() + "\nOne more sentence.\n")
        begun = _seconds()
        _sphinx(top / "bare", top)
        times[part] = _seconds() - begun
    return {"bare": times}


def _sphinx(folder: Path, out: Path) -> None:
    from sphinx.application import Sphinx
    from sphinx.util.docutils import docutils_namespace, patch_docutils

    with patch_docutils(str(folder)), docutils_namespace():
        Sphinx(folder, folder, out / "html", out / "doctrees", "html", status=None, warning=None).build()


def report(rows: list[Row]) -> str:
    """The tables, and how time grows with the number of documents."""
    text = _table([_HEADS, *(row.cells for row in rows)])
    if len(rows) > 1:
        power = math.log(rows[-1].html / rows[0].html) / math.log(rows[-1].documents / rows[0].documents)
        text += f"\nThe time of the pages grows with the number of documents to the power {power:.2f}.\n"
    parts = [each for row in rows for each in row.parts]
    return f"{text}\n{_table([['documents', 'part', *BUILDS], *parts])}"


def _table(cells: list[list[str]]) -> str:
    widths = [max(len(cell) for cell in column) for column in zip(*cells, strict=True)]
    return "".join("  ".join(map(str.rjust, row, widths)) + "\n" for row in cells)


def main() -> None:
    """Measures the numbers of documents that were named."""
    words = sys.argv[1:] or ["50", "144", "500", "2000"]
    if words[0] in ("ours", "bare"):
        with tempfile.TemporaryDirectory(prefix="qmdoc-bench-manual-") as top:
            print(json.dumps((_ours if words[0] == "ours" else _bare)(int(words[1]), Path(top))))
        return
    written = report([measured(int(word)) for word in words])
    print(written, end="")
    REPORT.parent.mkdir(exist_ok=True)
    REPORT.write_text(written)


if __name__ == "__main__":
    main()
