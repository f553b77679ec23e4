"""EM's responsibilities against the posterior's probabilities of membership."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from models import Array, component_in_words

from ...comparing.density import BAND_DRAWS, thinned
from ...comparing.side_by_side import SideBySide
from ..names import rate_of, shortened
from .style import INK, PANEL, Place, legend_below, of_component, panel, styled

MOST_VECTOR_POINTS, CURVE_POINTS = 300, 201
# Two names with such labels fit beside each other.
SHORT_LABEL = 8
BAND = (0.025, 0.975)


def memberships(comparison: SideBySide, place: Place = panel) -> Figure:
    """Draw one point for each observation and component: EM's responsibility across, the posterior's probability up."""
    many = comparison.responsibilities.size > MOST_VECTOR_POINTS
    with styled():
        figure, axes = place("memberships", "EM's responsibilities against posterior membership probabilities", PANEL)
        axes.plot([0, 1], [0, 1], color=INK, linewidth=0.8)
        for component in range(comparison.model.components):
            look = of_component(component)
            em, bayes = comparison.responsibilities[:, component], comparison.membership[:, component]
            axes.plot(
                em,
                bayes,
                look.marker,
                color=look.colour,
                alpha=0.75,
                markersize=4.5,
                markeredgewidth=0,
                rasterized=many,
                label=of_label(comparison, component),
            )
        axes.set_xlabel("EM: responsibility")
        axes.set_ylabel("posterior probability")
        legend_below(figure, axes, columns=_columns(comparison, 3))
    return figure


def _columns(comparison: SideBySide, most: int) -> int:
    """Return how many names stand beside each other in a legend: labels make them long."""
    longest = max(map(len, comparison.data.labels), default=0)
    return most if not longest else 2 if longest <= SHORT_LABEL else 1


def of_label(comparison: SideBySide, component: int) -> str:
    """Return the name of a component in a legend, with its label where one is known."""
    return component_in_words(component, tuple(map(shortened, comparison.data.labels)))


def membership_curves(comparison: SideBySide, place: Place = panel) -> Figure:
    """Draw which component a value of a single feature belongs to, by EM and by the posterior with its 95 % band."""
    data, grid = comparison.data, comparison.densities[0].grid
    values, exposure, at = grid, None, ""
    if data.is_exposed:
        # As many events as such a rate leads to in the mean exposure, whole or not.
        mean, grid = data.total_exposure / data.size, np.linspace(0, grid[-1], CURVE_POINTS)
        values, exposure = mean * grid, np.full(len(grid), mean)
        at = f" ({shortened(data.exposure_column)} = {mean:.3g})"
    em = comparison.em.mixture.responsibilities(values[:, None], exposure)
    draws = thinned(comparison.posterior.mixture, BAND_DRAWS).responsibilities(values[:, None], exposure)
    lower, upper = np.quantile(draws, BAND, axis=0)
    with styled():
        figure, axes = place(
            "membership-curves", "Probability of each component along the data, by both methods", PANEL
        )
        for component in range(comparison.model.components):
            label, of_one = of_label(comparison, component), (each[:, component] for each in (em, lower, upper))
            _curve(axes, grid, component, label, *of_one)
        axes.set_xlabel(rate_of(data, 0) + at)
        axes.set_ylabel("probability")
        legend_below(figure, axes, columns=_columns(comparison, 4))
    return figure


def _curve(axes: Axes, grid: Array, component: int, label: str, em: Array, lower: Array, upper: Array) -> None:
    look = of_component(component)
    axes.fill_between(grid, lower, upper, color=look.colour, alpha=0.25, linewidth=0)
    axes.plot(grid, em, color=look.colour, linestyle=look.line, label=label)
