"""The exact distribution of one parameter."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np
from scipy import optimize, special, stats

from models import Array

# Quantiles are found to this part of four standard deviations.
PRECISION = 1e-10


@dataclass(frozen=True)
class Marginal:
    """The ``mean``, ``sd``, ``density`` and ``distribution`` function of one parameter; both functions take one number.

    All are in the units of the parameter; :meth:`quantile` inverts the distribution function.

    Examples
    --------
    >>> from bayes import exact_posterior
    >>> rate = exact_posterior([3, 5, 4], "poisson", 1, prior="conjugate").marginals["rates[1]"]
    >>> round(rate.mean, 6)
    4.0
    >>> round(rate.distribution(rate.quantile(0.25)), 6)
    0.25
    """

    mean: float
    sd: float
    density: Callable[[float], float]
    distribution: Callable[[float], float]

    @classmethod
    def of(
        cls, moments: tuple[float, float], density: Callable[[float], Array], distribution: Callable[[float], Array]
    ) -> Marginal:
        """Make the distribution of a parameter whose first two moments about zero are known.

        Parameters
        ----------
        moments
            The means of the parameter and of its square.
        density, distribution
            The density and the distribution function, each of one number.

        Returns
        -------
        Marginal
            The distribution.

        Examples
        --------
        >>> from bayes import Marginal
        >>> from scipy import stats
        >>> waiting = Marginal.of((1.0, 2.0), stats.expon.pdf, stats.expon.cdf)
        >>> waiting.sd, round(waiting.quantile(0.5), 6)
        (1.0, 0.693147)
        """
        first, second = moments
        sd = np.sqrt(max(second - first**2, 0.0))
        return cls(
            float(first), float(sd), lambda t: float(density(t)), cache(lambda t: min(1.0, float(distribution(t))))
        )

    def quantile(self, probability: float) -> float:
        """Return the value below which the parameter lies with this probability."""

        def excess(t: float) -> float:
            return self.distribution(t) - probability

        # A variance may have no standard deviation.
        step = 4 * (self.sd if np.isfinite(self.sd) else abs(self.mean))
        precision = PRECISION * step
        low, high = self.mean - step, self.mean + step
        while excess(low) > 0:
            low, step = low - step, 2 * step
        while excess(high) < 0:
            high, step = high + step, 2 * step
        return float(optimize.brentq(excess, low, high, xtol=precision))


def beta_mixture(probabilities: Array, a: Array, b: Array) -> Marginal:
    """Return a mixture of Beta(a, b) distributions, the same a + b in all; the three have the same shape."""
    shapes, index = np.unique(a, return_inverse=True)
    p, others = np.bincount(index.ravel(), weights=probabilities.ravel()), a.flat[0] + b.flat[0] - shapes
    mean = shapes / (shapes + others)
    second = mean * (shapes + 1) / (shapes + others + 1)
    return Marginal.of(
        (float(p @ mean), float(p @ second)),
        lambda t: p @ stats.beta.pdf(t, shapes, others),
        lambda t: p @ special.betainc(shapes, others, min(max(t, 0.0), 1.0)),
    )
