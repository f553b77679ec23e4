"""What EM's gains tell: how far its limit is, and whether they decline as they do near it."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from models import Array

from .ascent import rounding_of
from .optimum import SLACK


@dataclass(frozen=True)
class Pace:
    """When quasi-Newton steps take over from EM's own, and in what stretches EM's own go by.

    With these numbers accelerated EM took 75 % of plain EM's E-steps from 544 deliberately hard starts, ended elsewhere from
    six of them, and took a hundredth of the E-steps where three Poissons with rates 4, 7 and 11 overlap.
    """

    # EM's decline is geometric when the last ratios of its gains differ by no more than this.
    steady: float = 0.01
    # Far from the limit the hill that EM will end on is not settled yet: acceleration waits until no more is left to climb
    # than so many nats, or than this share of what was climbed.
    near: float = 1.0
    share: float = 0.03
    # Plain EM goes by in stretches, which double while nothing else may come in between: up to the long one, and on small
    # data up to the longest, as long as so many products take some ten milliseconds.
    first_stretch: int = 8
    long_stretch: int = 64
    longest_stretch: int = 2048
    products_of_stretch: int = 2**24
    # Before each attempt at quasi-Newton steps EM takes at least so many steps, and a share of those it has taken.
    between_attempts: int = 5
    share_ahead: int = 10
    # On small data it takes up to as many again, as long as so many products take less than a look at them does.
    products_of_look: int = 2**17
    # After a failed attempt plain EM goes on until it has taken so many times the steps.
    patience: int = 2
    # Before so many steps no two spans of gains tell how far the limit is.
    least_to_judge: int = 21


PACE = Pace()


def first_rise(objective: list[float], before: int, tolerance: float) -> tuple[int, float | None]:
    """The least length above ``before`` at which there is a predicted rise, and that; else all of it, and ``None``."""
    seen = max(0, before - 4)
    values = np.array(objective[seen:])
    for place in np.flatnonzero(_may_be_near(values, tolerance) | _declines(values)):
        end = seen + int(place) + 1
        rise = predicted_rise(objective, end, tolerance) if end > before else None
        if rise is not None:
            return end, rise
    return len(objective), None


def _may_be_near(values: Array, tolerance: float) -> NDArray[np.bool_]:
    """At which of the values the limit may be within ``tolerance``: anywhere else it is not.

    What is left is later² / (earlier − later), so that it is more elsewhere, unless rounding hides the difference.
    """
    gains = values[1:] - values[:-1]
    earlier, later = gains[:-1], gains[1:]
    hidden = np.abs(earlier - later) <= rounding_of(values[2:])
    return np.concatenate([np.zeros(min(2, len(values)), dtype=bool), (later**2 <= tolerance * earlier) | hidden])


def _declines(values: Array) -> NDArray[np.bool_]:
    """At which of the values the last four gains decline geometrically."""
    found = np.zeros(len(values), dtype=bool)
    if len(values) < 5:
        return found
    gains = values[1:] - values[:-1]
    with np.errstate(divide="ignore", invalid="ignore"):
        ratios = gains[1:] / gains[:-1]
    most = np.maximum(np.maximum(ratios[2:], ratios[1:-1]), ratios[:-2])
    least = np.minimum(np.minimum(ratios[2:], ratios[1:-1]), ratios[:-2])
    # The gains are positive when the first is and all ratios are.
    found[4:] = (gains[:-3] > 0) & (least > 0) & (most < 1) & (most - least <= PACE.steady)
    return found


def predicted_rise(objective: list[float], length: int, tolerance: float) -> float | None:
    """How far EM will still climb after so many values, in nats, once its gains decline geometrically; ``None`` before."""
    near = distance_to_limit(objective, length)
    if near <= tolerance:
        return near + rounding_of(objective[length - 1])
    gains = [later - earlier for earlier, later in pairwise(objective[max(0, length - 5) : length])]
    if len(gains) < 4 or min(gains) <= 0:
        return None
    ratios = [later / earlier for earlier, later in pairwise(gains)]
    if max(ratios) >= 1 or max(ratios) - min(ratios) > PACE.steady:
        return None
    rise = gains[-1] * max(ratios) / (1 - max(ratios))
    return rise if rise <= max(PACE.near, PACE.share * (objective[length - 1] - objective[0])) else None


def distance_to_limit(objective: list[float], length: int | None = None) -> float:
    """How far the last value, of all or of so many, is below the limit of the sequence, by Aitken's extrapolation, in nats.

    Near its limit EM gains a constant share r of what is left with each step (McLachlan and Krishnan 2008, section
    4.9): with the gains a, then b, of m steps each, b/a = rᵐ, and b²/(a−b) is still to come. A span of m steps tells
    something when its gain shrinks by more than the rounding of the objective; of the two shortest such spans the more
    careful counts. When no span does, and the gain itself is lost in rounding, the limit is as near as can be seen.

    Parameters
    ----------
    objective
        What EM maximises, after each step, in nats.
    length
        How many of the entries count; all unless given.

    Returns
    -------
    float
        The distance in nats, infinite where it cannot be told yet.

    Examples
    --------
    >>> from em import distance_to_limit
    >>> round(distance_to_limit([-10.0, -9.0, -8.5, -8.25]), 3)
    0.25
    """
    length = len(objective) if length is None else length
    if length < 4:
        return np.inf
    last = objective[length - 1]
    rounding = rounding_of(last)
    distances: list[float] = []
    for span in (1, 10, 100, 1000, 10_000):
        if length <= 2 * span or len(distances) == 2:
            break
        middle = objective[length - 1 - span]
        earlier, later = middle - objective[length - 1 - 2 * span], last - middle
        if abs(earlier - later) > rounding:
            distances.append(float(later**2 / (earlier - later)) if earlier > later > 0 else np.inf)
    return max(distances, default=0.0 if lost_in_rounding(objective, length) else np.inf)


def is_outrun(objective: list[float], to_beat: float) -> bool:
    """Whether even many times what EM's gains foretell would leave the objective short of ``to_beat``."""
    if objective[-1] >= to_beat or len(objective) < PACE.least_to_judge:
        return False
    return objective[-1] + SLACK * distance_to_limit(objective) < to_beat


def near_limit(objective: list[float], before: int, tolerance: float) -> int:
    """The least length above ``before`` at which the sequence is within ``tolerance`` of its limit; else all of it."""
    seen = max(0, before - 2)
    if tolerance >= 0:
        for place in np.flatnonzero(_may_be_near(np.array(objective[seen:]), tolerance)):
            end = seen + int(place) + 1
            if end > before and distance_to_limit(objective, end) <= tolerance:
                return end
    return len(objective)


def lost_in_rounding(objective: list[float], length: int) -> bool:
    """Whether the gain of the last ten steps before so many values is within the rounding of the objective."""
    last = objective[length - 1]
    return length > 10 and abs(last - objective[length - 11]) <= rounding_of(last)
