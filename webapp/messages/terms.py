"""What was typed -> conditions on messages: addresses, outcomes, and the terms of a search."""

from collections.abc import Callable, Sequence
from zoneinfo import ZoneInfo

from webapp.lists.conditions import Conditions, either, literal
from webapp.lists.terms import NULL_SENDER, by_address, by_ip, by_key, by_part, by_words, is_short
from webapp.lists.typed import Term, terms_of
from webapp.lists.when import Clock, Span, span_of
from webapp.messages import exact
from webapp.parse.address import address_key, bare_address, full_address
from webapp.parse.words import FAILED, FINAL, JUNK, NOT_DELIVERED, UNDELIVERABLE, UNDELIVERED, Outcome
from webapp.tables import messages
from webapp.tables.db import now

STATUSES = (
    Outcome.DELIVERED,
    Outcome.BOUNCED,
    Outcome.DEFERRED,
    Outcome.REJECTED,
    Outcome.SPAM,
    Outcome.EXPIRED,
    Outcome.DISCARDED,
    Outcome.MIXED,
    FAILED,
    JUNK,
    Outcome.PENDING,
)
RECEIVED_BY = messages.RECEIVED_BY.format(message="")
ONLY_DOMAIN = messages.ONLY_DOMAIN.format(message="")
OUTCOMES = (*FINAL, Outcome.DEFERRED, UNDELIVERED)
TIMES = ("before", "after")


def by_sender(found: Conditions, typed: str) -> None:
    """Add: the null sender, one address in angle brackets, a whole address, or a part of one."""
    if typed in NULL_SENDER:
        by_key(found, "sender", "")
    elif address := exact.bracketed(typed):
        exact.by_sender(found, address)
    else:
        by_address(found, "sender", typed, "replace(lower(sender), '\"', '') LIKE", "search_text", "LIKE")


def by_recipient(found: Conditions, typed: str) -> None:
    """Add: a whole address by its key, a part of one as a substring; aliases and their targets count."""
    if address := exact.bracketed(typed):
        exact.by_recipient(found, address)
    elif address := full_address(typed):
        exact.by_recipient_key(found, "recipient_key", address_key(address))
    else:
        by_part(found, "recipient", bare_address(typed), "recipient_text LIKE", "search_text", "LIKE")


def by_receiver(found: Conditions, address: str) -> None:
    """Add: who got the mail, by the key of the address; a catch-all got what came to no known address."""
    found.values["receiver"] = address.removeprefix("@")
    if not address.startswith("@"):
        exact.by_recipient_key(found, "receiver_key", address_key(address))
        found.plain.append(f"{RECEIVED_BY} @> ARRAY[:receiver]")
        return
    found.plain.append(concerning(":receiver"))
    found.plain.append(
        f"EXISTS (SELECT 1 FROM unnest({RECEIVED_BY}) AS got "
        "WHERE split_part(got, '@', 2) = :receiver AND got NOT IN "
        "(SELECT username FROM mailboxes UNION ALL SELECT counted_as FROM mailbox_aliases))"
    )


def concerning(domain: str) -> str:
    """SQL: it concerns this domain of ours. PostgreSQL takes it for common, and reads newest first."""
    return f"CASE WHEN domains IS NULL THEN {ONLY_DOMAIN} = {domain} ELSE domains @> ARRAY[{domain}] END"


def by_outcome(word: str) -> str:
    """SQL: a recipient had this outcome."""
    words = NOT_DELIVERED if word == UNDELIVERED else (word,)
    return f"outcomes && ARRAY[{', '.join(repr(str(each)) for each in words)}]"


def ways_of_status(word: str) -> tuple[str, ...]:
    """SQL of what the filter `status` finds, over final_status, outcomes and is_spam: a message fulfils one
    condition at most."""
    if word == FAILED:
        return (f"outcomes && ARRAY[{', '.join(repr(each) for each in UNDELIVERABLE)}]",)
    if word == Outcome.PENDING:
        return ("final_status IS NULL",)
    if word == Outcome.MIXED:
        return ("final_status = 'mixed'",)
    if word == Outcome.SPAM:
        return ("is_spam",)
    if word == JUNK:
        return (f"final_status = '{Outcome.SPAM}'",)
    return f"final_status = '{word}'", f"final_status = 'mixed' AND '{word}' = ANY(outcomes)"


def by_status(word: str) -> str:
    """SQL of the same as one condition."""
    return "".join(either(ways_of_status(word)))


def status(found: Conditions, word: str) -> None:
    """Add: the filter `status`."""
    found.one_of(*ways_of_status(word.lower()))


def _subject(found: Conditions, typed: str) -> None:
    by_part(found, "subject", typed.lower(), "lower(subject) LIKE", "search_text", "LIKE")


def _domain(found: Conditions, typed: str) -> None:
    """Of the sender or of a recipient."""
    domain = exact.domain_only(typed)
    found.values["either_domain"] = domain
    found.plain.append(
        f"({exact.domain_of('lower(sender)')} = :either_domain OR EXISTS (SELECT 1 FROM "
        f"unnest({exact.addresses_in('recipient_text')}) AS address "
        f"WHERE {exact.domain_of('address')} = :either_domain))"
    )
    exact.narrow(found, "either_domain_text", "@" + domain)


def by_folder(found: Conditions, typed: str) -> None:
    """Add: a part of the name of the folder that Dovecot put a recipient's copy into. `id` and `first_seen`
    are the message's."""
    found.plain.append(
        "EXISTS (SELECT 1 FROM deliveries WHERE message_id = id AND message_time = first_seen "
        "AND folder ILIKE :folder)"
    )
    found.values["folder"] = f"%{literal(typed)}%"


def _id(found: Conditions, typed: str) -> None:
    """A queue id or a Message-ID, or a part of one."""
    bare = typed.strip("<>").lower()
    compared = "lower(concat_ws(E'\\n', queue_id, message_id)) LIKE"
    by_part(found, "id_part", bare, compared, "search_text", "LIKE")


def _anywhere(found: Conditions, typed: str) -> None:
    by_words(found, "search_text", typed.lower(), "LIKE", "\n")


BY_FIELD: dict[str, Callable[[Conditions, str], None]] = {
    "": _anywhere,
    "from": by_sender,
    "to": by_recipient,
    "status": status,
    "ip": by_ip,
    "subject": _subject,
    "domain": _domain,
    "folder": by_folder,
    "id": _id,
}
FIELDS = (*BY_FIELD, *TIMES)


def search_terms(typed: str) -> list[Term]:
    """The terms of a search. Raises ValueError with a sentence for a status or a time that is none."""
    found = terms_of(typed, FIELDS)
    bounds_of(found)
    for term in found:
        if term.field == "status" and term.text.lower() not in STATUSES:
            raise ValueError(f"status: must be one of {', '.join(STATUSES)}")
    return found


def bounds_of(terms: Sequence[Term]) -> Span | None:
    """The period of before: and after: in UTC."""
    return span_of([term for term in terms if term.field in TIMES], Clock(now(), ZoneInfo("UTC")))


def by_search(found: Conditions, typed: str) -> None:
    """Add: every term of the search. The times of before: and after: are UTC here; a page, which knows its
    zone, has made them a period before."""
    terms = search_terms(typed)
    if span := bounds_of(terms):
        found.start = max(filter(None, (found.start, span.start)), default=None)
        found.end = min(filter(None, (found.end, span.end)), default=None)
    for number, term in enumerate(terms):
        if term.field in TIMES:
            continue
        own = Conditions()
        BY_FIELD[term.field](own, term.text)
        found.take(own, f"term{number}_", term.excluded)


def is_all_short(typed: str) -> bool:
    """True where every term is looked for anywhere, and too short to be looked for inside of words."""
    terms = search_terms(typed)
    return bool(terms) and all(not term.field and is_short(term.text) for term in terms)
