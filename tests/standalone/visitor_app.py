"""What the tests of the worker ask: an application with bodies, long answers, and threads that wait."""

import hashlib
import threading

LINE = b"0123456789abcdef" * 64
RELEASED = threading.Event()


def app(environ, start_response):
    path = environ["PATH_INFO"]
    answer = PATHS[path.removeprefix("/prefix")](environ)
    status = "200 OK"
    start_response(status, [("Content-Type", "text/plain")])
    return answer


def digest(environ):
    body = environ["wsgi.input"].read()
    return [f"{len(body)} {hashlib.sha256(body).hexdigest()}".encode()]


def long(environ):
    return (LINE for _ in range(int(environ["QUERY_STRING"])))


def block(_environ):
    RELEASED.wait(60)
    return [b"released"]


def health(environ):
    if environ["QUERY_STRING"] == "release":
        RELEASED.set()
    return [b"healthy"]


def broken(_environ):
    yield b"begun"
    raise ValueError("in the middle")


PATHS = {
    "/hello": lambda _: [b"hello"],
    "/ignore": lambda _: [b"ignored"],
    "/digest": digest,
    "/long": long,
    "/block": block,
    "/api/health": health,
    "/broken": broken,
}
