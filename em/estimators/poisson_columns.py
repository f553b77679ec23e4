r"""Counts in several columns that are independent within a component.

With $\log p(x \mid k) = \sum_j \log p(x_j \mid \lambda_{kj})$ each column stands in $Q$ by itself, so that the M-step is
that of one column, $\lambda_{kj} = \sum_i w_i \gamma_{ik} x_{ij} / N_k$ (``em/poisson.py``).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy import special

from models import Array, Data, Mixture, Poisson

from .m_step import LEAST_COUNT
from .run import Steps


@dataclass(frozen=True)
class PoissonColumns(Poisson):
    """k products of Poissons, with ``rates`` of shape ``(k, d)``."""

    def log_density(self, x: Array) -> Array:
        values = np.asarray(x, dtype=np.float64)
        # Feature by feature: no event where the rate is zero has probability one, which no product of matrices knows.
        events = sum(
            special.xlogy(column[:, None], rates) for column, rates in zip(values.T, self.rates.T, strict=True)
        )
        return np.asarray(events - self.rates.sum(axis=-1) - special.gammaln(values + 1).sum(axis=-1)[:, None])


def rates_of(values: Array, shares: Array) -> Mixture:
    """The M-step: weights and rates from the rows' shares, shape ``(n, k)``."""
    counts = shares.sum(axis=0) + LEAST_COUNT
    return Mixture(counts / counts.sum(), PoissonColumns((shares.T @ values) / counts[:, None]))


def steps_on_columns(data: Data) -> Steps:
    """Plain steps of EM, one at a time."""

    def steps(start: Mixture, count: int) -> tuple[Array, Callable[[int], Mixture]]:
        log_likelihood = np.array([float(start.log_likelihood(data.values, data.weights))])
        shares = start.responsibilities(data.values) * data.weights[:, None]
        return log_likelihood, lambda step: rates_of(data.values, shares)

    return steps
