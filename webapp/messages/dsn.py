"""What an enhanced status code means, in plain words (RFC 3463 section 3, and the IANA registry of RFC 5248
with what RFC 4468, 4954, 6531, 6710, 7293, 7372, 7505, 8617 and 8689 added to it)."""

MEANINGS = {
    "0.0": "no details given",
    "1.0": "problem with the address",
    "1.1": "the mailbox does not exist",
    "1.2": "the recipient's domain does not exist",
    "1.3": "the address is not written correctly",
    "1.4": "the address fits several mailboxes",
    "1.5": "the address is valid",
    "1.6": "the mailbox has moved, without a new address",
    "1.7": "the sender's address is not written correctly",
    "1.8": "the sender's domain does not exist or takes no mail",
    "1.9": "relayed to a server that gives no reports",
    "1.10": "the recipient's domain says that it takes no mail (null MX)",
    "2.0": "problem with the mailbox",
    "2.1": "the mailbox is disabled",
    "2.2": "the mailbox is full",
    "2.3": "the message is too long for the mailbox",
    "2.4": "the mailing list could not be expanded",
    "3.0": "problem with the mail system",
    "3.1": "the mail system is full",
    "3.2": "the system takes no mail at the moment",
    "3.3": "the system lacks a needed feature",
    "3.4": "the message is too big for the system",
    "3.5": "the system is not set up correctly",
    "3.6": "the priority of the message was changed",
    "4.0": "problem with the network or the routing",
    "4.1": "the server does not answer",
    "4.2": "the connection was lost",
    "4.3": "a directory or DNS server failed",
    "4.4": "no route to the recipient's server could be found",
    "4.5": "the mail system is congested",
    "4.6": "a mail loop was found",
    "4.7": "the mail was too long on its way and was given up",
    "5.0": "another error in the mail protocol",
    "5.1": "the command is not allowed",
    "5.2": "the command is not written correctly",
    "5.3": "too many recipients",
    "5.4": "the command has wrong arguments",
    "5.5": "wrong protocol version",
    "5.6": "a line of the authentication is too long",
    "6.0": "problem with the content or its form",
    "6.1": "the content type is not supported",
    "6.2": "a needed conversion is not allowed",
    "6.3": "a needed conversion is not supported",
    "6.4": "the content was converted with loss",
    "6.5": "the conversion failed",
    "6.6": "the content is not available",
    "6.7": "addresses with non-ASCII characters are not supported there",
    "6.8": "the reply needs UTF-8, which the client does not support",
    "6.9": "a header in UTF-8 cannot be passed on to a recipient",
    "6.10": "a header in UTF-8 cannot be passed on to a recipient",
    "7.0": "refused for reasons of security or policy",
    "7.1": "not authorised: the sender or the content is refused by policy",
    "7.2": "the sender may not write to this list",
    "7.3": "a needed security conversion is not possible",
    "7.4": "a security feature is not supported",
    "7.5": "an encryption or certificate check failed",
    "7.6": "the encryption method is not supported",
    "7.7": "the message was damaged on its way",
    "7.8": "the user name or password is wrong",
    "7.9": "the authentication method is too weak",
    "7.10": "encryption is needed",
    "7.11": "the authentication method needs encryption",
    "7.12": "the password has to be changed over to the method",
    "7.13": "the user's account is disabled",
    "7.14": "a relationship of trust with the server is needed",
    "7.15": "the priority of the message is too low",
    "7.16": "the message is too big for its priority",
    "7.17": "the mailbox has another owner now",
    "7.18": "the recipient's domain has another owner now",
    "7.19": "whether the mailbox still has its owner could not be checked",
    "7.20": "no DKIM signature passed",
    "7.21": "no DKIM signature is acceptable",
    "7.22": "the DKIM signature is not the author's",
    "7.23": "the SPF check failed",
    "7.24": "the SPF record could not be evaluated",
    "7.25": "the reverse DNS check failed",
    "7.26": "several authentication checks failed",
    "7.27": "the sender's domain says that it takes no mail (null MX)",
    "7.28": "too much mail at once from this sender",
    "7.29": "the ARC check failed",
    "7.30": "TLS is required on the whole way (REQUIRETLS)",
}
NO_RELAY = "relay access denied"  # Postfix's reply, whatever the code
WHEN = {"2": "accepted", "4": "temporary", "5": "permanent"}
SUBJECTS = {
    "1": "address",
    "2": "mailbox",
    "3": "mail system",
    "4": "network or routing",
    "5": "mail protocol",
    "6": "content",
    "7": "security or policy",
}


def meaning(code: str | None, status: str, reply: str | None = None) -> str | None:
    """The code in plain words, such as `the mailbox is full (temporary)`; None where there is no code to
    explain. What a common `reply` says more exactly than its code goes before."""
    if not code or code.count(".") != 2:
        return None
    kind, _, detail = code.partition(".")
    if kind == "2":
        return "accepted by the next server" if status == "delivered" else None
    subject = SUBJECTS.get(detail.partition(".")[0])
    words = MEANINGS.get(detail) or (f"problem with the {subject}" if subject else None)
    if reply and NO_RELAY in reply.lower():
        words = "this server does not relay for that sender"
    return f"{words} ({WHEN[kind]})" if words and kind in WHEN else words
