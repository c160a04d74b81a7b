"""`python -m fuzz --seconds N [target ...]`: with atheris where it is installed, and with Hypothesis otherwise."""

from __future__ import annotations

import argparse
import importlib.util
import os
import re
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HAS_ATHERIS = importlib.util.find_spec("atheris") is not None
MEMORY = 2048  # MiB that a target may take
NAMES = (
    "statement",
    "signature",
    "key",
    "commit",
    "document",
    "standard",
    "oscal",
    "authority",
    "markup",
    "staff",
    "token",
    "portable",
    "approvals",
    "review",
    "yaml",
)


def main() -> int:
    """Runs each target in a process of its own; 1 when one broke."""
    parser = argparse.ArgumentParser(prog="python -m fuzz", description=__doc__)
    parser.add_argument("--seconds", type=float, default=60, help="for all targets together")
    parser.add_argument(
        "--engine", choices=("atheris", "hypothesis"), default="atheris" if HAS_ATHERIS else "hypothesis"
    )
    parser.add_argument("--alone", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("targets", nargs="*", metavar="target", help=f"one of {', '.join(NAMES)}; all when left out")
    asked = parser.parse_args()
    if unknown := set(asked.targets) - set(NAMES):
        parser.error(f"no target {', '.join(sorted(unknown))}")
    if asked.alone:
        return _alone(asked.targets[0], asked.engine, asked.seconds)
    names = asked.targets or NAMES
    broken = [name for name in names if not _apart(name, asked.engine, asked.seconds / len(names))]
    return 1 if broken else 0


def _apart(name: str, engine: str, seconds: float) -> bool:
    command = [sys.executable, "-m", "fuzz", "--alone", "--engine", engine, "--seconds", str(seconds), name]
    done = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False)
    said = done.stdout + done.stderr
    found = re.search(r"(?:stat::number_of_executed_units:|executions:)\s*(\d+)", said)
    print(
        f"{name:10} {engine}: {found[1] if found else '?':>8} executions{'' if done.returncode == 0 else ', BROKEN'}",
        flush=True,
    )
    if done.returncode:
        print(said[-6000:])
    return done.returncode == 0


def _alone(name: str, engine: str, seconds: float) -> int:
    if engine == "hypothesis":
        return _hypothesis(name, seconds)
    return _atheris(name, seconds)


def _hypothesis(name: str, seconds: float) -> int:
    from fuzz import mutants, targets

    end, count = time.monotonic() + seconds, 0
    number = int.from_bytes(os.urandom(4))
    while time.monotonic() < end:
        count += mutants.run(targets.target(name), examples=200, number=number + count)
    print(f"executions: {count}")
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss < MEMORY * 1024
    return 0


def _atheris(name: str, seconds: float) -> int:
    import atheris

    with atheris.instrument_imports(include=["qmdoc", "markdown_it", "mdit_py_plugins", "csv", "yaml"]):
        from fuzz import targets
    target = targets.target(name)
    with tempfile.TemporaryDirectory() as folder:
        for number, seed in enumerate(target.seeds()):
            Path(folder, str(number)).write_bytes(seed[: target.most])
        words = Path(folder).with_suffix(".dict")
        words.write_text("".join('"' + "".join(f"\\x{byte:02x}" for byte in token) + '"\n' for token in targets.TOKENS))
        limits = [
            f"-max_total_time={max(1, int(seconds))}",
            f"-max_len={target.most}",
            f"-timeout={targets.SECONDS:.0f}",
            f"-rss_limit_mb={MEMORY}",
        ]
        atheris.Setup(
            [
                sys.argv[0],
                *limits,
                "-print_final_stats=1",
                f"-dict={words}",
                f"-artifact_prefix={tempfile.gettempdir()}/qmdoc-fuzz-{name}-",
                folder,
            ],
            target.check,
        )
        atheris.Fuzz()
    return 0


if __name__ == "__main__":
    sys.exit(main())
