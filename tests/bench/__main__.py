"""`make bench` (or `python -m bench S M`): a whole `qmdoc check` beside `git log --raw -z -m` of the same repository, as a ratio.

Each corpus is made with tests/programme.py: every approval signed, edits through merges. Times are the best of several
runs of a fresh process; memory is the largest resident size of the process and its children.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from programme import Programme, document, path

CORPORA = {"S": (50, 500), "M": (500, 10_000)}
RUNS = 5
_PEAK = "import resource,subprocess,sys; r=subprocess.run(sys.argv[1:],stdout=subprocess.DEVNULL); u=resource.getrusage(resource.RUSAGE_CHILDREN); print(u.ru_maxrss//1024, r.returncode)"


def corpus(documents: int, commits: int) -> Programme:
    """A programme of so many documents and so many commits: versions written on branches, merged, and approved twice."""
    programme = Programme(clock=datetime(2026, 11, 20, 9, tzinfo=UTC) - timedelta(hours=commits))
    made, version = 1, 0
    while made + 4 <= commits:
        number = f"QM-{1 + version % documents:03d}"
        text = document(
            number, f"1.{version // documents}", body="## Purpose\n\n" + f"Text of version {version}.\n" * 40
        )
        programme.branch("work")
        programme.commit("w.writer", {path(number): text}, branch="work")
        programme.merge("w.writer", "work")
        programme.approve(number)
        made, version = made + 4, version + 1
    while made < commits:
        programme.commit("a.admin", {"records/log.csv": f"entry\n{made}\n"})
        made += 1
    return programme


def best(command: list[str], environment: dict[str, str]) -> float:
    """Seconds of the fastest of several runs."""
    times = []
    for _ in range(RUNS):
        start = time.perf_counter()
        done = subprocess.run(command, stdout=subprocess.DEVNULL, env=environment, check=False)
        assert done.returncode in (0, 1), "it could not do its work, so its time means nothing"
        times.append(time.perf_counter() - start)
    return min(times)


def peak(command: list[str], environment: dict[str, str]) -> int:
    """Peak resident memory in MiB."""
    shown = subprocess.run(
        [sys.executable, "-c", _PEAK, *command], env=environment, capture_output=True, text=True, check=True
    ).stdout
    return int(shown.split()[0])


def main() -> None:
    """Prints the table."""
    print(
        f"{'corpus':<8}{'documents':>10}{'commits':>9}{'git log':>10}{'check':>10}{'ratio':>9}{'git MiB':>9}{'check MiB':>10}"
    )
    for name in sys.argv[1:] or ["S"]:
        documents, commits = CORPORA[name]
        with tempfile.TemporaryDirectory() as folder:
            programme = corpus(documents, commits)
            repository = programme.repository(Path(folder) / "repository")
            environment = {**os.environ, "QMDOC_TRUST_ROOT": programme.root}
            log = ["git", "-C", str(repository), "log", "--raw", "-z", "-m"]
            check = [str(Path(sys.executable).parent / "qmdoc"), "check", "--repo", str(repository), "--format", "json"]
            git_time, check_time = best(log, environment), best(check, environment)
            row = f"{name:<8}{documents:>10}{commits:>9}{git_time:>9.3f}s{check_time:>9.3f}s{check_time / git_time:>8.2f}x"
            print(f"{row}{peak(log, environment):>9}{peak(check, environment):>10}")


if __name__ == "__main__":
    main()
