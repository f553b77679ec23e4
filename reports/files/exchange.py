"""Let two folders change places in one step, which the system does whole or not at all."""

from __future__ import annotations

import ctypes
import os
import sys
from pathlib import Path

_AT_THE_WORKING_DIRECTORY = -100
_EXCHANGE = 2  # RENAME_EXCHANGE of Linux, and RENAME_SWAP of macOS


def exchange(first: Path, second: Path) -> bool:
    """Swap what the two paths name; ``False`` when this system or its file system cannot, and nothing happened."""
    paths = os.fsencode(first), os.fsencode(second)
    try:
        library = ctypes.CDLL(None, use_errno=True)
        if sys.platform == "darwin":
            failed = library.renamex_np(*paths, _EXCHANGE)
        else:
            here = _AT_THE_WORKING_DIRECTORY
            failed = library.renameat2(here, paths[0], here, paths[1], _EXCHANGE)
    except (AttributeError, OSError, TypeError):  # no such function, or no such library
        return False
    return not failed
