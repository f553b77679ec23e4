"""Where the command begins: with as few imports as can be, so that an interrupt finds it listening."""

from __future__ import annotations

import os
import sys


def main() -> None:
    """Run the command."""
    sys.excepthook = _too_early
    from .outermost import run

    run()


def _too_early(kind: type[BaseException], error: BaseException, where: object) -> None:
    """Heed an interrupt while the command is imported, which from then on listens itself."""
    if issubclass(kind, KeyboardInterrupt):
        os.write(2, b"Interrupted: nothing was written.\n")
        os._exit(130)
    sys.__excepthook__(kind, error, where)  # type: ignore[arg-type]


if __name__ == "__main__":
    main()
