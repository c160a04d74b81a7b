"""Going on from what was walked finds what walking from the beginning finds, or says that it can't."""

from __future__ import annotations

import random
import tempfile
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
import training_scenes as scenes
from forgeries.court import PATH
from hypothesis import given
from programme import NOW, POLICY, Programme, document, entry, key, path, people

from model import clock
from model.histories import histories, stamped_histories, written
from model.rows import History
from model.test_model import CHECKED
from qmdoc import audit
from qmdoc.git import Repository
from qmdoc.model import Meaning
from qmdoc.signing import sshsig


def agrees(p: Programme, chance: random.Random | None, described: str, seen: set[str] | None = None) -> None:
    """Audits at mainline commits one after the other, each from the one before: at some, or where nobody chooses at all."""
    with tempfile.TemporaryDirectory() as folder:
        place = p.repository(Path(folder, "r"), is_bare=True)
        with Repository(place, PATH) as repository, Repository(place, PATH) as other:
            whole = repository.read("main")
            line = whole.first_parents[whole.first_parents.index(p.root) :]
            some = chance.sample(line, chance.randint(0, len(line))) if chance else line
            stops = sorted({*some, line[0], line[-1]}, key=line.index)
            known, last = audit.Known(), None
            for stop in stops:
                request = audit.Request(place, NOW, PATH, trust_root=p.root, last=last, revision=stop)
                found = audit.go_on(replace(request, known=known), stop) if last else None
                if found is None:
                    known = audit.Known()
                    found = audit.read(repository, replace(request, known=known))
                fresh = audit.read(other, request)
                assert known.stage, described
                history, read = known.stage.history, other.read(stop)
                assert (history.tip, history.commits, history.changes) == (read.tip, read.commits, read.changes), (
                    described
                )
                assert found.register.ledger == fresh.register.ledger, described
                assert found.register == fresh.register, described
                assert found.findings == fresh.findings, described
                last = stop, p.root
                if seen is not None:
                    seen |= {each.check for each in fresh.findings}


@CHECKED
@given(histories())
def test_going_on_finds_the_same(history: History) -> None:
    p, ids = written(history)
    agrees(p, random.Random(len(ids)), str(history))


@pytest.mark.skipif(not clock.is_there(), reason="openssl is not installed: nothing stamps here (CI has it)")
@CHECKED
@given(stamped_histories())
def test_going_on_finds_the_same_where_time_is_stamped(history: History) -> None:
    p, ids = written(history)
    agrees(p, random.Random(len(ids)), str(history))


def catalogue(*clauses: str) -> str:
    rows = "".join(f'  - {{id: {each}, title: "Clause {each}", confidence: recalled}}\n' for each in clauses)
    return f'id: own\ntitle: Own\nedition: "1"\npublisher: Nobody\nclauses:\n{rows}'


def staff(*rows: str) -> str:
    return "\n".join(["id,name,email,roles,sites,from,to", *rows, ""])


FURTHER = scenes.FILE.replace("ward", "further")


def signed_by(who: str) -> Callable[[bytes], bytes]:
    return lambda payload: sshsig.sign(key(who), payload, namespace="git")


def test_what_records_catalogues_and_charts_say_is_gone_on_with() -> None:
    p = scenes.programme(policy=POLICY.replace("standards: []", "standards: [own]"), standards="{own: [A1, A2]}")
    nurse = "n.nurse,N. Nurse,n.nurse@programme.example,{},,2026-01-01,".format
    flow = "sops/quality/QM-001/flow"
    steps: list[dict[str, str | None]] = [
        {"sops/standards/own.yaml": catalogue("A1", "A2", "A3")},
        {"records/staff.csv": staff(nurse("ward-nurse"))},
        {scenes.FILE: f"{scenes.HEAD}\n{scenes.line(p)}\n", scenes.SCAN_PATH: scenes.SCAN.decode()},
        {scenes.FILE: f"{scenes.HEAD}\n{scenes.line(p)}\n{scenes.line(p, date='2026-01-21')}\n"},
        {scenes.FILE: f"{scenes.HEAD}\n{scenes.line(p)}\n{scenes.line(p)}\n"},
        {scenes.FILE.replace("ward", "clinic"): f"{scenes.HEAD}\n{scenes.line(p)}\n", scenes.FILE: None},
        {"records/staff.csv": staff(nurse("physician"))},
        {"sops/standards/own.yaml": catalogue("A1", "A3")},
        {"sops/standards/own.yaml": None},
        {"sops/standards/own.yaml": catalogue("A1")},
        {f"{flow}.dot": "digraph {}", f"{flow}.svg": "<svg onload='x'/>"},
        {f"{flow}.svg": "<svg/>"},
        {path("QM-002"): document("QM-002", standards="{own: [A1]}", change="minor", body="See [it](QM-001).\n")},
        {"records/staff.csv": None, f"{flow}.svg": None},
    ]
    seen: set[str] = set()
    for number, files in enumerate(steps):
        p.commit(("q.manager", "w.writer")[number % 2], files, at=scenes.at(2, 1 + number))
        if number == 4:  # somebody who is in no authority yet enters a record, signed
            p.commit(
                "c.clerk", {FURTHER: f"{scenes.HEAD}\n{scenes.line(p, date='2026-01-22')}\n"}, sign=signed_by("c.clerk")
            )
        if number == 12:
            p.approve("QM-002")
    p.change_authority(people=people({"c.clerk": entry("c.clerk", "Clerk", [])}))
    agrees(p, None, "", seen)
    assert seen >= {
        "clause-removed",
        "clause-recalled",
        "unknown-clause",
        "unknown-standard",
        "chart-outdated",
        "unsafe-markup",
    }
    assert seen >= {"training-missing", "unreadable-training", "changed-after-approval", "attestation-unproved"}


def test_what_came_back_as_it_was_is_judged_by_what_happened_meanwhile() -> None:
    p = Programme()
    p.commit("w.writer", {path(): document()})
    p.approve("QM-001")
    reading = document("QM-002", body="## Purpose\n\nSee [it](QM-001).\n")
    for minute, what in enumerate((reading, None, "", reading)):
        when = scenes.at(2, 1) + timedelta(minutes=minute)
        if what == "":
            p.sign("q.manager", "QM-001", role="quality-manager", meaning=Meaning.WITHDRAW, at=when)
        else:
            p.commit("w.writer", {path("QM-002"): what}, at=when)
    seen: set[str] = set()
    agrees(p, None, "", seen)
    assert "broken-reference" in seen


@pytest.mark.parametrize(
    "modes", [("100664",), ("100664", "100644"), ("100755",), ("100755", "100664"), ("120000", "100644")]
)
def test_modes_that_git_shows_as_others_are_read_as_at_first(modes: tuple[str, ...]) -> None:
    p = Programme()
    p.commit("w.writer", {path(): document(), path("QM-002"): document("QM-002")})
    for minute, mode in enumerate(modes):
        p.commit("w.writer", {path(): document()}, modes={path(): mode}, at=scenes.at(2, 1) + timedelta(minutes=minute))
        p.commit("w.writer", {path("QM-002"): document("QM-002")}, at=scenes.at(2, 2) + timedelta(minutes=minute))
    p.sign("q.manager", "QM-001", role="quality-manager", at=scenes.at(2, 3))
    agrees(p, None, "")
