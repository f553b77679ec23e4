"""Which columns tell the components apart."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure

from ...comparing.side_by_side import SideBySide
from ..columns import has_columns
from ..names import shortened
from .style import EM, PANEL, POSTERIOR, Place, legend_below, panel, styled

MOST_COLUMNS = 25


def apart(comparison: SideBySide, place: Place = panel) -> Figure:
    """Draw how many nats for each row the columns tell of the label, the most first; of very many columns the first.

    Raises
    ------
    ValueError
        When the data are not counts in several columns.
    """
    if not has_columns(comparison):
        raise ValueError("columns are told apart where the data are counts in several of them.")
    found = comparison.apart[:MOST_COLUMNS]
    rows = np.arange(len(found))
    with styled():
        figure, axes = place("apart", "Which columns tell the components apart", (PANEL[0], 1.3 + 0.2 * len(found)))
        lower, upper = [each.lower for each in found], [each.upper for each in found]
        axes.hlines(rows, lower, upper, POSTERIOR, linewidth=5, alpha=0.35, label="95 % interval")
        axes.plot([each.mean for each in found], rows, "|", color=POSTERIOR, markersize=10, label="posterior mean")
        axes.plot([each.em for each in found], rows, "^", color=EM, markersize=7, markerfacecolor="none", label="EM")
        axes.set_yticks(rows, [shortened(each.column) for each in found])
        axes.set_ylim(len(found) - 0.4, -0.6)
        axes.set_xlim(left=0)
        axes.set_xlabel("nats about the label in each row")
        axes.grid(visible=False, axis="y")
        legend_below(figure, axes, columns=3)
    return figure
