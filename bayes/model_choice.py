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
    """Compute evidence and leave-one-out score from one posterior; raises ``ValueError`` as :func:`bayes.evidence` does."""
    return BayesianCriteria(posterior.model.components, evidence(posterior, seed), leave_one_out(posterior))
