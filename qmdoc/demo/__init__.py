"""The demonstration: a programme that does not exist, with some two years of history that ends yesterday.

It is written as real git objects by the product's own grammar and signatures, and audited like any programme. The same
day and the same library give the same commits on every machine.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from qmdoc import git
from qmdoc.demo import faults, texts, visitors
from qmdoc.demo.faults import Fault
from qmdoc.demo.history import Calendar
from qmdoc.demo.play import Play
from qmdoc.errors import OutputFailed

__all__ = ["Demo", "Fault", "make"]


@dataclass(frozen=True, slots=True)
class Demo:
    """A demonstration repository: where it is, what to trust, and the settings for acting as one of its people.

    `people` has a folder for each person with a key (`key`, `key.pub`, `gitconfig`); `faults` are those planted.
    """

    repository: Path
    trust_root: str
    tip: str
    people: Path
    first_day: date
    last_day: date
    commits: int
    faults: tuple[Fault, ...] = ()

    def at(self, folder: Path) -> Demo:
        """The same, its folder moved."""
        return replace(self, repository=folder, people=folder / visitors.FOLDER)


def make(
    folder: Path, *, library: Path, today: date, is_broken: bool = False, environment: Mapping[str, str] | None = None
) -> Demo:
    """Writes the demonstration's repository into a folder that is empty or not there yet.

    `library` holds `sops/` and `templates/`. Raises OutputFailed, GitFailed.
    """
    if folder.exists() and any(folder.iterdir()):
        raise OutputFailed(f"{folder} is not empty", fix="name a new folder for the demonstration")
    play = Play(texts.read(library), Calendar(today), is_broken)
    history = play.run((lambda written: faults.plant(written, play.library)) if is_broken else None)
    tip = history.tips["main"]
    folder.mkdir(parents=True, exist_ok=True)
    git.create(folder, history.chronicle.pack(), tip, os.environ if environment is None else environment)
    return Demo(
        repository=folder,
        trust_root=play.trust_root,
        tip=tip,
        people=visitors.write(folder, play.trust_root),
        first_day=play.turns.days[0],
        last_day=history.clock.date(),
        commits=sum(kind == b"commit" for kind, _ in history.chronicle.objects.values()),
        faults=faults.ALL if is_broken else (),
    )
