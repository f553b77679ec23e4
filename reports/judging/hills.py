"""The hills beside the one whose top EM reports: of the likelihood by their heights, of the posterior by their mass."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy import stats

from models import number

from .difference import LARGEST_SHIFT
from .shares import LARGEST_RIVAL

if TYPE_CHECKING:
    from ..comparing.hills import HillBeside
    from ..comparing.side_by_side import SideBySide

# Another optimum that the likelihood-ratio test of a single parameter does not reject at 95 % (Wilks 1938).
RIVAL = 0.5 * float(stats.chi2.ppf(0.95, 1))


def to_the_nearest_rival(both: SideBySide) -> float:
    """Return how far another optimum, of EM's starts or of posterior draws, is above or below the reported one, in nats."""
    atlases = (both.audit.atlas, both.basins)
    others = (o for atlas in atlases for place, o in enumerate(atlas.optima) if place != atlas.reported)
    return min((abs(other.gap) for other in others), default=float("inf"))


def of_equal_height(both: SideBySide) -> int:
    """Return how many hills are as high as the reported one, itself among them: one where it is the only one."""
    gap, found = to_the_nearest_rival(both), both.audit.atlas
    if gap > found.allowed:
        return 1
    return max(2, sum(abs(optimum.gap) <= found.allowed for optimum in found.optima))


def mass_of_em(both: SideBySide) -> tuple[float, float]:
    """Return how much of the posterior lies on the hill whose top EM reports, and the standard error of that share."""
    own = [each.hill for each in both.hills if each.is_of_em]
    return sum(hill.share for hill in own), float(np.linalg.norm([hill.share_error for hill in own]))


def rivals(both: SideBySide) -> list[HillBeside]:
    """Return the other hills that hold more than a twentieth of the mass, and on which some answer is not EM's."""
    return [
        each
        for each in both.hills
        if not each.is_of_em and each.hill.share > LARGEST_RIVAL and answer_apart(both, each)[1] > LARGEST_SHIFT
    ]


def answer_apart(both: SideBySide, rival: HillBeside) -> tuple[str, float]:
    """Return the parameter on which a hill and EM are farthest apart, and how far in standard deviations on the hill."""
    away = (both.parameters[both.em.estimate] - rival.table["mean"]).abs() / rival.table["sd"]
    return str(away.idxmax()), float(away.max())


def both_answers(both: SideBySide) -> str:
    """Say what EM's hill and its heaviest rival say of the parameter on which they differ most."""
    rival = rivals(both)[0]
    name = answer_apart(both, rival)[0]
    estimate = float(both.parameters[both.em.estimate][name])
    mean, sd = (float(rival.table[column][name]) for column in ("mean", "sd"))
    share, error = mass_of_em(both)
    return (
        f"the hill whose top EM reports, with {in_percent(share, error)} of the mass, has {name} at "
        f"{number(estimate, sd)}; another, with {in_percent(rival.hill.share, rival.hill.share_error)}, has it at "
        f"{number(mean, sd)} ± {number(sd, sd)}"
    )


def in_percent(share: float, error: float) -> str:
    """Return a share and its error, such as "37.2 ± 0.4 %", to the digits that the error justifies."""
    if 100 * share < 0.05:
        return "less than 0.1 %"
    digits = 1 if 100 * error < 1 else 0
    return f"{100 * share:.{digits}f} ± {max(100 * error, 10.0**-digits):.{digits}f} %"
