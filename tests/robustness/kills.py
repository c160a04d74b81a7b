"""Kills a command and all its children at a moment drawn at random, and asks what a person would find afterwards."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field

from robustness import scene
from robustness.scene import DAYS, WRITTEN, Contents, Done, Scene

COMMANDS = ("sign", "anchor", "build", "binder", "audit-ready")
SAYS_DONE = {"sign": "has signed QM-002 1.0 already", "anchor": "has a time stamp already"}


@dataclass
class Killed:
    """One kill: the command, the moment, what was found (in a few words), and what is broken; nothing, if all is well."""

    command: str
    moment: float
    found: str = ""
    broken: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        """One line for the person who runs this."""
        return f"{self.command} killed after {self.moment:.3f} s: {self.found}"


class Killer:
    """Kills one command after another in one repository; the same seed draws the same shares of their usual time."""

    def __init__(self, stage: Scene, seed: int) -> None:
        self.scene = stage
        self.random = random.Random(seed)
        self.usual: dict[str, float] = {}
        self.right: dict[str, dict[str, Contents]] = {}
        self.status: dict[str, int] = {}
        for day in DAYS:
            done = self._timed("audit-ready", day)
            self.status["audit-ready"] = done.returncode
            self.right[day] = stage.outputs()
            assert all(self.right[day].values()), done
        assert self._timed("sign", DAYS[0]).returncode == 0
        stage.reset()
        self.usual |= {
            "anchor": self.usual["sign"] * 1.1,
            "binder": self.usual["audit-ready"],
            "build": self.usual["audit-ready"],
        }

    def rounds(self, times: int) -> Iterator[Killed]:
        """So many kills, the commands in turn."""
        for number in range(times):
            command = COMMANDS[number % len(COMMANDS)]
            moment = self.random.uniform(0, self.usual[command])
            killed = Killed(command, moment)
            try:
                if command in WRITTEN:
                    last, now = WRITTEN[command][-1], self.scene.outputs()
                    self._output(killed, next(day for day in DAYS if self.right[day][last] != now[last]))
                else:
                    self._commit(killed)
                killed.broken += self.scene.is_sound()
                if left := self.scene.git("status", "--porcelain"):
                    killed.broken.append(f"after the next run the work tree is not as committed: {left}")
            except (subprocess.CalledProcessError, AssertionError, OSError, ValueError) as error:
                killed.broken.append(f"{type(error).__name__}: {error}")
            self.scene.reset()
            yield killed

    def _timed(self, command: str, day: str) -> Done:
        begun = time.monotonic()
        done = self.scene.run(self.scene.command(command, day=day))
        self.usual[command] = time.monotonic() - begun
        return done

    def _kill(self, killed: Killed, words: list[str]) -> None:
        process = self.scene.start_process(words)
        time.sleep(killed.moment)
        end_group(process, signal.SIGKILL)
        killed.broken += self.scene.is_sound()

    def _output(self, killed: Killed, day: str) -> None:
        """An output: each folder is the old one, absent, or the new one; the next run makes the new one."""
        stage, before, right = self.scene, self.scene.outputs(), self.right[day]
        words = stage.command(killed.command, day=day)
        self._kill(killed, words)
        after = stage.outputs()
        killed.broken += scene.unchanged(before, after, right)
        killed.found = ", ".join(
            f"{name} {_state(after[name], before[name], right[name])}" for name in WRITTEN[killed.command]
        )
        if stage.head() != stage.start:
            killed.broken.append("the branch moved")
        done = stage.run(words)
        if done.returncode not in (0, 1) or "Traceback" in done.stderr:
            killed.broken.append(f"the next run failed: {done.stderr}")
        made = stage.outputs()
        wrong = [
            name for name in scene.OUTPUTS if made[name] != (right if name in WRITTEN[killed.command] else after)[name]
        ]
        killed.broken += [f"the next run left build/{name} wrong" for name in wrong]
        left = sorted(
            place.name for place in (stage.place / "build").iterdir() if place.name.endswith((".new", ".part"))
        )
        killed.broken += [f"the next run left {name} behind" for name in left]

    def _commit(self, killed: Killed) -> None:
        """A commit: it landed whole or not at all; the next run lands it, or says that it is done, or which lock is in the way."""
        stage = self.scene
        words = stage.command(killed.command)
        self._kill(killed, words)
        locks = stage.locks()
        is_landed = stage.head() != stage.start
        killed.found = ("landed" if is_landed else "not landed") + "".join(f", {lock.name} left" for lock in locks)
        if is_landed:
            self._is_right(killed)
        done = self._again(killed, words)
        if is_landed:
            killed.broken += scene.one_sentence(done)
            if SAYS_DONE[killed.command] not in done.stderr:
                killed.broken.append(f"the next run does not say that it is done: {done.stderr}")
            done = self._again(
                killed, stage.command("sign"), person="m.director" if killed.command == "sign" else "q.manager"
            )
        else:
            self._is_right(killed)
        if done.returncode:
            killed.broken.append(f"the next run failed: {done.stderr}")

    def _again(self, killed: Killed, words: list[str], *, person: str = "q.manager") -> Done:
        """The next run; where it names a lock, as the sentence asks, without that."""
        done = self.scene.run(words, person=person)
        for _ in range(3):
            named = [lock for lock in self.scene.locks() if str(lock) in done.stderr]
            if not named:
                break
            killed.broken += scene.one_sentence(done)
            killed.found += f", then told to delete {named[0].name}"
            named[0].unlink()
            done = self.scene.run(words, person=person)
        return done

    def _is_right(self, killed: Killed) -> None:
        """Exactly one commit was added, and it says what it should."""
        stage = self.scene
        if stage.git("rev-list", f"{stage.start}..HEAD").count("\n") or stage.git("rev-parse", "HEAD^") != stage.start:
            killed.broken.append("more or other than one commit was added")
        if killed.command == "sign" and stage.signers("QM-002") != [("q.manager", True)]:
            killed.broken.append(f"the sign-off is not accepted: {stage.signers('QM-002')}")
        if killed.command == "anchor":
            added = stage.git("diff", "--name-status", stage.start, "HEAD")
            if added != f"A\trecords/anchors/{stage.start}.tsr" or stage.answer()["findings"] is None:
                killed.broken.append(f"the anchor is not what was committed: {added}")


def end_group(process: subprocess.Popen[str], number: signal.Signals) -> None:
    """Sends a signal to a command and its children, and waits until none of them runs any more."""
    with suppress(ProcessLookupError):  # it had ended before
        os.killpg(process.pid, number)
    process.communicate()
    ends = time.monotonic() + 10
    while members(process.pid):
        assert time.monotonic() < ends, f"children are still running: {members(process.pid)}"
        time.sleep(0.01)


def members(group: int) -> list[str]:
    """The processes of a group that still run; one that has ended and waits for its parent is none."""
    listed = subprocess.run(["ps", "-axo", "pgid=,stat=,args="], capture_output=True, text=True, check=True).stdout
    rows = (line.split(None, 2) for line in listed.splitlines())
    return [row[-1] for row in rows if row[0] == str(group) and not row[1].startswith("Z")]


def summary(all_killed: list[Killed]) -> list[str]:
    """How many kills of each command found what."""
    counted = Counter((killed.command, killed.found) for killed in all_killed)
    lines = []
    for command in COMMANDS:
        rows = [(found, count) for (name, found), count in sorted(counted.items()) if name == command]
        lines.append(f"{command:12} {sum(count for _, count in rows):4} moments")
        lines += [f"    {count:4}  {found}" for found, count in rows]
    return lines


def _state(seen: Contents, before: Contents, right: Contents) -> str:
    if not seen:
        return "absent"
    return "new" if seen == right else "as before" if seen == before else "HALF-WRITTEN"
