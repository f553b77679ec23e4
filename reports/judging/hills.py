"""The hills of the likelihood beside the one whose top EM reports, as far as EM's starts and posterior draws know them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scipy import stats

if TYPE_CHECKING:
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
