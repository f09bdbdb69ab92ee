"""What the templates of the Messages pages get."""

from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

from webapp import cache
from webapp.connection import STATE
from webapp.db import utc
from webapp.lists import Found
from webapp.messages.dsn import meaning
from webapp.messages.filter import MessageFilter
from webapp.messages.queries import NEWEST_COUNTED, Detail
from webapp.web import link

LABELS = {"search": "Search", "sender": "Sender", "recipient": "Recipient", "direction": "Direction", "status": "Status", "user": "User",
          "ip": "IP", "start_date": "From", "end_date": "To"}
CALLED = {"limit": 50, **dict.fromkeys(LABELS)}
NOISE = ("replace: ", "breaking line", "host ")


def typed(args: Mapping[str, str]) -> SimpleNamespace:
    """The parameters as typed, None where absent."""
    return SimpleNamespace(**{name: args.get(name, "").strip() or default for name, default in CALLED.items()})


def chips(args: Mapping[str, str]) -> list[tuple[str, str, str]]:
    """(label, value, URL without it) for every active filter."""
    return [(label, args[name].strip(), link({name: None})) for name, label in LABELS.items() if args.get(name, "").strip()]


def list_view(found: Found) -> SimpleNamespace:
    """One page of the list with the times that its headline tells."""
    state = cache.fetch(STATE) or {}
    fetched = state.get("last_success")
    return SimpleNamespace(rows=found.rows, total=found.total, total_is_estimate=found.total_is_estimate, page=found.page,
                           pages=found.pages, limit=found.limit,
                           newest=found.rows[0].first_seen if found.rows and found.page == 1 else None,
                           fetched_at=utc(fetched) if fetched else None)


def nothing(chosen: MessageFilter) -> Found:
    """An empty page, where a parameter is bad."""
    return Found([], 0, False, 1, chosen.limit)


def news_view(count: int, cursor: str) -> SimpleNamespace:
    """How many messages have come; `more` where they were not all counted."""
    return SimpleNamespace(count=min(count, NEWEST_COUNTED), more=count > NEWEST_COUNTED, cursor=cursor)


def message_view(found: Detail) -> SimpleNamespace:
    """One message for its page."""
    message = found.message
    data = {**message._mapping, "user": message.username, "is_complete": message.correlation == "complete",
            "recipient": message.recipients[0] if message.recipients else None, "summary": found.summary}
    return SimpleNamespace(**data, deliveries=[_delivery(delivery) for delivery in found.deliveries], lines=_lines(found),
                           rspamd=_scan(found.scan), netfilter=found.netfilter, related=found.related)


def _delivery(delivery: Any) -> SimpleNamespace:
    return SimpleNamespace(**delivery._mapping, meaning=meaning(delivery.dsn, delivery.status))


def _lines(found: Detail) -> list[SimpleNamespace]:
    first = found.message.first_seen
    return [SimpleNamespace(**line._mapping, offset=(line.time - first).total_seconds(), noise=_is_noise(line)) for line in found.lines]


def _is_noise(line: Any) -> bool:
    return line.status is None and line.message.partition(": ")[2].startswith(NOISE)


def _scan(scan: Any | None) -> SimpleNamespace | None:
    if scan is None:
        return None
    symbols = [SimpleNamespace(name=name, score=_score(symbol), description=symbol.get("description"), options=symbol.get("options") or [])
               for name, symbol in scan.symbols.items() if isinstance(symbol, dict)]
    symbols.sort(key=lambda symbol: (-abs(symbol.score), symbol.name))
    return SimpleNamespace(time=scan.time, score=scan.score, required_score=scan.required_score, action=scan.action, is_spam=scan.is_spam,
                           ip=scan.ip, user=scan.username, size=scan.size, scan_seconds=scan.raw.get("time_real"), symbols=symbols)


def _score(symbol: dict[str, Any]) -> float:
    score = symbol.get("score")
    return float(score) if isinstance(score, (int, float)) else 0.0
