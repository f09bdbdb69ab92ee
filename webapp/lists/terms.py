"""What was typed into a filter -> conditions: words, addresses, networks, each in the way an index knows."""

from contextlib import suppress
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from itertools import takewhile

from webapp.lists.conditions import Conditions, literal
from webapp.parse.address import address_key, bare_address, full_address
from webapp.tables.gin import TRIGRAM

NULL_SENDER = ("<>", '""')
LONGEST = 320  # characters of an address in an index (RFC 5321 section 4.5.3.1: 64, an @, 255)


def is_short(term: str | None) -> bool:
    """True where the term is too short for a substring search."""
    return term is not None and len(term) < TRIGRAM


def by_words(found: Conditions, column: str, term: str, like: str = "ILIKE", separator: str = " ") -> None:
    """Add: a substring; of one or two characters only the beginning of a word, which the index knows too.

    LIKE does for a lower-case term in a column that holds lower case, in two thirds of the time.
    """
    if not is_short(term):
        found.contains(column, "search", term, like)
    else:
        found.texts.append(f"({column} {like} :search OR {column} {like} :search_word)")
        found.values.update(search=literal(term) + "%", search_word=f"%{literal(separator)}{literal(term)}%")
        found.terms.append(separator + term)


def by_part(found: Conditions, name: str, term: str, compared: str, indexed: str, like: str) -> None:
    """Add: a substring of one column; the trigram index over the text that holds it narrows it down first.

    `compared` is the column with its operator, such as `sender ILIKE`.
    """
    found.plain.append(f"{compared} :{name}")
    found.values[name] = f"%{literal(term)}%"
    if not is_short(term):
        found.contains(indexed, name, term, like)


def spellings(typed: str) -> tuple[str, ...]:
    """The spellings in which a whole address may be stored; () for a part of one."""
    whole = full_address(typed)
    return (whole, typed.strip().strip("<>").lower()) if whole else ()


def spelled(column: str) -> str:
    """SQL of an address as an index has it that knows no keys."""
    return f"left(lower({column}), {LONGEST})"


def by_key(found: Conditions, column: str, *spellings: str) -> None:
    """Add: the address has the key of these spellings; a row that has no key has one of them."""
    names = {f"{column}_{number}": each[:LONGEST] for number, each in enumerate(dict.fromkeys(spellings))}
    among = ", ".join(f":{name}" for name in names)
    found.values.update({f"{column}_key": address_key(spellings[0]), **names})
    found.one_of(
        f"{column}_key = CAST(:{column}_key AS bigint)",
        f"{column}_key IS NULL AND {spelled(column)} IN ({among})",
    )
    found.names_few = True


def by_address(found: Conditions, column: str, typed: str, compared: str, indexed: str, like: str) -> None:
    """Add: a whole address by its index, a part of one as a substring."""
    if whole := spellings(typed):
        by_key(found, column, *whole)
    else:
        by_part(found, column, bare_address(typed), compared, indexed, like)


def by_ip(found: Conditions, typed: str) -> None:
    """Add: the address, in whatever spelling it was typed, all addresses of a network (CIDR, RFC 4632), or an
    address's beginning."""
    typed = typed.strip("[]").lower()
    with suppress(ValueError):
        found.values["ip"] = str(ip_address(typed))
        found.plain.append("ip = :ip")
        return
    with suppress(ValueError):
        network = ip_network(typed, strict=False)
        found.values["network"] = str(network)
        found.plain.append("inet_or_null(ip) <<= CAST(:network AS inet)")
        typed = common_beginning(network)
    found.values["ip"] = literal(typed) + "%"
    found.plain.append("ip LIKE :ip")
    found.is_skewed = True


def common_beginning(network: IPv4Network | IPv6Network) -> str:
    """The text with which all addresses of the network begin, by which an index can narrow them down.

    Of IPv6 up to the first zero, from where the notation may be shortened (RFC 5952 section 4.2).
    """
    if isinstance(network, IPv4Network):
        return "".join(f"{part}." for part in network.network_address.packed[: network.prefixlen // 8][:3])
    groups = [
        int(group, 16) for group in network.network_address.exploded.split(":")[: network.prefixlen // 16][:7]
    ]
    return "".join(f"{group:x}:" for group in takewhile(bool, groups))
