r"""The posterior of a mixture without sampling: a finite sum over what the labels may be.

Let $z_1, \dots, z_n$ be the labels that nobody saw. Under conjugate priors all is known in closed form given the
labels, and the posterior is the finite mixture

$$p(\pi, \theta \mid x) = \sum_z p(z \mid x) \; p(\pi \mid z) \; p(\theta \mid x, z) , \qquad
  p(z \mid x) = \frac{p(z) \, p(x \mid z)}{p(x)} , \qquad p(x) = \sum_z p(z) \, p(x \mid z) ,$$

whose normalising constant $p(x)$ is the **evidence** (Diebolt and Robert 1994, section 2; Frühwirth-Schnatter 2006,
section 3.3). With $N_k$ observations in component $k$ and $\pi \sim \mathrm{Dirichlet}(\alpha, \dots, \alpha)$, the
weights integrate to

$$p(z) = \frac{\Gamma(K \alpha)}{\Gamma(\alpha)^K} \, \frac{\prod_k \Gamma(\alpha + N_k)}{\Gamma(K \alpha + n)} , \qquad
  \pi \mid z \sim \mathrm{Dirichlet}(\alpha + N_1, \dots, \alpha + N_K) ,$$

and $p(z) = K^{-n}$ when they are fixed at $1/K$. $p(x \mid z) = \prod_k \int p(\theta_k) \prod_{i : z_i = k} p(x_i \mid
\theta_k) \, d\theta_k$ and $p(\theta \mid x, z)$ are the family's own: see ``poisson.py`` and ``gaussian.py`` beside
this file. There are $K^n$ allocations, too many to be visited one by one unless $n$ is small. Where they enter by a sum
of whole numbers alone, those with equal sums make one *state*, and ``sums.py`` counts them: the sum above then has some
$n \sum x$ terms at most.

**Labels.** Likelihood and prior do not change when the components swap names. The evidence is that of the whole,
unrestricted posterior with all $K!$ labellings, and so is the predictive density, which no labelling changes:

$$p(y \mid x) = \sum_z p(z \mid x) \sum_k \mathrm{E}[\pi_k \mid z] \; p(y \mid x, z, z_y = k) .$$

Parameters with a name of their own are those of the posterior restricted to components that *ascend* by their location
(rate, or mean of the first feature). Every labelling has the same probability $1/K!$, so that an expectation under the
restriction is a sum over the component $j$ that has rank $r$. Given a state the weights are independent of the components:

$$p(\pi_{(r)} \mid x) = \sum_s p(s \mid x) \sum_j \Pr(\text{component } j \text{ has rank } r \mid s) \;
  \mathrm{Beta} \bigl( \pi_{(r)} \mid \alpha + N_j, \, (K-1) \alpha + n - N_j \bigr) .$$

Draws of a sampler are held against these after ``Mixture.ascending``; relabelling by responsibilities (``bayes.relabel``)
is another restriction, which agrees when the components lie apart.

Under a prior whose own number is unknown, such as the scale of the weak prior of rates, a state has one of the values of
that number, too: the sum is then also one over the nodes of a quadrature (``poisson_scale.py``).

**Errors.** States that together have a probability below $10^{-12}$ are left out of all but the evidence. The logarithm
of each term is a sum of some ten terms, each right to $2^{-53}$ of itself, the largest about $\sum x \log n$: for two
thousand counts of mean ten that makes $10^{-10}$ at most in the evidence (nats), and as much, relatively, in each
probability.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from models import AnyPrior, Array, Data, Mixture, Model, Prior, Shown, observed, require_whole_weights

from ..posterior import PROBABILITY
from .marginal import Marginal, beta_mixture
from .registry import exact_prior, states_of
from .states import States, expected_weights, shares

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, repr=False)
class ExactPosterior(Shown):
    """The posterior as a finite mixture over ``states``; made by :func:`exact_posterior`.

    ``evidence`` is the logarithm of p(x), in nats, with all constants, of the unrestricted posterior. What has the name
    of a component (``marginals``, ``summary``, ``sample``) is of components that ascend by their rate or first mean.
    ``data``, ``model`` and ``prior`` are what it is the posterior of.

    Examples
    --------
    One rate has a gamma distribution, here with the shape 1 + Σx = 13 and the rate 1/4 + n:

    >>> from bayes import exact_posterior
    >>> from numpy.random import default_rng
    >>> from scipy import stats
    >>> exact = exact_posterior([3, 5, 4], "poisson", 1, prior="conjugate")
    >>> bool(abs(exact.summary.loc["rates[1]", "upper"] - stats.gamma(13, scale=1 / 3.25).ppf(0.975)) < 1e-6)
    True
    >>> exact.sample(1000, default_rng(0)).components.rates.shape
    (1000, 1)
    """

    data: Data
    model: Model
    prior: Prior
    states: States

    @property
    def evidence(self) -> float:
        """log p(x) in nats, all constants and all K! labellings included."""
        return self.states.evidence

    def _said(self) -> Iterator[str]:
        yield (
            f"Exact posterior of a {self.model.components}-component {self.model.family} mixture: "
            f"log p(x) = {self.evidence:.6f} nats"
        )

    @cached_property
    def marginals(self) -> dict[str, Marginal]:
        """The distribution of every parameter by its name, as in ``Model.scalars``."""
        probabilities, k = self.states.probabilities, self.model.components
        of_components: dict[str, Marginal] = self.states.components.marginals(probabilities, self.data.columns)
        if not self.model.weights_are_free:
            return of_components
        a, b = shares(self.states.sizes, self.model, self.prior)
        ranks = self.states.components.ranks() * probabilities[:, None, None]
        return {f"weights[{r + 1}]": beta_mixture(ranks[:, :, r], a, b) for r in range(k)} | of_components

    @cached_property
    def summary(self) -> pd.DataFrame:
        """The table has each parameter's mean, median, sd and 95 % equal-tailed interval, as in ``Posterior.summary``."""
        import pandas as pd

        tail = (1 - PROBABILITY) / 2
        rows = {
            name: {
                "mean": marginal.mean,
                "median": marginal.quantile(0.5),
                "sd": marginal.sd,
                "lower": marginal.quantile(tail),
                "upper": marginal.quantile(1 - tail),
            }
            for name, marginal in self.marginals.items()
        }
        return pd.DataFrame.from_dict(rows, orient="index").rename_axis("parameter")

    def log_density(self, y: ArrayLike, exposure: Array | None = None) -> Array:
        """Return the log-density (log-probability of a count) of one new observation at each ``y``, shape ``(m,)``, in nats.

        This is log E[p(y | θ) | x], the posterior predictive density; ``y`` has shape ``(m,)`` or ``(m, d)``, and the
        exposure of each, one unless given, shape ``(m,)``.
        """
        places = np.asarray(y, dtype=np.float64).reshape(-1, self.model.dimension)
        exposures = np.ones(len(places)) if exposure is None else exposure
        return np.array([self._log_density(place[None, :], e) for place, e in zip(places, exposures, strict=True)])

    def _log_density(self, place: Array, exposure: float) -> float:
        each = self.states.components.log_predictive(place, exposure)[:, 0, :]
        weights = expected_weights(self.states.sizes, self.model, self.prior)
        return float(special.logsumexp(each, b=self.states.probabilities[:, None] * weights))

    @cached_property
    def leave_one_out(self) -> Array:
        """log p(x_i | all other observations) for one observation of each row of the data, shape ``(rows,)``, in nats.

        It is p(x) over the evidence of the data with one observation less, under the same prior.
        """
        compressed = self.data.compress()
        each = [self.evidence - self._without(compressed, i).evidence for i in range(compressed.rows)]
        return np.array(each)[self.data.places_in(compressed)]

    @cached_property
    def responsibilities(self) -> Array:
        """E[γ | x] for one observation of each row of the data, shape ``(rows, k)``, components ascending by location.

        It is the probability that the observation belongs to the component of that rank. By Bayes' theorem it follows
        from the states of all *other* observations and their predictive density.
        """
        compressed = self.data.compress()
        each = [self._responsibilities(compressed, i) for i in range(compressed.rows)]
        return np.array(each)[self.data.places_in(compressed)]

    def _responsibilities(self, compressed: Data, row: int) -> Array:
        y, others = compressed.values[row : row + 1], self._without(compressed, row)
        exposure = 1.0 if compressed.exposure is None else float(compressed.exposure[row])
        joint = np.log(others.probabilities[:, None] * expected_weights(others.sizes, self.model, self.prior))
        joint += others.components.log_predictive(y, exposure)[:, 0, :]
        of_labels = special.softmax(joint)
        ranks = [
            others.components.with_one_more(y[0], j, exposure).ranks()[:, j, :] for j in range(self.model.components)
        ]
        return np.asarray(sum(of_labels[:, j] @ ranks[j] for j in range(self.model.components)))

    def _without(self, compressed: Data, row: int) -> States:
        weights = compressed.weights.copy()
        weights[row] -= 1
        return states_of(replace(compressed, weights=weights).take(weights > 0), self.model, self.prior)

    def sample(self, n: int, rng: np.random.Generator) -> Mixture:
        """Return independent draws, with one leading axis, of components that ascend by location."""
        chosen = rng.choice(len(self.states.probabilities), size=n, p=self.states.probabilities)
        k = self.model.components
        weights = np.full((n, k), 1 / k)
        if self.model.weights_are_free:
            weights = rng.standard_gamma(shares(self.states.sizes[chosen], self.model, self.prior)[0])
            weights /= weights.sum(axis=1, keepdims=True)
        return Mixture(weights, self.states.components.sample(chosen, rng)).ascending()


def exact_posterior(
    x: ArrayLike | Data,
    family: str,
    components: int,
    *,
    covariance: str | None = None,
    mixing: str = "free",
    weights: ArrayLike | None = None,
    exposure: ArrayLike | None = None,
    prior: AnyPrior | None = None,
) -> ExactPosterior:
    """Compute the posterior of a mixture without sampling, from the arguments of :func:`bayes.sample`.

    It is there for one component of every family; for two Poisson components while the table of sums fits (a few
    thousand small counts); and for Gaussian components while there are at most 2^20 allocations (20 observations
    in two components). Unless given, the prior is the weak one for counts and the conjugate one for Gaussians, whose
    posterior has no closed form under another.

    Parameters
    ----------
    x
        Observations of shape ``(n,)`` or ``(n, d)``.
    family, components, covariance, mixing, weights, exposure, prior
        The model, as for :func:`bayes.sample`.

    Returns
    -------
    ExactPosterior
        Evidence, marginal distributions, predictive density and independent draws.

    Raises
    ------
    ValueError
        When an argument or the data cannot be used, or the posterior is out of reach; the message names it.

    Examples
    --------
    >>> from bayes import exact_posterior
    >>> exact = exact_posterior([0, 1, 1, 2, 8, 9, 9, 10], "poisson", 2, prior="conjugate")
    >>> exact.summary.columns.to_list()
    ['mean', 'median', 'sd', 'lower', 'upper']
    """
    data = observed(x, weights, exposure)
    model = Model.of(data, family, components, covariance, mixing)
    require_whole_weights(data)
    chosen = exact_prior(model, prior, data)
    return ExactPosterior(data, model, chosen, states_of(data, model, chosen))
