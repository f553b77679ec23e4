"""Curves of a quadrature's marginals for the page, and how far one is from a normal."""

from __future__ import annotations

import numpy as np
from scipy import stats
from scipy.interpolate import CubicSpline

from models import Array

from .quadrature import Quadrature

POINTS = 141
TAIL = 0.01


def range_of(posteriors: list[Quadrature], axis: int) -> list[float]:
    """An interval that holds nearly all of the posterior probability of each of them."""
    ends = []
    for posterior in posteriors:
        cumulative = posterior.share(axis).cumsum()
        places = posterior.axes[axis]
        last = min(int(np.searchsorted(cumulative, 1 - TAIL)), len(places) - 1)
        ends.append((places[np.searchsorted(cumulative, TAIL)], places[last]))
    lows, highs = zip(*ends, strict=True)
    return [float(min(lows)), float(max(highs))]


def marginal(posterior: Quadrature, axis: int, shown: list[float]) -> list[float]:
    """The marginal density at evenly spaced places."""
    return [float(f"{value:.4g}") for value in density_at(posterior, axis, np.linspace(*shown, POINTS))]


def density_at(posterior: Quadrature, axis: int, places: Array) -> Array:
    """The marginal density anywhere: interpolated between the cells, and zero outside the box."""
    curve = CubicSpline(posterior.axes[axis], posterior.density(axis), extrapolate=False)
    return np.maximum(np.nan_to_num(curve(places)), 0)


def total_variation(posterior: Quadrature, axis: int, centre: float, deviation: float) -> float:
    """The total variation distance of one marginal from a normal: the largest difference of any probability.

    Half the integral of the absolute difference, over the cells of the box and with the normal's share outside it.
    """
    middles, widths = posterior.axes[axis], posterior.widths[axis]
    edges = np.append(middles - widths / 2, middles[-1] + widths[-1] / 2)
    normal = np.diff(stats.norm.cdf(edges, centre, deviation))
    outside = 1 - normal.sum()
    return float(0.5 * (np.abs(posterior.share(axis) - normal).sum() + outside))
