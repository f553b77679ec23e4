"""What to do: advice that fits the model, and names the argument.

An argument stands as Python has it, ``starts=1000``; the command line turns it into its option.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from em import lone_rows, row_in_words

from .hills import LARGEST_COLLAPSING, RIVAL, of_equal_height, to_the_nearest_rival

if TYPE_CHECKING:
    from ..comparing.side_by_side import SideBySide

MORE = 10


def more_starts(comparison: SideBySide) -> str:
    """The argument that asks for many more starts."""
    return f"(starts={MORE * comparison.settings.starts})"


def settle_the_chains(comparison: SideBySide, mixed: bool) -> str:
    """What helps against chains that have not settled; ``mixed`` when all of them look over the same places."""
    settings = comparison.settings
    if not mixed and comparison.basins.collapsed > LARGEST_COLLAPSING:
        return (
            "A longer run will not settle a density without bound: mend what makes EM collapse first, such as values that "
            "were rounded or occur many times, and sample then."
        )
    if not mixed and to_the_nearest_rival(comparison) <= RIVAL:
        height = "equal height" if of_equal_height(comparison) > 1 else "nearly equal height"
        return (
            f"A longer run will not mix hills of {height}, since a chain seldom crosses from one to another. Report "
            "every hill by itself (EM's atlas of optima names them), or the density and predictions alone, and say that "
            "the data do not decide between them; or change the number of components or what they share."
        )
    return (
        f"Sample longer (tune={2 * settings.tune}, draws={2 * settings.draws}), and look at the traces: one chain that "
        "stands apart has found another mode."
    )


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
