"""What is kept of a replicate of a calibration."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from ..running.outcome import Outcome


@dataclass(frozen=True)
class Ranking(Outcome):
    """The rank of the true value of every quantity among posterior draws; empty when there is no answer.

    ``attempts`` says how often the posterior was sampled, each time with more draws, and ``r_hat``, ``ess`` and
    ``divergences`` (transitions) are those of the last time: the worst of any quantity.
    """

    ranks: dict[str, int]
    attempts: int
    r_hat: float
    ess: float
    divergences: int
    seconds: dict[str, float]

    @classmethod
    def without_answer(cls, size: int, number: int, status: str, reason: str) -> Self:
        """Return the record of a replicate that came to nothing."""
        return cls(size, number, status, reason, {}, 0, 0.0, 0.0, 0, {})
