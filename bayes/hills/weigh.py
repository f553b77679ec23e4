r"""Hills are weighed, not counted: how much of a posterior lies on each hill, and chains that say so.

Where chains happen to fall is chance: a chain that begins on one hill seldom crosses to another. So the tops are found
first, from optima that are known and from the draws of chains that do not agree. Each is given its evidence, and each
that holds a thousandth of the mass or more gets chains of its own, begun on it (``batches``). The posterior is then
made of the draws of all hills, each with its share of every chain (``shares``).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import special

from models import Array, Data, Mixture, Prior

from ..engine import Sampling
from ..evidence import MOST_COMPONENTS
from ..sampler import Chains, PosteriorSampler
from .batches import Batch, batches, is_settled
from .hill import NEGLIGIBLE, Hill
from .importance import Masses, importance
from .mass import Mass, mass
from .mode import Mode, modes
from .regions import regions
from .shares import parts, together
from .target import Target

MOST_HILLS = 12
CLIMBS_PER_CHAIN = 8


@dataclass(frozen=True)
class Weighed:
    """The chains of the weighted posterior; ``hills``, the heaviest first; and ``owner``, the hill of each draw of a chain.

    ``hills`` is empty and ``owner`` ``None`` where one hill is all that there is.
    """

    chains: Chains
    hills: tuple[Hill, ...] = ()
    owner: NDArray[np.intp] | None = None


def weighed(
    sampler: PosteriorSampler, data: Data, prior: Prior, sampling: Sampling, optima: Mixture | None, found: Chains
) -> Weighed:
    """Weigh the hills of a posterior, and give each its share of the draws.

    ``optima`` are mixtures with one leading axis that may be on hills of their own, and ``found`` the chains from spread-out
    starts. They are returned as they are where there is one hill, or where all others are negligible and no chain is on one.
    """
    settled = is_settled(found, data)
    if sampler.model.components > MOST_COMPONENTS or (settled and (optima is None or len(optima.weights) < 2)):
        return Weighed(found)
    target = Target.of(sampler, data, prior)
    starts = [] if optima is None else list(target.points(optima))
    tops = modes(target, starts if settled else [*starts, *target.points(_some(found))])[:MOST_HILLS]
    if len(tops) < 2:
        return Weighed(found)
    masses = importance(target, tops, np.random.default_rng([sampling.seed, len(tops)]))
    ran = batches(target, data, prior, sampling, found, settled, masses)
    return _together(target, tops, masses, ran, sampling)


def _some(found: Chains) -> Mixture:
    """Take a few draws of each chain, evenly spaced."""
    draws = found.log_likelihood.shape[1]
    return found.mixture[:, np.linspace(0, draws - 1, CLIMBS_PER_CHAIN).astype(np.intp)]


def _together(target: Target, tops: list[Mode], masses: Masses, ran: list[Batch], sampling: Sampling) -> Weighed:
    """Put one hill of each region together, and the draws of all that are not negligible."""
    names = regions(_visits(len(tops), ran))
    found: list[tuple[Mass, Batch | None, list[int]]] = []
    for name in np.unique(names):
        members = [int(hill) for hill in np.flatnonzero(names == name)]
        own = [batch for batch in ran if batch.home in members]
        batch = max(own, key=lambda batch: batch.visits[members].sum(), default=None)
        found.append((mass(target, masses, members, batch), batch, members))
    found.sort(key=lambda each: -each[0].log_evidence)
    shares, errors = _shares([each for each, _, _ in found])
    drawn = [i for i, (_, batch, _) in enumerate(found) if batch is not None and shares[i] >= NEGLIGIBLE]
    taken = [(batch, members) for batch, members in ((found[i][1], found[i][2]) for i in drawn) if batch is not None]
    sizes = parts(shares[drawn], sampling.draws)
    chains, owner = together(taken, sizes, np.random.default_rng([sampling.seed, 1]))
    draws = dict(zip(drawn, sizes * sampling.chains, strict=True))
    highest = [max(members, key=lambda hill: tops[hill].log_density) for _, _, members in found]
    mixtures = target.mixtures(np.array([tops[hill].point for hill in highest]))
    hills = tuple(
        Hill(
            mixtures[i],
            tops[highest[i]].log_density + target.log_volume,
            each.log_evidence + target.log_volume,
            each.standard_error,
            each.pareto_k,
            float(shares[i]),
            float(errors[i]),
            int(draws.get(i, 0)),
            each.method,
        )
        for i, (each, _, _) in enumerate(found)
    )
    return Weighed(chains) if len(hills) == 1 else Weighed(chains, hills, owner)


def _visits(hills: int, ran: list[Batch]) -> Array:
    """Return the share of the draws of each hill's chains on each hill; a hill without chains stands alone."""
    visits = np.eye(hills)
    for batch in ran:
        # Chains that agree, and look over several hills, would do so from whichever of them they began on.
        for hill in {batch.home, *(batch.covered if batch.settled else ())}:
            visits[hill] = batch.visits
    return visits


def _shares(found: list[Mass]) -> tuple[Array, Array]:
    """Return each hill's share of the mass and its standard error, to first order in the relative errors."""
    shares = special.softmax([each.log_evidence for each in found])
    squares = np.square([each.standard_error for each in found])
    others = (np.square(shares) * squares).sum() - np.square(shares) * squares
    return shares, np.asarray(shares * np.sqrt(np.square(1 - shares) * squares + others))
