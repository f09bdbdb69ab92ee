"""Rows of Rspamd's history, as complete as the real ones."""

import random
from typing import Any

from . import cast
from .scene import Mail, Row

THRESHOLDS = {"add header": 8, "reject": 15, "greylist": 7}
# name -> (score, description)
SYMBOLS: dict[str, tuple[float, str | None]] = {
    "ARC_NA": (0, "ARC signature absent"),
    "BAYES_HAM": (-5.5, "Message probably ham, probability: "),
    "BAYES_SPAM": (2.5, "Message probably spam, probability: "),
    "DKIM_TRACE": (0, "DKIM trace symbol"),
    "DMARC_NA": (0, "No DMARC record"),
    "DMARC_POLICY_ALLOW": (-0.5, "DMARC permit policy"),
    "DMARC_POLICY_REJECT": (16, "DMARC reject policy"),
    "DYN_RL_CHECK": (0, None),
    "FREEMAIL_FROM": (0, "From is a Freemail address"),
    "FROM_EQ_ENVFROM": (0, "From address is the same as the envelope"),
    "FROM_HAS_DN": (0, "From header has a display name"),
    "FROM_NEQ_ENVFROM": (0, "From address is different to the envelope"),
    "FORGED_SENDER_FORWARDING": (0, "Forged sender, but message is forwarded"),
    "GREYLIST": (0, None),
    "HAS_LIST_UNSUB": (-0.01, "Has List-Unsubscribe header"),
    "HFILTER_HELO_NORES_A_OR_MX": (0.3, "Helo no resolve to A or MX"),
    "HFILTER_HOSTNAME_UNKNOWN": (8.5, "Unknown client hostname (PTR or FCrDNS verification failed)"),
    "IP_REPUTATION_HAM": (-0.52, None),
    "IP_REPUTATION_SPAM": (1.4, None),
    "LOCAL_OUTBOUND": (0, "Mail from local to external domain"),
    "MAILCOW_AUTH": (0, None),
    "MAILCOW_DOMAIN_HEADER_FROM": (0, "multimap, type header: MAILCOW_DOMAIN_HEADER_FROM"),
    "MANY_INVISIBLE_PARTS": (1.3, "Many parts are visually hidden"),
    "MID_RHS_MATCH_FROM": (0, "Message-ID RHS matches From domain"),
    "MIME_GOOD": (-0.1, "Known content-type"),
    "MIME_TRACE": (0, None),
    "MISSING_MID": (2.5, "Message-ID header is missing"),
    "MISSING_SUBJECT": (2, "Subject header is missing"),
    "MISSING_XM_UA": (0, "Message has neither X-Mailer nor User-Agent header"),
    "MOO_FOOTER": (0, None),
    "PHISHING": (4, "Phished URL"),
    "PRECEDENCE_BULK": (0, "Message marked as bulk"),
    "PREVIOUSLY_DELIVERED": (0, "Message either to a list or was forwarded"),
    "RATELIMITED": (0, None),
    "RCPT_COUNT_FIVE": (0, "5-7 recipients"),
    "RCPT_COUNT_GT_50": (0, "Many recipients"),
    "RCPT_COUNT_ONE": (0, "One recipient"),
    "RCPT_COUNT_SEVEN": (0, "7-11 recipients"),
    "RCPT_COUNT_THREE": (0, "3-5 recipients"),
    "RCPT_COUNT_TWELVE": (0, "12-50 recipients"),
    "RCPT_COUNT_TWO": (0, "Two recipients"),
    "RCPT_MAILCOW_DOMAIN": (0, "multimap, type rcpt: RCPT_MAILCOW_DOMAIN"),
    "RCVD_TLS_ALL": (0, "All hops used encrypted transports"),
    "RCVD_COUNT_ZERO": (0, "Message has no Received headers"),
    "RDNS_NONE": (2, "Cannot resolve reverse DNS for sender's IP"),
    "R_DKIM_ALLOW": (-0.2, "DKIM verification succeed"),
    "R_DKIM_NA": (0, "Missing DKIM signature"),
    "R_SPF_ALLOW": (-0.2, "SPF verification allows sending"),
    "R_SPF_FAIL": (8, "SPF verification failed"),
    "R_SPF_SOFTFAIL": (1, "SPF verification soft-failed"),
    "SIEVE_HOST": (0, "multimap, type ip: SIEVE_HOST"),
    "TO_DN_NONE": (0, "None of the recipients have display names"),
    "TO_MATCH_ENVRCPT_ALL": (0, "All of the recipients match the envelope"),
    "URIBL_BLOCKED": (0, "URIBL: query refused"),
    "VIOLATED_DIRECT_SPF": (
        3.5,
        "Has no Received (or no trusted received relays) and SPF policy fails or soft fails",
    ),
}
_COUNTS = ((1, "ONE"), (2, "TWO"), (4, "THREE"), (6, "FIVE"), (11, "SEVEN"), (50, "TWELVE"))
# These scores depend on how sure Rspamd is: factors of the full score.
_UNCERTAIN = {
    "BAYES_HAM": (0.2, 1.0),
    "BAYES_SPAM": (0.95, 1.1),
    "IP_REPUTATION_HAM": (0.4, 1.2),
    "IP_REPUTATION_SPAM": (0.6, 1.6),
    "PHISHING": (0.7, 1.4),
}
COMMON = ("MIME_GOOD", "MIME_TRACE", "ARC_NA", "MISSING_XM_UA", "TO_DN_NONE", "TO_MATCH_ENVRCPT_ALL")
_SIGNED = ("R_SPF_ALLOW", "R_DKIM_ALLOW", "DKIM_TRACE", "DMARC_POLICY_ALLOW")
_UNPROVEN = ("R_SPF_SOFTFAIL", "R_DKIM_NA", "DMARC_NA", "BAYES_SPAM")
HAM = (*COMMON, *_SIGNED, "IP_REPUTATION_HAM", "FROM_HAS_DN", "RCVD_TLS_ALL", "BAYES_HAM")
OUTGOING = (
    *COMMON,
    "MAILCOW_AUTH",
    "MOO_FOOTER",
    "DYN_RL_CHECK",
    "RCVD_COUNT_ZERO",
    "FROM_EQ_ENVFROM",
    "MAILCOW_DOMAIN_HEADER_FROM",
)
JUNK = (*COMMON, *_UNPROVEN, "PHISHING", "IP_REPUTATION_SPAM", "MANY_INVISIBLE_PARTS", "URIBL_BLOCKED")
REJECTED = (
    *COMMON,
    "R_SPF_FAIL",
    "R_DKIM_NA",
    "HFILTER_HOSTNAME_UNKNOWN",
    "RDNS_NONE",
    "BAYES_SPAM",
    "VIOLATED_DIRECT_SPF",
    "PHISHING",
)
SUSPICIOUS = (*COMMON, *_UNPROVEN, "HFILTER_HELO_NORES_A_OR_MX", "VIOLATED_DIRECT_SPF", "GREYLIST")
NEWSLETTER = (*HAM, "HAS_LIST_UNSUB", "PRECEDENCE_BULK", "FROM_NEQ_ENVFROM")
FORWARDED = (*COMMON, "SIEVE_HOST", "PREVIOUSLY_DELIVERED", "FORGED_SENDER_FORWARDING", "FROM_NEQ_ENVFROM")


def _options(name: str, mail: Mail, dice: random.Random) -> list[str] | None:
    domain = mail.sender.partition("@")[2]
    ours = list(
        dict.fromkeys(
            part for part in (one.partition("@")[2] for one in mail.envelope) if part in cast.LOCAL_DOMAINS
        )
    )
    kind = "+ip6:" if ":" in mail.client.ip else "+ip4:"
    known = {
        "MIME_TRACE": ["0:+", "1:+", "2:~"][: 1 + mail.size % 3],
        "MIME_GOOD": ["multipart/alternative", "text/plain"] if mail.size % 3 else ["text/plain"],
        "R_SPF_ALLOW": [f"{kind}{mail.client.ip}:c"],
        "R_SPF_FAIL": ["-all:c"],
        "R_SPF_SOFTFAIL": ["~all:c"],
        "R_DKIM_ALLOW": [f"{domain}:s=mail"],
        "DKIM_TRACE": [f"{domain}:+"],
        "DMARC_POLICY_ALLOW": [domain, "none"],
        "DMARC_NA": [domain],
        "RCPT_MAILCOW_DOMAIN": ours,
        "MAILCOW_DOMAIN_HEADER_FROM": [domain],
        "IP_REPUTATION_HAM": [f"ip: {mail.client.ip}(-0.52)"],
        "IP_REPUTATION_SPAM": [f"ip: {mail.client.ip}(0.70)"],
        "BAYES_HAM": [f"{dice.uniform(99.0, 100):.2f}%"],
        "BAYES_SPAM": [f"{dice.uniform(85.0, 99.9):.2f}%"],
        "PHISHING": [f"secure-{domain}->login.win-now.example"],
        "GREYLIST": ["pass", "body"],
        "SIEVE_HOST": [mail.client.ip],
        "RATELIMITED": ["mailcow(RLf7jdyhij57g9s3iyh5w6q1ik)"],
    }
    return known.get(name)


def symbols(
    mail: Mail, names: tuple[str, ...], dice: random.Random, changed: dict[str, list[str]] | None = None
) -> dict[str, Any]:
    """Symbol name -> what Rspamd's history says about it; the recipients decide on some symbols of their
    own."""
    count = next((word for most, word in _COUNTS if len(mail.envelope) <= most), "GT_50")
    own = [f"RCPT_COUNT_{count}"]
    ours = [one.partition("@")[2] in cast.LOCAL_DOMAINS for one in mail.envelope]
    if any(ours):
        own.append("RCPT_MAILCOW_DOMAIN")
    if "MAILCOW_AUTH" in names and not all(ours):
        own.append("LOCAL_OUTBOUND")
    if mail.rspamd_id == "undef":
        own.append("MISSING_MID")
    if not mail.subject:
        own.append("MISSING_SUBJECT")
    made: dict[str, Any] = {}
    for name in (*names, *own):
        score, description = SYMBOLS[name]
        if name in _UNCERTAIN:
            score = round(score * dice.uniform(*_UNCERTAIN[name]), 6)
        made[name] = {"name": name, "score": score, "metric_score": score}
        if description:
            made[name]["description"] = description
        options = (changed or {}).get(name) or _options(name, mail, dice)
        if name.startswith("RCPT_COUNT_"):
            options = [str(len(mail.envelope))]
        if options:
            made[name]["options"] = options
    return made


def row(
    mail: Mail,
    action: str,
    names: tuple[str, ...],
    dice: random.Random,
    module: str = "",
    changed: dict[str, list[str]] | None = None,
) -> Row:
    """One history row without `unix_time`, which is set when the scan ends."""
    found = symbols(mail, names, dice, changed)
    made: Row = {
        "symbols": found,
        "thresholds": THRESHOLDS,
        "subject": mail.subject or "unknown",
        "action": action,
        "required_score": 15,
        "time_real": round(dice.uniform(0.18, 1.1), 6),
        "score": round(sum(one["score"] for one in found.values()), 6),
        "size": mail.size - 240,
        "message-id": mail.rspamd_id,
        "ip": mail.client.ip,
        "user": mail.user or "unknown",
        "sender_smtp": mail.sender,
        "sender_mime": mail.header_from or mail.sender or f"MAILER-DAEMON@{mail.client.name}",
        "rcpt_smtp": list(mail.envelope),
        "rcpt_mime": list(mail.envelope),
        "is_skipped": False,
    }
    if module:
        made["passthrough_module"] = module
    return made
