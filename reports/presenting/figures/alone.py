"""One side alone: EM's estimate or the posterior over the data, and intervals as either states them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from bayes import PROBABILITY, Posterior
from em import Audit, Fit
from models import Array, Data, Mixture
from models.arguments import require_one_of
from models.exposed import density_among

from ...comparing.density import BAND_DRAWS, grid_of, thinned
from ..names import shortened, symbols
from .data import histogram
from .plane import POSTERIOR_DRAWS, POSTERIOR_SHARES, Plane, areas, draw_clusters, frame
from .style import DATA, EM, PANEL, POSTERIOR, Place, legend_below, of_component, panel, styled

SQUARE = (4.6, 4.4)
MOST_LETTERS = 30


def estimate(fitted: Fit, feature: int, place: Place = panel) -> Figure:
    """Draw a histogram of one feature with EM's density over it, and each component's share of it."""
    data, counts = fitted.data, fitted.model.counts
    grid = grid_of(data.values[:, feature], counts)
    shares = _shares(data, fitted.mixture.marginal(feature), grid)
    with styled():
        figure, axes = _over_histogram(place, "estimate", data, feature, counts)
        for component, share in enumerate(shares):
            look = of_component(component)
            label = f"component {component + 1}"
            axes.plot(grid, share, color=look.colour, linestyle=look.line, linewidth=1.3, label=label)
        axes.plot(grid, shares.sum(axis=0), color=EM, label="EM")
        legend_below(figure, axes, columns=3)
    return figure


def estimate_in_the_plane(fitted: Fit, place: Place = panel) -> Figure:
    """Draw two features, coloured by responsibility, with each component's mean and its 90 % region."""
    data, k = fitted.data, fitted.model.components
    looks = [of_component(component) for component in range(k)]
    handles = [
        Line2D([], [], color=look.colour, marker=look.marker, label=f"component {number}")
        for number, look in enumerate(looks, 1)
    ]
    with styled():
        figure, axes = _plane(place, "estimate", data)
        draw_clusters(axes, data, fitted.mixture)
        frame(axes, data)
        legend_below(figure, axes, 3, handles)
    return figure


def band(posterior: Posterior, feature: int, place: Place = panel) -> Figure:
    """Draw a histogram of one feature with the posterior's mean density and its 95 % band."""
    data, counts = posterior.data, posterior.model.counts
    grid, tail = grid_of(data.values[:, feature], counts), (1 - PROBABILITY) / 2
    densities = density_among(data, thinned(posterior.mixture, BAND_DRAWS).marginal(feature), grid[:, None])
    lower, upper = np.quantile(densities, [tail, 1 - tail], axis=0)
    with styled():
        figure, axes = _over_histogram(place, "band", data, feature, counts)
        axes.fill_between(grid, lower, upper, color=POSTERIOR, alpha=0.4, linewidth=0, label="posterior 95 % band")
        axes.plot(grid, densities.mean(axis=0), color=POSTERIOR, linewidth=1.1, label="posterior mean")
        legend_below(figure, axes, columns=3)
    return figure


def band_in_the_plane(posterior: Posterior, place: Place = panel) -> Figure:
    """Draw two features with outlines of the posterior density that hold 50, 90 and 95 % of the probability."""
    data = posterior.data
    plane = Plane.around(data.values, cells=100)
    density = np.exp(thinned(posterior.mixture, POSTERIOR_DRAWS).log_density(plane.places)).mean(axis=0)
    with styled():
        figure, axes = _plane(place, "band", data)
        x, y = data.values.T
        axes.scatter(x, y, areas(data), DATA, alpha=0.6, linewidths=0, rasterized=True)
        plane.outline(axes, density, POSTERIOR_SHARES, POSTERIOR, 1.1, "solid")
        label = "50, 90 and 95 % of the posterior density"
        legend_below(figure, axes, 1, [Line2D([], [], color=POSTERIOR, linewidth=1.1, label=label)])
    return figure


def em_intervals(audited: Audit, kind: str | None, place: Place = panel) -> Figure:
    """Draw EM's estimate and interval of every parameter of a kind, one row each."""
    fitted = audited.fitted
    names = symbols(fitted.model, fitted.mixture, fitted.columns)
    errors = audited.standard_errors
    return _intervals(errors.table, names, "estimate", errors.level, kind, place)


def posterior_intervals(posterior: Posterior, kind: str | None, place: Place = panel) -> Figure:
    """Draw the posterior's mean and 95 % interval of every parameter of a kind, one row each."""
    names = symbols(posterior.model, posterior.mixture, posterior.columns)
    return _intervals(posterior.summary, names, "mean", PROBABILITY, kind, place)


def of_kind(names: list[str], kind: str | None) -> list[str]:
    """Return the names of one kind, such as ``"weights"``; unless given, that of the components' places, means or rates.

    Raises
    ------
    ValueError
        When there is no parameter of that kind.
    """
    kinds = list(dict.fromkeys(name.partition("[")[0] for name in names))
    if kind is None:
        kind = next(each for each in kinds if each != "weights")
    require_one_of("kind", kind, kinds)
    return [name for name in names if name.partition("[")[0] == kind]


def _intervals(
    table: pd.DataFrame, names: dict[str, str], point: str, level: float, kind: str | None, place: Place
) -> Figure:
    chosen = table.loc[of_kind(list(table.index), kind)]
    rows = np.arange(len(chosen))
    colour, marker = (EM, "^") if point == "estimate" else (POSTERIOR, "|")
    with styled():
        words = "Intervals of the parameters, one row each"
        figure, axes = place("intervals", words, (PANEL[0], 1.3 + 0.25 * len(chosen)))
        axes.hlines(
            rows, chosen["lower"], chosen["upper"], colour, linewidth=5, alpha=0.35, label=f"{100 * level:g} % interval"
        )
        look: dict[str, Any] = {"markersize": 9, "markerfacecolor": "none", "markeredgewidth": 1.4}
        axes.plot(chosen[point], rows, marker, color=colour, label=point, **look)
        axes.set_yticks(rows, [shortened(names[str(name)], MOST_LETTERS) for name in chosen.index])
        axes.set_ylim(len(chosen) - 0.4, -0.6)
        axes.grid(visible=False, axis="y")
        legend_below(figure, axes, columns=2)
    return figure


def _shares(data: Data, mixture: Mixture, grid: Array) -> Array:
    """Return each component's weight times its density among the data, shape ``(k, points)``."""
    alone = [Mixture(np.ones(1), mixture.components.take(np.array([each]))) for each in range(len(mixture.weights))]
    return np.array(
        [
            weight * density_among(data, component, grid[:, None])
            for weight, component in zip(mixture.weights, alone, strict=True)
        ]
    )


def _over_histogram(place: Place, name: str, data: Data, feature: int, counts: bool) -> tuple[Figure, Axes]:
    column = shortened(data.columns[feature])
    figure, axes = place(f"{name}-{feature + 1}", f"Histogram of {column} with a density over it", PANEL)
    histogram(axes, data, feature, counts)
    axes.set_xlabel(column)
    axes.set_ylabel("probability" if counts else "density")
    axes.xaxis.set_major_locator(MaxNLocator(7, integer=counts))
    axes.grid(visible=False)
    return figure, axes


def _plane(place: Place, name: str, data: Data) -> tuple[Figure, Axes]:
    x, y = (shortened(column) for column in data.columns)
    figure, axes = place(name, f"Scatter of {x} and {y}", SQUARE)
    axes.set_xlabel(x)
    axes.set_ylabel(y)
    axes.grid(visible=False)
    return figure, axes
