r"""The mass of several hills at once, by importance sampling from all of their tops.

Let $g_h$ be a Student t density with five degrees of freedom about the top of hill $h$, with the curvature there, and
$q_h(\theta) = \frac{1}{K!} \sum_\sigma g_h(\sigma \theta)$ its like under all labellings (Frühwirth-Schnatter 2004). With
as many draws of each, $q = \frac{1}{H} \sum_h q_h$ is what all draws together come from (Owen and Zhou 2000, section 2), and

$$Z_h = \int_{A_h} \tilde p(\theta) \, d\theta = \mathrm{E}_q\!\left[ \frac{\tilde p(\theta)}{q(\theta)} \,
        1(\theta \in A_h) \right] , \qquad A_h = \{ \theta : m_h q_h(\theta) \ge m_g q_g(\theta) \text{ for all } g \} .$$

Every point belongs to one hill, whatever its labels, so that where two hills overlap, or two labellings of one, no mass is
counted twice: $\sum_h Z_h$ is the whole. The sizes $m_h$, which only say where the border runs, are the masses that come out
when each point is shared out in the proportions of the $q_h$, a thousandth of the largest at least: else the tails of a
heavy hill would reach over all of a light one, and chains that lie there be taken for its own. The Pareto k of a hill is
that of the ratios $\tilde p / q$ of the draws on it: below a half they have a variance, and the estimate an error (Vehtari
and others 2024).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import special

from models import Array

from ..evidence import Proposal
from ..hill import NEGLIGIBLE
from ..normal_approximation import shape_of_tail
from .mode import Mode
from .target import Target

DRAWS = 2000
# Of fewer draws on a hill nothing can be told of a tail.
FEWEST = 100


@dataclass(frozen=True)
class Masses:
    """The hills' ``log_evidences`` in nats with ``standard_errors`` and ``pareto_k``, each of shape ``(H,)``.

    ``log_sizes`` say where the border between two hills runs.
    ``points`` of shape ``(H, draws, p)`` are what was drawn at each top, and ``log_ratios`` their log p̃ − log q.
    """

    proposals: tuple[Proposal, ...]
    log_sizes: Array
    log_evidences: Array
    standard_errors: Array
    pareto_k: Array
    points: Array
    log_ratios: Array

    @property
    def there(self) -> NDArray[np.bool_]:
        """Which hills hold any mass, and are no part of another."""
        return np.isfinite(self.log_evidences)

    def owners(self, points: Array) -> NDArray[np.intp]:
        """Return to which hill each of these points belongs, shape ``(n,)``."""
        return owners(np.array([proposal.log_density(points) for proposal in self.proposals]), self.log_sizes)


def importance(target: Target, tops: list[Mode], rng: np.random.Generator, draws: int = DRAWS) -> Masses:
    """Weigh the hills under these tops; one that no draw belongs to has no evidence, −∞: it is a part of another."""
    proposals = tuple(about(top, target) for top in tops)
    points = np.array([proposal.sample(draws, rng) for proposal in proposals])
    flat = points.reshape(-1, points.shape[-1])
    log_q = np.array([proposal.log_density(flat) for proposal in proposals])
    together = special.logsumexp(log_q, axis=0)
    log_ratios = target.log_density(flat) - together + np.log(len(tops))
    log_sizes = special.logsumexp(log_ratios + log_q - together, axis=1) - np.log(len(flat))
    log_sizes = np.maximum(log_sizes, log_sizes.max() + np.log(NEGLIGIBLE))
    own = owners(log_q, log_sizes) == np.arange(len(tops))[:, None]
    log_parts = np.where(own, log_ratios, -np.inf)
    log_evidences = special.logsumexp(log_parts, axis=1) - np.log(len(flat))
    # The draws are so many at each top: what varies is what does so among the draws of one.
    finite = np.where(np.isfinite(log_evidences), log_evidences, 0.0)
    parts = np.exp(log_parts - finite[:, None]).reshape(len(tops), len(tops), draws)
    errors = np.sqrt(parts.var(axis=2, ddof=1).sum(axis=1) / draws) / len(tops)
    pareto = np.array([_pareto_k(log_ratios[here]) for here in own])
    return Masses(proposals, log_sizes, log_evidences, errors, pareto, points, log_ratios.reshape(len(tops), draws))


def about(top: Mode, target: Target) -> Proposal:
    """Return the density g about a top, under all labellings."""
    return Proposal(top.point, _lower(top.factor), target.labellings)


def owners(log_q: Array, log_sizes: Array) -> NDArray[np.intp]:
    """Return to which hill each point belongs, shape ``(n,)``, from log q of each hill there, shape ``(H, n)``."""
    return np.asarray(np.argmax(log_q + log_sizes[:, None], axis=0))


def _pareto_k(log_ratios: Array) -> float:
    there = log_ratios[np.isfinite(log_ratios)]
    if len(there) < FEWEST:
        return float("inf")
    return shape_of_tail(there)


def _lower(factor: Array) -> Array:
    """Return the lower triangular L with LLᵀ = RRᵀ."""
    upper = np.linalg.qr(factor.T, mode="r")
    return np.asarray((upper * np.sign(np.diagonal(upper))[:, None]).T)
