"""Examples for the description of the room's answers."""

from typing import Any

SPF: dict[str, Any] = {
    "status": "success",
    "message": "SPF configured correctly with strict -all policy. Server IP authorized via ip4:1.2.3.4",
    "record": "v=spf1 mx include:_spf.google.com -all",
    "has_strict_all": True,
    "includes_mx": True,
    "includes": ["_spf.google.com"],
    "warnings": [],
    "dns_lookups": 3,
    "findings": [],
    "sources": [
        {
            "address": "1.2.3.4",
            "origin": "server",
            "name": "",
            "result": "pass",
            "via": "ip4:1.2.3.4",
            "reason": "",
        }
    ],
}
CHECKS: dict[str, Any] = {"spf": SPF, "checked_at": "2026-01-08T01:34:08Z"}
DOMAIN: dict[str, Any] = {
    "domain_name": "example.com",
    "active": True,
    "mboxes_in_domain": 5,
    "mboxes_left": 995,
    "max_num_mboxes_for_domain": 1000,
    "aliases_in_domain": 3,
    "aliases_left": 397,
    "max_num_aliases_for_domain": 400,
    "created": "2025-01-01T00:00:00Z",
    "bytes_total": 1572864,
    "msgs_total": 1234,
    "quota_used_in_domain": "1572864",
    "max_quota_for_domain": 10240000,
    "backupmx": False,
    "relay_all_recipients": False,
    "relay_unknown_only": False,
    "dns_checks": CHECKS,
    "alias_domains": [],
}
ALL: dict[str, Any] = {
    "total": 10,
    "active": 8,
    "last_dns_check": "2026-01-08T01:34:08Z",
    "domains": [DOMAIN],
    "taken_at": "2026-01-08T01:34:00Z",
    "age_seconds": 8.0,
    "stale": False,
    "error": None,
}
CHECKED_ALL: dict[str, Any] = {
    "status": "success",
    "message": "Checked 8 domains",
    "domains_checked": 8,
    "errors": [],
}
CHECKED_ONE: dict[str, Any] = {
    "status": "success",
    "message": "DNS checked for example.com",
    "data": {"domain": "example.com", **CHECKS},
}
HISTORY: dict[str, Any] = {
    "domain": "example.com",
    "total": 1,
    "changes": [
        {
            "check": "spf",
            "old": "v=spf1 mx ~all",
            "new": "v=spf1 mx -all",
            "changed_at": "2026-01-08T01:34:08Z",
        }
    ],
}
