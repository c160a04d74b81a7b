"""A small disk for a test: a tmpfs, mounted by root or in a namespace of our own; where neither may be, a limit on files' size.

With the limit every file that grows past it fails as on a full disk (EFBIG for ENOSPC); what lies on the disk counts for
nothing, so the tests see fewer moments. `how` says which of the three it was.
"""

from __future__ import annotations

import os
import resource
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

SIZE = 40 << 20
_FILLER = "filler"


@dataclass
class Disk:
    """A place with little room; `folder` as the test sees it, `inside` as the commands do, `prefix` brings them there."""

    how: str
    folder: Path
    inside: Path
    prefix: tuple[str, ...] = ()

    @contextmanager
    def left(self, room: int) -> Iterator[Callable[[], None] | None]:
        """So many bytes are free; what is yielded must run in the child before its program."""
        if self.how == "limit":
            yield lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (room, room))
            return
        filler = self.folder / _FILLER
        with filler.open("wb") as file:
            os.posix_fallocate(file.fileno(), 0, max(1, self.free() - room))
        try:
            yield None
        finally:
            filler.unlink()

    def free(self) -> int:
        """The bytes that are free."""
        found = os.statvfs(self.folder)
        return found.f_bavail * found.f_frsize


@contextmanager
def disk(folder: Path, *, ways: tuple[str, ...] = ("mount", "namespace", "limit")) -> Iterator[Disk]:
    """A small disk mounted on a folder, in the first of these ways that this computer allows."""
    folder.mkdir()
    for way in ways:
        if way == "mount" and _mounts(folder):
            try:
                yield Disk(way, folder, folder)
            finally:
                subprocess.run(["umount", "--lazy", str(folder)], check=True)
            return
        if way == "namespace" and (holder := _holder(folder)):
            try:
                seen = Path(f"/proc/{holder.pid}/root{folder}")
                enter = ("nsenter", f"--target={holder.pid}", "--user", "--mount", "--preserve-credentials")
                yield Disk(way, seen, folder, enter)
            finally:
                holder.kill()
                holder.communicate()
            return
    yield Disk("limit", folder, folder)


def _mounts(folder: Path) -> bool:
    command = ["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "tmpfs", str(folder)]
    with suppress(FileNotFoundError):
        return os.geteuid() == 0 and subprocess.run(command, capture_output=True, check=False).returncode == 0
    return False


def _holder(folder: Path) -> subprocess.Popen[str] | None:
    """A process that keeps a namespace open in which the disk is mounted."""
    script = f'mount -t tmpfs -o size={SIZE} tmpfs "$1" && echo ready && exec sleep 600'
    command = ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", script, "sh", str(folder)]
    with suppress(FileNotFoundError):
        holder = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        assert holder.stdout
        if holder.stdout.readline() == "ready\n":
            return holder
        holder.kill()
        holder.communicate()
    return None
