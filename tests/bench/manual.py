"""`make bench-manual`, or `python -m bench.manual 500 2000`: building the manual beside bare Sphinx with the same texts.

Bare Sphinx has the same theme and parser, the same texts under their titles, a page for each domain and for the list of
all, and nothing of qmdoc. Each runs in a process of its own; seconds are the processor's, Python's start and the audit left out. The texts are those of
the library, over and over under new numbers. `pages` are templates filled, `site` is Sphinx over them; the ratio is of both
together. `again` is a whole second `qmdoc build`, its audit too, where nothing has changed; `bare, again` and `bare, one`
are bare Sphinx's second builds where nothing, and where one text has.
"""

from __future__ import annotations

import json
import math
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from programme import NOW, POLICY, Programme

LIBRARY = Path(__file__).parents[2] / "sops"
REPORT = Path("build/bench-manual.txt")
RUNS = 1
DOMAINS = ("strategy", "operations", "access", "pharmacy", "finance", "technology", "quality", "outreach")
_BARE = (
    'project = "Manual"\nextensions = ["myst_parser"]\nhtml_theme = "furo"\nhighlight_language = "none"\n'
    'myst_heading_anchors = 3\nsuppress_warnings = ["myst"]\nhtml_copy_source = False\nhtml_show_sourcelink = False\n'
)
_CONTENTS = "```{toctree}\n:titlesonly:\n\n"
_HEADS = ["documents", "bare", "pages", "site", "ratio", "bare, again", "bare, one", "again"]


@dataclass(frozen=True, slots=True)
class Row:
    """What was measured of one number of documents: seconds."""

    documents: int
    bare: dict[str, float]
    ours: dict[str, float]

    @property
    def whole(self) -> float:
        """Seconds of a first build."""
        return self.ours["pages"] + self.ours["site"]

    @property
    def cells(self) -> list[str]:
        """The row as the table shows it."""
        bare, ours = self.bare, self.ours
        return [
            str(self.documents),
            f"{bare['first']:.2f}s",
            f"{ours['pages']:.2f}s",
            f"{ours['site']:.2f}s",
            f"{self.whole / bare['first']:.2f}x",
            f"{bare['nothing']:.2f}s",
            f"{bare['one']:.2f}s",
            f"{ours['again']:.2f}s",
        ]


def texts(count: int) -> dict[str, str]:
    """So many documents by their paths: the library's, each number of theirs followed by the round it is of."""
    found = [file for file in sorted(LIBRARY.rglob("*-*.md")) if re.match(r"[A-Z]{2,5}-\d{3}-", file.name)]
    made: dict[str, str] = {}
    for place in range(count):
        file, turn = found[place % len(found)], place // len(found)
        text = re.sub(r"\b([A-Z]{3}|QM)-(\d{3})\b(?!-)", rf"\1-{turn + 1}\2", file.read_text(encoding="utf-8"))
        text = re.sub(r"\[\[\s*local\s*:[^\]]*\]\]", "as decided", text)
        name = re.sub(r"^([A-Z]+)-(\d{3})", rf"\1-{turn + 1}\2", file.name)
        made[f"sops/{file.parent.relative_to(LIBRARY).as_posix()}/{name}"] = text
    return made


def bare(documents: Mapping[str, str], folder: Path) -> None:
    """Writes a Sphinx project with these texts."""
    domains: dict[str, list[str]] = {domain: [] for domain in DOMAINS}
    numbers = {number(path) for path in documents}
    files = {"conf.py": _BARE}
    for path, text in documents.items():
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


def programme(documents: Mapping[str, str], folder: Path) -> str:
    """A repository in which these texts are in force; returns its trust root."""
    made = Programme(policy=POLICY.replace("form:", "guideline: {review_months: 24}, form:"))
    made.commit("w.writer", documents)
    made.approve(*(number(path) for path in documents))
    made.repository(folder)
    return made.root


def measured(count: int) -> Row:
    """The best times for so many documents."""
    documents = texts(count)
    with tempfile.TemporaryDirectory(prefix="qmdoc-bench-manual-") as top:
        root = programme(documents, Path(top) / "p")
        bare(documents, Path(top) / "bare")
        runs = RUNS if count <= 500 else 1
        ours = [_run("ours", top, root) for _ in range(runs)]
        theirs = [_run("bare", top, root) for _ in range(runs)]
    return Row(count, _best(theirs), _best(ours))


def _best(runs: list[dict[str, float]]) -> dict[str, float]:
    return {part: min(run[part] for run in runs) for part in runs[0]}


def _run(which: str, top: str, root: str) -> dict[str, float]:
    done = subprocess.run(
        [sys.executable, "-m", "bench.manual", which, top, root], stdout=subprocess.PIPE, text=True, check=True
    )
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def _ours(top: Path, root: str) -> dict[str, float]:
    from qmdoc import audit, building
    from qmdoc.audit import Request
    from qmdoc.git import Repository

    request = Request(top / "p", NOW, dict(os.environ), trust_root=root)
    with Repository(top / "p", request.environment) as repository:
        found = audit.read(repository, request)
        sources = building._sources(found, repository)
        begun = time.process_time()
        pages = building.manual_output.pages(found, blob=repository.blob, templates=sources.text("templates/manual"))
        made = time.process_time()
        with tempfile.TemporaryDirectory(dir=top) as build:
            building._site(pages, sources, Path(build), "manual", is_draft=False)
            first = time.process_time()
    building.manual(request)
    before = time.process_time()
    building.manual(request)
    return {"pages": made - begun, "site": first - made, "again": time.process_time() - before}


def _bare(top: Path) -> dict[str, float]:
    with tempfile.TemporaryDirectory(dir=top) as out:
        times = {}
        for part in ("first", "nothing", "one"):
            if part == "one":
                file = sorted((top / "bare" / "documents").iterdir())[0]
                file.write_text(file.read_text() + "\nOne more sentence.\n")
            begun = time.process_time()
            _sphinx(top / "bare", Path(out))
            times[part] = time.process_time() - begun
    return times


def _sphinx(folder: Path, out: Path) -> None:
    from sphinx.application import Sphinx
    from sphinx.util.docutils import docutils_namespace, patch_docutils

    with patch_docutils(str(folder)), docutils_namespace():
        Sphinx(folder, folder, out / "html", out / "doctrees", "html", status=None, warning=None).build()


def report(rows: list[Row]) -> str:
    """The table, and how time grows with the number of documents."""
    cells = [_HEADS, *(row.cells for row in rows)]
    widths = [max(len(cell) for cell in column) for column in zip(*cells, strict=True)]
    text = "".join("  ".join(map(str.rjust, row, widths)) + "\n" for row in cells)
    if len(rows) > 1:
        power = math.log(rows[-1].whole / rows[0].whole) / math.log(rows[-1].documents / rows[0].documents)
        text += f"\nThe manual's time grows with the number of documents to the power {power:.2f}.\n"
    return text


def main() -> None:
    """Measures the numbers of documents that were named."""
    words = sys.argv[1:] or ["500", "2000"]
    if words[0] in ("ours", "bare"):
        print(json.dumps(_ours(Path(words[1]), words[2]) if words[0] == "ours" else _bare(Path(words[1]))))
        return
    written = report([measured(int(word)) for word in words])
    print(written, end="")
    REPORT.parent.mkdir(exist_ok=True)
    REPORT.write_text(written)


if __name__ == "__main__":
    main()
