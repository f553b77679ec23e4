"""What the posterior says about how many components to take."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from models import Shown

from .evidence import Evidence, evidence
from .leave_one_out import LeaveOneOut, leave_one_out
from .posterior import Posterior


@dataclass(frozen=True, repr=False)
class BayesianCriteria(Shown):
    """The criteria of one model, in nats, higher being better: log p(x) and the leave-one-out score, with their errors.

    ``components`` is how many the model has, ``evidence`` log p(x), and ``leave_one_out`` the score of the observations.

    Examples
    --------
    >>> from bayes import bayesian_criteria, sample
    >>> x = [0, 1, 1, 2, 3, 8, 9, 9, 10, 12]
    >>> one, two = (bayesian_criteria(sample(x, "poisson", k, draws=500, chains=2, seed=0)) for k in (1, 2))
    >>> bool(two.evidence.log_evidence > one.evidence.log_evidence)
    True
    """

    components: int
    evidence: Evidence
    leave_one_out: LeaveOneOut

    def _said(self) -> Iterator[str]:
        yield f"{self.components} component{'s' if self.components > 1 else ''}"
        yield from self.evidence._said()
        yield from self.leave_one_out._said()


def bayesian_criteria(posterior: Posterior, seed: int | np.random.Generator = 0) -> BayesianCriteria:
    """Compute evidence and leave-one-out score from one posterior.

    Parameters
    ----------
    posterior
        A posterior.
    seed
        A seed, or the generator that every random draw comes from.

    Returns
    -------
    BayesianCriteria
        The evidence and the leave-one-out score.

    Raises
    ------
    ValueError
        When there are too few draws for the evidence.

    Examples
    --------
    >>> from bayes import bayesian_criteria, exact_posterior, sample
    >>> x = [0, 1, 1, 2, 3, 8, 9, 9, 10, 12]
    >>> posterior = sample(x, "poisson", 2, draws=500, chains=2, seed=0)
    >>> found = bayesian_criteria(posterior)
    >>> abs(found.evidence.log_evidence - exact_posterior(x, "poisson", 2).evidence) < 0.2
    True
    """
    return BayesianCriteria(posterior.model.components, evidence(posterior, seed), leave_one_out(posterior))
