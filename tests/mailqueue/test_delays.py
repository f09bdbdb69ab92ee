"""Where delivered mail waited: percentiles by destination and stage, read from Postfix's own numbers."""

import pytest

from tests.fixtures import make_viewer, recorded_viewer, replay, viewer  # noqa: F401
from webapp.mailqueue.delays import STAGES


@pytest.fixture
def client(recorded_viewer):  # noqa: F811
    return recorded_viewer.app.test_client()


def test_every_destination_tells_its_stages(client):
    told = client.get("/api/queue/delays").get_json()
    assert told["total"] == len(told["data"]) > 3
    counts = [row["mails"] for row in told["data"]]
    assert counts == sorted(counts, reverse=True)
    for row in told["data"]:
        assert all(0 <= row[name]["half"] <= row[name]["most"] for name in ("whole", *STAGES))
        parts = [row[name]["most"] for name in STAGES]
        assert max(parts) <= row["whole"]["most"] + 1
    assert any(row["whole"]["most"] > 10 for row in told["data"])


def test_the_page_is_a_tab_of_the_queue(client):
    page = client.get("/queue/delays").text
    first = client.get("/api/queue/delays").get_json()["data"][0]
    assert f"recipient_domain={first['domain']}" in page
    assert 'href="/queue/delays"' in client.get("/queue").text


def test_without_deliveries_it_says_so(client, recorded_viewer, monkeypatch):  # noqa: F811
    from webapp import cache

    with recorded_viewer.app.app_context():
        cache.clear_stats_cache()
    monkeypatch.setattr("webapp.mailqueue.delays.MOST_LINES", 0)
    assert "No delivery in 24 hours" in client.get("/queue/delays").text
    with recorded_viewer.app.app_context():
        cache.clear_stats_cache()
