"""A corpus is what its truth.json says: the audit finds the same of every document."""

import hashlib
import json
import subprocess
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any

import pytest

from bench import corpus
from bench.cast import Event, Size
from bench.packing import Forest, Pack, Splice, spliced
from bench.plan import Plan
from qmdoc import checks, register, walk
from qmdoc.git import Repository
from qmdoc.ledger import Ledger
from qmdoc.model import Meaning
from qmdoc.register import Register

SMALL = Size(documents=24, commits=260, people=6, years=2)
SEED = 7


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    folder = tmp_path_factory.mktemp("bench") / "small"
    return corpus.place(folder), corpus.write(folder, SMALL, seed=SEED)


@pytest.fixture(scope="module")
def audited(made: tuple[Path, dict[str, Any]]) -> Register:
    place, truth = made
    as_of = date.fromisoformat(truth["as_of"])
    now = datetime.combine(as_of, time(23, 59, 59), UTC)
    with Repository(place, {"PATH": "/usr/bin:/bin:/usr/local/bin"}) as repository:
        ledger = walk.ledger(repository.read(), repository, now=now, as_of=None, trust_root=truth["trust_root"])
        return register.on(as_of, ledger=ledger, objects=repository, work_tree=(), lost_tip=None)


@pytest.fixture(scope="module")
def ledger(audited: Register) -> Ledger:
    return audited.ledger


def test_the_audit_finds_what_truth_json_says(made: tuple[Path, dict[str, Any]], ledger: Ledger) -> None:
    _, truth = made
    found = {}
    for number, approvals in ledger.approvals.items():
        effective = ledger.effective(number, date.fromisoformat(truth["as_of"]))
        assert effective == approvals[-1]
        found[number] = {
            "path": ledger.holdings.documents[number][0],
            "version": str(effective.version),
            "digest": effective.digest,
            "landing": effective.commit,
            "has_proposal": number in ledger.proposals,
            "revisions": truth["documents"][number]["revisions"],
        }
    assert found == truth["documents"]
    assert len(found) == SMALL.documents


def test_truth_json_beside_the_repository_is_what_was_returned(made: tuple[Path, dict[str, Any]]) -> None:
    place, truth = made
    assert json.loads((place.parent / "truth.json").read_text()) == truth


def test_revisions_are_what_git_counts(made: tuple[Path, dict[str, Any]]) -> None:
    place, truth = made
    shown = _git(place, "log", "--no-merges", "--format=", "--name-only", "main")
    for document in truth["documents"].values():
        assert shown.splitlines().count(document["path"]) == document["revisions"]


def test_every_sign_off_is_accepted(made: tuple[Path, dict[str, Any]], ledger: Ledger) -> None:
    _, truth = made
    assert [each.code for each in ledger.sign_offs if not each.is_accepted] == []
    assert len(ledger.sign_offs) == truth["sign_offs"]
    assert {each.meaning for each in ledger.sign_offs} == {Meaning.APPROVAL, Meaning.PERIODIC_REVIEW, Meaning.AUTHORITY}
    assert any(len(each.subjects) == 2 for each in ledger.sign_offs)


def test_every_change_of_the_authority_comes_into_force(made: tuple[Path, dict[str, Any]], ledger: Ledger) -> None:
    _, truth = made
    assert len(ledger.authorities) == 1 + truth["events"][Event.AUTHORITY] > 1
    assert ledger.pending is None
    assert not ledger.irregularities


def test_nothing_is_found_but_what_time_and_unsigned_edits_bring(audited: Register) -> None:
    found = {finding.check for finding in checks.run(audited, is_strict=False)}
    assert found <= {"review-overdue", "review-due-soon", "changed-after-approval"}


def test_the_numbers_come_out_exactly(made: tuple[Path, dict[str, Any]]) -> None:
    place, truth = made
    assert _git(place, "rev-parse", "main").strip() == truth["head"]
    assert int(_git(place, "rev-list", "--count", "main")) == truth["commits"] == SMALL.commits
    assert int(_git(place, "rev-list", "--count", "--merges", "main")) == truth["merges"]
    assert all(truth["events"].values())


def test_git_finds_nothing_wrong_and_all_is_packed(made: tuple[Path, dict[str, Any]]) -> None:
    place, _ = made
    done = subprocess.run(["git", "-C", str(place), "fsck", "--strict"], capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == ("", "")
    assert sorted(each.suffix for each in (place / "objects/pack").iterdir()) == [".idx", ".pack"]
    assert not (place / "objects/info/commit-graph").exists()


def test_the_same_seed_gives_the_same_commits_in_any_form(made: tuple[Path, dict[str, Any]], tmp_path: Path) -> None:
    _, truth = made
    assert corpus.write(tmp_path / "again", SMALL, seed=SEED, has_worktree=True) == truth
    assert not _git(corpus.place(tmp_path / "again", has_worktree=True), "status", "--porcelain")
    assert corpus.write(tmp_path / "other", SMALL, seed=SEED + 1)["head"] != truth["head"]


@pytest.mark.parametrize("name", ["S", "M"])
def test_a_size_comes_out_exactly(name: str) -> None:
    plan = Plan(corpus.SIZES[name], 1)
    assert len(plan.commits) == corpus.SIZES[name].commits
    assert all(sop.approval is not None for sop in plan.sops)


def test_a_corpus_too_small_for_its_documents_is_refused() -> None:
    with pytest.raises(ValueError, match="need"):
        Plan(Size(documents=50, commits=200, people=6, years=2), 1)


def test_a_pack_with_long_contents_and_deep_chains_is_read_back(tmp_path: Path) -> None:
    subprocess.run(["git", "init", "--quiet", "--bare", str(tmp_path / "repo")], check=True)
    content = b"".join(hashlib.sha256(b"%d" % number).hexdigest().encode() for number in range(3000))
    with Pack(tmp_path / "written.pack") as pack:
        written = {(stored := pack.add(b"blob", content)).id: content}
        for number in range(120):
            splices = [Splice(number, number + 3, b"x" * 200), Splice(70_000 + number, 70_000 + number, b"%d" % number)]
            content = spliced(content, splices)
            stored = pack.add_changed(b"blob", content, stored, splices)
            written[stored.id] = content
        forest = Forest(pack)
        tree = forest.changed(None, {(b"a", b"x"): stored.id, (b"a.md",): stored.id})
        tree = forest.changed(tree, {(b"a", b"y", b"z"): stored.id, (b"a-b",): stored.id, (b"a.md",): stored.id})
    with (tmp_path / "written.pack").open("rb") as file:
        subprocess.run(["git", "-C", str(tmp_path / "repo"), "index-pack", "--stdin", "--strict"], stdin=file, check=True, capture_output=True)  # fmt: skip
    for name, expected in [*written.items()][::10]:
        assert _git(tmp_path / "repo", "cat-file", "blob", name.hex()).encode() == expected
    names = _git(tmp_path / "repo", "ls-tree", "-r", "--name-only", tree.stored.id.hex()).splitlines()
    assert names == ["a-b", "a.md", "a/x", "a/y/z"]


def _git(place: Path, *words: str) -> str:
    return subprocess.run(["git", "-C", str(place), *words], capture_output=True, text=True, check=True).stdout
