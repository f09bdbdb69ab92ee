"""`python -m webapp.standalone.precompile`: writes the bytecode of all templates beside the code, for an
image in which nothing is written later."""

import sys
import tempfile
from pathlib import Path

from webapp.app import create_app
from webapp.config import load_settings
from webapp.web.compiled import compile_all


def main() -> None:
    """Compile them with an application that leaves nothing else behind."""
    sys.dont_write_bytecode = False
    with tempfile.TemporaryDirectory() as folder:
        compile_all(create_app(load_settings().model_copy(update={"data_dir": Path(folder)})))


if __name__ == "__main__":
    main()
