"""Every case of the published test suite for RFC 7208, served by a name server on loopback."""

import asyncio
import json
from pathlib import Path
from typing import Any

import dns.asyncresolver
import dns.name
import dns.nameserver
import pytest

from webapp.demo.nameserver import HOST, Fault, NameServer
from webapp.dnscheck.spf import Verdict, check_host

SUITE = json.loads((Path(__file__).parent / "records" / "rfc7208-tests.json").read_text(encoding="utf-8"))
TYPES = ("TXT", "A", "AAAA", "MX", "PTR")
SILENCE = 0.2  # seconds; how long a silent name is waited for
PATIENCE = 20.0  # seconds; for names that answer, however busy the machine
CASES = [
    pytest.param(scenario, case, id=case["name"])
    for scenario in SUITE["scenarios"]
    for case in scenario["tests"]
]


def served(scenario: dict[str, Any]) -> NameServer:
    """The scenario's zone; a silent name answers for the types that it has and for no other."""
    zone = scenario["zone"]
    silent = {
        (name, rdtype): Fault.SILENCE
        for name in scenario["silent"]
        for rdtype in TYPES
        if rdtype not in zone[name]
    }
    texts = {name: dict(node) for name, node in zone.items()}
    for node in texts.values():
        node["TXT"] = [strings(value) for value in node.get("TXT", ())]
        node["MX"] = [value if value.split()[1:] else f"{value.strip()} ." for value in node.get("MX", ())]
    return NameServer(texts, faults=silent)


def strings(value: str | list[str]) -> bytes | tuple[bytes, ...]:
    return value.encode() if isinstance(value, str) else tuple(part.encode() for part in value)


class Patient(dns.asyncresolver.Resolver):
    """A resolver that waits `SILENCE` for the names that are silent and `PATIENCE` for all others."""

    def __init__(self, server: NameServer, silent: list[str]) -> None:
        super().__init__(configure=False)
        self.nameservers = [dns.nameserver.Do53Nameserver(HOST, server.port)]
        self._silent = {dns.name.from_text(name) for name in silent}

    async def resolve(self, qname: Any, *args: Any, **options: Any) -> Any:
        """See dns.asyncresolver.Resolver."""
        name = dns.name.from_text(qname) if isinstance(qname, str) else qname
        options["lifetime"] = SILENCE if name in self._silent else PATIENCE
        return await super().resolve(qname, *args, **options)


def verdict(scenario: dict[str, Any], case: dict[str, Any]) -> Verdict:
    with served(scenario) as server:
        resolver = Patient(server, scenario["silent"])
        return asyncio.run(check_host(case["ip"], case["sender"], case["helo"], resolver))


def test_the_suite_is_complete() -> None:
    assert len(SUITE["scenarios"]) == 16
    assert len(CASES) == 203


@pytest.mark.parametrize(("scenario", "case"), CASES)
def test_a_published_case_is_answered_as_published(scenario: dict[str, Any], case: dict[str, Any]) -> None:
    found = verdict(scenario, case)
    assert found.result in case["results"], found.reason
    if found.result == "fail" and "explanation" in case:
        assert found.explanation == case["explanation"]
