r"""A posterior of few parameters by quadrature: the density in the middle of every cell of a box, and nothing random.

The midpoint rule replaces $\int f(\theta) \, p(\theta \mid x) \, d\theta$ by a sum over cells. For a smooth density that
has died away at the edges it converges faster than any power of the cell's width (Trefethen and Weideman 2014), and cells
of half a standard deviation already leave nothing to be seen. The box begins as all that the prior allows, and is narrowed
in rounds. A coarse grid steps past a narrow peak, whose surroundings are then many nats below it; hence the first round
keeps what holds about the best twentieth of its cells, and each further one what lies within fewer nats of the best, down
to $18$: outside, the density is less than $e^{-18}$ of its peak.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from models import Array

COARSE = 32
BEST_SHARE = 0.05
NATS, SHRINKAGE = 18.0, 0.6
Axes = tuple[Array, ...]


@dataclass(frozen=True)
class Quadrature:
    """A posterior on a grid.

    ``axes[a]`` holds the middle of every cell along parameter a, ``widths[a]`` their widths, and ``probability`` that of
    each cell, which sum to one.
    """

    axes: Axes
    widths: Axes
    probability: Array

    def share(self, axis: int) -> Array:
        """Return the probability of each slice of one parameter, all others summed out."""
        return np.asarray(self.probability.sum(axis=_others(axis, len(self.axes))))

    def density(self, axis: int) -> Array:
        """Return the marginal density of one parameter at ``axes[axis]``."""
        return np.asarray(self.share(axis) / self.widths[axis])

    def mean(self, axis: int) -> float:
        """Return the posterior mean of one parameter."""
        return float(self.share(axis) @ self.axes[axis])

    def deviation(self, axis: int) -> float:
        """Return the posterior standard deviation of one parameter."""
        return float(np.sqrt(self.share(axis) @ (self.axes[axis] - self.mean(axis)) ** 2))

    def draw(self, size: int, rng: np.random.Generator) -> Array:
        """Draw the middles of so many cells by their probability, shape ``(size, parameters)``."""
        chosen = rng.choice(self.probability.size, size=size, p=self.probability.ravel())
        places = np.unravel_index(chosen, self.probability.shape)
        return np.stack([axis[at] for axis, at in zip(self.axes, places, strict=True)], axis=-1)


def quadrature(log_density: Callable[[Axes], Array], lower: Array, upper: Array, points: int) -> Quadrature:
    """Integrate over the box between ``lower`` and ``upper``, once it is narrowed, with so many cells a side.

    ``log_density`` takes one array of places for each parameter and returns its values, in nats and up to a constant, at
    every combination of them.
    """
    values = log_density(_axes(lower, upper, COARSE))
    nats = float(values.max() - np.quantile(values, 1 - BEST_SHARE))
    settled = False
    while not settled:
        nats = max(NATS, SHRINKAGE * nats)
        narrower = _narrowed(log_density, lower, upper, nats)
        settled = nats == NATS and np.array_equal(narrower, (lower, upper))
        lower, upper = narrower
    axes = _axes(lower, upper, points)
    values = log_density(axes)
    probability = np.exp(values - values.max())
    widths = tuple(np.full(points, width) for width in (upper - lower) / points)
    return Quadrature(axes, widths, probability / probability.sum())


def curvature(log_density: Callable[[Array], Array], at: Array, steps: Array) -> Array:
    """Return minus the matrix of second derivatives, by central differences with these steps, shape ``(p, p)``.

    ``log_density`` takes points of shape ``(m, p)`` and returns ``(m,)``.
    """
    p = len(at)
    first, second = np.eye(p)[:, None] * steps, np.eye(p)[None] * steps
    corners = [at + a * first + b * second for a, b in ((1, 1), (1, -1), (-1, 1), (-1, -1))]
    up_up, up_down, down_up, down_down = log_density(np.reshape(corners, (-1, p))).reshape(4, p, p)
    return np.asarray((up_down + down_up - up_up - down_down) / (4 * np.outer(steps, steps)))


def _narrowed(log_density: Callable[[Axes], Array], lower: Array, upper: Array, nats: float) -> tuple[Array, Array]:
    """Return the box about all cells within so many nats of the best, and one cell more to each side of it."""
    values = log_density(_axes(lower, upper, COARSE))
    least = values.max() - nats
    kept = [np.flatnonzero(values.max(axis=_others(a, len(lower))) >= least) for a in range(len(lower))]
    width = (upper - lower) / COARSE
    first = np.array([max(0, cells[0] - 1) for cells in kept])
    beyond = np.array([min(COARSE, cells[-1] + 2) for cells in kept])
    return lower + width * first, np.where(beyond == COARSE, upper, lower + width * beyond)


def _axes(lower: Array, upper: Array, points: int) -> Axes:
    middles = (np.arange(points) + 0.5) / points
    return tuple(low + (high - low) * middles for low, high in zip(lower, upper, strict=True))


def _others(axis: int, axes: int) -> tuple[int, ...]:
    return tuple(other for other in range(axes) if other != axis)
