"""The import from a real Dovecot, over TLS."""

import pytest

from tests.dnscheck.certs import authority, certificate
from tests.mailservers.dovecot import Dovecot, missing
from tests.reports.imapbox import BROKEN, ORDINARY, PAGE, report, rows, stored, sync
from webapp.reports.imap import refusals
from webapp.settings.mailtest import Subject, is_good, lines

pytestmark = pytest.mark.skipif(bool(missing()), reason=missing())


@pytest.fixture(scope="module")
def dovecot():
    with Dovecot(certificate("localhost")) as server:
        for number in range(12):
            server.put(report(number % 10), seen=number % 2 == 0)
        for content in (ORDINARY, PAGE, BROKEN):
            server.put(content)
        server.put(report(100), folder="Reports")
        yield server


@pytest.fixture(autouse=True)
def _in_the_application(app):
    with app.app_context():
        yield


@pytest.fixture
def trusted(tmp_path, monkeypatch):
    """The tests' authority is trusted as those of the system are."""
    (tmp_path / "authority.pem").write_bytes(authority().pem)
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "authority.pem"))


def test_reports_come_once_and_the_mailbox_stays_as_it_was(make_settings, dovecot, trusted):
    before = dovecot.contents()
    settings = make_settings(**dovecot.settings())
    for _ in range(2):
        sync(settings)
    assert stored() == sorted(f"r-{number}" for number in range(10))
    assert [content for content, _ in dovecot.contents()] == [content for content, _ in before]
    assert sorted(seen for _, seen in dovecot.contents()) == sorted(seen for _, seen in before)
    first, second = rows("SELECT seen, reports_created, reports_duplicate FROM imap_syncs ORDER BY id")
    assert first == {"seen": 15, "reports_created": 10, "reports_duplicate": 2}
    assert second == {"seen": 1, "reports_created": 0, "reports_duplicate": 0}  # the broken one again


@pytest.mark.parametrize("tls", [True, False])
def test_the_test_of_the_settings_page_goes_well(make_settings, dovecot, trusted, tls):
    told = list(lines(Subject.IMAP, make_settings(**dovecot.settings(tls=tls))))
    assert is_good(told)
    assert ("Connected using SSL" in told) == tls != ("TLS established" in told)


@pytest.mark.parametrize(
    ("wrong", "kind", "words"),
    [
        ({"dmarc_imap_password": "no"}, refusals.ImapLoginRefused, "[AUTHENTICATIONFAILED] Authentication f"),
        ({"dmarc_imap_folder": "Gone"}, refusals.ImapFolderMissing, "Mailbox doesn't exist: Gone"),
        ({"dmarc_imap_host": "127.0.0.1"}, refusals.ImapCertificateRefused, "The certificate cannot be"),
    ],
)
def test_what_is_wrong_is_told(make_settings, dovecot, trusted, wrong, kind, words):
    with pytest.raises(kind):
        sync(make_settings(**{**dovecot.settings(), **wrong}))
    [found] = rows("SELECT status, error_message FROM imap_syncs")
    assert (found["status"], found["error_message"][: len(words)]) == ("error", words)


def test_a_certificate_that_nobody_vouches_for_is_refused_unless_that_is_set(make_settings, dovecot):
    with pytest.raises(refusals.ImapCertificateRefused):
        sync(make_settings(**dovecot.settings()))
    sync(make_settings(**dovecot.settings(), dmarc_imap_verify_ssl=False, dmarc_imap_folder="Reports"))
    assert stored() == ["r-100"]


def test_processed_mails_are_moved_to_a_folder_that_is_made(make_settings, dovecot, trusted):
    settings = make_settings(**dovecot.settings(), dmarc_imap_processed_folder="Done/Reports")
    sync(settings)
    assert len(dovecot.contents("Done/Reports")) == 12
    assert sorted(content for content, _ in dovecot.contents()) == sorted([ORDINARY, PAGE, BROKEN])
