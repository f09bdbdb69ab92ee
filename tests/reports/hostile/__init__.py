"""Files that nobody honest sends: 200 of them, made here, to be read in tests and uploaded in a benchmark.

Each must be answered at once and in bounded memory; what is refused leaves nothing behind.
"""

from tests.reports.hostile import archives, fields, gzips, mails, markup, sessions
from tests.reports.hostile.file import Hostile

FILES: tuple[Hostile, ...] = tuple(
    file for module in (gzips, archives, mails, markup, fields, sessions) for file in module.files()
)
