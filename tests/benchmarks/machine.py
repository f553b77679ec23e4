"""How near an iteration is to the arithmetic that this machine can do: multiply–adds and exponentials of the same run."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from numba import njit

from models import Array, usable_cores
from models.kernels.arithmetic import exp2, whole_vectors
from models.kernels.compiling import RELAXED

from .iterations import SHAPES, SMALL, SMALL_ROWS, Shape, our_step, problem
from .table import Row, seconds

REPEATS = 20_000
LANES = 256
LARGEST_DIMENSION = 10
BESIDES = (
    "not counted: a logarithm and two divisions an observation, and the way of all numbers through the fastest cache"
)


@njit(nogil=True, fastmath={"contract"})  # reassociation would make one multiply–add of all sixteen
def _multiply_add(values: Array, repeats: int) -> None:
    """Sixteen multiply–adds for each number while it is in a register, several numbers at once."""
    whole_vectors()
    for _ in range(repeats):
        for i in range(len(values)):
            v = values[i]
            for _ in range(16):
                v = v * 0.999 + 1e-3
            values[i] = v


@njit(nogil=True, fastmath=RELAXED)
def _exponentials(values: Array, powers: Array, repeats: int) -> None:
    whole_vectors()
    for r in range(repeats):
        for i in range(len(values)):
            powers[i] = exp2(values[i] - r * 1e-9)


def machine(repetitions: int, largest: int) -> Iterator[Row]:
    """The time that the arithmetic of a pass needs at least, as a share of the time that an iteration takes."""
    for shape in SHAPES:
        if shape.d > LARGEST_DIMENSION or shape.covariance != "full" or shape.n * shape.d * shape.k > largest:
            continue
        data, start = problem(shape)
        threads = _threads(shape)
        multiply_add, exponential = _least(threads)
        ours, _ = our_step(data, start, shape, repetitions)
        least = shape.n * shape.k * (_multiply_adds(shape.d) * multiply_add + exponential) / threads
        note = (
            f"{threads} threads; {1e9 * multiply_add:.3f} ns a multiply–add, {1e9 * exponential:.2f} ns an exponential"
        )
        reason = SMALL if shape.n <= SMALL_ROWS else BESIDES
        yield Row(str(shape), "this machine's arithmetic", ours, least, least / ours, 0.5, note=note, reason=reason)


def _least(threads: int) -> tuple[float, float]:
    """Seconds of a multiply–add and of an exponential, on warm numbers in the fastest cache, in so many threads at once.

    Measured beside every shape, since a machine that others share is not equally fast from minute to minute.
    """
    values = np.linspace(-30, -1, LANES)
    _multiply_add(values.copy(), 1)
    _exponentials(values, np.empty(LANES), 1)

    def each(run: Callable[[], object]) -> float:
        with ThreadPoolExecutor(threads) as pool:
            return seconds(lambda: [done.result() for done in [pool.submit(run) for _ in range(threads)]], 5)

    multiply_add = each(lambda: _multiply_add(values.copy(), REPEATS)) / (16 * LANES * REPEATS)
    return multiply_add, each(lambda: _exponentials(values, np.empty(LANES), REPEATS)) / (LANES * REPEATS)


def _multiply_adds(d: int) -> int:
    """What one observation costs with one component: residuals twice, whitening, squares, and the three moments."""
    return 2 * d + d * (d + 1) // 2 + d + (1 + 2 * d + d * (d + 1) // 2)


def _threads(shape: Shape) -> int:
    """A pass over a single chunk stays on one thread."""
    from models.chunks import CHUNK_ROWS

    return min(usable_cores(), -(-shape.n // CHUNK_ROWS))
