"""What cannot be changed in the browser, and why not. Everything else is read where it is used."""

_START = "is read only when the viewer starts"
_PLACE = "tells where settings themselves are kept"
_DOOR = "could lock everybody out"

FIXED = {
    "settings_edit_via_ui_enabled": _DOOR,
    "auth_enabled": _DOOR,
    "session_secret_key": _START,
    "trusted_proxies": _START,
    "database_url": _PLACE,
    "postgres_host": _PLACE,
    "postgres_port": _PLACE,
    "postgres_user": _PLACE,
    "postgres_password": _PLACE,
    "postgres_db": _PLACE,
    "redis_url": _PLACE,
    "data_dir": _PLACE,
    "app_host": _START,
    "app_port": _START,
    "tz": _START,
    "demo_mode": _START,
    "metrics_enabled": _START,
    "resource_profile": _START,
}
