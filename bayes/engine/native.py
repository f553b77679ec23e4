"""A compiled log-density as a function in C, which a sampler calls without Python and its lock, many threads at a time."""

from __future__ import annotations

from collections.abc import Callable
from ctypes import CFUNCTYPE, c_int64, c_uint64, c_void_p
from functools import cache
from math import isfinite
from typing import Any

import numpy as np
from numba import carray, cfunc, types

from models import Array, caching

from .private import function_of_source, key_on_disk
from .version import version_of

VERSION = version_of(__file__)
_DOUBLES = types.CPointer(types.double)
# What nutpie calls: dimension, x, gradient, value and what `packed` points at; a status above zero rejects the point.
_OF_LOG_DENSITY = types.int64(types.uint64, _DOUBLES, _DOUBLES, _DOUBLES, _DOUBLES)
_IN_C = CFUNCTYPE(c_int64, c_uint64, *[c_void_p] * 4)
_SOURCE = """
def native(dimension, x, gradient, value, packed):
    try:
        found, slopes = log_density(carray(x, (dimension,)), carray(packed, (int(packed[0]),)))
        value[0] = found.item()
        for i in range(dimension):
            gradient[i] = slopes[i]
    except Exception:
        return 1
    for i in range(dimension):
        if not isfinite(gradient[i]):
            return 3
    return 0 if isfinite(found.item()) else 4
"""
# Dimension, length of what follows from x, x, where to put it, and `packed`.
_OF_IDENTITY = types.int64(types.uint64, types.uint64, _DOUBLES, _DOUBLES, _DOUBLES)


def native(log_density: Any) -> Any:
    """Make a function in C of what PyTensor compiled, a function of x and of a vector that begins with its length."""
    key = key_on_disk(log_density)
    names = {"log_density": log_density, "carray": carray, "isfinite": isfinite, "__name__": __name__}
    source = function_of_source(_SOURCE, "native", names, key and f"{key}_in_c_{VERSION}")
    return cfunc(_OF_LOG_DENSITY, cache=key is not None)(source)


def in_python(function: Any) -> Callable[[Array, Array], tuple[float, Array]]:
    """Return value and gradient of what :func:`native` made, as a function of two vectors; it lets go of Python's lock.

    Numba would compile the graph once more to be called from Python itself. Where PyMC refuses a point nothing is a number.
    """
    call = _IN_C(function.address)

    def log_density(x: Array, packed: Array) -> tuple[float, Array]:
        point, given = np.ascontiguousarray(x, dtype=np.float64), np.ascontiguousarray(packed, dtype=np.float64)
        found = np.full(1 + len(point), np.nan)  # the value before the gradient
        value = found.ctypes.data
        call(len(point), point.ctypes.data, value + found.itemsize, value, given.ctypes.data)
        return float(found[0]), found[1:]

    return log_density


@cache
def identity() -> Any:
    """Return x itself, where nutpie wants a function that expands x to all variables."""

    def run(dimension, length, x, expanded, packed):  # type: ignore[no-untyped-def]
        for i in range(dimension):
            expanded[i] = x[i]
        return 0

    return cfunc(_OF_IDENTITY, cache=caching())(run)
