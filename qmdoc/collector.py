"""When Python's collector looks for cycles: where much is made and kept, it looks through all of it again and again."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def paused() -> Iterator[None]:
    """A long history makes values by the million and keeps them all: the collector would look through them for cycles
    again and again, and find none.
    """
    was_collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_collecting:
            gc.enable()


@contextmanager
def seldom() -> Iterator[None]:
    """A build keeps most of what it makes until its end: to look for cycles as often as Python does took a sixth of its time."""
    before = gc.get_threshold()
    gc.set_threshold(50_000, 20, 100)
    try:
        yield
    finally:
        gc.set_threshold(*before)


@contextmanager
def without_what_is_there() -> Iterator[None]:
    """What is there now stays: the collector looks through what is made from here on, and no more through the history."""
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()
