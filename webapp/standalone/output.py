"""What the children say: into bounded log files, and some of it on the terminal."""

import sys
import time
from collections import deque
from pathlib import Path

LARGEST_LOG = 5 * 2**20  # bytes; one older file of this size is kept
LONGEST_LINE = 16 * 2**10  # bytes
MOST_LINES, WINDOW = 40, 10.0  # lines of one child on the terminal in so many seconds
_COLUMN = 10


class Output:
    """The lines of one child: the last ones are remembered, all are kept in `log`, and some shown when
    `shown`."""

    def __init__(self, name: str, log: Path, shown: bool) -> None:
        self.name, self.log, self.shown = name, log, shown
        self._last: deque[str] = deque(maxlen=20)
        self._partial = b""
        self._lost = False
        self._window, self._lines_shown = 0.0, 0

    def take(self, chunk: bytes) -> None:
        """Handle bytes from the child's pipe."""
        *lines, self._partial = (self._partial + chunk).split(b"\n")
        if len(self._partial) > LONGEST_LINE:
            lines, self._partial = [*lines, self._partial], b""
        for line in lines:
            self._take_line(line.decode("utf-8", "replace").rstrip())
        if lines:
            self._keep(b"\n".join(lines) + b"\n")

    @property
    def last_words(self) -> str:
        """The line that most likely tells why the child stopped; '' when it said nothing."""
        telling = [
            line
            for line in self._last
            if "FATAL" in line or "PANIC" in line or "Error" in line or "error" in line
        ]
        return (telling or list(self._last) or [""])[-1].strip()

    def _take_line(self, line: str) -> None:
        if line:
            self._last.append(line)
        if self.shown:
            self._show(line)

    def _show(self, line: str) -> None:
        now = time.monotonic()
        if now - self._window > WINDOW:
            self._window, self._lines_shown = now, 0
        self._lines_shown += 1
        if self._lines_shown <= MOST_LINES:
            say(
                f"{self.name:<{_COLUMN}}| "
                f"{line if self._lines_shown < MOST_LINES else f'(more in {self.log})'}"
            )

    def _keep(self, text: bytes) -> None:
        try:
            if self.log.exists() and self.log.stat().st_size > LARGEST_LOG:
                self.log.replace(self.log.with_suffix(".old.log"))
            with self.log.open("ab") as file:
                file.write(text)
        except OSError as error:
            if not self._lost:
                say(f"{self.log} cannot be written ({error.strerror}); what {self.name} says is lost.")
            self._lost = True


def say(line: str) -> None:
    """Print a line at once; a closed terminal is no reason to stop."""
    try:
        print(line, flush=True)
    except OSError:
        sys.stdout = sys.__stdout__ = None  # type: ignore[assignment,misc]
