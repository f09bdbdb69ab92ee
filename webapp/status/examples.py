"""Examples for the API's description, as in the reference."""

from webapp.config import VERSION

AGED = {"taken_at": "2026-01-08T15:52:46Z", "age_seconds": 31, "error": None}
RELEASE = {
    "current_version": "1.4.9",
    "latest_version": "1.4.9",
    "update_available": False,
    "changelog": "### Added\n\n- ...",
    "published_at": "2026-01-07T09:00:00Z",
    "release_url": None,
    "last_checked": "2026-01-08T15:52:46Z",
    "error": None,
}
RUNNING = {"running": 18, "stopped": 0, "total": 18}
STORAGE = {"disk": "/dev/sda1", "used": "45G", "total": "100G", "used_percent": "45%", **AGED}
HEALTH = {
    "status": "healthy",
    "database": "connected",
    "version": VERSION,
    "redis": "connected",
    "config": {
        "fetch_interval": 60,
        "retention_days": 7,
        "mailcow_url": "https://mail.example.com",
        "blacklist_enabled": False,
        "auth_enabled": False,
    },
}
INFO = {
    "name": "Mailcow Logs Viewer",
    "version": VERSION,
    "mailcow_url": "https://mail.example.com",
    "local_domains": ["example.com"],
    "fetch_interval": 60,
    "retention_days": 7,
    "timezone": "UTC",
    "app_title": "Mailcow Logs Viewer",
    "app_logo_url": "",
    "blacklist_count": 0,
    "auth_enabled": False,
    "demo": False,
}
CONTAINERS = {
    "containers": {
        "postfix-mailcow": {
            "name": "postfix",
            "state": "running",
            "started_at": "2025-12-20T08:00:00Z",
            "image": "ghcr.io/mailcow/postfix:3.10.12-1",
        }
    },
    "summary": RUNNING,
    **AGED,
}
APP_VERSION = {**RELEASE, "enabled": True, "repository": "owner/mailcow-logs-viewer"}
MAILCOW_VERSION = {**RELEASE, "age_seconds": 31, "version_error": None}
CHANGELOG = {"version": "1.4.6", "changelog": "### Fixed\n\n- ..."}
CONNECTION = {
    "connected": True,
    "timestamp": "2026-01-05T15:52:46Z",
    "state": "connected",
    "since": None,
    "last_success": "2026-01-05T15:52:44Z",
    "error": None,
}
OBJECTS = {
    "domains": {"total": 5, "active": 5, **AGED},
    "mailboxes": {"total": 25, "active": 23, **AGED},
    "aliases": {"total": 50, "active": 48, **AGED},
    "bans": {"active": 2, "permanent": 0, **AGED},
    "age_seconds": 31,
    "error": None,
}
SUMMARY = {
    "containers": {**RUNNING, **AGED},
    "storage": STORAGE,
    "system": {"domains": 5, "mailboxes": 25, "aliases": 50},
}
