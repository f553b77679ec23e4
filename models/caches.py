"""Where compiled functions are kept: beside the code or in the user's cache, else in a temporary folder, else nowhere.

In a container whose disk is read-only, or for a user without a home, Numba finds no place for its cache and refuses to
compile at all. Then it gets a folder of this process, which others that it starts find by the environment; the folder goes
with the process. ``NUMBA_CACHE_DIR`` and ``PYTENSOR_FLAGS=base_compiledir=…`` name places that last.
"""

from __future__ import annotations

import atexit
import os
import shutil
import sys
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numba

# Also a container without any disk of its own has memory to share.
_LAST_PLACE = "/dev/shm"


@cache
def caching() -> bool:
    """Whether Numba can keep what it compiles, if need be in a temporary folder that it is given here.

    Returns
    -------
    bool
        Whether there is such a place.

    Examples
    --------
    >>> from models import caching
    >>> "kept" if caching() else "compiled anew in every process"
    'kept'
    """
    if _is_kept(lambda: None):
        return True
    folder = temporary_cache()
    if folder is None:
        return False
    config: Any = numba.config
    config.CACHE_DIR = os.environ["NUMBA_CACHE_DIR"] = str(folder / "numba")
    return _is_kept(lambda: None)


@cache
def temporary_cache() -> Path | None:
    """A folder for what is compiled, for as long as this process lives; ``None`` where there is no place for one.

    Returns
    -------
    pathlib.Path or None
        The folder, the same at every call.

    Examples
    --------
    >>> from models import temporary_cache
    >>> folder = temporary_cache()
    >>> folder is None or folder.is_dir()
    True
    """
    for place in (None, _LAST_PLACE):
        try:
            folder = Path(tempfile.mkdtemp(prefix="emvsbayes-cache-", dir=place))
        except OSError:
            continue
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
        _say("Compiled functions are kept in a temporary folder, since no cache can be written to")
        return folder
    _say("Compiled functions are not kept, since no cache can be written to")
    return None


def _is_kept(function: Callable[[], None]) -> bool:
    try:
        numba.njit(cache=True)(function)
    except RuntimeError:  # no locator, as Numba calls it
        return False
    return True


def _say(sentence: str) -> None:
    print(f"{sentence}: set NUMBA_CACHE_DIR and PYTENSOR_FLAGS=base_compiledir=… to one that can.", file=sys.stderr)
