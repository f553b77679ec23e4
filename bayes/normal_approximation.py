r"""How well the normal distribution about the maximum, N(θ̂, I⁻¹), stands in for the posterior.

For many observations the posterior is nearly $N(\hat\theta, I^{-1})$, with $\hat\theta$ the maximum of the likelihood and
$I$ the observed information there (Bernstein and von Mises; van der Vaart 1998, theorem 10.1). Intervals from standard
errors are right when it is, and only then. Whether it is can be told without drawing from the posterior: with $S$ draws
$\theta_s$ from the normal distribution, the importance ratios

$$r_s = \frac{p(x \mid \theta_s) \, p(\theta_s)}{N(\theta_s \mid \hat\theta, I^{-1})}$$

are all alike when the two are the same, and have a heavy tail when the normal distribution misses what the posterior
holds to be possible. Fitted to the largest ratios, the shape $k$ of a generalised Pareto distribution measures that tail:
above 0.7 no practical number of draws would make up for the difference (Vehtari, Simpson, Gelman, Yao and Gabry 2024,
section 3). Everything is taken in the unconstrained coordinates in which the posterior is sampled, such as logarithms of
rates, where it is closer to a normal distribution than in the parameters themselves.

The shape of a tail says nothing of its size: ratios that are all alike but for a cubic term, $1 + c z^3$ with a tiny
$c$, have a $k$ of about a half. Where their coefficient of variation is below a tenth, so that the draws are worth 99 % of
as many from the posterior itself, $k$ is taken to be zero.
"""

from __future__ import annotations

import numpy as np
from arviz_stats.base.array import array_stats

from models import Array, Data, Mixture, Model, Prior

from .build import build
from .compiled import compiled_for
from .log_likelihood import LogLikelihood

DRAWS = 1000
LARGEST_PARETO_K = 0.7
ALIKE = 0.1
# Central differences of a gradient, at their step, are good to about this share of the diagonal.
ROUNDING = 1e-6


def pareto_k(data: Data, model: Model, prior: Prior, maximum: Mixture, rng: np.random.Generator) -> float:
    """Return the Pareto k of N(θ̂, I⁻¹) as a proposal for the posterior, whatever the units of the data.

    Parameters
    ----------
    data, model, prior
        What the posterior is of.
    maximum
        The maximum of the likelihood, without leading axes.
    rng
        What the normal draws come from.

    Returns
    -------
    float
        The Pareto k: above 0.7 intervals from standard errors are not to be trusted. It is infinite where the information is
        not positive definite, or is so by no more than its rounding, and where the maximum lies on an edge, such as a rate
        of zero.

    Examples
    --------
    The posterior of one rate is nearly normal; from three zeros alone it is not at all:

    >>> import numpy as np
    >>> from bayes import pareto_k
    >>> from models import Data, Mixture, Model, Poisson
    >>> for x in ([30, 41, 35, 38], [0, 0, 0]):
    ...     data, model, maximum = Data.of(x), Model("poisson", 1), Mixture(np.ones(1), Poisson(np.array([np.mean(x)])))
    ...     print(pareto_k(data, model, model.prior(data), maximum, np.random.default_rng(0)) < 0.7)
    True
    False
    """
    frame = model.frame(data)
    # In an order of the components that the units have no part in either.
    maximum = frame.of_mixture(maximum).ascending(data.fixed)
    data, prior = frame.of_data(data), frame.of_prior(prior)
    log_likelihood = LogLikelihood(build(data, model, prior), model, prior)
    centre = log_likelihood.coordinates(maximum)
    if not log_likelihood.has_inside(maximum):
        return float("inf")
    root = _root_of_inverse(log_likelihood.information(maximum))
    if root is None:
        return float("inf")
    noise = rng.standard_normal((DRAWS, len(centre)))
    places = centre + noise @ root
    log_posterior = compiled_for(data, model, prior.called).log_density(data, prior)
    with np.errstate(all="ignore"):
        ratios = np.array([log_posterior(place)[0] for place in places]) + 0.5 * np.square(noise).sum(axis=1)
    ratios[~np.isfinite(ratios)] = ratios[np.isfinite(ratios)].min(initial=0.0)
    return shape_of_tail(ratios)


def shape_of_tail(log_ratios: Array) -> float:
    """Return the Pareto k of importance ratios, shape ``(n,)``, given by their logarithms; zero where all are alike."""
    relative = np.exp(log_ratios - log_ratios.max())
    if relative.std() < ALIKE * relative.mean():
        return 0.0
    return float(array_stats.psislw(-(log_ratios - log_ratios.max()))[1])


def _root_of_inverse(information: Array) -> Array | None:
    """Return R with RᵀR = I⁻¹; ``None`` where the information is singular, or not positive definite.

    Which it is, is asked of the matrix with ones on its diagonal: there its eigenvalues are known to a part in a million.
    """
    diagonal = np.diag(information)
    if not (diagonal > 0).all():
        return None
    scales = np.sqrt(diagonal)
    values, vectors = np.linalg.eigh(information / np.outer(scales, scales))
    if not values[0] > ROUNDING:
        return None
    # The symmetric root, which does not depend on how equal eigenvalues' vectors are chosen.
    return np.asarray((vectors / np.sqrt(values)) @ vectors.T / scales)
