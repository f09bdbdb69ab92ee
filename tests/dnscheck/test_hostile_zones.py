"""Whatever a zone holds, every check gives a grade: no exception, few questions, answers of bounded size."""

import json
import tracemalloc
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import pytest

from tests.dnscheck.conftest import Serve, asked
from tests.dnscheck.keys import RSA_2048
from webapp.dnscheck.bimi import grade_bimi
from webapp.dnscheck.caa import grade_caa
from webapp.dnscheck.dane import grade_dane
from webapp.dnscheck.dkim import ExpectedKey, grade_dkim
from webapp.dnscheck.dmarc import grade_dmarc
from webapp.dnscheck.dnssec import grade_dnssec
from webapp.dnscheck.findings import Grade, Status
from webapp.dnscheck.mtasts import grade_mtasts
from webapp.dnscheck.mx import grade_address, grade_mx
from webapp.dnscheck.policyfetch import Fetch, Fetched
from webapp.dnscheck.port25 import Served
from webapp.dnscheck.resolver import Lookup
from webapp.dnscheck.tlsrpt import grade_tlsrpt

Grader = Callable[[str, Lookup], Awaitable[Grade]]
DOMAIN = "example.com"
NAMES = (
    "example.com",
    "dkim._domainkey.example.com",
    "_dmarc.example.com",
    "_mta-sts.example.com",
    "mta-sts.example.com",
    "_smtp._tls.example.com",
    "default._bimi.example.com",
    "mail.example.com",
    "_25._tcp.mail.example.com",
)
PREFIXES = {
    "dkim._domainkey.example.com": "v=DKIM1; p=",
    "_dmarc.example.com": "v=DMARC1; p=reject; rua=",
    "_mta-sts.example.com": "v=STSv1; id=",
    "_smtp._tls.example.com": "v=TLSRPTv1; rua=",
    "default._bimi.example.com": "v=BIMI1; l=",
}


async def _dkim(domain: str, resolver: Lookup) -> Grade:
    expected = ExpectedKey(selector="dkim", record=f"v=DKIM1;k=rsa;p={RSA_2048}")
    return await grade_dkim(domain, expected, resolver)


async def _mtasts(domain: str, resolver: Lookup) -> Grade:
    async def fetch(host: str, addresses: Sequence[str]) -> Fetched:
        return Fetched(outcome=Fetch.TEXT, text="mx: *\r\n" * 5000 + "version: STSv1:" * 3000)

    return await grade_mtasts(domain, resolver, fetch=fetch)


async def _dane(domain: str, resolver: Lookup) -> Grade:
    async def probe(host: str, addresses: Sequence[str]) -> Served:
        return Served(chain=(b"\x30\x82" * 500, b""))

    return await grade_dane(domain, resolver, probe=probe)


GRADERS: list[Grader] = [
    _dkim,
    grade_dmarc,
    grade_mx,
    grade_address,
    _mtasts,
    grade_tlsrpt,
    grade_dnssec,
    _dane,
    grade_bimi,
    grade_caa,
]


def texts(*values: Any) -> dict[str, Any]:
    """Every name with these texts, each after what makes it look like a record."""
    zone: dict[str, Any] = {
        name: {"TXT": [PREFIXES.get(name, "") + value for value in values]} for name in NAMES
    }
    zone["example.com"]["MX"] = ["10 mail.example.com."]
    zone["mail.example.com"]["A"] = ["192.0.2.1"]
    return zone


HOSTS = [f"{number} mx{number}.example.com." for number in range(1000)]
ZONES: dict[str, dict[str, Any]] = {
    "nothing": {"example.net": {}},
    "empty names": {name: {} for name in NAMES},
    "alias loops": {name: {"CNAME": [f"{name}."]} for name in NAMES},
    "a circle of aliases": {
        name: {"CNAME": [f"{other}."]} for name, other in zip(NAMES, NAMES[1:] + NAMES[:1], strict=True)
    },
    "a chain of aliases": {
        **{name: {"CNAME": ["a0.example.net."]} for name in NAMES},
        **{f"a{number}.example.net": {"CNAME": [f"a{number + 1}.example.net."]} for number in range(100)},
    },
    "a thousand texts": texts(*[f"{number}" for number in range(1000)]),
    "a thousand strings": {name: {"TXT": [("v=DMARC1;",) + ("x" * 20,) * 999]} for name in NAMES},
    "64 kB": texts("x" * 64000),
    "64 kB of semicolons": texts(";" * 64000),
    "64 kB of tags": texts(";" + ";".join(f"a{number}=b" for number in range(7000))),
    "64 kB of commas": texts("," * 64000),
    "64 kB of addresses": texts(",".join(f"mailto:a@h{number}.example" for number in range(2200))),
    "64 kB of blanks": texts(" \t" * 32000),
    "64 kB of colons": {name: {"TXT": ["v=DKIM1; h=" + ":" * 60000 + "; p=" + RSA_2048]} for name in NAMES},
    "64 kB of equals signs": texts("=" * 64000),
    "bytes beyond ASCII": {
        name: {"TXT": [b"v=DKIM1; p=\xff\xfe\x00\xe4;\x00", b"v=DMARC1; p=\xff"]} for name in NAMES
    },
    "NUL in every value": texts(
        "\x00;\x00=\x00; p=\x00; sp=\x00; rua=mailto:\x00@\x00; l=\x00; h=\x00; id=\x00"
    ),
    "64 kB behind a weak policy": {
        name: {"TXT": ["v=DMARC1; p=none; rua=" + "mailto:a@example.com," * 3000]} for name in NAMES
    },
    "empty strings": {name: {"TXT": ["", ("", "", "")]} for name in NAMES},
    "markup": texts("<script>alert(1)</script>'\"\r\n\x1b[31m"),
    "wildcards": {
        "*.example.com": {
            "TXT": ["v=DKIM1; p=", "v=DMARC1; p=none"],
            "A": ["192.0.2.1"],
            "MX": ["10 mail.example.com."],
        }
    },
    "a thousand hosts": {"example.com": {"MX": HOSTS}, "*.example.com": {"A": ["192.0.2.1"]}},
    "a thousand addresses": {
        "example.com": {"MX": ["10 mail.example.com."]},
        "mail.example.com": {"A": [f"192.0.{number // 250}.{number % 250}" for number in range(1000)]},
    },
    "a thousand names": {
        "example.com": {"MX": ["10 mail.example.com."]},
        "mail.example.com": {"A": ["192.0.2.1"]},
        "1.2.0.192.in-addr.arpa": {"PTR": [f"n{number}.example.com." for number in range(1000)]},
    },
    "strange records": {
        "example.com": {
            "MX": ["0 .", "10 \\000\\255.example.com.", "20 192.0.2.1."],
            "CAA": ['255 issue "\\000\\255"', '128 a "x"'],
        },
        "_25._tcp.mail.example.com": {"TLSA": ["255 255 255 00", "3 1 1 00"]},
    },
}
MOST_QUESTIONS = 120
MOST_BYTES = 60_000


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("grader", GRADERS, ids=lambda grader: grader.__name__.strip("_"))
def test_a_hostile_zone_is_graded_like_any_other(serve: Serve, grader: Grader, zone: str) -> None:
    server = serve(ZONES[zone], signed=frozenset(NAMES))
    grade = asked(server, lambda resolver: grader(DOMAIN, resolver))
    answer = json.dumps(grade.answer())
    assert grade.status in set(Status)
    assert grade.message
    assert len(server.questions) < MOST_QUESTIONS
    assert len(answer) < MOST_BYTES
    assert "\\u0000" not in answer


@pytest.mark.parametrize(
    "domain", ["", ".", "a..b", "x" * 64 + ".com", "é.example", "a\x00b.com", "-", "x." * 130]
)
@pytest.mark.parametrize("grader", GRADERS, ids=lambda grader: grader.__name__.strip("_"))
def test_what_is_no_domain_is_graded_too(serve: Serve, grader: Grader, domain: str) -> None:
    grade = asked(serve({}), lambda resolver: grader(domain, resolver))
    assert grade.status in set(Status)


def test_a_large_record_takes_little_memory(serve: Serve) -> None:
    server = serve(ZONES["64 kB of tags"])
    tracemalloc.start()
    asked(server, lambda resolver: grade_dmarc(DOMAIN, resolver))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 20_000_000
