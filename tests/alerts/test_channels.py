"""The channels of the settings, by names that hold no secret."""

from collections.abc import Callable

import pytest

from tests.alerts.conftest import MAIL
from webapp.alerts.channels import channels, find_channel
from webapp.config import ConfigurationError, Settings

URLS = (
    "slack://TokenA/TokenB/TokenC, dns+blocklist=ntfy://ntfy.sh/topic?tags=a,b  ntfys://me:pw@other/x\n"
    "json://u:p@h/x,y"
)
Make = Callable[..., Settings]


def test_every_url_is_a_channel_with_its_kinds(make_settings: Make) -> None:
    found = channels(make_settings(alert_urls=URLS, **MAIL, smtp_host="h", alert_mail_kinds="disk, JOB"))
    assert [(one.name, one.service, one.kinds) for one in found] == [
        ("mail", "Mail", ("disk", "job")),
        ("slack", "Slack", ()),
        ("ntfy", "ntfy", ("dns", "blocklist")),
        ("ntfy-2", "ntfy 2", ()),
        ("json", "Webhook (JSON)", ()),
    ]
    assert [one.url for one in found][2:] == [
        "ntfy://ntfy.sh/topic?tags=a,b",
        "ntfys://me:pw@other/x",
        "json://u:p@h/x,y",
    ]
    assert "Token" not in repr(found)


def test_a_channel_takes_its_kinds_and_without_any_all(make_settings: Make) -> None:
    settings = make_settings(alert_urls=URLS, **MAIL, smtp_host="h", alert_mail_kinds="disk")
    taking = {
        kind: [one.name for one in channels(settings) if one.takes((kind,))]
        for kind in ("dns", "disk", "summary")
    }
    assert taking == {
        "dns": ["slack", "ntfy", "ntfy-2", "json"],
        "disk": ["mail", "slack", "ntfy-2", "json"],
        "summary": ["mail", "slack", "ntfy-2", "json"],
    }


def test_a_corrected_url_is_the_same_channel(make_settings: Make) -> None:
    wrong, right = make_settings(alert_urls="slack://a/b/c"), make_settings(alert_urls="slack://a/b/d")
    assert [one.name for one in channels(wrong)] == [one.name for one in channels(right)] == ["slack"]


@pytest.mark.parametrize("fields", [{}, {**MAIL, "smtp_enabled": False}, {**MAIL, "admin_email": ""}])
def test_mail_is_a_channel_where_it_is_switched_on_and_somebody_gets_it(
    make_settings: Make, fields: dict[str, object]
) -> None:
    assert find_channel(make_settings(**{"smtp_host": "h", **fields}), "mail") is None
    assert find_channel(make_settings(smtp_host="h", **MAIL), "mail") is not None


@pytest.mark.parametrize("bad", ["s3cret", "ntfy://a/b, dns=s3cret", "a b=://s3cret"])
def test_a_bad_entry_is_told_by_its_number_only(make_settings: Make, bad: str) -> None:
    with pytest.raises(ConfigurationError, match="ALERT_URLS: entry 1 is not a URL") as error:
        make_settings(alert_urls=bad)
    assert "s3cret" not in str(error.value)
