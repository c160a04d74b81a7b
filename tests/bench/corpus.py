"""Benchmark corpora: whole programmes of signed procedures, from 50 documents and 500 commits to 10,000 and 200,000.

    python -m bench.corpus OUT --size M                # OUT/repo.git and OUT/truth.json
    python -m bench.corpus OUT --size S --seed 7 --worktree

First the plan of every commit (`plan`), then the texts, document by document, then the commits; all goes into one pack
with deltas (`packing`), so the largest corpus needs little memory. Every approval has both its signatures and is
accepted; about two fifths of the commits are sign-offs. The same size and seed give the same commit ids on every machine.

`truth.json` says what an audit must find: `head`, `trust_root`, `as_of` (the UTC day of the last commit), counts, and
under `documents`, by id, `path`, `version` and `digest` in force, `landing` (the commit that brought its last signature),
`has_proposal` (main holds another text) and `revisions`.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import subprocess
import time
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from bench import texts
from bench.cast import Commit, Person, SignOff, Size
from bench.packing import Forest, Pack, Splice, Stored, Tree, object_id
from bench.plan import Plan
from qmdoc.model import Meaning
from qmdoc.signing import sshsig, statement
from qmdoc.signing.authority import SENTENCES
from qmdoc.signing.statement import AUTHORITY_SUBJECT, Statement, Subject

SIZES = {
    "S": Size(50, 500, 6, 3),
    "M": Size(500, 10_000, 20, 6),
    "L": Size(2_000, 50_000, 60, 10),
    "XL": Size(10_000, 200_000, 150, 15),
}


def write(folder: Path, size: Size, *, seed: int = 1, has_worktree: bool = False) -> dict[str, Any]:
    """Makes a new folder with the repository and truth.json; returns the truth."""
    plan = Plan(size, seed)
    folder.mkdir(parents=True)
    repository = place(folder, has_worktree=has_worktree)
    kind = [] if has_worktree else ["--bare"]
    fixed = ["--quiet", "--initial-branch=main", "--object-format=sha1"]
    subprocess.run(["git", "init", *fixed, *kind, str(repository)], check=True)
    written = folder / "written.pack"
    with Pack(written) as pack:
        _write_texts(plan, seed, pack)
        ids = _History(plan, seed, pack).write()
    with written.open("rb") as file:
        _git(repository, "index-pack", "--stdin", given=file)
    written.unlink()
    _git(repository, "update-ref", "refs/heads/main", ids[-1])
    # laid out as git itself lays out a repository that lives on a server: newest first, deltas towards the past
    _git(repository, "repack", "-a", "-d", "-f", "-q", "--no-write-bitmap-index")
    if has_worktree:
        _git(repository, "reset", "--quiet", "--hard", "main")
    truth = _truth(plan, seed, ids)
    (folder / "truth.json").write_text(json.dumps(truth, indent=1, sort_keys=True) + "\n")
    return truth


def place(folder: Path, *, has_worktree: bool = False) -> Path:
    """Where a corpus has its repository."""
    return folder / ("repo" if has_worktree else "repo.git")


def _write_texts(plan: Plan, seed: int, pack: Pack) -> None:
    """Writes every revision of every document, and notes its blob and digest."""
    for number, sop in enumerate(plan.sops):
        text = texts.Text(number, plan.sops, seed)
        seen: set[bytes] = set()
        old: list[bytes] = []
        stored: Stored | None = None
        for revision in sop.revisions:
            if old:
                text.edit()
            while object_id(b"blob", b"".join(new := text.paragraphs(revision))) in seen:
                text.edit()  # a text that comes back would make its first writer an author once more
            content = b"".join(new)
            stored = pack.add_changed(b"blob", content, stored, _differences(old, new)) if stored else pack.add(b"blob", content)  # fmt: skip
            revision.blob, revision.digest = stored.id, _digest({".": content})
            seen.add(stored.id)
            old = new


def _differences(old: list[bytes], new: list[bytes]) -> list[Splice]:
    splices, at = [], 0
    for before, after in zip(old, new, strict=True):
        if before != after:
            splices.append(Splice(at, at + len(before), after))
        at += len(before)
    return splices


def _digest(files: Mapping[str, bytes]) -> str:
    """The digest of a document or of the authority: SHA-256 over a line for each file (SIGNOFF.md §1)."""
    lines = sorted(f"{hashlib.sha256(content).hexdigest()} {name}\n".encode() for name, content in files.items())
    return hashlib.sha256(b"".join(lines)).hexdigest()


class _History:
    """Writes the commits of a plan, one after the other; only the trees that a later commit needs are kept."""

    def __init__(self, plan: Plan, seed: int, pack: Pack) -> None:
        self._plan = plan
        self._seed = seed
        self._pack = pack
        self._forest = Forest(pack)
        self._tips: dict[int, Tree] = {}
        self._ids: list[str] = []
        self._keys: dict[Person, Ed25519PrivateKey] = {}
        self._authorities: list[str] = []
        self._registers: dict[int, Stored] = {}

    def write(self) -> list[str]:
        """The commits' ids, in the order of the plan."""
        for number, commit in enumerate(self._plan.commits):
            before = None if commit.parent is None else self._tips[commit.parent]
            files = dict(self._files(number, commit))
            tree = self._forest.changed(before, files) if files or before is None else before
            self._ids.append(self._commit(commit, tree))
            self._tips[number] = tree
            self._forget(commit)
        return self._ids

    def _forget(self, commit: Commit) -> None:
        """Drops trees that nothing grows from any more: main's former end, a branch's, and what was merged."""
        was_on_main = commit.parent is None or self._plan.commits[commit.parent].is_on_main
        if commit.parent is not None and commit.is_on_main == was_on_main:
            del self._tips[commit.parent]
        if commit.merged is not None:
            del self._tips[commit.merged]

    def _files(self, number: int, commit: Commit) -> Iterator[tuple[tuple[bytes, ...], bytes]]:
        """What a commit puts into its tree: path, and blob."""
        for document, revision in commit.changes:
            sop = self._plan.sops[document]
            yield _path(sop.path), sop.revisions[revision].blob
        if commit.register is not None:
            yield _path(f"records/register-{commit.register:02d}.csv"), self._entry(number, commit)
        if commit.joined is not None:
            listed = self._plan.people[: commit.joined]
            files = {"policy.yaml": texts.policy().encode(), "people.yaml": texts.people(listed, self._seed).encode()}
            self._authorities.append(_digest(files))
            yield _path("sops/authority/people.yaml"), self._pack.add(b"blob", files["people.yaml"]).id
            if number == 0:
                yield _path("sops/authority/policy.yaml"), self._pack.add(b"blob", files["policy.yaml"]).id
                yield from self._beginning()

    def _beginning(self) -> Iterator[tuple[tuple[bytes, ...], bytes]]:
        yield _path("README.md"), self._pack.add(b"blob", texts.README.encode()).id
        for name in texts.CATALOGUES:
            yield _path(f"sops/standards/{name}.yaml"), self._pack.add(b"blob", texts.catalogue(name).encode()).id

    def _entry(self, number: int, commit: Commit) -> bytes:
        return self._pack.add(b"blob", f"entry,time\n{number},{commit.time}\n".encode()).id

    def _commit(self, commit: Commit, tree: Tree) -> str:
        parents = [self._ids[each] for each in (commit.parent, commit.merged) if each is not None]
        stamp = f"{commit.author.name} <{commit.author.email}> {commit.time} {commit.author.zone}"
        head = f"tree {tree.stored.id.hex()}\n" + "".join(f"parent {parent}\n" for parent in parents)
        head += f"author {stamp}\ncommitter {stamp}\n"
        if commit.sign_off is None:
            return self._pack.add(b"commit", f"{head}\n{commit.message}\n".encode()).id.hex()
        body = "\n" + statement.write(self._statement(commit, commit.sign_off))
        if commit.author not in self._keys:
            self._keys[commit.author] = texts.key(commit.author, self._seed)
        armor = sshsig.sign(self._keys[commit.author], (head + body).encode(), namespace="git").decode()
        folded = armor.rstrip("\n").replace("\n", "\n ")
        return self._pack.add(b"commit", f"{head}gpgsig {folded}\n{body}".encode()).id.hex()

    def _statement(self, commit: Commit, sign_off: SignOff) -> Statement:
        subjects = tuple(self._subject(*each) for each in sign_off.subjects)
        if sign_off.meaning is Meaning.AUTHORITY:
            subjects = (Subject(AUTHORITY_SUBJECT, None, "", self._authorities[sign_off.authority + 1]),)
        return Statement(
            title=statement.title(subjects, sign_off.meaning, commit.author.name, sign_off.role),
            sentence=SENTENCES[sign_off.meaning],
            signer=commit.author.id,
            role=sign_off.role,
            meaning=sign_off.meaning,
            authority=self._authorities[sign_off.authority],
            time=datetime.fromtimestamp(commit.time, UTC),
            subjects=subjects,
            next_review=sign_off.next_review,
        )

    def _subject(self, document: int, revision: int) -> Subject:
        sop = self._plan.sops[document]
        signed = sop.revisions[revision]
        return Subject(sop.id, signed.version, signed.blob.hex(), signed.digest)


def _path(path: str) -> tuple[bytes, ...]:
    return tuple(part.encode() for part in path.split("/"))


def _truth(plan: Plan, seed: int, ids: list[str]) -> dict[str, Any]:
    documents = {}
    for sop in plan.sops:
        assert sop.approved is not None and sop.approval is not None
        approved = sop.revisions[sop.approved]
        documents[sop.id] = {
            "path": sop.path,
            "version": str(approved.version),
            "digest": approved.digest,
            "landing": ids[sop.approval],
            "has_proposal": sop.main != sop.approved,
            "revisions": len(sop.revisions),
        }
    return {
        "seed": seed,
        "head": ids[-1],
        "trust_root": ids[0],
        "as_of": datetime.fromtimestamp(plan.commits[-1].time, UTC).date().isoformat(),
        "commits": len(ids),
        "merges": sum(commit.merged is not None for commit in plan.commits),
        "sign_offs": sum(commit.sign_off is not None for commit in plan.commits),
        "events": plan.events,
        "documents": documents,
    }


def _git(repository: Path, *words: str, given: IO[bytes] | None = None) -> None:
    subprocess.run(["git", "-C", str(repository), *words], check=True, stdin=given, stdout=subprocess.DEVNULL)


def main() -> None:
    """Writes one corpus, and says how large it became."""
    parser = argparse.ArgumentParser(description="write a benchmark corpus")
    parser.add_argument("out", type=Path, help="folder to make")
    parser.add_argument("--size", choices=SIZES, default="S")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--worktree", action="store_true", help="make a checkout, not a bare repository")
    given = parser.parse_args()
    start = time.perf_counter()
    truth = write(given.out, SIZES[given.size], seed=given.seed, has_worktree=given.worktree)
    print(
        f"{len(truth['documents'])} documents, {truth['commits']} commits ({truth['merges']} merges, {truth['sign_offs']} "
        f"sign-offs), head {truth['head'][:12]}, trust root {truth['trust_root']}, {time.perf_counter() - start:.1f} s"
    )


if __name__ == "__main__":
    main()
