r"""When two runs of EM ended at the same optimum: the one rule of the whole suite.

Their **heights** are the same when they differ by no more than

- a thousandth of a nat, which no data can tell from nothing;
- what the runs themselves leave: each stops when it believes itself within its tolerance of the limit;
- what a sum over all observations may err by.

Their **places** are the same when the two give the data the same density besides. The density does not change when
components swap names, and finite mixtures of these families are identified by it up to that (Teicher 1963; Yakowitz and
Spragins 1968). With $I$ the information and $e$ the difference of two ends near one optimum,
$\sum_i w_i (\log p_i - \log p'_i)^2 \approx e^T I e$, which is at most eight times $h$ when each is $h$ nats from the limit;
fifty times leaves room for what is not quadratic. Of large data an even selection of the rows decides.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from models import Array, Data, Mixture, Rows

from .ascent import rounding_of

TOLERANCE = 1e-8
# In nats: a likelihood ratio of 1.001.
SAME_HEIGHT = 1e-3
# What a run believes to be left is an estimate, which may be off by so much.
SLACK = 10
# Of Σ w (log p − log p′)², in units of the heights; see above.
SAME_DENSITY = 50
# So many rows tell two places apart.
MOST_ROWS = 10_000


def same_height(objective: float, tolerance: float = TOLERANCE) -> float:
    """How far two ends of runs may differ about this objective, in nats, to be as high as each other.

    Parameters
    ----------
    objective
        What EM maximises, at the optimum, in nats.
    tolerance
        How near its limit a run had to come.

    Returns
    -------
    float
        The largest difference, in nats, of two runs that ended equally high.

    Examples
    --------
    >>> from em import same_height
    >>> 0 < same_height(-1130.26) < 0.01
    True
    """
    return max(SAME_HEIGHT, SLACK * tolerance, rounding_of(objective))


@dataclass(frozen=True)
class Place:
    """Where a run of EM ended: its mixture, its objective in nats, the data, and the tolerance that it had.

    Examples
    --------
    >>> import numpy as np
    >>> from em import Place, fit
    >>> fitted = fit([0, 1, 1, 2, 3, 8, 9, 9, 10, 12], "poisson", 2, starts=10)
    >>> swapped = fitted.mixture.relabel(np.array([1, 0]))
    >>> one, other = (Place(mixture, fitted.log_likelihood, fitted.data) for mixture in (fitted.mixture, swapped))
    >>> one.is_same(other)
    True
    """

    mixture: Mixture
    objective: float
    data: Rows
    tolerance: float = TOLERANCE

    def is_as_high_as(self, other: Place) -> bool:
        """Whether nothing can tell the heights of two places apart."""
        return abs(self.objective - other.objective) <= self._allowed

    def is_same(self, other: Place) -> bool:
        """Whether two places are one optimum up to the names of the components."""
        if not self.is_as_high_as(other):
            return False
        apart = np.square(self._log_density - other._log_density) @ self._rows.weights
        return bool(apart <= SAME_DENSITY * self._allowed)

    @property
    def _allowed(self) -> float:
        return same_height(self.objective, self.tolerance)

    @cached_property
    def _log_density(self) -> Array:
        return self.mixture.log_density(self._rows.values, self._rows.exposure, self._rows.known)

    @cached_property
    def _rows(self) -> Data:
        return self.data.every(self.data.rows // MOST_ROWS)
