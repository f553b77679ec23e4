r"""What each criterion takes, and what it cannot tell apart.

Each criterion is turned into how far every K is *behind* the best one, in its own units. A difference counts when it
exceeds both two standard errors and what the criterion resolves at all:

- AIC, BIC, ICL: 2 (Burnham and Anderson 2002, section 2.6; Raftery 1995, table 6: a smaller difference is hardly worth
  a mention). They have no standard error here.
- LOO: 4 nats, below which the difference's own standard error is not reliable (Sivula, Magnusson, Matamoros and Vehtari
  2020). The standard error is that of the sum of the paired differences (Vehtari, Gelman and Gabry 2017, equation 24).
- Evidence: log 3 nats, the logarithm of a Bayes factor that is not worth more than a bare mention (Kass and Raftery 1995,
  section 3.2). The standard error is that of Monte Carlo.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .candidate import Candidate

ERRORS = 2.0
INFORMATION_RESOLUTION = 2.0
SCORE_RESOLUTION = 4.0
EVIDENCE_RESOLUTION = float(np.log(3))


@dataclass(frozen=True)
class Standing:
    """One criterion over all K that it is there for: how far each is ``behind`` the best one, and with what error.

    ``criterion`` is its name for programs, ``name`` for readers. ``unit`` is one of its own units in nats. Differences up
    to ``resolution`` mean nothing. ``missing`` are the K without it, ``doubtful`` those where it is not to be trusted.
    """

    criterion: str
    name: str
    unit: float
    resolution: float
    behind: dict[int, float]
    errors: dict[int, float]
    missing: tuple[int, ...] = ()
    doubtful: tuple[int, ...] = ()

    @property
    def best(self) -> int:
        """The K that it ranks first; of equal ones the smallest."""
        return min(self.behind, key=lambda k: (self.behind[k], k))

    @property
    def contenders(self) -> tuple[int, ...]:
        """The best K and all that it cannot tell from it, in ascending order."""
        return tuple(
            sorted(k for k, gap in self.behind.items() if gap <= max(self.resolution, ERRORS * self.errors.get(k, 0.0)))
        )

    @property
    def speaks(self) -> bool:
        """Whether there is anything that the criterion can compare."""
        return len(self.behind) > 1


def standings(candidates: tuple[Candidate, ...]) -> tuple[Standing, ...]:
    """Return all criteria, those of EM first."""
    information = (_information(candidates, criterion) for criterion in ("aic", "bic", "icl"))
    return (*information, _leave_one_out(candidates), _evidence(candidates))


def _information(candidates: tuple[Candidate, ...], criterion: str) -> Standing:
    values = {c.components: getattr(c.criteria, criterion) for c in candidates if c.criteria is not None}
    lowest = min(values.values(), default=0.0)
    return Standing(
        criterion,
        criterion.upper(),
        0.5,
        INFORMATION_RESOLUTION,
        {k: value - lowest for k, value in values.items()},
        {},
        missing=tuple(c.components for c in candidates if c.criteria is None),
        doubtful=tuple(c.components for c in candidates if c.criteria is not None and (c.em_problems or c.unbounded)),
    )


def _leave_one_out(candidates: tuple[Candidate, ...]) -> Standing:
    best = max(candidates, key=lambda c: c.leave_one_out.elpd).leave_one_out
    found = {c.components: best.difference(c.leave_one_out) for c in candidates}
    doubtful = tuple(c.components for c in candidates if c.chain_problems or c.leave_one_out_problems or c.unbounded)
    behind, errors = ({k: each[i] for k, each in found.items()} for i in (0, 1))
    return Standing("loo", "LOO", 1.0, SCORE_RESOLUTION, behind, errors, doubtful=doubtful)


def _evidence(candidates: tuple[Candidate, ...]) -> Standing:
    found = {c.components: known for c in candidates if (known := c.log_evidence) is not None}
    best = max(found.values(), key=lambda known: known.log_evidence, default=None)
    sampled = [c for c in candidates if c.exact_evidence is None and c.evidence is not None]
    unbounded = [c for c in candidates if c.log_evidence is not None and c.unbounded]
    return Standing(
        "evidence",
        "the evidence",
        1.0,
        EVIDENCE_RESOLUTION,
        {k: best.log_evidence - known.log_evidence for k, known in found.items() if best},
        {
            k: float(np.hypot(best.standard_error, known.standard_error))
            for k, known in found.items()
            if best and known is not best
        },
        missing=tuple(c.components for c in candidates if c.log_evidence is None),
        doubtful=tuple(
            c.components
            for c in candidates
            if c in unbounded or (c in sampled and (c.chain_problems or c.evidence_problems))
        ),
    )
