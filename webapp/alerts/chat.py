"""Sending to a chat service or webhook, bounded in time and memory; failures are told without the URL."""

import json
import re
import subprocess
import sys
from dataclasses import asdict
from urllib.parse import unquote

from webapp.alerts.chatchild import Order, Reply
from webapp.config import ROOT
from webapp.errors import ExpectedError
from webapp.wire.tls import line

SECONDS = 30.0  # for one message; the process is ended a little later
GRACE = 10.0
SHORTEST_SECRET = 4  # characters
APART = re.compile(r"[/:@?&=#,;]+")
CONTENT_REFUSED = re.compile(r"\berror=(?:400|413|415|422)\b")


class NotSent(ExpectedError):
    """A message that the service did not take; `is_final` where the message is to blame, not the way."""

    status = 502

    def __init__(self, sentence: str, *, is_final: bool = False) -> None:
        super().__init__(sentence)
        self.is_final = is_final


def send(order: Order) -> None:
    """Send one message; raises NotSent with a sentence that holds no part of the URL."""
    reply = in_own_process(order)
    if not reply.sent:
        said = without_secrets(reply.said, order.url)
        raise NotSent(said, is_final=bool(CONTENT_REFUSED.search(reply.said)))


def in_own_process(order: Order) -> Reply:
    """What came of it in a process that is ended when it takes too long; raises NotSent."""
    limit = order.seconds + GRACE
    command = [sys.executable, "-m", "webapp.alerts.chatchild"]
    try:
        done = subprocess.run(
            command, input=json.dumps(asdict(order)), capture_output=True, text=True, timeout=limit, cwd=ROOT
        )
    except subprocess.TimeoutExpired as error:
        raise NotSent(f"The service took longer than {limit:g} seconds") from error
    if done.returncode:
        raise NotSent("The service's answer was too large, or apprise failed on it")
    return Reply(**json.loads(done.stdout.splitlines()[-1]))


def without_secrets(text: str, url: str) -> str:
    """The text without any part of the URL: in some services the host is a secret, too."""
    rest = url.partition("://")[2]
    pieces = {part for whole in (rest, unquote(rest)) for part in APART.split(whole)}
    secrets = sorted((part for part in pieces if len(part) >= SHORTEST_SECRET), key=len, reverse=True)
    return line(text, *secrets)
