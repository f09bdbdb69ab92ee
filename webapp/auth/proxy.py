"""X-Forwarded-* headers count only where a proxy of ours wrote them."""

import re
from collections.abc import Iterable
from typing import Any

from webapp.auth.network import Trust, origin_of

HOST = re.compile(r"[A-Za-z0-9._-]{1,253}(?::[0-9]{1,5})?|\[[0-9A-Fa-f:.]{2,45}\](?::[0-9]{1,5})?")
PEER = "mlv.peer"  # the address at the other end of the connection, where it spoke for someone else
ENTRIES = 50  # of X-Forwarded-For that are looked at


class TrustedProxy:
    """Puts the true address, scheme and host of a request into its environment."""

    def __init__(self, app: Any, trust: Trust) -> None:
        self.app, self.trust = app, trust

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """Answer one request. The application always stands at the root: nobody may tell it another place."""
        environ["SCRIPT_NAME"] = ""
        peer = environ.get("REMOTE_ADDR") or ""
        origin = origin_of(peer, _listed(environ, "HTTP_X_FORWARDED_FOR"), self.trust)
        if origin.hops:
            _apply(environ, origin.hops)
        environ["REMOTE_ADDR"] = origin.address
        environ[PEER] = peer if origin.address != peer else ""
        found: Iterable[bytes] = self.app(environ, start_response)
        return found


def _apply(environ: dict[str, Any], hops: int) -> None:
    scheme = _written(environ, "HTTP_X_FORWARDED_PROTO", hops).lower()
    if scheme in ("http", "https"):
        environ["wsgi.url_scheme"] = scheme
    host = _written(environ, "HTTP_X_FORWARDED_HOST", hops)
    if HOST.fullmatch(host):
        environ["HTTP_HOST"] = host


def _listed(environ: dict[str, Any], name: str) -> list[str]:
    return [part.strip() for part in environ.get(name, "").rsplit(",", ENTRIES)[-ENTRIES:] if part.strip()]


def _written(environ: dict[str, Any], name: str, hops: int) -> str:
    """What the outermost of so many proxies wrote."""
    entries = _listed(environ, name)
    return entries[-min(hops, len(entries))] if entries else ""
