r"""Leave-one-out predictive score from one posterior, by Pareto-smoothed importance sampling.

The score is $\sum_i w_i \log p(x_i \mid x_{-i})$, where $x_{-i}$ is all of the data but *one* observation of row $i$,
also when that row was seen $w_i$ times. The draws of the whole posterior have then the importance weights $1 / p(x_i
\mid \theta)$, to the first power and not to the power $w_i$, and are smoothed as Vehtari, Gelman and Gabry (2017,
section 2.1) describe. A Pareto $k$ above 0.7 says that a few draws carry all of the weight, and that the score of this
observation is not to be trusted (Vehtari et al. 2024). No labelling changes any of this.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from arviz_stats.base import array_stats

from models import Array, Data, Shown, UnfeasibleError, in_order, number

from .pareto_smoothing import leave_one_out_of_rows
from .posterior import Posterior

# The pointwise log-likelihood of evenly spaced draws, as many as fit in 80 MB.
MOST_VALUES = 10_000_000
# Rows are smoothed one by one, however many are held at a time.
MOST_AT_ONCE = 2_000_000
# For the Pareto-smoothed importance weights of the leave-one-out score: their tail is a fifth of the draws, and fewer than
# five make none.
LEAST_DRAWS_IN_ALL = 25
# But no fewer than these, since the weights' tail is fitted to a fifth of them.
LEAST_KEPT = 100


@dataclass(frozen=True, repr=False)
class LeaveOneOut(Shown):
    """The leave-one-out score of all observations, in nats, higher being better.

    ``elpd`` is the sum, and ``standard_error`` says how much that varies with the observations. Of shape ``(rows,)``:
    ``pointwise``, the score of one observation of each distinct row, its ``weights``, and its ``pareto_k``.

    Examples
    --------
    Two components predict better than one, by more than the standard error of the difference:

    >>> from bayes import leave_one_out, sample
    >>> x = [0, 1, 1, 2, 3, 8, 9, 9, 10, 12]
    >>> one, two = (leave_one_out(sample(x, "poisson", k, draws=500, chains=2, seed=0)) for k in (1, 2))
    >>> difference, error = two.difference(one)
    >>> difference > error
    True
    """

    elpd: float
    standard_error: float
    pointwise: Array
    weights: Array
    pareto_k: Array

    @property
    def worst_pareto_k(self) -> float:
        """The largest Pareto k: above 0.7 the score is not to be trusted."""
        return float(self.pareto_k.max())

    def _said(self) -> Iterator[str]:
        error = self.standard_error
        yield (
            f"Leave-one-out score of the posterior: {number(self.elpd, error)} ± {number(error, error)} nats over "
            f"{self.weights.sum():g} observations, largest Pareto k {self.worst_pareto_k:.2f}"
        )

    def difference(self, other: LeaveOneOut) -> tuple[float, float]:
        """Return the score less that of another model, and its standard error (Vehtari et al. 2017, equation 24)."""
        return total(self.pointwise - other.pointwise, self.weights)


def require_draws_for_scores(draws: int, chains: int) -> None:
    """Make sure that there will be enough draws for the leave-one-out score.

    Parameters
    ----------
    draws, chains
        The draws of each chain, and the number of chains.

    Raises
    ------
    UnfeasibleError
        A ``ValueError``, which says how many there must be.

    Examples
    --------
    >>> from bayes import require_draws_for_scores
    >>> require_draws_for_scores(500, 2)
    >>> try:
    ...     require_draws_for_scores(4, 2)
    ... except ValueError as error:
    ...     print(error)
    draws x chains must be at least 25 in all for the leave-one-out score, got 4 x 2: take more draws or more chains.
    """
    if draws * chains < LEAST_DRAWS_IN_ALL:
        raise UnfeasibleError(
            f"draws x chains must be at least {LEAST_DRAWS_IN_ALL} in all for the leave-one-out score, "
            f"got {draws} x {chains}: take more draws or more chains."
        )


def leave_one_out(posterior: Posterior) -> LeaveOneOut:
    """Score a model by how well it predicts each observation from all others (Vehtari, Gelman and Gabry 2017).

    Parameters
    ----------
    posterior
        A posterior.

    Returns
    -------
    LeaveOneOut
        The score in nats, with its standard error and the Pareto k of every row.

    Examples
    --------
    >>> from bayes import exact_posterior, leave_one_out, sample
    >>> x = [0, 1, 1, 2, 3, 8, 9, 9, 10, 12]
    >>> posterior = sample(x, "poisson", 2, draws=500, chains=2, seed=0)
    >>> exact = posterior.data.weights @ exact_posterior(x, "poisson", 2).leave_one_out
    >>> bool(abs(leave_one_out(posterior).elpd - exact) < 0.5)
    True
    """
    compressed = posterior.data.compress()
    draws = posterior.log_likelihood.size
    thin = int(np.ceil(draws * len(compressed.values) / MOST_VALUES))
    thin = min(thin, max(1, draws // LEAST_KEPT))
    kept = posterior.mixture[:, ::thin]
    efficiency, each = _efficiency(posterior, thin), kept.flatten()
    rows = max(1, MOST_AT_ONCE // len(each.weights))

    def scored(part: Data) -> tuple[Array, Array]:
        return leave_one_out_of_rows(each.log_density(part.values, part.exposure, part.known), efficiency)

    parts = in_order(scored, compressed.slices(rows), None)
    pointwise, pareto_k = (np.concatenate(found) for found in zip(*parts, strict=True))
    elpd, standard_error = total(pointwise, compressed.weights)
    return LeaveOneOut(elpd, standard_error, pointwise, compressed.weights, pareto_k)


def _efficiency(posterior: Posterior, thin: int) -> float:
    """How many independent draws one of every ``thin`` is worth, on average over the parameters; of a single chain, one."""
    if posterior.chains == 1:
        return 1.0
    kept = np.array([values[:, ::thin] for values in posterior.scalars.values()])
    return float(np.mean(array_stats.ess(kept, method="mean")) / kept[0].size)


def total(pointwise: Array, weights: Array) -> tuple[float, float]:
    """Return the sum over all observations, and √n times their standard deviation."""
    n = weights.sum()
    mean = weights @ pointwise / n
    variance = weights @ np.square(pointwise - mean) / (n - 1)
    return float(n * mean), float(np.sqrt(n * variance))
