"""The one arrow that points back up: what users ask of a result itself, and what only ``reports`` can do.

``fit(x).plot()``, ``compare(x).save("folder")`` and ``GaussianMixture(3).fit(x).compare()`` are words of results below the
room that draws, writes or compares. Each is passed on here, when somebody asks for it and not before: so nothing but this
file knows that there is something above.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from reports.from_below import Axes as Axes


def drawn(ax: Axes | None, figure: str, *subject: Any) -> Axes:
    """Draw the figure of this name, of :mod:`reports.presenting.figures`, onto these axes or new ones, and return them."""
    from reports import from_below

    return from_below.drawn(ax, figure, *subject)


def write_report(comparison: Any, folder: Path, figures: str | None) -> Path:
    """Write the report of a comparison into a folder, and return the path of its page."""
    from reports import from_below

    return from_below.write_report(comparison, folder, figures)


def report_document(comparison: Any) -> dict[str, Any]:
    """Return what the report of a comparison says, as ``report.json`` holds it."""
    from reports import from_below

    return from_below.report_document(comparison)


def compare(*arguments: Any, **options: Any) -> Any:
    """Return what :func:`reports.compare` does."""
    from reports import from_below

    return from_below.compare(*arguments, **options)
