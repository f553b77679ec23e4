"""The estimated density over a plane: as a surface, and as contours."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LightSource
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from em import Fit
from models import Array, Data

from ...presenting.figures.plane import Plane
from ...presenting.figures.style import INK, blank, blended, panel, styled
from ...presenting.names import shortened
from .steps import component_keys

CELLS = 140
STEEPNESS = CELLS / 6
# Below this share of the highest density there is no surface: on the ground the colours would say too much.
GROUND = 0.004
SHARES = (0.99, 0.9, 0.75, 0.5, 0.25, 0.1)


def window(data: Data, low: float | None = None, high: float | None = None) -> Plane:
    """Return the square from ``low`` to ``high``, or where the data lie."""
    if low is None or high is None:
        return Plane.around(data.values, CELLS)
    line = np.linspace(low, high, CELLS)
    return Plane(line, line)


def density_surface(fit: Fit, plane: Plane) -> Figure:
    """Draw the density as a surface, in the components' colours mixed by their responsibilities."""
    x, y = np.meshgrid(plane.x, plane.y)
    height = _height(fit, plane)
    with styled():
        figure = blank("density-surface", f"The density of {_columns(fit)} by EM as a surface", (5.2, 4.6))
        figure.set_layout_engine("none")
        axes: Any = figure.add_axes((0.01, 0.15, 0.86, 0.9), projection="3d")
        axes.plot_surface(
            x,
            y,
            height,
            rcount=CELLS,
            ccount=CELLS,
            facecolors=_lit(_colours(fit, plane), height),
            shade=False,
            linewidth=0,
            antialiased=False,
            rasterized=True,
        )
        axes.view_init(elev=38, azim=-62)
        axes.set_box_aspect((1, 1, 0.55), zoom=0.97)
        axes.set_xlabel(shortened(fit.data.columns[0]))
        axes.set_ylabel(shortened(fit.data.columns[1]))
        axes.set_zlabel("density", labelpad=8)
        axes.set(xlim=plane.x[[0, -1]], ylim=plane.y[[0, -1]], zlim=(0, height.max()))
        for axis in (axes.xaxis, axes.yaxis, axes.zaxis):
            axis.set_pane_color((0, 0, 0, 0))
            axis.set_major_locator(MaxNLocator(5))
        keys = component_keys(fit.model.components)
        figure.legend(handles=keys, loc="lower center", ncols=3, handlelength=1.6, columnspacing=1.2)
    return figure


def density_contours(fit: Fit, plane: Plane) -> Figure:
    """Draw the density as colour, and as outlines of the regions of highest density that hold stated shares of it."""
    height = _height(fit, plane)
    with styled():
        figure, axes = panel("density-contours", f"The density of {_columns(fit)} by EM as contours", (4.6, 4.7))
        _glow(axes, plane, _colours(fit, plane), height)
        for share, width in zip(SHARES, np.linspace(0.5, 1.5, len(SHARES)), strict=True):
            plane.outline(axes, height, (share,), INK, float(width), "solid")
        axes.set_xlabel(shortened(fit.data.columns[0]))
        axes.set_ylabel(shortened(fit.data.columns[1]))
        axes.grid(visible=False)
        figure.legend(
            handles=component_keys(fit.model.components),
            loc="outside lower center",
            ncols=3,
            handlelength=1.6,
            columnspacing=1.2,
            title=f"lines around {', '.join(f'{share * 100:.0f}' for share in SHARES)} % of the probability",
            title_fontsize=10,
        )
    return figure


def _height(fit: Fit, plane: Plane) -> Array:
    return np.exp(fit.mixture.log_density(plane.places)).reshape(len(plane.y), len(plane.x))


def _colours(fit: Fit, plane: Plane) -> Array:
    return blended(fit.mixture.responsibilities(plane.places)).reshape(len(plane.y), len(plane.x), 3)


def _lit(colours: Array, height: Array) -> Array:
    """Return the colours of a surface under light from one side; none where it lies on the ground."""
    relative = height / height.max()
    light = LightSource(azdeg=250, altdeg=45).hillshade(relative * STEEPNESS, dx=1, dy=1, fraction=1.0)
    lit = np.clip(colours * (0.62 + 0.6 * light[..., None]), 0, 1)
    return np.dstack([lit, np.clip(relative / GROUND - 1, 0, 1)])


def _glow(axes: Axes, plane: Plane, colours: Array, height: Array) -> None:
    """Draw the colours, the denser the less transparent, so that the page's own paper shows where there is nothing."""
    opacity = 0.85 * np.sqrt(height / height.max())
    edges = (plane.x[0], plane.x[-1], plane.y[0], plane.y[-1])
    axes.imshow(np.dstack([colours, opacity]), origin="lower", extent=edges, aspect="auto", interpolation="none")


def _columns(fit: Fit) -> str:
    return " and ".join(shortened(column) for column in fit.data.columns)
