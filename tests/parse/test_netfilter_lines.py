"""netfilter's lines in both wordings, for IPv4, IPv6 and networks."""

# ruff: noqa: E501 - log lines are kept whole
import pytest

from webapp.parse.netfilter import host, parse_netfilter

SASL = "warning: unknown[100.64.7.5]: SASL LOGIN authentication failed: (reason unavailable), sasl_username=carla@x.example"
LINES = [
    (
        f"100.64.7.5 matched rule id 3 ({SASL})",
        {
            "action": "warning",
            "ip": "100.64.7.5",
            "rule_id": 3,
            "username": "carla@x.example",
            "auth_method": "SASL LOGIN",
        },
    ),
    (
        f"3fff:a::66 matched rule id 3 ({SASL[:-1]}",
        {"action": "warning", "ip": "3fff:a::66", "username": "carla@x.exampl"},
    ),
    (
        "1.2.3.4 matched rule id 1 (mailcow UI: Invalid password for admin by 1.2.3.4)",
        {"rule_id": 1, "username": "admin", "auth_method": None},
    ),
    (
        "1.2.3.4 matched rule id 8 (sogo: Login from '1.2.3.4' for user 'eva@x.example' might not have worked)",
        {"username": "eva@x.example"},
    ),
    (
        "1.2.3.4 matched rule id 7 (imap-login: Disconnected (auth failed, 1 attempts in 2 secs): user=<eva@x.example>, method=PLAIN)",
        {"username": "eva@x.example", "auth_method": "IMAP"},
    ),
    (
        "1.2.3.4 matched rule id 4 (warning: non-SMTP command from unknown[1.2.3.4]: GET _ HTTP_1.1)",
        {"action": "warning", "rule_id": 4, "username": None},
    ),
    (
        "2 more attempts in the next 600 seconds until 100.64.7.6/32 is banned",
        {"action": "warning", "ip": "100.64.7.6", "attempts_left": 2},
    ),
    (
        "9 more attempts in the next 600 seconds until 3fff:a::/64 is banned",
        {"action": "warning", "ip": "3fff:a::/64", "attempts_left": 9},
    ),
    ("Banning 203.0.113.9/32 for 30 minutes", {"action": "banned", "ip": "203.0.113.9"}),
    ("Banning 203.0.113.0/24 for 1440 minutes", {"action": "banned", "ip": "203.0.113.0/24"}),
    ("Unbanning 2001:db8::1/128", {"action": "unbanned", "ip": "2001:db8::1"}),
    ("Added host/network 198.51.100.0/24 to denylist", {"action": "banned", "ip": "198.51.100.0/24"}),
    ("Removed host/network 198.51.100.7 from denylist", {"action": "unbanned", "ip": "198.51.100.7"}),
    ("Added host/network 198.51.100.7/32 to blacklist", {"action": "banned", "ip": "198.51.100.7"}),
    ("Add host/network 198.51.100.7/32 to blacklist", {"action": "banned", "ip": "198.51.100.7"}),
    ("Remove 198.51.100.7/32 from blacklist", {"action": "unbanned", "ip": "198.51.100.7"}),
    (
        "198.51.100.7 is not banned, skipping unban and deleting from queue (if any)",
        {"action": "info", "ip": "198.51.100.7"},
    ),
    ("Address 198.51.100.7 is allowlisted by rule 198.51.100.0/24", {"action": "info", "ip": "198.51.100.7"}),
    ("Address 198.51.100.7 is whitelisted by rule 198.51.100.0/24", {"action": "info", "ip": "198.51.100.7"}),
    ("Banning 203.0.113.9/32", {"action": "banned", "ip": "203.0.113.9"}),
    ("Unbanned ip: 203.0.113.9/32", {"action": "unbanned", "ip": "203.0.113.9"}),
    ("Banning 203.0.113.77/255.255.255.0 for 5 minutes", {"action": "banned", "ip": "203.0.113.0/24"}),
    ("::ffff:203.0.113.9 matched rule id 2", {"action": "warning", "ip": "203.0.113.9", "rule_id": 2}),
    (
        "1.2.3.4 matched rule id 3 (warning: unknown[1.2.3.4]: SASL PLAIN authentication failed: x, sasl_username=a, sasl_username=b)",
        {"username": "a, sasl_username=b", "auth_method": "SASL PLAIN"},
    ),
    (
        "1.2.3.4 matched rule id 1 (mailcow UI: Invalid password for x by 9.9.9.9 by 1.2.3.4)",
        {"username": "x by 9.9.9.9"},
    ),
    (
        "1.2.3.4 matched rule id 6 (auth: sql(a b(c),1.2.3.4,<xx/y>): Password mismatch)",
        {"username": "a b(c)"},
    ),
    (
        "1.2.3.4 matched rule id 6 (auth-worker(9): passwd-file(eva@x.example,1.2.3.4): unknown user)",
        {"username": "eva@x.example"},
    ),
    ("Watching Redis channel F2B_CHANNEL", {"action": "info", "ip": None}),
    ("Denylist was changed, it has 3 entries", {"action": "info", "ip": None}),
    ("Error loading F2B options: F2B_REGEX is not json", {"action": "info", "ip": None}),
]


@pytest.mark.parametrize(("message", "expected"), LINES, ids=[message[:50] for message, _ in LINES])
def test_a_line_tells_its_fields(message, expected):
    line = parse_netfilter(message)
    assert {name: getattr(line, name) for name in expected} == expected


def test_a_single_host_is_an_address_and_a_network_stays_one():
    assert host("2001:DB8:0::1/128") == "2001:db8::1"
    assert host("10.1.2.3/8") == "10.0.0.0/8"
    assert host("mail.example") is None


def test_a_rule_number_that_is_none_is_left_out():
    assert parse_netfilter("1.2.3.4 matched rule id none (x)").rule_id is None
    assert parse_netfilter(f"1.2.3.4 matched rule id {'9' * 40} (x)").rule_id is None
