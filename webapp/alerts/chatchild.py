"""`python -m webapp.alerts.chatchild`: sends one message by apprise, in a process of its own.

A process can be held to a time and to a size, whatever the service answers; a library that reads whole
answers cannot. The URL comes by standard input, so that no list of processes shows it.
"""

import json
import resource
import sys
from dataclasses import asdict, dataclass

MEMORY = 160 << 20  # bytes; apprise and Python take a third of it
CONNECT, READ = 10.0, 15.0  # seconds that a service may take to take up and to answer
TYPES = {"critical": "failure", "warning": "warning", "info": "info"}


@dataclass(frozen=True)
class Order:
    """What to send where; `severity` as notices have it."""

    url: str
    app_title: str
    title: str
    body: str
    severity: str
    seconds: float


@dataclass(frozen=True)
class Reply:
    """Whether the service took it, and the last thing that apprise said of it."""

    sent: bool
    said: str = ""


def main() -> None:
    """Read an order as JSON, send it, and print the reply as JSON."""
    resource.setrlimit(resource.RLIMIT_DATA, (MEMORY, MEMORY))
    print(json.dumps(asdict(send(Order(**json.load(sys.stdin))))))


def send(order: Order) -> Reply:
    """Send it by apprise."""
    from apprise import Apprise, AppriseAsset, NotifyFormat, NotifyType, OverflowMode

    asset = AppriseAsset(
        app_id=order.app_title,
        app_desc=order.app_title,
        app_url="",
        image_url_mask="",
        image_url_logo="",
        async_mode=False,
        http_redirects=False,
        storage_mode="memory",
    )
    service = Apprise.instantiate(order.url, asset=asset, suppress_exceptions=True)
    if service is None:
        return Reply(sent=False, said="apprise does not know such a URL, or it is not complete")
    service.socket_connect_timeout = max(CONNECT, service.socket_connect_timeout)
    service.socket_read_timeout = max(READ, service.socket_read_timeout)
    if "overflow=" not in order.url:
        service.overflow_mode = OverflowMode.SPLIT
    all_services = Apprise(asset=asset)
    all_services.add(service)
    result = all_services.notify(
        body=order.body,
        title=order.title,
        notify_type=NotifyType(TYPES[order.severity]),
        body_format=NotifyFormat.TEXT,
        timeout=order.seconds,
    )
    said = [entry.message for entry in result.logs()]
    return Reply(bool(result), str(said[-1])[:2000] if said else result.status.name.lower())


if __name__ == "__main__":
    main()
