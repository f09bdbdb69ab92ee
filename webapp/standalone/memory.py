"""How much memory we may count on: that of the machine, or less where a container is limited."""

import os
from pathlib import Path

MB = 2**20
LIMITS = ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes")  # cgroup v2, v1


def available(limits: tuple[str, ...] = LIMITS) -> int:
    """Megabytes."""
    machine = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return min([machine, *(limit for path in limits if (limit := _limit(Path(path))))]) // MB


def share(part: float, least: int, most: int, limits: tuple[str, ...] = LIMITS) -> str:
    """That part of the memory within bounds (megabytes), as PostgreSQL writes it."""
    return f"{round(min(most, max(least, available(limits) * part)))}MB"


def _limit(file: Path) -> int | None:
    try:
        text = file.read_text(encoding="ascii").strip()
    except OSError:
        return None
    return int(text) if text.isdigit() else None
