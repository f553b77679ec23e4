"""One hill of a posterior."""

from __future__ import annotations

from dataclasses import dataclass

from models import Mixture

# Of a hill with less of the mass nothing can be seen in any table: it is mentioned, and not drawn from.
NEGLIGIBLE = 1e-3
# Above it the ratios of importance sampling have no variance, and the estimate no error (Vehtari and others 2024).
LARGEST_PARETO_K = 0.5
# Above this one they say nothing at all of the mass; between the two they do when there is nothing better (the same).
USELESS_PARETO_K = 0.7
IMPORTANCE, BRIDGE = "importance sampling", "bridge sampling"


@dataclass(frozen=True)
class Hill:
    """One hill of a posterior, and how much of the mass it holds.

    ``mode`` is its top in the coordinates that are sampled in, as the data were written, and ``log_height`` the
    log-density p(x | θ) p(θ) there, in nats. ``log_evidence`` is the integral of that density over the hill, under all
    labellings, with its ``standard_error``; ``pareto_k`` is that of importance sampling from the top, and ``method``
    how the evidence was found. ``share`` ± ``share_error`` is how much of the posterior the hill holds, and ``draws``
    how many of its draws lie on it: none where the hill is too small to be drawn from.

    Examples
    --------
    Three groups by two components, of which either may hold the one in the middle:

    >>> import numpy as np
    >>> from bayes import exact_posterior, sample
    >>> from models import Mixture, Poisson
    >>> x = np.repeat([1, 2, 3, 10, 12, 14, 28, 30, 32], 6)
    >>> optima = Mixture(np.array([[0.3, 0.7], [0.7, 0.3]]), Poisson(np.array([[2.0, 21.0], [7.0, 30.0]])))
    >>> posterior = sample(x, "poisson", 2, draws=500, chains=2, seed=0, optima=optima)
    >>> [round(hill.share, 1) for hill in posterior.hills]
    [0.6, 0.4]
    >>> round(exact_posterior(x, "poisson", 2).marginals["rates[1]"].distribution(4.5), 1)
    0.4
    """

    mode: Mixture
    log_height: float
    log_evidence: float
    standard_error: float
    pareto_k: float
    share: float
    share_error: float
    draws: int
    method: str
