"""A small programme in a real repository, the commands that write, and what must be true of it whatever happened.

QM-001 is in force and asks for training, QM-002 waits for two signatures; a time stamp over the end of `main` lies ready.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import stamping
from programme import Programme, document, path
from test_sign import settings

QMDOC = str(Path(sys.executable).parent / "qmdoc")
OUTPUTS = ("manual", "forms", "binder")
WRITTEN = {"build": ("manual",), "binder": OUTPUTS, "audit-ready": OUTPUTS}
DAYS = ("2026-11-20", "2026-11-21")  # two different answers, so that an old output is told from a new one
Done = subprocess.CompletedProcess[str]
Contents = dict[str, bytes]


@dataclass
class Scene:
    """The repository, its people's own git settings, and where its branch stood at first."""

    place: Path
    home: Path
    trust_root: str
    start: str
    prefix: tuple[str, ...] = ()
    who: dict[str, Path] = field(default_factory=dict)
    extra: dict[str, str] = field(default_factory=dict)

    def command(self, name: str, *, day: str = DAYS[0]) -> list[str]:
        """The words of one of the commands that write."""
        words = {
            "sign": ["sign", "QM-002", "--yes"],
            "anchor": ["anchor", "--token", str(self.home / "token.tsr")],
            "check": ["check", "--format", "json"],
        }
        return [QMDOC, *words.get(name, [name, "--as-of", day])]

    def environment(self, person: str = "q.manager") -> dict[str, str]:
        """What the command's own environment is, with the person's key."""
        clean = {name: value for name, value in os.environ.items() if not name.startswith(("GIT_", "QMDOC_"))}
        own = {
            "HOME": str(self.home),
            "GIT_CONFIG_GLOBAL": str(self.who[person]),
            "GIT_CONFIG_NOSYSTEM": "1",
            "QMDOC_TRUST_ROOT": self.trust_root,
        }
        return clean | own | self.extra

    def start_process(self, words: Sequence[str], *, person: str = "q.manager", **how: object) -> subprocess.Popen[str]:
        """A command under way, leader of a process group of its own."""
        return subprocess.Popen(
            [*self.prefix, *words],
            cwd=self.place,
            env=self.environment(person),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
            **how,  # type: ignore[call-overload]
        )

    def run(self, words: Sequence[str], *, person: str = "q.manager", **how: object) -> Done:
        """A command from its beginning to its end."""
        process = self.start_process(words, person=person, **how)
        said, complained = process.communicate()
        return subprocess.CompletedProcess(list(words), process.returncode, said, complained)

    def git(self, *words: str) -> str:
        """What git prints. Raises CalledProcessError."""
        return subprocess.run(
            [*self.prefix, "git", *words],
            cwd=self.place,
            env=self.environment(),
            capture_output=True,
            text=True,
            check=True,
        ).stdout.strip()

    def reset(self) -> None:
        """Puts branch, index and work tree back to where they stood at first; the outputs stay."""
        for lock in self.locks():
            lock.unlink()
        self.git("reset", "--quiet", "--hard", self.start)

    def locks(self) -> list[Path]:
        """The locks that git has left or holds."""
        return sorted((self.place / ".git").rglob("*.lock"))

    def head(self) -> str:
        """The commit that is checked out."""
        return self.git("rev-parse", "HEAD")

    def outputs(self) -> dict[str, Contents]:
        """The files of each output; none where it is absent."""
        return {name: contents(self.place / "build" / name) for name in OUTPUTS}

    def is_sound(self) -> list[str]:
        """What git says is wrong with the repository; objects that no branch names are no fault."""
        done = subprocess.run(
            [*self.prefix, "git", "fsck", "--strict", "--no-dangling"],
            cwd=self.place,
            env=self.environment(),
            capture_output=True,
            text=True,
            check=False,
        )
        lines = (done.stdout + done.stderr).splitlines()
        return [f"git fsck: {line}" for line in lines] or (
            [f"git fsck ended with {done.returncode}"] if done.returncode else []
        )

    def answer(self) -> dict[str, list[dict[str, object]]]:
        """What `qmdoc check` answers."""
        done = self.run(self.command("check"))
        found: dict[str, list[dict[str, object]]] = json.loads(done.stdout)
        assert done.returncode in (0, 1), done
        return found

    def signers(self, number: str) -> list[tuple[object, object]]:
        """Who signed a document, and whether it counts."""
        return [
            (row["signer"], row["accepted"])
            for row in self.answer()["sign_offs"]
            if any(str(subject).startswith(number) for subject in row["subjects"])  # type: ignore[attr-defined]
        ]


def make(folder: Path) -> Scene:
    """A new scene in a folder."""
    home = folder / "home"
    (home / "tsa").mkdir(parents=True)
    tsa = stamping.Tsa(home / "tsa")
    made = Programme(policy=stamping.policy(tsa.listed()))
    training = "{roles: [ward-nurse], kind: read-and-understood, within: 3650}"
    made.commit("w.writer", {path(): document(body="## Purpose\n\nGive 5 mg.\n", training=training)})
    made.approve("QM-001")
    made.commit("w.writer", {path("QM-002"): document("QM-002")})
    (home / "token.tsr").write_bytes(tsa.token(made.chronicle.objects[made.tips["main"]][1]))
    scene = Scene(made.repository(folder / "p"), home, made.root, made.tips["main"])
    scene.who = {person: settings(home, person) for person in ("q.manager", "m.director")}
    return scene


def contents(folder: Path) -> Contents:
    """Every file below a folder, by its path there."""
    return {
        file.relative_to(folder).as_posix(): file.read_bytes() for file in sorted(folder.rglob("*")) if file.is_file()
    }


def one_sentence(done: Done) -> list[str]:
    """What is wrong with how a command refused: it says one line, what and what to do, and ends with 2."""
    wrong = []
    if done.returncode != 2:
        wrong.append(f"ended with {done.returncode}")
    if done.stderr.count("\n") != 1 or "Traceback" in done.stderr + done.stdout:
        wrong.append("said more or less than one line")
    if "fault in qmdoc" in done.stderr:
        wrong.append("called it a fault in qmdoc")
    if not wrong and ";" not in done.stderr:
        wrong.append("said no remedy")
    return [f"{' '.join(done.args[1:])}: {each}: {done.stderr!r}" for each in wrong]


def unchanged(
    before: Mapping[str, Contents], after: Mapping[str, Contents], right: Mapping[str, Contents]
) -> list[str]:
    """Which outputs are neither as before, nor absent, nor complete and right."""
    return [f"build/{name} is half-written" for name in before if after[name] not in ({}, before[name], right[name])]
