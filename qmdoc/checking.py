"""What a person asks with `qmdoc check`, and the answer where it is known: loading this costs next to nothing."""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from typing import NamedTuple

from qmdoc import cache, standby
from qmdoc.cache import Answer, Question


class Wished(NamedTuple):
    """What is asked of a check, but for the moment."""

    repository: Path
    trust_root: str | None
    form: str
    is_strict: bool
    as_of: date | None = None
    descends_from: str | None = None

    @property
    def words(self) -> dict[str, str]:
        """The same in words, as answers are kept by; the repository and the trust root are not among them."""
        return {
            "as of": str(self.as_of),
            "strict": str(self.is_strict),
            "format": self.form,
            "descends from": str(self.descends_from),
        }

    @classmethod
    def of(cls, repository: Path, said: Mapping[str, str]) -> Wished:
        """What was said in words, of a repository."""
        descends_from = None if said["descends from"] == "None" else said["descends from"]
        return cls(
            repository, said["trust root"] or None, said["format"], said["strict"] == "True", None, descends_from
        )

    def question(self, environment: Mapping[str, str], now: datetime) -> Question | None:
        """The question as it stands at a moment (`cache.question`)."""
        return cache.question(self.repository, environment, now, trust_root=self.trust_root, options=self.words)


def known(wished: Wished, now: datetime) -> Answer | None:
    """The answer by a process that stands by, or the one that was given before to the very same question."""
    said = {"now": now.isoformat(), "trust root": wished.trust_root or "", **wished.words}
    if wished.as_of is None and (found := standby.ask(wished.repository, os.environ, said)):
        return found
    asked = wished.question(os.environ, now)
    return cache.recall(asked) if asked else None
