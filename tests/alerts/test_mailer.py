"""The mailer against real SMTP servers on loopback."""

import asyncio

import pytest

from tests.dnscheck.certs import authority, certificate
from tests.dnscheck.loopback import Loopback
from tests.mailservers.smtp import MailServer, server_tls
from webapp.alerts.mailer import (
    CertificateRefused,
    LoginRefused,
    MailNotConfigured,
    MailRefused,
    MailServerAway,
    compose,
    send,
)

pytestmark = pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")
LOGIN = ("noreply@example.com", "S3CRET-PASS")
ME = {"smtp_enabled": True, "smtp_from": "Viewer <noreply@example.com>", "admin_email": "admin@example.com"}
WITH_LOGIN = {**ME, "smtp_user": LOGIN[0], "smtp_password": LOGIN[1]}


@pytest.fixture
def trusted(tmp_path, monkeypatch):
    """The tests' authority is trusted as those of the system are."""
    file = tmp_path / "authority.pem"
    file.write_bytes(authority().pem)
    monkeypatch.setenv("SSL_CERT_FILE", str(file))


def hello(text="Words"):
    return compose(["admin@example.com"], "A subject", text)


def test_a_relay_gets_the_mail_without_a_login(make_settings):
    lines = []
    with MailServer() as server:
        refused = send(make_settings(**ME, **server.at, smtp_relay_mode=True), hello("Grüße"), lines.append)
    [message] = server.inbox.messages
    assert refused == {}
    assert (message["From"], message["To"]) == ("Viewer <noreply@example.com>", "admin@example.com")
    assert (message["X-MailFrom"], message["Subject"]) == ("noreply@example.com", "A subject")
    assert message["Message-ID"].endswith("@example.com>")
    assert message["Auto-Submitted"] == "auto-generated"
    assert message.get_payload(decode=True).decode().strip() == "Grüße"
    assert server.inbox.helo == ["[127.0.0.1]"]
    assert lines[:3] == ["Connecting to SMTP server...", "Connected", "Relay mode: no login"]


@pytest.mark.parametrize("implicit", [False, True])
def test_tls_with_a_verified_certificate_and_a_login(make_settings, tmp_path, trusted, implicit):
    lines = []
    tls = server_tls(tmp_path, certificate("localhost"))
    chosen = {"smtp_use_ssl": True} if implicit else {"smtp_use_tls": True}
    with MailServer(tls, None if implicit else LOGIN, implicit) as server:
        send(make_settings(**(ME if implicit else WITH_LOGIN), **server.at, **chosen), hello(), lines.append)
    assert len(server.inbox.messages) == 1
    assert ("Connected using SSL" in lines) == implicit
    assert ("TLS established" in lines) == ("Login successful" in lines) == (not implicit)
    assert LOGIN[1] not in str(lines)


@pytest.mark.parametrize("chosen", [{"smtp_use_tls": True}, {"smtp_use_ssl": True}])
@pytest.mark.parametrize("name", ["localhost", "other.example.com"])
def test_a_certificate_that_nobody_vouches_for_or_of_another_host_is_refused(
    make_settings, tmp_path, monkeypatch, chosen, name
):
    if name != "localhost":
        (tmp_path / "authority.pem").write_bytes(authority().pem)
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "authority.pem"))
    tls = server_tls(tmp_path, certificate(name))
    with MailServer(tls, None, "smtp_use_ssl" in chosen) as server:
        with pytest.raises(CertificateRefused, match="cannot be verified"):
            send(make_settings(**ME, **server.at, **chosen), hello(), print)
        assert server.inbox.messages == []
        send(make_settings(**ME, **server.at, **chosen, smtp_verify_ssl=False), hello(), print)
        assert len(server.inbox.messages) == 1


def test_no_mail_goes_out_unencrypted_where_starttls_is_wished_and_not_offered(make_settings):
    with MailServer() as server, pytest.raises(MailRefused, match="STARTTLS"):
        send(make_settings(**ME, **server.at, smtp_use_tls=True), hello(), print)
    assert server.inbox.messages == []


def test_a_wrong_password_is_told_as_such_and_without_it(make_settings):
    lines = []
    with MailServer(login=LOGIN) as server, pytest.raises(LoginRefused) as refusal:
        send(
            make_settings(**{**WITH_LOGIN, "smtp_password": "WRONG-ONE"}, **server.at), hello(), lines.append
        )
    assert str(refusal.value).startswith("Authentication failed: (535, b'5.7.8")
    assert lines[-1] == "Logging in..."
    assert "WRONG-ONE" not in f"{lines} {refusal.value}"
    assert [line for line in lines if line.startswith("Warning: the password goes")]


def test_a_password_of_any_letters_is_sent_as_utf_8(make_settings):
    login = ("noreply@example.com", "Schlüssel-π")
    with MailServer(login=login) as server:
        send(make_settings(**{**WITH_LOGIN, "smtp_password": login[1]}, **server.at), hello(), print)
    assert len(server.inbox.messages) == 1


def test_one_refused_recipient_does_not_keep_the_others_away(make_settings):
    with MailServer() as server:
        server.inbox.refused = {"gone@example.com": "550 5.1.1 No such user"}
        config = make_settings(**ME, **server.at)
        both = compose(["gone@example.com", "admin@example.com"], "s", "t")
        assert send(config, both, print) == {"gone@example.com": "(550, b'5.1.1 No such user')"}
        with pytest.raises(MailRefused) as refusal:
            send(config, compose(["gone@example.com"], "s", "t"), print)
        server.inbox.refused = {"gone@example.com": "450 4.2.0 Greylisted"}
        with pytest.raises(MailRefused) as later:
            send(config, compose(["gone@example.com"], "s", "t"), print)
    assert (refusal.value.is_final, later.value.is_final) == (True, False)
    assert len(server.inbox.messages) == 1


@pytest.mark.parametrize(
    ("fields", "missing"),
    [({"smtp_from": "a@example.com"}, "SMTP_HOST"), ({"smtp_host": "127.0.0.1"}, "SMTP_FROM")],
)
def test_what_is_missing_is_named(make_settings, fields, missing):
    with pytest.raises(MailNotConfigured, match=missing):
        send(make_settings(**fields), hello(), print)


@pytest.mark.parametrize(("host", "words"), [("a" * 70 + ".example", "not known"), ("127.0.0.1", "refused")])
def test_a_host_that_is_not_there_is_told(make_settings, host, words):
    with pytest.raises(MailServerAway, match=f"Connection failed: .*{words}"):
        send(make_settings(**ME, smtp_host=host, smtp_port=1), hello(), print)


async def _drip(reader, writer, server):
    """A greeting without an end, a byte at a time."""
    while True:
        await server.send(writer, b"2")
        await asyncio.sleep(0.01)


async def _chatter(reader, writer, server):
    """Line after line of one greeting."""
    while True:
        await server.send(writer, b"220-still here\r\n" * 10)
        await asyncio.sleep(0.005)


async def _flood(reader, writer, server):
    """As fast as it goes."""
    while True:
        await server.send(writer, b"220-and another thing\r\n" * 5000)


def test_a_server_that_never_comes_to_an_end_fills_no_memory(make_settings):
    with Loopback(_flood) as server:
        config = make_settings(**ME, smtp_host="127.0.0.1", smtp_port=server.port)
        with pytest.raises(MailServerAway, match="says more than 1024 kB"):
            send(config, hello(), print)


async def _nothing(reader, writer, server):
    await reader.read()


@pytest.mark.parametrize("behaviour", [_drip, _chatter, _nothing])
@pytest.mark.parametrize("implicit", [False, True])
def test_a_server_that_drips_or_is_silent_cannot_hold_us(make_settings, behaviour, implicit):
    with Loopback(behaviour) as server:
        config = make_settings(**ME, smtp_host="127.0.0.1", smtp_port=server.port, smtp_use_ssl=implicit)
        with pytest.raises(MailServerAway, match=r"took longer than 0\.4 seconds|WRONG_VERSION_NUMBER"):
            send(config, hello(), print, seconds=0.4)


def test_a_mail_taken_counts_although_the_server_fails_at_the_goodbye(make_settings):
    async def rude(reader, writer, server):
        await server.send(writer, b"220 hello\r\n")
        while command := await reader.readline():
            if command.lower().startswith(b"quit"):
                return
            if command.lower().startswith(b"data"):
                await server.send(writer, b"354 go on\r\n")
                await reader.readuntil(b"\r\n.\r\n")
            await server.send(writer, b"250 fine\r\n")

    with Loopback(rude) as server:
        config = make_settings(**ME, smtp_host="127.0.0.1", smtp_port=server.port)
        assert send(config, hello(), print) == {}


def test_what_a_server_says_is_one_bounded_line_without_the_password(make_settings):
    async def telltale(reader, writer, server):
        await server.send(writer, b"220 hello\r\n")
        await reader.readline()
        await server.send(writer, b"250-hello\r\n250 AUTH PLAIN\r\n")
        token = (await reader.readline()).split()[-1]
        await server.send(
            writer, b"535 " + token + b" " + LOGIN[1].encode() + b"\x1b[31m" + b"x" * 2000 + b"\r\n"
        )
        await reader.read()

    with Loopback(telltale) as server:
        config = make_settings(**WITH_LOGIN, smtp_host="127.0.0.1", smtp_port=server.port)
        with pytest.raises(LoginRefused) as refusal:
            send(config, hello(), print)
    told = str(refusal.value)
    assert LOGIN[1] not in told
    assert "AG5vcmVwbHlAZXhhbXBsZS5jb20AUzNDUkVULVBBU1M" not in told
    assert len(told) < 400
    assert told.isprintable()


def test_a_subject_cannot_make_headers():
    message = compose(["admin@example.com"], "Hello\r\nBcc: victim@example.com", "t", "<p>t</p>")
    assert message["Subject"] == "Hello Bcc: victim@example.com"
    assert message["Bcc"] is None
    assert [part.get_content_type() for part in message.iter_parts()] == ["text/plain", "text/html"]
