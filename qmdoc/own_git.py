"""Stock git in the signer's own environment: their name, their key, their agent. It makes sign-off commits, nothing else.

Reading for an audit is `git.Repository`'s, with everything of the user's and the repository's shut out; signing is the
opposite: it is the person's own act, with the person's own settings.
"""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from qmdoc.errors import GitFailed, RefusedToSign

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

    def setting(self, name: str) -> str:
        """One of the person's settings; empty where it is not set."""
        return self._try("config", "--get", name).stdout.decode("utf-8", "replace").strip()

    def sign_off(self, parent: str, tree: str, message: str, when: datetime, *, is_signed: bool) -> str:
        """Makes the commit object of a sign-off, on no branch yet, and returns its id. Raises RefusedToSign."""
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
            said = done.stderr.decode("utf-8", "replace").strip().splitlines()
            raise RefusedToSign(
                f"git could not sign: {said[-1] if said else 'it gave no reason'}",
                fix="check git's settings gpg.format (ssh) and user.signingKey, and that your key is at hand",
            )
        return done.stdout.decode("ascii").strip()

    def advance(self, new: str, old: str) -> None:
        """Moves the branch from `old` to `new`, or nothing. Raises GitFailed where somebody was faster."""
        done = self._try("update-ref", "-m", "qmdoc sign", "HEAD", new, old)
        if done.returncode:
            raise GitFailed(
                "the branch moved while you were signing", fix="sign again: the sign-off must follow the newest commit"
            )

    def _try(
        self, *words: str, given: bytes | None = None, extra: Mapping[str, str] | None = None
    ) -> subprocess.CompletedProcess[bytes]:
        environment = {**self.environment, **(extra or {})}
        for name in ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_NAMESPACE"):
            environment.pop(name, None)
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
