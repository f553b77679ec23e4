"""What all figures share: size, type, and colours that are told apart in light, in dark and without colour vision."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

import matplotlib as mpl
import numpy as np
from matplotlib import colors, style
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.legend import Legend
from matplotlib.transforms import ScaledTranslation

from models import Array

# Where a figure of one panel is drawn, given its name, its description and the size that it wants.
type Place = Callable[[str, str, tuple[float, float]], tuple[Figure, Axes]]

PANEL = (4.6, 3.3)
SMALL_PANEL = (2.3, 1.75)

INK = "#24292f"
GRID = "#d8dee4"
# Okabe and Ito (2008); every series has a line style or a marker of its own as well.
EM = "#d55e00"
MAP = "#cc79a7"
POSTERIOR = "#0072b2"
TRUTH = "#1b1f24"
GIVEN = "#009e73"
DATA = "#8c959f"
MOST_NAMED = 9
# Room for the ticks and the label of an axis, in inches.
BELOW = 0.6


class Look(NamedTuple):
    """Colour, marker and line style of a series."""

    colour: str
    marker: str
    line: str | tuple[int, tuple[int, ...]]


LOOKS = (
    Look("#0173b2", "o", "-"),
    Look("#de8f05", "s", "--"),
    Look("#029e73", "^", "-."),
    Look("#c878a8", "D", ":"),
    Look("#949494", "v", (0, (5, 1))),
    Look("#56b4e9", "P", (0, (3, 1, 1, 1))),
    Look("#b5803c", "X", (0, (1, 1))),
    Look("#7a5fb5", "*", (0, (8, 2))),
)

# The page sets these variables for light and dark; elsewhere the colour after the comma holds.
VARIABLES = {
    INK: "--ink",
    GRID: "--grid",
    EM: "--em",
    MAP: "--map",
    POSTERIOR: "--posterior",
    TRUTH: "--truth",
    GIVEN: "--given",
    DATA: "--data",
}

_SETTINGS: dict[Any, Any] = {
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans"],
    "font.size": 11,
    "axes.labelsize": 11,
    "axes.titlesize": 11,
    "legend.fontsize": 10,
    "xtick.labelsize": 10,
    "ytick.labelsize": 10,
    "text.color": INK,
    "text.parse_math": False,  # a column may be called $x$
    "figure.facecolor": "none",
    "axes.facecolor": "none",
    "axes.labelcolor": INK,
    "axes.titlecolor": INK,
    "axes.edgecolor": INK,
    "axes.linewidth": 0.8,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "axes.unicode_minus": True,
    "axes.formatter.use_mathtext": False,
    "axes.formatter.useoffset": False,
    "grid.color": GRID,
    "grid.linewidth": 0.7,
    "xtick.color": INK,
    "ytick.color": INK,
    "legend.frameon": False,
    "lines.linewidth": 1.8,
    "figure.constrained_layout.use": True,
    "svg.fonttype": "none",
    "savefig.dpi": 200,
}


@contextmanager
def styled() -> Iterator[None]:
    """Set the suite's style, whatever the user's own settings are."""
    with warnings.catch_warnings(), style.context("default", after_reset=True), mpl.rc_context(_SETTINGS):
        # The reader's font has the letters that the one used for measuring lacks.
        warnings.filterwarnings("ignore", message="Glyph .* missing from font")
        yield


def panel(name: str, description: str, size: tuple[float, float] = PANEL) -> tuple[Figure, Axes]:
    """Make an empty figure of one panel; ``name`` tells its parts from other figures', ``description`` is read aloud."""
    figure = blank(name, description, size)
    return figure, figure.add_subplot()


def blank(name: str, description: str, size: tuple[float, float]) -> Figure:
    """Make a figure without panels, named and described as ``panel`` says."""
    figure = Figure(figsize=size, layout="constrained")
    figure.set_gid(name)
    figure.set_label(description)
    return figure


def legend_below(
    figure: Figure, axes: Axes, columns: int = 4, handles: Sequence[Artist] | None = None, **words: Any
) -> Legend:
    """Put the legend under the panel, where it covers nothing; of very many entries the first."""
    shown = axes.get_legend_handles_labels()[0][:MOST_NAMED] if handles is None else handles
    look: dict[str, Any] = {"handles": shown, "ncols": columns, "handlelength": 1.6, "columnspacing": 1.2, **words}
    if figure.get_gid() is not None:  # one of our own, with nothing else in it
        return figure.legend(loc="outside lower center", **look)
    under = axes.transAxes + ScaledTranslation(0, -BELOW, figure.dpi_scale_trans)
    return axes.legend(loc="upper center", bbox_to_anchor=(0.5, 0), bbox_transform=under, borderaxespad=0, **look)


def of_component(component: int) -> Look:
    """Return how a component (or a chain) is drawn everywhere."""
    return LOOKS[component % len(LOOKS)]


def blended(responsibilities: Array) -> Array:
    """Return the components' colours mixed by responsibilities of shape ``(..., k)``: red, green, blue, ``(..., 3)``."""
    colours = [colors.to_rgb(of_component(component).colour) for component in range(responsibilities.shape[-1])]
    return np.asarray(np.clip(responsibilities @ np.array(colours), 0, 1))
