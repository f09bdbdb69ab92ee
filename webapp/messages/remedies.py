"""What to do about each reason: for mail sent from here, and for mail refused here."""

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What kind of action it is."""

    WAIT = "wait"
    ADDRESS = "fix the address"
    AUTHENTICATION = "fix authentication"
    CONTENT = "fix the content"
    REPUTATION = "fix the reputation"
    SERVER = "server trouble"


@dataclass(frozen=True, slots=True)
class Advice:
    """What a reply means and what to do, one sentence each; `provider` and `url` tell whose code it is."""

    kind: str
    meaning: str
    action: str
    provider: str | None = None
    url: str | None = None


def _of(kind: Kind, meaning: str, action: str) -> Advice:
    return Advice(kind, meaning, action)


SENT = {  # by reason, where another server refused or delayed what was sent from here
    "greylisted": _of(
        Kind.WAIT,
        "The other server delays first mail from unknown senders on purpose.",
        "Nothing: Postfix tries again by itself, and the next try usually gets through.",
    ),
    "blocklist": _of(
        Kind.REPUTATION,
        "The other server found this server's address on a blocklist.",
        "Look at Domains, Blocklists for which list it is, stop what caused it, then ask that list "
        "for removal.",
    ),
    "spam": _of(
        Kind.CONTENT,
        "The other server took the message for spam.",
        "Check SPF, DKIM and DMARC of the sender's domain first, then links and attachments in the message.",
    ),
    "malware": _of(
        Kind.CONTENT,
        "The other server found something dangerous in the message.",
        "Check the sender's computer and the attachments; send large or executable files by link instead.",
    ),
    "relay": _of(
        Kind.ADDRESS,
        "The other server does not take mail for that domain.",
        "Check the recipient's domain and its MX records: mail went to a server that is not "
        "responsible for it.",
    ),
    "sender-not-allowed": _of(
        Kind.ADDRESS,
        "The sender's address may not be used here or not write to this recipient.",
        "Use an address that the signed-in account owns, or ask the recipient to allow the sender.",
    ),
    "authentication": _of(
        Kind.AUTHENTICATION,
        "The message did not pass SPF, DKIM or DMARC at the other server.",
        "Open the sender's domain under Domains and publish what is missing there.",
    ),
    "client-name": _of(
        Kind.AUTHENTICATION,
        "The other server does not like this server's name or its reverse DNS.",
        "Set the PTR record of the sending address to the server's host name, and that name back to "
        "the address.",
    ),
    "tls": _of(
        Kind.SERVER,
        "The two servers could not agree on encryption.",
        "Check the TLS policy for that domain in mailcow and the certificate of the other server.",
    ),
    "sign-in": _of(
        Kind.AUTHENTICATION,
        "The relay did not accept the user name or the password.",
        "Correct the credentials of the relay host or sender-dependent transport in mailcow.",
    ),
    "too-much": _of(
        Kind.WAIT,
        "More mail came at once than the other server takes from this sender.",
        "Wait; Postfix tries again. If it keeps happening, send bulk mail more slowly and to people "
        "who asked for it.",
    ),
    "mailbox-full": _of(
        Kind.WAIT,
        "The recipient's mailbox is full.",
        "Tell the recipient by another way; the mail arrives once there is room, or send it again later.",
    ),
    "mailbox-disabled": _of(
        Kind.ADDRESS,
        "The mailbox exists but takes no mail at the moment.",
        "Ask the recipient by another way for an address that works.",
    ),
    "no-mailbox": _of(
        Kind.ADDRESS,
        "There is no such mailbox at that domain.",
        "Check the address for typing mistakes and ask the recipient for the right one.",
    ),
    "sender-domain": _of(
        Kind.AUTHENTICATION,
        "The other server could not find the sender's domain, or it takes no mail.",
        "Give the sender's domain an MX or address record, or send from a domain that has one.",
    ),
    "no-domain": _of(
        Kind.ADDRESS,
        "The recipient's domain does not exist or takes no mail.",
        "Check the part behind the @ for typing mistakes.",
    ),
    "address": _of(
        Kind.ADDRESS, "An address is not written correctly.", "Correct it and send the message again."
    ),
    "too-big": _of(
        Kind.CONTENT,
        "The message is bigger than the other server takes.",
        "Send the attachments by link, or in several smaller messages.",
    ),
    "lookup": _of(
        Kind.SERVER,
        "A name could not be looked up.",
        "Wait; Postfix tries again. If many domains are concerned, check this server's DNS resolver "
        "(unbound).",
    ),
    "connection-lost": _of(
        Kind.SERVER,
        "The connection broke off in the middle.",
        "Wait; Postfix tries again. If it goes on, a firewall or too large packets on the way are a "
        "usual cause.",
    ),
    "no-answer": _of(
        Kind.SERVER,
        "The other server does not answer.",
        "Wait; Postfix tries again for days. If no server answers, check that port 25 outwards is open here.",
    ),
    "loop": _of(
        Kind.SERVER,
        "The message went round in a circle.",
        "Look for forwards that lead back to each other, and for an MX record that points to the "
        "wrong server.",
    ),
    "too-long": _of(
        Kind.SERVER,
        "The message waited too long and was given up.",
        "See the last reply for why, and send it again when that is solved.",
    ),
    "content": _of(
        Kind.CONTENT,
        "The other server does not accept what the message contains.",
        "Send it as plain text or with other attachments.",
    ),
    "protocol": _of(
        Kind.SERVER,
        "The two servers did not understand each other.",
        "Look at the reply below; a wrong address form or a strict filter in between is the usual cause.",
    ),
    "system": _of(
        Kind.WAIT,
        "The other mail system has a problem of its own.",
        "Wait; Postfix tries again by itself.",
    ),
    "policy": _of(
        Kind.REPUTATION,
        "The other server refuses the message by a rule that it does not explain.",
        "Check SPF, DKIM, DMARC and blocklists of this server, then ask the other side's postmaster "
        "with the reply below.",
    ),
    "other": _of(
        Kind.SERVER,
        "The other server gave a reason that is not known here.",
        "Read its reply below; if it does not help, ask the other side's postmaster.",
    ),
}
RECEIVED = {  # where this server refused what others sent
    "greylisted": _of(
        Kind.WAIT,
        "This server delays first mail from unknown senders on purpose.",
        "Nothing: the other side tries again. If it never did, its server does not keep to the rules.",
    ),
    "blocklist": _of(
        Kind.REPUTATION,
        "The sending address is on a blocklist that this server asks.",
        "If you want its mail, allow the sender's address in mailcow; its operator should ask the "
        "list for removal.",
    ),
    "spam": _of(
        Kind.CONTENT,
        "Rspamd took the message for spam.",
        "See the symbols below; if it was wanted, allow the sender for the mailbox or the domain in mailcow.",
    ),
    "malware": _of(
        Kind.CONTENT, "The virus scanner found something.", "Do not let it through; warn the sender."
    ),
    "relay": _of(
        Kind.ADDRESS,
        "Somebody tried to send through this server to a domain that is not here.",
        "Nothing, unless the domain should be here or the sender should have signed in first.",
    ),
    "sender-not-allowed": _of(
        Kind.ADDRESS,
        "The account may not send with that address.",
        "Add the address as an alias of the mailbox, or allow it under Send as in mailcow.",
    ),
    "authentication": _of(
        Kind.AUTHENTICATION,
        "The message did not pass SPF, DKIM or DMARC of the domain that it claims to come from.",
        "The sender's domain has to mend its records; a forwarder on the way is another usual cause.",
    ),
    "client-name": _of(
        Kind.AUTHENTICATION,
        "The sending server gave a wrong name or has no reverse DNS.",
        "Its operator has to set the PTR record and the HELO name.",
    ),
    "sign-in": _of(
        Kind.AUTHENTICATION,
        "The client was not signed in, or with a wrong password.",
        "The user has to switch authentication on in the mail program and check the password.",
    ),
    "too-much": _of(
        Kind.WAIT,
        "The sender went over a limit of this server.",
        "Look at the account's figures: a sudden burst may be a stolen password. Else raise its rate "
        "limit in mailcow.",
    ),
    "mailbox-full": _of(
        Kind.WAIT, "The mailbox here is full.", "Raise its quota in mailcow or have it emptied."
    ),
    "mailbox-disabled": _of(
        Kind.ADDRESS, "The mailbox here is switched off.", "Switch it on in mailcow if it is needed."
    ),
    "no-mailbox": _of(
        Kind.ADDRESS,
        "There is no mailbox and no alias with that address here.",
        "Add an alias in mailcow if mail for it is wanted.",
    ),
    "sender-domain": _of(
        Kind.AUTHENTICATION,
        "The sender's domain does not exist or takes no mail.",
        "Nothing: an answer could never reach the sender. Its operator has to mend the domain's DNS.",
    ),
    "no-domain": _of(
        Kind.ADDRESS, "The domain is not one of this server.", "Add it in mailcow if it should be."
    ),
    "too-big": _of(
        Kind.CONTENT,
        "The message is bigger than this server takes.",
        "Raise the message size limit in mailcow, or have it sent by link.",
    ),
}
