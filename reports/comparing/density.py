"""Densities on a grid: EM's curve, and the band that the posterior puts around its own."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from bayes import PROBABILITY
from models import Array, Data, Mixture, Model

from .rates import expected_heights, rate_edges

GRID_POINTS = 201
BAND_DRAWS = 400


@dataclass(frozen=True)
class DensityCurves:
    """The density (or probability) of one feature on a grid, all of shape ``(points,)``.

    Counts with exposures are shown as rates, in bins: the grid is that of their middles, the density of the exposure among
    rates is the same all over a bin, and ``edges``, shape ``(points + 1,)``, are the bins' (``rates``).

    ``lower`` and ``upper`` bound the pointwise central 95 % of the posterior, ``mean`` is the posterior predictive
    density; ``truth`` is there when it is known, and ``given`` when there is somebody else's estimate.
    """

    feature: str
    grid: Array
    em: Array
    mean: Array
    lower: Array
    upper: Array
    truth: Array | None
    given: Array | None = None
    edges: Array | None = None

    @property
    def share_inside(self) -> float:
        """The share of EM's probability that lies where its density is inside the posterior's band.

        NaN when every component is so narrow that it lies between two points of the grid; ``overlap`` likewise.
        """
        inside = (self.em >= self.lower) & (self.em <= self.upper)
        with np.errstate(invalid="ignore"):
            return float(self.em[inside].sum() / self.em.sum())

    @property
    def overlap(self) -> float:
        """What EM's density and the posterior predictive density have in common: ∫ min, 1 when they are the same."""
        with np.errstate(invalid="ignore"):
            common = np.minimum(self.em / self.em.sum(), self.mean / self.mean.sum())
        return float(common.sum())


def density_curves(
    data: Data,
    model: Model,
    em: Mixture,
    posterior: Mixture,
    truth: Mixture | None = None,
    given: Mixture | None = None,
) -> list[DensityCurves]:
    """Return the marginal density of every feature."""
    draws = thinned(posterior, BAND_DRAWS)
    curves = [_curves(data, model, feature, em, draws) for feature in range(data.dimension)]
    return [_with(data, curve, feature, truth, given) for feature, curve in enumerate(curves)]


def thinned(posterior: Mixture, most: int) -> Mixture:
    """Return evenly spaced draws of all chains, at most that many, with one leading axis."""
    return posterior.thinned(most)


def grid_of(values: Array, whole_numbers: bool) -> Array:
    """Return evenly spaced points over the data and a little beyond; for counts, every count or every few."""
    low, high = float(values.min()), float(values.max())
    margin = 0.08 * (high - low)
    if not whole_numbers:
        return np.linspace(low - margin, high + margin, GRID_POINTS)
    low, high = max(0, np.floor(low - margin)), np.ceil(high + margin)
    return np.arange(low, high + 1, max(1, np.ceil((high - low) / 1000)))


def _curves(data: Data, model: Model, feature: int, em: Mixture, draws: Mixture) -> DensityCurves:
    edges = rate_edges(data, feature) if data.is_exposed else None
    grid = grid_of(data.values[:, feature], model.counts) if edges is None else (edges[:-1] + edges[1:]) / 2
    densities = _density(data, draws.marginal(feature), grid, edges)
    tail = (1 - PROBABILITY) / 2
    lower, upper = np.quantile(densities, [tail, 1 - tail], axis=0)
    return DensityCurves(
        feature=data.columns[feature],
        grid=grid,
        em=_density(data, em.marginal(feature), grid, edges),
        mean=densities.mean(axis=0),
        lower=lower,
        upper=upper,
        truth=None,
        edges=edges,
    )


def _density(data: Data, mixture: Mixture, grid: Array, edges: Array | None) -> Array:
    """Return the density of one feature on the grid, or in the bins; shape ``(..., points)``."""
    return np.exp(mixture.log_density(grid[:, None])) if edges is None else expected_heights(data, mixture, edges)


def _with(
    data: Data, curves: DensityCurves, feature: int, truth: Mixture | None, given: Mixture | None
) -> DensityCurves:
    """Return the curves with those of the mixtures that are there."""
    of_truth, of_given = (
        None if mixture is None else _density(data, mixture.marginal(feature), curves.grid, curves.edges)
        for mixture in (truth, given)
    )
    return replace(curves, truth=of_truth, given=of_given)
