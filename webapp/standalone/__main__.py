"""`python -m webapp.standalone`: exit code 0 after Ctrl-C or SIGTERM, 1 when it cannot start, 2 for a wrong
setting."""

import gc
import os
import signal
import sys

from webapp.standalone import StartError
from webapp.standalone.child import die_with_parent


def main() -> int:
    """Run the viewer; every expected failure is one sentence on stderr."""
    if "MAKELEVEL" in os.environ:
        die_with_parent(signal.SIGTERM)  # `make run`: killing make must not leave the viewer behind
    gc.disable()  # what is loaded stays, and looking through it again and again takes 0.4 s; `settle` ends it
    try:
        from webapp.config import ROOT, ConfigurationError, load_settings
        from webapp.garbage import use_few_arenas
        from webapp.standalone.launch import launch
    except ModuleNotFoundError as error:
        print(
            f"The Python package {error.name} is not installed: run `make run`, which installs what is "
            f"needed.",
            file=sys.stderr,
        )
        return 1
    os.chdir(ROOT)
    use_few_arenas()
    try:
        launch(load_settings())
    except ConfigurationError as error:
        print(f"The configuration is wrong: {error}.", file=sys.stderr)
        return 2
    except StartError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
