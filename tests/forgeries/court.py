"""What the forgery tests ask of an audit: what is in force, what is missing, which code a sign-off was refused with."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from programme import NOW, Programme, document, path

from qmdoc import audit as use_cases
from qmdoc.errors import QmdocError
from qmdoc.git import Repository
from qmdoc.register import Audit
from qmdoc.signing.acceptance import SignOff

PATH = {"PATH": os.environ["PATH"]}
DOC = path("QM-001")
PEOPLE_FILE, POLICY_FILE = "sops/authority/people.yaml", "sops/authority/policy.yaml"


def day(text: str, hour: int = 9, minute: int = 0) -> datetime:
    """A moment on a day, UTC."""
    return datetime.combine(date.fromisoformat(text), datetime.min.time(), UTC).replace(hour=hour, minute=minute)


def written(*numbers: str, **keys: str) -> Programme:
    """A programme with these documents, written and not signed."""
    p = Programme()
    p.commit("w.writer", {path(number): document(number, **keys) for number in numbers or ("QM-001",)})
    return p


def approved(*numbers: str) -> Programme:
    """A programme with these documents in force, version 1.0."""
    p = written(*numbers)
    p.approve(*(numbers or ("QM-001",)))
    return p


def audit(p: Programme, folder: Path, *, is_bare: bool = False, environment: Mapping[str, str] | None = None, trust_root: str | None = "root",
          as_of: date | None = None, now: datetime = NOW, descends_from: str | None = None, goes_on: bool = True) -> Audit:  # fmt: skip
    """The audit of the repository in `folder`, made from the programme where there is none.

    `goes_on`: what is found by going on, commit by commit, must be the same.
    """
    folder.mkdir(exist_ok=True)
    place = folder / "r" if (folder / "r").exists() else p.repository(folder / "r", is_bare=is_bare)
    pinned = p.root if trust_root == "root" else trust_root
    request = use_cases.Request(
        place, now, environment or PATH, as_of=as_of, trust_root=pinned, descends_from=descends_from
    )
    found = use_cases.audit(request)
    if as_of is None and pinned and goes_on:
        _goes_on_alike(request, found)
    return found


def _goes_on_alike(request: use_cases.Request, found: Audit) -> None:
    """Going on from each mainline commit to the next ends where walking all of it at once does."""
    known, history = use_cases.Known(), found.register.ledger.landings
    with Repository(request.repository, request.environment) as repository:
        for number, landing in enumerate(history):
            asked = replace(request, known=known, revision=landing.commit, descends_from=None)
            gone_on = use_cases.go_on(asked, landing.commit) if number else None
            if gone_on is None:
                known = use_cases.Known()
                gone_on = use_cases.read(repository, replace(asked, known=known))
    if history:
        assert gone_on.register.ledger == found.register.ledger
        same = {"work_tree": (), "lost_tip": None}
        assert replace(gone_on.register, **same) == replace(found.register, **same)
        of_the_day = ("work-tree-differs", "history-rewritten")
        assert [each for each in gone_on.findings if each.check not in of_the_day] == [
            each for each in found.findings if each.check not in of_the_day
        ]


def in_force(a: Audit, number: str = "QM-001") -> str | None:
    """The version that staff follow."""
    state = a.register.state(number)
    return str(state.effective.version) if state and state.effective else None


def missing(a: Audit, number: str = "QM-001") -> list[str]:
    """The empty seats of what main proposes."""
    state = a.register.state(number)
    assert state and state.proposed, f"main proposes nothing for {number}"
    return [str(seat) for seat in state.proposed.empty_seats]


def obstacles(a: Audit, number: str = "QM-001") -> str:
    """What bars the proposal whatever is signed."""
    state = a.register.state(number)
    assert state and state.proposed, f"main proposes nothing for {number}"
    return "; ".join(state.proposed.obstacles)


def irregularities(a: Audit) -> set[str]:
    """What only the walk can see."""
    return {row.check for row in a.register.ledger.irregularities}


def sign_off(a: Audit, commit: str) -> SignOff:
    """The row of one sign-off commit."""
    return next(row for row in a.register.sign_offs if row.commit == commit)


def accepted(a: Audit, *commits: str) -> None:
    """These sign-offs count."""
    for commit in commits:
        row = sign_off(a, commit)
        assert row.is_accepted, (row.code, row.explanation)


def refused(a: Audit, commit: str, code: str, *, says: str = "") -> None:
    """This sign-off does not count, for this reason, and the words tell a quality manager what to do."""
    row = sign_off(a, commit)
    assert row.code == code, (row.code, row.explanation)
    assert not row.is_accepted
    _plain(row.explanation, row.fix)
    assert says in row.explanation


def stopped(p: Programme, folder: Path, *codes: str, is_bare: bool = False, environment: Mapping[str, str] | None = None, trust_root: str | None = "root",
            says: str = "") -> None:  # fmt: skip
    """The audit does not answer, and says why in one plain sentence: an error is never `nothing found`."""
    with pytest.raises(QmdocError) as caught:
        audit(p, folder, is_bare=is_bare, environment=environment, trust_root=trust_root)
    assert caught.value.code in codes, (caught.value.code, caught.value.message)
    _plain(caught.value.message, caught.value.fix)
    assert says in caught.value.message


def _plain(*sentences: str) -> None:
    for sentence in sentences:
        assert len(sentence.split()) >= 3, sentence
        assert "\n" not in sentence
        assert not any(word in sentence for word in ("Traceback", "Error:", " object at 0x", "None")), sentence


def git(folder: Path, *words: str, given: bytes | None = None, **environment: str) -> str:
    """Stock git, where the attack needs it."""
    base = {"PATH": os.environ["PATH"], "HOME": str(folder), "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1", "GIT_AUTHOR_NAME": "M", "GIT_COMMITTER_NAME": "M",
            "GIT_AUTHOR_EMAIL": "w.writer@programme.example", "GIT_COMMITTER_EMAIL": "w.writer@programme.example"}  # fmt: skip
    done = subprocess.run(
        ["git", "-C", str(folder), *words], input=given, env=base | environment, capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout.decode("utf-8", "replace").strip()


def raw_commit(p: Programme, tree: dict[str, tuple[str, str]] | str, message: bytes = b"edit\n", *, branch: str = "main", headers: bytes | None = None,
               parents: tuple[str, ...] | None = None, extra: bytes = b"") -> str:  # fmt: skip
    """A commit of exactly these bytes at the end of a branch; `tree` is a tree's id, or files by path with mode and id."""
    parents = (p.tips[branch],) if parents is None else parents
    root = tree if isinstance(tree, str) else p.chronicle.tree(tree)
    stamp = f"Procedure Writer <w.writer@programme.example> {int(p.clock.timestamp()) + 1800} +0000".encode()
    head = b"tree %s\n" % root.encode() + b"".join(b"parent %s\n" % parent.encode() for parent in parents)
    head += headers if headers is not None else b"author %s\ncommitter %s\n" % (stamp, stamp)
    made = p.chronicle.add(b"commit", head + extra + b"\n" + message)
    p.trees[made] = dict(tree) if not isinstance(tree, str) else dict(p.trees[parents[0]])
    p.tips[branch], p.times[made] = made, int(p.clock.timestamp()) + 1800
    return made
