"""DNS_RESOLVERS: which servers are asked, and whether the way to them can be trusted."""

import ipaddress
from collections.abc import Sequence
from typing import Any

import dns.asyncquery
import dns.asyncresolver
import dns.flags
import dns.message
import dns.nameserver
import dns.resolver
import httpx2

from webapp.config import server_of
from webapp.errors import ExpectedError

FORWARDERS = frozenset({"127.0.0.11", "127.0.0.53", "127.0.0.54"})


class NoServerError(ExpectedError):
    """There is nobody to ask."""


class KeptDoH(dns.nameserver.DoHNameserver):
    """DNS over HTTPS (RFC 8484) by one client that keeps its connection, opened at the first question."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self._client: httpx2.AsyncClient | None = None

    async def async_query(
        self, request: dns.message.QueryMessage, timeout: float, *_: Any, **__: Any
    ) -> dns.message.Message:
        """One question by the kept connection; errors of HTTP count as errors of this server."""
        if self._client is None:
            self._client = httpx2.AsyncClient(http2=True)
        try:
            return await dns.asyncquery.https(request, self.url, timeout=timeout, client=self._client)
        except (httpx2.HTTPError, ValueError) as error:
            raise OSError(str(error)) from error

    async def close(self) -> None:
        """Closes the connection."""
        if self._client is not None:
            await self._client.aclose()


class NameServers:
    """The servers of DNS_RESOLVERS, those of the system where it names none."""

    def __init__(self, texts: Sequence[str] = ()) -> None:
        self._parsed = [server_of(text) for text in texts]
        self._doh = [KeptDoH(server) for server in self._parsed if isinstance(server, str)]

    def stub(self) -> dns.asyncresolver.Resolver:
        """dnspython's resolver on these servers; asks for the AD bit without the signatures (RFC 6840
        5.7)."""
        stub = dns.asyncresolver.Resolver(configure=False) if self._parsed else of_the_system()
        if self._parsed:
            doh = iter(self._doh)
            stub.nameservers = [
                next(doh) if isinstance(server, str) else dns.nameserver.Do53Nameserver(*server)
                for server in self._parsed
            ]
        stub.use_edns(0, 0, 1232)
        stub.flags = dns.flags.RD | dns.flags.AD
        return stub

    @property
    def trusted(self) -> bool:
        """True where nobody on the way can forge what the servers say.

        Servers that the administrator named: over TLS, on this machine or in a private network. Those of the
        system: on this machine, and no mere forwarder, behind which anything may stand.
        """
        if self._parsed:
            return all(isinstance(server, str) or _near(server[0]) for server in self._parsed)
        return all(is_local_resolver(str(server)) for server in of_the_system().nameservers)

    async def close(self) -> None:
        """Closes what connections are kept."""
        for server in self._doh:
            await server.close()


def of_the_system(path: str = "/etc/resolv.conf") -> dns.asyncresolver.Resolver:
    """dnspython's resolver on the system's servers; raises NoServerError where it has none."""
    try:
        return dns.asyncresolver.Resolver(path)
    except dns.resolver.NoResolverConfiguration as error:
        raise NoServerError("This system names no DNS server: set DNS_RESOLVERS") from error


def _near(server: str) -> bool:
    address = ipaddress.ip_address(server)
    return address.is_loopback or address.is_private


def is_local_resolver(server: str) -> bool:
    """True for an address of this machine that is not Docker's or systemd's forwarder."""
    return server not in FORWARDERS and ipaddress.ip_address(server).is_loopback
