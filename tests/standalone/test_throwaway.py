"""The servers that every other test stands on."""

import psycopg
from redis import Redis

from webapp.standalone import throwaway


def test_postgres_is_modern_utf8_and_utc():
    with (
        throwaway.postgres_server() as cluster,
        psycopg.connect(cluster.url("postgres").replace("+psycopg", "")) as connection,
    ):
        shown = [
            connection.execute(f"SHOW {name}").fetchone()[0]
            for name in ("server_encoding", "timezone", "listen_addresses", "jit")
        ]
        assert shown == ["UTF8", "UTC", "", "off"]
        assert connection.execute("SELECT lower('ÄÖÜ')").fetchone() == ("äöü",)


def test_databases_are_made_once():
    with throwaway.postgres_server() as cluster:
        cluster.create_database("again")
        cluster.create_database("again")


def test_valkey_keeps_databases_apart():
    with (
        throwaway.valkey_server() as server,
        Redis.from_url(server.url(0)) as first,
        Redis.from_url(server.url(1)) as second,
    ):
        first.set("key", "value")
        assert (first.dbsize(), second.dbsize()) == (1, 0)
