"""What people know from simulation studies: coverage against n, bias and RMSE on logarithmic axes, and the zip plot."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, FuncFormatter, LogLocator, NullFormatter, NullLocator, PercentFormatter

from models import Array

from ...presenting.figures.style import DATA, EM, MAP, PANEL, POSTERIOR, TRUTH, Place, legend_below, panel, styled
from ...presenting.names import symbols
from ..simulated import unit_of_rates
from .design import Design
from .proportion import wilson
from .study import Study
from .tables import BOOTSTRAP, CREDIBLE, ESTIMATES, SANDWICH, WALD

MOST_PARAMETERS = 12
SIZE = (PANEL[0], 2.9)
# A root-n rate is a line of slope −1/2, and the bias of a regular estimate falls as 1/n.
RATES = {"bias": -1.0, "RMSE": -0.5}
MOST_ZIPPED = 200
# So many times 1/√m independent draws of a normal distribution are from it, on average (Wasserstein).
NOISE = 1.3
# How each method is drawn: colour, marker, line style.
LOOKS = {
    "MLE": (EM, "o", "-"),
    "MAP": (MAP, "D", "-."),
    "posterior mean": (POSTERIOR, "s", "--"),
    WALD: (EM, "o", "-"),
    SANDWICH: (DATA, "^", ":"),
    BOOTSTRAP: (MAP, "D", "-."),
    CREDIBLE: (POSTERIOR, "s", "--"),
}
INTERVALS = {WALD: "Wald interval of EM", SANDWICH: "sandwich interval of EM", CREDIBLE: "credible interval"}


def shown_parameters(study: Study) -> list[str]:
    """Return all parameters; of very many those whose coverage is farthest from the level anywhere, in the model's order."""
    gaps = [(study.values(method, "coverage") - study.design.level).abs().max(axis=1) for method in (WALD, CREDIBLE)]
    worst = pd.concat(gaps, axis=1).max(axis=1).fillna(np.inf)
    chosen = set(worst.sort_values(ascending=False, kind="stable").index[:MOST_PARAMETERS])
    return [name for name in study.design.true_values if name in chosen]


def coverage(study: Study, parameter: str, place: Place = panel) -> Figure:
    """Draw the share of intervals that hold the true value against n, with 95 % intervals of that share (Wilson 1927)."""
    with styled():
        figure, axes = _against_size(
            study, parameter, "coverage", "Coverage of the intervals of {} against the size", place
        )
        axes.axhline(study.design.level, color=TRUTH, linestyle=":", linewidth=1.3)
        # Side by side, so that none hides another's bar.
        for shift, method in ((0.95, WALD), (0.98, SANDWICH), (1.01, BOOTSTRAP), (1.04, CREDIBLE)):
            if method not in study.methods:
                continue
            share, count = (
                _row(study, method, "coverage", parameter),
                _row(study, method, "coverage", parameter, "replicates"),
            )
            _line(axes, np.array(study.design.sizes) * shift, share, wilson(share, count), method)
        axes.yaxis.set_major_formatter(PercentFormatter(1, decimals=None, symbol=" %"))
    return figure


def meter(study: Study, parameter: str, place: Place = panel) -> Figure:
    """Draw the spread of the posterior over the standard error against n, with two Monte Carlo errors to each side."""
    with styled():
        words = "Posterior standard deviation of {} over its standard error against the size"
        figure, axes = _against_size(study, parameter, "meter", words, place)
        axes.axhline(1, color=TRUTH, linestyle=":", linewidth=1.3)
        value = _row(study, "large-sample meter", "sd ratio", parameter)
        error = _row(study, "large-sample meter", "sd ratio", parameter, "mcse")
        _line(axes, np.array(study.design.sizes), value, (value - 2 * error, value + 2 * error), CREDIBLE)
    return figure


def distance(study: Study, parameter: str, place: Place = panel) -> Figure:
    """Draw the Wasserstein distance of the posterior from the limit against n, and the least that its draws can show."""
    sizes = np.array(study.design.sizes, dtype=np.float64)
    with styled():
        words = "Wasserstein distance of the posterior of {} from its large-sample limit against the size"
        figure, axes = _against_size(study, parameter, "distance", words, place)
        value = _row(study, "large-sample meter", "Wasserstein", parameter)
        error = _row(study, "large-sample meter", "Wasserstein", parameter, "mcse")
        axes.axhline(NOISE / np.sqrt(_typical_ess(study, parameter)), color=TRUTH, linestyle=":", linewidth=1.3)
        _line(axes, sizes, value, (np.maximum(value - 2 * error, value / 10), value + 2 * error), CREDIBLE)
        axes.set_yscale("log")
        axes.yaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
        axes.yaxis.set_major_formatter(FuncFormatter(lambda distance, _: f"{distance:g}"))
        axes.yaxis.set_minor_formatter(NullFormatter())
    return figure


def _typical_ess(study: Study, parameter: str) -> float:
    """Return the median effective sample size at the largest size, where the distance comes down to the noise."""
    table = study.replicates
    chosen = table[(table["parameter"] == parameter) & (table["size"] == max(study.design.sizes)) & table["chains"]]
    return float(chosen["ess"].median())


def slopes(study: Study, quantity: str, parameter: str, place: Place = panel) -> Figure:
    """Draw ``"bias"`` (its size) or ``"RMSE"`` against n on logarithmic axes, with two Monte Carlo errors to each side."""
    sizes = np.array(study.design.sizes, dtype=np.float64)
    with styled():
        figure, axes = _against_size(study, parameter, quantity.lower(), f"{quantity} of {{}} against the size", place)
        for shift, method in zip((0.94, 1.0, 1.06), ESTIMATES, strict=True):
            value = np.abs(_row(study, method, quantity, parameter))
            error = _row(study, method, quantity, parameter, "mcse")
            # On a logarithmic axis a bar that reaches zero would have no end.
            _line(axes, sizes * shift, value, (np.maximum(value - 2 * error, value / 10), value + 2 * error), method)
            if method == "MLE" and np.isfinite(value[0]) and value[0] > 0:
                axes.plot(
                    sizes, value[0] * (sizes / sizes[0]) ** RATES[quantity], color=TRUTH, linestyle=":", linewidth=1.2
                )
        axes.set_yscale("log")
        if quantity == "RMSE":  # which rarely spans more than two powers of ten
            axes.yaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
        axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
        axes.yaxis.set_minor_formatter(NullFormatter())
    return figure


def zip_plot(study: Study, size: int, method: str, parameter: str, place: Place = panel) -> Figure:
    """Draw the intervals of one parameter, the worst at the top: misses of the truth stand out (Morris and others 2019)."""
    lower, upper, estimate, error = _intervals(study, size, method, parameter)
    truth = study.design.true_values[parameter]
    order = np.argsort(np.abs(estimate - truth) / error, kind="stable")
    height = np.empty(len(order))
    height[order] = 100 * np.arange(1, len(order) + 1) / len(order)
    # Of very many an even share is drawn.
    drawn = order[np.unique(np.linspace(0, len(order) - 1, min(MOST_ZIPPED, len(order))).astype(int))]
    covers = (lower <= truth) & (truth <= upper)
    share = covers.sum() / max(1, len(covers))
    name = _symbol(study.design, parameter)
    with styled():
        words = f"Zip plot of the {INTERVALS[method]}s of {name} at n = {size}"
        figure, axes = place(f"zip-{method.lower()}-{size}", words, (PANEL[0], PANEL[1] + 0.6))
        for inside, colour, label in ((True, POSTERIOR, "holds the value"), (False, EM, "misses it")):
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
        axes.axvline(truth, color=TRUTH, linestyle=":", linewidth=1.3, label=study.design.called)
        axes.axhline(100 * study.design.level, color=TRUTH, linewidth=0.8)
        axes.set_ylim(0, 101)
        axes.set_xlabel(name)
        axes.set_ylabel("centile of |estimate − value| / SE")
        axes.set_title(f"{INTERVALS[method]}, n = {size:,}: {share:.1%} hold it")
        legend_below(figure, axes, columns=3)
    return figure


def zipped_parameter(study: Study) -> str:
    """Return the parameter whose Wald intervals are farthest from their aim at the smallest size."""
    gap = (study.values(WALD, "coverage")[min(study.design.sizes)] - study.design.level).abs()
    return str(gap.fillna(-1).idxmax())


def _symbol(design: Design, parameter: str) -> str:
    return symbols(design.model, design.reference, design.columns, unit=unit_of_rates(design.exposures))[parameter]


def _intervals(study: Study, size: int, method: str, parameter: str) -> tuple[Array, Array, Array, Array]:
    """Return lower and upper ends, estimates and their standard deviations, of the replicates that count."""
    counts, columns = {
        WALD: ("em", ["wald_lower", "wald_upper", "mle", "mle_error"]),
        SANDWICH: ("em", ["sandwich_lower", "sandwich_upper", "mle", "sandwich_standard_error"]),
        CREDIBLE: ("chains", ["lower", "upper", "mean", "sd"]),
    }[method]
    table = study.replicates
    chosen = table[(table["size"] == size) & (table["parameter"] == parameter) & table[counts]]
    values = chosen[columns].to_numpy(dtype=np.float64)
    lower, upper, estimate, error = values[np.isfinite(values).all(axis=1)].T
    return lower, upper, estimate, error


def _row(study: Study, method: str, quantity: str, parameter: str, column: str = "value") -> Array:
    return study.values(method, quantity, column).loc[parameter].to_numpy(dtype=np.float64)


def _against_size(study: Study, parameter: str, kind: str, description: str, place: Place) -> tuple[Figure, Axes]:
    """Return a panel with n on a logarithmic axis."""
    label = _symbol(study.design, parameter)
    number = list(study.design.true_values).index(parameter) + 1
    figure, axes = place(f"{kind}-{number}", description.format(label), SIZE)
    axes.set_title(label)
    axes.set_xscale("log")
    axes.xaxis.set_major_locator(FixedLocator(study.design.sizes))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_major_formatter(FuncFormatter(lambda size, _: f"{size:g}"))
    axes.set_xlabel("observations n")
    return figure, axes


def _line(axes: Axes, sizes: Array, value: Array, ends: tuple[Array, Array], method: str) -> None:
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
    )
