"""The closed vocabularies that stand in the database, in Redis and in URLs."""

from enum import StrEnum


class Word(StrEnum):
    """A word of a closed vocabulary; to every writer, `repr` included, it is its text, because digests of
    stored rows are made from `repr`."""

    __repr__ = str.__repr__


class Outcome(Word):
    """What became of a mail. A recipient has one of those up to DISCARDED but for SPAM; a message also has
    SPAM (delivered into the junk folder), MIXED (its recipients differ), or none so far: PENDING, which is
    not stored."""

    DELIVERED = "delivered"
    SPAM = "spam"
    DEFERRED = "deferred"
    BOUNCED = "bounced"
    REJECTED = "rejected"
    EXPIRED = "expired"
    DISCARDED = "discarded"
    MIXED = "mixed"
    PENDING = "pending"


FINAL = (Outcome.DELIVERED, Outcome.BOUNCED, Outcome.EXPIRED, Outcome.DISCARDED, Outcome.REJECTED)
JUNK = "junk"  # the word by which lists find what was delivered as spam
FAILED, UNDELIVERABLE = "failed", (Outcome.BOUNCED, Outcome.EXPIRED)  # the word by which lists find these

UNDELIVERED = "undelivered"  # the word by which lists find a recipient of one of these
NOT_DELIVERED = (Outcome.BOUNCED, Outcome.DEFERRED, Outcome.REJECTED, Outcome.EXPIRED)


class Direction(Word):
    """Which way a mail goes, seen from mailcow."""

    INBOUND = "inbound"
    OUTBOUND = "outbound"
    INTERNAL = "internal"


UNKNOWN_DIRECTION = "unknown"  # what lists and figures call a direction that is not known; not stored


class Kind(Word):
    """What a message is made of: the lines of a queue id, one refused attempt, or an Rspamd row alone."""

    QUEUE = "queue"
    REFUSED = "refused"
    SCAN = "scan"


class Correlation(Word):
    """Whether all that belongs to a message is there; expired: given up."""

    OPEN = "open"
    COMPLETE = "complete"
    EXPIRED = "expired"


class RspamdAction(Word):
    """What Rspamd has done with a mail, in its own words; a scan may name others."""

    NO_ACTION = "no action"
    GREYLIST = "greylist"
    ADD_HEADER = "add header"
    REWRITE_SUBJECT = "rewrite subject"
    SOFT_REJECT = "soft reject"
    REJECT = "reject"
    DISCARD = "discard"
    QUARANTINE = "quarantine"


class NetfilterAction(Word):
    """What a line of mailcow's netfilter tells."""

    WARNING = "warning"
    BANNED = "banned"
    UNBANNED = "unbanned"
    INFO = "info"


class LogSource(Word):
    """Whose log a row comes from."""

    POSTFIX = "postfix"
    RSPAMD = "rspamd"
    NETFILTER = "netfilter"
    DOVECOT = "dovecot"


class DovecotEvent(Word):
    """What a line of Dovecot tells: of a delivery up to FAILED, of a sign-in the others.

    SUPPRESSED: not forwarded once more; UNANSWERED: a vacation answer was not sent again.
    """

    STORED = "stored"
    FORWARDED = "forwarded"
    SUPPRESSED = "suppressed"
    DISCARDED = "discarded"
    REJECTED = "rejected"
    ANSWERED = "answered"
    UNANSWERED = "unanswered"
    FAILED = "failed"
    SIGNED_IN = "signed in"
    REFUSED = "refused"
