r"""Round numbers that occur more often than the numbers beside them: values that were guessed, or read off a coarse scale.

In a record of whole steps let $c_j$ be how often value $j$ occurs, and $T_j$ how often it and its two neighbours on each
side occur. Given $T_j$ the count is binomial with the share $q_j = p_j / (p_{j-2} + \dots + p_{j+2})$ of the fitted
probabilities, in which whatever is wrong with the model over longer stretches cancels. For every fifth and every tenth value
the excess is summed over all such places,

$$z = \sum_j (c_j - T_j q_j) \Big/ \sqrt{\textstyle\sum_j T_j q_j (1 - q_j)} ,$$

for each of the fifteen places at which the round numbers may lie, so that no origin plays a part.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import stats

from em import Fit, Rounded, record_of, rounding, step_of
from em import Kind as RoundingKind
from models import Array

from .registry import ends_among

PERIODS = (5, 10)
BESIDE = 2
# Over all places and periods together, one right model in two hundred.
LEVEL = 0.005
# Heaps are many, and most of them spikes: an excess that one or two values make is something else.
SMALLEST_PLACES, SMALLEST_SHARE_OF_SPIKES = 3, 0.6
# Of rounder numbers than that an excess of a fifth does no harm that a reader would notice.
SMALLEST_EXCESS = 1.2
MOST_LEVELS = 200_000
# Where hardly anything lies beside round numbers, the step is a coarser one, and nobody guessed: minutes that were seconds
# once, such as 1.617 and 1.633, leave most thousandths empty.
SMALLEST_SHARE_BESIDE = 0.05


@dataclass(frozen=True)
class Tied:
    """Values that occur too often: in which column, every how many steps, and how many times as often as expected."""

    column: str
    sentence: str
    times: float


def tied(fitted: Fit) -> Tied | None:
    """Return the first column whose round numbers, or one of whose values, occur too often for the fitted mixture."""
    for j in range(fitted.model.dimension):
        found = _heaped(fitted, j)
        if found is not None:
            return found
    return next((_repeated(found) for found in rounding(fitted) if found.kind is RoundingKind.REPEATED), None)


def _repeated(found: Rounded) -> Tied:
    return Tied(found.column, found.sentence.split(" A component")[0], float("nan"))


def _heaped(fitted: Fit, j: int) -> Tied | None:
    values, counts = record_of(fitted.data, j)
    step = 1.0 if fitted.model.counts else step_of(values, counts)
    if step is None or (values[-1] - values[0]) / step > MOST_LEVELS:
        return None
    levels = np.rint((values - values[0]) / step).astype(np.intp)
    whole = np.zeros(levels[-1] + 1)
    whole[levels] = counts
    places = values[0] + step * np.arange(len(whole))
    probabilities = _probabilities(places, step, fitted, j)
    looked_at = [_excess(whole, probabilities, period, first) for period in PERIODS for first in range(period)]
    z, times, period, first = max(looked_at)
    if len(looked_at) * stats.norm.sf(z) > LEVEL or times < SMALLEST_EXCESS:
        return None
    name = fitted.data.columns[j]
    return Tied(
        name,
        f"In {name!r} every {'fifth' if period == 5 else 'tenth'} number, such as {places[first + period]:g}, occurs "
        f"{times:.2g} times as often as its neighbours lead to expect",
        times,
    )


def _excess(counts: Array, probabilities: Array, period: int, first: int) -> tuple[float, float, int, int]:
    """Return z, how many times as many as expected, and the place that was looked at; minus infinity where nothing is."""
    at = np.arange(first, len(counts), period)
    at = at[(at >= BESIDE) & (at < len(counts) - BESIDE)]
    if not at.size:
        return -np.inf, 0.0, period, first
    around = at[:, None] + np.arange(-BESIDE, BESIDE + 1)
    totals, near = counts[around].sum(axis=1), probabilities[around].sum(axis=1)
    seen = (totals > 0) & (near > 0)
    at, totals, share = at[seen], totals[seen], (probabilities[at] / np.where(near > 0, near, 1))[seen]
    expected, variance = totals * share, float((totals * share * (1 - share)).sum())
    # On a slope or at a bend of the true density a value lies between its neighbours, or hardly beyond them.
    spikes = counts[at] > np.maximum(counts[at - 1], counts[at + 1])
    beside = totals.sum() - counts[at].sum()
    if (
        at.size < SMALLEST_PLACES
        or beside < SMALLEST_SHARE_BESIDE * totals.sum()
        or totals[spikes].sum() < SMALLEST_SHARE_OF_SPIKES * totals.sum()
        or variance <= 0
    ):
        return -np.inf, 0.0, period, first
    return (
        float((counts[at] - expected).sum() / np.sqrt(variance)),
        float(counts[at].sum() / expected.sum()),
        period,
        first,
    )


def _probabilities(places: Array, step: float, fitted: Fit, j: int) -> Array:
    upper, lower = ends_among(fitted.data, fitted.model, places, step, fitted.mixture.marginal(j))
    return np.asarray(upper - lower)
