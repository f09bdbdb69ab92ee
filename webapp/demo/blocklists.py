"""The blocklists of the simulated Internet: all live, one has the server, one its provider, one refuses."""

from . import cast
from .nameserver import Zone

ZONES = (
    "zen.spamhaus.org",
    "bl.spamcop.net",
    "psbl.surriel.com",
    "bl.mailspike.net",
    "hostkarma.junkemailfilter.com",
    "bl.suomispam.net",
    "bl.spameatingmonkey.net",
    "backscatter.spameatingmonkey.net",
    "all.spamrats.com",
    "dnsbl.spfbl.net",
    "dnsbl-1.uceprotect.net",
    "dnsbl-2.uceprotect.net",
    "dnsbl-3.uceprotect.net",
    "ips.backscatterer.org",
    "bl.blocklist.de",
    "dnsbl.dronebl.org",
    "all.s5h.net",
    "truncate.gbudb.net",
    "bl.score.senderscore.com",
    "bl.nordspam.com",
    "bl.0spam.org",
    "rbl.abuse.ro",
    "bl.scientificspam.net",
    "rbl.interserver.net",
)
ONLY_IPV6, REFUSING = "bl.ipv6.spameatingmonkey.net", "b.barracudacentral.org"
TEST_ENTRY = {"A": ["127.0.0.2"]}
PUBLIC_RESOLVER = {"A": ["127.255.255.254"]}


def zone() -> Zone:
    """What the lists answer: their test entries (RFC 5782 5), and what they say of the mail server."""
    server = _reversed(cast.SERVER_IP)
    return {
        **{f"2.0.0.127.{name}": TEST_ENTRY for name in ZONES},
        f"{'.'.join(reversed('00000000000000000000ffff7f000002'))}.{ONLY_IPV6}": TEST_ENTRY,
        f"*.{REFUSING}": PUBLIC_RESOLVER,
        f"{server}.hostkarma.junkemailfilter.com": {
            "A": ["127.0.0.4"],
            "TXT": [f"Brown listed: {cast.SERVER_IP} sends mail to our traps"],
        },
        f"{server}.dnsbl-3.uceprotect.net": {
            "A": ["127.0.0.2"],
            "TXT": ["Your provider is listed for what others in its network do"],
        },
    }


def _reversed(address: str) -> str:
    return ".".join(reversed(address.split(".")))
