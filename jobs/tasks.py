"""Every background door: a few lines that call the work and commit."""

from jobs.run import Figures, committed, job
from webapp.alerts import certificates, delivery, signs
from webapp.alerts.check import check
from webapp.alerts.past import look_back
from webapp.cache import clear_stats_cache
from webapp.dnscheck import run as dnscheck
from webapp.dnscheck.blocklist import run as blocklist
from webapp.ingest.watch import watch_logs
from webapp.jobqueue import enqueue
from webapp.mailcow import accounts
from webapp.mailcow.connection import mailcow
from webapp.mailqueue import samples
from webapp.reports import demo, names, places
from webapp.reports.forget import forget_old
from webapp.reports.imap import sync as imap
from webapp.status import collect as status
from webapp.status import releases, standing
from webapp.tables.db import db, now
from webapp.tables.origin import claim
from webapp.tables.packing import pack
from webapp.trace import correlate, retention
from webapp.trace.reckoning import reckoned_day
from webapp.web.page import settings
from webapp.weekly.send import put_summary


@job
def fetch_logs() -> Figures:
    """Import what is new in mailcow's logs."""
    claim(db.session.connection(), settings())
    progress = committed(watch_logs(db.session(), mailcow(settings()), settings()))
    if progress.in_haste:
        enqueue("fetch_logs", settings())
    return progress.as_dict()


@job
def complete_correlations() -> Figures:
    """Join what ingestion could not join at once."""
    return {"messages": correlate.complete(db.session.connection(), settings())}


@job
def update_final_status() -> Figures:
    """Settle the status of messages without a final one from the lines that are stored now."""
    return {"messages": correlate.update_status(db.session.connection(), settings())}


@job
def expire_correlations() -> Figures:
    """Give up on correlations that will not be completed; the delivery status stays."""
    return {"messages": correlate.expire(db.session.connection(), settings())}


@job
def cleanup_logs() -> Figures:
    """Drop the days beyond the retention."""
    connection, days = db.session.connection(), settings().dmarc_retention_days
    figures = retention.cleanup(connection, settings())
    return {**figures, **forget_old(connection, days, reckoned_day(connection))}


@job
def pack_indexes() -> Figures:
    """Pack the indexes of days that are over."""
    return pack(db.engine, now().date()).as_dict()


@job
def name_sources() -> Figures:
    """Look up the names of addresses that reports tell of, and whether SPF names them."""
    return {**committed(names.look_up(db.session(), settings()))}


@job
def update_geoip() -> Figures:
    """Fetch MaxMind's files, where an account is configured."""
    return dict(committed(places.update(db.session(), settings())))


@job
def collect_status() -> Figures:
    """Take mailcow's state into snapshots, and count what pages show of all messages."""
    counted = standing.take(db.session.connection(), settings()) | samples.take(db.session())
    counted |= demo.take(db.session(), settings())
    return {**counted, **committed(status.take(db.session(), mailcow(settings()))).as_dict()}


@job
def blacklist_check() -> Figures:
    """Look the addresses that send for us up on blocklists, and note what changed."""
    return {**blocklist.check(db.session(), settings()).as_dict()}


@job
def refresh_mailboxes() -> Figures:
    """Read mailcow's mailboxes and aliases."""
    read = committed(accounts.refresh(db.session(), mailcow(settings()), settings()))
    clear_stats_cache()
    return {**read.as_dict(), **signs.watch(db.session.connection(), settings())}


@job
def watch_mailboxes() -> Figures:
    """Look for signs of trouble of mailboxes."""
    return signs.watch(db.session.connection(), settings())


@job
def check_alerts() -> Figures:
    """Look for trouble that begins or ends, and put what is to be told into the outbox."""
    committed(look_back(db.session(), settings(), now()))
    return committed(check(db.session(), settings(), now()))


@job
def check_certificates() -> Figures:
    """Look at the certificates of mailcow's web server and of the mail server."""
    return {**committed(certificates.look(db.session(), settings()))}


@job
def check_app_version() -> Figures:
    """Ask GitHub for the latest releases."""
    return committed(releases.check(db.session(), settings()))


@job
def dns_check() -> Figures:
    """Check the DNS of every active domain."""
    return committed(dnscheck.check_all(db.session(), settings())).as_dict()


@job
def check_wanted_domains() -> Figures:
    """Check the DNS of the domains that somebody asked for."""
    return committed(dnscheck.check_wanted(db.session(), settings())).as_dict()


@job
def deliver_notices() -> Figures:
    """Tell the channels what they have not been told yet."""
    return {**committed(delivery.deliver(db.session(), settings())).as_dict()}


@job
def send_summary() -> Figures:
    """Put the summary of the week into the outbox, once a week."""
    return {**put_summary(db.session(), settings())}


@job
def dmarc_imap_sync() -> Figures:
    """Fetch reports from the mailbox; a long sync goes on in another run, after the jobs that wait."""
    progress = committed(imap.run(db.session(), settings()))
    if progress.goes_on:
        enqueue("dmarc_imap_sync", settings())
    return progress.as_dict()
