"""X-Forwarded-* headers count only when the direct peer is a proxy of ours: loopback, private or a unix
socket."""

from collections.abc import Iterable
from ipaddress import ip_address
from typing import Any

from werkzeug.middleware.proxy_fix import ProxyFix


class TrustedProxy:
    """Applies ProxyFix for peers that can be our reverse proxy; others keep the address they come from."""

    def __init__(self, app: Any, hops: int) -> None:
        self.app = app
        self.fixed = ProxyFix(app, x_for=hops, x_proto=hops, x_host=hops, x_prefix=hops)

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """Answer one request."""
        return (self.fixed if _may_be_proxy(environ.get("REMOTE_ADDR", "")) else self.app)(
            environ, start_response
        )


def _may_be_proxy(peer: str) -> bool:
    if not peer:
        return True
    try:
        address = ip_address(peer)
    except ValueError:
        return False
    return address.is_private or address.is_loopback or address.is_link_local
