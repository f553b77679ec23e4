"""What to do about each code of a verdict: advice that fits the model, and names the argument.

An argument stands as Python has it, ``starts=1000``; the command line turns it into its option.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from bayes import LARGEST_R_HAT, largest_r_hat
from em import Status, lone_rows, row_in_words

from .codes import Code
from .hills import RIVAL, of_equal_height, to_the_nearest_rival
from .shares import LARGEST_COLLAPSING

if TYPE_CHECKING:
    from ..comparing.side_by_side import SideBySide

MORE = 10


def advice(code: Code, both: SideBySide) -> str:
    """Return what to do about this code in this comparison."""
    said = ADVICE[code]
    return said if isinstance(said, str) else said(both)


def remedies(both: SideBySide) -> str:
    """Return what helps against an estimate that hangs on a few observations."""
    lone = lone_rows(both.em)
    if lone:
        rows = ", ".join(f"row {row + 1} ({row_in_words(both.data, row)})" for row in lone)
        return f"Look at {rows}: leave it out if it is an error, and fit the rest; a prior would only hide it."
    return f"{_listed(_changes(both)).capitalize()}, and look at those observations."


def _from_more_places(both: SideBySide) -> str:
    if both.start is not None:
        return "Start EM elsewhere (leave start out), or take fewer components: on a flat ridge it is slow."
    return f"Start EM from more places {_more_starts(both)}, or take fewer components: on a flat ridge it is slow."


def _up_or_all_hills(both: SideBySide) -> str:
    if both.basins.higher and both.start is not None:
        return "Take the best of a search (leave start out): the given start leads to a lower hill."
    if both.basins.higher:
        return f"Give EM more starts {_more_starts(both)}, or start it from a posterior draw."
    return "Report the posterior, and name the optima of the atlas: one point cannot stand for several hills."


def _every_hill(both: SideBySide) -> str:
    return (
        "Report every hill with its share of the mass, which the section on hills of the report has, or the density and "
        "predictions alone; or change the number of components or what they share."
    )


def _against_singularities(both: SideBySide) -> str:
    # Where EM itself collapsed, the estimate is what hangs on a few observations, whatever the draws do.
    running = both.em.status is not Status.COLLAPSED and both.basins.collapsed > LARGEST_COLLAPSING
    if running and both.data.compress().weights.max() > 1:
        return "Look for values that occur many times (rounding, a limit of detection), and model them apart."
    return remedies(both)


def _until_settled(both: SideBySide) -> str:
    settings = both.settings
    if not mixed(both) and both.basins.collapsed > LARGEST_COLLAPSING:
        repeated = both.data.compress().weights.max() > 1
        such = ", such as values that were rounded or occur many times" if repeated else ""
        return (
            f"A longer run will not settle a density without bound: mend what makes EM collapse first{such}, and sample "
            "then."
        )
    if not mixed(both) and to_the_nearest_rival(both) <= RIVAL:
        height = "equal height" if of_equal_height(both) > 1 else "nearly equal height"
        return (
            f"A longer run will not mix hills of {height}, since a chain seldom crosses from one to another. Report "
            "every hill by itself (EM's atlas of optima names them), or the density and predictions alone, and say that "
            "the data do not decide between them; or change the number of components or what they share."
        )
    return (
        f"Sample longer (tune={2 * settings.tune}, max_draws={2 * settings.most_draws}), and look at the traces: a chain "
        "that crawls has not seen all of the posterior yet."
    )


def _several_hills_or_a_ridge(both: SideBySide) -> str:
    if of_equal_height(both) > 1:
        return "Report every such hill, or densities and predictions alone: standard errors know one hill only."
    return "Report the posterior's intervals rather than standard errors; more data or fewer components would help."


def _intervals_that_need_no_bell(both: SideBySide) -> str:
    if both.standard_errors.on_the_edge:
        return "Quote the posterior's median and interval; for EM, the one-sided limit that stands in the edge's place."
    return "Quote the posterior's median and interval; for EM, bootstrap intervals rather than standard errors."


ADVICE: dict[Code, str | Callable[[SideBySide], str]] = {
    Code.EM_NOT_CONVERGED: _from_more_places,
    Code.LOCAL_OPTIMUM: _up_or_all_hills,
    Code.SEVERAL_HILLS: _every_hill,
    Code.DEGENERATE: _against_singularities,
    Code.CHAINS_DISAGREE: _until_settled,
    Code.LABELS_UNRESOLVED: ("Compare densities and responsibilities instead of parameters, or take fewer components."),
    Code.WEAKLY_IDENTIFIED: _several_hills_or_a_ridge,
    Code.PRIOR_DOMINATED: "State the prior with the result, and repeat it with another one or with more data.",
    Code.NON_NORMAL_POSTERIOR: _intervals_that_need_no_bell,
}


def _more_starts(both: SideBySide) -> str:
    """Return the argument that asks for many more starts."""
    return f"(starts={MORE * both.settings.starts})"


def _changes(both: SideBySide) -> list[str]:
    """List what can be changed about this model."""
    model = both.model
    fewer = [f"take fewer components (components={model.components - 1})"] if model.components > 1 else []
    structure = []
    if model.covariance not in (None, "tied") and model.components > 1:
        structure.append("let them share one covariance (covariance='tied')")
    if model.covariance == "full" and model.dimension > 1:
        structure.append("give them fewer parameters (covariance='spherical')")
    mode = ["take the mode under the prior (estimate='map')"] if both.em.estimate == "mle" else []
    return [*fewer, *structure, *mode] or ["gather more data"]


def _listed(parts: list[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])}, or {parts[-1]}"


def mixed(both: SideBySide) -> bool:
    """Check whether all chains look over the same places."""
    return largest_r_hat(both.posterior) <= LARGEST_R_HAT
