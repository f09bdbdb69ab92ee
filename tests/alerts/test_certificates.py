"""The certificates that others see are looked at over real connections, expired ones too."""

import asyncio
import ssl

import pytest
from sqlalchemy import select

from tests.dnscheck.certs import certificate, chain_file
from tests.dnscheck.loopback import Loopback
from webapp.alerts import certificates
from webapp.alerts.certificates import read
from webapp.demo.nameserver import NameServer
from webapp.dnscheck.inventory import SNAPSHOT, Inventory, MailDomain
from webapp.dnscheck.port25 import Served
from webapp.mailcow import snapshots
from webapp.tables.alerts import Certificate

MAIL = "mail.example.org"


async def _silent(reader, writer, server):
    await reader.read()


@pytest.fixture
def web(tmp_path):
    """A web server whose certificate has ended."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(chain_file(tmp_path, certificate("127.0.0.1", expired=True)))
    with Loopback(_silent, tls=context) as server:
        yield server


@pytest.fixture
def look(app, db_session):
    """Look at the web server on a port and at the mail server, which shows what the test says."""
    zone = {"example.org": {"MX": [f"10 {MAIL}."]}, MAIL: {"A": ["192.0.2.1"]}}
    known = Inventory(domains=(MailDomain(name="example.org"),), addresses=("192.0.2.1",))
    snapshots.keep(db_session.connection(), SNAPSHOT, known.stored())
    db_session.commit()

    def run(port: int, served: Served):
        async def probe(host, addresses):
            assert (host, list(addresses)) == (MAIL, ["192.0.2.1"])
            return served

        with NameServer(zone) as server:
            fields = {"mailcow_url": f"https://127.0.0.1:{port}", "dns_resolvers": (server.address,)}
            settings = app.config["SETTINGS"].model_copy(update=fields)
            for _ in certificates.look(db_session(), settings, probe):
                db_session.commit()
        rows = db_session.scalars(select(Certificate).order_by(Certificate.host))
        return {row.host: row for row in rows}

    return run


def test_the_ends_of_both_certificates_are_kept(look, web):
    found = look(web.port, Served(chain=(certificate(MAIL).der,)))
    assert found.keys() == {"127.0.0.1", MAIL}
    web_end = certificate("127.0.0.1", expired=True).certificate.not_valid_after_utc
    assert (found["127.0.0.1"].port, found["127.0.0.1"].not_after) == (web.port, web_end)
    assert found[MAIL].not_after == certificate(MAIL).certificate.not_valid_after_utc


def test_a_host_that_shows_nothing_keeps_what_it_showed_last(look, web):
    end = look(web.port, Served(chain=(certificate(MAIL).der,)))[MAIL].not_after
    again = look(web.port, Served(detail="it offers no STARTTLS"))[MAIL]
    assert (again.not_after, again.error) == (end, "it offers no STARTTLS")


def test_a_web_server_that_is_away_is_told_with_the_reason(look):
    with Loopback(_silent) as server:
        port = server.port
    found = look(port, Served(detail="away"))["127.0.0.1"]
    assert found.not_after is None
    assert "connect" in found.error.lower()


@pytest.mark.parametrize("junk", [b"", b"\x30\x80" * 100, b"x" * 60_000])
def test_what_is_no_certificate_is_told(junk):
    assert read("a.example", 25, junk).error.startswith("it cannot be read")


def test_one_that_does_not_talk_tls_ends_in_time(monkeypatch):
    monkeypatch.setattr(certificates, "PATIENCE", 0.2)
    with Loopback(_silent) as server:
        found = asyncio.run(certificates._of_web("127.0.0.1", server.port))
    assert found.error == "no certificate within 0.2 s"
