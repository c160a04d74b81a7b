"""Real repositories for tests, written row by row: people by role, keys from seeds, ids the same on every machine.

A `Programme` starts with an authority (quality manager, medical director, two admins, a writer, a nurse). Every method
appends one commit to a branch (`main` by default); `repository()` packs all of it into a real git repository.
"""

from __future__ import annotations

import hashlib
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from qmdoc import audit as use_cases
from qmdoc.chronicle import Chronicle, Writer
from qmdoc.model import Meaning, Outcome, Version
from qmdoc.register import Audit
from qmdoc.signing import sshsig, statement
from qmdoc.signing.authority import SENTENCES
from qmdoc.signing.statement import Evidence, Statement, Subject

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
START = datetime(2026, 1, 5, 9, tzinfo=UTC)

POLICY = """\
programme: Example Cellular Therapy Programme
sites: {main: Main hospital}
programmes: {hct: Haematopoietic cell transplantation, iec: Immune effector cells}
types: {sop: {review_months: 24}, plan: {review_months: 12}, form: {review_months: 24}}
standards: []
assurance: signed
authority_quorum: 2
notice_days: 60
sign_off:
  default:
    - {role: quality-manager, meaning: approval, count: 1, independent: true}
    - {role: medical-director, meaning: approval, count: 1, independent: true}
"""
PEOPLE = {
    "q.manager": ("Quality Manager", ["quality-manager", "admin"]),
    "m.director": ("Medical Director", ["medical-director", "admin"]),
    "d.manager": ("Deputy Quality Manager", ["quality-manager"]),
    "a.admin": ("Administrator", ["admin"]),
    "w.writer": ("Procedure Writer", ["apheresis-nurse"]),
    "n.nurse": ("Ward Nurse", ["ward-nurse"]),
}


def key(person: str, number: int = 1) -> Ed25519PrivateKey:
    """A person's key: derived from the name, for tests only."""
    return Ed25519PrivateKey.from_private_bytes(hashlib.sha256(f"qmdoc test key {person} {number}".encode()).digest())


def public(person: str, number: int = 1) -> str:
    """The public line of a person's key."""
    return key(person, number).public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode()


def email(person: str) -> str:
    """A person's e-mail address."""
    return f"{person}@programme.example"


def entry(
    person: str,
    name: str,
    roles: list[str],
    *,
    keys: str | None = None,
    emails: list[str] | None = None,
    extra: str = "",
) -> str:
    """A person's lines in people.yaml."""
    listed = keys if keys is not None else f'[{{key: "{public(person)}"}}]'
    return f"  {person}:\n    name: {name}\n    emails: [{', '.join(emails or [email(person)])}]\n    roles: [{', '.join(roles)}]\n    keys: {listed}\n{extra}"


def people(changed: Mapping[str, str] | None = None) -> str:
    """people.yaml; `changed` replaces or adds entries (an empty text takes one out)."""
    rows = {person: entry(person, name, roles) for person, (name, roles) in PEOPLE.items()} | dict(changed or {})
    return "people:\n" + "".join(rows.values())


def document(number: str = "QM-001", version: str = "1.0", *, body: str = "## Purpose\n\nText.\n", **keys: str) -> str:
    """A document's text; `keys` replace or add front-matter lines (an empty text takes one out)."""
    rows = {
        "id": number,
        "title": f"Title of {number}",
        "type": "sop",
        "version": f'"{version}"',
        "owner": "quality-manager",
        "review_date": "2027-12-31",
    } | keys
    return "---\n" + "".join(f"{name}: {value}\n" for name, value in rows.items() if value) + "---\n\n" + body


def path(number: str = "QM-001") -> str:
    """Where a document lies."""
    return f"sops/quality/{number}-title.md"


@dataclass
class Programme:
    """A programme's history under construction; commits are an hour apart unless `at` says otherwise."""

    policy: str = POLICY
    people: str = field(default_factory=people)
    chronicle: Chronicle = field(default_factory=Chronicle)
    tips: dict[str, str] = field(default_factory=dict)
    trees: dict[str, dict[str, tuple[str, str]]] = field(default_factory=dict)
    times: dict[str, int] = field(default_factory=dict)
    clock: datetime = START

    def __post_init__(self) -> None:
        """The trust root: authority files, and nothing else."""
        self.root = self.commit(
            "a.admin", {"sops/authority/policy.yaml": self.policy, "sops/authority/people.yaml": self.people}
        )

    def commit(self, who: str, files: Mapping[str, str | bytes | None] | None = None, *, branch: str = "main", parents: tuple[str, ...] | None = None,
               message: str = "edit", at: datetime | None = None, author: Writer | None = None, committer: Writer | None = None,
               sign: Callable[[bytes], bytes] | None = None, modes: Mapping[str, str] | None = None) -> str:  # fmt: skip
        """A commit by a person that writes files (None deletes); returns its id."""
        files = files or {}
        if parents is None:
            parents = (self.tips[branch],) if branch in self.tips else ()
        tree = dict(self.trees.get(parents[0], {}) if parents else {})
        for name, content in files.items():
            if content is None:
                del tree[name]
            else:
                blob = self.chronicle.add(b"blob", content.encode() if isinstance(content, str) else content)
                tree[name] = ((modes or {}).get(name, "100644"), blob)
        time = self._time(at)
        default = Writer(PEOPLE.get(who, (who, []))[0], email(who), time)
        made = self.chronicle.commit(
            self.chronicle.tree(tree), parents, (author or default, committer or default), message, sign=sign
        )
        self.trees[made], self.tips[branch], self.times[made] = tree, made, time
        return made

    def merge(
        self,
        who: str,
        other: str,
        files: Mapping[str, str | bytes | None] | None = None,
        *,
        branch: str = "main",
        at: datetime | None = None,
        message: str | None = None,
        **made: Any,
    ) -> str:
        """A merge of another branch or commit: this branch's files, then the other's changes since they parted, then `files`.

        `made`: author, committer and sign, as `commit` has them.
        """
        theirs = self.tips.get(other, other)
        base = self._base(self.tips[branch], theirs)
        old, new = self.trees.get(base, {}), self.trees[theirs]
        changed: dict[str, str | bytes | None] = {
            name: self.chronicle.objects[blob][1] for name, (_, blob) in new.items() if old.get(name) != new[name]
        }
        changed |= {name: None for name in old if name not in new and name in self.trees[self.tips[branch]]}
        return self.commit(
            who,
            {**changed, **(files or {})},
            branch=branch,
            parents=(self.tips[branch], theirs),
            message=message or f"merge {other}",
            at=at,
            **made,
        )

    def branch(self, name: str, start: str = "main") -> None:
        """A new branch that begins at another branch's end, or at a commit."""
        self.tips[name] = self.tips.get(start, start)

    def subject(self, number: str, *, branch: str = "main", version: str | None = None) -> Subject:
        """The subject line for a document as a branch holds it."""
        tree = self.trees[self.tips[branch]]
        own = next(name for name in sorted(tree) if name.rpartition("/")[2].startswith(f"{number}-"))
        folder = f"{own.rpartition('/')[0]}/{number}/"
        named = {".": tree[own][1]} | {
            name.removeprefix(folder): blob for name, (_, blob) in tree.items() if name.startswith(folder)
        }
        lines = sorted(
            f"{hashlib.sha256(self.chronicle.objects[blob][1]).hexdigest()} {name}\n".encode()
            for name, blob in named.items()
        )
        text = self.chronicle.objects[tree[own][1]][1].decode("utf-8", "replace")
        found = version or next(
            line.split(": ")[1].strip('"') for line in text.splitlines() if line.startswith("version:")
        )
        parsed = Version.parse(found)
        assert parsed
        return Subject(number, parsed, tree[own][1], hashlib.sha256(b"".join(lines)).hexdigest())

    def authority_digest(self, *, branch: str = "main") -> str:
        """The digest of the authority files that a branch holds."""
        top = "sops/authority/"
        rows = {
            name.removeprefix(top): blob
            for name, (_, blob) in self.trees[self.tips[branch]].items()
            if name.startswith(top)
        }
        lines = sorted(
            f"{hashlib.sha256(self.chronicle.objects[blob][1]).hexdigest()} {name}\n".encode()
            for name, blob in rows.items()
        )
        return hashlib.sha256(b"".join(lines)).hexdigest()

    def statement(self, who: str, *numbers: str, role: str, meaning: Meaning = Meaning.APPROVAL, branch: str = "main", at: datetime | None = None,
                  authority: str | None = None, subjects: tuple[Subject, ...] | None = None, reason: str | None = None, sentence: str | None = None,
                  next_review: date | None = None, outcome: Outcome | None = None, on_behalf: str | None = None,
                  evidence: Evidence | None = None) -> Statement:  # fmt: skip
        """The statement that an honest signer would make; keywords bend it."""
        if subjects is None:
            subjects = tuple(self.subject(number, branch=branch) for number in numbers)
        if meaning in (Meaning.WITHDRAW, Meaning.REVOKE):
            reason = reason or "No longer needed"
        time = datetime.fromtimestamp(self._time(at, is_peek=True), UTC)
        title = statement.title(subjects, meaning, PEOPLE.get(who, (who, []))[0], role)
        return Statement(
            title,
            sentence or SENTENCES[meaning],
            who,
            role,
            meaning,
            authority or self._authority,
            time,
            subjects,
            next_review,
            outcome,
            reason,
            on_behalf,
            evidence,
        )

    def sign(self, who: str, *numbers: str, role: str, meaning: Meaning = Meaning.APPROVAL, branch: str = "main", at: datetime | None = None,
             signing_key: Ed25519PrivateKey | None = None, message: str | None = None, unsigned: bool = False, author: Writer | None = None,
             committer: Writer | None = None, **bent: object) -> str:  # fmt: skip
        """A sign-off commit; keywords of `statement` bend what is said, the others how it is made."""
        at = at or datetime.fromtimestamp(self._time(None, is_peek=True), UTC)
        said = self.statement(who, *numbers, role=role, meaning=meaning, branch=branch, at=at, **bent)  # type: ignore[arg-type]
        used = signing_key or key(who)
        signer = None if unsigned else (lambda payload: sshsig.sign(used, payload, namespace="git"))
        return self.commit(
            who,
            branch=branch,
            at=at,
            message=message or statement.write(said),
            sign=signer,
            author=author,
            committer=committer,
        )

    def approve(self, *numbers: str, branch: str = "main", at: datetime | None = None) -> None:
        """Both seats of the default rule, filled honestly."""
        self.sign("q.manager", *numbers, role="quality-manager", branch=branch, at=at)
        self.sign("m.director", *numbers, role="medical-director", branch=branch, at=at)

    def sign_authority(self, who: str, *, branch: str = "main", **bent: object) -> str:
        """An admin's signature under the authority files that the branch holds."""
        subject = Subject(statement.AUTHORITY_SUBJECT, None, "", self.authority_digest(branch=branch))
        return self.sign(
            who, role="admin", meaning=Meaning.AUTHORITY, branch=branch, **{"subjects": (subject,), **bent}
        )  # type: ignore[arg-type]

    def change_authority(
        self,
        *,
        policy: str | None = None,
        people: str | None = None,
        signers: tuple[str, ...] = ("q.manager", "m.director"),
        who: str = "a.admin",
    ) -> None:
        """New authority files on main, signed by these admins; later statements name the new authority."""
        files = {"sops/authority/policy.yaml": policy, "sops/authority/people.yaml": people}
        self.commit(who, {name: text for name, text in files.items() if text is not None})
        for signer in signers:
            self.sign_authority(signer)
        self.current_authority = self.authority_digest()

    def repository(self, folder: Path, *, is_bare: bool = False) -> Path:
        """A real repository with all that was written, `main` checked out."""
        subprocess.run(
            ["git", "init", "--quiet", "--initial-branch=main", *(["--bare"] if is_bare else []), str(folder)],
            check=True,
        )
        subprocess.run(
            ["git", "-C", str(folder), "index-pack", "--stdin"],
            input=self.chronicle.pack(),
            check=True,
            capture_output=True,
        )
        for name, tip in self.tips.items():
            subprocess.run(["git", "-C", str(folder), "update-ref", f"refs/heads/{name}", tip], check=True)
        if not is_bare:
            subprocess.run(["git", "-C", str(folder), "reset", "--quiet", "--hard", "main"], check=True)
        return folder

    def audit(
        self,
        folder: Path,
        *,
        as_of: date | None = None,
        now: datetime = NOW,
        trust_root: str | None = "root",
        is_strict: bool = False,
    ) -> Audit:
        """The audit of a real repository made of this history, with the trust root pinned unless it is None."""
        place = folder if (folder / ".git").exists() else self.repository(folder)
        pinned = self.root if trust_root == "root" else trust_root
        return use_cases.audit(
            use_cases.Request(
                place,
                now,
                {"PATH": "/usr/bin:/bin:/usr/local/bin"},
                as_of=as_of,
                trust_root=pinned,
                is_strict=is_strict,
            )
        )

    current_authority: str = ""

    @property
    def _authority(self) -> str:
        return self.current_authority or self._root_authority

    @property
    def _root_authority(self) -> str:
        top = {"policy.yaml": self.policy, "people.yaml": self.people}
        lines = sorted(f"{hashlib.sha256(text.encode()).hexdigest()} {name}\n".encode() for name, text in top.items())
        return hashlib.sha256(b"".join(lines)).hexdigest()

    def _time(self, at: datetime | None, *, is_peek: bool = False) -> int:
        if at is None:
            at = self.clock + timedelta(hours=1)
        if not is_peek:
            self.clock = at
        return int(at.timestamp())

    def _base(self, ours: str, theirs: str) -> str:
        """The newest commit that both sides reach."""
        reached = [set(self._ancestors(ours)), set(self._ancestors(theirs))]
        both = reached[0] & reached[1]
        return max(both, key=lambda commit: (self.times[commit], commit)) if both else ""

    def _ancestors(self, tip: str) -> list[str]:
        found: dict[str, None] = {}
        stack = [tip]
        while stack:
            commit = stack.pop()
            if commit in found:
                continue
            found[commit] = None
            raw = self.chronicle.objects[commit][1].split(b"\n\n")[0]
            stack.extend(line.split(b" ")[1].decode() for line in raw.split(b"\n") if line.startswith(b"parent "))
        return list(found)
