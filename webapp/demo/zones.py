"""The DNS of the simulated organisation: one domain as it should be, one with mistakes, one that was
forgotten."""

from . import blocklists, cast, objects
from .nameserver import Zone

NEWSLETTER = "spf.book-trade-weekly.example"
OLD_KEY = "v=DKIM1; k=rsa; t=s; p=" + objects.key_text("a key from before the move")


def zone() -> Zone:
    """Everything that the simulated name server answers."""
    return {
        **blocklists.zone(),
        **_host(),
        **_well_kept(cast.BOOKS),
        **_neglected(cast.WERFT),
        **_forgotten(cast.ALIAS_DOMAIN),
    }


def _host() -> dict[str, dict[str, list[str]]]:
    """The mail server with its reverse names, and the newsletter's provider."""
    return {
        cast.MAIL_HOST: {"A": [cast.SERVER_IP], "AAAA": [cast.SERVER_IPV6]},
        _reverse(cast.SERVER_IP): {"PTR": [f"{cast.MAIL_HOST}."]},
        "5.2.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.5.2.0.0.8.b.d.0.1.0.0.2.ip6.arpa": {
            "PTR": [f"{cast.MAIL_HOST}."]
        },
        NEWSLETTER: {"TXT": [f"v=spf1 ip4:{cast.NEWSLETTERS.sends.ip} -all"]},
    }


def _well_kept(domain: str) -> dict[str, dict[str, list[str]]]:
    return {
        domain: {
            "A": ["192.0.2.80"],
            "AAAA": ["2001:db8:25::80"],
            "MX": [f"10 {cast.MAIL_HOST}."],
            "TXT": [f"v=spf1 mx include:{NEWSLETTER} -all"],
            "CAA": ['0 issue "letsencrypt.org"'],
        },
        f"dkim._domainkey.{domain}": {"TXT": [str(objects.dkim(domain)["dkim_txt"])]},
        f"_dmarc.{domain}": {"TXT": [f"v=DMARC1; p=reject; rua=mailto:dmarc@{domain}"]},
        f"_smtp._tls.{domain}": {"TXT": [f"v=TLSRPTv1; rua=mailto:tls@{domain}"]},
    }


def _neglected(domain: str) -> dict[str, dict[str, list[str]]]:
    """The server moved: its new key was not published, and an old provider is still included."""
    return {
        domain: {
            "A": ["192.0.2.81"],
            "MX": [f"10 {cast.MAIL_HOST}."],
            "TXT": [f"v=spf1 a mx ptr include:{NEWSLETTER} ~all"],
        },
        f"dkim._domainkey.{domain}": {"TXT": [OLD_KEY]},
        f"_dmarc.{domain}": {"TXT": [f"v=DMARC1; p=none; rua=mailto:dmarc@{cast.BOOKS}"]},
    }


def _forgotten(domain: str) -> dict[str, dict[str, list[str]]]:
    """An alias domain that has its exchanger and nothing else."""
    return {domain: {"A": ["192.0.2.80"], "MX": [f"10 {cast.MAIL_HOST}."]}}


def _reverse(address: str) -> str:
    return ".".join(reversed(address.split("."))) + ".in-addr.arpa"
