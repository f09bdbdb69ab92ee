"""Exact conditions on messages: one address, one domain, one reason.

They find just the messages of one group (grouping.py); where a word is rare the trigram index narrows them
down.
"""

import re

from webapp.lists.conditions import Conditions
from webapp.lists.terms import LONGEST, by_key, is_short, spelled
from webapp.messages.reasons import FAILURE, REASON
from webapp.parse.address import address_key

SENDER = spelled("sender")
IN_BRACKETS = re.compile(r"<(.+)>", re.DOTALL)
SAME_IN_INDEX = re.compile(r"[a-z0-9@._+-]+")  # characters that search_text holds as they were sent


def bracketed(typed: str) -> str | None:
    """The address of `<address>` (a path, RFC 5321 section 4.1.2) in lower case; None for any other text."""
    found = IN_BRACKETS.fullmatch(typed)
    return found[1].lower() if found else None


def addresses_in(column: str) -> str:
    """SQL: the addresses of a text that holds one a line, as recipient_text does."""
    return rf"string_to_array({column}, E'\n')"


def by_sender(found: Conditions, address: str) -> None:
    """Add: the sender as it was logged, in any case."""
    by_key(found, "sender", address)
    found.plain.append(f"{SENDER} = lower(:exact_sender)")
    found.values["exact_sender"] = address[:LONGEST]


def by_recipient(found: Conditions, address: str) -> None:
    """Add: one of the recipients, or an alias through which it came."""
    bare = address.replace('"', "").replace("\\", "")
    by_recipient_key(found, "recipient_key", address_key(bare))
    found.plain.append(f":exact_recipient = ANY({addresses_in('recipient_text')})")
    found.values["exact_recipient"] = bare


def by_recipient_key(found: Conditions, name: str, key: int) -> None:
    """Add: one of the addresses that it was for has this key."""
    found.one_of(
        f"recipient_key = CAST(:{name} AS bigint)", f"recipient_keys @> ARRAY[CAST(:{name} AS bigint)]"
    )
    found.values[name] = key
    found.names_few = True


def domain_of(address: str) -> str:
    """SQL: what stands behind the last @ of an address in lower case; NULL where there is none."""
    return f"CASE WHEN {address} LIKE '%@%' THEN split_part({address}, '@', -1) END"


def domain_only(typed: str) -> str:
    """The domain of what was typed (`example.org`, `@example.org`) in lower case."""
    return typed.rpartition("@")[2].lower()


def by_sender_domain(found: Conditions, typed: str) -> None:
    """Add: the domain of the sender."""
    domain = domain_only(typed)
    found.plain.append(f"{domain_of('lower(sender)')} = lower(:sender_domain)")
    found.values["sender_domain"] = domain
    narrow(found, "sender_domain_text", "@" + domain)


def by_recipient_domain(found: Conditions, typed: str) -> None:
    """Add: the domain of one of the recipients, or of an alias through which it came."""
    domain = domain_only(typed)
    found.plain.append(
        f"EXISTS (SELECT 1 FROM unnest({addresses_in('recipient_text')}) AS address "
        f"WHERE {domain_of('address')} = :recipient_domain)"
    )
    found.values["recipient_domain"] = domain
    narrow(found, "recipient_domain_text", "@" + domain)


def narrow(found: Conditions, name: str, term: str) -> None:
    """Add: the text in the searched text, where the index holds it as it was sent."""
    if SAME_IN_INDEX.fullmatch(term) and not is_short(term):
        found.contains("search_text", name, term)


def by_reason(found: Conditions, word: str) -> None:
    """Add: a recipient did not get it for this reason. `id` and `first_seen` are the message's."""
    found.plain.append(
        "final_status <> 'delivered' AND EXISTS (SELECT 1 FROM deliveries WHERE message_id = id "
        f"AND message_time = first_seen AND {FAILURE} AND {REASON} = '{word}')"
    )
