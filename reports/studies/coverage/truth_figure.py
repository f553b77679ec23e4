"""A truth outside the model beside the mixture of the model that is nearest to it: what is fitted to what."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from models import Array, Data
from models.exposed import density_among
from models.truths import Truth

from ...presenting.figures.style import DATA, EM, PANEL, Place, panel, styled
from ...presenting.names import shortened
from .design import Design

BINS, MOST_FEATURES = 80, 6
# What is drawn of the truth.
TAIL = 0.001


def truth_beside_nearest(design: Design, feature: int, place: Place = panel) -> Figure:
    """Draw what one feature of the truth gives to bins, and what the nearest mixture gives to the same."""
    assert isinstance(design.truth, Truth)
    points, column, counts = (
        design.truth.points(design.columns, design.exposures),
        shortened(design.columns[feature]),
        design.model.counts,
    )
    edges = bins(points.values[:, feature], points.weights, counts)
    shares = np.histogram(points.values[:, feature], edges, weights=points.weights)[0] / points.size / np.diff(edges)
    with styled():
        words = f"Truth of {column} in bins, with the nearest mixture of the model over it"
        figure, axes = place(f"truth-{feature + 1}", words, PANEL)
        axes.stairs(shares, edges, fill=True, color=DATA, alpha=0.55)
        axes.plot((edges[:-1] + edges[1:]) / 2, nearest_shares(design, points, feature, edges), color=EM, linewidth=1.6)
        axes.set_xlabel(column)
        axes.set_ylabel("probability" if counts else "density")
        axes.set_ylim(bottom=0)
        axes.xaxis.set_major_locator(MaxNLocator(7, integer=counts))
        axes.grid(visible=False)
    return figure


def bins(values: Array, weights: Array, counts: bool) -> Array:
    """Return the edges of bins between the far quantiles; of counts each bin has as many whole numbers as any other."""
    low, high = np.quantile(values, [TAIL, 1 - TAIL], weights=weights, method="inverted_cdf")
    if not counts:
        return np.linspace(low, high, BINS + 1)
    width = max(1, int(np.ceil((high - low + 1) / BINS)))
    return np.asarray(np.arange(low - 0.5, high + width, width))


def nearest_shares(design: Design, points: Data, feature: int, edges: Array) -> Array:
    """Return the average density of the nearest mixture in each bin, of counts the average probability of a count."""
    marginal = design.reference.marginal(feature)
    width = edges[1] - edges[0]
    steps = round(width) if design.model.counts else 10
    inside = edges[:-1, None] + width * (np.arange(steps) + 0.5) / steps
    density = density_among(points, marginal, inside.reshape(-1, 1))
    return np.asarray(density.reshape(inside.shape).mean(axis=1))
