"""One feature: components as curves, observations on the axis, and bars shared out among the components."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes

from models import Array, Data, Mixture
from models.exposed import averaged

from ...presenting.figures.data import histogram_edges
from ...presenting.figures.plane import areas
from ...presenting.figures.style import TRUTH, blended, of_component

# Room above the highest curve, in shares of its height.
HEADROOM = 1.08


def heights(data: Data, mixture: Mixture, grid: Array) -> Array:
    """Return weight times density of each component on a grid, shape ``(points, k)``: their sum is the mixture's density.

    Of counts with exposures it is that of the data's observations, whatever their exposures.
    """

    def at(exposure: Array | float | None) -> Array:
        return np.exp(mixture.log_joint(grid[:, None], None if exposure is None else np.full(len(grid), exposure)))

    return averaged(data, at)


def draw_components(axes: Axes, data: Data, mixture: Mixture, grid: Array) -> None:
    """Draw each component's curve in its colour, with its marker at the highest point."""
    for component, height in enumerate(heights(data, mixture, grid).T):
        look = of_component(component)
        top = int(height.argmax())
        axes.plot(grid, height, color=look.colour, marker=look.marker, markevery=[top], markersize=6)


def draw_truth(axes: Axes, data: Data, truth: Mixture, grid: Array) -> None:
    """Draw the true components, dashed."""
    for height in heights(data, truth, grid).T:
        axes.plot(grid, height, color=TRUTH, linestyle=(0, (4, 3)), linewidth=1.2)


def draw_observations(axes: Axes, data: Data, mixture: Mixture) -> None:
    """Draw the observations on the axis, each in the components' colours mixed by its responsibilities."""
    distinct = data.compress()
    colours = blended(mixture.responsibilities(distinct.values, distinct.exposure))
    size = 1.6 * areas(distinct)
    axes.scatter(
        distinct.values[:, 0],
        np.zeros(len(size)),
        size,
        colours,
        linewidths=0,
        clip_on=False,
        zorder=3,
        rasterized=len(size) > 300,
    )


def bars(data: Data, mixture: Mixture, counts: bool) -> tuple[Array, Array]:
    """Return a histogram whose bars are shared out by responsibility: heights of shape ``(bins, k)``, and the edges."""
    edges = histogram_edges(data.values[:, 0], data.weights, counts)
    shares = mixture.responsibilities(data.values, data.exposure) * (data.weights / data.size)[:, None]
    stacked = np.stack([np.histogram(data.values[:, 0], edges, weights=share)[0] for share in shares.T], axis=-1)
    return stacked / np.diff(edges)[:, None], edges


def draw_bars(axes: Axes, data: Data, mixture: Mixture, counts: bool) -> None:
    """Draw the shared-out histogram, one component's bars on top of the others'."""
    shares, edges = bars(data, mixture, counts)
    tops = np.cumsum(shares, axis=1)
    for component, top in enumerate(tops.T):
        below = top - shares[:, component]
        colour = of_component(component).colour
        axes.stairs(top, edges, baseline=below, fill=True, color=colour, alpha=0.45, linewidth=0)
