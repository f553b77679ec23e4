"""The M-step of an estimator: nothing ends it, and a component that no row belongs to stays, all but without weight."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from models import Mixture, Statistics

from ..m_step import MStep

# What scikit-learn adds to N, so that a component without any row has a mean.
LEAST_COUNT = 10 * float(np.finfo(float).eps)


@dataclass(frozen=True)
class UnendingMStep(MStep):
    """An M-step that ends in the mixture that maximises Q, be it an interior maximum or not."""

    def __call__(self, statistics: Statistics, current: Mixture | None = None) -> Mixture:
        """The maximising mixture."""
        if (statistics.counts <= LEAST_COUNT).any():
            statistics = _with_least_counts(statistics)
        return super().__call__(statistics, current)

    def collapse(self, mixture: Mixture, statistics: Statistics) -> str | None:
        """Nothing ends these steps but a covariance without a Cholesky factor, which is an error."""
        return None

    def has_empty(self, mixture: Mixture) -> bool:
        """Whether less than a millionth of one observation belongs to a component."""
        return bool((mixture.weights * self.data.size < 1e-6 * min(1.0, self.data.smallest_weight)).any())

    @cached_property
    def _least_count(self) -> float:
        return LEAST_COUNT


def _with_least_counts(statistics: Statistics) -> Statistics:
    """The statistics with so much added to every N, by which means and rates are divided."""
    counts = statistics.counts + LEAST_COUNT
    # Estimators know of no exposure, so that Σγe is N where a family has it.
    exposures = {"exposures": counts} if "exposures" in vars(statistics) else {}
    return replace(statistics, counts=counts, **exposures)  # type: ignore[type-var]
