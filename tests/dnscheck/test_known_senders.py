"""Records of well-known senders against expectations made by hand."""

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from webapp.demo.nameserver import NameServer
from webapp.dnscheck.resolver import Resolver
from webapp.dnscheck.sources import Origin, Source
from webapp.dnscheck.spf import check_host
from webapp.dnscheck.spf.grade import grade_spf

DATA = json.loads((Path(__file__).parent / "records" / "known-senders.json").read_text(encoding="utf-8"))
EXPECTED = [pytest.param(one, id=f"{one['domain']} {one['ip']}") for one in DATA["expected"]]


@pytest.fixture(scope="module")
def server() -> Iterator[NameServer]:
    zone = {
        name: {
            kind: [tuple(value) if isinstance(value, list) else value for value in values]
            for kind, values in node.items()
        }
        for name, node in DATA["zone"].items()
    }
    with NameServer(zone) as running:
        yield running


def test_there_are_two_dozen_of_them() -> None:
    assert len({one["domain"] for one in DATA["expected"]}) >= 24


@pytest.mark.parametrize("expected", EXPECTED)
def test_a_known_sender_is_graded_as_expected(server: NameServer, expected: dict[str, Any]) -> None:
    async def run() -> None:
        domain, source = expected["domain"], Source(address=expected["ip"], origin=Origin.SERVER)
        async with Resolver([server.address]) as resolver:
            verdict = await check_host(source.address, f"postmaster@{domain}", domain, resolver)
            grade = await grade_spf(domain, [source], resolver)
        assert verdict.result == expected["result"]
        found = (grade.status, grade.policy, grade.dns_lookups, [finding.code for finding in grade.findings])
        assert found == (expected["status"], expected["policy"], expected["lookups"], expected["codes"])

    asyncio.run(run())
