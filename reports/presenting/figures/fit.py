"""Whether the model fits, in three figures: counts by bin, the distribution function, and the tails.

``arviz_plots.plot_ppc_rootogram`` and ``plot_ppc_pit`` draw the first two of a replicate of every row in every draw. They
know no weights, so that counts would have to be written out row by row (360 MB and 15 s for 20 000 rows and 1000 draws),
and their band is that of uniform places. Ours is narrower, since the data have been fitted: it is that of fitted replicates.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from scipy import special

from models import Array, Data, Mixture
from models.exposed import averaged

from ...checking.figure import Key
from ...checking.pit import pit, upper_ends
from ...checking.registry import cumulative_of
from ...comparing.density import thinned
from ...comparing.side_by_side import SideBySide
from ..names import shortened
from .style import DATA, EM, INK, PANEL, POSTERIOR, Place, legend_below, panel, styled

REPLICATES = 200
BINS, MOST_BINS = 30, 60
MOST_POINTS = 300
BAND = (0.025, 0.975)


def predictive(comparison: SideBySide, feature: int, place: Place = panel) -> Figure:
    """Draw how many observations lie in each bin, and in how many the posterior leads to expect (a rootogram).

    The heights are square roots, on which every count varies about alike (Tukey 1977; Kleiber and Zeileis 2016).
    """
    data, counts = comparison.data, comparison.model.counts
    column, values = shortened(data.columns[feature]), data.values[:, feature]
    edges = _edges(values, counts)
    seen = np.histogram(values, edges, weights=data.weights)[0]
    draws = thinned(comparison.posterior.mixture, REPLICATES).marginal(feature)
    simulated = _simulated(draws, edges, data, cumulative_of(comparison.model))
    lower, upper = np.quantile(simulated, BAND, axis=0)
    middle = simulated.mean(axis=0)
    with styled():
        figure, axes = place(
            f"predictive-{feature + 1}", f"Counts of {column} by bin, with the range that the model makes", PANEL
        )
        centres, wide = (edges[:-1] + edges[1:]) / 2, np.diff(edges)
        axes.bar(centres, np.sqrt(seen), width=0.94 * wide, color=DATA, alpha=0.45, linewidth=0, label="the data")
        axes.fill_between(
            edges,
            np.sqrt(np.append(lower, lower[-1])),
            np.sqrt(np.append(upper, upper[-1])),
            step="post",
            color=POSTERIOR,
            alpha=0.22,
            linewidth=0,
            label="95 % of data sets of the model",
        )
        axes.stairs(np.sqrt(middle), edges, color=POSTERIOR, linewidth=1.4, baseline=None, label="their average")
        out = (seen < lower) | (seen > upper)
        axes.plot(centres[out], np.sqrt(seen[out]), "o", color=EM, markersize=4, label="outside")
        axes.set_xlabel(column)
        axes.set_ylabel("√ observations in the bin")
        axes.xaxis.set_major_locator(MaxNLocator(7, integer=counts))
        axes.set_ylim(bottom=0)
        axes.grid(visible=False)
        legend_below(figure, axes, columns=2)
    return figure


def distribution_function(comparison: SideBySide, place: Place = panel) -> Figure:
    """Draw by how much the data's distribution function is above the model's, with the band in which all of it stays."""
    levels, weights = upper_ends(comparison.em.mixture, comparison.data, comparison.model)
    order = np.argsort(levels, kind="stable")
    u, whole = levels[order], np.cumsum(weights[order]) / weights.sum()
    band = _band(comparison)
    with styled():
        figure, axes = place(
            "distribution-function", "How far the data's distribution function is from the model's", PANEL
        )
        chosen = np.unique(np.linspace(0, len(u) - 1, min(MOST_POINTS, len(u))).astype(int))
        axes.axhspan(
            -band, band, color=POSTERIOR, alpha=0.15, linewidth=0, label="95 % of fitted data sets stay inside"
        )
        axes.axhline(0, color=INK, linewidth=0.8)
        axes.step(u[chosen], (whole - u)[chosen], where="post", color=EM, linewidth=1.5, label="the data")
        axes.set_xlabel("probability below, by EM" if comparison.data.dimension == 1 else "probability outside, by EM")
        axes.set_ylabel("data − model")
        axes.set_xlim(0, 1)
        legend_below(figure, axes, columns=1)
    return figure


def tails(comparison: SideBySide, place: Place = panel) -> Figure:
    """Draw each observation's place in the model as a normal value, against the one that it should have (a Q–Q plot)."""
    data = comparison.data.compress()
    levels, weights = pit(comparison.em.mixture, data, comparison.model)
    order = np.argsort(levels, kind="stable")
    size = float(weights.sum())
    places = (np.cumsum(weights[order]) - weights[order] / 2) / size
    rows = len(places)
    inner = np.linspace(0, rows - 1, min(MOST_POINTS, rows)).astype(int)
    shown = np.unique(np.concatenate([inner, np.arange(min(20, rows)), np.arange(max(0, rows - 20), rows)]))
    places = places[shown]
    theirs, own = special.ndtri(places), special.ndtri(np.clip(levels[order[shown]], 1e-12, 1 - 1e-12))
    ends = special.ndtri(
        np.clip(special.betaincinv(size * places + 0.5, size * (1 - places) + 0.5, np.array(BAND)[:, None]), 1e-12, 1)
    )
    with styled():
        figure, axes = place("tails", "Quantiles of the data against those of the model", PANEL)
        axes.fill_between(theirs, *ends, color=POSTERIOR, alpha=0.15, linewidth=0, label="95 % at each place")
        axes.plot(theirs, theirs, color=INK, linewidth=0.8)
        axes.plot(theirs, own, "o", color=EM, markersize=3, alpha=0.7, label="the data")
        axes.set_xlabel("where the model has it, as a normal value")
        axes.set_ylabel("where it lies")
        legend_below(figure, axes, columns=2)
    return figure


def _edges(values: Array, counts: bool) -> Array:
    low, high = float(values.min()), float(values.max())
    if counts:
        width = max(1.0, np.ceil((high - low + 1) / MOST_BINS))
        return np.asarray(np.arange(low, high + width + 1, width) - 0.5)
    return np.linspace(low, high, BINS + 1)


def _simulated(draws: Mixture, edges: Array, data: Data, cumulative: Callable[..., Array]) -> Array:
    """Return how many observations of each mixture fall into each bin, shape ``(draws, bins)``."""
    rng = np.random.default_rng(REPLICATES)
    seen = []
    for place in range(len(draws.weights)):
        shares = np.diff(_among(data, edges, draws[place], cumulative))
        seen.append(rng.multinomial(round(data.size), np.append(shares, max(0.0, 1 - shares.sum())))[:-1])
    return np.array(seen)


def _among(data: Data, places: Array, mixture: Mixture, cumulative: Callable[..., Array]) -> Array:
    """Return the distribution function of the data's observations, whatever their exposures."""
    if not data.is_exposed:
        return cumulative(places, mixture)
    return averaged(data, lambda exposure: cumulative(places, mixture, exposure))


def _band(comparison: SideBySide) -> float:
    """Return the largest distance that nineteen of twenty fitted data sets of this size keep."""
    key = Key("density" if comparison.data.dimension > 1 else "distribution")
    gaps = [each[key].shown for each in comparison.fits.draws if key in each]
    if not gaps:
        return float("nan")
    several = comparison.data.dimension > 1
    share = min(1.0, comparison.fits.rows / comparison.data.size)
    return float(np.quantile(gaps, 0.95) * (1.0 if several else np.sqrt(share)))
