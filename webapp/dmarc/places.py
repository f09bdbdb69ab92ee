"""Where sources are: one in the API's keys, all of them by country."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from webapp.dmarc.shapes import PlaceKeys
from webapp.geoip import Place, locate
from webapp.web.countries import country_name

UNKNOWN = "\N{EARTH GLOBE EUROPE-AFRICA}"


@lru_cache(maxsize=20_000)
def _place(address: str, folder: str) -> PlaceKeys:
    place = locate(address, folder)
    return {
        "country_code": place.country,
        "country_name": country_name(place.country),
        "country_emoji": place.flag or UNKNOWN,
        "city": place.city,
        "asn": f"AS{place.asn}" if place.asn else None,
        "asn_org": place.network,
    }


def described_place(address: str, folder: str) -> PlaceKeys:
    """Country, city and network of an address; None for what is not known, a globe for no flag."""
    return _place(address, folder).copy()


@dataclass(frozen=True)
class Country:
    """A country with its messages; without a code those whose place is not known."""

    code: str | None
    count: int

    @property
    def name(self) -> str:
        """Its name in English."""
        return country_name(self.code) or "unknown"

    @property
    def flag(self) -> str:
        """Its flag as text, '' for none."""
        return Place(self.code).flag

    @property
    def place(self) -> tuple[str | None, int]:
        """What a map takes: the code and the messages."""
        return self.code, self.count


def by_country(messages: Iterable[tuple[str, int]], folder: str) -> list[Country]:
    """The countries of (address, messages), the one with the most messages first."""
    counted: Counter[str | None] = Counter()
    for address, count in messages:
        counted[locate(address, folder).country] += count
    return [Country(code, count) for code, count in counted.most_common()]
