"""`python -m bench.parts REPOSITORY TRUST_ROOT`: one `qmdoc check`, timed part by part, as JSON (seconds and MiB).

It does what `qmdoc.audit.read` does, on the day of the last commit.
"""

import time

_START = time.perf_counter()

import json  # noqa: E402
import os  # noqa: E402
import resource  # noqa: E402
import sys  # noqa: E402
from pathlib import Path  # noqa: E402

from qmdoc import checks, collector, meanwhile, register, walk  # noqa: E402
from qmdoc.checks import _text  # noqa: E402
from qmdoc.git import Repository  # noqa: E402
from qmdoc.outputs import answers  # noqa: E402
from qmdoc.place import find  # noqa: E402
from qmdoc.register import Audit  # noqa: E402


def measure(place: Path, trust_root: str) -> dict[str, float]:
    """Seconds of each part, and the peak memory of a process, of the audit and of the whole."""
    marks = [("imports", time.perf_counter())]

    def done(part: str) -> None:
        marks.append((part, time.perf_counter()))

    with Repository(find(place), os.environ) as repository:
        with collector.paused():
            history = repository.compared("HEAD")
            done("history")
            now = history.commits[history.tip].committer.moment
            with meanwhile.hands(repository, os.environ, history) as hands:
                ledger = walk.ledger(history, repository, now=now, as_of=None, trust_root=trust_root, known=hands)
                done("ledger")
                hands.finish()
                done("proof")
        of_audit = max(_peaks())
        with collector.without_what_is_there():
            on_day = register.on(now.date(), ledger=ledger, objects=repository, work_tree=(), lost_tip=None)
            done("register")
            checks.read_texts(_text.judged(on_day))
            done("texts")
            found = Audit(on_day, checks.run(on_day, is_strict=False))
            done("checks")
        answers.json_text(found)
        done("answer")
    starts = [_START, *(moment for _, moment in marks)]
    seconds = {part: moment - start for (part, moment), start in zip(marks, starts, strict=False)}
    return {**seconds, "whole": marks[-1][1] - _START, "peak of audit": of_audit, "peak": max(_peaks())}


def _peaks() -> list[float]:
    """MiB of this process, and of the largest of those that it started and that have ended."""
    return [resource.getrusage(who).ru_maxrss / 1024 for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]


if __name__ == "__main__":
    print(json.dumps(measure(Path(sys.argv[1]), sys.argv[2])))
