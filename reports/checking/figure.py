"""A figure that shows one way in which data depart from a mixture."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

import numpy as np
from scipy import special

from models import Array, Data, Mixture

from .codes import FitCode


class Spread(StrEnum):
    """How the range of a figure shrinks with n: about its middle, to zero, in a way that nobody can say, or not at all."""

    ABOUT_THE_MIDDLE = "middle"
    TO_ZERO = "zero"
    UNKNOWN = "unknown"
    ALIKE = "alike"


class Kind(NamedTuple):
    """What is looked at, in words, and the codes of a figure that is too large and of one that is too small, if any."""

    words: str
    large: FitCode | None
    small: FitCode | None = None
    spread: Spread = Spread.ABOUT_THE_MIDDLE


class Key(NamedTuple):
    """The name of a figure: its kind, and the component that it is about, if it is about one."""

    kind: str
    component: int | None = None


@dataclass(frozen=True)
class Figure:
    """A figure twice: ``shown`` as a reader knows it, ``value`` where the right model makes it nearly normal at any n."""

    value: float
    shown: float


Figures = dict[Key, Figure]
Statistics = Callable[[Data, Mixture], Figures]

KINDS: dict[str, Kind] = {
    "dispersion": Kind(
        "variance of the counts inside a component over its rate",
        FitCode.OVERDISPERSED,
        FitCode.UNDERDISPERSED,
    ),
    "sums": Kind(
        "variance of the rows' sums inside a component over the sum of its rates",
        FitCode.OVERDISPERSED,
        FitCode.UNDERDISPERSED,
    ),
    "zeros": Kind("share of zeros", FitCode.EXCESS_ZEROS, FitCode.MISFIT),
    "largest": Kind("farthest observation", FitCode.HEAVY_TAILS, spread=Spread.UNKNOWN),
    "skewness": Kind("skewness inside a component", FitCode.SKEWED, spread=Spread.TO_ZERO),
    "kurtosis": Kind(
        "kurtosis inside a component over that of the bell curve",
        FitCode.HEAVY_TAILS,
        FitCode.MISFIT,
    ),
    "distribution": Kind("largest error of the distribution function", FitCode.MISFIT, spread=Spread.TO_ZERO),
    "density": Kind("largest error of the distribution of the density", FitCode.MISFIT, spread=Spread.ALIKE),
    "penalty": Kind("penalty of Takeuchi for each parameter", FitCode.MISFIT),
}


# Counts of which nearly all are alike may leave no gap at all.
NO_GAP = 0.01
# A component of fewer observations has no shape that could be looked at.
FEWEST = 10


def normal_of_rare(expected: float) -> float:
    """Return the standard normal value of an event as rare: ``expected`` is how many farther ones the model expects.

    Of n observations none is farther with probability exp(−expected), which is uniform under the model.
    """
    tiny = max(expected, 1e-300)
    # Near one, exp(−expected) has no digits left.
    return float(-special.ndtri(tiny)) if tiny < 1e-8 else float(special.ndtri(np.clip(np.exp(-tiny), 1e-300, 1)))


def largest_gap(places: Array, weights: Array, of_model: Array, before: Array) -> float:
    """Return sup |F_n − F| of a distribution that jumps: ``of_model`` is F at the places, ``before`` just below them."""
    order = np.argsort(places, kind="stable")
    whole = np.cumsum(weights[order])
    above, below = whole / whole[-1], (whole - weights[order]) / whole[-1]
    return float(max(np.abs(above - of_model[order]).max(), np.abs(below - before[order]).max()))


def log_gap(gap: float, size: float) -> float:
    """Return the logarithm of √n sup |F_n − F|, which is nearly normal; it is a few tenths under any model."""
    return float(np.log(np.sqrt(size) * gap + NO_GAP))
