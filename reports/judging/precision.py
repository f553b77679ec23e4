"""How much do the data say? How precisely each block of parameters is known, on its natural scale."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from em import scales_of
from models import Mixture

from .answer import Answer
from .codes import IMPRECISE
from .difference import block_of

if TYPE_CHECKING:
    from ..comparing.side_by_side import SideBySide

# A 95 % interval then reaches a factor of 1.6 up and down, or half a standard deviation of its component to each side: who
# quotes two digits of such a number quotes too many.
LARGEST_SPREAD = 0.25

_MEANS = "Of some parameters the posterior is wide on their natural scale, whatever EM's estimate says."


def precision_answer(both: SideBySide) -> Answer:
    """Answer how precisely the parameters are known."""
    known = {departure.block: departure for departure in both.departures}
    if not known:
        return Answer(
            IMPRECISE,
            "Nothing is known of the parameters: EM has no estimate.",
            (IMPRECISE,),
            (_MEANS,),
            ("Mend what keeps EM from an estimate first.",),
        )
    worst = max(known.values(), key=lambda departure: departure.spread)
    vague = [departure for departure in known.values() if departure.spread > LARGEST_SPREAD]
    evidence: dict[str, float | str] = {
        "largest_spread": worst.spread,
        "block": worst.block,
        "spread_allowed": LARGEST_SPREAD,
    }
    name, spread = _widest_of(both, worst.block)
    if vague:
        others = f", and {len(vague) - 1} more are as vague" if len(vague) > 1 else ""
        return Answer(
            IMPRECISE,
            f"The data say little: {_to_within(name, spread)}{others}.",
            (IMPRECISE,),
            (_MEANS,),
            (
                "Quote the interval rather than a number; more observations, or fewer components, would narrow it by the "
                "square root of their number.",
            ),
            evidence,
        )
    return Answer("precise", f"The data say enough: even {_to_within(name, spread)}.", evidence=evidence)


def _to_within(name: str, spread: float) -> str:
    """Say how far a 95 % interval reaches, in the words of the parameter's scale."""
    if name.startswith("means"):
        return f"{name} is known to within {1.96 * spread:.2g} standard deviations of its component (95 %)"
    of = "the odds of " if name.startswith("weights") else ""
    return f"{of}{name} is known to within a factor of {np.exp(1.96 * spread):.3g} either way (95 %)"


def _widest_of(both: SideBySide, block: str) -> tuple[str, float]:
    """Return the parameter of a block that is known least, and its posterior standard deviation on its natural scale."""
    units = both.model.scalars(_deviations(both), both.data.columns)
    spreads = {}
    for scale, (name, draws) in zip(scales_of(both.em), both.posterior.scalars.items(), strict=True):
        if block_of(name, both.model) != block:
            continue
        with np.errstate(divide="ignore", invalid="ignore"):
            moved = draws / float(units[name]) if scale.name == "identity" else scale.forward(draws)
        if not np.isfinite(moved).all() or (scale.name == "identity" and not name.startswith("means")):
            continue
        spreads[name] = float(moved.std())
    widest = max(spreads, key=spreads.__getitem__, default=block)
    return widest, spreads.get(widest, 0.0)


def _deviations(both: SideBySide) -> Mixture:
    """Return EM's mixture with the deviations of its components in place of their means; all else is as it was."""
    mixture = both.em.mixture
    arrays = mixture.components.arrays()
    if "means" not in arrays:
        return mixture
    deviations = np.sqrt(np.diagonal(arrays["covariances"], axis1=-2, axis2=-1))
    return Mixture(mixture.weights, type(mixture.components)(**{**arrays, "means": deviations}))
