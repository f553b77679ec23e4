"""What is kept of a replicate."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from ..running.outcome import Outcome


@dataclass(frozen=True)
class Record(Outcome):
    """What one replicate came to.

    ``estimates`` has for every parameter ``mle``, ``mle_error``, ``map``, ``map_error``, ``wald_lower``, ``wald_upper``,
    ``sandwich_standard_error``, ``sandwich_lower``, ``sandwich_upper``, ``mean``, ``sd``, ``lower``, ``upper``, ``r_hat``,
    ``ess``, ``shift``, ``sd_ratio`` and ``wasserstein``, on request also ``bootstrap_lower`` and ``bootstrap_upper``; it is
    empty when there is none. Records of earlier versions have no sandwich.
    ``em`` and ``chains`` say whether each side has an answer to be counted, and ``verdict`` whether the two agree.
    """

    em: bool
    chains: bool
    divergences: int
    estimates: dict[str, dict[str, float]]
    seconds: dict[str, float]
    verdict: str = "no answer: no data set"

    @classmethod
    def without_answer(cls, size: int, number: int, status: str, reason: str) -> Self:
        """Return the record of a replicate that came to nothing."""
        return cls(size, number, status, reason, False, False, 0, {}, {})
