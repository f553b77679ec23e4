r"""Leave-one-out predictive score from one posterior, by Pareto-smoothed importance sampling.

The score is $\sum_i w_i \log p(x_i \mid x_{-i})$, where $x_{-i}$ is all of the data but *one* observation of row $i$,
also when that row was seen $w_i$ times. The draws of the whole posterior have then the importance weights $1 / p(x_i
\mid \theta)$, to the first power and not to the power $w_i$, and are smoothed as Vehtari, Gelman and Gabry (2017,
section 2.1) describe. A Pareto $k$ above 0.7 says that a few draws carry all of the weight, and that the score of this
observation is not to be trusted (Vehtari et al. 2024). No labelling changes any of this.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import xarray as xr
from arviz_stats import loo
from scipy import special

from models import Array, Shown, UnfeasibleError, number

from .posterior import Posterior

# The pointwise log-likelihood of evenly spaced draws, as many as fit in 80 MB.
MOST_VALUES = 10_000_000
# For the Pareto-smoothed importance weights of the leave-one-out score: ArviZ fits their tail, a fifth of the draws, and
# takes no tail of less than five.
LEAST_DRAWS_IN_ALL = 25
# But no fewer than these, since the weights' tail is fitted to a fifth of them.
LEAST_KEPT = 100


@dataclass(frozen=True, repr=False)
class LeaveOneOut(Shown):
    """The leave-one-out score of all observations, in nats, higher being better.

    ``elpd`` is the sum, and ``standard_error`` says how much that varies with the observations. Of shape ``(rows,)``:
    ``pointwise``, the score of one observation of each distinct row, its ``weights``, and its ``pareto_k``.
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

    Raises
    ------
    UnfeasibleError
        Says how many there must be.
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
    >>> abs(leave_one_out(posterior).elpd - posterior.data.weights @ exact_posterior(x, "poisson", 2).leave_one_out) < 0.5
    True
    """
    compressed = posterior.data.compress()
    draws = posterior.log_likelihood.size
    thin = int(np.ceil(draws * len(compressed.values) / MOST_VALUES))
    thin = min(thin, max(1, draws // LEAST_KEPT))
    kept = posterior.mixture[:, ::thin]
    dims, seen = ("chain", "draw", "row"), (compressed.values, compressed.exposure, compressed.known)
    tree = xr.DataTree.from_dict(
        {
            "posterior": xr.Dataset(
                # By number: a name that holds a column's may not be one that xarray takes.
                {str(i): (dims[:2], values[:, ::thin]) for i, values in enumerate(posterior.scalars.values())}
            ),
            "log_likelihood": xr.Dataset({"x": (dims, kept.log_density(*seen))}),
        }
    )
    with warnings.catch_warnings():
        # It warns of a large Pareto k, which stands in the result.
        warnings.filterwarnings(
            "ignore", message="Estimated shape parameter of Pareto distribution", category=UserWarning
        )
        # One distinct row, as counts that are all alike are, has a score that is also the sum.
        warnings.filterwarnings("ignore", message="The point-wise LOO is the same", category=UserWarning)
        pointwise, pareto_k = _smoothed(tree)
    elpd, standard_error = total(pointwise, compressed.weights)
    return LeaveOneOut(elpd, standard_error, pointwise, compressed.weights, pareto_k)


def _smoothed(tree: xr.DataTree) -> tuple[Array, Array]:
    """Return score and Pareto k of each row; where chains stood still there is no tail to smooth, and k is infinite."""
    try:
        found = loo(tree, pointwise=True)
    except ValueError as error:
        if "tail values are the same" not in str(error):
            raise
        log_likelihood = tree["log_likelihood"]["x"].stack(sample=("chain", "draw")).to_numpy()
        draws = log_likelihood.shape[1]
        return np.log(draws) - special.logsumexp(-log_likelihood, axis=1), np.full(len(log_likelihood), np.inf)
    return found.elpd_i.to_numpy(), found.pareto_k.to_numpy()


def total(pointwise: Array, weights: Array) -> tuple[float, float]:
    """Return the sum over all observations, and √n times their standard deviation."""
    n = weights.sum()
    mean = weights @ pointwise / n
    variance = weights @ np.square(pointwise - mean) / (n - 1)
    return float(n * mean), float(np.sqrt(n * variance))
