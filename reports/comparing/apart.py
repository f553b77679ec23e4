r"""Many columns of counts: which of them tell the components apart.

How much a column tells of the label is measured by the mean Kullback–Leibler divergence of the components' Poissons from
the one at their average rate $\bar\lambda_j = \sum_k \pi_k \lambda_{kj}$, at the mean exposure $\bar e$,

$$\bar e \sum_k \pi_k \, \lambda_{kj} \log \frac{\lambda_{kj}}{\bar\lambda_j} ,$$

in nats for each row: zero where all components have one rate, and at least the mutual information of count and label.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import special

from models import Array, Data, Mixture, PoissonProduct

TAIL = 0.025


@dataclass(frozen=True)
class Apart:
    """How many nats a column tells of the label: by EM, and the posterior's mean and the ends of its 95 % interval.

    ``feature`` is the place of the column among the data's.
    """

    column: str
    feature: int
    em: float
    mean: float
    lower: float
    upper: float


def columns_apart(data: Data, em: Mixture, posterior: Mixture) -> list[Apart]:
    """Return every column of counts, what tells the components apart best first; none of what is no table of rates."""
    if not isinstance(em.components, PoissonProduct) or data.dimension == 1:
        return []
    exposure = data.total_exposure / data.size
    own, draws = exposure * _told(em), exposure * _told(posterior.flatten())
    lower, upper = np.quantile(draws, [TAIL, 1 - TAIL], axis=0)
    features = range(data.dimension)
    found = [Apart(*each) for each in zip(data.columns, features, own, draws.mean(axis=0), lower, upper, strict=True)]
    return sorted(found, key=lambda each: -each.mean)


def _told(mixture: Mixture) -> Array:
    """Nats for each row at an exposure of one, shape ``(..., d)``."""
    rates, weights = mixture.components.arrays()["rates"], mixture.weights[..., None]
    average = (weights * rates).sum(axis=-2, keepdims=True)
    return np.asarray((weights * (special.xlogy(rates, rates) - special.xlogy(rates, average))).sum(axis=-2))
