"""What results below ask for: to be drawn, written or compared (``models/upward.py`` passes it on)."""

from __future__ import annotations

from typing import Any

from matplotlib.axes import Axes

from .judging.comparison import compare
from .presenting import figures
from .presenting.write import report_document, write_report

__all__ = ["Axes", "compare", "drawn", "report_document", "write_report"]


def drawn(ax: Axes | None, figure: str, *subject: Any) -> Axes:
    """Draw the figure of this name onto these axes or new ones, and return them."""
    return figures.onto(ax, lambda place: getattr(figures, figure)(*subject, place=place))
