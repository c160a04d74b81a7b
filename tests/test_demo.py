"""The demonstration is a real repository, ends yesterday, is ready, and shows each planted fault."""

from __future__ import annotations

import os
import re
import shutil
import stat
import subprocess
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from qmdoc import audit as use_cases
from qmdoc import coverage, demo, documents, git, register, training, walk
from qmdoc.demo import adoption, cast, faults, story, texts
from qmdoc.documents import Document
from qmdoc.errors import OutputFailed
from qmdoc.model import Meaning, Severity, Status
from qmdoc.register import Audit
from qmdoc.signing import authority
from qmdoc.signing.authority import Authority

LIBRARY = Path(__file__).parents[1]
TODAY = date(2026, 11, 22)
DAYS = (TODAY, date(2027, 3, 1), date(2028, 2, 29))
ENVIRONMENT = {"PATH": os.environ["PATH"]}
LOCAL = re.compile(r"\[\[local: ([^]]+)\]\]")


def made(folder: Path, today: date = TODAY, *, is_broken: bool = False) -> demo.Demo:
    return demo.make(folder, library=LIBRARY, today=today, is_broken=is_broken, environment=ENVIRONMENT)


def audited(written: demo.Demo, today: date = TODAY, *, as_of: date | None = None) -> Audit:
    now = datetime(today.year, today.month, today.day, 9, tzinfo=UTC)
    return use_cases.audit(
        use_cases.Request(written.repository, now, ENVIRONMENT, as_of=as_of, trust_root=written.trust_root)
    )


def run(folder: Path, *words: str, given: str = "", **settings: str) -> str:
    environment = ENVIRONMENT | {"HOME": str(folder), "GIT_CONFIG_NOSYSTEM": "1"} | settings
    done = subprocess.run(
        ["git", "-C", str(folder), *words], env=environment, input=given, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout + done.stderr


@pytest.fixture(scope="module")
def ready(tmp_path_factory: pytest.TempPathFactory) -> tuple[demo.Demo, Audit]:
    written = made(tmp_path_factory.mktemp("demo") / "ready")
    return written, audited(written)


@pytest.fixture(scope="module")
def broken(tmp_path_factory: pytest.TempPathFactory) -> tuple[demo.Demo, Audit]:
    written = made(tmp_path_factory.mktemp("demo") / "broken", is_broken=True)
    return written, audited(written)


@pytest.mark.parametrize("today", DAYS, ids=str)
def test_the_programme_is_ready_on_any_day(tmp_path: Path, today: date) -> None:
    written = made(tmp_path / "demo", today)
    found = audited(written, today)
    assert [finding for finding in found.findings if finding.severity is Severity.ERROR] == []
    warnings = sorted(
        (finding.check, finding.document) for finding in found.findings if finding.severity is Severity.WARNING
    )
    assert ("never-approved", "CLN-005") in warnings
    assert ("review-due-soon", "PRC-001") in warnings
    assert len(warnings) <= 6, warnings
    assert written.last_day == today - timedelta(days=1) == found.register.ledger.landings[-1].day
    assert written.first_day == found.register.ledger.landings[0].day <= today - timedelta(days=23 * 31)


def test_the_versions_in_force_are_those_of_the_story(ready: tuple[demo.Demo, Audit]) -> None:
    states = {state.id: state for state in ready[1].register.states}
    lives = adoption.lives(texts.read(LIBRARY))
    assert sorted(states) == sorted(life.id for life in lives)
    told = {life.id: [edition.version for edition in life.editions] for life in lives}
    for number, state in states.items():
        assert [str(period.version) for period in state.history] == [
            each
            for each in told[number]
            if (number, each) not in {("TEC-001", "1.1"), ("PHA-001", "2.1"), ("CLN-005", "1.0")}
        ], number
    assert {number for number, state in states.items() if state.status is not Status.EFFECTIVE} == set(
        story.NOT_IN_FORCE
    )
    assert states["PHA-002"].status is Status.WITHDRAWN
    assert states["CLN-005"].status is Status.DRAFT
    assert [str(each) for each in states["TEC-001"].proposed.empty_seats] == ["medical-director approval 0/1"]  # type: ignore[union-attr]
    assert str(states["PHA-001"].waiting.version) == "2.1"  # type: ignore[union-attr]
    assert sorted(number for number, state in states.items() if state.reviews) == sorted(
        review.id for review in adoption.reviews(texts.read(LIBRARY))
    )
    assert sum(len(state.history) > 1 for state in states.values()) >= 6


def test_what_is_in_force_is_the_library_filled_with_answers(ready: tuple[demo.Demo, Audit]) -> None:
    library = texts.read(LIBRARY)
    for state in ready[1].register.states:
        newest = state.on_main
        assert isinstance(newest, Document), state.id
        expected = documents.parse(library.paths[state.id], library.texts[state.id].encode())
        assert isinstance(expected, Document)
        assert newest.body == expected.body, state.id
        assert newest.front_matter.standards == expected.front_matter.standards
        assert texts.NOTICE in newest.body
        assert "[[local:" not in newest.body


def test_the_whole_library_is_in_force_but_for_the_two_of_the_story(ready: tuple[demo.Demo, Audit]) -> None:
    names = {number for path in (LIBRARY / "sops").rglob("*.md") if (number := documents.id_in_name(path.name))}
    assert len(names) >= 144
    assert not names & set(story.NOT_IN_FORCE), "these numbers belong to the demonstration"
    in_force = {state.id for state in ready[1].register.states if state.status is Status.EFFECTIVE}
    assert in_force == names
    signers = {
        (each.signer, each.role)
        for each in ready[1].register.sign_offs
        if each.is_accepted and each.meaning is Meaning.APPROVAL
    }
    assert {role for _, role in signers} == {"quality-manager", "medical-director"}


def test_every_question_of_the_library_is_answered_and_no_answer_is_left_over() -> None:
    places = [*(LIBRARY / "sops").rglob("*.md"), *(LIBRARY / texts.EXTRA).rglob("*.md")]
    asked = {question for path in places for question in LOCAL.findall(path.read_text(encoding="utf-8"))}
    lines = (LIBRARY / texts.ANSWERS).read_text(encoding="utf-8").splitlines()
    answered = [match[1] for line in lines if (match := re.match(r'"((?:[^"\\]|\\.)*)": ".+"$', line))]
    assert len(answered) == len(set(answered)) == len([line for line in lines if line and not line.startswith("#")])
    assert sorted(set(answered) - asked) == []
    assert sorted(asked - set(answered)) == []


def test_everybody_who_must_know_a_procedure_is_there() -> None:
    held = {role for person in (*cast.PEOPLE, *cast.READERS) for role in person.roles}
    library = texts.read(LIBRARY)
    for number, path in library.paths.items():
        found = documents.parse(path, library.texts[number].encode())
        assert isinstance(found, Document)
        assert found.owner in held, number
        assert set(found.front_matter.training.roles if found.front_matter.training else ()) <= held, number


def test_the_refused_sign_offs_are_the_two_of_the_story(ready: tuple[demo.Demo, Audit]) -> None:
    refused = [
        (each.code, str(each.subjects[0]), each.signer) for each in ready[1].register.sign_offs if not each.is_accepted
    ]
    assert refused == [("unsigned", "CLN-001 1.0", "m.director"), ("expired-key", "QM-003 1.1", "m.director")]
    severities = {finding.severity for finding in ready[1].findings if finding.check.startswith("sign-off-")}
    assert severities <= {Severity.NOTE}
    meanings = {each.meaning for each in ready[1].register.sign_offs if each.is_accepted}
    assert meanings == set(Meaning)
    assert {str(each.assurance) for each in ready[1].register.sign_offs if each.is_accepted} == {"recorded", "signed"}


def test_the_authority_changed_three_times_by_a_quorum(ready: tuple[demo.Demo, Audit]) -> None:
    periods = ready[1].register.ledger.authorities
    assert [len(period.sign_offs) for period in periods] == [0, 2, 2, 2]
    assert ready[1].register.ledger.pending is None
    assert ready[1].register.staff.faults == ()
    assert len(ready[1].register.staff.members) >= 12


def test_every_binding_clause_is_covered(ready: tuple[demo.Demo, Audit]) -> None:
    rows = {each.catalogue.id: each for each in coverage.of(ready[1].register)}
    binding = {name for name, row in rows.items() if row.asking}
    assert binding == set(ready[1].register.authority.policy.binding(()))
    assert binding >= {"fact-jacie-hct-8", "fact-iec-3", "us-21cfr1271", "us-21cfr11", "eu-soho-2024-1938"}
    assert set(ready[1].register.authority.policy.binding(()).values()) == {()}, "each is bound whole"
    assert [name for name, row in rows.items() if row.gaps] == []


def test_the_past_was_ready_too_since_the_first_procedures_were_approved(ready: tuple[demo.Demo, Audit]) -> None:
    written = ready[0]
    now = datetime(TODAY.year, TODAY.month, TODAY.day, 9, tzinfo=UTC)
    with git.Repository(written.repository, ENVIRONMENT) as repository:
        history = repository.read()
        for ago in range(600, 0, -170):
            day = TODAY - timedelta(days=ago)
            then = register.on(
                day,
                ledger=walk.ledger(history, repository, now=now, as_of=day, trust_root=written.trust_root),
                objects=repository,
            )
            late = [row for row in training.required(then) if row.standing.is_late]
            assert late == [], day
            assert [state.id for state in then.states if state.status is Status.REVIEW_OVERDUE] == [], day
    early = audited(written, as_of=TODAY - timedelta(days=640))
    assert early.has_errors


def test_some_training_is_open_and_none_is_late(ready: tuple[demo.Demo, Audit]) -> None:
    rows = training.required(ready[1].register)
    assert len(rows) > 100
    still_open = [row for row in rows if not row.is_met]
    assert {row.person for row in still_open} >= {"apheresis.nurse.1", "apheresis.nurse.2"}
    assert all(row.due > TODAY for row in still_open)


def test_each_planted_fault_is_found_and_nothing_else(broken: tuple[demo.Demo, Audit]) -> None:
    errors = [finding for finding in broken[1].findings if finding.severity is Severity.ERROR]
    assert broken[0].faults == faults.ALL
    assert len({fault.check for fault in faults.ALL}) == 6
    assert sorted((finding.check, finding.document) for finding in errors) == sorted(
        (fault.check, fault.document) for fault in faults.ALL
    )


def test_the_same_day_gives_the_same_commits(tmp_path: Path, ready: tuple[demo.Demo, Audit]) -> None:
    again = made(tmp_path / "again")
    assert (again.tip, again.trust_root) == (ready[0].tip, ready[0].trust_root)
    assert made(tmp_path / "later", DAYS[1]).tip != again.tip


def test_git_finds_nothing_wrong_and_the_signatures_good(ready: tuple[demo.Demo, Audit]) -> None:
    top = ready[0].repository
    assert (
        run(top, "fsck", "--strict", "--no-dangling").replace("notice: HEAD points to an unborn branch (main)\n", "")
        == ""
    )
    assert run(top, "status", "--porcelain") == ""
    assert run(top, "symbolic-ref", "HEAD") == "refs/heads/main\n"
    signed = next(each for each in reversed(ready[1].register.sign_offs) if each.meaning is Meaning.APPROVAL)
    said = run(
        top,
        "-c",
        "gpg.format=ssh",
        "-c",
        "gpg.ssh.allowedSignersFile=.git/demonstration-people/allowed_signers",
        "verify-commit",
        signed.commit,
    )
    assert 'Good "git" signature' in said


def test_commits_are_made_in_working_hours_and_most_documents_come_by_merges(ready: tuple[demo.Demo, Audit]) -> None:
    rows = run(ready[0].repository, "log", "--format=%ct %P").splitlines()
    assert all(7 <= datetime.fromtimestamp(int(row.split()[0]), UTC).hour < 19 for row in rows)
    merges = [row for row in rows if len(row.split()) == 3]
    assert len(merges) >= 30
    assert len(rows) == ready[0].commits


def test_no_private_key_is_in_the_history_and_the_keys_are_for_their_owner_only(ready: tuple[demo.Demo, Audit]) -> None:
    top = ready[0].repository
    names = run(top, "rev-list", "--objects", "--all")
    assert "demonstration-people" not in names
    contents = run(
        top,
        "cat-file",
        "--batch",
        given="".join(f"{row.split()[0]}\n" for row in names.splitlines() if row.endswith((".md", ".yaml", ".csv"))),
    )
    assert "PRIVATE KEY" not in contents
    assert "Demonstration" in (top / "README.md").read_text() or "demonstration" in (top / "README.md").read_text()
    for person in (each for each in (*cast.PEOPLE, *cast.READERS) if each.has_key and each.leaves is None):
        key = ready[0].people / person.id / "key"
        assert stat.S_IMODE(key.stat().st_mode) == 0o600
        public = subprocess.run(["ssh-keygen", "-y", "-f", str(key)], capture_output=True, text=True, check=True).stdout
        assert public.split()[:2] == (key.parent / "key.pub").read_text().split()[:2]


def test_a_visitor_can_act_as_the_medical_director_with_stock_git(
    tmp_path: Path, ready: tuple[demo.Demo, Audit]
) -> None:
    copy = tmp_path / "moved"
    shutil.copytree(ready[0].repository, copy)
    earlier = run(copy, "log", "-1", "--format=%B", "--author=q.manager@", "--grep=TEC-001 1.1: approval")
    authority_now = ready[1].register.authority.digest
    assert authority_now in earlier
    message = (
        earlier.replace("q.manager", "m.director")
        .replace("quality-manager", "medical-director")
        .replace("Quality Manager", "Medical Director")
    )
    message = re.sub(r"QM-Time: .*", "QM-Time: 2026-11-22T08:00:00Z", message).strip() + "\n"
    settings = {
        "GIT_CONFIG_GLOBAL": str(copy / ".git/demonstration-people/m.director/gitconfig"),
        "GIT_COMMITTER_DATE": "2026-11-22T08:00:00Z",
    }
    run(copy, "commit", "--allow-empty", "--cleanup=verbatim", "-F", "-", given=message, **settings)
    now = datetime(2026, 11, 22, 9, tzinfo=UTC)
    found = use_cases.audit(use_cases.Request(copy, now, ENVIRONMENT, trust_root=ready[0].trust_root))
    state = found.register.state("TEC-001")
    assert state and state.effective and str(state.effective.version) == "1.1"


def test_a_folder_in_use_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(OutputFailed):
        made(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_a_hostile_environment_changes_nothing(tmp_path: Path, ready: tuple[demo.Demo, Audit]) -> None:
    hooks = tmp_path / "template" / "hooks"
    hooks.mkdir(parents=True)
    (hooks / "post-checkout").write_text(f"#!/bin/sh\ntouch {tmp_path}/ran\n")
    (hooks / "post-checkout").chmod(0o755)
    settings = tmp_path / "gitconfig"
    settings.write_text(
        f"[init]\n\ttemplateDir = {tmp_path}/template\n\tdefaultBranch = other\n\tdefaultObjectFormat = sha256\n[core]\n\tautocrlf = true\n"
    )
    hostile = ENVIRONMENT | {
        "GIT_CONFIG_GLOBAL": str(settings),
        "GIT_TEMPLATE_DIR": f"{tmp_path}/template",
        "GIT_DIR": "/nowhere",
        "GIT_DEFAULT_HASH": "sha256",
    }
    written = demo.make(tmp_path / "demo", library=LIBRARY, today=TODAY, environment=hostile)
    assert written.tip == ready[0].tip == run(written.repository, "rev-parse", "main").strip()
    assert not (tmp_path / "ran").exists()
    assert b"\r" not in (written.repository / "README.md").read_bytes()


def test_the_repository_carries_what_a_programme_needs(ready: tuple[demo.Demo, Audit]) -> None:
    top = ready[0].repository
    assert {"README.md", "Makefile", ".gitignore", "sops", "records"} <= {path.name for path in top.iterdir()}
    readme = (top / "README.md").read_text()
    assert ready[0].trust_root in readme
    assert not re.search(r"TRUST_ROOT|PAST_DAY|^# PROGRAMME", readme, re.MULTILINE)
    listed = subprocess.run(
        ["make", "-C", str(top), "help"], env=ENVIRONMENT, capture_output=True, text=True, check=True
    ).stdout
    assert {"audit-ready", "check", "manual", "forms"} <= {row.split("\t")[0] for row in listed.splitlines()}
    tried = subprocess.run(
        ["make", "-C", str(top), "check", "QMDOC=echo"], env=ENVIRONMENT, capture_output=True, text=True, check=True
    ).stdout
    assert "check\n" in tried
    lacking = subprocess.run(
        ["make", "-C", str(top), "check", "QMDOC=no-such-program"],
        env=ENVIRONMENT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert lacking.returncode == 2
    assert "qmdoc was not found" in lacking.stderr


def test_the_examples_for_a_new_authority_are_readable_once_filled() -> None:
    folder = LIBRARY / "templates" / "authority"
    people = re.sub(
        r"PUBLIC KEY OF ([a-z.]+)",
        lambda match: cast.Person(match[1], "").public_key(),
        (folder / "people.yaml").read_text(),
    )
    files = {"policy.yaml": (folder / "policy.yaml").read_bytes(), "people.yaml": people.encode()}
    found = authority.read("0" * 64, files)
    assert isinstance(found, Authority), found
    block = re.compile(r"^# forges:\n(?:#   .*\n)+", re.MULTILINE)
    switched_on = block.sub(lambda found: re.sub(r"(?m)^# ", "", found[0]), files["policy.yaml"].decode())
    assert "\nforges:" in switched_on
    assert isinstance(authority.read("0" * 64, files | {"policy.yaml": switched_on.encode()}), Authority)
    assert set(found.policy.binding(())) <= {path.stem for path in (LIBRARY / "sops/standards").glob("*.yaml")}
