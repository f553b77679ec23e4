"""Lesson 4: the likelihood without a maximum, and what the prior does about it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import optimize

from bayes import Posterior
from em import Fit, Status, fit
from models import Array, Data, Gaussian, Mixture, Model, Prior

from . import titles
from .lesson import Lesson, line_mixture, parameters
from .posterior import CHAINS, DRAWS, sampled

if TYPE_CHECKING:
    from ..running.progress import Progress

TRUTH = line_mixture([0.5, 0.5], [0.0, 4.0], [1.0, 1.0])
OBSERVATIONS = 16
MODEL = Model("gaussian", 2, covariance="full")
# The component's standard deviation is ten to one of these; EM's own floor lies a little below the least.
EXPONENTS = np.arange(-50, 6) / 10
STARTS = 100
STEPS_SHOWN = 40

TEXT = r"""
A mixture of Gaussians has a likelihood with no maximum. Put the mean of one component exactly on one observation $x_1$
and let its standard deviation $\sigma$ shrink. The density at $x_1$ is then at least
$\pi_1 / (\sqrt{2\pi} \, \sigma)$, and grows without bound, while the *other* component goes on giving every other
observation a density above zero. So

$$\ell(\theta) \ge \log \frac{\pi_1}{\sqrt{2\pi} \, \sigma} + \text{a constant} \; \to \; \infty
  \qquad (\sigma \to 0) .$$

Nothing of the kind happens with one Gaussian alone: the other observations would forbid it.

Drag the slider and watch the spike. Somewhere on the way down the log-likelihood passes that of the best estimate that
anybody would call an answer, although the spike says nothing about any further observation. EM climbs, and so it goes
there whenever it starts near enough. The suite notices, reports the start as *collapsed*, and takes as its MLE the best
*interior* local maximum.

**What the prior does.** Under an inverse-gamma prior a variance near zero has the log-density
$-\psi / (2 \sigma^2)$, which falls much faster than $-\log \sigma$ rises. The posterior density has a maximum,
and its mass stays away from zero: the posterior needs no rule about which peaks count.
"""
QUESTION = r"""
The log-likelihood is infinite in the limit. Why is the posterior not concentrated there *even with the weakest of proper
priors*, and what would happen under a flat prior on $\log \sigma$?
"""
ANSWER = r"""
A posterior weighs a peak by its *mass*, height times width, and not by its height. The spike is $1/\sigma$ high, but $\mu_1$
must hit $x_1$ to within about $\sigma$: the height cancels, and for every $\sigma$ about the same mass is left. Times the
prior's probability of so small a $\sigma$ that is next to nothing. A flat prior on $\log \sigma$ gives every decade of
$\sigma$ the same probability, without end: the decades add up to infinity, and there is no posterior at all. This is
why an improper prior is no way out here, and why the suite's priors are proper.

Maximum likelihood looks at height alone. It has to be told which maxima are meant.
"""


def lesson(rng: np.random.Generator, progress: Progress) -> Lesson:
    """Put ever narrower components on the loneliest observation, and run EM with and without a prior from each width."""
    rng_data, rng_posterior, rng_fit = rng.spawn(3)
    data = Data.of(TRUTH.sample(OBSERVATIONS, rng_data)[0])
    prior = MODEL.prior(data, "conjugate")
    step = progress.stage("EM from every width", len(EXPONENTS))
    return Lesson(
        name="no-maximum",
        title=titles["no-maximum"],
        summary="Let a component shrink onto one observation: the likelihood grows without end, the posterior does not.",
        view="no_maximum",
        scene={
            "data": data.values[:, 0].tolist(),
            "on": lonely(data),
            "exponents": EXPONENTS.tolist(),
            "widths": [_at_width(data, prior, exponent) for exponent in EXPONENTS if step() is None],
            "top": top_under_prior(data, prior),
            **_interior(fit(data, MODEL.family, MODEL.components, starts=STARTS, seed=rng_fit)),
            "posterior": _narrower(sampled(data, rng_posterior, progress)),
        },
        text=TEXT,
        question=QUESTION,
        answer=ANSWER,
        derivations=("em.gaussian",),
    )


def lonely(data: Data) -> int:
    """Return which observation is farthest from its nearest neighbour."""
    x = data.values[:, 0]
    distances = np.abs(x[:, None] - x) + np.where(np.eye(len(x)), np.inf, 0)
    return int(distances.min(axis=1).argmax())


def spiked(data: Data, exponent: float | Array) -> Mixture:
    """Return one component on the lonely observation, 10^exponent wide, and one that is fitted to all others."""
    x, on, n = data.values[:, 0], lonely(data), len(data.values)
    others = np.delete(x, on)
    width = np.asarray(10.0**exponent)
    lead = width.shape
    means = np.broadcast_to(np.array([[x[on]], [others.mean()]]), (*lead, 2, 1))
    variances = np.stack([width**2, np.full(lead, others.var())], axis=-1)
    return Mixture(
        np.broadcast_to(np.array([1 / n, 1 - 1 / n]), (*lead, 2)), Gaussian(means, variances[..., None, None])
    )


def log_posterior(data: Data, prior: Prior, mixture: Mixture) -> Array:
    """Return log-likelihood plus log-prior in (π, μ, σ²), in nats."""
    return np.asarray(mixture.log_likelihood(data.values) + prior.log_density(mixture))


def top_under_prior(data: Data, prior: Prior) -> dict[str, float]:
    """Return where along the slice the posterior density has its maximum, between the widths at both ends."""
    found = optimize.minimize_scalar(
        lambda exponent: -float(log_posterior(data, prior, spiked(data, exponent))),
        bounds=(EXPONENTS[0], EXPONENTS[-1]),
        method="bounded",
        options={"xatol": 1e-6},
    )
    return {"exponent": float(found.x), "objective": -float(found.fun)}


def _at_width(data: Data, prior: Prior, exponent: float) -> dict[str, Any]:
    """Return both objectives at this width, and where EM goes from here without the prior and with it."""
    mixture = spiked(data, exponent)
    return {
        "mixture": parameters(mixture),
        "log_likelihood": round(float(mixture.log_likelihood(data.values)), 4),
        "objective": round(float(log_posterior(data, prior, mixture)), 4),
        "mle": _run(data, mixture, "mle"),
        "map": _run(data, mixture, "map"),
    }


def _run(data: Data, start: Mixture, estimate: str) -> dict[str, Any]:
    """Run EM's own steps from this start, as the suite reports them."""
    settings: dict[str, Any] = {"start": start, "acceleration": "none", "tolerance": 1e-4}
    if estimate == "map":
        settings["prior"] = "conjugate"
    found = fit(data, MODEL.family, MODEL.components, estimate=estimate, **settings)
    return {
        "status": str(found.status),
        "reason": found.climb.reason,
        "steps": found.steps,
        "log_likelihood": [round(float(value), 3) for value in found.climb.log_likelihood[:STEPS_SHOWN]],
        "exponent": round(float(np.log10(_widths(found.climb.mixture).min())), 3),
    }


def _interior(found: Fit) -> dict[str, Any]:
    """Return the best interior optimum, if there is one, and how many of all starts collapsed."""
    interior = found.status is not Status.COLLAPSED
    return {
        "interior": {"log_likelihood": found.log_likelihood, **parameters(found.mixture)} if interior else None,
        "starts": len(found.starts),
        "collapsed": sum(start.status is Status.COLLAPSED for start in found.starts),
    }


def _narrower(posterior: Posterior) -> dict[str, Any]:
    """Return the posterior density of the narrower component's width, per decade, in the cells of the slider."""
    exponents = np.log10(_widths(posterior.mixture).min(axis=-1)).ravel()
    cell = EXPONENTS[1] - EXPONENTS[0]
    edges = np.append(EXPONENTS, EXPONENTS[-1] + cell) - cell / 2
    counts, _ = np.histogram(exponents, edges)
    return {
        "density": (counts / (len(exponents) * cell)).round(4).tolist(),
        "least": float(exponents.min()),
        "draws": CHAINS * DRAWS,
    }


def _widths(mixture: Mixture) -> Array:
    """Return the standard deviation of each component, shape ``(..., k)``."""
    covariances = mixture.components.arrays()["covariances"]
    return np.asarray(np.sqrt(covariances[..., 0, 0]))
