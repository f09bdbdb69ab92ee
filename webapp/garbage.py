"""Python's collector, set for processes that load much once and then make many objects for a short time."""

import gc

THRESHOLDS = (
    50_000,
    20,
    50,
)  # objects, collections of the youngest, collections of the middle ones between two looks


def settle() -> None:
    """Take what is loaded by now out of the collector's sight, and let it look seldom from here on.

    Looking through all that was loaded made every fourteenth page wait 70 ms; reading logs took a fifth of
    its time to look through rows that were in use. What is unused is freed by its reference count; only
    cycles wait for the collector.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(*THRESHOLDS)
