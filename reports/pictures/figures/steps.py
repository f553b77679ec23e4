"""EM step by step: the components, and whose each observation is, after each of some steps."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter, MaxNLocator

from em import Fit
from models import Array, Mixture

from ...comparing.density import grid_of
from ...presenting.figures.climb import of_steps, thinned_steps
from ...presenting.figures.plane import draw_clusters, frame, outline_component
from ...presenting.figures.style import DATA, EM, INK, MOST_NAMED, TRUTH, blank, of_component, panel, styled
from ...presenting.names import shortened
from .line import HEADROOM, draw_components, draw_observations, draw_truth, heights

MOST_PANELS = 12
KEYS = {
    1: "* colours mixed by responsibility",
    2: "* colours mixed by responsibility\nrings hold 90 % of a component",
}
PANEL_OF_MANY = {1: (3.3, 2.3), 2: (3.3, 3.1)}
PANEL_ALONE = {1: (4.6, 3.8), 2: (4.6, 4.7)}
# Up to so many steps each has a point; up to so many an even place on the axis: of more the first are drawn wider.
MOST_POINTS = 60
MOST_EVEN_STEPS = 250
FIRST_STEPS = 10


def visited(fit: Fit) -> list[Mixture]:
    """Return every mixture that EM visited, with the components in the order of the estimate.

    Raises
    ------
    ValueError
        When the fit did not keep its path.
    """
    if not fit.climb.path:
        raise ValueError("fit has no path: make it with keep_path=True.")
    order = np.argsort(fit.climb.mixture.components.location(), kind="stable")
    return [mixture.relabel(order) for mixture in fit.climb.path]


def stages(fit: Fit, shown: Sequence[int], truth: Mixture | None = None) -> Figure:
    """Draw a panel for each of these steps (an even selection of very many), 0 being the start, of one or two features.

    Of one feature it shows each component's density times its weight, of two the region that holds 90 % of each
    component and its mean; the truth, when known, is dashed. An observation has the components' colours mixed by its
    responsibilities.
    """
    chosen = _evenly(shown)
    columns = min(2, len(chosen))
    rows = -(-len(chosen) // columns)
    width, height = PANEL_OF_MANY[fit.data.dimension]
    with styled():
        figure = blank("stages", f"EM after {_listed(chosen)} steps", (width * columns, height * rows + 1.1))
        panels = figure.subplots(rows, columns, sharex=True, sharey=True, squeeze=False)
        for place, axes in enumerate(panels.ravel()):
            axes.set_visible(place < len(chosen))
            if place < len(chosen):
                _draw_step(axes, fit, chosen[place], chosen, truth)
            axes.label_outer()
        _legend(figure, fit, truth is not None)
    return figure


def step(fit: Fit, number: int, shown: Sequence[int] = (), truth: Mixture | None = None) -> Figure:
    """Draw one step on its own, on the axes that it shares with the others that are ``shown``."""
    with styled():
        size = PANEL_ALONE[fit.data.dimension]
        figure, axes = panel(f"step-{number}", f"EM after {number} steps", size)
        _draw_step(axes, fit, number, [*shown, number], truth)
        _legend(figure, fit, truth is not None)
    return figure


def ascent(fit: Fit, shown: Sequence[int] = ()) -> Figure:
    """Draw the log-likelihood after each step, with those steps marked that other pictures show."""
    values = fit.climb.log_likelihood
    steps = thinned_steps(len(values))
    with styled():
        figure, axes = panel("log-likelihood", "EM's log-likelihood after each step")
        axes.plot(steps, values[steps], color=EM, marker="o" if len(values) <= MOST_POINTS else None, markersize=3)
        marked = list(shown)
        axes.plot(marked, values[marked], "o", color=INK, markersize=7, markerfacecolor="none")
        of_steps(axes)
        if len(values) > MOST_EVEN_STEPS:
            axes.set_xscale("symlog", linthresh=FIRST_STEPS, linscale=1.5)
            axes.set_xticks(_ticks(len(values) - 1))
            axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
            axes.set_xlabel(f"step, wider up to {FIRST_STEPS}")
        axes.set_ylabel("log-likelihood")
        handles = [Line2D([], [], marker="o", linestyle="none", color=INK, markerfacecolor="none", label="shown step")]
        keys = handles if marked else []
        figure.legend(handles=keys, loc="outside lower center", title=start_of(fit), title_fontsize=10)
    return figure


def start_of(fit: Fit) -> str:
    """Return where EM started, for a legend."""
    return f"start: {fit.starts[0].kind}" if len(fit.starts) == 1 else f"start: the best of {len(fit.starts)}"


def component_keys(components: int, weights: Array | None = None) -> list[Line2D]:
    """Return a legend's entries for the components, with their weights when given; of very many the first."""
    keys = []
    for component in range(min(components, MOST_NAMED)):
        look = of_component(component)
        weight = "" if weights is None else f": weight {weights[component]:.2f}"
        keys.append(
            Line2D(
                [], [], color=look.colour, marker=look.marker, markersize=6, label=f"component {component + 1}{weight}"
            )
        )
    return keys


def _draw_step(axes: Axes, fit: Fit, number: int, shown: Sequence[int], truth: Mixture | None) -> None:
    path = visited(fit)
    draw = _draw_line if fit.data.dimension == 1 else _draw_plane
    draw(axes, fit, path[number], [path[other] for other in shown], truth)
    name = "start" if number == 0 else f"step {number}"
    value = f"{fit.climb.log_likelihood[number]:,.2f}".replace("-", "−")
    axes.set_title(f"{name}: log-likelihood {value}", fontsize=10)
    axes.set_xlabel(shortened(fit.data.columns[0]))
    axes.grid(visible=False)


def _draw_line(axes: Axes, fit: Fit, mixture: Mixture, others: list[Mixture], truth: Mixture | None) -> None:
    grid = grid_of(fit.data.values[:, 0], fit.model.counts)
    known = [] if truth is None else [truth]
    if truth is not None:
        draw_truth(axes, fit.data, truth, grid)
    draw_components(axes, fit.data, mixture, grid)
    draw_observations(axes, fit.data, mixture)
    axes.set_xlim(grid[0], grid[-1])
    axes.set_ylim(0, HEADROOM * max(float(heights(fit.data, drawn, grid).max()) for drawn in [*others, *known]))
    axes.set_ylabel("weight × probability" if fit.model.counts else "weight × density")
    axes.xaxis.set_major_locator(MaxNLocator(6, integer=fit.model.counts))


def _draw_plane(axes: Axes, fit: Fit, mixture: Mixture, others: list[Mixture], truth: Mixture | None) -> None:
    if truth is not None:
        for component in range(len(truth.weights)):
            outline_component(axes, truth.components, component, TRUTH, "dashed", 0.9)
    draw_clusters(axes, fit.data, mixture)
    frame(axes, fit.data)
    axes.set_ylabel(shortened(fit.data.columns[1]))


def _legend(figure: Figure, fit: Fit, truth: bool) -> None:
    known = [Line2D([], [], color=TRUTH, linestyle=(0, (4, 3)), linewidth=1.2, label="truth")] if truth else []
    observation = Line2D([], [], color=DATA, marker="o", linestyle="none", markersize=4, label="observation*")
    figure.legend(
        handles=[*component_keys(fit.model.components), *known, observation],
        loc="outside lower center",
        ncols=3,
        handlelength=1.6,
        columnspacing=1.2,
        title=f"{start_of(fit)}\n{KEYS[fit.data.dimension]}",
        title_fontsize=10,
    )


def _evenly(shown: Sequence[int]) -> list[int]:
    places = np.linspace(0, len(shown) - 1, min(MOST_PANELS, len(shown)))
    return [shown[round(place)] for place in places]


def _listed(steps: Sequence[int]) -> str:
    return ", ".join(map(str, steps))


def _ticks(last: int) -> list[int]:
    powers = [10**power for power in range(1, len(str(last)))]
    return [0, 2, 4, 6, 8, *powers]
