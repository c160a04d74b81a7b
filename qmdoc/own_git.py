"""Stock git in the signer's own environment: their name, their key, their agent. It makes sign-offs, nothing else.

Reading for an audit is `git.Repository`'s, with everything of the user's and the repository's shut out; signing is the
opposite: it is the person's own act, with the person's own settings.
"""

from __future__ import annotations

import os
import re
import shlex
import signal
import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from qmdoc.errors import GitFailed, NotAnchored, RefusedToSign

_NO_ROOM = ("No space left on device", "Disk quota exceeded", "File too large", "Out of diskspace")
_LITTLE = 64 * 1024  # bytes; git does not always say why it could not write
_KEY_ITSELF = ("key::", "ssh-")  # how git tells a public key from a path (`is_literal_ssh_key`)
_IDENTITY = re.compile(r"(.*) <([^>]*)> [0-9]+ [+-][0-9]{4}")


@dataclass(frozen=True, slots=True)
class OwnGit:
    """git as the person at the keyboard has set it up, in one repository."""

    top: Path
    environment: Mapping[str, str]

    def identity(self) -> tuple[str, str]:
        """The signer's name and e-mail address (lower case). Raises RefusedToSign where git knows neither."""
        done = self._try("var", "GIT_COMMITTER_IDENT")
        match = _IDENTITY.fullmatch(done.stdout.decode("utf-8", "replace").strip())
        if done.returncode or not match:
            raise RefusedToSign(
                "git does not know who you are",
                fix="git config --global user.name 'Your Name' and user.email you@your.programme",
            )
        return match[1], match[2].lower()

    def setting(self, name: str, *, kind: str | None = None) -> str:
        """One of the person's settings, read as git's own `kind` of value (`path`); empty where it is not set."""
        how = [f"--type={kind}"] if kind else []
        return self._try("config", *how, "--get", name).stdout.decode("utf-8", "replace").strip()

    def signing_key(self) -> str:
        """The key with which git signs for this person with SSH, as git finds it: its path, or the public key itself.

        Empty where their settings name none. Raises RefusedToSign where the command that should tell it does not.
        """
        if key := self.setting("user.signingKey"):
            return key if key.startswith(_KEY_ITSELF) else self.setting("user.signingKey", kind="path")
        command = self.setting("gpg.ssh.defaultKeyCommand")
        return self._told_key(command) if command else ""

    def names_a_key(self) -> bool:
        """Whether their settings name a key, or the command that tells it."""
        return bool(self.setting("user.signingKey") or self.setting("gpg.ssh.defaultKeyCommand"))

    def prove_on_a_branch(self) -> None:
        """Proves that a new commit would stand on a branch, and not be lost with the next one. Raises RefusedToSign."""
        if self._branch() == "HEAD":
            raise RefusedToSign(
                "no branch is checked out here (or git is in the middle of a rebase), so your sign-off would stand on none and be lost",
                fix="end what was begun, check out the branch that you sign (`git switch main`), and sign there",
            )

    def sign_off(self, parent: str, tree: str, message: str, when: datetime, *, is_signed: bool) -> str:
        """Makes the commit object of a sign-off, on no branch yet, and returns its id. Raises RefusedToSign."""
        if is_signed and not self.signs_with_ssh():
            raise RefusedToSign(
                "git signs with GnuPG here (its setting gpg.format is not `ssh`), and a sign-off is signed with an SSH key",
                fix="git config --global gpg.format ssh, and name your SSH key in user.signingKey; `qmdoc keys new` makes one",
            )
        stamp = f"{int(when.timestamp())} +0000"
        dates = {"GIT_AUTHOR_DATE": stamp, "GIT_COMMITTER_DATE": stamp}
        name, email = self.identity()
        as_author = {"GIT_AUTHOR_NAME": name, "GIT_AUTHOR_EMAIL": email}
        command = [
            "-c",
            "i18n.commitEncoding=UTF-8",
            "commit-tree",
            tree,
            "-p",
            parent,
            *(["-S"] if is_signed else ["--no-gpg-sign"]),
            "-F",
            "-",
        ]
        done = self._try(*command, given=message.encode(), extra={**dates, **as_author})
        if done.returncode:
            if of_the_computer := self._refusal_of_the_computer("commit-tree", done):
                raise of_the_computer
            raise self._refusal(done)
        return done.stdout.decode("ascii").strip()

    def begin(self, message: str, *, name: str, email: str) -> str:
        """Makes a repository of all that lies in the folder, with one commit as git makes it for this person; its id.

        Raises GitFailed, and RefusedToSign where their git signs and could not.
        """
        self._said("init", "--quiet", "--initial-branch=main", "--template=")
        self._said("-c", "core.autocrlf=false", "-c", "core.safecrlf=false", "add", "--force", "--all")
        person = {f"GIT_{who}_{what}": value for who in ("AUTHOR", "COMMITTER") for what, value in (("NAME", name), ("EMAIL", email))}  # fmt: skip
        quiet = ("-c", f"core.hooksPath={os.devnull}", "-c", "i18n.commitEncoding=UTF-8")
        done = self._try(*quiet, "commit", "--quiet", "-F", "-", given=message.encode(), extra=person)
        if done.returncode:
            if self.setting("commit.gpgSign", kind="bool") == "true" and b"sign" in done.stderr.lower():
                raise self._refusal(done)
            raise self._failed("commit", done)
        return self._said("rev-parse", "HEAD")

    def place(self, files: Mapping[str, bytes]) -> None:
        """Puts files into the work tree, each whole or not at all, and commits nothing. Raises RefusedToSign."""
        for path, content in files.items():
            place = self.top / path
            try:
                place.parent.mkdir(parents=True, exist_ok=True)
                if place.parent.resolve() != (self.top.resolve() / path).parent:
                    raise RefusedToSign(
                        f"{place.parent} is a link to another place", fix="take the link out, and sign again"
                    )
                part = place.with_name(f"{place.name}.part")
                try:
                    part.write_bytes(content)
                    part.replace(place)
                finally:
                    part.unlink(missing_ok=True)
            except OSError as error:
                raise RefusedToSign(
                    f"{path} can't be written: {error.strerror or error}", fix="make room or give leave, and sign again"
                ) from error

    def advance(self, new: str, old: str, *, by: str = "qmdoc sign") -> None:
        """Moves the branch from `old` to `new`, or nothing. Raises GitFailed where somebody was faster, or git could not."""
        done = self._try("update-ref", "-m", by, "HEAD", new, old)
        if not done.returncode:
            return
        if self._said("rev-parse", "--verify", "HEAD") != old:
            raise GitFailed(
                f"the branch moved during `{by}`", fix="do it again: what is made must follow the newest commit"
            )
        raise self._failed("update-ref", done)

    def prove_unlocked(self) -> None:
        """Proves that no other git, at work or killed, keeps the index to itself. Raises GitFailed."""
        if lock := self._lock("index.lock"):
            raise _locked(lock)

    def signs_with_ssh(self) -> bool:
        """Whether what git signs for this person is signed as a sign-off has to be."""
        return self.setting("gpg.format") == "ssh"

    def signs_commits(self) -> bool:
        """Whether the person has signing set up."""
        return bool(self.setting("user.signingKey")) or self.setting("commit.gpgSign", kind="bool") == "true"

    def is_free(self, path: str, content: bytes) -> None:
        """Proves that a file can be put into the work tree without a loss. Raises NotAnchored."""
        place = self.top / path
        if place.is_symlink() or (place.exists() and (not place.is_file() or place.read_bytes() != content)):
            raise NotAnchored(f"another file lies at {path}", fix="move it away, and do it again")

    def tree_with(self, commit: str, path: str, content: bytes) -> tuple[str, str]:
        """A new file's blob, and the commit's tree with it; the index and the work tree are left alone. Raises GitFailed."""
        blob = self._said("hash-object", "-w", "--stdin", "--no-filters", given=content)
        with tempfile.TemporaryDirectory() as folder:
            own_index = {"GIT_INDEX_FILE": os.path.join(folder, "index")}
            self._said("read-tree", commit, extra=own_index)
            self._said("update-index", "--add", "--cacheinfo", f"100644,{blob},{path}", extra=own_index)
            return blob, self._said("write-tree", extra=own_index)

    def show(self, path: str, blob: str) -> None:
        """Puts a file that was just committed into index and work tree, and nothing else. Raises GitFailed."""
        if not (self.top / ".git").exists():
            return  # a bare repository has neither
        try:
            self._said("update-index", "--add", "--cacheinfo", f"100644,{blob},{path}")
            self._said("checkout-index", "-f", "-u", "--", path)
        except GitFailed as error:
            raise GitFailed(
                f"{path} is committed, but your work tree does not show it: {error.message}",
                fix=f"mend that, and put it there with: git checkout HEAD -- {path}",
            ) from error

    def added(self, commit: str, folder: str) -> dict[str, str]:
        """The files that a commit adds below a folder, and their blobs; a merge adds none. Raises GitFailed."""
        how = ("--no-commit-id", "--raw", "-r", "--no-abbrev", "--no-renames", "--diff-filter=A")
        rows = (line.split("\t", 1) for line in self._said("diff-tree", *how, commit, "--", folder).splitlines())
        return {path: facts.split()[3] for facts, path in rows}

    def show_again(self, path: str, blob: str) -> None:
        """Does what `show` could not where a run was killed before it; a file that is there in any form stays. Raises GitFailed."""
        if not os.path.lexists(self.top / path) and self._is_free_to_show(path, blob):
            self.show(path, blob)

    def _is_free_to_show(self, path: str, blob: str) -> bool:
        staged = self._said("ls-files", "--stage", "--", path)
        return not staged or staged.split()[1] == blob

    def _told_key(self, command: str) -> str:
        """The first line that the person's own command prints, as in `ssh-add -L`."""
        try:
            done = subprocess.run(
                shlex.split(command),
                cwd=self.top,
                env=dict(self.environment),
                stdin=subprocess.DEVNULL,
                capture_output=True,
                check=False,
            )
            key = "" if done.returncode else done.stdout.decode("utf-8", "replace").partition("\n")[0].strip()
        except (OSError, ValueError):
            key = ""
        if not key.startswith(_KEY_ITSELF):
            raise RefusedToSign(
                "the command in git's setting gpg.ssh.defaultKeyCommand told no key to sign with",
                fix="run it yourself: its first line is a public key (`ssh-add -L` lists those of your agent); or name the key in user.signingKey",
            )
        return key

    def _refusal(self, done: subprocess.CompletedProcess[bytes]) -> RefusedToSign:
        said = done.stderr.decode("utf-8", "replace").strip().splitlines()
        return RefusedToSign(
            f"git could not sign: {said[-1] if said else 'it gave no reason'}",
            fix="check git's settings gpg.format (ssh) and user.signingKey, and that your key is at hand",
        )

    def _said(self, *words: str, given: bytes | None = None, extra: Mapping[str, str] | None = None) -> str:
        done = self._try(*words, given=given, extra=extra)
        if done.returncode:
            raise self._failed(words[0], done)
        return done.stdout.decode("ascii", "replace").strip()

    def _failed(self, verb: str, done: subprocess.CompletedProcess[bytes]) -> GitFailed:
        """Why git could not: a lock in its way, the computer, or in its own last words."""
        if b".lock" in done.stderr and (lock := self._lock("index.lock", "HEAD.lock", f"{self._branch()}.lock")):
            return _locked(lock)
        said = done.stderr.decode("utf-8", "replace").strip().splitlines()
        return self._refusal_of_the_computer(verb, done) or GitFailed(
            f"git {verb} failed: {said[-1] if said else 'without a word'}", fix="check the repository with `git fsck`"
        )

    def _refusal_of_the_computer(self, verb: str, done: subprocess.CompletedProcess[bytes]) -> GitFailed | None:
        """What no setting of git mends: there is no room or no right to write, or git was stopped from outside."""
        said = done.stderr.decode("utf-8", "replace")
        disk = os.statvfs(self.top)
        is_full = any(words in said for words in _NO_ROOM) or disk.f_bavail * disk.f_frsize < _LITTLE
        if is_full or -done.returncode == signal.SIGXFSZ:
            return GitFailed(f"git {verb} could not write: the disk is full", fix="make room, and do it again")
        folders = (self._place("objects"), self._place("refs/heads"), self._place("HEAD").parent)
        if closed := next((folder for folder in folders if not os.access(folder, os.W_OK)), None):
            return GitFailed(
                f"git may not write into {closed}", fix="have the right to write there given to you, and do it again"
            )
        if done.returncode < 0:
            why = signal.strsignal(-done.returncode) or f"signal {-done.returncode}"
            return GitFailed(f"git {verb} was stopped from outside ({why.lower()})", fix="do it again")
        return None

    def _branch(self) -> str:
        """The full name of the branch that is checked out, or HEAD itself."""
        return self._try("symbolic-ref", "--quiet", "HEAD").stdout.decode("utf-8", "surrogateescape").strip() or "HEAD"

    def _lock(self, *names: str) -> Path | None:
        """The first of these locks that is there; a linked work tree has its own."""
        return next((place for name in names if os.path.lexists(place := self._place(name))), None)

    def _place(self, name: str) -> Path:
        """Where git keeps something of this repository."""
        said = self._try("rev-parse", "--git-path", name).stdout.decode("utf-8", "surrogateescape").strip()
        return self.top / (said or f".git/{name}")

    def _try(
        self, *words: str, given: bytes | None = None, extra: Mapping[str, str] | None = None
    ) -> subprocess.CompletedProcess[bytes]:
        environment = dict(self.environment)
        for name in (
            "GIT_DIR",
            "GIT_WORK_TREE",
            "GIT_INDEX_FILE",
            "GIT_NAMESPACE",
            "GIT_OBJECT_DIRECTORY",
            "GIT_COMMON_DIR",
        ):
            environment.pop(name, None)
        environment.update(extra or {})
        try:
            return subprocess.run(
                ["git", "-C", os.fspath(self.top), *words],
                env=environment,
                input=given,
                capture_output=True,
                check=False,
            )
        except OSError as error:
            raise GitFailed(f"git could not be started: {error}", fix="install git 2.36 or later") from error


def _locked(lock: Path) -> GitFailed:
    return GitFailed(
        f"{lock} is in the way: another git is at work in this repository, or one was stopped before it ended",
        fix="wait a moment and do it again; if no git is running here, delete that file first",
    )
