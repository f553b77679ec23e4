"""EM as the derivations read: the E-step with all responsibilities at once, and the loop around it.

Nothing here is fast, and everything else in this folder is held against it.
"""

from __future__ import annotations

import numpy as np
from scipy import special

from models import Data, Expectation, Mixture

from .m_step import MStep


def textbook_e_step(data: Data, mixture: Mixture) -> Expectation:
    """Do the E-step as its derivation reads; this holds all responsibilities at once, shape ``(rows, k)``."""
    log_joint = mixture.log_joint(data.values, data.exposure, data.known)
    log_density = special.logsumexp(log_joint, axis=1, keepdims=True)
    responsibilities = np.exp(log_joint - log_density) * data.weights[:, None]
    statistics = mixture.components.statistics(data.values, responsibilities, data.exposure)
    return Expectation(float(np.sum(data.weights * log_density[:, 0])), statistics)


def textbook_climb(data: Data, start: Mixture, m_step: MStep, steps: int) -> list[tuple[Mixture, float]]:
    """Take so many steps of EM from a start.

    Returns every mixture on the way, the start first, each with its own total log-likelihood in nats.
    """
    mixture, visited = start, []
    for _ in range(steps + 1):
        expectation = textbook_e_step(data, mixture)
        visited.append((mixture, expectation.log_likelihood))
        mixture = m_step(expectation.statistics, mixture)
    return visited
