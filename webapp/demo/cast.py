"""Who writes to whom: the simulated organisation, its correspondents and their servers.

All names and addresses come from the ranges reserved for documentation.
"""

from typing import NamedTuple

MAIL_HOST = "mail.harbour-books.example"
SERVER_IP, SERVER_IPV6 = "192.0.2.25", "2001:db8:25::25"
BOOKS, WERFT, ALIAS_DOMAIN = "harbour-books.example", "nordwind-werft.example", "harbourbooks.example"
LOCAL_DOMAINS = (BOOKS, WERFT, ALIAS_DOMAIN)
POSTFIX_IP, DOVECOT_IP, SOGO_IP, PHP_IP = "172.22.1.253", "172.22.1.250", "172.22.1.248", "172.22.1.12"

MAILBOXES: dict[str, str] = {
    **{
        f"{local}@{BOOKS}": name
        for local, name in (
            ("anna.keller", "Anna Keller"),
            ("ben.hughes", "Ben Hughes"),
            ("claire.martin", "Claire Martin"),
            ("david.osei", "David Osei"),
            ("emma.lindqvist", "Emma Lindqvist"),
            ("felix.braun", "Felix Braun"),
            ("grace.murphy", "Grace Murphy"),
            ("hugo.bernard", "Hugo Bernard"),
            ("ines.romero", "Inés Romero"),
            ("jonas.weber", "Jonas Weber"),
            ("kate.sinclair", "Kate Sinclair"),
            ("lena.fischer", "Lena Fischer"),
            ("info", "Harbour Books"),
            ("orders", "Orders"),
            ("accounts", "Accounts"),
            ("events", "Readings & Events"),
            ("newsletter", "Harbour Books Letter"),
            ("archive", "Archive"),
        )
    },
    **{
        f"{local}@{WERFT}": name
        for local, name in (
            ("t.petersen", "Thore Petersen"),
            ("m.johansen", "Maren Johansen"),
            ("s.krueger", "Sven Krüger"),
            ("buero", "Büro Nordwind"),
            ("lager", "Lager"),
            ("einkauf", "Einkauf"),
            ("technik", "Technik"),
        )
    },
}
ALIASES: dict[str, tuple[str, ...]] = {
    f"sales@{BOOKS}": (f"orders@{BOOKS}", f"kate.sinclair@{BOOKS}"),
    f"contact@{BOOKS}": (f"info@{BOOKS}",),
    f"hello@{BOOKS}": (f"info@{BOOKS}",),
    f"team@{BOOKS}": tuple(
        f"{name}@{BOOKS}"
        for name in ("anna.keller", "ben.hughes", "david.osei", "grace.murphy", "jonas.weber")
    ),
    f"press@{BOOKS}": (f"events@{BOOKS}", f"kate.sinclair@{BOOKS}"),
    f"postmaster@{BOOKS}": (f"ben.hughes@{BOOKS}",),
    f"abuse@{BOOKS}": (f"ben.hughes@{BOOKS}",),
    f"invoices@{BOOKS}": (f"accounts@{BOOKS}",),
    f"jobs@{BOOKS}": (f"grace.murphy@{BOOKS}",),
    f"anna@{BOOKS}": (f"anna.keller@{BOOKS}",),
    f"noreply@{BOOKS}": ("null@localhost",),
    f"report-spam@{BOOKS}": ("spam@localhost",),
    f"tax@{BOOKS}": (f"accounts@{BOOKS}", "mandanten@kanzlei-wendt.example"),
    f"rechnung@{WERFT}": (f"einkauf@{WERFT}",),
    f"werft@{WERFT}": (f"buero@{WERFT}", f"t.petersen@{WERFT}"),
    f"letter@{BOOKS}": (f"newsletter@{BOOKS}",),
    f"emma@{BOOKS}": (f"emma.lindqvist@{BOOKS}",),
    f"ines@{BOOKS}": (f"ines.romero@{BOOKS}",),
    f"felix@{BOOKS}": (f"felix.braun@{BOOKS}",),
    f"claire@{BOOKS}": (f"claire.martin@{BOOKS}",),
    f"hugo@{BOOKS}": (f"hugo.bernard@{BOOKS}",),
    f"lena@{BOOKS}": (f"lena.fischer@{BOOKS}",),
    f"records@{BOOKS}": (f"archive@{BOOKS}",),
    f"it@{WERFT}": (f"technik@{WERFT}",),
    f"johansen@{WERFT}": (f"m.johansen@{WERFT}",),
    f"krueger@{WERFT}": (f"s.krueger@{WERFT}",),
    f"wareneingang@{WERFT}": (f"lager@{WERFT}",),
    f"@{WERFT}": (f"buero@{WERFT}",),
}
REDIRECTS = {f"claire.martin@{BOOKS}": "claire@atelier-martin.example"}
ON_HOLIDAY = f"hugo.bernard@{BOOKS}"
COPIED = {f"accounts@{BOOKS}": f"archive@{BOOKS}"}
FULL_MAILBOX = f"lager@{WERFT}"
SPECIAL = {*REDIRECTS, ON_HOLIDAY, *COPIED, *COPIED.values(), FULL_MAILBOX, f"newsletter@{BOOKS}"}
ORDINARY = tuple(address for address in MAILBOXES if address not in SPECIAL)


class Host(NamedTuple):
    """A mail client or server as Postfix names it."""

    name: str
    ip: str

    def __str__(self) -> str:
        return f"{self.name}[{self.ip}]"


class Organisation(NamedTuple):
    """A remote domain: the host it sends from, the host that takes its mail, its people."""

    domain: str
    sends: Host
    takes: Host
    people: tuple[str, ...]


def _organisation(number: int, domain: str, people: str) -> Organisation:
    return Organisation(
        domain,
        Host(f"out1.{domain}", f"198.51.100.{number}"),
        Host(f"mx1.{domain}", f"198.51.100.{number + 100}"),
        tuple(people.split()),
    )


PARTNERS = tuple(
    _organisation(number, domain, people)
    for number, (domain, people) in enumerate(
        (
            ("papierhaus-adler.example", "m.adler bestellung rechnung vertrieb"),
            ("kanzlei-wendt.example", "wendt mandanten sekretariat"),
            ("lighthouse-press.example", "editorial j.moreau rights h.ogilvie"),
            ("cafe-leuchtturm.example", "reservierung s.lorenz"),
            ("stadtbibliothek.example", "ausleihe lesungen k.neumann"),
            ("bluefin-logistics.example", "dispatch tracking p.okafor"),
            ("atelier-martin.example", "claire contact"),
            ("imprimerie-duval.example", "devis l.duval atelier"),
            ("oakfield-school.example", "office library r.thompson"),
            ("segelmacher-rode.example", "a.rode werkstatt"),
            ("harbour-council.example", "licensing events-office"),
            ("fastpost.example", "maria.santos tom.baker olga.s julia1987 pierre.l"),
            ("freemail.example", "lucy.w karl.otto nadia.b sam.reed"),
        ),
        start=11,
    )
)
NEWSLETTERS = _organisation(40, "book-trade-weekly.example", "bounce+4711 bounce+8150 bounce+2204")
IPV6_SENDERS = (
    Host("v6-out.fastpost.example", "2001:db8:15::26"),
    Host("mail.freemail.example", "2001:db8:31:7::25"),
    Host("out6.lighthouse-press.example", "2001:db8:77::19"),
)
GREYLISTING = _organisation(50, "grauliste.example", "empfang kontakt h.janssen")
OVERFULL = _organisation(51, "brimful.example", "old.friend j.archer")
SILENT = _organisation(52, "stillwater-inn.example", "booking kitchen")
CLOSED = _organisation(53, "oldbridge.example", "orders office")
STRICT = _organisation(54, "strict-filter.example", "purchase service")
GONE = "gone-away.example"
BY_DOMAIN = {
    one.domain: one for one in (*PARTNERS, NEWSLETTERS, GREYLISTING, OVERFULL, SILENT, CLOSED, STRICT)
}


def container(service: str, ip: str) -> Host:
    """One of mailcow's own containers, as Postfix resolves its name."""
    return Host(f"mailcowdockerized-{service}-mailcow-1.mailcowdockerized_mailcow-network", ip)


DOVECOT, SOGO = container("dovecot", DOVECOT_IP), container("sogo", SOGO_IP)
RSPAMD, PHP = container("rspamd", "172.22.1.9"), container("php-fpm", PHP_IP)
HOME_CLIENTS = (
    *(Host(f"p{number}.dip.telecom.example", f"203.0.113.{number}") for number in range(60, 76)),
    Host("unknown", "203.0.113.88"),
    Host("unknown", "2001:db8:4a:1::1c7"),
    Host("dsl-3f2.lines.example", "2001:db8:4b:22::3f2"),
)
DEVICES = (
    "[192.168.178.24]",
    "[192.168.1.7]",
    "laptop-anna",
    "DESKTOP-4K2B7QM",
    "iphone.local",
    "[10.0.0.14]",
)
SPAMMERS = (
    Host("unknown", "203.0.113.180"),
    Host("vps-114.cheaphost.example", "203.0.113.181"),
    Host("mx3.win-now.example", "203.0.113.182"),
    Host("unknown", "2001:db8:bad::25"),
)
LISTED = ("203.0.113.200", "203.0.113.201", "203.0.113.204", "203.0.113.209")
ATTACKERS = ("203.0.113.231", "203.0.113.233", "203.0.113.240", "2001:db8:dead::66")
