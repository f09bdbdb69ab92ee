"""Zones made to hurt: always a graded result, in bounded time and memory."""

import json
import tracemalloc
from typing import Any

import pytest

from tests.dnscheck.conftest import Serve, asked
from webapp.dnscheck.findings import Status
from webapp.dnscheck.sources import Origin, Source
from webapp.dnscheck.spf.grade import SpfGrade, grade_spf

SERVER = Source(address="192.0.2.1", origin=Origin.SERVER)
MOST_MEMORY = 60_000_000  # bytes
MOST_QUESTIONS = 200


def includes(*names: str) -> dict[str, list[str]]:
    return {"TXT": ["v=spf1 " + " ".join(f"include:{name}" for name in names) + " -all"]}


def everybody(count: int) -> dict[str, Any]:
    """Records that all include all the others: without a bound more ways through them than atoms."""
    names = [f"n{number}.example" for number in range(count)]
    return {name: includes(*names) for name in names} | {"example.com": includes(*names)}


ZONES: dict[str, tuple[dict[str, Any], Status]] = {
    "alias loop": (
        {"example.com": {"CNAME": ["a.example."]}, "a.example": {"CNAME": ["example.com."]}},
        Status.UNKNOWN,
    ),
    "include of itself": ({"example.com": includes("example.com")}, Status.ERROR),
    "everybody includes everybody": (everybody(40), Status.ERROR),
    "chain of includes": (
        {"example.com": includes("n0.example")}
        | {f"n{number}.example": includes(f"n{number + 1}.example") for number in range(300)},
        Status.ERROR,
    ),
    "thousand strings": (
        {"example.com": {"TXT": [f"junk {number}" for number in range(1000)]}},
        Status.ERROR,
    ),
    "thousand policies": (
        {"example.com": {"TXT": [f"v=spf1 a:h{n}.example" for n in range(1000)]}},
        Status.ERROR,
    ),
    "record of 64 kB": (
        {"example.com": {"TXT": ["v=spf1 " + "ip4:192.0.2.1 " * 4500 + "-all"]}},
        Status.SUCCESS,
    ),
    "64 kB of one term": (
        {"example.com": {"TXT": ["v=spf1 exists:" + "%{d1r.-}" * 7500 + " -all"]}},
        Status.ERROR,
    ),
    "64 kB of digits": (
        {"example.com": {"TXT": ["v=spf1 exists:%{d" + "1" * 60000 + "}.a -all"]}},
        Status.ERROR,
    ),
    "64 kB of blanks": (
        {"example.com": {"TXT": ["v=spf1" + " " * 60000 + "ip4:192.0.2.1 -all"]}},
        Status.SUCCESS,
    ),
    "64 kB of dots": ({"example.com": {"TXT": ["v=spf1 a:" + "." * 60000 + " -all"]}}, Status.ERROR),
    "64 kB of labels": ({"example.com": {"TXT": ["v=spf1 a:" + "a-" * 30000 + " -all"]}}, Status.ERROR),
    "not ASCII": ({"example.com": {"TXT": [b"v=spf1 a:b\xfccher.example -all"]}}, Status.ERROR),
    "zero bytes": ({"example.com": {"TXT": [b"v=spf1 \x00 -all"]}}, Status.ERROR),
    "empty strings": (
        {"example.com": {"TXT": ["", ("", "v=spf1", "", " ip4:192.0.2.1", " -all")]}},
        Status.SUCCESS,
    ),
    "nothing in it": ({"example.com": {"TXT": [""]}}, Status.ERROR),
    "wildcard": ({"example.com": includes("a.b.example"), "*.example": includes("c.example")}, Status.ERROR),
    "hundred exchangers": (
        {"example.com": {"TXT": ["v=spf1 mx -all"], "MX": [f"{n} m{n}.example" for n in range(100)]}},
        Status.ERROR,
    ),
    "macro as name": (
        {"example.com": {"TXT": ["v=spf1 a:%{l}.%{h}.%{d} include:%{i}._spf.example -all"]}},
        Status.ERROR,
    ),
}


@pytest.mark.parametrize("name", ZONES)
def test_a_hostile_zone_gets_a_grade(serve: Serve, name: str) -> None:
    zone, status = ZONES[name]
    server = serve(zone)
    tracemalloc.start()
    grade: SpfGrade = asked(server, lambda resolver: grade_spf("example.com", (SERVER,), resolver))
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert grade.status is status, grade.message
    assert most < MOST_MEMORY
    assert len(server.questions) < MOST_QUESTIONS
    text = json.dumps(grade.answer())
    assert len(text) < 40_000
    assert "\\u0000" not in text
