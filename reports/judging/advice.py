"""What to do: advice that fits the model, and names the argument.

An argument stands as Python has it, ``starts=1000``; the command line turns it into its option.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from em import lone_rows, row_in_words

if TYPE_CHECKING:
    from ..comparing.side_by_side import SideBySide

MORE = 10


def more_starts(comparison: SideBySide) -> str:
    """The argument that asks for many more starts."""
    return f"(starts={MORE * comparison.settings.starts})"


def remedies(comparison: SideBySide) -> str:
    """What helps against an estimate that hangs on a few observations."""
    lone = lone_rows(comparison.em)
    if lone:
        rows = ", ".join(f"row {row + 1} ({row_in_words(comparison.data, row)})" for row in lone)
        return f"Look at {rows}: leave it out if it is an error, and fit the rest; a prior would only hide it."
    return f"{_listed(_changes(comparison)).capitalize()}, and look at those observations."


def _changes(comparison: SideBySide) -> list[str]:
    """What can be changed about this model."""
    model = comparison.model
    fewer = [f"take fewer components (components={model.components - 1})"] if model.components > 1 else []
    structure = []
    if model.covariance not in (None, "tied") and model.components > 1:
        structure.append("let them share one covariance (covariance='tied')")
    if model.covariance == "full" and model.dimension > 1:
        structure.append("give them fewer parameters (covariance='spherical')")
    mode = ["take the mode under the prior (estimate='map')"] if comparison.em.estimate == "mle" else []
    return [*fewer, *structure, *mode] or ["gather more data"]


def _listed(parts: list[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])}, or {parts[-1]}"
