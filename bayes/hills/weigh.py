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
from ..hill import NEGLIGIBLE, USELESS_PARETO_K, Hill
from ..sampler import Chains, PosteriorSampler
from .batches import Batch, batches, is_settled, on
from .importance import Masses, importance
from .mass import Mass, mass
from .mode import Mode, modes
from .regions import VISITED, regions
from .resampled import resampled
from .shares import joined, parts, picked, shuffled, spread
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
    sampler: PosteriorSampler, data: Data, prior: Prior, sampling: Sampling, optima: Mixture, found: Chains
) -> Weighed:
    """Weigh the hills of a posterior, and give each its share of the draws.

    ``optima`` are mixtures with one leading axis that may be on hills of their own, and ``found`` the chains from spread-out
    starts. They are returned as they are where there is one hill, or where all others are negligible and no chain is on one.
    """
    if sampler.model.components < 2:
        return Weighed(found)
    settled = is_settled(found, data)
    target = Target.of(sampler, data, prior)
    # All chains may have fallen onto a hill that is far below one that is known.
    lived_on = target.points(found.mixture[:1, -1] if settled else found.mixture[:, -1])
    starts = [*target.points(optima), *([] if settled else target.points(_some(found)))]
    tops = modes(target, starts, list(lived_on))[:MOST_HILLS]
    if len(tops) < 2:
        return Weighed(found)
    masses = importance(target, tops, np.random.default_rng([sampling.seed, len(tops)]))
    ran = batches(target, data, prior, sampling, found, settled, masses)
    return _together(target, tops, masses, ran, sampling)


def _some(found: Chains) -> Mixture:
    """Take a few draws of each chain, evenly spaced."""
    draws = found.log_likelihood.shape[1]
    return found.mixture[:, np.linspace(0, draws - 1, CLIMBS_PER_CHAIN).astype(np.intp)]


@dataclass(frozen=True)
class _Region:
    """Hills that are one, by their numbers, and the mass of all."""

    members: list[int]
    mass: Mass


def _together(target: Target, tops: list[Mode], masses: Masses, ran: list[Batch], sampling: Sampling) -> Weighed:
    """Weigh the regions, and put the draws of all that are not negligible together."""
    names = regions(_visits(len(tops), ran), _mixed(len(tops), ran), masses.pareto_k > USELESS_PARETO_K)
    members = [[int(hill) for hill in np.flatnonzero((names == name) & masses.there)] for name in np.unique(names)]
    members = [each for each in members if each]
    if len(members) == 1:
        return Weighed(_drawn(target, masses, members, np.array([sampling.draws]), ran)[0])
    found = [_Region(each, mass(target, masses, each, ran)) for each in members]
    found.sort(key=lambda region: -region.mass.log_evidence)
    shares, errors = _shares([region.mass for region in found])
    drawn = np.flatnonzero(shares >= NEGLIGIBLE)
    sizes = parts(shares[drawn], sampling.draws)
    chains, owner = _drawn(target, masses, [found[i].members for i in drawn], sizes, ran)
    draws = dict(zip(drawn.tolist(), (sizes * sampling.chains).tolist(), strict=True))
    hills = tuple(
        _hill(target, tops, region, float(shares[i]), float(errors[i]), draws.get(i, 0))
        for i, region in enumerate(found)
    )
    return Weighed(chains, hills, owner)


def _drawn(
    target: Target, masses: Masses, members: list[list[int]], sizes: NDArray[np.intp], ran: list[Batch]
) -> tuple[Chains, NDArray[np.intp]]:
    """Return chains with so many draws of each region, and the region of each draw.

    Chains that lie on the one region that is to be drawn from are returned as they are.
    """
    if len(members) == 1:
        for batch in ran:
            if batch.visits[members[0]].sum() >= 1 - VISITED:
                return batch.chains, np.zeros(int(sizes[0]), dtype=np.intp)
    all_chains = joined([batch.chains for batch in ran], axis=0)
    rng = np.random.default_rng([int(sizes.sum()), len(masses.log_sizes)])
    taken = []
    for own, size in zip(members, sizes, strict=True):
        here, shape = on(own, ran), (len(ran[0].owner), int(size))
        # Of draws that are too few each would stand there several times.
        enough = here.sum() >= shape[0] * shape[1]
        taken.append(
            picked(all_chains, spread(here, shape))
            if enough
            else resampled(target, masses, own, all_chains, shape, rng)
        )
    return shuffled(taken, rng)


def _hill(target: Target, tops: list[Mode], region: _Region, share: float, error: float, draws: int) -> Hill:
    """Describe a region by its highest top."""
    top = max((tops[hill] for hill in region.members), key=lambda top: top.log_density)
    return Hill(
        mode=target.mixtures(top.point[None])[0],
        log_height=top.log_density + target.log_volume,
        log_evidence=region.mass.log_evidence + target.log_volume,
        standard_error=region.mass.standard_error,
        pareto_k=region.mass.pareto_k,
        share=share,
        share_error=error,
        draws=draws,
        method=region.mass.method,
    )


def _visits(hills: int, ran: list[Batch]) -> Array:
    """Return the share of the draws of each hill's chains on each hill; a hill without chains stands alone."""
    visits = np.eye(hills)
    for batch in ran:
        # Chains that agree, and look over several hills, would do so from whichever of them they began on.
        for hill in {batch.home, *(batch.covered if batch.settled else ())}:
            visits[hill] = batch.visits
    return visits


def _mixed(hills: int, ran: list[Batch]) -> NDArray[np.bool_]:
    """Return between which hills some batch of chains goes to and fro as often as it takes."""
    mixed = np.eye(hills, dtype=bool)
    for batch in ran:
        mixed[np.ix_(list(batch.mixed), list(batch.mixed))] = True
    return mixed


def _shares(found: list[Mass]) -> tuple[Array, Array]:
    """Return each hill's share of the mass and its standard error, to first order in the relative errors."""
    shares = special.softmax([each.log_evidence for each in found])
    squares = np.square([each.standard_error for each in found])
    others = (np.square(shares) * squares).sum() - np.square(shares) * squares
    return shares, np.asarray(shares * np.sqrt(np.square(1 - shares) * squares + others))
