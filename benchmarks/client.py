"""`python -m benchmarks.client PORT`: ask what standard input lists, one after the other over one kept
connection.

Input: JSON {"paths": [...], "until_closed": bool}; with `until_closed` the list is asked again and again
until standard input ends. Output: one JSON list of [status, milliseconds to the first byte, milliseconds in
all, bytes].
"""

import http.client
import json
import select
import sys
import time
from itertools import cycle

BROWSER = {"Accept-Encoding": "gzip, deflate, br, zstd", "Accept": "*/*", "Connection": "keep-alive"}
Answer = tuple[int, float, float, int]


def ask(connection: http.client.HTTPConnection, path: str) -> Answer:
    """One whole request: status, milliseconds to the first byte and to the last, bytes of the body as
    sent."""
    began = time.perf_counter()
    connection.request("GET", path, headers=BROWSER)
    reply = connection.getresponse()
    reply.read(1)
    first = time.perf_counter()
    size = 1
    while part := reply.read(65536):
        size += len(part)
    return reply.status, (first - began) * 1000, (time.perf_counter() - began) * 1000, size


def main() -> None:
    """Ask, and print the answers."""
    wanted = json.loads(sys.stdin.readline())
    connection = http.client.HTTPConnection("127.0.0.1", int(sys.argv[1]), timeout=120)
    answers = []
    for path in cycle(wanted["paths"]) if wanted["until_closed"] else wanted["paths"]:
        answers.append(ask(connection, path))
        if wanted["until_closed"] and select.select([sys.stdin], [], [], 0)[0]:
            break
    print(json.dumps(answers))


if __name__ == "__main__":
    main()
