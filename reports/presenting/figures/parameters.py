"""Where the estimates lie in the posterior: all parameters on one scale, and each on its own."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from ...comparing.side_by_side import SideBySide
from ..names import parameter_names, shortened
from .style import EM, GIVEN, MAP, PANEL, POSTERIOR, SMALL_PANEL, TRUTH, Place, legend_below, panel, styled

MOST_PARAMETERS = 36
BINS = 40
# A longer label, such as that of a covariance of two columns with long names, would leave no room for the figure.
MOST_LETTERS = 30
# How each estimate is drawn: column of the table, label, colour, line style and width, marker and size.
# The widest first, so that none is hidden where all are the same.
ESTIMATES = (
    ("mle", "maximum likelihood", EM, "-", 2.6, "^", 9),
    ("map", "maximum a posteriori", MAP, "-.", 1.3, "D", 6),
    ("mean", "posterior mean", POSTERIOR, "--", 1.3, "|", 10),
    ("truth", "truth", TRUTH, ":", 1.3, "x", 6),
    ("given", "the given estimate", GIVEN, (0, (8, 2)), 1.6, "s", 7),
)


def shown_parameters(comparison: SideBySide) -> list[str]:
    """Choose all parameters; of very many those farthest from the posterior mean, in the model's order."""
    shifts = comparison.parameters["shift"].abs()
    chosen = set(shifts.nlargest(MOST_PARAMETERS).index)
    return [str(name) for name in shifts.index if name in chosen]


def forest(comparison: SideBySide, place: Place = panel) -> Figure:
    """Draw every parameter in posterior standard deviations from its posterior mean, one row each."""
    shown, names = shown_parameters(comparison), parameter_names(comparison)
    table = comparison.parameters.loc[shown]
    standardised = table.sub(table["mean"], axis=0).div(table["sd"], axis=0)
    rows = np.arange(len(shown))
    with styled():
        height = 1.3 + 0.2 * len(shown)
        figure, axes = place("forest", "Every parameter's estimates in units of its posterior", (PANEL[0], height))
        axes.hlines(
            rows,
            standardised["lower"],
            standardised["upper"],
            POSTERIOR,
            linewidth=5,
            alpha=0.35,
            label="95 % interval",
        )
        for column, label, colour, _, _, marker, size in ESTIMATES:
            if column in table:
                axes.plot(
                    standardised[column],
                    rows,
                    marker,
                    color=colour,
                    markersize=size,
                    label=label,
                    markerfacecolor="none",
                    markeredgewidth=1.4,
                )
        axes.set_yticks(rows, [shortened(names[name], MOST_LETTERS) for name in shown])
        axes.set_ylim(len(shown) - 0.4, -0.6)
        axes.set_xlabel("posterior SDs from the mean")
        axes.grid(visible=False, axis="y")
        legend_below(figure, axes, columns=2)
    return figure


def posterior(comparison: SideBySide, parameter: str, small: bool = False, place: Place = panel) -> Figure:
    """Draw the posterior of one parameter with every estimate marked; a small one has no legend."""
    number, label = list(comparison.parameters.index).index(parameter), parameter_names(comparison)[parameter]
    with styled():
        figure, axes = place(
            f"posterior-{number + 1}",
            f"Posterior of {label} with the estimates marked",
            SMALL_PANEL if small else PANEL,
        )
        _posterior_histogram(axes, np.ravel(comparison.posterior.scalars[parameter]))
        _estimates(axes, comparison, parameter)
        axes.set_yticks([])
        axes.spines["left"].set_visible(False)
        axes.xaxis.set_major_locator(MaxNLocator(3 if small else 6))
        axes.set_title(label)
        axes.grid(visible=False)
        if not small:
            legend_below(figure, axes, columns=2)
    return figure


def _posterior_histogram(axes: Axes, draws: np.ndarray[tuple[int], np.dtype[np.float64]]) -> None:
    # The farthest draw in a thousand to each side would squeeze all others into a few bars.
    low, high = np.quantile(draws, [0.001, 0.999])
    heights, edges = np.histogram(draws, BINS, range=(low, high), density=True)
    axes.stairs(heights, edges, fill=True, color=POSTERIOR, alpha=0.3)
    axes.stairs(heights, edges, color=POSTERIOR, linewidth=0.8)


def _estimates(axes: Axes, comparison: SideBySide, parameter: str) -> None:
    row = comparison.parameters.loc[parameter].to_dict()
    for column, label, colour, line, width, _, _ in ESTIMATES:
        if column in row:
            axes.axvline(row[column], color=colour, linestyle=line, linewidth=width, label=label)
