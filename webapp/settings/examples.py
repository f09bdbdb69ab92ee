"""Examples for the API's description, as in the reference."""

from webapp.status.examples import CONNECTION

LOG = {
    "last_import": "2025-12-25T10:30:00Z",
    "last_fetch_run": "2025-12-25T10:35:00Z",
    "total_entries": 50000,
    "total_is_estimate": True,
    "oldest_entry": "2025-12-18T00:00:00Z",
    "newest_entry": "2025-12-25T10:29:58Z",
    "gaps": 0,
    "set_aside": 0,
}
JOB = {
    "interval": "60 seconds (1 minute)",
    "description": "Imports logs from Mailcow API",
    "status": "success",
    "last_run": "2026-01-08T12:14:56Z",
    "error": None,
    "built": True,
    "next_run": "2026-01-08T12:15:56Z",
    "duration_seconds": 0.4,
}
INFORMATION = {
    "configuration": {
        "mailcow_url": "https://mail.example.com",
        "local_domains": ["example.com"],
        "fetch_interval": 60,
        "retention_days": 7,
        "timezone": "UTC",
        "auth_enabled": False,
        "auth_username": None,
        "maxmind_status": {"configured": False, "valid": False, "error": None},
    },
    "import_status": {"postfix": LOG, "rspamd": LOG, "netfilter": LOG},
    "correlation_status": {
        "last_update": "2025-12-25T10:30:00Z",
        "total": 40000,
        "complete": 39500,
        "incomplete": 500,
        "expired": 100,
        "completion_rate": 98.75,
    },
    "background_jobs": {"fetch_logs": JOB, "complete_correlations": {**JOB, "pending_items": 93}},
    "recent_incomplete_correlations": [
        {
            "message_id": "unique-id@example.com",
            "queue_id": "ABC123",
            "sender": "user@example.com",
            "recipient": "other@example.org",
            "created_at": "2025-12-25T10:28:00Z",
            "age_minutes": 2,
            "correlation_key": "abc123",
        }
    ],
    "smtp_configuration": {
        "enabled": True,
        "configured": True,
        "host": "mail.example.com",
        "port": 587,
        "user": "noreply@example.com",
        "from_address": "noreply@example.com",
        "use_tls": True,
        "admin_email": "admin@example.com",
    },
    "imap_configuration": {"enabled": False, "configured": False},
    "dmarc_configuration": {
        "manual_upload_enabled": True,
        "imap_sync_enabled": False,
        "imap_host": None,
        "imap_user": None,
        "imap_folder": "INBOX",
        "imap_delete_after": False,
        "imap_interval_minutes": 60.0,
        "smtp_configured": True,
    },
}
SETTINGS = {
    "may_edit": True,
    "sections": [
        {
            "section": "Reading logs",
            "settings": [
                {
                    "name": "FETCH_INTERVAL",
                    "value": "60",
                    "default": "60",
                    "source": "default",
                    "meaning": "Seconds between two readings of mailcow's logs.",
                    "is_secret": False,
                    "locked": None,
                }
            ],
        }
    ],
}
HEALTH = {
    "status": "healthy",
    "timestamp": "2025-12-25T10:30:00Z",
    "database": {"status": "connected", "response_time_ms": 1.25},
    "redis": {"status": "connected", "response_time_ms": 0.2, "workers": 2, "error": None},
    "mailcow": CONNECTION,
    "recent_activity": {
        "last_5_minutes": {"postfix_imported": 45, "rspamd_imported": 42, "correlations_created": 40}
    },
}
SMTP_TEST = {
    "success": False,
    "logs": [
        "Starting SMTP connection test...",
        "Host: mail.example.com",
        "Port: 587",
        "Use TLS: true",
        "User: noreply@example.com",
        "Connecting to SMTP server...",
        "Connected",
        "Starting TLS...",
        "TLS established",
        "Logging in...",
        "✗ Authentication failed: (535, b'5.7.8 Error: authentication failed')",
    ],
}
IMAP_TEST = {
    "success": True,
    "logs": [
        "Starting IMAP connection test...",
        "Host: mail.example.com",
        "Port: 993",
        "Use SSL: true",
        "User: dmarc@example.com",
        "Folder: INBOX",
        "Connecting to IMAP server...",
        "Connected using SSL",
        "Logging in...",
        "Login successful",
        "Listing mailboxes...",
        "Found 1 mailboxes:",
        ' - "INBOX"',
        "Selecting folder: INBOX",
        "Folder selected: 42 messages",
        "Searching for emails...",
        "Found 42 emails in folder",
        "Connection closed",
        "✓ IMAP test completed successfully",
    ],
}
