"""What people know from simulation studies: coverage against n, bias and RMSE on logarithmic axes, and the zip plot."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator, PercentFormatter
from scipy import special

from models import Array

from ..figures.style import EM, MAP, PANEL, POSTERIOR, TRUTH, blank, legend_below, styled
from ..names import symbols
from .study import Study
from .tables import CREDIBLE, WALD

MOST_PARAMETERS = 12
COLUMNS = 3
MOST_ZIPPED = 200
# How each method is drawn: colour, marker, line style.
LOOKS = {
    "MLE": (EM, "o", "-"),
    "MAP": (MAP, "D", "-."),
    "posterior mean": (POSTERIOR, "s", "--"),
    WALD: (EM, "o", "-"),
    CREDIBLE: (POSTERIOR, "s", "--"),
}
INTERVALS = {WALD: "Wald interval of EM", CREDIBLE: "credible interval"}


def shown_parameters(study: Study) -> list[str]:
    """All parameters; of very many those whose coverage is farthest from the level anywhere, in the model's order."""
    gaps = [(study.values(method, "coverage") - study.design.level).abs().max(axis=1) for method in (WALD, CREDIBLE)]
    worst = pd.concat(gaps, axis=1).max(axis=1).fillna(np.inf)
    chosen = set(worst.sort_values(ascending=False, kind="stable").index[:MOST_PARAMETERS])
    return [name for name in study.design.true_values if name in chosen]


def coverage(study: Study) -> Figure:
    """The share of intervals that hold the truth against n, with 95 % intervals of that share (Wilson 1927)."""
    with styled():
        figure, panels = _panels("coverage", "Coverage of the intervals of each parameter against the size", study)
        for name, axes in panels.items():
            axes.axhline(study.design.level, color=TRUTH, linestyle=":", linewidth=1.3, label="aim")
            for shift, method in ((0.96, WALD), (1.04, CREDIBLE)):
                share = study.values(method, "coverage").loc[name].to_numpy(dtype=np.float64)
                count = study.values(method, "coverage", "replicates").loc[name].to_numpy(dtype=np.float64)
                sizes = np.array(study.design.sizes) * shift
                _line(axes, sizes, share, wilson(share, count), method, INTERVALS[method])
            axes.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
        legend_below(figure, next(iter(panels.values())), columns=3)
    return figure


def meter(study: Study) -> Figure:
    """The spread of the posterior over the standard error against n, with two Monte Carlo errors to each side."""
    with styled():
        figure, panels = _panels("meter", "Posterior standard deviation over standard error against the size", study)
        for name, axes in panels.items():
            axes.axhline(1, color=TRUTH, linestyle=":", linewidth=1.3, label="large-sample limit")
            value = study.values("large-sample meter", "sd ratio").loc[name].to_numpy(dtype=np.float64)
            error = study.values("large-sample meter", "sd ratio", "mcse").loc[name].to_numpy(dtype=np.float64)
            ends = (value - 2 * error, value + 2 * error)
            _line(axes, np.array(study.design.sizes), value, ends, CREDIBLE, "mean sd ratio")
        legend_below(figure, next(iter(panels.values())), columns=3)
    return figure


def slopes(study: Study, quantity: str) -> Figure:
    """``"bias"`` (its size) or ``"RMSE"`` against n on logarithmic axes, with two Monte Carlo errors to each side."""
    # A root-n rate is a line of slope −1/2, and the bias of a regular estimate falls as 1/n.
    power, words = {"bias": (-1.0, "slope −1"), "RMSE": (-0.5, "slope −½")}[quantity]
    with styled():
        figure, panels = _panels(quantity.lower(), f"{quantity} of each parameter against the size", study)
        for name, axes in panels.items():
            sizes = np.array(study.design.sizes, dtype=np.float64)
            for method in ("MLE", "MAP", "posterior mean"):
                value = study.values(method, quantity).loc[name].abs().to_numpy(dtype=np.float64)
                error = study.values(method, quantity, "mcse").loc[name].to_numpy(dtype=np.float64)
                # On a logarithmic axis a bar that reaches zero would have no end.
                ends = (np.maximum(value - 2 * error, value / 10), value + 2 * error)
                _line(axes, sizes, value, ends, method, method)
                if method == "MLE" and np.isfinite(value[0]) and value[0] > 0:
                    axes.plot(
                        sizes,
                        value[0] * (sizes / sizes[0]) ** power,
                        color=TRUTH,
                        linestyle=":",
                        linewidth=1.2,
                        label=words,
                    )
            axes.set_yscale("log")
        legend_below(figure, next(iter(panels.values())), columns=2)
    return figure


def zip_plot(study: Study, size: int, method: str, parameter: str) -> Figure:
    """The intervals of one parameter, the worst at the top: those that miss the truth stand out (Morris and others 2019)."""
    lower, upper, estimate, error = _intervals(study, size, method, parameter)
    truth = study.design.true_values[parameter]
    order = np.argsort(np.abs(estimate - truth) / error, kind="stable")
    height = np.empty(len(order))
    height[order] = 100 * np.arange(1, len(order) + 1) / len(order)
    # Of very many an even share is drawn.
    drawn = order[np.unique(np.linspace(0, len(order) - 1, min(MOST_ZIPPED, len(order))).astype(int))]
    covers = (lower <= truth) & (truth <= upper)
    name = symbols(study.design.model, study.design.truth, study.design.columns)[parameter]
    with styled():
        figure = blank(
            f"zip-{method.lower()}-{size}",
            f"Zip plot of the {INTERVALS[method]}s of {name} at n = {size}",
            (PANEL[0], PANEL[1] + 0.6),
        )
        axes = figure.add_subplot()
        for inside, colour, label in ((True, POSTERIOR, "holds the truth"), (False, EM, "misses it")):
            chosen = drawn[covers[drawn] == inside]
            axes.hlines(
                height[chosen],
                lower[chosen],
                upper[chosen],
                colour,
                linewidth=1.1 if inside else 1.8,
                alpha=0.55 if inside else 1,
                label=label,
            )
        axes.axvline(truth, color=TRUTH, linestyle=":", linewidth=1.3, label="truth")
        axes.axhline(100 * study.design.level, color=TRUTH, linewidth=0.8)
        axes.set_ylim(0, 101)
        axes.set_xlabel(name)
        axes.set_ylabel("centile of |estimate − truth| / SE")
        axes.set_title(f"{INTERVALS[method]}, n = {size:,}: {covers.mean():.1%} hold it")
        legend_below(figure, axes, columns=3)
    return figure


def zipped_parameter(study: Study) -> str:
    """The parameter whose Wald intervals are farthest from their aim at the smallest size."""
    gap = (study.values(WALD, "coverage")[min(study.design.sizes)] - study.design.level).abs()
    return str(gap.fillna(-1).idxmax())


def wilson(share: Array, count: Array) -> tuple[Array, Array]:
    """The ends of the 95 % interval of a share (Wilson 1927), which has a length also when the share is one."""
    z = special.ndtri(0.975)
    with np.errstate(divide="ignore", invalid="ignore"):
        centre = (share + z**2 / (2 * count)) / (1 + z**2 / count)
        half = z / (1 + z**2 / count) * np.sqrt(share * (1 - share) / count + z**2 / (4 * count**2))
    return centre - half, centre + half


def _intervals(study: Study, size: int, method: str, parameter: str) -> tuple[Array, Array, Array, Array]:
    """Lower and upper ends, estimates and their standard deviations, of the replicates that count."""
    counts, columns = {
        WALD: ("em", ["wald_lower", "wald_upper", "mle", "mle_error"]),
        CREDIBLE: ("chains", ["lower", "upper", "mean", "sd"]),
    }[method]
    table = study.replicates
    chosen = table[(table["size"] == size) & (table["parameter"] == parameter) & table[counts]]
    values = chosen[columns].to_numpy(dtype=np.float64)
    lower, upper, estimate, error = values[np.isfinite(values).all(axis=1)].T
    return lower, upper, estimate, error


def _panels(name: str, description: str, study: Study) -> tuple[Figure, dict[str, Axes]]:
    """A panel for each shown parameter, with n on a logarithmic axis."""
    shown = shown_parameters(study)
    names = symbols(study.design.model, study.design.truth, study.design.columns)
    columns = min(COLUMNS, len(shown))
    rows = -(-len(shown) // columns)
    figure = blank(name, description, (max(PANEL[0], 3.1 * columns), 0.9 + 2.3 * rows))
    grid = figure.subplots(rows, columns, squeeze=False).ravel()
    for axes in grid[len(shown) :]:
        axes.remove()
    panels = dict(zip(shown, grid, strict=False))
    for parameter, axes in panels.items():
        axes.set_title(names[parameter])
        axes.set_xscale("log")
        axes.xaxis.set_major_locator(FixedLocator(study.design.sizes))
        axes.xaxis.set_minor_locator(NullLocator())
        axes.xaxis.set_major_formatter(FuncFormatter(lambda size, _: f"{size:g}"))
    for axes in list(panels.values())[-columns:]:
        axes.set_xlabel("observations n")
    return figure, panels


def _line(axes: Axes, sizes: Array, value: Array, ends: tuple[Array, Array], method: str, label: str) -> None:
    colour, marker, line = LOOKS[method]
    reach = np.maximum(np.array([value - ends[0], ends[1] - value]), 0)
    axes.errorbar(
        sizes,
        value,
        yerr=reach,
        color=colour,
        marker=marker,
        linestyle=line,
        markersize=5,
        linewidth=1.4,
        capsize=2.5,
        label=label,
    )
