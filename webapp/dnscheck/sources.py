"""The addresses that send for us, each with where it is known from."""

from dataclasses import dataclass
from enum import StrEnum


class Origin(StrEnum):
    """Where an address is known from."""

    SERVER = "server"  # mailcow's own public address
    MX = "mx"  # an exchanger of the domain that is the mail server itself
    TRANSPORT = "transport"
    RELAYHOST = "relayhost"
    REPORTED = "dmarc-history"  # passed SPF for the domain, as DMARC reports say
    MANUAL = "manual"  # DOMAIN_SPF_SOURCE_MANUAL_HOSTS


@dataclass(frozen=True, kw_only=True)
class Source:
    """One address that sends. `name` is what the administrator wrote: `[smtp.example.com]:587`."""

    address: str
    origin: Origin
    name: str = ""

    @property
    def own(self) -> bool:
        """True for the mail server itself and for what the administrator named: these must pass.

        What a relay is reached at may differ from what it sends from, so that its failure is a warning.
        """
        return self.origin in (Origin.SERVER, Origin.MX, Origin.MANUAL)
