"""Two features against each other: the observations, EM's components and the posterior density."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from models import Array, Components, Data, Mixture

from ...comparing.density import thinned
from ...comparing.side_by_side import SideBySide
from ..names import shortened
from .style import EM, GIVEN, INK, POSTERIOR, TRUTH, Place, blended, legend_below, of_component, panel, styled

POSTERIOR_DRAWS = 40
POSTERIOR_SHARES = (0.95, 0.9, 0.5)
COMPONENT_SHARE = 0.9


@dataclass(frozen=True)
class Plane:
    """A regular grid, ``x`` and ``y`` of shape ``(points,)``."""

    x: Array
    y: Array

    @classmethod
    def around(cls, points: Array, cells: int) -> Plane:
        """Make the grid over points of shape ``(n, 2)`` and a little beyond."""
        low, high = points.min(axis=0), points.max(axis=0)
        margin = 0.08 * (high - low)
        x, y = np.linspace(low - margin, high + margin, cells).T
        return cls(x, y)

    @property
    def places(self) -> Array:
        """The points of the grid, shape ``(x·y, 2)``."""
        return np.stack(np.meshgrid(self.x, self.y), axis=-1).reshape(-1, 2)

    def outline(
        self, axes: Axes, density: Array, shares: tuple[float, ...], colour: str, width: float, line: str
    ) -> None:
        """Draw outlines of the regions of highest density that hold these shares of the probability."""
        height = density.reshape(len(self.y), len(self.x))
        levels = sorted({highest_density_level(density, share) for share in shares})
        drawn = [level for level in levels if height.min() < level < height.max()]
        if drawn:
            axes.contour(self.x, self.y, height, drawn, colors=colour, linewidths=width, linestyles=line)


def scatter(comparison: SideBySide, place: Place = panel) -> Figure:
    """Draw the observations with each component's 90 % region by EM (and in truth) and the posterior density's outlines."""
    x, y = (shortened(column) for column in comparison.data.columns)
    description = f"Scatter of {x} and {y} with the components of EM and the posterior density"
    with styled():
        figure, axes = place("scatter", description, (4.6, 4.4))
        draw_plane(axes, comparison)
        axes.set_xlabel(x)
        axes.set_ylabel(y)
        axes.grid(visible=False)
        _legend(figure, axes, comparison)
    return figure


def draw_plane(axes: Axes, comparison: SideBySide) -> None:
    """Draw observations, posterior density, EM's components and the true ones, the last on top."""
    _observations(axes, comparison)
    plane = Plane.around(comparison.data.values, cells=100)
    draws = thinned(comparison.posterior.mixture, POSTERIOR_DRAWS)
    predictive = np.exp(draws.log_density(plane.places)).mean(axis=0)
    plane.outline(axes, predictive, POSTERIOR_SHARES, POSTERIOR, 0.9, "solid")
    _components(axes, comparison.em.mixture, EM, "solid")
    if comparison.truth is not None:
        _components(axes, comparison.truth, TRUTH, "dashed")
    if comparison.given is not None:
        _components(axes, comparison.given, GIVEN, "dashdot")


def highest_density_level(density: Array, share: float) -> float:
    """Return the density above which that share of the probability on a regular grid lies."""
    descending = np.sort(density, axis=None)[::-1]
    held = np.cumsum(descending)
    return float(descending[np.searchsorted(held, share * held[-1])])


def _observations(axes: Axes, comparison: SideBySide) -> None:
    """Draw each in the colour of the component that EM thinks likeliest, the heavier the larger."""
    data, likeliest = comparison.selection, comparison.responsibilities.argmax(axis=1)
    size = areas(data)
    for component in range(comparison.model.components):
        look, chosen = of_component(component), likeliest == component
        x, y = data.values[chosen].T
        axes.scatter(x, y, size[chosen], look.colour, marker=look.marker, alpha=0.5, linewidths=0, rasterized=True)


def _components(axes: Axes, mixture: Mixture, colour: str, line: str) -> None:
    for component in range(len(mixture.weights)):
        outline_component(axes, mixture.components, component, colour, line)


def outline_component(
    axes: Axes, components: Components, component: int, colour: str, line: str, width: float = 1.5
) -> None:
    """Draw the outline of the component's region of highest density that holds 90 % of it: of a Gaussian, an ellipse."""
    plane = _plane_of(components, component)
    density = np.exp(components.log_density(plane.places)[:, component])
    plane.outline(axes, density, (COMPONENT_SHARE,), colour, width, line)


def draw_clusters(axes: Axes, data: Data, mixture: Mixture) -> None:
    """Draw each observation in the colours mixed by its responsibilities; each component's 90 % region and its mean."""
    colours = blended(mixture.responsibilities(data.values, data.exposure))
    x, y = data.values.T
    axes.scatter(x, y, areas(data), colours, linewidths=0, rasterized=True)
    for component, mean in enumerate(component_means(mixture)):
        look = of_component(component)
        outline_component(axes, mixture.components, component, INK, "solid", 3.2)
        outline_component(axes, mixture.components, component, look.colour, "solid", 1.8)
        axes.plot(*mean, look.marker, color=look.colour, markersize=9, markeredgecolor=INK, markeredgewidth=1.2)


def component_means(mixture: Mixture) -> Array:
    """Return the mean of each component, shape ``(k, 2)``."""
    return np.stack([mixture.components.marginal(feature).location() for feature in (0, 1)], axis=-1)


def frame(axes: Axes, data: Data) -> None:
    """Set the limits to the observations and a little beyond, whatever else is drawn."""
    plane = Plane.around(data.values, cells=2)
    axes.set_xlim(*plane.x)
    axes.set_ylim(*plane.y)


def areas(data: Data) -> Array:
    """Return how large to draw each observation in square points: the more there are the smaller, the heavier the larger."""
    return np.asarray(np.clip(6000 / len(data.values), 2, 20) * np.sqrt(data.weights / data.weights.mean()))


def _plane_of(components: Components, component: int) -> Plane:
    """Make a grid as narrow as the component itself, since one over all data may step over it."""
    points = components.sample(np.full(1000, component), np.random.default_rng(0))
    return Plane.around(points, cells=100)


def _legend(figure: Figure, axes: Axes, comparison: SideBySide) -> None:
    lines = [
        Line2D([], [], color=EM, label="EM: 90 % of a component"),
        Line2D([], [], color=POSTERIOR, linewidth=0.9, label="posterior density"),
    ]
    known = [Line2D([], [], color=TRUTH, linestyle="dashed", label="truth")] if comparison.truth is not None else []
    if comparison.given is not None:
        known.append(Line2D([], [], color=GIVEN, linestyle="dashdot", label="given"))
    legend_below(figure, axes, 2, [*lines, *known])
