"""What the terms of a search are."""

import pytest

from webapp.lists.typed import terms_of
from webapp.messages.terms import FIELDS
from webapp.search.subjects import subjects_of


@pytest.mark.parametrize(
    ("typed", "ips", "addresses", "domains"),
    [
        ("invoice 4711", [], [], []),
        ("192.0.2.25 ip:[2001:DB8::1]", ["192.0.2.25", "2001:db8::1"], [], []),
        ("Anna@Example.org", [], ["anna@example.org"], ["example.org"]),
        ("from:anna@example.org to:bob", [], ["anna@example.org"], ["example.org"]),
        ("domain:example.org shop.example", [], [], ["example.org", "shop.example"]),
        ("-from:anna@example.org -192.0.2.25", [], [], []),
        ("subject:example.org", [], [], []),
        ("10.0.0.1 10.0.0.2 10.0.0.3 10.0.0.4", ["10.0.0.1", "10.0.0.2", "10.0.0.3"], [], []),
    ],
)
def test_addresses_and_domains_are_known_by_their_form(typed, ips, addresses, domains):
    found = subjects_of(terms_of(typed, FIELDS))
    assert (list(found.ips), list(found.addresses), list(found.domains)) == (ips, addresses, domains)
