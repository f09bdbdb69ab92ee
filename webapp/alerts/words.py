"""The names of the rules: settings switch them off by these, channels choose by these, events keep them."""

from enum import StrEnum


class RuleName(StrEnum):
    """One kind of trouble that is watched for."""

    MAILCOW = "mailcow"
    LOG_GAP = "log_gap"
    CLOCK = "clock"
    JOB = "job"
    CONTAINER = "container"
    DISK = "disk"
    QUEUE_LENGTH = "queue_length"
    QUEUE_AGE = "queue_age"
    QUEUE_GROWTH = "queue_growth"
    BOUNCES = "bounces"
    NO_MAIL = "no_mail"
    QUARANTINE = "quarantine"
    MAILBOX = "mailbox"
    SIGN_INS = "sign_ins"
    DNS = "dns"
    DNS_CHANGE = "dns_change"
    BLOCKLIST = "blocklist"
    CERTIFICATE = "certificate"
    IMAP = "imap"
    DMARC = "dmarc"
    UPDATE = "update"


TITLES = {
    RuleName.MAILCOW: "mailcow does not answer",
    RuleName.LOG_GAP: "Log lines were lost",
    RuleName.CLOCK: "The server's clock jumped",
    RuleName.JOB: "A job keeps failing",
    RuleName.CONTAINER: "A container is stopped",
    RuleName.DISK: "The mail volume is nearly full",
    RuleName.QUEUE_LENGTH: "The queue is long",
    RuleName.QUEUE_AGE: "Mail waits for long",
    RuleName.QUEUE_GROWTH: "The queue grows fast",
    RuleName.BOUNCES: "Much of what is sent fails",
    RuleName.NO_MAIL: "No mail comes in or goes out",
    RuleName.QUARANTINE: "The quarantine gains nothing",
    RuleName.MAILBOX: "A mailbox is in trouble",
    RuleName.SIGN_INS: "Many refused sign-ins",
    RuleName.DNS: "A domain's DNS turned worse",
    RuleName.DNS_CHANGE: "A domain's record changed",
    RuleName.BLOCKLIST: "An address is on a blocklist",
    RuleName.CERTIFICATE: "A certificate ends soon",
    RuleName.IMAP: "Reports cannot be fetched by IMAP",
    RuleName.DMARC: "DMARC reports tell of trouble",
    RuleName.UPDATE: "An update is available",
}
