r"""How far EM is from the posterior, block by block, in figures that no choice of axes, units or labels changes.

A block is what belongs together: the mean of a component, its covariance, its rate, all weights. Its coordinates are those
of ``Model.departures``, zero at EM's estimate. Let $m$ and $C$ be mean and covariance matrix of the posterior draws in
them, $q$ how many they are, and $V$ the covariance matrix of EM's estimate by its information. Two figures compare the
sides over **all** directions of a block, hence whatever the axes:

- the **shift**, $\sqrt{m^T W^{-1} m}$ with $W = (C + V) / 2$: how far the posterior mean lies from the estimate, in
  standard deviations, in the direction in which that is most. Half a standard deviation in each of $q$ independent
  directions has the length $\frac12 \sqrt q$: so much is allowed, for more parameters are not to add up to a difference, but
  no more than a whole one, which would be seen in whichever direction it lies;
- the **ratios**, the roots of the largest and smallest eigenvalue of $V^{-1} C$: how much wider or narrower the posterior is
  than EM's standard error, in the directions in which it is most so. Of $S$ effective draws the largest eigenvalue of
  $q$ directions is $(1 + \sqrt{q / S})^2$ where all are one (Marchenko and Pastur 1967), for which the ratios are corrected.
  The logarithm of a standard deviation has the Monte Carlo error $\frac12 \sqrt{(\kappa - 1) / S}$, $\kappa$ being the
  kurtosis of the draws along that direction: three of a bell curve, and many times that of a rate that may be next to zero.

Where there is no $V$, because the likelihood is flat, $W = C$ and there are no ratios. A block on the edge of its range, a
rate or a weight of zero, has no such coordinates, and is left out.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from em import Fit, Information, information_of
from models import Array, Mixture

from .density import thinned

# Enough for a covariance matrix, and quick with matrices of many features.
MOST_DRAWS = 8000
# Directions that hold so small a share of the largest variance are rounding: the free parameters are fewer than these.
NOTHING = 1e-9
MOST_NOISE = 0.7


@dataclass(frozen=True)
class Departure:
    """A block's ``shift`` in standard deviations, and the ratios of posterior sd to standard error over its directions.

    ``size`` is how many free directions the block has; ``error`` the Monte Carlo error of the shift, and ``ratio_error``
    that of the logarithm of the ratio that is farther from one. ``widest`` and ``narrowest`` are NaN where EM has no
    standard errors. ``spread`` is the posterior's largest standard deviation over the
    directions, on the block's own scale: of a mean in standard deviations of its component, else of a logarithm.
    """

    block: str
    size: int
    shift: float
    error: float
    widest: float
    narrowest: float
    spread: float
    ratio_error: float


@dataclass(frozen=True)
class Blocks:
    """The coordinates of draws about an estimate, by block, and the covariance matrix of the estimate in each."""

    drawn: dict[str, Array]
    errors: dict[str, Array]

    @classmethod
    def of(cls, estimate: Fit, draws: Mixture) -> Blocks:
        """Return the coordinates of draws with one leading axis."""
        found = information_of(estimate)
        errors = {} if found is None or not found.is_regular else _covariances(estimate, found)
        return cls(estimate.model.departures(draws, estimate.mixture), errors)

    def departures(self, weights: Array, effective: float) -> tuple[Departure, ...]:
        """Return how far the draws, counted by their weights, are from the estimate; alike they are worth ``effective``."""
        # Draws that count unequally are worth fewer (Kish 1965).
        effective = min(effective, float(len(weights)))
        worth = effective * float(weights.sum() ** 2 / np.square(weights).sum()) / len(weights)
        measured = (
            _departure(name, drawn, weights, self.errors.get(name), worth) for name, drawn in self.drawn.items()
        )
        return tuple(departure for departure in measured if departure is not None)


def departures(estimate: Fit, draws: Mixture, effective: float) -> tuple[Departure, ...]:
    """Return how far the draws, worth so many independent ones, are from an estimate, for each block of parameters."""
    flat = thinned(draws, MOST_DRAWS)
    return Blocks.of(estimate, flat).departures(np.ones(len(flat.weights)), effective)


def _covariances(estimate: Fit, found: Information) -> dict[str, Array]:
    """Return the covariance matrix of the estimate in the coordinates of each block."""
    along = estimate.model.departures_along(found.chart.tangents(), estimate.mixture)
    return {name: derivatives.T @ found.inverse @ derivatives for name, derivatives in along.items()}


def _departure(
    name: str, drawn: Array, weights: Array, of_estimate: Array | None, effective: float
) -> Departure | None:
    if not np.isfinite(drawn).all() or (of_estimate is not None and not np.isfinite(of_estimate).all()):
        return None
    mean = np.average(drawn, axis=0, weights=weights)
    covariance = _covariance(drawn - mean, weights / weights.sum())
    between = covariance if of_estimate is None else (covariance + of_estimate) / 2
    values, vectors = np.linalg.eigh(between)
    free = values > NOTHING * values.max()
    if not free.any():
        return None
    whitening = vectors[:, free] / np.sqrt(values[free])
    size = int(free.sum())
    square = float(np.square(whitening.T @ mean).sum())
    own = whitening.T @ covariance @ whitening
    # Noise alone has a length: of S draws that of its square is the trace over S.
    noise = float(np.trace(own)) / effective
    shift = np.sqrt(max(square - noise, 0.0))
    error = np.sqrt(float(np.linalg.eigvalsh(own).max()) / effective)
    widest, narrowest, direction = _ratios(whitening, covariance, of_estimate, size, effective)
    ratio_error = _error_of_width((drawn - mean) @ direction, weights, effective)
    spread = float(np.sqrt(np.linalg.eigvalsh(covariance).max())) / (1 + _noise(size, effective))
    return Departure(name, size, float(shift), float(error), widest, narrowest, spread, ratio_error)


def _covariance(centred: Array, shares: Array) -> Array:
    """Return the covariance matrix of weighted draws about their mean; all weight on one draw leaves none."""
    left = 1 - float(np.square(shares).sum())
    return np.asarray((centred.T * shares) @ centred / left if left > 0 else np.zeros((centred.shape[1],) * 2))


def _noise(size: int, effective: float) -> float:
    """Return by how much the largest of so many directions looks wider than it is, by Marchenko and Pastur."""
    return float(np.sqrt(size / effective)) if size > 1 else 0.0


def _error_of_width(along: Array, weights: Array, effective: float) -> float:
    """Return the Monte Carlo error of the logarithm of a standard deviation: of S draws of a bell curve 1 / √(2 S)."""
    squares = np.square(along)
    mean = float(np.average(squares, weights=weights))
    if not mean > 0:
        return 0.0
    kurtosis = float(np.average(np.square(squares), weights=weights)) / mean**2
    return float(np.sqrt(max(kurtosis - 1, 0.0) / effective) / 2)


def _ratios(
    whitening: Array, covariance: Array, of_estimate: Array | None, size: int, effective: float
) -> tuple[float, float, Array]:
    """Return the ratios, and the direction of the one that is farther from one."""
    if of_estimate is None:
        return float("nan"), float("nan"), whitening[:, -1]
    own = whitening.T @ of_estimate @ whitening
    values, vectors = np.linalg.eigh(own)
    root = vectors / np.sqrt(np.maximum(values, np.finfo(float).tiny))
    squares, directions = np.linalg.eigh(root.T @ whitening.T @ covariance @ whitening @ root)
    ratios = np.sqrt(np.maximum(squares, 0.0))
    noise = _noise(size, effective)
    # Of so few draws for so many directions the smallest eigenvalue is nearly zero whatever the truth.
    narrowest = float(ratios.min() / (1 - noise)) if noise < MOST_NOISE else float("nan")
    widest = float(ratios.max() / (1 + noise))
    farther = 0 if narrowest * widest < 1 else -1
    return widest, narrowest, whitening @ (root @ directions[:, farther])
