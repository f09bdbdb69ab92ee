"""What the templates of the Messages pages get."""

from types import SimpleNamespace
from typing import Any

from webapp.messages.dsn import meaning
from webapp.messages.queries import Detail

NOISE = ("replace: ", "breaking line", "host ")


def message_view(found: Detail) -> SimpleNamespace:
    """One message for its page."""
    message = found.message
    data = {
        **message._mapping,
        "user": message.username,
        "is_complete": message.correlation == "complete",
        "recipient": message.recipients[0] if message.recipients else None,
        "summary": found.summary,
    }
    return SimpleNamespace(
        **data,
        deliveries=[_delivery(delivery) for delivery in found.deliveries],
        lines=_lines(found),
        rspamd=_scan(found.scan),
        netfilter=found.netfilter,
        related=found.related,
    )


def _delivery(delivery: Any) -> SimpleNamespace:
    return SimpleNamespace(**delivery._mapping, meaning=meaning(delivery.dsn, delivery.status))


def _lines(found: Detail) -> list[SimpleNamespace]:
    first = found.message.first_seen
    return [
        SimpleNamespace(**line._mapping, offset=(line.time - first).total_seconds(), noise=_is_noise(line))
        for line in found.lines
    ]


def _is_noise(line: Any) -> bool:
    return line.status is None and line.message.partition(": ")[2].startswith(NOISE)


def _scan(scan: Any | None) -> SimpleNamespace | None:
    if scan is None:
        return None
    symbols = [
        SimpleNamespace(
            name=name, score=_score(symbol), description=symbol.get("description"), options=_options(symbol)
        )
        for name, symbol in scan.symbols.items()
        if isinstance(symbol, dict)
    ]
    symbols.sort(key=lambda symbol: (-abs(symbol.score), symbol.name))
    return SimpleNamespace(
        time=scan.time,
        score=scan.score,
        required_score=scan.required_score,
        action=scan.action,
        is_spam=scan.is_spam,
        ip=scan.ip,
        user=scan.username,
        size=scan.size,
        scan_seconds=scan.raw.get("time_real"),
        symbols=symbols,
    )


def _score(symbol: dict[str, Any]) -> float:
    score = symbol.get("score")
    return float(score) if isinstance(score, (int, float)) else 0.0


def _options(symbol: dict[str, Any]) -> list[str]:
    """The symbol's options as texts; none where Rspamd's row holds something else."""
    options = symbol.get("options")
    return [str(option) for option in options] if isinstance(options, list) else []
