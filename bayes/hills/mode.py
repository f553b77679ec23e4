r"""The tops of a posterior: climbed to along its gradient, with the curvature there, and told apart whatever the labels.

The mode is that of the density in the unconstrained coordinates, where hills are closest to bell curves. The curvature
$H$ is minus the Hessian, by central differences of the gradient with steps of a thousandth of each coordinate's own
width $H_{jj}^{-1/2}$: the third derivative then costs a part in a million, and rounding less.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy import optimize

from models import Array

from .target import Target

FIRST_STEP, SHARE_OF_WIDTH = 1e-4, 1e-3
MOST_ITERATIONS = 500
# In the frame and the unconstrained coordinates a prior is a few units wide: no hill is wider than this.
WIDEST = 3.0
# Two climbs that end a tenth of a standard deviation apart have ended on one hill.
SAME_TOP = 0.1
# Labellings that are looked at: those that bring an end nearest.
NEAREST = 24
# In nats: a top that is lower than the highest by more would need a hill 10¹⁰ times as wide to matter.
FAR_BELOW = 25.0


@dataclass(frozen=True)
class Mode:
    """A top at ``point``, shape ``(p,)``, its ``log_density`` in the frame, and its ``curvature``, shape ``(p, p)``."""

    point: Array
    log_density: float
    curvature: Array

    @cached_property
    def factor(self) -> Array:
        """A factor R of H⁻¹ = RRᵀ, with no direction wider than a prior is."""
        inverses, vectors = self._spectrum
        return np.asarray(vectors / inverses)

    def distance(self, points: Array) -> Array:
        """Return how many of its standard deviations points of shape ``(n, p)`` are away, shape ``(n,)``."""
        inverses, vectors = self._spectrum
        lengths: Array = np.linalg.norm(((points - self.point) @ vectors) * inverses, axis=1)
        return lengths

    @cached_property
    def _spectrum(self) -> tuple[Array, Array]:
        """One over the standard deviation along each eigenvector of H, and these, by column."""
        values, vectors = np.linalg.eigh(self.curvature)
        return np.sqrt(np.maximum(values, WIDEST**-2)), vectors

    def is_top_of(self, point: Array, target: Target) -> bool:
        """Check whether a climb ended here, under some labelling."""
        labelled = target.labellings.nearest(point[None], self.point, self.factor, NEAREST)[0]
        return bool((self.distance(labelled) < SAME_TOP).any())


def climb(target: Target, start: Array) -> Array:
    """Climb from a point to the top of its hill, by quasi-Newton steps."""

    def downwards(point: Array) -> tuple[float, Array]:
        value, gradient = target.density(point)
        # Where there is no density a step was too long: the line search shortens it.
        if not (np.isfinite(value) and np.isfinite(gradient).all()):
            return 1e300, np.zeros_like(point)
        return -value, -np.asarray(gradient)

    with np.errstate(all="ignore"):
        found = optimize.minimize(
            downwards,
            start,
            jac=True,
            method="L-BFGS-B",
            options={"maxiter": MOST_ITERATIONS, "ftol": 1e-13, "gtol": 1e-7},
        )
    return np.asarray(found.x)


def modes(target: Target, starts: Iterable[Array], lived_on: Sequence[Array] = ()) -> list[Mode]:
    """Return the distinct tops that climbs from these points end on, the highest first; labelled twins count once.

    Of those far below the highest only those are returned that points of chains, ``lived_on``, lead to.
    """
    found: list[Mode] = []
    of_chains = 0
    for place, start in enumerate([*lived_on, *starts]):
        if not np.isfinite(start).all() or not np.isfinite(target.density(start)[0]):
            continue
        point = climb(target, start)
        if not any(mode.is_top_of(point, target) for mode in found):
            found.append(Mode(point, float(target.density(point)[0]), curvature(target, point)))
            of_chains += place < len(lived_on)
    highest = max((mode.log_density for mode in found), default=0.0)
    kept = [mode for place, mode in enumerate(found) if place < of_chains or mode.log_density >= highest - FAR_BELOW]
    return sorted(kept, key=lambda mode: -mode.log_density)


def curvature(target: Target, point: Array) -> Array:
    """Return minus the Hessian of the log-density, shape ``(p, p)``."""
    steps = np.full(len(point), FIRST_STEP)
    rough = np.abs(np.diagonal(_differences(target, point, steps)))
    return _differences(target, point, SHARE_OF_WIDTH / np.sqrt(np.maximum(rough, WIDEST**-2)))


def _differences(target: Target, point: Array, steps: Array) -> Array:
    rows = []
    for step in np.diag(steps):
        ahead, behind = point + step, point - step
        rows.append((target.density(behind)[1] - target.density(ahead)[1]) / (ahead - behind).sum())
    found = np.nan_to_num(np.array(rows))
    return np.asarray((found + found.T) / 2)
