"""EM's responsibilities against the posterior's probabilities of membership."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from models import Array

from ...comparing.density import BAND_DRAWS, thinned
from ...comparing.side_by_side import SideBySide
from ..names import shortened
from .style import INK, PANEL, Place, legend_below, of_component, panel, styled

MOST_VECTOR_POINTS = 300
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
                label=f"component {component + 1}",
            )
        axes.set_xlabel("EM: responsibility")
        axes.set_ylabel("posterior probability")
        legend_below(figure, axes, columns=3)
    return figure


def membership_curves(comparison: SideBySide, place: Place = panel) -> Figure:
    """Draw which component a value of a single feature belongs to, by EM and by the posterior with its 95 % band."""
    grid = comparison.densities[0].grid
    data, exposure, at = comparison.data, None, ""
    if data.is_exposed:
        mean = data.total_exposure / data.size
        exposure, at = np.full(len(grid), mean), f" at the mean of {shortened(data.exposure_column)}, {mean:.3g}"
    em = comparison.em.mixture.responsibilities(grid[:, None], exposure)
    draws = thinned(comparison.posterior.mixture, BAND_DRAWS).responsibilities(grid[:, None], exposure)
    lower, upper = np.quantile(draws, BAND, axis=0)
    with styled():
        figure, axes = place(
            "membership-curves", "Probability of each component along the data, by both methods", PANEL
        )
        for component in range(comparison.model.components):
            _curve(axes, grid, component, em[:, component], lower[:, component], upper[:, component])
        axes.set_xlabel(shortened(data.columns[0]) + at)
        axes.set_ylabel("probability")
        legend_below(figure, axes)
    return figure


def _curve(axes: Axes, grid: Array, component: int, em: Array, lower: Array, upper: Array) -> None:
    look = of_component(component)
    axes.fill_between(grid, lower, upper, color=look.colour, alpha=0.25, linewidth=0)
    axes.plot(grid, em, color=look.colour, linestyle=look.line, label=f"component {component + 1}")
