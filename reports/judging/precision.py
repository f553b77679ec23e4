"""How much do the data say? How precisely each block of parameters is known, on its natural scale."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .answer import Answer
from .codes import IMPRECISE
from .difference import Difference, block_of

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
    name = _widest_of(both, worst.block)
    if vague:
        others = f", and {len(vague) - 1} more are as vague" if len(vague) > 1 else ""
        return Answer(
            IMPRECISE,
            f"The data say little: {_to_within(name, worst.spread)}{others}.",
            (IMPRECISE,),
            (_MEANS,),
            (
                "Quote the interval rather than a number; more observations, or fewer components, would narrow it by the "
                "square root of their number.",
            ),
            evidence,
        )
    return Answer("precise", f"The data say enough: even {_to_within(name, worst.spread)}.", evidence=evidence)


def _to_within(name: str, spread: float) -> str:
    """Say how far a 95 % interval reaches, in the words of the parameter's scale."""
    if name.startswith("means"):
        return f"{name} is known to within {1.96 * spread:.2g} standard deviations of its component (95 %)"
    # The spread of half a covariance's logarithm is that of the logarithm of a standard deviation.
    what = "the standard deviation of " if block_of(name).startswith("covariances") else ""
    where = name.partition("[")[2].rstrip("]").split(",")[0]
    named = f"{what}component {where}" if what and where.isdigit() else "the common covariance" if what else name
    return f"{named} is known to within a factor of {np.exp(1.96 * spread):.3g} either way (95 %)"


def _widest_of(both: SideBySide, block: str) -> str:
    table = both.parameters
    relative = table["sd"] / table["mean"].abs() if not block.startswith("means") else table["sd"]
    return Difference(both).worst_of(block, relative)
