"""Which of several readings of an estimate is meant: the data know, or else its own form suggests it."""

from __future__ import annotations

import numpy as np

from ..arrays import Array
from ..data import Data
from ..mixture import Mixture
from .reading import Reading

# A likelihood a thousand times as large settles what the numbers mean.
SETTLES = float(np.log(1000))
# A width is right where a step of EM changes its logarithm by less than this on average, wrong where by many times as much.
RIGHT_SCALE, MANY_TIMES = 0.1, 3.0
_CALLED = {"standard deviations": "sds"}


def chosen(readings: list[Reading], weights: Array, data: Data | None) -> tuple[Reading, tuple[str, ...]]:
    """The reading that is meant, and what is to be said of the choice.

    Raises
    ------
    ValueError
        When two readings fit about as well, and nothing about the estimate says which one is meant.
    """
    distinct = _distinct(readings)
    if len(distinct) == 1:
        return distinct[0], ()
    expected = [reading for reading in distinct if reading.is_expected]
    if data is None:
        if len(expected) == 1:
            return expected[0], ()
        raise ValueError(f"{_question(distinct)} (the data would show which one it is).")
    heights = [log_likelihood(Mixture(weights, reading.components), data) for reading in distinct]
    order = np.argsort(heights)[::-1]
    first, second = distinct[order[0]], distinct[order[1]]
    lead = heights[order[0]] - heights[order[1]]
    if lead >= SETTLES:
        said = (
            f"the estimate is read {first.how}: read {second.how}, its log-likelihood would be {lead:.3g} nats lower."
        )
        return first, () if first.is_expected else (said,)
    if len(expected) == 1:
        return expected[0], ()
    raise ValueError(
        f"{_question([first, second])} (the data do not show it: their log-likelihoods are {lead:.2g} nats apart)."
    )


def doubt_about(reading: Reading, weights: Array, data: Data) -> str | None:
    """Say under which other name the same numbers fit the data far better, as they do when one was taken for the other.

    Standard deviations given as variances, say: then the likelihood rises when they are read as what they are, and EM, which
    would change the scales as they stand, leaves them alone.
    """
    as_given = Mixture(weights, reading.components)
    if reading.misfit is None:
        return None
    height, misfit = log_likelihood(as_given, data), reading.misfit(as_given, data)
    best: tuple[float, str] | None = None
    for name, components in reading.others:
        other = Mixture(weights, components)
        gain = log_likelihood(other, data) - height
        other_misfit = reading.misfit(other, data) if gain >= SETTLES else np.inf
        if other_misfit < RIGHT_SCALE and misfit > MANY_TIMES * other_misfit and (best is None or gain > best[0]):
            best = gain, name
    if best is None:
        return None
    gain, name = best
    return (
        f"the log-likelihood is {gain:.3g} nats higher when the estimate's {reading.widths} are read as {name}: if that is "
        f"what they are, call them {_CALLED.get(name, name)}."
    )


def log_likelihood(mixture: Mixture, data: Data) -> float:
    """The log-likelihood of the data in nats."""
    return mixture.expectation(data).log_likelihood


def _distinct(readings: list[Reading]) -> list[Reading]:
    found: list[Reading] = []
    for reading in sorted(readings, key=lambda each: not each.is_expected):
        if not any(_alike(reading, other) for other in found):
            found.append(reading)
    return found


def _alike(one: Reading, other: Reading) -> bool:
    own, others = one.components.arrays(), other.components.arrays()
    return all(np.array_equal(own[name], others[name]) for name in own)


def _question(readings: list[Reading]) -> str:
    one, other = readings[:2]
    return f"the estimate can be read {one.how} or {other.how}: {one.remedy}"
