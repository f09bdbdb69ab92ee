"""Requests come in pieces of any length; deadlines and bounds of one visitor."""

import contextlib
import itertools
import socket
import threading

import pytest
from gunicorn.config import Config
from gunicorn.http.errors import ParseException
from hypothesis import given, settings
from hypothesis import strategies as st

from webapp.standalone.visitors import limits
from webapp.standalone.visitors.incoming import Incoming
from webapp.standalone.visitors.outgoing import Outgoing
from webapp.standalone.visitors.spool import NoRoom, Room, Spool
from webapp.standalone.visitors.visitor import Stage, Visitor

CONFIGURATION = Config()
PLAIN = b"POST /a?b HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello"
CHUNKED = (
    b"POST /c HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
    b"3;x=y\r\nhel\r\n2\r\nlo\r\n0\r\nX-Trailer: t\r\n\r\n"
)


def pieces(data: bytes, cuts: list[int]) -> list[bytes]:
    places = sorted({min(cut, len(data)) for cut in cuts} | {0, len(data)})
    return [data[a:b] for a, b in itertools.pairwise(places)]


@settings(max_examples=60, deadline=None)
@given(st.sampled_from([PLAIN, CHUNKED]), st.lists(st.integers(0, 200), max_size=8))
def test_any_cut_gives_the_same_request(sent, cuts):
    room = Room(10_000)
    incoming = Incoming(CONFIGURATION, ("192.0.2.1", 1), room)
    for piece in pieces(sent + PLAIN[:9], cuts):
        incoming.take(piece)
    assert incoming.whole
    assert (incoming.request.method, incoming.request.body.read()) == ("POST", b"hello")
    assert incoming.next()
    assert not incoming.whole
    incoming.take(PLAIN[9:])
    assert (incoming.whole, incoming.request.body.read()) == (True, b"hello")
    incoming.close()
    assert room.taken == 0


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=300), st.lists(st.integers(0, 300), max_size=4))
def test_what_follows_chunks_never_hangs_and_is_bounded(garbage, cuts):
    incoming = Incoming(CONFIGURATION, ("192.0.2.1", 1), Room(10_000))
    incoming.take(CHUNKED[: CHUNKED.index(b"3;x")])
    with contextlib.suppress(ParseException):
        for piece in pieces(garbage, cuts):
            incoming.take(piece)


def test_a_spool_gives_in_order_and_returns_its_room():
    room = Room(200_000)
    spool = Spool(room)
    spool.put(b"a" * 100_000)
    spool.put(b"b" * 50_000)
    assert spool.take(70_000) + spool.take(70_000) + spool.take(70_000) == b"a" * 100_000 + b"b" * 50_000
    assert room.taken == 0
    with pytest.raises(NoRoom):
        spool.put(b"c" * 200_001)
    spool.close()
    assert room.taken == 0


@pytest.fixture
def pair():
    near, far = socket.socketpair()
    near.setblocking(False)
    with near, far:
        yield near, far


def test_a_thread_waits_for_the_reader_of_a_very_long_answer_only(pair, monkeypatch):
    near, far = pair
    monkeypatch.setattr("webapp.standalone.visitors.outgoing.ON_DISK", 100_000)
    outgoing = Outgoing(near, Room(10_000_000), threading.Semaphore(1))
    got = bytearray()

    def read():
        while data := far.recv(65536):
            got.extend(data)

    outgoing.sendall(b"a" * 90_000)  # nobody reads, and the thread goes on
    reader = threading.Thread(target=read)
    reader.start()
    for _ in range(40):
        outgoing.sendall(b"b" * 50_000)
        assert len(outgoing) <= 100_000
    while outgoing:
        outgoing.flush()
    near.shutdown(socket.SHUT_WR)
    reader.join()
    assert bytes(got) == b"a" * 90_000 + b"b" * 2_000_000


def test_only_some_threads_wait_for_slow_readers(pair, monkeypatch):
    near, _far = pair
    monkeypatch.setattr("webapp.standalone.visitors.outgoing.ON_DISK", 1000)
    monkeypatch.setattr("webapp.standalone.visitors.outgoing.WAIT_SECONDS", 0.01)
    waiting = threading.Semaphore(1)
    with pytest.raises(TimeoutError, match="too slow"):
        Outgoing(near, Room(10_000_000), waiting).sendall(b"a" * 5_000_000)
    waiting.acquire()
    with pytest.raises(TimeoutError, match="too many"):
        Outgoing(near, Room(10_000_000), waiting).sendall(b"a" * 5_000_000)


def test_every_stage_but_work_has_a_deadline(pair):
    visitor = Visitor(
        pair[0], ("192.0.2.1", 1), ("", 0), CONFIGURATION, Room(10_000_000), threading.Semaphore(1)
    )
    allowed = {}
    for stage in Stage:
        visitor.enter(stage)
        allowed[stage] = None if visitor.deadline is None else visitor.deadline - visitor.since
    assert allowed.pop(Stage.WORKING) is None
    assert all(0 < seconds <= limits.TRANSFER_SECONDS for seconds in allowed.values())
    visitor.enter(Stage.BODY)
    visitor.incoming.moved = 10 * limits.RATE
    assert visitor.deadline - visitor.since == pytest.approx(limits.TRANSFER_SECONDS + 10)
