"""Message-IDs as Postfix and Rspamd write them meet under one key; different ones do not."""

import pytest

from webapp.parse.address import bare_address
from webapp.parse.message_id import comparable, join_key

PAIRS = [
    ("<CAGx@mail.example.com>", "CAGx@mail.example.com"),
    ("<x@d.example> (added by postmaster@y.example)", "x@d.example"),
    ("<x@d.example>;", "x@d.example>;"),
    ("<a??b@d.example>", "a?b@d.example"),
    ("<a b@d.example>", "a?b@d.example"),
    ("<gr????e@d.example>", "gr\u00fc\u00dfe@d.example"),
    ('<"a\\"b"@d.example>', 'a"b@d.example'),
    ("x@d.example", "x@d.example"),
    ("<" + "a" * 1900 + "@d.example>", "a" * 1900 + "@d.example"),
]


@pytest.mark.parametrize(("postfix", "rspamd"), PAIRS)
def test_both_spellings_have_one_key(postfix, rspamd):
    assert join_key(postfix, None, None) == join_key(rspamd, None, None) is not None


@pytest.mark.parametrize(
    ("one", "other"),
    [("<a@d.example>", "<b@d.example>"), ("<a@d.example>", "<A@d.example>"), ("<a@d>", "<a@d.e>")],
)
def test_different_ids_have_different_keys(one, other):
    assert join_key(one, None, None) != join_key(other, None, None)


@pytest.mark.parametrize("missing", ["<>", "", None, "undef", "  "])
def test_a_mail_without_an_id_meets_by_sender_and_client(missing):
    assert comparable(missing) == ""
    assert join_key(missing, None, "192.0.2.1") is None
    assert join_key(missing, "a@x.example", None) is None
    assert join_key(missing, "<A@x.example>", "192.0.2.1") == join_key("undef", "a@x.example", "192.0.2.1")
    assert join_key(missing, "a@x.example", "192.0.2.1") != join_key(missing, "a@x.example", "192.0.2.2")


def test_a_forged_id_cannot_take_the_place_of_a_missing_one():
    assert join_key("\0a@x.example\0192.0.2.1", None, None) != join_key("", "a@x.example", "192.0.2.1")


@pytest.mark.parametrize("odd", ["<{}>", "{}", " {} ", "<{}", '"{}"', "{} (comment)", "<{}?>"])
def test_a_usual_id_is_compared_like_one_from_which_something_is_taken_out(odd):
    for usual in ("4Xa=b!#~@host.example", "a)b:c;[d]@e", "undef"):
        assert comparable(odd.format(usual)) == comparable(f'<{usual}>"'), odd


def test_keys_fit_into_the_database():
    assert all(-(2**63) <= join_key(f"<{n}@x>", None, None) < 2**63 for n in range(500))


def test_addresses_are_compared_without_quotes_and_case():
    assert bare_address('<"A b"@X.example>') == "a b@x.example"
    assert bare_address("<>") == bare_address(None) == ""
