"""One fused pass over the data: log-likelihood and expected sufficient statistics, and never an n×k array.

The observations go by in blocks that stay in the cache of a core. For each block three loops run over contiguous
arrays, which the compiler turns into vector instructions: the log-joint of every component, its normalisation into
responsibilities, and the accumulation of the statistics. No loop both sums and stores: such a loop is compiled twice, in
vectors and one by one in case its arrays overlap, and which of the two runs, hence the order of the sum and its last bit,
would depend on where the arrays happen to lie in memory. A loop goes over a slice of the data from its beginning: an
index like ``start + i`` might be negative for all the compiler knows, which counts from the end, and the numbers would be
gathered one by one. And no compiled function calls another, but has it inlined: of a function that is compiled in two
places the linker takes whichever it meets first.

All logarithms here are to the base 2: log₂e is folded into the constants beforehand. 2^a is a polynomial and an addition
to the exponent bits, a tenth of the cost of ``exp``, and the logarithm a series beside the exponent bits. The caller has
rejected NaN and infinity, on which the relaxed arithmetic (sums in any order, fused multiply–add) would not be reliable.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple, cast

import numpy as np
from numba import njit, types
from numba.extending import intrinsic
from numpy.typing import NDArray

from .caches import caching

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

RELAXED = {"reassoc", "contract", "nsz"}


def compiled[F: Callable[..., Any]](function: F) -> F:
    """Compile, keep the result on disk, and let other threads run meanwhile."""
    return cast(F, njit(nogil=True, cache=caching(), fastmath=RELAXED, error_model="numpy")(function))


def inlined[F: Callable[..., Any]](function: F) -> F:
    """Compile into whatever calls it."""
    return cast(F, njit(inline="always", fastmath=RELAXED, error_model="numpy")(function))


@intrinsic
def _as_bits(context: Any, value: Any = None) -> Any:
    """The 64 bits of a double, as an integer."""
    return types.int64(types.float64), lambda c, builder, _, a: builder.bitcast(a[0], c.get_value_type(types.int64))


@intrinsic
def _as_double(context: Any, value: Any = None) -> Any:
    """The double that has these 64 bits."""
    return types.float64(types.int64), lambda c, builder, _, a: builder.bitcast(a[0], c.get_value_type(types.float64))


@intrinsic
def _whole_vectors(context: Any = None) -> Any:
    """Let the calling function use the processor's widest vectors; LLVM takes half of 512 bits unless told."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        # An attribute with a value, which the set's own method does not know.
        set.add(builder.function.attributes, '"prefer-vector-width"="512"')
        return context.get_dummy_value()

    return types.void(), generate


@inlined
def _exp2(exponent: float) -> float:
    """2 to an exponent of at most zero: 2^whole by adding to the exponent bits of the polynomial in what is left."""
    whole = np.floor(exponent + 0.5)
    t = exponent - whole
    # Estrin's scheme: the products do not wait for one another.
    t2 = t * t
    t4 = t2 * t2
    low = (P0 + t * P1) + t2 * (P2 + t * P3)
    middle = (P4 + t * P5) + t2 * (P6 + t * P7)
    high = (P8 + t * P9) + t2 * (P10 + t * P11)
    fraction = low + t4 * (middle + t4 * high)
    power: float = _as_double(_as_bits(fraction) + (_as_bits(whole + TO_INTEGER) << 52))
    return power if exponent > SMALLEST_EXPONENT else 0.0


@inlined
def _log2(value: float) -> float:
    """The logarithm of a positive double to the base 2."""
    bits: Any = _as_bits(value)
    whole = (bits - ROOT_HALF) >> 52
    m = _as_double(bits - (whole << 52))
    s = (m - 1.0) / (m + 1.0)
    t = s * s
    series = L4 + t * (L5 + t * (L6 + t * (L7 + t * (L8 + t * (L9 + t * L10)))))
    return np.float64(whole) + s * (L0 + t * (L1 + t * (L2 + t * (L3 + t * series))))


@inlined
def _normalise(joint: Array, weights: Array, largest: Array, total: Array, size: int) -> float:
    """Turn a block of log-joints, shape ``(k, size)``, into what times ``total`` are the weighted responsibilities.

    ``largest`` holds the largest of each column. Returns the log-likelihood of the block.
    """
    for i in range(size):
        total[i] = 0.0
    for j in range(joint.shape[0]):
        for i in range(size):
            value = _exp2(joint[j, i] - largest[i])
            joint[j, i] = value
            total[i] += value
    log_likelihood = 0.0
    for i in range(size):
        log_likelihood += weights[i] * (largest[i] + _log2(total[i]))
    for i in range(size):
        total[i] = weights[i] / total[i]
    return log_likelihood


@inlined
def _linear_joint(
    x: Array, start: int, size: int, offsets: Array, means: Array, factors: Array, joint: Array, largest: Array
) -> None:
    """The same as :func:`_gaussian_joint` in one dimension, where everything stays in registers."""
    x0 = x[0, start : start + size]
    for j in range(len(offsets)):
        offset, m0, f00 = offsets[j], means[j, 0], factors[j, 0, 0]
        for i in range(size):
            z0 = f00 * (x0[i] - m0)
            value = offset - z0 * z0
            joint[j, i] = value
            largest[i] = max(largest[i], value)


@inlined
def _linear_moments(
    x: Array,
    start: int,
    size: int,
    means: Array,
    joint: Array,
    total: Array,
    counts: Array,
    first: Array,
    second: Array,
) -> None:
    """The same as :func:`_gaussian_moments` in one dimension."""
    x0 = x[0, start : start + size]
    for j in range(len(counts)):
        m0 = means[j, 0]
        count = s0 = s00 = 0.0
        for i in range(size):
            share, r0 = joint[j, i] * total[i], x0[i] - m0
            count += share
            s0 += share * r0
            s00 += share * r0 * r0
        counts[j] += count
        first[j, 0] += s0
        second[j, 0, 0] += s00


@inlined
def _planar_joint(
    x: Array, start: int, size: int, offsets: Array, means: Array, factors: Array, joint: Array, largest: Array
) -> None:
    """The same as :func:`_gaussian_joint` in two dimensions, where everything stays in registers."""
    x0, x1 = x[0, start : start + size], x[1, start : start + size]
    for j in range(len(offsets)):
        offset, m0, m1 = offsets[j], means[j, 0], means[j, 1]
        f00, f10, f11 = factors[j, 0, 0], factors[j, 1, 0], factors[j, 1, 1]
        for i in range(size):
            r0, r1 = x0[i] - m0, x1[i] - m1
            z0, z1 = f00 * r0, f10 * r0 + f11 * r1
            value = offset - z0 * z0 - z1 * z1
            joint[j, i] = value
            largest[i] = max(largest[i], value)


@inlined
def _planar_moments(
    x: Array,
    start: int,
    size: int,
    means: Array,
    joint: Array,
    total: Array,
    counts: Array,
    first: Array,
    second: Array,
) -> None:
    """The same as :func:`_gaussian_moments` in two dimensions."""
    x0, x1 = x[0, start : start + size], x[1, start : start + size]
    for j in range(len(counts)):
        m0, m1 = means[j, 0], means[j, 1]
        count = s0 = s1 = s00 = s10 = s11 = 0.0
        for i in range(size):
            share = joint[j, i] * total[i]
            r0, r1 = x0[i] - m0, x1[i] - m1
            w0, w1 = share * r0, share * r1
            count += share
            s0 += w0
            s1 += w1
            s00 += w0 * r0
            s10 += w1 * r0
            s11 += w1 * r1
        counts[j] += count
        first[j, 0] += s0
        first[j, 1] += s1
        second[j, 0, 0] += s00
        second[j, 1, 0] += s10
        second[j, 1, 1] += s11


@inlined
def _gaussian_joint(
    x: Array,
    start: int,
    size: int,
    offsets: Array,
    means: Array,
    factors: Array,
    residuals: Array,
    whitened: Array,
    joint: Array,
    largest: Array,
) -> None:
    """Fill a block of log-joints, shape ``(k, size)``, from the whitened residuals, four features to a store.

    Raises ``largest``, shape ``(size,)``, to the largest of each observation.
    """
    k, d = means.shape
    for j in range(k):
        for i in range(size):
            joint[j, i] = offsets[j]
        for f in range(d):
            row = x[f, start : start + size]
            for i in range(size):
                residuals[f, i] = row[i] - means[j, f]
            for i in range(size):
                whitened[i] = factors[j, f, f] * residuals[f, i]
            for g in range(0, f - 3, 4):
                a0, a1, a2, a3 = factors[j, f, g], factors[j, f, g + 1], factors[j, f, g + 2], factors[j, f, g + 3]
                for i in range(size):
                    pair = a0 * residuals[g, i] + a1 * residuals[g + 1, i]
                    whitened[i] += pair + a2 * residuals[g + 2, i] + a3 * residuals[g + 3, i]
            for g in range(f - f % 4, f):
                for i in range(size):
                    whitened[i] += factors[j, f, g] * residuals[g, i]
            for i in range(size):
                joint[j, i] -= whitened[i] * whitened[i]
        for i in range(size):
            largest[i] = max(largest[i], joint[j, i])


@inlined
def _gaussian_moments(
    x: Array,
    start: int,
    size: int,
    means: Array,
    joint: Array,
    total: Array,
    residuals: Array,
    weighted: Array,
    counts: Array,
    first: Array,
    second: Array,
) -> None:
    """Add what a block contributes to the statistics, whose second moments are lower triangles, four to a pass.

    The weighted responsibilities are ``joint`` times ``total``, as :func:`_normalise` leaves them.
    """
    k, d = means.shape
    for j in range(k):
        for i in range(size):
            joint[j, i] *= total[i]
        count = 0.0
        for i in range(size):
            count += joint[j, i]
        counts[j] += count
        for f in range(d):
            row = x[f, start : start + size]
            for i in range(size):
                residuals[f, i] = row[i] - means[j, f]
                weighted[i] = joint[j, i] * residuals[f, i]
            moment = 0.0
            for i in range(size):
                moment += weighted[i]
            first[j, f] += moment
            for g in range(0, f - 2, 4):
                s0 = s1 = s2 = s3 = 0.0
                for i in range(size):
                    s0 += weighted[i] * residuals[g, i]
                    s1 += weighted[i] * residuals[g + 1, i]
                    s2 += weighted[i] * residuals[g + 2, i]
                    s3 += weighted[i] * residuals[g + 3, i]
                second[j, f, g] += s0
                second[j, f, g + 1] += s1
                second[j, f, g + 2] += s2
                second[j, f, g + 3] += s3
            for g in range(f + 1 - (f + 1) % 4, f + 1):
                moment = 0.0
                for i in range(size):
                    moment += weighted[i] * residuals[g, i]
                second[j, f, g] += moment


@inlined
def _poisson_joint(
    x: Array,
    log_factorials: Array,
    start: int,
    size: int,
    offsets: Array,
    slopes: Array,
    joint: Array,
    largest: Array,
) -> None:
    """Fill a block of log-joints, shape ``(k, size)``, and raise ``largest``, shape ``(size,)``, to the largest of each."""
    row, of_factorials = x[start : start + size], log_factorials[start : start + size]
    for j in range(len(offsets)):
        offset, slope = offsets[j], slopes[j]
        for i in range(size):
            # The factorial at once: large counts leave little of the difference, and sums of it must not lose that.
            value = offset + (slope * row[i] - of_factorials[i] * LOG2_E)
            joint[j, i] = value
            largest[i] = max(largest[i], value)


@inlined
def _gaussian_pass(
    x: Array, weights: Array, constants: Array, means: Array, whitening: Array
) -> tuple[float, Array, Array, Array]:
    """What :func:`gaussian_pass` returns, compiled anew into each function that needs it."""
    _whole_vectors()
    d, n = x.shape
    k = len(constants)
    log_likelihood = 0.0
    counts, first, second = np.zeros(k), np.zeros((k, d)), np.zeros((k, d, d))
    joint, residuals = np.empty((k, BLOCK)), np.empty((d, BLOCK))
    whitened, largest, total = np.empty(BLOCK), np.empty(BLOCK), np.empty(BLOCK)
    factors, offsets = whitening * np.sqrt(0.5 * LOG2_E), constants * LOG2_E
    for start in range(0, n, BLOCK):
        size = min(BLOCK, n - start)
        largest[:] = LOWEST
        if d == 1:
            _linear_joint(x, start, size, offsets, means, factors, joint, largest)
        elif d == 2:
            _planar_joint(x, start, size, offsets, means, factors, joint, largest)
        else:
            _gaussian_joint(x, start, size, offsets, means, factors, residuals, whitened, joint, largest)
        log_likelihood += _normalise(joint, weights[start : start + size], largest, total, size)
        if d == 1:
            _linear_moments(x, start, size, means, joint, total, counts, first, second)
        elif d == 2:
            _planar_moments(x, start, size, means, joint, total, counts, first, second)
        else:
            _gaussian_moments(x, start, size, means, joint, total, residuals, whitened, counts, first, second)
    for j in range(k):
        for f in range(d):
            for g in range(f):
                second[j, g, f] = second[j, f, g]
    return log_likelihood * LOG_2, counts, first, second


@compiled
def gaussian_pass(
    x: Array, weights: Array, constants: Array, means: Array, whitening: Array
) -> tuple[float, Array, Array, Array]:
    """Log-likelihood, Σγ, Σγ(x−μ) and Σγ(x−μ)(x−μ)ᵀ of Gaussian components.

    ``x`` has shape ``(d, n)``. Component j has the log-joint ``constants[j] − ½|whitening[j] (x − means[j])|²``, where
    ``whitening`` holds inverse Cholesky factors of the covariances, shape ``(k, d, d)``, lower triangular.
    """
    return _gaussian_pass(x, weights, constants, means, whitening)


@inlined
def gaussian_gradient_pass(
    x: Array, weights: Array, constants: Array, means: Array, whitening: Array
) -> tuple[float, Array, Array, Array]:
    """What :func:`gaussian_value_and_gradient` returns, compiled anew into each function that needs it."""
    log_likelihood, counts, first, second = _gaussian_pass(x, weights, constants, means, whitening)
    of_means, of_whitening = np.zeros(means.shape), np.zeros(whitening.shape)
    k, d = means.shape
    for j in range(k):
        for f in range(d):
            whitened = 0.0
            for g in range(f + 1):
                whitened += whitening[j, f, g] * first[j, g]
            for g in range(f + 1):
                of_means[j, g] += whitening[j, f, g] * whitened
                for h in range(f + 1):
                    of_whitening[j, f, g] -= whitening[j, f, h] * second[j, h, g]
    return log_likelihood, counts, of_means, of_whitening


@compiled
def gaussian_value_and_gradient(
    x: Array, weights: Array, constants: Array, means: Array, whitening: Array
) -> tuple[float, Array, Array, Array]:
    """The log-likelihood of Gaussian components and, by Fisher's identity, its gradient."""
    return gaussian_gradient_pass(x, weights, constants, means, whitening)


class GaussianUpdate(NamedTuple):
    """What an M-step of Gaussian components needs beside the statistics (em/gaussian.py derives it).

    A component is regular, and the steps go on, while it has more than ``least_count`` observations and its covariance
    is wider than ``floor`` times ``spread`` in every direction, and than the share ``condition`` of the sum of its
    eigenvalues. Both are in units of ``scales``; the three of them have shape ``(d, d)``. ``pseudo_count`` is α − 1 of the
    weights, which stay as they are when ``equal_weights``. Without a prior ``strength``, ``scatter`` and ``observed``
    are zero.
    """

    structure: int
    scales: Array
    spread: Array
    floor: float
    condition: float
    least_count: float
    equal_weights: bool
    pseudo_count: float
    location: Array
    strength: float
    scatter: Array
    observed: float


# The structures of covariance by number.
FULL, DIAGONAL, SPHERICAL, TIED = range(4)


@inlined
def _cholesky(matrix: Array, scales: Array, share: float, spread: Array, less: float, factor: Array) -> bool:
    """Fill the Cholesky factor of ``matrix / scales − share · spread − less · I``; say whether it is positive definite."""
    d = len(matrix)
    for f in range(d):
        for g in range(f + 1):
            entry = matrix[f, g] / scales[f, g] - share * spread[f, g]
            for h in range(g):
                entry -= factor[f, h] * factor[g, h]
            if g < f:
                factor[f, g] = entry / factor[g, g]
            elif entry > less:
                factor[f, f] = np.sqrt(entry - less)
            else:
                return False
    return True


@inlined
def _inverse(factor: Array, scales: Array, inverse: Array) -> None:
    """Fill the inverse of a lower triangular matrix whose rows are in units of √ of the diagonal of ``scales``."""
    d = len(factor)
    for g in range(d):
        inverse[g, g] = 1.0 / factor[g, g]
        for f in range(g + 1, d):
            entry = 0.0
            for h in range(g, f):
                entry -= factor[f, h] * inverse[h, g]
            inverse[f, g] = entry / factor[f, f]
    for f in range(d):
        for g in range(f + 1):
            inverse[f, g] /= np.sqrt(scales[g, g])


@inlined
def _mixing_weights(counts: Array, equal: bool, pseudo_count: float, weights: Array) -> None:
    """Fill the weights that maximise Q."""
    total = counts.sum() + len(counts) * pseudo_count
    for j in range(len(counts)):
        weights[j] = 1.0 / len(counts) if equal else (counts[j] + pseudo_count) / total


@inlined
def _gaussian_update(
    counts: Array, first: Array, second: Array, centres: Array, update: Any, means: Array, covariances: Array
) -> None:
    """Fill the means and covariances that maximise Q where no floor binds."""
    k, d = centres.shape
    for j in range(k):
        for f in range(d):
            towards_prior = update.strength * (update.location[f] - centres[j, f])
            means[j, f] = centres[j, f] + (first[j, f] + towards_prior) / (counts[j] + update.strength)
        for f in range(d):
            shift_f, away_f = means[j, f] - centres[j, f], means[j, f] - update.location[f]
            for g in range(d):
                shift_g, away_g = means[j, g] - centres[j, g], means[j, g] - update.location[g]
                about_mean = second[j, f, g] - first[j, f] * shift_g - shift_f * first[j, g]
                about_mean += counts[j] * shift_f * shift_g
                covariances[j, f, g] = about_mean + update.strength * away_f * away_g
    if update.structure == TIED:
        for f in range(d):
            for g in range(d):
                total = update.scatter[f, g]
                for j in range(k):
                    total += covariances[j, f, g]
                for j in range(k):
                    covariances[j, f, g] = total / (counts.sum() + update.observed)
        return
    for j in range(k):
        mean_square = 0.0
        for f in range(d):
            mean_square += (covariances[j, f, f] + update.scatter[f, f]) / d
        for f in range(d):
            for g in range(d):
                entry = covariances[j, f, g] + update.scatter[f, g]
                if update.structure != FULL and f != g:
                    entry = 0.0
                elif update.structure == SPHERICAL:
                    entry = mean_square
                covariances[j, f, g] = entry / (counts[j] + update.observed)


@compiled
def gaussian_steps(
    x: Array, seen: Array, weights: Array, means: Array, covariances: Array, update: GaussianUpdate
) -> tuple[Array, Array, Array, Array]:
    """EM's own steps without a return to Python, for as long as every component is regular.

    ``weights``, ``means`` and ``covariances`` have a row for each mixture, of which the first is given and the others are
    filled. Returns the log-likelihoods of those that were visited, and the statistics of the last: N, Σγ(x−μ) and
    Σγ(x−μ)(x−μ)ᵀ.
    """
    steps, k, d = means.shape
    log_likelihood, constants = np.empty(steps), np.empty(k)
    factor, whitening = np.zeros((d, d)), np.zeros((k, d, d))
    counts, first, second = np.zeros(k), np.zeros((k, d)), np.zeros((k, d, d))
    visited = 0
    for step in range(steps):
        if step > 0:
            _mixing_weights(counts, update.equal_weights, update.pseudo_count, weights[step])
            _gaussian_update(counts, first, second, means[step - 1], update, means[step], covariances[step])
        regular = True
        for j in range(k):
            total = 0.0
            for f in range(d):
                total += covariances[step, j, f, f] / update.scales[f, f]
            least, covariance = update.condition * total, covariances[step, j]
            regular = regular and _cholesky(covariance, update.scales, update.floor, update.spread, least, factor)
            if regular and _cholesky(covariance, update.scales, 0.0, update.spread, 0.0, factor):
                _inverse(factor, update.scales, whitening[j])
                constants[j] = np.log(weights[step, j]) if weights[step, j] > 0 else LOWEST
                for f in range(d):
                    constants[j] += np.log(whitening[j, f, f]) - HALF_LOG_TWO_PI
        if not regular:
            break
        log_likelihood[step], counts, first, second = _gaussian_pass(x, seen, constants, means[step], whitening)
        visited += 1
        if not (np.isfinite(log_likelihood[step]) and counts.min() > update.least_count):
            break
    return log_likelihood[:visited], counts, first, second


@inlined
def _poisson_pass(
    x: Array, weights: Array, log_factorials: Array, constants: Array, log_rates: Array
) -> tuple[float, Array, Array]:
    """What :func:`poisson_pass` returns, compiled anew into each function that needs it."""
    _whole_vectors()
    k, n = len(constants), len(x)
    log_likelihood = 0.0
    counts, sums = np.zeros(k), np.zeros(k)
    joint, largest, total = np.empty((k, BLOCK)), np.empty(BLOCK), np.empty(BLOCK)
    slopes, offsets = log_rates * LOG2_E, constants * LOG2_E
    for start in range(0, n, BLOCK):
        size = min(BLOCK, n - start)
        largest[:] = LOWEST
        _poisson_joint(x, log_factorials, start, size, offsets, slopes, joint, largest)
        log_likelihood += _normalise(joint, weights[start : start + size], largest, total, size)
        row = x[start : start + size]
        for j in range(k):
            count, moment = 0.0, 0.0
            for i in range(size):
                share = joint[j, i] * total[i]
                count += share
                moment += share * row[i]
            counts[j] += count
            sums[j] += moment
    return log_likelihood * LOG_2, counts, sums


@compiled
def poisson_pass(
    x: Array, weights: Array, log_factorials: Array, constants: Array, log_rates: Array
) -> tuple[float, Array, Array]:
    """Log-likelihood, Σγ and Σγx of Poisson components.

    ``x`` has shape ``(n,)``. Component j has the log-joint ``constants[j] + x · log_rates[j] − log_factorials``.
    """
    return _poisson_pass(x, weights, log_factorials, constants, log_rates)


class PoissonUpdate(NamedTuple):
    """What an M-step of Poisson components needs beside the statistics: the prior's own events and observations."""

    least_count: float
    equal_weights: bool
    pseudo_count: float
    events: float
    least_events: float
    exposure: float


@compiled
def poisson_steps(
    x: Array, seen: Array, log_factorials: Array, weights: Array, rates: Array, update: PoissonUpdate
) -> tuple[Array, Array, Array]:
    """The same as :func:`gaussian_steps`: the log-likelihoods, and N and Σγx of the last."""
    steps, k = rates.shape
    log_likelihood, constants, log_rates = np.empty(steps), np.empty(k), np.empty(k)
    counts, sums = np.zeros(k), np.zeros(k)
    visited = 0
    for step in range(steps):
        if step > 0:
            _mixing_weights(counts, update.equal_weights, update.pseudo_count, weights[step])
            for j in range(k):
                events = max(update.events + sums[j], update.least_events)
                rates[step, j] = events / (update.exposure + counts[j])
        for j in range(k):
            log_rates[j] = np.log(rates[step, j]) if rates[step, j] > 0 else LOWEST
            constants[j] = (np.log(weights[step, j]) if weights[step, j] > 0 else LOWEST) - rates[step, j]
        log_likelihood[step], counts, sums = _poisson_pass(x, seen, log_factorials, constants, log_rates)
        visited += 1
        if not (np.isfinite(log_likelihood[step]) and counts.min() > update.least_count):
            break
    return log_likelihood[:visited], counts, sums


@inlined
def poisson_gradient_pass(x: Array, weights: Array, constants: Array, log_rates: Array) -> tuple[float, Array, Array]:
    """What :func:`poisson_value_and_gradient` returns, compiled anew into each function that needs it."""
    return _poisson_pass(x, weights, np.zeros(len(x)), constants, log_rates)


@compiled
def poisson_value_and_gradient(
    x: Array, weights: Array, constants: Array, log_rates: Array
) -> tuple[float, Array, Array]:
    """The log-likelihood of Poisson components without its Σ log x!; the statistics are its gradient."""
    return poisson_gradient_pass(x, weights, constants, log_rates)


@compiled
def gaussian_pointwise(x: Array, constants: Array, means: Array, whitening: Array) -> Array:
    """The log-density of each observation, shape ``(n,)``, with the arguments of :func:`gaussian_pass`."""
    _whole_vectors()
    d, n = x.shape
    k = len(constants)
    log_density = np.empty(n)
    joint, residuals, whitened = np.empty((k, BLOCK)), np.empty((d, BLOCK)), np.empty(BLOCK)
    largest, total = np.empty(BLOCK), np.empty(BLOCK)
    factors, offsets = whitening * np.sqrt(0.5 * LOG2_E), constants * LOG2_E
    for start in range(0, n, BLOCK):
        size = min(BLOCK, n - start)
        largest[:] = LOWEST
        _gaussian_joint(x, start, size, offsets, means, factors, residuals, whitened, joint, largest)
        _log_sums(joint, largest, total, log_density[start : start + size])
    return log_density


@compiled
def poisson_pointwise(x: Array, constants: Array, log_rates: Array) -> Array:
    """The log-probability of each count without its log x!, shape ``(n,)``, with the arguments of :func:`poisson_pass`."""
    _whole_vectors()
    n = len(x)
    log_density, joint, none = np.empty(n), np.empty((len(constants), BLOCK)), np.zeros(n)
    largest, total = np.empty(BLOCK), np.empty(BLOCK)
    slopes, offsets = log_rates * LOG2_E, constants * LOG2_E
    for start in range(0, n, BLOCK):
        size = min(BLOCK, n - start)
        largest[:] = LOWEST
        _poisson_joint(x, none, start, size, offsets, slopes, joint, largest)
        _log_sums(joint, largest, total, log_density[start : start + size])
    return log_density


@inlined
def _log_sums(joint: Array, largest: Array, total: Array, log_density: Array) -> None:
    """The logarithm, to the base e, of the sum over components of a block of log-joints to the base 2."""
    size = len(log_density)
    for i in range(size):
        total[i] = 0.0
    for j in range(joint.shape[0]):
        for i in range(size):
            total[i] += _exp2(joint[j, i] - largest[i])
    for i in range(size):
        log_density[i] = (largest[i] + _log2(total[i])) * LOG_2


def log_or_lowest(values: Array) -> Array:
    """Logarithms, with a very low number in place of log 0."""
    with np.errstate(divide="ignore"):
        return np.maximum(np.log(values), LOWEST)
