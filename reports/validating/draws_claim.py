r"""What the log-likelihood is that comes with somebody's draws: ours, ours by another convention, or another model's.

It is held against ours at every draw. Under one model the two differ by what no parameter changes, if at all: the same
number in each draw. Whatever varies over the draws is another likelihood: another model, another scale, or other data.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import log, pi

import numpy as np

from bayes import GivenPosterior
from models import Array, Data

from .draws_codes import DrawsClaim

# Draws written with six digits move a log-likelihood by so much, and sums in single precision by such a share.
ROUNDED, SHARE = 0.01, 1e-5


@dataclass(frozen=True)
class ClaimOfDraws:
    """What the log-likelihood that comes with draws was found to be.

    ``difference`` is theirs less ours, in nats, on average over the draws, ``spread`` its standard deviation over them,
    both NaN where the two cannot be held against each other; ``observations`` are how many theirs has, where it says.
    """

    claim: DrawsClaim
    difference: float
    spread: float
    observations: int | None = None


def claim_of_draws(given: GivenPosterior) -> ClaimOfDraws | None:
    """Return what the log-likelihood that comes with the draws was found to be; ``None`` where none does."""
    stated, at, data = given.draws.stated.log_likelihood, given.draws.stated.at, given.posterior.data
    if stated is None:
        return None
    observations = stated.shape[2] if stated.ndim > 2 else None
    theirs = _total(stated, data)
    if theirs is None:
        return ClaimOfDraws(DrawsClaim.OTHER_DATA, np.nan, np.nan, observations)
    ours = given.posterior.log_likelihood if at is None else given.posterior.log_likelihood[:, at]
    difference = theirs - ours
    return ClaimOfDraws(_claim(theirs, ours, data), float(difference.mean()), float(difference.std()), observations)


def _total(stated: Array, data: Data) -> Array | None:
    """Return the total of each draw; ``None`` when it is of another number of observations than there are."""
    if stated.ndim == 2:
        return stated
    rows = stated.shape[2]
    if rows == data.size:
        return np.asarray(stated.sum(axis=2))
    return np.asarray(stated @ data.weights) if rows == data.rows else None


def _claim(theirs: Array, ours: Array, data: Data) -> DrawsClaim:
    allowed = ROUNDED + SHARE * float(np.abs(ours).max())
    for claim, read in _conventions(theirs, data):
        if np.abs(read - ours).max() <= allowed:
            return claim
    return DrawsClaim.ANOTHER_CONSTANT if np.ptp(theirs - ours) <= 2 * allowed else DrawsClaim.OTHER_MODEL


def _conventions(theirs: Array, data: Data) -> Iterator[tuple[DrawsClaim, Array]]:
    """Each convention with what theirs is as a log-likelihood if that is what it has."""
    yield DrawsClaim.SAME, theirs
    yield DrawsClaim.MEAN_PER_ROW, theirs * data.size
    yield DrawsClaim.NEGATIVE, -theirs
    yield DrawsClaim.MINUS_TWICE, -theirs / 2
    yield DrawsClaim.WITHOUT_CONSTANT, theirs - 0.5 * data.size * data.dimension * log(2 * pi)
    if data.lowest[0] >= 0:
        yield DrawsClaim.WITHOUT_CONSTANT, theirs + data.weights @ data.log_base
