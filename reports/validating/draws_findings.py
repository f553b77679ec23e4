"""What was found of somebody else's draws: whether they are of this model, have settled, and are the posterior we sample."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from bayes import (
    LARGEST_R_HAT,
    LARGEST_UNCLEAR,
    SMALLEST_ESS,
    GivenPosterior,
    Posterior,
    is_settled,
    largest_r_hat,
    r_hat_of,
    smallest_size,
    unclear_labels,
)

from .draws_claim import ClaimOfDraws
from .draws_codes import DrawsClaim, DrawsStatus
from .draws_difference import PosteriorDifference
from .draws_estimate import EstimateInDraws
from .draws_hills import missed_hill

if TYPE_CHECKING:
    import pandas as pd

# Chains between the two thresholds crawl; above this one they are in different places (the classical one: Gelman and others
# 2013, section 11.4).
APART = 1.1
_OTHERS = (DrawsClaim.OTHER_MODEL, DrawsClaim.OTHER_DATA)


@dataclass(frozen=True, kw_only=True)
class FindingsOfDraws:
    """Given draws, what was found of them, and what they are therefore.

    ``own`` is our posterior under the prior that they are held against, ``None`` when it was not asked for. ``claim`` is
    what their log-likelihood was found to be, ``None`` when they have none. ``meant`` is the name under which the same
    numbers are our posterior, where they are not under their own. ``shares`` are those of the draws on the hills of ours.
    ``under`` is the name of another prior under which they are our posterior, where they are not under the first.
    """

    given: GivenPosterior
    own: Posterior | None
    claim: ClaimOfDraws | None
    difference: PosteriorDifference | None
    estimate: EstimateInDraws | None
    meant: str | None = None
    shares: tuple[float, ...] = ()
    under: str | None = None

    @property
    def status(self) -> DrawsStatus:
        """The gravest of the findings; where there is none, that they are the same posterior, or were not compared."""
        return self.findings[0]

    @cached_property
    def findings(self) -> tuple[DrawsStatus, ...]:
        """All that was found, the gravest first."""
        found = set(self._found())
        return tuple(status for status in DrawsStatus if status in found)

    @property
    def invariant(self) -> pd.DataFrame:
        """The table of what no labels can change."""
        return self.given.posterior.label_invariant

    @cached_property
    def r_hat(self) -> float:
        """The largest R-hat of what no labels can change."""
        return r_hat_of(self.invariant)

    @cached_property
    def labels_are_clear(self) -> bool:
        """Whether nearly every draw tells which component is which."""
        return unclear_labels(self.given.posterior.mixture, self.given.posterior.data) <= LARGEST_UNCLEAR

    @property
    def chain_log_likelihoods(self) -> list[float]:
        """The mean log-likelihood of each chain in nats."""
        return [float(mean) for mean in self.given.posterior.log_likelihood.mean(axis=1)]

    @cached_property
    def own_is_settled(self) -> bool:
        """Whether our own chains agree, so that they can be held against."""
        return self.own is not None and is_settled(self.own)

    @property
    def missed(self) -> int | None:
        """The number of a hill of our posterior that the draws have hardly seen, ``None`` where there is none."""
        return None if self.own is None or not self.own_is_settled else missed_hill(np.array(self.shares), self.own)

    def _found(self) -> Iterator[DrawsStatus]:
        if self.claim is not None and self.claim.claim in _OTHERS:
            yield DrawsStatus.OTHER_MODEL
        if self.given.draws.doubt is not None or self.meant is not None:
            yield DrawsStatus.MISREAD
        if self.missed is not None:
            yield DrawsStatus.MISSED_HILL
        if self.labels_are_clear and self.given.switched > LARGEST_UNCLEAR:
            yield DrawsStatus.LABEL_SWITCHING
        if self.r_hat > APART:
            # Whatever else the chains have together follows from this.
            yield DrawsStatus.CHAINS_APART
            return
        if largest_r_hat(self.given.posterior) > LARGEST_R_HAT or smallest_size(self.given.posterior) < SMALLEST_ESS:
            yield DrawsStatus.FEW_DRAWS
        if self.difference is None or not self.own_is_settled:
            yield DrawsStatus.NOT_COMPARED
        elif not self.difference.differing:
            yield DrawsStatus.SAME_POSTERIOR
        elif self.given.prior_is_stated:
            yield DrawsStatus.OTHER_POSTERIOR
        else:
            yield DrawsStatus.UNKNOWN_PRIOR
