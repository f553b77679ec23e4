"""The distribution function of the ranks less that of uniform ones, in the band where it belongs."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure

from ...presenting.figures.style import DATA, EM, PANEL, POSTERIOR, TRUTH, Place, panel, styled
from .result import CalibrationResult

SIZE = (PANEL[0], 2.7)


def difference(result: CalibrationResult, size: int, quantity: str, label: str, place: Place = panel) -> Figure:
    """Draw ECDF less z against z = rank / (L + 1) (Säilynoja and others 2022, figure 3); where it is outside, marked."""
    counts, band = result.curve(size, quantity)
    total = int(result.row(size, quantity)["replicates"])
    outside = (counts < band.lower) | (counts > band.upper)
    number = result.names().index(quantity) + 1
    z = np.concatenate([[0], band.z, [1]])
    # At both ends the difference is zero by definition.
    height, low, high = (np.pad(part / total - band.z, 1) for part in (counts, band.lower, band.upper))
    with styled():
        words = f"Difference between the ranks' distribution function and the uniform one for {label} at n = {size}"
        figure, axes = place(f"ranks-{number}-{size}", words, SIZE)
        axes.fill_between(z, low, high, color=DATA, alpha=0.3, linewidth=0)
        axes.axhline(0, color=TRUTH, linestyle=":", linewidth=1.2)
        axes.plot(z, height, color=POSTERIOR, linewidth=1.6)
        if outside.any():
            axes.plot(band.z[outside], height[1:-1][outside], color=EM, marker="o", markersize=3, linestyle="")
        axes.set_title(label if not outside.any() else f"{label}: outside")
        axes.set_xlabel("rank of the truth among the draws / (L + 1)")
        axes.set_ylabel("ECDF − uniform")
        axes.set_xlim(0, 1)
    return figure
