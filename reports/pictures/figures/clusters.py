"""Before and after: the data as they came, and the clusters that EM found in them."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from em import Fit
from models import Data, Mixture

from ...comparing.density import density_curves, grid_of
from ...presenting.figures.data import density_of_both, histogram_edges
from ...presenting.figures.plane import areas, draw_clusters, frame
from ...presenting.figures.style import DATA, INK, panel, styled
from ...presenting.names import shortened
from .line import HEADROOM, bars, draw_bars, draw_components, heights
from .steps import PANEL_ALONE, component_keys

KEYS = {
    1: "bars shared out by responsibility",
    2: "colours mixed by responsibility\nrings hold 90 % of a component",
}


def raw(data: Data, counts: bool = False) -> Figure:
    """Draw the observations of one feature as a histogram, of two as a scatter, without anything fitted."""
    draw = _raw_line if data.dimension == 1 else _raw_plane
    with styled():
        figure, axes = panel("raw", f"The data: {_columns(data)}", PANEL_ALONE[data.dimension])
        draw(axes, data, counts)
        _finish(axes, data)
    return figure


def clusters(fit: Fit) -> Figure:
    """Draw the clusters that EM found, coloured by responsibility.

    Of one feature a histogram whose bars are shared out among the components, with each component's density times its
    weight over it; of two a scatter with each component's 90 % region and mean.
    """
    data = fit.data
    draw = _clusters_line if data.dimension == 1 else _clusters_plane
    with styled():
        figure, axes = panel("clusters", f"The clusters in {_columns(data)} by EM", PANEL_ALONE[data.dimension])
        draw(axes, fit)
        _finish(axes, data)
        whole = [Line2D([], [], color=INK, linewidth=1.0, label="all together")] if data.dimension == 1 else []
        figure.legend(
            handles=[*component_keys(fit.model.components, fit.mixture.weights), *whole],
            loc="outside lower center",
            ncols=2,
            handlelength=1.6,
            columnspacing=1.2,
            title=KEYS[data.dimension],
            title_fontsize=10,
        )
    return figure


def posterior_band(fit: Fit, posterior: Mixture, truth: Mixture | None = None) -> Figure:
    """Draw EM's density of one feature against the band that the posterior's draws put around theirs."""
    (curves,) = density_curves(fit.data, fit.model, fit.mixture, posterior, truth)
    return density_of_both("posterior-band", fit.data, 0, curves, fit.model.counts)


def _raw_line(axes: Axes, data: Data, counts: bool) -> None:
    edges = histogram_edges(data.values[:, 0], data.weights, counts)
    shares = np.histogram(data.values[:, 0], edges, weights=data.weights / data.size)[0] / np.diff(edges)
    axes.stairs(shares, edges, fill=True, color=DATA, alpha=0.45)
    distinct = data.compress()
    axes.scatter(distinct.values[:, 0], np.zeros(len(distinct.values)), areas(distinct), DATA, clip_on=False, zorder=3)
    axes.set_ylabel("probability" if counts else "density")
    axes.xaxis.set_major_locator(MaxNLocator(7, integer=counts))


def _raw_plane(axes: Axes, data: Data, counts: bool) -> None:
    x, y = data.values.T
    axes.scatter(x, y, areas(data), DATA, linewidths=0, rasterized=True)
    frame(axes, data)


def _clusters_line(axes: Axes, fit: Fit) -> None:
    counts = fit.model.counts
    grid = grid_of(fit.data.values[:, 0], counts)
    draw_bars(axes, fit.data, fit.mixture, counts)
    draw_components(axes, fit.data, fit.mixture, grid)
    drawn = heights(fit.data, fit.mixture, grid)
    axes.plot(grid, drawn.sum(axis=1), color=INK, linewidth=1.0)
    shares, _ = bars(fit.data, fit.mixture, counts)
    top = max(float(each.sum(axis=1).max()) for each in (shares, drawn))
    axes.set_ylim(0, HEADROOM * top)
    axes.set_ylabel("probability" if counts else "density")
    axes.xaxis.set_major_locator(MaxNLocator(7, integer=counts))


def _clusters_plane(axes: Axes, fit: Fit) -> None:
    draw_clusters(axes, fit.data, fit.mixture)
    frame(axes, fit.data)


def _finish(axes: Axes, data: Data) -> None:
    axes.set_xlabel(shortened(data.columns[0]))
    if data.dimension == 2:
        axes.set_ylabel(shortened(data.columns[1]))
    axes.grid(visible=False)


def _columns(data: Data) -> str:
    return " and ".join(shortened(column) for column in data.columns)
