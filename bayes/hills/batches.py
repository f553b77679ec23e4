"""Chains on every hill that may matter, begun on it, and which hills the draws of each batch of chains lie on."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from arviz_stats.base import array_stats
from numpy.typing import NDArray
from scipy import special

from models import Array, Data, Mixture, Prior

from ..engine import Sampling
from ..hill import LARGEST_PARETO_K, NEGLIGIBLE
from ..sampler import Chains
from ..settled import LARGEST_R_HAT, SMALLEST_ESS, places_of
from .importance import Masses
from .regions import VISITED
from .target import Target

# What a rough estimate may be off by, in nats, before a hill is set aside on its account.
ROUGH = 3.0
# So many of the points that were drawn at a top are to begin from.
STARTS = 32


@dataclass(frozen=True)
class Batch:
    """Chains begun on the hill ``home``, and which of the ``hills`` is the ``owner`` of each draw, shape ``(chain, draw)``.

    ``settled`` says that no chain differs from another.
    """

    home: int
    hills: int
    chains: Chains
    owner: NDArray[np.intp]
    settled: bool

    @cached_property
    def visits(self) -> Array:
        """The share of the draws on each hill, shape ``(H,)``."""
        return np.bincount(self.owner.ravel(), minlength=self.hills) / self.owner.size

    @property
    def covered(self) -> set[int]:
        """The hills that the chains have been on."""
        return {int(hill) for hill in np.flatnonzero(self.visits >= VISITED)}

    @cached_property
    def mixed(self) -> set[int]:
        """The hills whose share of the draws is as well known from these chains as anything that is read off them."""
        return {hill for hill in self.covered if self.settled and self._size_of(hill) >= SMALLEST_ESS}

    def _size_of(self, hill: int) -> float:
        """Return how many independent draws tell how many are on a hill."""
        return float(array_stats.ess((self.owner == hill).astype(np.float64)[None], method="mean")[0])


def is_settled(found: Chains, data: Data) -> bool:
    """Check whether no chain differs from another in what labels cannot change."""
    places = places_of(data)
    density = np.moveaxis(found.mixture.log_density(places.values, places.exposure), -1, 0)
    with np.errstate(invalid="ignore"):
        r_hat = array_stats.rhat(np.concatenate([found.log_likelihood[None], density]))
    return bool((np.nan_to_num(r_hat, nan=np.inf) <= LARGEST_R_HAT).all())


def on(members: list[int], ran: list[Batch]) -> NDArray[np.bool_]:
    """Return which draws of all batches, one beside the other, lie on these hills, shape ``(chain, draw)``."""
    return np.isin(np.concatenate([batch.owner for batch in ran]), members)


def batches(
    target: Target, data: Data, prior: Prior, sampling: Sampling, found: Chains, settled: bool, masses: Masses
) -> list[Batch]:
    """Return the chains that were found, where they can be relied on, and others until every hill that may matter has some.

    Chains are relied on when they agree, or lie on one hill alone.
    """
    first = _batch(target, masses, found, settled)
    ran = [first] if settled or first.visits.max() >= 1 - VISITED else []
    covered = set().union(*(batch.covered for batch in ran))
    for hill in _that_may_matter(masses):
        if hill in covered:
            continue
        seed = int(np.random.default_rng([sampling.seed, 2, hill]).integers(2**31))
        starts = _starts(target, masses, hill, np.random.default_rng([seed]))
        more = target.sampler.chains(data, prior, replace(sampling, seed=seed), starts)
        batch = _batch(target, masses, more, is_settled(more, data), hill)
        ran.append(batch)
        covered |= {hill} | (batch.covered if batch.settled else set())
    return ran


def _batch(target: Target, masses: Masses, chains: Chains, settled: bool, home: int | None = None) -> Batch:
    hills, shape = len(masses.log_evidences), chains.log_likelihood.shape
    points = target.points(chains.mixture) if chains.points is None else chains.points
    owner = masses.owners(points.reshape(-1, points.shape[-1])).reshape(shape)
    most = int(np.argmax(np.bincount(owner.ravel())))
    return Batch(most if home is None else home, hills, chains, owner, settled)


def _that_may_matter(masses: Masses) -> list[int]:
    """Return the hills that may hold more than a negligible share, the heaviest first."""
    order = np.argsort(-masses.log_evidences, kind="stable")
    rough = masses.pareto_k > LARGEST_PARETO_K
    allowed = ROUGH * (rough | rough[order[0]])
    matter = masses.log_evidences + allowed >= masses.log_evidences[order[0]] + np.log(NEGLIGIBLE)
    return [int(hill) for hill in order if matter[hill]]


def _starts(target: Target, masses: Masses, hill: int, rng: np.random.Generator) -> Mixture:
    """Return where chains on this hill begin: places all over it where importance sampling knows them, else its top."""
    top = masses.proposals[hill].centre
    if masses.pareto_k[hill] > LARGEST_PARETO_K:
        return target.mixtures(top[None])
    chances = special.softmax(masses.log_ratios[hill])
    return target.mixtures(rng.choice(masses.points[hill], size=STARTS, p=chances))
