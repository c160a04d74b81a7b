"""Where the programme's repository lies, what its HEAD names, and which settings files are the person's own.

Only what must be known before anything is read; loading this costs next to nothing.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

from qmdoc.errors import GitFailed, NoRepository

_LOCKED_DOWN = {
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_ALLOW_PROTOCOL": "none",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_LITERAL_PATHSPECS": "1",
    "LC_ALL": "C",
    "TZ": "UTC",
}
SETTINGS = (
    "core.commitGraph=false",
    "core.useReplaceRefs=false",
    "core.fsmonitor=false",
    f"core.hooksPath={os.devnull}",
    "diff.orderFile=",
)
"""Settings with which every git child runs, whatever the repository says."""


def locked_down(environment: Mapping[str, str]) -> dict[str, str]:
    """An environment for git that neither hostile variables nor anybody's settings can bend (SIGNOFF.md §7)."""
    return {name: value for name, value in environment.items() if not name.startswith("GIT_")} | _LOCKED_DOWN


def find(folder: Path) -> Path:
    """The top of the repository that `folder` lies in: the work tree's, or a bare repository's own folder.

    Raises NoRepository.
    """
    try:
        start = folder.resolve(strict=True)
    except OSError:
        raise NoRepository(
            f"there is no folder {folder}", fix="name the folder of the programme's repository with --repo"
        ) from None
    for place in (start, *start.parents):
        if (place / ".git").exists() or all((place / name).exists() for name in ("HEAD", "objects", "refs")):
            return place
    raise NoRepository(
        f"{folder} is not in a git repository", fix="go to the programme's repository, or name it with --repo"
    )


def git_folder(top: Path) -> Path:
    """What `find` found the repository by: the folder or file `.git`, or a bare repository itself."""
    return top / ".git" if (top / ".git").exists() else top


def head(top: Path, environment: Mapping[str, str]) -> tuple[str, str]:
    """The commit that HEAD names, and the full name of the branch (`HEAD` where it names none). Raises GitFailed."""
    words = _asked(top, environment, "rev-parse", "HEAD", "--symbolic-full-name", "HEAD")
    if len(words) != 2:
        raise GitFailed("git names no commit", fix="commit the first documents")
    return words[0], words[1]


def main_branch(top: Path, environment: Mapping[str, str]) -> str:
    """The branch of this clone that follows the main branch where it was cloned from; empty where none is known."""
    words = _asked(top, environment, "rev-parse", "--symbolic-full-name", "refs/remotes/origin/HEAD")
    return words[0].replace("refs/remotes/origin/", "refs/heads/", 1) if len(words) == 1 else ""


def settings_files(environment: Mapping[str, str]) -> list[str]:
    """The person's own git settings files that exist and say something, never the repository's."""
    home = environment.get("HOME", "")
    named = environment.get("GIT_CONFIG_GLOBAL")
    folder = environment.get("XDG_CONFIG_HOME") or (f"{home}/.config" if home else "")
    places = [named] if named else [f"{folder}/git/config" if folder else "", f"{home}/.gitconfig" if home else ""]
    return [place for place in places if place and os.path.isfile(place) and os.path.getsize(place)]


def _asked(top: Path, environment: Mapping[str, str], *words: str) -> list[str]:
    settings = [*SETTINGS, f"safe.directory={top}", f"safe.directory={top}/.git"]
    command = ["git", "-C", str(top), *(word for each in settings for word in ("-c", each)), *words]
    try:
        done = subprocess.run(command, env=locked_down(environment), capture_output=True, check=False)
    except OSError as error:
        raise GitFailed(f"git could not be started: {error}", fix="install git 2.36 or later") from error
    return done.stdout.decode("utf-8", "replace").split() if done.returncode == 0 else []
