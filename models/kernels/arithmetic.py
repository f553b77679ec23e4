"""The arithmetic that all kernels share: powers and logarithms of two, and the step from log-joints to responsibilities."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import types
from numba.extending import intrinsic
from numpy.typing import NDArray

from .compiling import inlined

Array = NDArray[np.float64]

BLOCK = 256
LOG2_E = float(np.log2(np.e))
LOG_2 = float(np.log(2.0))
HALF_LOG_TWO_PI = float(0.5 * np.log(2 * np.pi))
# Less than this power of two counts as zero: far below rounding, and far enough above the smallest double that products
# with residuals are not subnormal, which would cost a hundred times a multiplication.
SMALLEST_EXPONENT = -700.0
# Added to a whole number it leaves this as an integer in the lowest bits.
TO_INTEGER = 1.5 * 2.0**52
# The bits of √½: a mantissa is taken from [√½, √2), so that logarithms near zero keep their digits.
ROOT_HALF = int(np.float64(np.sqrt(0.5)).view(np.int64))

# 2^t on [−½, ½] interpolated at the 12 Chebyshev nodes: the error, 3e-18, is far below rounding (Powell 1981, chapter 4).
P0 = 1.0
P1 = 0.6931471805599453
P2 = 0.24022650695910158
P3 = 0.055504108664821625
P4 = 0.009618129107587256
P5 = 0.001333355814640647
P6 = 0.00015403530463724353
P7 = 1.5252733841556773e-05
P8 = 1.3215432535912375e-06
P9 = 1.0178057087733941e-07
P10 = 7.074194297288521e-09
P11 = 4.4558179083360645e-10

# log₂ m = 2 log₂e · artanh s with s = (m − 1)/(m + 1): the series in s², whose first omitted term is below 1e-18.
L = tuple(2 * LOG2_E / (2 * j + 1) for j in range(11))
L0, L1, L2, L3, L4, L5, L6, L7, L8, L9, L10 = L

# In place of log 0: finite, because relaxed arithmetic knows no infinity, and far below every real logarithm.
LOWEST = -1e200


@intrinsic
def _as_bits(context: Any, value: Any = None) -> Any:
    """The 64 bits of a double, as an integer."""
    return types.int64(types.float64), lambda c, builder, _, a: builder.bitcast(a[0], c.get_value_type(types.int64))


@intrinsic
def _as_double(context: Any, value: Any = None) -> Any:
    """The double that has these 64 bits."""
    return types.float64(types.int64), lambda c, builder, _, a: builder.bitcast(a[0], c.get_value_type(types.float64))


@intrinsic
def whole_vectors(context: Any = None) -> Any:
    """Let the calling function use the processor's widest vectors; LLVM takes half of 512 bits unless told."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        # An attribute with a value, which the set's own method does not know.
        set.add(builder.function.attributes, '"prefer-vector-width"="512"')
        return context.get_dummy_value()

    return types.void(), generate


@inlined
def fraction_of_power(t: Any) -> Any:
    """2^t for t in [−½, ½], of a double or of vectors of them."""
    # Estrin's scheme: the products do not wait for one another.
    t2 = t * t
    t4 = t2 * t2
    low = (t * P1 + P0) + t2 * (t * P3 + P2)
    middle = (t * P5 + P4) + t2 * (t * P7 + P6)
    high = (t * P9 + P8) + t2 * (t * P11 + P10)
    return low + t4 * (middle + t4 * high)


@inlined
def exp2(exponent: float) -> float:
    """2 to an exponent of at most zero: 2^whole by adding to the exponent bits of the polynomial in what is left."""
    whole = np.floor(exponent + 0.5)
    fraction = fraction_of_power(exponent - whole)
    power: float = _as_double(_as_bits(fraction) + (_as_bits(whole + TO_INTEGER) << 52))
    return power if exponent > SMALLEST_EXPONENT else 0.0


@inlined
def log2(value: float) -> float:
    """The logarithm of a positive double to the base 2."""
    bits: Any = _as_bits(value)
    whole = (bits - ROOT_HALF) >> 52
    m = _as_double(bits - (whole << 52))
    s = (m - 1.0) / (m + 1.0)
    t = s * s
    series = L4 + t * (L5 + t * (L6 + t * (L7 + t * (L8 + t * (L9 + t * L10)))))
    return np.float64(whole) + s * (L0 + t * (L1 + t * (L2 + t * (L3 + t * series))))


@inlined
def copy_into(place: Array, values: Array) -> None:
    """Copy an array to a place of its shape.

    An assignment to a slice takes Numba two seconds to compile, for the message about shapes that do not match.
    """
    for index in np.ndindex(values.shape):
        place[index] = values[index]


@inlined
def find_largest(joint: Array, size: int, lowest: float, largest: Array) -> None:
    """Fill the largest of each column of a block, or ``lowest`` where none is larger.

    Of ``max`` the compiler makes a store that is masked, for which some processors take a tenth of a whole pass.
    """
    for i in range(size):
        largest[i] = lowest
    for j in range(joint.shape[0]):
        for i in range(size):
            largest[i] = np.fmax(largest[i], joint[j, i])


@inlined
def normalise(joint: Array, weights: Array, largest: Array, total: Array, size: int) -> float:
    """Turn a block of log-joints, shape ``(k, size)``, into what times ``total`` are the weighted responsibilities.

    ``largest`` holds the largest of each column. Returns the log-likelihood of the block.
    """
    for i in range(size):
        total[i] = 0.0
    for j in range(joint.shape[0]):
        for i in range(size):
            value = exp2(joint[j, i] - largest[i])
            joint[j, i] = value
            total[i] += value
    return weigh(weights, largest, total, size)


@inlined
def weigh(weights: Array, largest: Array, total: Array, size: int) -> float:
    """Turn sums of powers, which are relative to the ``largest``, into what times a power is a weighted responsibility.

    Returns the log-likelihood of the block.
    """
    log_likelihood = 0.0
    for i in range(size):
        log_likelihood += weights[i] * (largest[i] + log2(total[i]))
    for i in range(size):
        total[i] = weights[i] / total[i]
    return log_likelihood


@inlined
def log_sums(joint: Array, largest: Array, total: Array, log_density: Array) -> None:
    """The logarithm, to the base e, of the sum over components of a block of log-joints to the base 2."""
    size = len(log_density)
    for i in range(size):
        total[i] = 0.0
    for j in range(joint.shape[0]):
        for i in range(size):
            total[i] += exp2(joint[j, i] - largest[i])
    for i in range(size):
        log_density[i] = (largest[i] + log2(total[i])) * LOG_2


def log_or_lowest(values: Array) -> Array:
    """Logarithms, with a very low number in place of log 0."""
    with np.errstate(divide="ignore"):
        return np.maximum(np.log(values), LOWEST)
