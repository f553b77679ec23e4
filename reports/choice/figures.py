"""How far each number of components is behind the best, one small panel for each criterion."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, FuncFormatter, MaxNLocator, NullLocator

from ..presenting.figures.style import DATA, EM, INK, POSTERIOR, Place, panel, styled
from .standing import Standing

SIZE = (2.5, 2.1)
# Above the best, in nats: room for its star and for the error bars that reach beyond it.
ABOVE = -1.0
TITLES = {"loo": "LOO", "evidence": "evidence"}


def standing(criterion: Standing, tried: tuple[int, ...], deepest: float, place: Place = panel) -> Figure:
    """Draw nats behind the best K, on a scale that is linear up to one nat and logarithmic beyond, the best on top.

    ``deepest`` is the largest number of nats in any panel, so that all have the same scale.
    """
    with styled():
        name = TITLES.get(criterion.criterion, criterion.name)
        words = f"{name}: nats behind the best against the number of components K; it takes {_taken(criterion)}"
        figure, axes = place(f"choice-{criterion.criterion}", words, SIZE)
        _scales(axes, tried, deepest)
        _points(axes, criterion)
        axes.set_title(name)
    return figure


def deepest(standings: tuple[Standing, ...]) -> float:
    """Return the largest number of nats that any criterion puts a K behind."""
    return max((gap * each.unit for each in standings for gap in each.behind.values()), default=1.0)


def _taken(criterion: Standing) -> str:
    if not criterion.behind:
        return "none"
    return " or ".join(map(str, criterion.contenders))


def _points(axes: Axes, criterion: Standing) -> None:
    ks = sorted(criterion.behind)
    gaps = [criterion.behind[k] * criterion.unit for k in ks]
    axes.plot(ks, gaps, color=DATA, linewidth=1.0, zorder=1)
    for k, gap in zip(ks, gaps, strict=True):
        colour = POSTERIOR if k in criterion.contenders else DATA
        if error := criterion.errors.get(k):
            low = max(gap - 2 * error * criterion.unit, ABOVE)
            axes.plot([k, k], [low, gap + 2 * error * criterion.unit], color=colour, linewidth=2.2, zorder=2)
        best, near = k == criterion.best, k in criterion.contenders
        marker = "*" if best else "o"
        face = POSTERIOR if best else "none"
        axes.plot(
            [k],
            [gap],
            marker,
            color=colour,
            markersize=11 if best else 6,
            markerfacecolor=face if near else DATA,
            zorder=3,
        )
        if k in criterion.doubtful:
            axes.annotate("!", (k, gap), (4, 3), textcoords="offset points", color=EM, weight="bold")


def _scales(axes: Axes, tried: tuple[int, ...], deepest: float) -> None:
    axes.set_yscale("symlog", linthresh=1.0)
    ticks = [0.0, *(10.0**power for power in range(int(np.ceil(np.log10(max(deepest, 1.0)))) + 1))]
    axes.set_ylim(max(2.0, deepest * 1.8), ABOVE)
    axes.yaxis.set_major_locator(FixedLocator(ticks))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}"))
    axes.yaxis.set_minor_locator(NullLocator())
    axes.axhline(0, color=INK, linewidth=0.8)
    axes.set_xlim(min(tried) - 0.6, max(tried) + 0.6)
    axes.xaxis.set_major_locator(FixedLocator(tried) if len(tried) <= 10 else MaxNLocator(integer=True))
    axes.set_xlabel("K")
    axes.set_ylabel("nats behind")
