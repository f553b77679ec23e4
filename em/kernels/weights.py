"""The weights that maximise Q, in compiled code."""

from __future__ import annotations

from models.kernels.arithmetic import Array
from models.kernels.compiling import inlined


@inlined
def mixing_weights(counts: Array, equal: bool, pseudo_count: float, weights: Array) -> None:
    """Fill the weights that maximise Q."""
    # A loop, since Numba takes half a second to compile the sum of an array.
    total = len(counts) * pseudo_count
    for j in range(len(counts)):
        total += counts[j]
    for j in range(len(counts)):
        weights[j] = 1.0 / len(counts) if equal else (counts[j] + pseudo_count) / total
