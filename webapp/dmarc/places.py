"""Where a source is, in the API's keys."""

from functools import lru_cache
from typing import Any

from webapp.dmarc.countries import country_name
from webapp.geoip import locate

UNKNOWN = "\N{EARTH GLOBE EUROPE-AFRICA}"


@lru_cache(maxsize=20_000)
def _place(address: str, folder: str) -> tuple[tuple[str, Any], ...]:
    place = locate(address, folder)
    return (
        ("country_code", place.country),
        ("country_name", country_name(place.country)),
        ("country_emoji", place.flag or UNKNOWN),
        ("city", place.city),
        ("asn", f"AS{place.asn}" if place.asn else None),
        ("asn_org", place.network),
    )


def described_place(address: str, folder: str) -> dict[str, Any]:
    """Country, city and network of an address; None for what is not known, a globe for no flag."""
    return dict(_place(address, folder))
