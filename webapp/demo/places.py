"""Where the simulated addresses are: their ranges are reserved for documentation, and nowhere in truth."""

from ipaddress import ip_address, ip_network

RANGES = tuple(
    ip_network(text) for text in ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "2001:db8::/32")
)
PLACES = (  # country, city, network, number of the network (RFC 5398: 64496 to 64511 are for documentation)
    ("DE", "Hamburg", "Elbe Internet", 64496),
    ("US", "Chicago", "Prairie Cloud", 64497),
    ("FR", "Nantes", "Loire Telecom", 64498),
    ("GB", "Leeds", "Aire Networks", 64499),
    ("NL", "Utrecht", "Dom Hosting", 64500),
    ("BR", "Recife", "Capibaribe Net", 64501),
    ("IN", "Pune", "Mula Broadband", 64502),
    ("JP", "Sendai", "Hirose Networks", 64503),
    ("PL", "Gdańsk", "Motława Net", 64504),
    ("ZA", "Durban", "Umgeni Online", 64505),
    ("SE", "Uppsala", "Fyris Bredband", 64506),
    ("CA", "Halifax", "Fundy Internet", 64507),
    ("VN", "Huế", "Huong Giang Net", 64508),
)


def place_of(address: str) -> tuple[str, str, str, int] | None:
    """Country, city, network and its number of a simulated address, always the same; None for a real one."""
    host = ip_address(address)
    if not any(host in network for network in RANGES if network.version == host.version):
        return None
    return PLACES[int(host) % len(PLACES)]
