"""Starts children, listens to them, starts them again when they die, and ends them all. One thread, one
loop."""

import os
import selectors
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

from webapp.standalone import StartError
from webapp.standalone.child import OURSELVES, Identity, adopt_orphans, children, popen
from webapp.standalone.fork import CAN_SHARE, Forked, fork
from webapp.standalone.output import Output, say

LONGEST_DELAY = 30.0  # seconds
TICK = 0.02  # seconds
MANY_DEATHS = 4


class Stopped(Exception):
    """Ctrl-C or SIGTERM came while the viewer was starting."""


@dataclass(frozen=True)
class Program:
    """What to run and how to treat it. Times in seconds."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    folder: Path
    who: Identity = OURSELVES
    stop_signal: int = signal.SIGTERM
    force_signal: int = signal.SIGKILL
    shown: bool = True  # its lines appear on the terminal
    inherits: tuple[int, ...] = ()  # file descriptors
    first_delay: float = 1.0
    healthy_after: float = 60.0
    run: Callable[[], object] | None = None  # where given, it is forked from us instead of started


class Child:
    """A program that is running, or waiting to be started again."""

    def __init__(self, program: Program, output: Output) -> None:
        self.program, self.output = program, output
        self.process: subprocess.Popen[bytes] | Forked | None = None
        self.guarded = False
        self.started = self.due = self.delay = 0.0
        self.deaths = 0  # in a row, each before `healthy_after`
        self.ending = ""

    @property
    def alive(self) -> bool:
        """Whether it runs now."""
        return self.process is not None

    def note_death(self, ending: str, now: float) -> None:
        """Remember how it ended and when it is due again: the delay doubles with each death in a row."""
        self.process, self.ending = None, ending
        self.deaths = self.deaths + 1 if now - self.started < self.program.healthy_after else 1
        self.delay = min(self.program.first_delay * 2 ** (self.deaths - 1), LONGEST_DELAY)
        self.due = now + self.delay

    def signal(self, signum: int) -> None:
        """Signal the process; for SIGKILL its whole group."""
        if self.process is not None:
            try:
                (os.killpg if signum == signal.SIGKILL else os.kill)(self.process.pid, signum)
            except ProcessLookupError:
                return


class Supervisor:
    """Owns the signal handlers of the process from its making to `close`."""

    def __init__(self, logs: Path) -> None:
        self.logs = logs
        self.children: list[Child] = []
        self.stop_requests = 0
        self.spared: set[int] = set()  # processes that somebody else waits for
        self._selector = selectors.DefaultSelector()
        self._wake, self._waker = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        self._selector.register(self._wake, selectors.EVENT_READ)
        signal.set_wakeup_fd(self._waker, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        for signum in (signal.SIGINT, signal.SIGTERM):
            signal.signal(signum, self._request_stop)
        if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
            signal.signal(signal.SIGHUP, self._request_stop)
        adopt_orphans()

    def start(self, program: Program, guarded: bool = False) -> Child:
        """Start a program; when `guarded` it is started again whenever it dies."""
        output = Output(program.name, self.logs / f"{program.name}.log", program.shown)
        child = Child(program, output)
        child.guarded = guarded
        self.children.append(child)
        self._launch(child)
        return child

    def wait(self, child: Child, ready: Callable[[], bool], seconds: float) -> None:
        """Return when `ready()`; raises as `awaiting` does."""
        for _ in self.awaiting(child, ready, seconds):
            self.tick(TICK)

    def awaiting(self, child: Child, ready: Callable[[], bool], seconds: float) -> Iterator[None]:
        """End when `ready()`, and yield until then: the caller calls `tick`. Raises StartError when the child
        dies or time runs out, Stopped on Ctrl-C."""
        deadline = time.monotonic() + seconds
        while not ready():
            if not child.alive:
                raise StartError(_failure(child, "did not start"))
            if time.monotonic() > deadline:
                raise StartError(
                    f"{child.program.name} is not ready after {seconds:.0f} seconds; {child.output.log} may "
                    f"say why."
                )
            yield
            if self.stop_requests:
                raise Stopped
        child.guarded = True

    def finishing(self, program: Program, seconds: float) -> Iterator[None]:
        """Run a program to its end, and yield until then: the caller calls `tick`. Raises StartError when it
        fails, Stopped on Ctrl-C."""
        child = self.start(program)
        deadline = time.monotonic() + seconds
        while child.alive and time.monotonic() < deadline and not self.stop_requests:
            yield
        if self.stop_requests:
            raise Stopped
        self.children.remove(child)
        if child.process is not None or child.ending != "exit code 0":
            raise StartError(_failure(child, "failed"))

    def guard(self) -> None:
        """Keep the children alive until Ctrl-C, SIGTERM or a closed terminal."""
        while not self.stop_requests:
            due = [
                child.due - time.monotonic() for child in self.children if child.guarded and not child.alive
            ]
            self.tick(max(0.0, min([*due, 5.0])))

    def tick(self, seconds: float) -> None:
        """Wait at most that long for output, a death or a signal, and deal with it."""
        for key, _ in self._selector.select(seconds):
            self._read(key)
        now = time.monotonic()
        for child in self.children:
            self._look_after(child, now)
        for orphan in self._orphans():
            os.waitpid(orphan, os.WNOHANG)

    def end(self, ending: Sequence[Child], seconds: float) -> None:
        """End these children: ask, ask again at half time, then force. A further Ctrl-C forces at once."""
        for child in ending:
            child.guarded = False
            child.signal(child.program.stop_signal)
        started, requests, reminded = time.monotonic(), self.stop_requests, False
        while any(child.alive for child in ending) and (passed := time.monotonic() - started) < seconds:
            if self.stop_requests > requests:
                break
            if passed > seconds / 2 and not reminded:
                reminded = True
                for child in ending:
                    child.signal(child.program.stop_signal)
            self.tick(TICK)
        self._force(ending)

    def end_orphans(self) -> None:
        """Kill what children left behind, such as the job of a killed worker."""
        for orphan in self._orphans():
            os.kill(orphan, signal.SIGKILL)
            os.waitpid(orphan, 0)

    def close(self) -> None:
        """Give the signals back."""
        signal.set_wakeup_fd(-1)
        self._selector.close()
        os.close(self._wake)
        os.close(self._waker)

    def _force(self, ending: Sequence[Child]) -> None:
        for signum, seconds in ((None, 5.0), (signal.SIGKILL, 5.0)):
            for child in ending:
                child.signal(signum or child.program.force_signal)
            deadline = time.monotonic() + seconds
            while any(child.alive for child in ending) and time.monotonic() < deadline:
                self.tick(TICK)

    def _request_stop(self, _signum: int, _frame: FrameType | None) -> None:
        self.stop_requests += 1

    def _launch(self, child: Child) -> None:
        program = child.program
        child.started = time.monotonic()
        try:
            process = _begun(program)
        except OSError as error:
            child.note_death(str(error), child.started)
            return
        child.process = process
        assert process.stdout is not None
        os.set_blocking(process.stdout.fileno(), False)
        self._selector.register(process.stdout, selectors.EVENT_READ, child.output)

    def _read(self, key: selectors.SelectorKey) -> bool:
        """Read once; False when nothing is there any more."""
        try:
            chunk = os.read(key.fd, 65536)
        except BlockingIOError:
            return False
        if key.data is not None and chunk:
            key.data.take(chunk)
        elif not chunk:
            self._selector.unregister(key.fileobj)
            key.fileobj.close()  # type: ignore[union-attr]
        return bool(chunk)

    def _read_rest(self, output: Output) -> None:
        for key in [key for key in self._selector.get_map().values() if key.data is output]:
            while self._read(key):
                pass

    def _look_after(self, child: Child, now: float) -> None:
        if child.process is not None and (code := child.process.poll()) is not None:
            child.note_death(_how(code), now)
            self._read_rest(child.output)
            if child.guarded:
                _report(child)
        elif (
            child.process is not None and child.deaths and now - child.started >= child.program.healthy_after
        ):
            if child.deaths >= MANY_DEATHS:
                say(f"{child.program.name} runs again.")
            child.deaths = 0
        elif child.process is None and child.guarded and now >= child.due:
            self._launch(child)

    def _orphans(self) -> set[int]:
        known = {child.process.pid for child in self.children if child.process is not None}
        return children() - known - self.spared


def _begun(program: Program) -> subprocess.Popen[bytes] | Forked:
    if program.run is not None and CAN_SHARE:
        return fork(program.run, program.name, program.folder, program.inherits, program.stop_signal)
    return popen(
        list(program.command),
        program.who,
        program.stop_signal,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        cwd=program.folder,
        env=dict(program.environment),
        pass_fds=program.inherits,
    )


def _failure(child: Child, what: str) -> str:
    reason = child.output.last_words or child.ending or "it takes too long"
    return _sentence(f"{child.program.name} {what} (see {child.output.log}): {reason}")


def _how(code: int) -> str:
    return f"exit code {code}" if code >= 0 else f"killed by {signal.Signals(-code).name}"


def _report(child: Child) -> None:
    name, log = child.program.name, child.output.log
    if child.deaths < MANY_DEATHS:
        say(f"{name} stopped ({child.ending}) and is started again in {child.delay:g} s.")
    elif child.deaths == MANY_DEATHS:
        words = child.output.last_words or child.ending
        say(
            _sentence(
                f"{name} stops again and again ({words}); it is tried every {LONGEST_DELAY:g} s from now on, "
                f"see {log}"
            )
        )


def _sentence(text: str) -> str:
    return text.rstrip(".") + "."
