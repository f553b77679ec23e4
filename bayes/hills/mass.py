"""The evidence of one region of the posterior: by importance sampling from its tops, or by bridge sampling on its chains."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import special

from models import Array

from ..evidence import Evidence, Proposal, bridge
from ..relabel import relabel
from .batches import Batch
from .hill import BRIDGE, IMPORTANCE, LARGEST_PARETO_K
from .importance import Masses
from .regions import VISITED
from .shares import spread
from .target import Target

# A top with less than this share of its region's mass does not decide how that is found.
MINOR = 0.1


@dataclass(frozen=True)
class Mass:
    """The evidence of a region in the frame, in nats, its standard error, the Pareto k of its tops, and how it was found."""

    log_evidence: float
    standard_error: float
    pareto_k: float
    method: str


def mass(target: Target, masses: Masses, members: list[int], ran: list[Batch]) -> Mass:
    """Weigh the region of these hills; of the chains those are its own that have the most draws on it."""
    each = masses.log_evidences[members]
    whole = float(special.logsumexp(each))
    shares = np.exp(each - whole)
    worst = float(masses.pareto_k[members][shares >= MINOR].max())
    batch = max(ran, key=lambda batch: float(batch.visits[members].sum()))
    known = worst <= LARGEST_PARETO_K or batch.visits[members].sum() < VISITED
    bridged = None if known else _bridged(target, masses, members, batch)
    if bridged is not None:
        return Mass(bridged.log_evidence, bridged.standard_error, worst, BRIDGE)
    error = float(np.linalg.norm(shares * masses.standard_errors[members]))
    return Mass(whole, error, worst, IMPORTANCE)


def _bridged(target: Target, masses: Masses, members: list[int], batch: Batch) -> Evidence | None:
    """Return the bridge from the region's own draws; nothing where they are too few to fit a proposal."""
    chosen = spread(np.isin(batch.owner, members), batch.owner.shape)
    draws, log_likelihood = batch.chains.mixture[chosen], batch.chains.log_likelihood[chosen]
    relabelled = relabel(draws, target.written, log_likelihood)
    points = target.points(relabelled).reshape(*log_likelihood.shape, -1)
    half, p = points.shape[1] // 2, points.shape[2]
    if points.shape[0] * half < 4 * p:
        return None
    proposal = Proposal.of(points[:, :half].reshape(-1, p), target.labellings)
    kept = points[:, half:]
    drawn = proposal.sample(kept.shape[0] * kept.shape[1], np.random.default_rng(members))

    def log_ratio(at: Array) -> Array:
        return target.log_density(at) - proposal.log_density(at)

    # What lies on another hill is of no part in this one's mass.
    elsewhere = ~np.isin(masses.owners(drawn), members)
    of_proposal = np.where(elsewhere, -np.inf, log_ratio(drawn))
    return bridge(log_ratio(kept.reshape(-1, p)).reshape(kept.shape[:2]), of_proposal)
