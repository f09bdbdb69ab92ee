"""Templates as code in memory, for all applications of a test run: without it they are most of what a page
costs, for each test makes an application of its own."""

from types import CodeType

from flask import Flask
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket

_known: dict[tuple[str, str], CodeType] = {}


class Remembered(BytecodeCache):
    """What any application of this process has compiled or read; what is new comes from the kept cache."""

    def __init__(self, kept: BytecodeCache | None) -> None:
        self._kept = kept

    def load_bytecode(self, bucket: Bucket) -> None:
        """The code, where this text of this template is known."""
        bucket.code = _known.get((bucket.key, bucket.checksum))
        if bucket.code is None and self._kept:
            self._kept.load_bytecode(bucket)
            self._remember(bucket)

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Remember and keep it."""
        self._remember(bucket)
        if self._kept:
            self._kept.dump_bytecode(bucket)

    def _remember(self, bucket: Bucket) -> None:
        if bucket.code is not None:
            _known[bucket.key, bucket.checksum] = bucket.code


def remember(app: Flask) -> None:
    """Let the application use what others have compiled."""
    app.jinja_env.bytecode_cache = Remembered(app.jinja_env.bytecode_cache)
