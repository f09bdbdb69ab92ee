"""Where an address is: country, city and network from MaxMind files where there are any, else the country
from iptocc."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import ip_address
from pathlib import Path

import geoip2.database
import iptocc
from geoip2.errors import AddressNotFoundError

CITY_FILE, NETWORK_FILE = "GeoLite2-City.mmdb", "GeoLite2-ASN.mmdb"


PlacesOf = Callable[[str], tuple[str, str, str, int] | None]
_made_up: PlacesOf | None = None


@dataclass(frozen=True)
class Place:
    """An address's country (ISO 3166 alpha-2), city, and the network (AS) it belongs to; None where
    unknown."""

    country: str | None = None
    city: str | None = None
    network: str | None = None
    asn: int | None = None

    @property
    def flag(self) -> str:
        """The country's flag as text; '' where the country is unknown."""
        return (
            "".join(chr(0x1F1E6 + ord(letter) - ord("A")) for letter in self.country) if self.country else ""
        )


def _opened(file: str) -> geoip2.database.Reader | None:
    path = Path(file)
    return _reader(file, path.stat().st_mtime_ns) if path.is_file() else None


@lru_cache(maxsize=8)
def _reader(file: str, _changed: int) -> geoip2.database.Reader:
    return geoip2.database.Reader(file)


def make_up(places: PlacesOf | None) -> None:
    """Take the places of simulated addresses from a function, or from none."""
    global _made_up
    _made_up = places
    _located.cache_clear()


def locate(address: str | None, folder: str = "") -> Place:
    """The place of an address or of a network's first address; `folder` holds MaxMind's files where there are
    any."""
    return _located(address, folder, _changed(folder)) if address else Place()


def _changed(folder: str) -> int:
    """A number that changes with the files: a job of another process may replace them."""
    if not folder:
        return 0
    files = (Path(folder) / name for name in (CITY_FILE, NETWORK_FILE))
    return sum(file.stat().st_mtime_ns for file in files if file.is_file())


@lru_cache(maxsize=20_000)
def _located(address: str, folder: str, _at: int) -> Place:
    try:
        host = str(ip_address(address.partition("/")[0]))
    except ValueError:
        return Place()
    if _made_up is not None and (found := _made_up(host)):
        return Place(*found)
    country, city = _city(host, folder)
    network, asn = _network(host, folder)
    return Place(country or iptocc.country_code(host), city, network, asn)


def _city(host: str, folder: str) -> tuple[str | None, str | None]:
    reader = _opened(str(Path(folder) / CITY_FILE)) if folder else None
    if reader is None:
        return None, None
    try:
        found = reader.city(host)
    except AddressNotFoundError:
        return None, None
    return found.country.iso_code, found.city.name


def _network(host: str, folder: str) -> tuple[str | None, int | None]:
    reader = _opened(str(Path(folder) / NETWORK_FILE)) if folder else None
    if reader is None:
        return None, None
    try:
        found = reader.asn(host)
    except AddressNotFoundError:
        return None, None
    return found.autonomous_system_organization, found.autonomous_system_number
