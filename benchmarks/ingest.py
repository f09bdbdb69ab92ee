"""`python -m benchmarks.ingest STEPS LINES`: read new lines from MAILCOW_URL in steps, as the worker does; a
JSON line a step."""

import argparse
import json
import resource
import sys
import time
from collections import defaultdict
from collections.abc import Callable
from typing import Any

import requests

from jobs.run import committed
from webapp.app import create_app
from webapp.config import Settings, load_settings
from webapp.garbage import settle
from webapp.ingest import collect, dovecot, postfix, rspamd
from webapp.mailcow.client import Mailcow
from webapp.tables.db import db
from webapp.tables.engine import JOB


class Watch:
    """Seconds spent inside functions, by name."""

    def __init__(self) -> None:
        self.seconds: defaultdict[str, float] = defaultdict(float)

    def over(self, module: Any, function: str, name: str) -> None:
        """From now on take the time of this function of a module."""
        whole: Callable[..., Any] = getattr(module, function)

        def timed(*given: Any, **named: Any) -> Any:
            began = time.perf_counter()
            try:
                return whole(*given, **named)
            finally:
                self.seconds[name] += time.perf_counter() - began

        setattr(module, function, timed)


def main() -> None:
    """Run the steps; each prints its figures when it is done."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.ingest")
    parser.add_argument("steps", type=int)
    parser.add_argument("lines", type=int)
    given = parser.parse_args()
    settings = load_settings(_env_file=None)
    watch = Watch()
    watch.over(collect, "read_new", "fetch")
    watch.over(postfix, "link", "trace")
    watch.over(rspamd, "link", "trace")
    watch.over(dovecot, "retrace", "trace")
    with create_app(settings, patience=JOB).app_context():
        settle()
        for _ in range(given.steps):
            if not _let_in(settings, given.lines):
                return
            print(json.dumps(_step(settings, watch)), flush=True)


def _let_in(settings: Settings, lines: int) -> int:
    reply = requests.post(f"{settings.mailcow_url}/_demo/advance", json={"rows": lines}, timeout=60)
    return int(reply.json()["written"])


def _step(settings: Settings, watch: Watch) -> dict[str, Any]:
    watch.seconds.clear()
    mailcow = Mailcow(settings.mailcow_url, settings.mailcow_api_key)
    began, worked = time.perf_counter(), time.process_time()
    progress = committed(collect.fetch_logs(db.session(), mailcow, settings))
    seconds = time.perf_counter() - began
    usage = resource.getrusage(resource.RUSAGE_SELF)
    fetch, trace = watch.seconds["fetch"], watch.seconds["trace"]
    return {
        "lines": progress.rows["postfix"],
        "dovecot": progress.rows["dovecot"],
        "messages": progress.messages,
        "gaps": progress.gaps,
        "seconds": seconds,
        "cpu": time.process_time() - worked,
        "fetch": fetch,
        "trace": trace,
        "store": seconds - fetch - trace,
        "peak_mb": usage.ru_maxrss / (1024 if sys.platform == "linux" else 2**20),
    }


if __name__ == "__main__":
    main()
