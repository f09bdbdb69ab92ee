"""What the codes of large providers and blocklists mean. Facts from the operators' own pages, in our words.

A rule fits where one of its marks is in the reply, and, where it names hosts, the relay is one of theirs. The
first that fits counts, so the exact ones stand before the general ones. A mark that is an enhanced status
code has to stand for itself: an IP address in the reply may hold the same digits.
"""

import re
from dataclasses import dataclass

GMAIL = "https://support.google.com/mail/answer/3726730"
GMAIL_SENDERS = "https://support.google.com/mail/answer/81126"
OUTLOOK = "https://sendersupport.olc.protection.outlook.com/pm/troubleshooting.aspx"
DELIST = "https://sender.office.com/"
EXCHANGE = (
    "https://learn.microsoft.com/exchange/mail-flow-best-practices/non-delivery-reports-in-exchange-online"
)
YAHOO = "https://senders.yahooinc.com/smtp-error-codes/"
APPLE = "https://support.apple.com/102322"
GOOGLE_HOSTS = ("google.com", "googlemail.com", "gmail-smtp-in")
MICROSOFT_HOSTS = ("outlook.com", "hotmail.com", "protection.outlook")


CODE = re.compile(r"(?<![\d.])[245]\.\d{1,3}\.\d{1,3}(?![\d]|\.\d)")  # RFC 3463 section 2


@dataclass(frozen=True, slots=True)
class Rule:
    """One meaning: marks and hosts in lower case, any one of each has to be there."""

    provider: str
    marks: tuple[str, ...]
    kind: str
    meaning: str
    action: str
    url: str
    hosts: tuple[str, ...] = ()

    def fits(self, said: str, host: str) -> bool:
        """True where the reply and the relay, both in lower case, are this rule's."""
        return any(_stands_in(mark, said) for mark in self.marks) and (
            not self.hosts or any(each in host or each in said for each in self.hosts)
        )


def _stands_in(mark: str, said: str) -> bool:
    return mark in said and (CODE.fullmatch(mark) is None or mark in CODE.findall(said))


PROVIDERS = (
    Rule(
        "Gmail",
        ("5.7.26", "4.7.26", "5.7.27", "4.7.27", "5.7.30", "4.7.30", "5.7.31", "4.7.31", "5.7.32", "4.7.32"),
        "fix authentication",
        "Gmail takes mail only from senders that pass SPF or DKIM, and DMARC where they send much.",
        "Publish SPF for this server and sign with DKIM for the sender's domain; see it under Domains.",
        GMAIL_SENDERS,
        GOOGLE_HOSTS,
    ),
    Rule(
        "Gmail",
        ("5.7.25", "4.7.23", "5.7.23"),
        "fix authentication",
        "Gmail found no reverse DNS for the sending address, or one that does not lead back to it.",
        "Set the PTR record of the address to this server's host name, and that name back to the address.",
        GMAIL_SENDERS,
        GOOGLE_HOSTS,
    ),
    Rule(
        "Gmail",
        ("5.7.29", "4.7.29"),
        "server trouble",
        "Gmail takes this mail over TLS only.",
        "Let Postfix use TLS outwards (mailcow does by default) and check the TLS policy for the domain.",
        GMAIL,
        GOOGLE_HOSTS,
    ),
    Rule(
        "Gmail",
        ("4.2.1", "p=receivingrate"),
        "wait",
        "The recipient gets more mail at the moment than Gmail takes for one account.",
        "Wait; Postfix tries again. If it lasts, tell the recipient by another way.",
        GMAIL,
        GOOGLE_HOSTS,
    ),
    Rule(
        "Gmail",
        ("4.7.28", "5.7.28", "4.7.0 this message"),
        "fix the reputation",
        "Gmail got more unwanted or unusual mail from this address or domain than it takes.",
        "Wait, find out what was sent (Accounts on Messages), and look at the domain in Google's "
        "Postmaster Tools.",
        "https://postmaster.google.com/",
        GOOGLE_HOSTS,
    ),
    Rule(
        "Gmail",
        ("likely unsolicited", "likely suspicious", "very low reputation", "5.7.1"),
        "fix the reputation",
        "Gmail takes the message for spam, by its content or by what this address or domain sent before.",
        "Check SPF, DKIM and DMARC under Domains, then the domain's reputation in Google's Postmaster Tools.",
        "https://postmaster.google.com/",
        GOOGLE_HOSTS,
    ),
    Rule(
        "Gmail",
        ("5.7.0",),
        "fix the content",
        "Gmail does not take such content, most often a kind of attachment that it blocks.",
        "Send the file by link or in another form.",
        "https://support.google.com/mail/answer/6590",
        GOOGLE_HOSTS,
    ),
    Rule(
        "Outlook",
        ("5.7.515",),
        "fix authentication",
        "Outlook takes mail of domains that send much only if they pass SPF, DKIM and DMARC.",
        "Publish SPF, sign with DKIM and publish DMARC for the sender's domain; see it under Domains.",
        EXCHANGE,
    ),
    Rule(
        "Outlook",
        ("(s3150)", "(s3140)", "s3150", "s3140"),
        "fix the reputation",
        "Microsoft has put this server's address or its network on its own blocklist.",
        "Stop what caused it, then ask Microsoft for mitigation; shared hosting networks are often "
        "listed as a whole.",
        OUTLOOK,
    ),
    Rule(
        "Outlook",
        ("(rp-001)", "(rp-002)", "(rp-003)", "4.7.650", "(s775)", "(s843)"),
        "wait",
        "Microsoft takes less mail from this address for now, because of its reputation.",
        "Wait; Postfix tries again. Join Microsoft's SNDS to see what it counts against the address.",
        OUTLOOK,
    ),
    Rule(
        "Microsoft 365",
        ("5.7.606", "5.7.607", "5.7.608", "5.7.609", "5.7.511", "banned sending ip", "banned sender"),
        "fix the reputation",
        "Microsoft 365 has banned this server's address.",
        "Stop what caused it, then have the address removed on Microsoft's delist page.",
        DELIST,
    ),
    Rule(
        "Microsoft 365",
        ("5.7.509", "5.7.23", "does not pass dmarc"),
        "fix authentication",
        "The message failed the sender's own DMARC or SPF policy at Microsoft.",
        "Publish SPF for this server and sign with DKIM for the sender's domain; see it under Domains.",
        EXCHANGE,
        MICROSOFT_HOSTS,
    ),
    Rule(
        "Microsoft 365",
        ("5.1.10", "as(201806281)", "recipientnotfound", "resolver.adr", "5.4.1 recipient address rejected"),
        "fix the address",
        "There is no such mailbox at that domain in Microsoft 365.",
        "Check the address for typing mistakes and ask the recipient for the right one.",
        EXCHANGE,
    ),
    Rule(
        "Microsoft 365",
        ("5.7.124", "5.7.133", "5.7.134", "5.7.136", "5.7.12"),
        "fix the address",
        "The mailbox or group takes mail only from certain senders.",
        "Ask the recipient's administrator to allow the sender.",
        EXCHANGE,
        MICROSOFT_HOSTS,
    ),
    Rule(
        "Yahoo",
        ("[ts03]", "permanently deferred"),
        "fix the reputation",
        "Yahoo takes no more mail from this address: too much of it looked like unwanted bulk mail.",
        "Trying again does not help. Stop what caused it, and write to Yahoo's postmaster if it lasts.",
        YAHOO,
        ("yahoo",),
    ),
    Rule(
        "Yahoo",
        ("[tss04]", "[tss05]", "[tss09]", "[tss11]", "[ts01]", "[ts02]"),
        "fix the reputation",
        "Yahoo delays mail from this address because of unusual volume or complaints of its users.",
        "Wait some hours; send less at once and only to people who asked for it. Postfix tries again "
        "by itself.",
        YAHOO,
    ),
    Rule(
        "Yahoo",
        ("[ph01]", "[gl01]", "[rl01]", "not accepted for policy reasons"),
        "fix the content",
        "Yahoo refuses the message by its content or for failed authentication.",
        "Check SPF, DKIM and DMARC under Domains, then the links in the message.",
        YAHOO,
    ),
    Rule(
        "Apple",
        ("[cs01]", "[hm07]", "[hm08]", "[hm09]", "[dkm]"),
        "fix the reputation",
        "iCloud refuses mail from this address or domain by its own policy.",
        "Check SPF, DKIM, DMARC and reverse DNS, then write to Apple's postmaster with the reply.",
        APPLE,
    ),
    Rule(
        "T-Online",
        ("tosa@rx.t-online.de", "none/bad reputation"),
        "fix the reputation",
        "T-Online takes mail only from servers with a proper name, an imprint on its domain and a "
        "known history.",
        "Give the server's domain a website with contact details, then write to tosa@rx.t-online.de "
        "with the address.",
        "https://postmaster.t-online.de/",
    ),
    Rule(
        "GMX and WEB.DE",
        ("postmaster.gmx", "postmaster.web.de", "mail.gmx.net/senderguidelines"),
        "fix the reputation",
        "GMX and WEB.DE refuse the message by their policy: reverse DNS, reputation or content.",
        "Open the link in the reply: it names the case; then fill in their form for senders.",
        "https://postmaster.gmx.net/",
    ),
    Rule(
        "Proofpoint",
        ("ipcheck.proofpoint.com", "proofpoint.com/us/ip"),
        "fix the reputation",
        "The other side's filter (Proofpoint) blocks this server's address.",
        "Look the address up on the page and ask for removal.",
        "https://ipcheck.proofpoint.com/",
    ),
    Rule(
        "Cloudmark",
        ("csi.cloudmark.com", "cloudmark"),
        "fix the reputation",
        "The other side's filter (Cloudmark) blocks this server's address.",
        "Ask for a reset on the page after the cause has stopped.",
        "https://csi.cloudmark.com/en/reset/",
    ),
    Rule(
        "Barracuda",
        ("barracudacentral", "barracudanetworks.com/reputation"),
        "fix the reputation",
        "The address is on Barracuda's blocklist.",
        "Look it up and ask for removal.",
        "https://www.barracudacentral.org/lookups",
    ),
    Rule(
        "SpamCop",
        ("spamcop",),
        "fix the reputation",
        "SpamCop got complaints of mail from the address.",
        "Stop what caused it: the listing ends by itself a day after the last complaint.",
        "https://www.spamcop.net/bl.shtml",
    ),
    Rule(
        "Spamhaus",
        ("spamhaus.org/returnc", "error: open resolver", "127.255.255.25"),
        "server trouble",
        "The other server asks Spamhaus in a way that is not allowed, and takes the refusal for a listing: "
        "nothing is wrong with this server.",
        "Tell the recipient by another way: the administrator there has to mend it. Try again in a day.",
        "https://www.spamhaus.org/returnc/pub/",
    ),
    Rule(
        "Spamhaus",
        ("spamhaus", "[bl21]", "[bl23]"),
        "fix the reputation",
        "The address or a domain in the message is on a list of Spamhaus.",
        "Look it up there: the page names the list, the reason and how to be removed.",
        "https://check.spamhaus.org/",
    ),
    Rule(
        "UCEPROTECT",
        ("uceprotect",),
        "fix the reputation",
        "The address or its whole network is on a list of UCEPROTECT.",
        "Level 1 ends by itself a week after the last spam; levels 2 and 3 are about the provider, "
        "not about you.",
        "https://www.uceprotect.net/en/rblcheck.php",
    ),
)
