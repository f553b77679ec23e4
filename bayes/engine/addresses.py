"""EM's kernels as compiled operations call them: by address.

What is linked into other compiled code is optimised there once more, and relaxed sums come out in another order than in the
kernel by itself. The process that compiles an operation would run the one, those that find it on disk the other, and the
draws of the same seed would differ. A kernel that is called by its address exists once.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from numba import cfunc, types

from models.kernels.compiling import RELAXED, inlined

from .private import keep_on_disk, provide

DOUBLES = types.CPointer(types.double)


@inlined
def fill(pointer: Any, values: Any) -> None:
    """Fill what a pointer points at with the values of an array in their order.

    To assign to a slice takes Numba seconds to compile, for the message about shapes that do not match.
    """
    for i in range(values.size):
        pointer[i] = values.flat[i]


def addressed(symbol: str, signature: Any, kernel: Callable[..., Any], version: int) -> Any:
    """Return the kernel as a function in C, compiled or found on disk, and known under its symbol."""
    # Numba itself looks whether the file that calls the kernel has changed, and not the one that the kernel comes from.
    keep_on_disk(kernel, f"{symbol}_{version}")
    compiled = cfunc(signature, cache=True, fastmath=RELAXED, error_model="numpy")(kernel)
    provide(symbol, compiled.address)
    return compiled
