"""`make bench`, or `python -m bench S M L XL`: an audit beside `git log --raw -z -m` of the same repository, as a ratio.

The corpora (`bench.corpus`) are kept in the folder that $QMDOC_BENCH names, else in `qmdoc-bench` among the temporary
files, and are made when they are missing or were made by another version of the generator. Times are the best of a few
fresh processes. The table is also written to build/bench.txt.

An audit is history, ledger and proof: reading git and its changes, judging every sign-off, and what is left then of hashing
every object (the rest was done meanwhile). The allowance is three times git's own time and
0.1 ms for each signature; MiB is the peak of the largest process until then. `check` is the whole of `qmdoc check` in one process, but for starting Python itself; `again` is
a whole process of it, Python's start included, where nothing is new. So is `stands by`, where a process stands by that
has verified the history, and `new commit` is what it takes longer there after a commit that changes a document.
"""

from __future__ import annotations

import hashlib
import json
import math
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench import corpus

PAIRS = 9
_AT_EASE = 0.3  # seconds between two questions, as people and their programs leave them
RUNS = {"S": 3, "M": 3, "L": 2, "XL": 1}
PARTS = ("imports", "history", "ledger", "proof", "register", "texts", "checks", "answer")
FOR_GIT, FOR_A_SIGNATURE = 3, 0.0001
REPORT = Path("build/bench.txt")
_GENERATOR = ("cast.py", "corpus.py", "packing.py", "plan.py", "texts.py", "words.py")
_PEAK = (
    "import resource, subprocess, sys; subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, check=True); "
    "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
)


@dataclass(frozen=True, slots=True)
class Row:
    """What was measured of one corpus: seconds and MiB."""

    size: str
    truth: dict[str, Any]
    git: float
    git_peak: float
    parts: dict[str, float]
    again: float
    stands_by: float
    new_commit: float

    @property
    def audit(self) -> float:
        """Seconds of history, ledger and the proof of all that they stand on."""
        return self.parts["history"] + self.parts["ledger"] + self.parts["proof"]

    @property
    def allowance(self) -> float:
        """Seconds that the audit may take."""
        return FOR_GIT * self.git + FOR_A_SIGNATURE * self.truth["sign_offs"]

    @property
    def cells(self) -> list[str]:
        """The row as the table shows it."""
        history = self.parts["history"]
        return [
            self.size,
            str(len(self.truth["documents"])),
            str(self.truth["commits"]),
            str(self.truth["sign_offs"]),
            f"{self.git:.3f}s",
            f"{self.git_peak:.0f}",
            f"{history:.3f}s",
            f"{history / self.git:.2f}x",
            f"{self.audit:.3f}s",
            f"{self.audit / self.git:.2f}x",
            f"{self.allowance:.3f}s",
            f"{self.parts['peak of audit']:.0f}",
            f"{self.parts['whole']:.3f}s",
            f"{self.parts['peak']:.0f}",
            f"{self.again:.3f}s",
            f"{self.stands_by:.3f}s",
            f"{self.new_commit:+.3f}s",
        ]


HEADS = ["corpus", "documents", "commits", "signatures", "git log", "git MiB", "history", "ratio", "audit", "ratio",
         "allowance", "MiB", "check", "MiB", "again", "stands by", "new commit"]  # fmt: skip


def kept(size: str) -> Path:
    """The folder of a corpus, which is written first when it is missing or of another generator."""
    top = Path(os.environ.get("QMDOC_BENCH") or Path(tempfile.gettempdir()) / "qmdoc-bench")
    folder, mark = top / size, top / size / "generator"
    sources = b"".join(Path(__file__).with_name(name).read_bytes() for name in _GENERATOR)
    generator = hashlib.sha256(sources).hexdigest()
    if mark.exists() and mark.read_text() == generator:
        return folder
    if mark.exists():
        shutil.rmtree(folder)
    start = time.perf_counter()
    with tempfile.TemporaryDirectory(dir=_made(top)) as unfinished:
        corpus.write(Path(unfinished) / size, corpus.SIZES[size])
        (Path(unfinished) / size / "generator").write_text(generator)
        (Path(unfinished) / size).rename(folder)
    print(f"wrote {folder} in {time.perf_counter() - start:.0f} s", file=sys.stderr)
    return folder


def measured(size: str) -> Row:
    """The best times of a corpus."""
    folder = kept(size)
    truth = json.loads((folder / "truth.json").read_text())
    place = corpus.place(folder)
    log = ["git", "-C", str(place), "log", "--raw", "-z", "-m"]
    git = min(_seconds(log) for _ in range(RUNS[size]))
    git_peak = int(_output([sys.executable, "-c", _PEAK, *log])) / 1024
    command = [sys.executable, "-m", "bench.parts", str(place), truth["trust_root"]]
    runs = [json.loads(_output(command)) for _ in range(RUNS[size])]
    best = min(runs, key=lambda parts: parts["history"] + parts["ledger"])
    return Row(
        size, truth, git, git_peak, best, _again(place, truth["trust_root"]), *_standing_by(place, truth["trust_root"])
    )


def _again(place: Path, trust_root: str) -> float:
    """Seconds of a whole process of `qmdoc check` where nothing is new since the last one."""
    command = [str(Path(sys.executable).with_name("qmdoc")), "check", "--repo", str(place), "--trust-root", trust_root]
    with tempfile.TemporaryDirectory() as cache:
        environment = {**os.environ, "XDG_CACHE_HOME": cache, "QMDOC_STANDBY": "0"}
        runs = []
        for _ in range(5):
            start = time.perf_counter()
            subprocess.run(command, stdout=subprocess.DEVNULL, env=environment, check=False)
            runs.append(time.perf_counter() - start)
    return min(runs[1:])


def _standing_by(place: Path, trust_root: str) -> tuple[float, float]:
    """The same where a process stands by, and how much longer it takes after one new commit: the median of some pairs.

    The commits go into a copy, each with a changed text of another document.
    """
    command = [str(Path(sys.executable).with_name("qmdoc")), "check", "--trust-root", trust_root, "--repo"]
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:  # whoever stands by may be writing
        copy = Path(folder) / "copy.git"
        environment = {**os.environ, "XDG_CACHE_HOME": f"{folder}/cache", "QMDOC_STANDBY": "5"}
        subprocess.run(["git", "clone", "--quiet", "--bare", "--shared", str(place), str(copy)], check=True)
        rows: list[tuple[float, float]] = []
        _check([*command, str(copy)], environment)  # verifies everything, and stands by
        for number in range(PAIRS):
            time.sleep(_AT_EASE)
            before = _check([*command, str(copy)], environment)
            _change_a_text(copy, number)
            time.sleep(_AT_EASE)
            rows.append((before, _check([*command, str(copy)], environment) - before))
    return min(before for before, _ in rows), statistics.median(more for _, more in rows)


def _check(command: Sequence[str], environment: Mapping[str, str]) -> float:
    start = time.perf_counter()
    subprocess.run(command, stdout=subprocess.DEVNULL, env=environment, check=False)
    return time.perf_counter() - start


def _change_a_text(place: Path, number: int) -> None:
    """One more commit on main: a line more in one of the documents."""
    environment = {**os.environ, "GIT_INDEX_FILE": str(place / "one-more"), "GIT_AUTHOR_NAME": "W. Writer", "GIT_AUTHOR_EMAIL": "w.writer@programme.example",
                   "GIT_COMMITTER_NAME": "W. Writer", "GIT_COMMITTER_EMAIL": "w.writer@programme.example"}  # fmt: skip

    def git(*words: str, given: str = "") -> str:
        command = ["git", "-C", str(place), *words]
        done = subprocess.run(command, env=environment, input=given, stdout=subprocess.PIPE, text=True, check=True)
        return done.stdout.strip()

    listed = [line for line in git("ls-tree", "-r", "HEAD", "sops").splitlines() if line.endswith(".md")]
    about, path = listed[number * 53 % len(listed)].split("\t")
    text = git("cat-file", "blob", about.split()[2])
    git("read-tree", "HEAD")
    blob = git("hash-object", "-w", "--stdin", given=f"{text}\n\nA line more.\n")
    git("update-index", "--cacheinfo", f"100644,{blob},{path}")
    commit = git("commit-tree", git("write-tree"), "-p", "HEAD", "-m", "one more line")
    git("update-ref", "HEAD", commit)


def report(rows: Sequence[Row]) -> str:
    """The table, the seconds by part, and how time grows with the number of commits."""
    parts = [[f"of {row.size}", *(f"{row.parts[part]:.3f}s" for part in PARTS)] for row in rows]
    text = f"{_table([HEADS, *(row.cells for row in rows)])}\n{_table([['parts', *PARTS], *parts])}"
    if len(rows) > 1:
        text += f"\nThe audit's time grows with the number of commits to the power {_exponent(rows):.2f}.\n"
    return text


def main() -> None:
    """Measures the corpora that were named; the largest only when it was."""
    sizes = sys.argv[1:] or ["S", "M", "L"]
    if unknown := [size for size in sizes if size not in corpus.SIZES]:
        sys.exit(f"there is no corpus {unknown[0]}; there are {', '.join(corpus.SIZES)}")
    rows = []
    for size in sizes:
        rows.append(measured(size))
        print(f"measured {size}", file=sys.stderr)
    written = report(rows)
    print(written, end="")
    REPORT.parent.mkdir(exist_ok=True)
    REPORT.write_text(written)


def _exponent(rows: Sequence[Row]) -> float:
    """The slope of the line through the points (log commits, log seconds)."""
    across = [math.log(row.truth["commits"]) for row in rows]
    up = [math.log(row.audit) for row in rows]
    middle, height = sum(across) / len(rows), sum(up) / len(rows)
    spread = sum((x - middle) ** 2 for x in across)
    return sum((x - middle) * (y - height) for x, y in zip(across, up, strict=True)) / spread if spread else math.nan


def _table(rows: Sequence[Sequence[str]]) -> str:
    widths = [max(len(cell) for cell in column) for column in zip(*rows, strict=True)]
    lines = ["  ".join([row[0].ljust(widths[0]), *map(str.rjust, row[1:], widths[1:])]) for row in rows]
    return "".join(f"{line}\n" for line in lines)


def _seconds(command: Sequence[str]) -> float:
    start = time.perf_counter()
    subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
    return time.perf_counter() - start


def _output(command: Sequence[str]) -> str:
    return subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder


if __name__ == "__main__":
    main()
