r"""How many ways there are to choose N of the observed counts so that they sum to S.

A value $v$ that was seen $m$ times gives $j$ of them to the chosen ones in $\binom mj$ ways. Let $W_t(N, S)$ be the number
of ways when only the $t$ smallest distinct values are there. Then $W_0(0, 0) = 1$ and

$$W_t(N, S) = \sum_{j=0}^{m_t} \binom{m_t}{j} \, W_{t-1}(N - j, \, S - j v_t) .$$

With two components nobody knows which is the first, and $W(N, S) = W(n - N, \sum x - S)$: half the rows, $N \le n/2$,
are enough. In row $N$ only the sums between that of the $N$ smallest and that of the $N$ largest observations occur, so
that a row starts at the former, $\mathrm{lo}(N)$. Because the values come in ascending order, $\mathrm{lo}(N)$ is the
same at all $t$.

**Rounding.** The numbers of ways reach $10^{600}$ for two thousand observations. Every stretch of 128 sums in a row has
an exponent of its own, a power of two, by which it is scaled exactly: nothing overflows, and what underflows is below
$2^{-1000}$ of a neighbour in its stretch. All terms are positive, hence nothing cancels: each step adds at most
$m_t + 1$ products of a rounded binomial coefficient, a relative error of at most $(m_t + 3) u$ with $u = 2^{-53}$, and each
number of ways is in the end right to a relative error of

$$\bigl( n + 3 \cdot \#\{\text{distinct values}\} \bigr) \, 2^{-53} \quad \text{(to first order)} ,$$

$2 \cdot 10^{-13}$ for two thousand observations.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models import Array
from models.kernels.compiling import compiled

STRETCH = 128
# Powers of two from 1 down; smaller ones count as zero, so that no product is subnormal.
POWERS = 2.0 ** -np.arange(1000.0)
EMPTY = -(2**40)
# Of table entries: 256 MB; two thousand observations of mean 10 need a third of it, and some four seconds.
MOST_ENTRIES = 2**25

Integers = NDArray[np.int64]


@dataclass(frozen=True)
class Ways:
    """The number of ways to choose N observations with sum S, for N from 0 to n/2.

    ``log_ways[N, s]`` is the logarithm of that number for S = ``lowest[N]`` + s, minus infinity where there is none.
    """

    log_ways: Array
    lowest: Integers


def ways(values: Integers, times: Integers) -> Ways:
    """Count the ways for ascending distinct ``values``, each seen so many ``times``.

    Raises
    ------
    ValueError
        When the table would have more than ``MOST_ENTRIES`` entries.
    """
    n = int(times.sum())
    partial = np.concatenate([[0], np.cumsum(np.repeat(values, times))])
    rows = n // 2 + 1
    last = np.array([partial[n] - partial[n - chosen] - partial[chosen] for chosen in range(rows)])
    width = STRETCH * (int(last.max()) // STRETCH + 1)
    if rows * width > MOST_ENTRIES:
        raise ValueError(
            f"the exact posterior needs a table of {rows * width:.2g} sums of counts for these data, more than "
            f"{MOST_ENTRIES:.2g}: take fewer observations or smaller counts."
        )
    table, exponents = np.zeros((rows, width)), np.full((rows, width // STRETCH), EMPTY)
    table[0, 0], exponents[0, 0] = 1.0, 0
    seen = 0
    for value, m in zip(values.tolist(), times.tolist(), strict=True):
        mantissas, powers = _binomials(m)
        _give(table, exponents, partial, seen, value, mantissas, powers, POWERS)
        seen += m
    with np.errstate(divide="ignore"):
        np.log(table, out=table)
    table.reshape(rows, -1, STRETCH)[...] += (exponents * math.log(2))[..., None]
    return Ways(table, partial[:rows])


def _binomials(m: int) -> tuple[Array, Integers]:
    """Return the binomial coefficients of m, each as a correctly rounded mantissa below one and a power of two."""
    exact = [math.comb(m, j) for j in range(m + 1)]
    powers = [number.bit_length() for number in exact]
    mantissas = [number / (1 << power) for number, power in zip(exact, powers, strict=True)]
    return np.array(mantissas), np.array(powers, dtype=np.int64)


@compiled
def _give(
    table: Array,
    exponents: Integers,
    partial: Integers,
    seen: int,
    value: int,
    mantissas: Array,
    powers: Integers,
    scale: Array,
) -> None:
    """Add a value that was seen ``len(powers) - 1`` times to a table that ``seen`` observations are in, in place."""
    m = len(powers) - 1
    stretch = np.empty(STRETCH)
    # Downwards, since a row takes from itself and from the rows above it, as they were before.
    for row in range(min(seen + m, len(table) - 1), -1, -1):
        last = partial[seen + m] - partial[seen + m - row] - partial[row]
        fewest, most = max(0, row - seen), min(m, row)
        for block in range(last // STRETCH + 1):
            first = block * STRETCH
            # The largest exponent among all that is added up.
            top = 2 * EMPTY
            for j in range(fewest, most + 1):
                source = row - j
                start = first + partial[row] - partial[source] - j * value
                end = min(start + STRETCH, partial[seen] - partial[seen - source] - partial[source] + 1)
                for other in range(max(start, 0) // STRETCH, (end - 1) // STRETCH + 1 if end > 0 else 0):
                    top = max(top, exponents[source, other] + powers[j])
            stretch[:] = 0.0
            for j in range(fewest, most + 1):
                source = row - j
                start = first + partial[row] - partial[source] - j * value
                end = min(start + STRETCH, partial[seen] - partial[seen - source] - partial[source] + 1)
                for other in range(max(start, 0) // STRETCH, (end - 1) // STRETCH + 1 if end > 0 else 0):
                    below = top - exponents[source, other] - powers[j]
                    if below < len(scale):
                        factor = mantissas[j] * scale[below]
                        here, there = max(start, other * STRETCH), min(end, (other + 1) * STRETCH)
                        given, taken = table[source, here:there], stretch[here - start : there - start]
                        for i in range(len(given)):
                            taken[i] += factor * given[i]
            largest = stretch.max()
            if largest > 0:
                power = math.frexp(largest)[1]
                exponents[row, block] = top + power
                down = math.ldexp(1.0, -power)
                for i in range(STRETCH):
                    table[row, first + i] = stretch[i] * down
