r"""The mixture of two Poissons of the lessons on overlap and on growing data, and its posterior in three parameters.

The parameters are the lower rate $\lambda_1$, the difference $\delta = \lambda_2 - \lambda_1 > 0$ and the share $\pi_1$ of
the lower component. A positive $\delta$ names the components by their order, which is all the relabelling two rates need;
the change from $(\pi_1, \lambda_1, \lambda_2)$ has determinant one, and so leaves densities and modes as they are.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from em import Fit, fit
from models import Array, Data, Mixture, Model, Poisson, Prior

from .quadrature import Axes, Quadrature, curvature, quadrature

MODEL = Model("poisson", 2)
LOWER_RATE, DIFFERENCE, SHARE = 0, 1, 2
POINTS = 80
# Under the exponential prior of the rates less than a millionth lies beyond so many times the mean of the data.
REACH = 14.0
# In units of each parameter's own scale: the step of finite differences, and how near the edge they make sense.
STEP, EDGE = 1e-3, 1e-2


def separated(separation: float, share: float, lower_rate: float) -> Mixture:
    """Make two Poissons so many standard deviations apart, on the scale 2√x on which each has one (Anscombe 1948)."""
    higher_rate = (np.sqrt(lower_rate) + separation / 2) ** 2
    return Mixture(np.array([share, 1 - share]), Poisson(np.array([lower_rate, higher_rate])))


def mixture_at(points: Array) -> Mixture:
    """Return the mixture at parameters of shape ``(..., 3)``."""
    lower_rate, difference, share = np.moveaxis(points, -1, 0)
    rates = np.stack([lower_rate, lower_rate + difference], axis=-1)
    return Mixture(np.stack([share, 1 - share], axis=-1), Poisson(rates))


def parameters_of(mixture: Mixture) -> Array:
    """Return the parameters of a mixture, by the order of its rates, shape ``(..., 3)``."""
    ordered = mixture.ascending()
    rates = ordered.components.location()
    return np.stack([rates[..., 0], rates[..., 1] - rates[..., 0], ordered.weights[..., 0]], axis=-1)


@dataclass(frozen=True)
class Answers:
    """What both methods say about one data set: ``mle`` and ``map`` by EM, and the posterior by quadrature."""

    data: Data
    mle: Fit
    map: Fit
    posterior: Quadrature

    @cached_property
    def estimate(self) -> Array:
        """The MLE's three parameters."""
        return parameters_of(self.mle.mixture)

    @cached_property
    def standard_errors(self) -> Array | None:
        """Return the standard errors at the MLE, shape ``(3,)``; ``None`` where there is no normal approximation.

        That is so where the MLE lies on the edge, with one component empty or both alike, and where it is no peak.
        """
        rate, difference, share = self.estimate
        scales = np.array([np.sqrt(rate), np.sqrt(rate), share * (1 - share)])
        if min(rate, difference) < EDGE * scales[0] or min(share, 1 - share) < EDGE / self.data.size:
            return None
        information = curvature(self.log_likelihood, self.estimate, STEP * scales)
        if np.linalg.eigvalsh(information * np.outer(scales, scales))[0] <= EDGE:
            return None
        return np.asarray(np.sqrt(np.diag(np.linalg.inv(information))))

    def shift(self, axis: int) -> float:
        """Return how far the MLE lies from the posterior mean, in posterior standard deviations."""
        return float((self.estimate[axis] - self.posterior.mean(axis)) / self.posterior.deviation(axis))

    def log_likelihood(self, points: Array) -> Array:
        """Return the log-likelihood at parameters of shape ``(..., 3)``, in nats."""
        return mixture_at(points).log_likelihood(self.data.values, self.data.weights)


def answers(counts: Array, rng: np.random.Generator, starts: int) -> Answers:
    """Fit the counts by EM from so many starts, and integrate their posterior under the conjugate prior."""
    data = Data.of(counts).compress()
    prior = MODEL.prior(data, "conjugate")
    mle, mode = (
        fit(data, MODEL.family, MODEL.components, estimate=estimate, prior=used, starts=starts, seed=rng)
        for estimate, used in (("mle", None), ("map", prior))
    )
    return Answers(data, mle, mode, posterior(data, prior))


def posterior(data: Data, prior: Prior, points: int = POINTS) -> Quadrature:
    """Return the posterior of the three parameters.

    Cells are even in the square roots of the lower rate and of the difference, since a component without data has the
    prior's long tail. The square roots bring their derivatives into the density.
    """

    def log_density(axes: Axes) -> Array:
        roots, root_differences, shares = axes
        places = (roots**2, root_differences**2, shares)
        jacobian = np.log(roots)[:, None, None] + np.log(root_differences)[:, None]
        return np.asarray(log_likelihood_on_grid(data, places) + _log_prior_on_grid(prior, places) + jacobian)

    reach = np.sqrt(REACH * float(data.mean[0]))
    found = quadrature(log_density, np.zeros(3), np.array([reach, reach, 1.0]), points)
    (roots, root_differences, shares), widths = found.axes, found.widths
    return replace(
        found,
        axes=(roots**2, root_differences**2, shares),
        widths=(2 * roots * widths[0], 2 * root_differences * widths[1], widths[2]),
    )


def log_likelihood_on_grid(data: Data, axes: Axes) -> Array:
    """Return the log-likelihood at every combination of lower rates, differences and shares, in nats.

    Every component's probabilities are needed once for each rate, and not once for each point.
    """
    lower_rates, differences, shares = axes
    below = _probabilities(data, lower_rates)
    above = _probabilities(data, lower_rates[:, None] + differences)
    mixed = (
        shares[:, None] * low + (1 - shares)[:, None] * high[:, None, :] for low, high in zip(below, above, strict=True)
    )
    return np.stack([np.log(densities) @ data.weights for densities in mixed])


def _probabilities(data: Data, rates: Array) -> Array:
    """Return the probability of each distinct count at each rate, shape ``(..., rows)``."""
    log_density = Poisson(rates[..., None]).log_density(data.values)[..., 0]
    return np.asarray(np.maximum(np.exp(log_density), np.finfo(float).tiny))


def _log_prior_on_grid(prior: Prior, axes: Axes) -> Array:
    points = np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1)
    return np.asarray(prior.log_density(mixture_at(points)))


def seed_of(rng: np.random.Generator) -> int | None:
    """Return the seed that this generator, or the one it was spawned from, was made with."""
    sequence = rng.bit_generator.seed_seq
    entropy = sequence.entropy if isinstance(sequence, np.random.SeedSequence) else None
    return entropy if isinstance(entropy, int) else None
