"""How kernels are compiled, and when what is kept on disk is still theirs.

Numba keeps compiled functions on disk, and looks whether the file that a function stands in has changed. A helper that is
inlined from another file may change without that. So the key under which they are kept also has the checksum of all
kernels' files: those beside this one, and those beside the function.
"""

from __future__ import annotations

import inspect
import zlib
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, cast

from numba import njit
from numba.core.caching import FunctionCache

from ..caches import caching

RELAXED = {"reassoc", "contract", "nsz"}


class VersionedCache(FunctionCache):
    """Numba's cache of a function, whose key also has the checksum of the kernels' source."""

    def _index_key(self, sig: Any, codegen: Any) -> tuple[Any, ...]:
        of_source = checksum(Path(inspect.getfile(self._py_func)).parent)
        return (*super()._index_key(sig, codegen), of_source)  # type: ignore[no-untyped-call]


@cache
def checksum(folder: Path) -> int:
    """Return the checksum of the kernels beside this file and in a folder."""
    files = sorted({*Path(__file__).parent.glob("*.py"), *folder.glob("*.py")})
    return zlib.crc32(b"".join(file.read_bytes() for file in files))


def compiled[F: Callable[..., Any]](function: F) -> F:
    """Compile, keep the result on disk, and let other threads run meanwhile."""
    dispatcher: Any = njit(nogil=True, fastmath=RELAXED, error_model="numpy")(function)
    if caching():
        # What enable_caching() does with a plain FunctionCache.
        dispatcher._cache = VersionedCache(function)  # type: ignore[no-untyped-call]
    return cast(F, dispatcher)


def inlined[F: Callable[..., Any]](function: F) -> F:
    """Compile into whatever calls it; LLVM puts it there, so that its types are inferred but once in each process."""
    alone: dict[str, Any] = {"no_cpython_wrapper": True, "no_cfunc_wrapper": True}
    return cast(F, njit(forceinline=True, fastmath=RELAXED, error_model="numpy", **alone)(function))


def pasted[F: Callable[..., Any]](function: F) -> F:
    """Put the source into the one function that calls it, of which nothing is then compiled twice."""
    return cast(F, njit(inline="always", fastmath=RELAXED, error_model="numpy")(function))
