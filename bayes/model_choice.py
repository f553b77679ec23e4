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
    """The criteria of one model, in nats, higher being better: log p(x) and the leave-one-out score, with their errors."""

    components: int
    evidence: Evidence
    leave_one_out: LeaveOneOut

    def _said(self) -> Iterator[str]:
        yield f"{self.components} component{'s' if self.components > 1 else ''}"
        yield from self.evidence._said()
        yield from self.leave_one_out._said()


def bayesian_criteria(posterior: Posterior, seed: int | np.random.Generator = 0) -> BayesianCriteria:
    """Compute evidence and leave-one-out score from one posterior; raises ``ValueError`` as :func:`bayes.evidence` does.

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

    Examples
    --------
    >>> from bayes import bayesian_criteria, sample
    >>> x = [0, 1, 1, 2, 3, 8, 9, 9, 10, 12]
    >>> posterior = sample(x, "poisson", 2, draws=500, chains=2, seed=0)
    >>> bayesian_criteria(posterior).components
    2
    """
    return BayesianCriteria(posterior.model.components, evidence(posterior, seed), leave_one_out(posterior))
