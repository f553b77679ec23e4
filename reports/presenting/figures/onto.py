"""Where a figure goes when Python asks for it: onto the axes that are given, or onto new ones that a notebook shows."""

from __future__ import annotations

from collections.abc import Callable

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from .style import Place


def onto(ax: Axes | None, draw: Callable[[Place], Figure]) -> Axes:
    """Draw onto these axes, or onto new ones, and return them.

    New ones are pyplot's, so that a notebook shows them without being asked, and ``plt.show()`` does in a program.
    """
    if ax is not None:
        given = ax.figure.figure, ax
        draw(lambda *_: given)
        return ax
    return draw(_of_pyplot).axes[0]


def _of_pyplot(name: str, description: str, size: tuple[float, float]) -> tuple[Figure, Axes]:
    from matplotlib import pyplot

    # White also where the notebook is dark, for what is drawn is dark.
    figure = pyplot.figure(figsize=size, layout="constrained", facecolor="white")
    figure.set_gid(name)
    figure.set_label(description)
    return figure, figure.add_subplot()
