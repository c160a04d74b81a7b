"""Work on many things that know nothing of each other, shared out among the processors.

Each process takes every n-th thing. What another one tells is plain values; a share of which nothing is told, whatever the
reason, is worked on here, so that nothing is left out and every error is met where it can be said.
"""

from __future__ import annotations

import gc
import multiprocessing
import os
import signal
from collections.abc import Callable, Sequence
from contextlib import suppress
from multiprocessing.connection import Connection
from typing import TypeVar

Thing = TypeVar("Thing")
Told = TypeVar("Told")

_MOST_PROCESSES = 4


def done(
    things: Sequence[Thing], work: Callable[[Sequence[Thing]], Told], *, worth_it: int
) -> list[tuple[Sequence[Thing], Told]]:
    """What `work` tells of each share. A process is started for every `worth_it` things, and never more than there are processors."""
    count = min(_MOST_PROCESSES, os.cpu_count() or 1, len(things) // worth_it)
    if count < 2 or "fork" not in multiprocessing.get_all_start_methods():
        return [(things, work(things))]
    shares = [things[at::count] for at in range(count)]
    context = multiprocessing.get_context("fork")
    others = []
    try:
        for share in shares[1:]:
            here, there = context.Pipe(duplex=False)
            process = context.Process(target=_tell, args=(there, work, share), daemon=True)
            with suppress(OSError):  # a computer that has no room for another process
                process.start()
            there.close()
            others.append((share, here, process))
        own = work(shares[0])
        return [(shares[0], own), *((share, _told(here, work, share)) for share, here, _ in others)]
    finally:
        for _, here, process in others:
            here.close()
            if process.pid:
                process.terminate()
                process.join()


def _told(connection: Connection, work: Callable[[Sequence[Thing]], Told], share: Sequence[Thing]) -> Told:
    try:
        told: Told = connection.recv()
    except (EOFError, OSError):
        return work(share)
    return told


def _tell(connection: Connection, work: Callable[[Sequence[Thing]], Told], share: Sequence[Thing]) -> None:
    """What another process does; it ends when it is told to, and leaves the words to the one that started it."""
    for stop in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(stop, signal.SIG_DFL)
    gc.disable()
    with suppress(Exception):
        connection.send(work(share))
