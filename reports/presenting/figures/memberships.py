"""EM's responsibilities against the posterior's probabilities of membership."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from models import Array

from ...comparing.density import BAND_DRAWS, thinned
from ...judging.comparison import Comparison
from ..names import rate_of, shortened
from .style import INK, legend_below, of_component, panel, styled

MOST_VECTOR_POINTS, CURVE_POINTS = 300, 201
BAND = (0.025, 0.975)


def memberships(comparison: Comparison) -> Figure:
    """Draw one point for each observation and component: EM's responsibility across, the posterior's probability up."""
    many = comparison.responsibilities.size > MOST_VECTOR_POINTS
    with styled():
        figure, axes = panel("memberships", "EM's responsibilities against posterior membership probabilities")
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
                label=f"component {component + 1}",
            )
        axes.set_xlabel("EM: responsibility")
        axes.set_ylabel("posterior probability")
        legend_below(figure, axes, columns=3)
    return figure


def membership_curves(comparison: Comparison) -> Figure:
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
        figure, axes = panel("membership-curves", "Probability of each component along the data, by both methods")
        for component in range(comparison.model.components):
            _curve(axes, grid, component, em[:, component], lower[:, component], upper[:, component])
        axes.set_xlabel(rate_of(data, 0) + at)
        axes.set_ylabel("probability")
        legend_below(figure, axes)
    return figure


def _curve(axes: Axes, grid: Array, component: int, em: Array, lower: Array, upper: Array) -> None:
    look = of_component(component)
    axes.fill_between(grid, lower, upper, color=look.colour, alpha=0.25, linewidth=0)
    axes.plot(grid, em, color=look.colour, linestyle=look.line, label=f"component {component + 1}")
