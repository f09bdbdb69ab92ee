"""Release numbers: `v1.4.9`, `2026-07a`. Pure."""

import re


def bare(version: str) -> str:
    """The version without its `v`."""
    return version.strip().removeprefix("v").removeprefix("V")


def is_newer(latest: str | None, current: str | None) -> bool:
    """True where `latest` comes after `current`; False where one of them is no release number (a nightly's
    hash)."""
    there, here = _rank(latest), _rank(current)
    return there is not None and here is not None and there > here


def _rank(version: str | None) -> tuple[tuple[int, ...], str] | None:
    """`1.4.9` -> ((1, 4, 9), ''), `2026-07a` -> ((2026, 7), 'a')."""
    found = re.fullmatch(r"(\d+(?:[.-]\d+)+)([a-z]?)", bare(version or ""))
    return (tuple(int(part) for part in re.split(r"[.-]", found[1])), found[2]) if found else None
