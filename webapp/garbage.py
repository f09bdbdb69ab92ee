"""Python's collector, set for processes that load much once and then make many objects for a short time."""

import ctypes
import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager

_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD, _M_ARENA_MAX = -1, -3, -8  # malloc.h

THRESHOLDS = (
    50_000,
    20,
    50,
)  # objects, collections of the youngest, collections of the middle ones between two looks
RARE = 500_000  # objects


def use_few_arenas() -> None:
    """Let all threads take memory from two places, and give large pieces back at once (glibc): with a place
    for each thread, what one has freed no other can use. Call it before there are threads."""
    if sys.platform == "linux":
        for option, value in (
            (_M_ARENA_MAX, 2),
            (_M_MMAP_THRESHOLD, 256 * 2**10),
            (_M_TRIM_THRESHOLD, 2**20),
        ):
            _libc().mallopt(option, value)


def give_back() -> None:
    """Free what only cycles hold, and hand freed memory back to the system (glibc)."""
    gc.collect()
    if sys.platform == "linux":
        _libc().malloc_trim(0)


def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None)


def settle() -> None:
    """Take what is loaded by now out of the collector's sight, and let it look seldom from here on.

    Looking through all that was loaded made every fourteenth page wait 70 ms; reading logs took a fifth of
    its time to look through rows that were in use. What is unused is freed by its reference count; only
    cycles wait for the collector.
    """
    gc.collect()
    overlook()


def overlook() -> None:
    """The same without looking for what is unused: for a process that does its work once and ends."""
    gc.freeze()
    gc.set_threshold(*THRESHOLDS)
    gc.enable()


@contextmanager
def left_alone() -> Iterator[None]:
    """Let the collector look ten times more seldom while many objects are made that stay in use for a while:
    rows of logs hold no cycles, and a look through those of a portion takes 10 ms."""
    usual = gc.get_threshold()
    gc.set_threshold(RARE, *usual[1:])
    try:
        yield
    finally:
        gc.set_threshold(*usual)
