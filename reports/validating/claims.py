r"""What a log-likelihood that somebody states is: ours, or ours by another convention.

A program may state the mean of the rows, minus twice the sum, or an information criterion in place of the log-likelihood
$\ell$. It may leave out what no parameter changes: $\tfrac12 n d \log 2 \pi$ of Gaussians, $\sum_i \log x_i!$ of counts.
It may take logarithms of base two or ten, or the likeliest label in place of a sum over all. It may also state the value
before its last step, which is a little lower. Each is tried in turn, the plainest first.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from math import log, pi

import numpy as np

from models import Data, Given

from .codes import Claim
from .own_hill import OwnHill

# What two programs' sums may differ by, as a share.
SUMS = 1e-8
# The gain of the step before is larger than the next one's, but a program that ends soon after has few such steps behind it.
STEPS_BEFORE = 20.0


def claim_of(given: Given, hill: OwnHill, data: Data, by_rounding: float) -> Claim | None:
    """What the stated log-likelihood is; ``None`` where none is stated.

    ``by_rounding`` is how far rounding of the estimate may have moved its log-likelihood, in nats.
    """
    stated = given.log_likelihood
    if stated is None:
        return None
    for claim, value, slope in _conventions(given, hill, data):
        if abs(stated - value) <= _last_place(stated) + abs(slope) * (by_rounding + SUMS * abs(hill.log_likelihood)):
            return claim
    return Claim.OF_THE_STEP_BEFORE if _is_of_the_step_before(stated, hill, data) else Claim.UNKNOWN


def _conventions(given: Given, hill: OwnHill, data: Data) -> Iterator[tuple[Claim, float, float]]:
    """Each convention with its value, and how much it changes with the log-likelihood."""
    own, n, p = hill.log_likelihood, data.size, given.model.free_parameters
    yield Claim.TOTAL, own, 1.0
    yield Claim.MEAN_PER_ROW, own / n, 1 / n
    yield Claim.NEGATIVE, -own, 1.0
    yield Claim.NEGATIVE_MEAN, -own / n, 1 / n
    yield Claim.MINUS_TWICE, -2 * own, 2.0
    yield Claim.AIC, 2 * p - 2 * own, 2.0
    yield Claim.BIC, p * log(n) - 2 * own, 2.0
    yield Claim.MCLUST_BIC, 2 * own - p * log(n), 2.0
    yield Claim.WITHOUT_CONSTANT, own - _constant(given, data), 1.0
    yield Claim.BITS, own / log(2), 1 / log(2)
    yield Claim.DECIMAL, own / log(10), 1 / log(10)
    yield Claim.WITH_LABELS, float(data.weights @ hill.estimate.log_joint(data.values, data.exposure).max(axis=1)), 1.0
    if hill.has_a_top:
        yield Claim.OF_THE_TOP, hill.top.log_likelihood, 1.0


def _constant(given: Given, data: Data) -> float:
    """What of the log-likelihood no parameter changes, in nats."""
    if given.model.counts:
        return float(data.weights @ data.log_base)
    return -0.5 * data.size * data.dimension * log(2 * pi)


def _is_of_the_step_before(stated: float, hill: OwnHill, data: Data) -> bool:
    """Whether the value, or its mean, is as little below ours as a step of EM gains."""
    below = min(hill.log_likelihood - stated, hill.log_likelihood - stated * data.size, key=abs)
    return bool(0 < below <= STEPS_BEFORE * hill.gain and np.isfinite(below))


def _last_place(stated: float) -> float:
    """The unit of the last decimal place that the value was written with; a half of it would be rounding."""
    return float(Decimal(1).scaleb(int(Decimal(repr(stated)).normalize().as_tuple().exponent)))
