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
    """Return an interval that holds nearly all of the posterior probability of each of them."""
    ends = []
    for posterior in posteriors:
        cumulative = posterior.share(axis).cumsum()
        places = posterior.axes[axis]
        first, last = np.searchsorted(cumulative, [TAIL, 1 - TAIL])
        ends.append((places[first], places[min(last, len(places) - 1)]))
    lows, highs = zip(*ends, strict=True)
    return [float(min(lows)), float(max(highs))]


def marginal(posterior: Quadrature, axis: int, shown: list[float]) -> list[float]:
    """Return the marginal density at evenly spaced places."""
    return [float(f"{value:.4g}") for value in density_at(posterior, axis, np.linspace(shown[0], shown[1], POINTS))]


def density_at(posterior: Quadrature, axis: int, places: Array) -> Array:
    """Return the marginal density anywhere: interpolated between the cells, and zero outside the box."""
    curve = CubicSpline(posterior.axes[axis], posterior.density(axis), extrapolate=False)
    return np.maximum(np.nan_to_num(curve(places)), 0)


def total_variation(posterior: Quadrature, axis: int, centre: float, deviation: float) -> float:
    """Return the total variation distance of one marginal from a normal: the largest difference of any probability.

    Half the integral of the absolute difference, over the cells of the box and with the normal's share outside it.
    """
    normal = stats.norm.pdf(posterior.axes[axis], centre, deviation) * posterior.widths[axis]
    outside = max(0.0, 1 - float(normal.sum()))
    return 0.5 * (float(np.abs(posterior.share(axis) - normal).sum()) + outside)
