"""The held-out predictive score: EM's plug-in density against the posterior predictive, each observation left out once.

Both scores are sums of log-densities at observations that were not seen: EM's to first order (``em/predictive.py``), the
posterior's by importance sampling (``bayes/leave_one_out.py``). Their difference has a standard error over the
observations, because both predict the same ones.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from bayes import Posterior, leave_one_out
from em import Fit, predictive_score
from models import Shown, number


@dataclass(frozen=True, repr=False)
class Prediction(Shown):
    """Leave-one-out scores in nats, higher being better; ``difference`` is EM's less the posterior's.

    ``em``, ``difference`` and its ``standard_error`` are ``None`` where EM's estimate is no regular maximum.
    ``worst_pareto_k`` above 0.7 says that the posterior's score is not to be trusted.
    """

    em: float | None
    posterior: float
    difference: float | None
    standard_error: float | None
    worst_pareto_k: float

    def _said(self) -> Iterator[str]:
        yield f"Leave-one-out score of the posterior: {self.posterior:.2f} nats, largest Pareto k {self.worst_pareto_k:.2f}"
        if self.em is None or self.difference is None or self.standard_error is None:
            yield "EM's estimate is no regular maximum, so that it has no such score."
            return
        error = self.standard_error
        more = f"{number(self.difference, error)} ± {number(error, error)}"
        yield f"EM's: {self.em:.2f} nats, {more} more than the posterior's"


def prediction(em: Fit, posterior: Posterior) -> Prediction:
    """Score both sides."""
    ours, theirs = predictive_score(em), leave_one_out(posterior)
    if ours is None:
        return Prediction(None, theirs.elpd, None, None, theirs.worst_pareto_k)
    apart, n = ours.pointwise - theirs.pointwise, ours.weights.sum()
    difference = float(ours.weights @ apart)
    variance = float(ours.weights @ np.square(apart - difference / n) / (n - 1))
    return Prediction(ours.elpd, theirs.elpd, difference, float(np.sqrt(n * variance)), theirs.worst_pareto_k)
