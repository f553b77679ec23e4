r"""The evidence by bridge sampling, with all labellings accounted for.

Let $\tilde p(\theta) = p(x \mid \theta) \, p(\theta)$ in the unconstrained space that PyMC samples in (the Jacobian
included), and $q$ a density that can be sampled and evaluated. For any function $h$,

$$p(x) = \int \tilde p(\theta) \, d\theta
  = \frac{\mathrm{E}_q[h(\theta) \, \tilde p(\theta)]}{\mathrm{E}_{p(\theta \mid x)}[h(\theta) \, q(\theta)]} ,$$

since both integrals are of $h \, \tilde p \, q$, the second divided by $p(x)$. With $N_1$ posterior draws and $N_2$
draws of $q$ the variance is smallest for $h \propto 1 / (s_1 \tilde p / r + s_2 q)$, where $s_i = N_i / (N_1 + N_2)$
and $r = p(x)$ is what is sought (Meng and Wong 1996, theorem 1). So the estimate is iterated to its fixed point (their
equation 4.1): with $l = \tilde p / q$,

$$r \leftarrow \frac{\frac1{N_2} \sum_{\theta \sim q} l / (s_1 l + s_2 r)}
                    {\frac1{N_1} \sum_{\theta \sim p} 1 / (s_1 l + s_2 r)} .$$

**Labels.** A posterior of $K$ components has $K!$ modes that differ by the names alone. A proposal fitted to one of
them yields the evidence of this one: too small by $\log K!$ when the modes lie apart, and by an unknown amount when
they do not. Here the proposal is symmetric as the posterior is (Frühwirth-Schnatter 2004, section 3.3): with $g$ fitted
to the *relabelled* draws and $\sigma$ running through all permutations,

$$q(\theta) = \frac{1}{K!} \sum_\sigma g(\sigma \theta) .$$

As $\tilde p$ and $q$ stay the same when $\theta$ is permuted, it does not matter which labels the draws of either have:
$l$ is the same. The ratio is hence that of the whole posterior, whether its modes overlap or not. $g$ is the Student t
density with five degrees of freedom that has the mean and the covariance of the draws: its tails are the heavier ones.

Half of the draws of each chain make $g$, and the other half the estimate, for a proposal that knows the draws it is
evaluated at is too good (Overstall and Forster 2010). With $f_1 = p / (s_1 p + s_2 q)$ and $f_2 = q / (s_1 p + s_2 q)$,
$p$ normalised, the relative mean squared error is to first order

$$\frac{\mathrm{Var}_q f_1}{N_2 \, \mathrm{E}_q^2 f_1} + \frac{\mathrm{Var}_p f_2}{N_1 \, \mathrm{E}_p^2 f_2}$$

(Frühwirth-Schnatter 2004, equation 20), where $N_1$ is the effective number of draws, that of $f_2$; its root is the
standard error of $\log p(x)$.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from arviz_stats import ess
from scipy import linalg, special

from models import Array, Mixture, Prior, Shown, number

from .compiled import compiled_for
from .labellings import Labellings
from .posterior import Posterior
from .sampler import PosteriorSampler

# All of four components; of more those that bring a point nearest: g falls off so fast that the rest add nothing.
MOST_LABELLINGS, AT_ONCE = 24, 2000
DEGREES = 5.0
MOST_ITERATIONS = 1000
TOLERANCE = 1e-10


@dataclass(frozen=True, repr=False)
class Evidence(Shown):
    """``log_evidence`` = log p(x) in nats, all constants and labellings included, and its ``standard_error``.

    Examples
    --------
    >>> from bayes import evidence, exact_posterior, sample
    >>> x = [0, 1, 1, 2, 3, 8, 9, 9, 10, 12]
    >>> found = evidence(sample(x, "poisson", 2, draws=500, chains=2, seed=0))
    >>> off = found.log_evidence - exact_posterior(x, "poisson", 2).evidence
    >>> bool(abs(off) < 4 * found.standard_error < 0.2)
    True
    """

    log_evidence: float
    standard_error: float

    def _said(self) -> Iterator[str]:
        error = self.standard_error
        yield f"Evidence: log p(x) = {number(self.log_evidence, error)} ± {number(error, error)} nats"


def evidence(posterior: Posterior, seed: int | np.random.Generator = 0) -> Evidence:
    """Estimate log p(x) by bridge sampling from the draws of a posterior (Meng and Wong 1996; Gronau et al. 2017).

    The standard error is that of Monte Carlo; it presumes that the chains have found all of the posterior, up to labels.

    Parameters
    ----------
    posterior
        A posterior.
    seed
        A seed, or the generator that every random draw comes from.

    Returns
    -------
    Evidence
        log p(x) in nats, with its standard error.

    Raises
    ------
    ValueError
        When there are too few draws to fit a proposal.

    Examples
    --------
    >>> from bayes import evidence, exact_posterior, sample
    >>> x = [0, 1, 1, 2, 3, 8, 9, 9, 10, 12]
    >>> posterior = sample(x, "poisson", 2, draws=500, chains=2, seed=0)
    >>> abs(evidence(posterior).log_evidence - exact_posterior(x, "poisson", 2).evidence) < 0.2
    True
    """
    model, k = posterior.model, posterior.model.components
    rng = np.random.default_rng(seed)
    compiled = compiled_for(posterior.data, model, posterior.prior.called)
    # Draws of features that nearly depend on one another keep their digits in the frame, and the scale of none is lost.
    frame = model.frame(posterior.data)
    data, prior = frame.of_data(posterior.data), frame.of_prior(posterior.prior)
    points = _points(frame.of_mixture(posterior.mixture), prior, compiled)
    log_density = compiled.log_density(data, prior)
    half = posterior.draws // 2
    proposal = Proposal.of(points[:, :half].reshape(-1, points.shape[-1]), Labellings.of(compiled.built, k, data.fixed))
    kept = points[:, half:]
    drawn = proposal.sample(kept.shape[0] * kept.shape[1], rng)

    def log_ratio(at: Array) -> Array:
        return np.array([log_density(row)[0] for row in at]) - proposal.log_density(at)

    of_posterior = log_ratio(kept.reshape(-1, kept.shape[-1])).reshape(kept.shape[:2])
    in_frame = bridge(of_posterior, log_ratio(drawn))
    return replace(in_frame, log_evidence=in_frame.log_evidence + data.size * frame.log_volume)


def bridge(of_posterior: Array, of_proposal: Array) -> Evidence:
    """Return the fixed point from log l at posterior draws, shape ``(chain, draw)``, and at draws of the proposal."""
    # About the median, for l itself overflows.
    about = float(np.median(of_posterior))
    first, second = of_posterior - about, of_proposal - about
    effective = min(float(ess(first, method="mean")), first.size)
    log_s1, log_s2 = np.log(effective / (effective + second.size)), np.log(second.size / (effective + second.size))
    log_r = 0.0
    for _ in range(MOST_ITERATIONS):
        before = log_r
        numerator = second - np.logaddexp(log_s1 + second, log_s2 + before)
        denominator = -np.logaddexp(log_s1 + first, log_s2 + before)
        log_r = _log_mean(numerator) - _log_mean(denominator)
        if abs(log_r - before) < TOLERANCE:
            break
    f1 = np.exp(second - np.logaddexp(log_s1 + second, log_s2 + log_r))
    f2 = np.exp(-np.logaddexp(log_s1 + first, log_s2 + log_r))
    of_f2 = min(float(ess(f2, method="mean")), f2.size)
    squared_error = f1.var() / f1.mean() ** 2 / f1.size + f2.var() / f2.mean() ** 2 / of_f2
    return Evidence(about + log_r, float(np.sqrt(squared_error)))


@dataclass(frozen=True)
class Proposal:
    """The symmetric density q: a Student t about ``centre``, shape ``(p,)``, with a ``factor`` of its scale."""

    centre: Array
    factor: Array
    labellings: Labellings

    @classmethod
    def of(cls, draws: Array, labellings: Labellings) -> Proposal:
        """Fit it to relabelled draws of shape ``(n, p)``."""
        n, p = draws.shape
        if n < 4 * p:
            raise ValueError(f"the evidence of a model of {p} parameters needs {8 * p} draws or more, got {2 * n}.")
        # A Student t has the covariance of its scale times ν/(ν − 2).
        covariance = np.cov(draws, rowvar=False).reshape(p, p) * (DEGREES - 2) / DEGREES
        return cls(draws.mean(axis=0), np.linalg.cholesky(covariance), labellings)

    def sample(self, n: int, rng: np.random.Generator) -> Array:
        """Return draws of shape ``(n, p)``, all in the labelling of the fit: q is the same in all."""
        noise = rng.standard_normal((n, len(self.centre))) @ self.factor.T
        return np.asarray(self.centre + noise * np.sqrt(DEGREES / rng.chisquare(DEGREES, size=(n, 1))))

    def log_density(self, at: Array) -> Array:
        """Return log q, shape ``(n,)``; of more labellings than a few the nearest are those that matter."""
        if self.labellings.count > MOST_LABELLINGS:
            blocks = [self._of_the_nearest(at[start : start + AT_ONCE]) for start in range(0, len(at), AT_ONCE)]
            return np.asarray(np.concatenate(blocks) - self.labellings.log_count)
        log_q = [self._of_one_labelling(labelled) for labelled in self.labellings(at)]
        return np.asarray(special.logsumexp(log_q, axis=0) - np.log(len(log_q)))

    def _of_the_nearest(self, at: Array) -> Array:
        near = self.labellings.nearest(at, self.centre, self.factor, MOST_LABELLINGS)
        log_q = self._of_one_labelling(near.reshape(-1, near.shape[-1])).reshape(near.shape[:2])
        return np.asarray(special.logsumexp(log_q, axis=1))

    def _of_one_labelling(self, at: Array) -> Array:
        p = len(self.centre)
        squares = np.square(linalg.solve_triangular(self.factor, (at - self.centre).T, lower=True)).sum(axis=0)
        constant = special.gammaln((DEGREES + p) / 2) - special.gammaln(DEGREES / 2) - p / 2 * np.log(DEGREES * np.pi)
        constant -= np.log(np.diagonal(self.factor)).sum()
        return np.asarray(constant - (DEGREES + p) / 2 * np.log1p(squares / DEGREES))


def _log_mean(log_values: Array) -> float:
    return float(special.logsumexp(log_values) - np.log(log_values.size))


def _points(draws: Mixture, prior: Prior, compiled: PosteriorSampler) -> Array:
    """Return the relabelled draws in the unconstrained space, shape ``(chain, draw, p)``."""
    flat = draws.flatten()
    each = [compiled.unconstrained(flat[i], prior) for i in range(len(flat.weights))]
    return np.array(each).reshape(*draws.weights.shape[:2], -1)
