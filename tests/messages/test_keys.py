"""Addresses are found by their keys, and in rows from before there were keys by their spelling."""

from tests.samples import recorded

FILTERS = {
    "messages": ("sender", "recipient", "received_by"),
    "logs/postfix": ("sender", "recipient"),
}
OLD = (  # every other row as it was stored before migration 0033
    "UPDATE messages SET sender_key = NULL, recipient_key = NULL, "
    "recipient_keys = coalesce(recipient_keys, array_remove(ARRAY[recipient_key], NULL)) WHERE id % 2 = 0",
    "UPDATE postfix_logs SET sender_key = NULL, recipient_key = NULL WHERE id % 2 = 0",
)
ADDRESSES = """
    SELECT DISTINCT address FROM (
        SELECT sender AS address FROM messages UNION ALL SELECT unnest(recipients) FROM messages
        UNION ALL SELECT upper(sender) FROM postfix_logs UNION ALL SELECT recipient FROM postfix_logs
    ) AS every WHERE address LIKE '%_@_%._%' ORDER BY 1"""


def found(client, path, name, value):
    """The rows, how many there are, and the second of two pages of half of them."""
    asked = {name: value, "limit": 200}
    answer = client.get(f"/api/{path}", query_string=asked).get_json()
    half = max(len(answer["data"]) // 2, 1)
    second = client.get(f"/api/{path}", query_string={**asked, "limit": half, "page": 2}).get_json()
    return answer["data"], answer["total"], second["data"]


def everything(viewer, addresses):
    """What every filter finds for every address and for the null sender."""
    client = viewer.app.test_client()
    asked = [
        (path, name, address)
        for path, names in FILTERS.items()
        for name in names
        for address in (*addresses, "<>", *(f"<{each}>" for each in addresses))
        if name != "received_by" or not address.startswith("<")
    ]
    return {one: found(client, *one) for one in asked}


def test_rows_without_keys_are_found_among_those_that_have_some(viewer):
    viewer.replay.lists = recorded.lists()
    viewer.fetch()
    addresses = [row["address"] for row in viewer.ask(ADDRESSES)][::9]
    before = everything(viewer, addresses)
    for statement in OLD:
        viewer.do(statement)
    assert everything(viewer, addresses) == before
    assert sum(bool(rows) for rows, _, _ in before.values()) > 2 * len(addresses) > 20
