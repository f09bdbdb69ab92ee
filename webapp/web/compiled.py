"""Templates as Python's bytecode, kept beside the code as Python keeps its own: compiling all of them takes
0.8 s of every start.

Jinja puts what a filter makes of a constant into the bytecode; no template has that (tests/guards), so it
depends on the template's text alone.
"""

import logging
import os
import sys
from pathlib import Path

import jinja2
from flask import Flask
from jinja2.bccache import Bucket, FileSystemBytecodeCache

FOLDER = Path(__file__).parents[1] / "__pycache__" / "templates"
log = logging.getLogger(__name__)


class Compiled(FileSystemBytecodeCache):
    """The folder; nothing is written to it where Python may not write its own."""

    def __init__(self, folder: Path) -> None:
        super().__init__(str(folder))
        self.may_write = not sys.dont_write_bytecode and os.access(folder, os.W_OK)

    def get_source_checksum(self, source: str) -> str:
        """What the bytecode was made of: the text, and which Jinja made it."""
        return super().get_source_checksum(f"{jinja2.__version__} {source}")

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep it; it can be done without, as on a full disk."""
        if self.may_write:
            try:
                super().dump_bytecode(bucket)
            except OSError as error:
                log.info("a compiled template cannot be kept: %s", error)


def init_app(app: Flask, folder: Path = FOLDER) -> None:
    """Use the folder, which is made where that is allowed."""
    if not sys.dont_write_bytecode and os.access(folder.parent, os.W_OK):
        folder.mkdir(exist_ok=True)
    if folder.is_dir():
        app.jinja_env.bytecode_cache = Compiled(folder)


def compile_all(app: Flask) -> None:
    """Have every template in memory."""
    for name in app.jinja_env.list_templates():
        app.jinja_env.get_template(name)
