"""Let other Python threads run during a long computation in compiled code.

What PyTensor compiles holds Python's global lock from beginning to end, so that chains in threads would wait for one
another. These are the calls that CPython's own extensions make around work that touches no Python object; without the
lock, as in a sampler's own thread, there is nothing to let go.
"""

from __future__ import annotations

from typing import Any

from numba import types
from pytensor.link.numba.dispatch.basic import numba_njit

_holds_lock = types.ExternalFunction("PyGILState_Check", types.int32())
_release = types.ExternalFunction("PyEval_SaveThread", types.intp())
_take = types.ExternalFunction("PyEval_RestoreThread", types.void(types.intp))


@numba_njit
def let_go(worthwhile: bool) -> Any:
    """Release the lock if that is worthwhile and this thread holds it; returns what :func:`take_back` needs."""
    return _release() if worthwhile and _holds_lock() != 0 else 0


@numba_njit
def take_back(state: Any) -> None:
    """Take the lock again if it was released."""
    if state != 0:
        _take(state)
