"""The evidence of one region of the posterior: by importance sampling from its tops, or by bridge sampling on its chains."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import special

from models import Array

from ..evidence import Evidence, Proposal, bridge
from ..hill import BRIDGE, IMPORTANCE, LARGEST_PARETO_K
from ..relabel import relabel
from .batches import Batch, on
from .importance import Masses
from .shares import joined, picked, spread
from .target import Target

# A top with less than this share of its region's mass does not decide how that is found.
MINOR = 0.1
# For each parameter, to fit a proposal.
FEWEST_DRAWS = 4
# Of each chain: with a thousand, four chains leave an error of a few hundredths of a nat.
MOST_DRAWS = 1000


@dataclass(frozen=True)
class Mass:
    """The evidence of a region in the frame, in nats, its standard error, the Pareto k of its tops, and how it was found."""

    log_evidence: float
    standard_error: float
    pareto_k: float
    method: str


def mass(target: Target, masses: Masses, members: list[int], ran: list[Batch]) -> Mass:
    """Weigh the region of these hills, by the draws on it of all chains where importance sampling does not do."""
    each = masses.log_evidences[members]
    whole = float(special.logsumexp(each))
    shares = np.exp(each - whole)
    worst = float(masses.pareto_k[members][shares >= MINOR].max())
    bridged = _bridged(target, masses, members, ran) if worst > LARGEST_PARETO_K else None
    if bridged is not None:
        return Mass(bridged.log_evidence, bridged.standard_error, worst, BRIDGE)
    error = float(np.linalg.norm(shares * masses.standard_errors[members]))
    return Mass(whole, error, worst, IMPORTANCE)


def _bridged(target: Target, masses: Masses, members: list[int], ran: list[Batch]) -> Evidence | None:
    """Return the bridge from the region's own draws; nothing where a proposal cannot be fitted.

    Where each hill ends is the same for all, so that no mass is counted twice, wherever the chains went from here.
    """
    chains, here = joined([batch.chains for batch in ran], axis=0), on(members, ran)
    shape = len(ran[0].owner), min(MOST_DRAWS, int(here.sum()) // len(ran[0].owner))
    p = masses.points.shape[-1]
    if shape[0] * (shape[1] // 2) < FEWEST_DRAWS * p:
        return None
    own = picked(chains, spread(here, shape))
    relabelled = relabel(own.mixture, target.written, own.log_likelihood)
    points = target.points(relabelled).reshape(*shape, p)
    half = shape[1] // 2
    first = points[:, :half].reshape(-1, p)
    if np.linalg.matrix_rank(first - first.mean(axis=0)) < p:
        return None
    proposal = Proposal.of(first, target.labellings)
    kept = points[:, half:]
    drawn = proposal.sample(kept.shape[0] * kept.shape[1], np.random.default_rng(members))

    def log_ratio(at: Array) -> Array:
        return target.log_density(at) - proposal.log_density(at)

    # What lies on another hill is of no part in this one's mass.
    elsewhere = ~np.isin(masses.owners(drawn), members)
    of_proposal = np.where(elsewhere, -np.inf, log_ratio(drawn))
    return bridge(log_ratio(kept.reshape(-1, p)).reshape(kept.shape[:2]), of_proposal)
