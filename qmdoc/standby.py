"""A process that stands by: it keeps in memory what a check has verified, and answers the next from what came since.

A history of many thousand commits takes seconds to verify, and to load what reads a text and verifies a signature takes
longer than to judge one commit. So the process that has verified it stays for a while, for this person, this programme
and this very program alone. It is asked through a socket in the person's own folder for caches, answers nothing that it
would have to go through the history for, and ends when nobody asks any more. Whoever only asks loads this module and
little else.
"""

from __future__ import annotations

import gc
import json
import os
import secrets
import signal
import socket
import stat
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, NamedTuple, Protocol

from qmdoc import cache, knock, place
from qmdoc.cache import Answer
from qmdoc.errors import ConfigError, QmdocError

MINUTES = 15  # without a question, after which it ends
WORTH_IT = 5_000  # commits: fewer are verified in a second or two
_LOOK_ROUND = 3  # seconds, after which it sees whether it is still wanted
_SILENT = 10  # seconds: nobody who calls and means it is silent for longer
_LARGEST = 64 * 1024 * 1024


def _nothing() -> None:
    """Nothing is to be put away."""


class Response(NamedTuple):
    """An answer, and what can be put away when nobody asks for a while."""

    answer: Answer
    put_away: Callable[[], None] = _nothing


class Knows(Protocol):
    """What can answer, as far as it knows."""

    def warm_up(self) -> None:
        """Does once what can be done before anybody asks; it writes nothing."""

    def make_ready(self, now: datetime) -> None:
        """Does what can be done before a question has come whole."""

    def respond(self, said: Mapping[str, str]) -> Response | None:
        """The answer to a question; None where it does not know, now or ever again."""


def wished(environment: Mapping[str, str]) -> int | None:
    """For how many minutes the person wishes a process to stand by; None where nothing is said. Raises ConfigError."""
    said = environment.get(knock.SETTING, "")
    if said and not (said.isascii() and said.isdecimal() and len(said) < 5):
        raise ConfigError(
            f"{knock.SETTING} is `{said}`", fix="write a number of minutes, or 0 so that no process stands by"
        )
    return int(said) if said else None


def minutes(environment: Mapping[str, str], commits: int) -> int:
    """For how many minutes a process should stand by: as is wished, else where it is worth it, and never in a CI job."""
    said = wished(environment)
    if said is not None:
        return said
    return MINUTES if commits >= WORTH_IT and not environment.get("CI") else 0


def ask(repository: Path, environment: Mapping[str, str], question: Mapping[str, str]) -> Answer | None:
    """What the process that stands by answers; None where none does, or it does not know."""
    line = knock.line(str(repository), environment)
    if line is None:
        return None
    top, stream = line
    try:
        with stream:
            if top != str(place.find(repository)):
                return None
            _say(stream, question)
            found = _heard(stream.makefile("rb"))
    except (QmdocError, OSError, ValueError):
        return None
    text, status = found.get("text"), found.get("status")
    return Answer(text, status) if isinstance(text, str) and status in (0, 1) else None


def dismiss(top: Path, environment: Mapping[str, str]) -> None:
    """Ends the process that stands by, if one does: nobody finds it any more."""
    address = knock.address(str(top), environment)
    with suppress(OSError):
        if address is not None and cache.is_own(os.lstat(address), stat.S_ISSOCK):
            os.unlink(address)


def begin(top: Path, environment: Mapping[str, str], knows: Knows, *, minutes: int) -> None:
    """Leaves a process behind that answers what `knows` can answer; where that can't be done, leaves none."""
    address = knock.address(str(top), environment)
    if address is None or cache.own_folder(environment) is None or not hasattr(os, "fork"):
        return
    part = f"{address}.{secrets.token_hex(4)}"
    with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as line:
        before = os.umask(0o077)
        try:
            line.bind(part)
        finally:
            os.umask(before)
        line.listen()
        with ExitStack() as half_made:
            half_made.callback(os.unlink, part)
            os.replace(part, address)  # whatever stood by before has no address any more, and ends
            half_made.pop_all()
        if os.fork() == 0:
            try:
                _alone(line)
                _serve(line, address, top, knock.first_word(str(top), environment), knows, minutes * 60)
            finally:
                os._exit(0)


def _serve(line: socket.socket, address: str, top: Path, first_word: bytes, knows: Knows, idle: float) -> None:
    """Answers one question after the other, until it is not wanted any more."""
    line.listen()  # once more, so that it is this process whom callers see behind it
    inode = os.lstat(address).st_ino
    knows.warm_up()
    gc.collect()
    gc.freeze()
    line.settimeout(_LOOK_ROUND)
    last, left = time.monotonic(), Response(Answer("", 0))
    try:
        while time.monotonic() - last < idle and top.exists() and _inode(address) == inode:
            try:
                caller, _ = line.accept()
            except TimeoutError:
                left.put_away()
                left = left._replace(put_away=_nothing)
                continue
            last = time.monotonic()
            with caller:
                question = _question(caller, first_word, knows)
                response = knows.respond(question) if question else None
                with suppress(OSError):
                    _say(caller, response.answer._asdict() if response else {})
            if question and response is None:
                return  # it knows nothing any more
            left = response or left
            gc.collect()
        left.put_away()
    finally:  # on an error too: whoever asked goes through all of it again, and is told what is wrong
        if _inode(address) == inode:
            os.unlink(address)


def _question(caller: socket.socket, first_word: bytes, knows: Knows) -> dict[str, str] | None:
    """What a caller asks, the answer being sought as soon as they are known; None where it is no question to this process."""
    caller.settimeout(_SILENT)
    try:
        if knock.heard(caller) != first_word:
            return None  # from other surroundings
    except (OSError, ValueError):
        return None
    knows.make_ready(datetime.now(UTC))
    try:
        with caller.makefile("rb") as stream:
            return {name: str(word) for name, word in _heard(stream).items()}
    except (OSError, ValueError):
        return None  # nobody is there any more


def _alone(line: socket.socket) -> None:
    """Lets go of the terminal, of files and folders, and of what the command does when it is stopped."""
    os.setsid()
    os.chdir("/")
    for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
        signal.signal(number, signal.SIG_DFL)
    nothing = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nothing, stream)
    os.closerange(3, line.fileno())
    os.closerange(line.fileno() + 1, os.sysconf("SC_OPEN_MAX"))


def _inode(address: str) -> int:
    try:
        return os.lstat(address).st_ino
    except OSError:
        return 0


def _say(line: socket.socket, said: Mapping[str, object]) -> None:
    line.sendall(json.dumps(said).encode("ascii") + b"\n")


def _heard(stream: IO[bytes]) -> dict[str, object]:
    """One line of what the other side says. Raises OSError, ValueError."""
    found = json.loads(stream.readline(_LARGEST))
    if not isinstance(found, dict):
        raise ValueError("not what was expected")
    return found
